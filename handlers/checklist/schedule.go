package checklist

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file tells other capabilities the dates of releases, and passes on that
// they have moved.

// plannedFor is how long a tracking issue that was closed still says how far its
// branch has come: until well after the end of its life.
const plannedFor = 400 * 24 * time.Hour

// Calendar is the owner's reader of facts.Dates: the releases that a repository is part
// of, as the tracking issues in the policy's home repository have them. What their
// dates mean is for the policy of that repository to say, and so is which
// repositories they are about. What can't be read is unclear, no error; only what
// says by itself when to try again is one.
func (h *Handler) Calendar(l *facts.Look) (c release.Calendar, err error) {
	s, err := settingsOf(l)
	if err != nil || s.Home == "" {
		return c, err
	}
	home := s.homeOf(l.Repo)
	there, g, err := l.Elsewhere(home)
	if g.Refused != "" && !g.Unseen && !g.Unclear { // both sides have to say so
		return c, nil
	}
	if err == nil {
		c, err = h.calendarOf(there, l.Repo)
	}
	if err == nil {
		return hushed(c, g), nil
	}
	if limited(err) {
		return c, err
	}
	// Also what is gone: the pull request that asks is still there.
	return release.Calendar{Unclear: fmt.Sprintf("the tracking issues in %s can't be read", effect.Code(home.String())), Cause: err.Error()}, nil
}

// calendarOf reads it at home, for a repository.
func (h *Handler) calendarOf(l *facts.Look, repo github.Repo) (c release.Calendar, err error) {
	at, err := homeOf(l)
	if err == nil && at.Policy.Policy == nil && at.Policy.Fault != nil {
		err = fmt.Errorf("the policy of %s: %w", l.Repo, at.Policy.Fault)
	}
	if err != nil || !at.Settings.homeIs(l.Repo) || !at.Settings.about(repo) {
		return c, err
	}
	ours, err := facts.OurIssues.Of(l, l.Now.Add(-plannedFor))
	if err != nil {
		return c, err
	}
	c.Zone = at.Policy.Policy.Zone().Location()
	for _, i := range ours.List {
		if t, ok := read(h.Sealer, at.Settings.Scheme, ours.RepoID, i); ok {
			c.Plans = withPlan(c.Plans, t.plan(at.Settings))
		} else if altered(h.Sealer, ours.RepoID, i) {
			c.Unclear = fmt.Sprintf("the record in [%s#%d](%s) was changed by hand, and it may be a tracking issue", l.Repo, i.Number, i.URL)
		}
	}
	slices.SortStableFunc(c.Plans, func(a, b release.Plan) int { return b.Version.Compare(a.Version) })
	return c, nil
}

// hushed are the dates without what isn't for who reads them in a repository that is
// less private than home.
func hushed(c release.Calendar, g facts.Grant) release.Calendar {
	if !g.Secret {
		return c
	}
	for i := range c.Plans {
		c.Plans[i].Title, c.Plans[i].URL = c.Plans[i].Version.Called(), ""
	}
	if c.Unclear != "" {
		c.Unclear = "a tracking issue's record was changed by hand"
	}
	return c
}

// withPlan adds a plan to those of newer tracking issues. Of one version an open
// tracking issue counts, else the newest.
func withPlan(plans []release.Plan, p release.Plan) []release.Plan {
	i := slices.IndexFunc(plans, func(have release.Plan) bool { return have.Version == p.Version })
	switch {
	case i < 0:
		return append(plans, p)
	case plans[i].Closed && !p.Closed:
		plans[i] = p
	}
	return plans
}

// about reports whether a repository is part of the releases.
func (s Settings) about(repo github.Repo) bool {
	return s.homeIs(repo) || len(s.Repositories) == 0 || s.lists(repo)
}

func (s Settings) lists(repo github.Repo) bool {
	return slices.ContainsFunc(s.Repositories, func(n config.RepoName) bool { return strings.EqualFold(string(n), repo.Name) })
}

// plan is a tracking issue as other capabilities know it.
func (t Tracker) plan(s Settings) release.Plan {
	return release.Plan{
		Version: t.Version, Branch: s.branchOf(t.Version), Schedule: t.schedule(s.template(t.Version)), Reached: t.reached(),
		Closed: t.over(), Title: titleOf(s, t.Version), URL: t.Issue.URL,
	}
}

// over reports whether the release is. One that was opened again goes on, and one
// that was closed by hand isn't over until it has been looked at who did it.
func (t Tracker) over() bool { return t.End != nil && t.Issue.State != github.Open }

