package sandbox

import (
	"fmt"
	"sort"
	"strings"
)

// setStatus sets a commit status.
func (s *Server) setStatus(a actor, r *repo, sha, context, state, desc, target string) (*status, error) {
	if s.unknown(r, sha) {
		return nil, unprocessable("No commit found for SHA: %s", sha)
	}
	if !contains([]string{"error", "failure", "pending", "success"}, state) {
		return nil, invalid("Status", "state", "invalid", "")
	}
	if len(desc) > 140 {
		return nil, invalid("Status", "description", "custom", "description is too long (maximum is 140 characters)")
	}
	if context == "" {
		context = "default"
	}
	now := s.now()
	t := &status{id: s.id(), sha: sha, state: state, desc: desc, target: target, ctx: context, creator: a.user, created: now, updated: now}
	r.statuses[sha] = append(r.statuses[sha], t)
	branches := []obj{}
	for _, ref := range r.refsUnder("refs/heads/") {
		if len(branches) < 10 && r.git.reaches(r.refs[ref], sha) { // that hold the commit, wherever their heads are
			branches = append(branches, obj{"name": strings.TrimPrefix(ref, "refs/heads/"), "protected": false,
				"commit": obj{"sha": r.refs[ref], "url": s.repoURL(r) + "/commits/" + r.refs[ref]}})
		}
	}
	s.emit("status", "", r, a, obj{"id": t.id, "sha": sha, "name": r.full(), "target_url": orNil(target), "context": context,
		"description": orNil(desc), "state": state, "commit": s.commitObj(r, r.git.commit(sha)), "branches": branches,
		"created_at": stamp(now), "updated_at": stamp(now), "avatar_url": fmt.Sprintf("%s/avatars/u/%d?v=4", s.url, a.user.id)})
	s.mergeWaiting(r, sha)
	return t, nil
}

func createStatus(c *call) (reply, error) {
	state, err := c.need("state")
	if err != nil {
		return reply{}, err
	}
	var v [3]string
	for k, field := range []string{"context", "description", "target_url"} {
		if v[k], _, err = c.str(field); err != nil {
			return reply{}, err
		}
	}
	t, err := c.s.setStatus(c.actor, c.repo, c.path["sha"], v[0], state, v[1], v[2])
	if err != nil {
		return reply{}, err
	}
	return created(c.s.statusObj(c.repo, t))
}

func newestFirst[T any](list []T) []T {
	out := make([]T, 0, len(list))
	for k := len(list) - 1; k >= 0; k-- {
		out = append(out, list[k])
	}
	return out
}

func listStatuses(c *call) (reply, error) {
	sha, err := c.resolveRef()
	if err != nil {
		return reply{}, err
	}
	return list(c, newestFirst(c.repo.statuses[sha]), func(t *status) obj { return c.s.statusObj(c.repo, t) })
}

func combinedStatus(c *call) (reply, error) {
	sha, err := c.resolveRef()
	if err != nil {
		return reply{}, err
	}
	seen, rows, state := map[string]bool{}, []obj{}, "success"
	for _, t := range newestFirst(c.repo.statuses[sha]) {
		if seen[t.ctx] {
			continue
		}
		seen[t.ctx] = true
		o := c.s.statusObj(c.repo, t)
		delete(o, "creator")
		rows = append(rows, o)
		switch {
		case t.state == "failure" || t.state == "error":
			state = "failure"
		case t.state == "pending" && state != "failure":
			state = "pending"
		}
	}
	if len(rows) == 0 {
		state = "pending"
	}
	api := c.s.repoURL(c.repo) + "/commits/" + sha
	return ok(obj{"state": state, "statuses": rows, "sha": sha, "total_count": len(rows),
		"repository": c.s.minimalRepo(c.repo), "commit_url": api, "url": api + "/status"})
}

func listRepoEvents(c *call) (reply, error) {
	return list(c, newestFirst(c.repo.events), func(e *issueEvent) obj { return c.s.eventObj(e, true) })
}

func listEvents(c *call) (reply, error) {
	i, err := c.pathIssue()
	if err != nil {
		return reply{}, err
	}
	return list(c, i.events, func(e *issueEvent) obj { return c.s.eventObj(e, false) })
}

