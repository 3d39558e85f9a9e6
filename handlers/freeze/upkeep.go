package freeze

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file keeps the freeze issues: it opens those of windows, ends what is
// over, undoes what people did to them by hand and may not, and sees to it that
// each edge reaches the pull requests and the people.

// upkeepFacts are what upkeep needs.
type upkeepFacts struct {
	state
	Closers  map[int]closer // by the issue's number, of those closed by hand
	Reopened map[int]bool   // and of those that are over and open again, by hand
	// Held are the governed branches that a freeze with an issue holds.
	Held []release.Branch
	// Cut are the branches of a freeze of all, by its issue, that its record doesn't name yet.
	Cut map[int][]string
	// Concerned are the windows without an issue that match a branch which is
	// there: an organisation's policy reaches repositories that have none.
	Concerned map[windowID]bool
}

// closer is who closed an issue, and whether they may thaw all that it freezes.
type closer struct {
	Who    github.User // zero: GitHub doesn't say
	Linked bool        // by what Who merged or pushed, which said that it fixes the issue
	May    bool
}

// closedByHand reports whether an issue was closed while its freeze goes on.
func (f Freeze) closedByHand(now time.Time) bool {
	return f.Issue != 0 && f.State == github.Closed && !f.over(now) && !f.Tampered
}

func (h *Handler) observeUpkeep(l *facts.Look, s state, _ struct{}) (upkeepFacts, error) {
	u := upkeepFacts{state: s, Closers: map[int]closer{}, Reopened: map[int]bool{}, Cut: map[int][]string{}, Concerned: map[windowID]bool{}}
	for _, f := range s.Freezes {
		var err error
		switch {
		case f.closedByHand(s.Now):
			err = h.noteCloser(l, &u, f)
		case f.reopened():
			var issue github.Issue // anew: a list may lag behind our own closing of it
			issue, err = h.GitHub.Issue(l.Context(), l.Repo, f.Issue)
			u.Reopened[f.Issue] = err == nil && issue.State == github.Open
		case f.Issue == 0:
			u.Concerned[f.windowID()], err = h.concerned(l, s, f)
		case !f.Tampered && !f.over(s.Now):
			err = h.noteHeld(l, &u, f)
		}
		if err != nil && !errors.Is(err, reconcile.ErrGone) { // deleted meanwhile
			return u, err
		}
	}
	return u, nil
}

// reopened reports an issue that is open though its freeze is over.
func (f Freeze) reopened() bool {
	return f.Issue != 0 && f.State == github.Open && f.End != nil && !f.Tampered
}

// noteHeld notes the branches that a freeze holds: what came onto them is looked at again,
// whether or not an event told of it.
func (h *Handler) noteHeld(l *facts.Look, u *upkeepFacts, f Freeze) error {
	branches, err := h.branchesOf(l, f)
	for _, b := range branches {
		if u.enforces(b) && f.holds(b, u.Now) && !slices.Contains(u.Held, b) {
			u.Held = append(u.Held, b)
		}
		if f.All && !slices.Contains(f.Branches, string(b)) {
			u.Cut[f.Issue] = append(u.Cut[f.Issue], string(b))
		}
	}
	return err
}

// noteCloser notes who closed the issue of a freeze, unless it was listed before somebody
// opened it again.
func (h *Handler) noteCloser(l *facts.Look, u *upkeepFacts, f Freeze) error {
	issue, err := h.GitHub.Issue(l.Context(), l.Repo, f.Issue)
	if err != nil || issue.State == github.Open {
		return err
	}
	u.Closers[f.Issue], err = h.observeCloser(l, f, issue)
	return err
}

func (h *Handler) observeCloser(l *facts.Look, f Freeze, issue github.Issue) (closer, error) {
	if issue.ClosedBy.ID == 0 {
		return closer{}, nil
	}
	byHand, err := h.GitHub.ClosedByHand(l.Context(), l.Repo, f.Issue)
	if err != nil || !byHand {
		return closer{Who: issue.ClosedBy, Linked: true}, err
	}
	branches, err := h.branchesOf(l, f)
	if err != nil {
		return closer{}, err
	}
	c := closer{Who: issue.ClosedBy, May: len(branches) > 0}
	for _, b := range branches {
		decides, err := f.decides(l, b, c.Who)
		if err != nil {
			return closer{}, err
		}
		c.May = c.May && decides
	}
	return c, nil
}

