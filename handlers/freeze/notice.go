package freeze

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file passes an edge of a freeze on, in two steps. notice/N looks at the
// pull requests: it lists them once, and each is worked under its own key.
// tell/N, which is enqueued with them, tells the people in one comment on the
// issue, and then notes in the record that it is done. Until that is noted,
// upkeep begins with the first step again, so that a crash leaves nothing out.

// edgeFacts are what the two steps need.
type edgeFacts struct {
	Freeze *Freeze // nil when the issue is no freeze that can be read
	Pulls  []survey
	Groups []github.MergeGroup  // that stand in a merge queue
	Merged []github.PullRequest // while it held, once it has ended
}

// survey is a pull request with its verdict.
type survey struct {
	PR      github.PullRequest
	Verdict effect.Verdict
}

// observeEdge finds the freeze of an issue, and what is due of it.
func (h *Handler) observeEdge(ctx context.Context, s *Snapshot, issue int) (branches []string, due bool, err error) {
	if s.Policy.Policy == nil {
		return nil, false, nil
	}
	if err := h.observeFreezes(ctx, s); err != nil {
		return nil, false, err
	}
	i := slices.IndexFunc(s.Freezes, func(f Freeze) bool { return f.Issue == issue && !f.Altered })
	if i < 0 {
		return nil, false, nil
	}
	f := s.Freezes[i]
	s.Edge.Freeze = &f
	branches, due = f.due(s.Now)
	return branches, due, nil
}

func (h *Handler) observeNotice(ctx context.Context, s *Snapshot) error {
	branches, due, err := h.observeEdge(ctx, s, s.Subject.notice)
	if err != nil || !due {
		return err
	}
	if s.Open, err = h.openOn(ctx, s.Key.Repo, branches); err != nil || s.Edge.Freeze.edge(s.Now) != Began {
		return err
	}
	// Queues that have asked already don't ask again, whatever has begun since.
	groups, err := h.GitHub.QueueGroups(ctx, s.Key.Repo)
	s.Edge.Groups = slices.DeleteFunc(groups, func(g github.MergeGroup) bool { return !matches(branches, g.Branch) })
	return err
}

// openOn lists the open pull requests of the branches that fit a pattern, the
// most recently active first.
func (h *Handler) openOn(ctx context.Context, repo github.Repo, patterns []string) ([]github.PullRequest, error) {
	var base release.Branch
	if len(patterns) == 1 && !isPattern(patterns[0]) {
		base = release.Branch(patterns[0])
	}
	all, err := h.GitHub.OpenPullRequests(ctx, repo, base)
	return slices.DeleteFunc(all, func(pr github.PullRequest) bool { return !matches(patterns, pr.Base) }), err
}

// passOn decides the first step.
func passOn(s Snapshot) reconcile.Plan {
	if s.Edge.Freeze == nil {
		return reconcile.Plan{Why: fmt.Sprintf("issue #%d is no freeze that can be read", s.Subject.notice)}
	}
	if _, due := s.Edge.Freeze.due(s.Now); !due {
		return reconcile.Plan{Why: fmt.Sprintf("what became of the freeze in issue #%d has been passed on", s.Subject.notice)}
	}
	plan := spread(s)
	for i := len(s.Edge.Groups) - 1; i >= 0; i-- { // before all else: a queue merges by itself
		plan.Then = slices.Insert(plan.Then, 0, key(s.Key.Repo, kindGroup+"/"+s.Edge.Groups[i].ID()))
	}
	plan.Then = append(plan.Then, noticeKey(s.Key.Repo, kindTell, s.Subject.notice))
	return plan
}

