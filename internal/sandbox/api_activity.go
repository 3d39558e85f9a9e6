package sandbox

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// activity is a move of a branch, as GET /repos/{owner}/{repo}/activity tells it.
type activity struct {
	id                       int64
	actor                    *user
	ref, before, after, kind string
	at                       time.Time
	late                     bool // it isn't shown yet
}

// HideMoves keeps the move by which a branch came to a commit out of a repository's activity: GitHub's record lags behind what
// it records. ShowMoves has it catch up.
func (s *Server) HideMoves(full, after string) error { return s.lateMoves(full, after, true) }

// ShowMoves shows every move of a repository's branches again.
func (s *Server) ShowMoves(full string) error { return s.lateMoves(full, "", false) }

func (s *Server) lateMoves(full, after string, late bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(full)
	if err != nil {
		return err
	}
	for _, x := range r.activities {
		if after == "" || x.after == after {
			x.late = late
		}
	}
	return nil
}

// noteActivity remembers who moved a branch.
func (s *Server) noteActivity(a actor, r *repo, ref, before, after string, forced bool) {
	if !strings.HasPrefix(ref, "refs/heads/") {
		return
	}
	kind := "push"
	switch {
	case before == zeroSHA:
		kind = "branch_creation"
	case after == zeroSHA:
		kind = "branch_deletion"
	case forced:
		kind = "force_push"
	}
	r.activities = append(r.activities, &activity{id: s.id(), actor: a.user, ref: ref, before: before, after: after, kind: kind, at: s.now()})
}

// latestIs says what the latest move was, if that wasn't a push: pr_merge or merge_queue_merge.
func (r *repo) latestIs(kind string) { r.activities[len(r.activities)-1].kind = kind }

func (s *Server) activityObj(x *activity) obj {
	return obj{"id": x.id, "node_id": nodeID("PSH", x.id), "before": x.before, "after": x.after, "ref": x.ref, "timestamp": stamp(x.at),
		"activity_type": x.kind, "actor": s.simpleUser(x.actor)}
}

// periods are what time_period may say.
var periods = map[string]int{"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}

func (c *call) matchesActivity(x *activity) bool {
	want := func(name string) string { return c.q.Get(name) }
	ref := want("ref")
	if ref != "" && !strings.HasPrefix(ref, "refs/") {
		ref = "refs/heads/" + ref
	}
	days, limited := periods[want("time_period")]
	switch {
	case x.late,
		ref != "" && x.ref != ref,
		want("actor") != "" && !strings.EqualFold(loginOf(x.actor), want("actor")),
		want("activity_type") != "" && x.kind != want("activity_type"),
		limited && c.s.now().Sub(x.at) > time.Duration(days)*24*time.Hour:
		return false
	}
	return true
}

// listActivity is newest first, and paged by an opaque cursor.
func listActivity(c *call) (reply, error) {
	var all []*activity
	for _, x := range c.repo.activities {
		if c.matchesActivity(x) {
			all = append(all, x)
		}
	}
	if c.q.Get("direction") != "asc" {
		slices.Reverse(all)
	}
	if after := c.q.Get("after"); after != "" {
		raw, _ := base64.RawURLEncoding.DecodeString(after) // nonsense is found nowhere
		k := slices.IndexFunc(all, func(x *activity) bool { return strconv.FormatInt(x.id, 10) == string(raw) })
		if k < 0 {
			return reply{}, unprocessable("The cursor is not valid")
		}
		all = all[k+1:]
	}
	rows, rep := []obj{}, reply{status: 200}
	for k, x := range all[:min(len(all), intParam(c.q, "per_page", 30, 100))] {
		rows = append(rows, c.s.activityObj(x))
		if k+1 < len(all) {
			rep.link = c.nextActivity(x)
		}
	}
	if len(rows) == len(all) {
		rep.link = ""
	}
	rep.body = rows
	return rep, nil
}

func (c *call) nextActivity(last *activity) string {
	q := url.Values{}
	for k, v := range c.q {
		q[k] = v
	}
	q.Set("after", base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(last.id, 10))))
	return "<" + c.s.api("/repositories/%d/activity", c.repo.id) + "?" + q.Encode() + `>; rel="next"`
}