// branchesOf lists the branches that a freeze still holds. A window's patterns, and all,
// stand for the branches that are there.
func (h *Handler) branchesOf(l *facts.Look, f Freeze) ([]release.Branch, error) {
	var all []release.Branch
	for _, name := range f.Branches {
		all = append(all, release.Branch(name))
	}
	patterns := f.Branches
	if f.All {
		policy, err := facts.Policy.Of(l, facts.Whole{})
		if err != nil || policy.Policy == nil {
			return nil, err
		}
		patterns = policy.Policy.Branches
	}
	if f.Window != "" || f.All {
		var err error
		if all, err = h.there(l, patterns); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(all, func(b release.Branch) bool {
		return slices.ContainsFunc(f.Thaws, func(t Thaw) bool { return t.Branch == b })
	}), nil
}

func (h *Handler) concerned(l *facts.Look, s state, f Freeze) (bool, error) {
	branches, err := h.branchesOf(l, f)
	governed := func(b release.Branch) bool { return s.Policy.Governs(b) }
	return slices.ContainsFunc(branches, governed), err
}

// upkeep decides what becomes of each freeze issue.
func upkeep(s upkeepFacts) reconcile.Plan {
	u := &keeping{s: s}
	for _, f := range s.Freezes {
		if f.Issue == 0 && !s.Concerned[f.windowID()] {
			continue
		}
		u.one(f)
	}
	plan := reconcile.Plan{Effects: u.effects, Enqueue: u.then, RequeueAt: nextEdge(s.Freezes, s.occurrences(), s.Now)}
	for _, b := range s.Held {
		plan.Enqueue = append(plan.Enqueue, pastKey(s.Repo, b))
	}
	if u.opens {
		plan.Enqueue = append(plan.Enqueue, key(s.Repo, theFreezes)) // only then is its number known, and the edge can be passed on
	}
	for _, w := range s.Settings.Windows {
		if why := s.file(w).Broken; why != "" {
			u.why = append(u.why, "the window "+w.Name+" goes by its last good calendar: "+why)
		}
		if why := s.file(w).Unclear; why != "" {
			plan.RequeueAt = reconcile.Sooner(plan.RequeueAt, s.Now.Add(unclearWait))
			u.why = append(u.why, "the window "+w.Name+" can't be told: "+why)
		}
	}
	if s.Calendar.Unclear != "" {
		plan.RequeueAt = reconcile.Sooner(plan.RequeueAt, s.Now.Add(unclearWait))
		u.why = append(u.why, "the dates of releases can't be read: "+cmp.Or(s.Calendar.Cause, s.Calendar.Unclear))
	}
	plan.Reason = fmt.Sprintf("%d freezes are as they should be", len(s.Freezes))
	if len(u.why) > 0 {
		plan.Reason = strings.Join(u.why, "; ")
	}
	return plan
}

// keeping collects what upkeep decides.
type keeping struct {
	opens   bool // an issue that had no number yet
	s       upkeepFacts
	effects []effect.Effect
	then    []reconcile.Key
	why     []string
}

func (u *keeping) one(f Freeze) {
	now := u.s.Now
	switch {
	case f.Tampered:
		u.say(f, "altered", alteredNotice(f))
		return
	case f.Issue == 0:
		u.opens = true
		f = u.write(f.revised(func(*Record) {}), "begins")
	case f.End == nil && (f.over(now) || f.thawedWhole()):
		f = u.write(f.revised(func(r *Record) { r.End = endOf(f, now) }), "ends")
	case f.reopened() && u.s.Reopened[f.Issue]:
		// Before it: closed without a word, nobody would be told.
		u.say(f, fmt.Sprintf("reopened %d", f.Rev), notAgain(f, u.s.Policy))
		f = u.write(f.revised(func(*Record) {}), "was opened again by hand, which doesn't freeze, and is closed")
	case f.closedByHand(now):
		if c, closed := u.s.Closers[f.Issue]; closed {
			f = u.judgeCloser(f, c)
		}
	case len(u.s.Cut[f.Issue]) > 0:
		cut := u.s.Cut[f.Issue]
		f = u.write(f.revised(func(r *Record) { r.Branches = slices.Concat(r.Branches, cut) }), "holds "+strings.Join(cut, ", ")+", which was cut since")
	case f.State == github.Open && u.isOff(f):
		edited := f
		f = u.write(f.revised(func(*Record) {}), "is put right")
		if edited.Edited {
			u.say(f, fmt.Sprintf("edited %d", edited.Rev), editedNotice(f))
		}
	}
	u.spread(f)
}

// endOf is how a freeze ends that is over: by its last thaw, or by itself.
func endOf(f Freeze, now time.Time) *Thaw {
	if n := len(f.Thaws); n > 0 && f.thawedWhole() {
		last := f.Thaws[n-1]
		last.Branch = ""
		return &last
	}
	at := f.Until
	if at.IsZero() || at.After(now) {
		at = now
	}
	return &Thaw{At: at.UTC(), Why: f.Why}
}

// judgeCloser lets a release manager's closing stand and undoes anybody else's.
func (u *keeping) judgeCloser(f Freeze, c closer) Freeze {
	if c.May {
		end := &Thaw{By: c.Who.Login, ByID: c.Who.ID, At: u.s.Now.UTC()}
		return u.write(f.revised(func(r *Record) { r.End = end }), "was ended by hand")
	}
	open := u.write(f.revised(func(*Record) {}), "was closed by somebody who may not, and is opened again")
	u.say(f, fmt.Sprintf("closed %d", f.Rev), closingUndone(f, c, u.s.Policy)) // after it: a locked issue takes no comment
	return open
}

// isOff reports whether an open issue isn't as the freeze says: because somebody
// edited it, or because the policy has changed.
func (u *keeping) isOff(f Freeze) bool {
	want := u.s.issue(f)
	if f.Edited || f.Title != want.Title || f.unblocks(u.s.Settings) {
		return true
	}
	has := func(l string) bool {
		return slices.ContainsFunc(f.Shown, func(h string) bool { return strings.EqualFold(h, l) })
	}
	_, shown, _ := strings.Cut(f.Body, "\n\n")
	return strings.TrimSpace(strings.ReplaceAll(shown, "\r\n", "\n")) != strings.TrimSpace(want.Text) ||
		slices.ContainsFunc(want.Labels, func(l string) bool { return !has(l) })
}

// write brings the issue to what the freeze says, and returns the freeze.
func (u *keeping) write(f Freeze, what string) Freeze {
	u.why = append(u.why, fmt.Sprintf("the freeze of %s %s", strings.Join(f.Branches, ", "), what))
	if f.unblocks(u.s.Settings) { // before its title names no branch, which would stop Tide on all of them
		u.effects = append(u.effects, effect.Unlabel{Repo: u.s.Repo, Number: f.Issue, Label: tideLabel})
	}
	e := u.s.issue(f)
	if f.End == nil && f.State == github.Closed {
		e.State = github.Open // which is decided here alone: others don't look at who closed it
	}
	u.effects = append(u.effects, e)
	return f
}

// say comments on the freeze's issue, once for each id.
func (u *keeping) say(f Freeze, id, text string) {
	u.effects = append(u.effects, effect.Comment{
		Repo: u.s.Repo, Number: f.Issue, Mark: effect.Mark{Kind: "freeze-note", ID: id}, Body: text,
	})
}

// spread passes on an edge, or the thaw of a branch, that hasn't been (notice.go).
func (u *keeping) spread(f Freeze) {
	if _, due := f.due(u.s.Now); due && f.Issue != 0 {
		u.then = append(u.then, issueKey(u.s.Repo, kindNotice, f.Issue))
	}
}

// due says which branches the freeze's last edge, or its last thaws, are about,
// as patterns, if it hasn't been passed on; all stands for every governed branch.
func (f Freeze) due(now time.Time) (branches []string, due bool) {
	edge := f.edge(now)
	switch {
	case edge == f.Noticed && (edge == Ended || len(f.Thaws) == f.NoticedThaws):
		return nil, false
	case f.Mends || len(f.Branches) == 0:
		return []string{anyBranch}, true
	case edge != f.Noticed:
		return f.patterns(), true
	}
	for _, t := range f.Thaws[min(f.NoticedThaws, len(f.Thaws)):] {
		branches = append(branches, string(t.Branch))
	}
	return branches, true
}

// edge is the last edge that a freeze has passed.
func (f Freeze) edge(now time.Time) Edge {
	switch {
	case f.over(now):
		return Ended
	case !f.begun(now):
		return Set
	}
	return Began
}
