package freeze

import (
	"fmt"
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// This file passes an edge of a freeze on, in two steps. notice/N looks at the
// pull requests: it lists them once, and each is worked under its own key.
// tell/N, which is enqueued with them, tells the people in one comment on the
// issue, and then notes in the record that it is done. Until that is noted,
// upkeep begins with the first step again, so that a crash leaves nothing out.

// edgeFacts are what both steps need.
type edgeFacts struct {
	state
	Issue  int
	Freeze *Freeze             // nil when the issue is no freeze that can be read
	Groups []github.MergeGroup // of a freeze that has begun, that stand in a merge queue
}

// noticeFacts are those of the first step.
type noticeFacts struct {
	edgeFacts
	Open []github.PullRequest      // on governed branches, the most recently active first
	Seen map[int]github.Remembered // what is remembered of each, by its number
}

// tellFacts are those of the second.
type tellFacts struct {
	edgeFacts
	Pulls []survey
	// While it held, once it has ended. Unclear says why there may be more pushes, as a phrase.
	Merged  []github.PullRequest
	Pushed  []passed
	Unclear string
}

// observeEdge finds the freeze of an issue, and what is due of it.
func (h *Handler) observeEdge(l *facts.Look, s state, issue int) (f edgeFacts, branches []string, due bool, err error) {
	f = edgeFacts{state: s, Issue: issue}
	i := slices.IndexFunc(s.Freezes, func(f Freeze) bool { return f.Issue == issue && !f.Tampered })
	if i < 0 {
		return f, nil, false, nil
	}
	f.Freeze = &s.Freezes[i]
	if branches, due = f.Freeze.due(s.Now); !due || f.Freeze.edge(s.Now) != Began {
		return f, branches, due, nil
	}
	groups, err := h.GitHub.QueueGroups(l.Context(), s.Repo)
	f.Groups = slices.DeleteFunc(groups, func(g github.MergeGroup) bool { return !matches(branches, g.Branch) })
	return f, branches, due, err
}

func (h *Handler) observeNotice(l *facts.Look, s state, issue int) (f noticeFacts, err error) {
	edge, branches, due, err := h.observeEdge(l, s, issue)
	if f.edgeFacts = edge; err != nil || !due {
		return f, err
	}
	if f.Open, err = openOn(l, branches); err != nil {
		return f, err
	}
	f.Open = slices.DeleteFunc(f.Open, func(pr github.PullRequest) bool { return !s.Policy.Governs(pr.Base) })
	f.Seen, err = h.observeReadiness(l, f.Open)
	return f, err
}

// passOn decides the first step: the freeze's own check of each pull request, and that
// others look again who rest on whether a branch is frozen.
func passOn(s noticeFacts) reconcile.Plan {
	if s.Freeze == nil {
		return reconcile.Plan{Reason: fmt.Sprintf("issue #%d is no freeze that can be read", s.Issue)}
	}
	if _, due := s.Freeze.due(s.Now); !due {
		return reconcile.Plan{Reason: fmt.Sprintf("what became of the freeze in issue #%d has been passed on", s.Issue)}
	}
	var then []reconcile.Key
	var stale []string
	for _, g := range s.Groups { // before all else: a queue merges by itself, and asks no second time
		then = append(then, key(s.Repo, gate.Group+"/"+g.ID()))
	}
	for _, pr := range urgentFirst(s.Repo, s.Open, s.Seen) {
		then = append(then, issueKey(s.Repo, gate.Pull, pr.Number))
		if held := facts.Held.ID(s.Repo, pr.Base); !slices.Contains(stale, held) {
			stale = append(stale, held)
		}
	}
	return reconcile.Plan{
		Reason:  fmt.Sprintf("%d open pull requests on governed branches to look at again", len(s.Open)),
		Enqueue: append(then, issueKey(s.Repo, kindTell, s.Issue)),
		Stale:   stale,
	}
}

func (h *Handler) observeTell(l *facts.Look, s state, issue int) (f tellFacts, err error) {
	edge, branches, due, err := h.observeEdge(l, s, issue)
	if f.edgeFacts = edge; err != nil || !due {
		return f, err
	}
	seen, err := h.From.Seen.OpenPullSnapshots(l.Context(), s.Repo, "")
	if err != nil {
		return f, err
	}
	if f.Pulls, err = h.survey(l, s, stillOpen(seen, branches)); err != nil || f.Freeze.edge(s.Now) != Ended {
		return f, err
	}
	err = h.duringIt(l, &f)
	return f, err
}

// seenWithin is how much older than the newest look a look at a pull request may
// be for it to count as open. The first step has just listed them all; one that
// it didn't see was closed, and the webhook that said so was lost.
const seenWithin = 15 * time.Minute

func stillOpen(seen []github.PullSnapshot, branches []string) []github.PullRequest {
	var newest time.Time
	last := func(s github.PullSnapshot) time.Time {
		if s.EventAt.After(s.ReadAt) {
			return s.EventAt
		}
		return s.ReadAt
	}
	for _, one := range seen {
		if last(one).After(newest) {
			newest = last(one)
		}
	}
	var pulls []github.PullRequest
	for _, one := range seen {
		if matches(branches, one.Base) && newest.Sub(last(one)) < seenWithin {
			pulls = append(pulls, one.PullRequest)
		}
	}
	return pulls
}

// duringIt reads what came onto a freeze's branches while it held: merged by exemption or
// exception, from a merge queue that had begun before, or by somebody who may pass over
// a check; and pushed.
func (h *Handler) duringIt(l *facts.Look, s *tellFacts) error {
	f := *s.Freeze
	whole := f
	whole.Thaws = nil
	branches, err := h.branchesOf(l, whole)
	if err != nil {
		return err
	}
	for _, b := range branches {
		list, err := h.GitHub.MergedPullRequests(l.Context(), l.Repo, b, f.begins())
		if err != nil {
			return err
		}
		end := f.endFor(b)
		for _, pr := range list {
			if !end.IsZero() && !pr.MergedAt.Before(end) {
				continue
			}
			if about, err := h.concerns(l, s.state, f, pr); err != nil {
				return err
			} else if about {
				s.Merged = append(s.Merged, pr)
			}
		}
		pushes, why, err := h.pushedDuring(l, f, b)
		if err != nil {
			return err
		}
		if why != "" {
			s.Unclear = "of " + effect.Code(string(b)) + ", " + why
		}
		for _, m := range pushes {
			s.Pushed = append(s.Pushed, passed{Freeze: f, Branch: b, Move: m})
		}
	}
	return nil
}

// concerns reports whether a freeze was about a pull request that was merged.
func (h *Handler) concerns(l *facts.Look, s state, f Freeze, pr github.PullRequest) (bool, error) {
	k := known{state: s, PR: pr}
	if !f.partial() || k.labelled(f.Labels) {
		return true, nil
	}
	var err error
	if len(f.Paths) > 0 {
		k.Files, err = facts.Files.Of(l, facts.Head{Number: pr.Number, Commit: pr.Head})
	}
	return k.reached(f), err
}

// tell decides the second step.
func tell(s tellFacts) reconcile.Plan {
	if s.Freeze == nil {
		return reconcile.Plan{Reason: fmt.Sprintf("issue #%d is no freeze that can be read", s.Issue)}
	}
	f := *s.Freeze
	branches, due := f.due(s.Now)
	if !due {
		return reconcile.Plan{Reason: fmt.Sprintf("people know what became of the freeze in issue #%d", f.Issue)}
	}
	edge := f.edge(s.Now)
	id, verb, text := string(edge), "begun", ""
	switch {
	case edge == Set:
		verb, text = "been set", setNotice(f, s.Policy)
	case edge == Ended:
		verb, text = "ended", endNotice(f, s)
	case edge == f.Noticed:
		id, verb, text = fmt.Sprintf("thaw %d", len(f.Thaws)), "been lifted for a branch", thawNotice(f, branches, s)
	default:
		text = beginNotice(f, s)
	}
	noted := f.revised(func(r *Record) { r.Noticed, r.NoticedThaws, r.Mends = edge, len(r.Thaws), false })
	return reconcile.Plan{
		Reason: fmt.Sprintf("the freeze in issue #%d has %s", f.Issue, verb),
		Effects: []effect.Effect{
			effect.Comment{Repo: s.Repo, Number: f.Issue, Mark: effect.Mark{Kind: "notice", ID: id}, Body: text},
			s.issue(noted),
		},
	}
}