// altered reports an open issue of ours whose record doesn't verify and that
// nobody remembers. Nobody knows then whether it was a tracking issue. One that was
// moved here from another repository is none of this one's.
func altered(s effect.Sealer, repoID int64, i github.Issue) bool {
	broken := func(body string) bool {
		return s.Unseal(effect.Place{Repo: repoID, Number: i.Number}, body).Authenticity == effect.Tampered && !s.FromElsewhere(repoID, body)
	}
	return i.State == github.Open && broken(i.Body) && broken(i.Intact)
}

// Milestones implements the contract of config.MilestoneSource.
func (s Settings) Milestones() [][]release.Milestone {
	var all [][]release.Milestone
	for _, t := range s.Templates {
		all = append(all, t.milestones())
	}
	return all
}

// digest names what other capabilities know of a release, so that it can be told
// whether they have heard of it.
func (r Record) digest(open bool) string {
	raw, err := json.Marshal(struct {
		Cut, Release release.Date
		Moved        map[string]release.Date `json:",omitempty"` // none and an empty one are the same
		Candidate    bool
		Over         bool
		Out          bool `json:",omitempty"`
	}{r.Cut, r.Release, r.Moved, r.Candidate != "", r.End != nil && !open, r.Out})
	if err != nil {
		panic(err) // texts and days always have a JSON
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:6])
}

// digest is that of the tracking issue as it stands.
func (t Tracker) digest() string { return t.Record.digest(t.Issue.State == github.Open) }

// untold names the key that passes the dates of a tracking issue on, as its record
// is to have them, if that hasn't been done.
func (t tracked) untold(r Record) []reconcile.Key {
	if r.Told == r.digest(false) {
		return nil
	}
	return []reconcile.Key{movedKey(t.Repo, t.Tracker.Issue.Number)}
}

// moved is a tracking issue whose dates may have, and the repositories that follow them.
type moved struct {
	tracked
	Repos []github.Repo
}

// observeMoved finds who follows the dates: those of the release whose own policies agree.
func (h *Handler) observeMoved(l *facts.Look, number int) (m moved, err error) {
	if m.tracked, err = h.tracked(l, number); err != nil {
		return m, err
	}
	m.Repos = []github.Repo{m.Repo}
	for _, name := range m.Settings.Repositories {
		one := github.Repo{Owner: m.Repo.Owner, Name: string(name)}
		_, g, err := l.Elsewhere(one)
		if err != nil && g.Refused == "" {
			return m, err
		}
		if g.Agreed && !strings.EqualFold(one.Name, m.Repo.Name) {
			m.Repos = append(m.Repos, one)
		}
	}
	return m, nil
}

// passOn names what follows the dates of a release, in each of its repositories,
// and after it the key that notes that this is done. A crash before that begins
// with the first step again.
func (h *Handler) passOn(s moved) reconcile.Plan {
	t := s.Tracker
	branch, title := s.branch(), s.title()
	if t.Told == t.digest() {
		return reconcile.Plan{Reason: "what follows the dates of " + title + " has been told of them"}
	}
	plan := reconcile.Plan{Reason: "the dates of " + title + " have moved, for " + string(branch)}
	for _, repo := range s.Repos {
		for _, k := range append(slices.Clone(h.Followers), reconcile.Key{Handler: gate.Name, ID: gate.Branch + "/" + string(branch)}) {
			k.Repo = repo
			plan.Enqueue = append(plan.Enqueue, k)
		}
	}
	plan.Enqueue = append(plan.Enqueue, key(s.Repo, fmt.Sprintf("%s/%d/%s", kindTold, t.Issue.Number, t.digest())))
	return plan
}

// told notes that the dates have been passed on as they were then.
func told(s about[string]) reconcile.Plan {
	t, look := s.Tracker, []reconcile.Key{trackerKey(s.Repo, s.Tracker.Issue.Number)}
	switch {
	case t.Told == s.what || t.digest() != s.what:
		return reconcile.Plan{Reason: "nothing to note of the dates of " + s.title()} // or they have moved again since
	case t.End != nil && t.Issue.State == github.Open:
		return reconcile.Plan{Reason: s.title() + " was opened again, which is looked at first", Enqueue: look}
	case t.End == nil && t.Issue.State == github.Closed:
		return reconcile.Plan{Reason: s.title() + " was closed, which is looked at first", Enqueue: look}
	}
	is := t.revised(func(r *Record) { r.Told = s.what })
	return reconcile.Plan{Reason: "what follows the dates of " + s.title() + " knows them", Effects: []effect.Effect{s.written(is)}}
}