// listTimeline mixes events, comments and reviews by time.
func listTimeline(c *call) (reply, error) {
	i, err := c.pathIssue()
	if err != nil {
		return reply{}, err
	}
	type row struct {
		id   int64
		body obj
	}
	var rows []row
	for _, e := range i.events {
		rows = append(rows, row{e.id, c.s.eventObj(e, false)})
	}
	for _, x := range i.comments {
		o := c.s.commentObj(x)
		o["event"], o["actor"] = "commented", c.s.someUser(x.user)
		rows = append(rows, row{x.id, o})
	}
	if i.pr != nil {
		for _, v := range i.pr.reviews {
			o := c.s.reviewObj(i.pr, v)
			o["event"], o["state"] = "reviewed", strings.ToLower(v.state)
			rows = append(rows, row{v.id, o})
		}
	}
	sort.SliceStable(rows, func(a, b int) bool { return rows[a].id < rows[b].id }) // ids only rise
	return list(c, rows, func(r row) obj { return r.body })
}

// searchIssues knows the qualifiers that bots use; the rest of the query is text to be found in title or body.
func searchIssues(c *call) (reply, error) {
	q := c.q.Get("q")
	if strings.TrimSpace(q) == "" {
		return reply{}, invalid("Search", "q", "missing", "")
	}
	terms := splitQuery(q)
	var all []*issue
	for _, r := range c.s.sortedRepos() {
		if !c.sees(r) {
			continue
		}
		for _, i := range r.order {
			if !i.deleted && matchesQuery(i, terms) {
				all = append(all, i)
			}
		}
	}
	sort.SliceStable(all, func(a, b int) bool { return all[a].created.After(all[b].created) })
	if len(all) > 1000 {
		all = all[:1000]
	}
	r, err := wrapped(c, "items", all, func(i *issue) obj {
		o := c.s.issueObj(i)
		o["score"] = 1.0
		return o
	})
	r.body.(obj)["incomplete_results"], r.body.(obj)["search_type"] = false, "lexical"
	return r, err
}

func splitQuery(q string) []string {
	var out []string
	var b strings.Builder
	quoted := false
	for _, c := range q + " " {
		switch {
		case c == '"':
			quoted = !quoted
		case c == ' ' && !quoted:
			if b.Len() > 0 {
				out = append(out, b.String())
			}
			b.Reset()
		default:
			b.WriteRune(c)
		}
	}
	return out
}

func matchesQuery(i *issue, terms []string) bool {
	in := "title,body"
	for _, t := range terms {
		if v, isIn := strings.CutPrefix(t, "in:"); isIn {
			in = v
		}
	}
	for _, t := range terms {
		neg := strings.HasPrefix(t, "-")
		if matchesTerm(i, strings.TrimPrefix(t, "-"), in) == neg {
			return false
		}
	}
	return true
}

func matchesTerm(i *issue, term, in string) bool {
	key, v, qualified := strings.Cut(term, ":")
	switch {
	case !qualified:
	case key == "repo":
		return strings.EqualFold(i.repo.full(), v)
	case key == "org" || key == "user":
		return strings.EqualFold(i.repo.owner.login, v)
	case key == "is" || key == "type" || key == "state":
		return isA(i, v)
	case key == "label":
		l := i.repo.label(v)
		return l != nil && i.hasLabel(l)
	case key == "author":
		return i.user != nil && strings.EqualFold(strings.TrimSuffix(i.user.login, "[bot]"), strings.TrimPrefix(v, "app/"))
	case key == "base":
		return i.pr != nil && i.pr.base == v
	case key == "head":
		return i.pr != nil && i.pr.head == v
	case key == "in" || key == "sort":
		return true
	case key == "milestone":
		return i.milestone != nil && strings.EqualFold(i.milestone.title, v)
	case key == "sha":
		return i.pr != nil && strings.HasPrefix(i.pr.headSHA, v)
	}
	text := ""
	if strings.Contains(in, "title") {
		text += i.title + "\n"
	}
	if strings.Contains(in, "body") {
		text += val(i.body) + "\n"
	}
	if strings.Contains(in, "comments") {
		for _, c := range i.comments {
			text += c.body + "\n"
		}
	}
	return strings.Contains(strings.ToLower(text), strings.ToLower(term))
}

func isA(i *issue, what string) bool {
	switch what {
	case "pr", "pull-request":
		return i.pr != nil
	case "issue":
		return i.pr == nil
	case "open", "closed":
		return i.state == what
	case "merged", "unmerged":
		return i.pr != nil && i.pr.merged == (what == "merged")
	case "draft":
		return i.pr != nil && i.pr.draft
	}
	return true
}