func (h *Handler) observeTell(ctx context.Context, s *Snapshot) error {
	branches, due, err := h.observeEdge(ctx, s, s.Subject.tell)
	if err != nil || !due {
		return err
	}
	seen, err := h.Sightings.OpenSightings(ctx, s.Key.Repo, "")
	if err != nil {
		return err
	}
	pulls := stillOpen(seen, branches)
	if s.Edge.Freeze.edge(s.Now) == Began {
		groups, err := h.GitHub.QueueGroups(ctx, s.Key.Repo)
		if err != nil {
			return err
		}
		s.Edge.Groups = slices.DeleteFunc(groups, func(g github.MergeGroup) bool { return !matches(branches, g.Branch) })
	}
	if s.Edge.Pulls, err = h.survey(ctx, *s, pulls); err != nil || s.Edge.Freeze.edge(s.Now) != Ended {
		return err
	}
	s.Edge.Merged, err = h.mergedDuring(ctx, s.Key.Repo, *s.Edge.Freeze)
	return err
}

// seenWithin is how much older than the newest look a look at a pull request may
// be for it to count as open. The first step has just listed them all; one that
// it didn't see was closed, and the webhook that said so was lost.
const seenWithin = 15 * time.Minute

func stillOpen(seen []github.Sighting, branches []string) []github.PullRequest {
	var newest time.Time
	last := func(s github.Sighting) time.Time {
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

// survey judges open pull requests by the snapshot's freezes.
func (h *Handler) survey(ctx context.Context, s Snapshot, pulls []github.PullRequest) ([]survey, error) {
	var out []survey
	for _, pr := range pulls {
		if !s.Policy.Governs(pr.Base) {
			continue
		}
		f, err := h.observeExceptions(ctx, s.Key.Repo, s.facts(pr))
		if err != nil {
			return nil, err
		}
		v, _ := judge(f)
		out = append(out, survey{pr, v})
	}
	return out, nil
}

// mergedDuring lists what was merged into a freeze's branches while it held:
// by exemption or exception, from a merge queue that had begun before, or by
// somebody who may pass over a check.
func (h *Handler) mergedDuring(ctx context.Context, repo github.Repo, f Freeze) ([]github.PullRequest, error) {
	whole := f
	whole.Thaws = nil
	branches, err := h.branchesOf(ctx, repo, whole)
	if err != nil {
		return nil, err
	}
	var merged []github.PullRequest
	for _, b := range branches {
		list, err := h.GitHub.MergedPullRequests(ctx, repo, b, f.Since)
		if err != nil {
			return nil, err
		}
		end := f.endFor(b)
		for _, pr := range list {
			if end.IsZero() || pr.MergedAt.Before(end) {
				merged = append(merged, pr)
			}
		}
	}
	return merged, nil
}

// tell decides the second step.
func tell(s Snapshot) reconcile.Plan {
	if s.Edge.Freeze == nil {
		return reconcile.Plan{Why: fmt.Sprintf("issue #%d is no freeze that can be read", s.Subject.tell)}
	}
	f := *s.Edge.Freeze
	branches, due := f.due(s.Now)
	if !due {
		return reconcile.Plan{Why: fmt.Sprintf("people know what became of the freeze in issue #%d", f.Issue)}
	}
	edge := f.edge(s.Now)
	id, verb, text := string(edge), "begun", ""
	switch {
	case edge == Ended:
		verb, text = "ended", endNotice(f, s)
	case edge == f.Noticed:
		id, verb, text = fmt.Sprintf("thaw %d", len(f.Thaws)), "been lifted for a branch", thawNotice(f, branches, s)
	default:
		text = beginNotice(f, s)
	}
	noted := f.revised(func(r *Record) { r.Noticed, r.NoticedThaws, r.Mends = edge, len(r.Thaws), false })
	return reconcile.Plan{
		Why: fmt.Sprintf("the freeze in issue #%d has %s", f.Issue, verb),
		Effects: []effect.Effect{
			effect.Comment{Repo: s.Key.Repo, Number: f.Issue, Mark: effect.Mark{Kind: "notice", ID: id}, Body: text},
			noted.issue(place{s.Key.Repo, s.RepoID}, s.Policy, s.Settings),
		},
	}
}
