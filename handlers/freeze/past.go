package freeze

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file is about what comes onto a frozen branch past the check: merged by somebody
// who may pass over it, or pushed. It is told in the freeze's issue at once. GitHub's own
// list of the branch's moves says who did it, so that neither a webhook nor a memory is
// needed; events only say when to look.

// passed is what came onto a branch while a freeze held it, without a right to.
type passed struct {
	Freeze Freeze
	Branch release.Branch
	Pull   *github.PullDetail // that was merged; nil for a push
	Move   github.BranchMove  // the push
}

// pastFacts are what has passed the freezes of a branch.
type pastFacts struct {
	state
	Branch  release.Branch
	Freezes []Freeze // that hold it now, and have an issue
	Passed  []passed
	Unclear string // why there may be more, as a phrase
}

// inForce picks the freezes that hold a branch now and can be written into.
func (s state) inForce(b release.Branch) []Freeze {
	if !s.enforces(b) {
		return nil
	}
	return slices.DeleteFunc(holding(s.Freezes, b, s.Now), func(f Freeze) bool { return f.Tampered || f.Issue == 0 })
}

func (h *Handler) observePast(l *facts.Look, s state, b release.Branch) (f pastFacts, err error) {
	f = pastFacts{state: s, Branch: b, Freezes: s.inForce(b)}
	for _, one := range f.Freezes {
		pulls, err := h.mergedPast(l, s, one, b)
		if err != nil {
			return f, err
		}
		pushes, why, err := h.pushedDuring(l, one, b)
		if err != nil {
			return f, err
		}
		f.Unclear = cmp.Or(f.Unclear, why)
		for _, pr := range pulls {
			f.Passed = append(f.Passed, passed{Freeze: one, Branch: b, Pull: &pr})
		}
		for _, m := range pushes {
			landed := func(pr github.PullDetail) bool { return m.After != "" && pr.MergeCommit == m.After }
			if !slices.ContainsFunc(pulls, landed) {
				f.Passed = append(f.Passed, passed{Freeze: one, Branch: b, Move: m})
			}
		}
	}
	return f, nil
}

// begins is when a freeze began, by a clock that has seconds: of what came in that
// second nobody knows whether it came before.
func (f Freeze) begins() time.Time { return f.Since.Truncate(time.Second) }

// mergedPast lists what was merged into a branch that a freeze holds, and that neither an
// exemption nor an exception covers, and that isn't a proposal of ours that may.
func (h *Handler) mergedPast(l *facts.Look, s state, f Freeze, b release.Branch) (past []github.PullDetail, err error) {
	merged, err := h.GitHub.MergedPullRequests(l.Context(), l.Repo, b, f.begins())
	if err != nil {
		return nil, err
	}
	for _, pr := range merged {
		k, err := h.about(l, s, pr)
		if err != nil {
			return nil, err
		}
		at := k
		at.Now = pr.MergedAt
		if _, ok := f.exemption(at); ok || !k.reached(f) {
			continue
		}
		if _, ok := k.exception(); ok {
			continue
		}
		if _, ok := k.exceptedOf(f); ok {
			continue
		}
		p, err := proposed(l, pr)
		if err != nil {
			return nil, err
		}
		if p.Passes() {
			continue
		}
		detail, err := facts.Detail.Of(l, pr.Number)
		if err != nil {
			return nil, err
		}
		detail.PullRequest = pr
		past = append(past, detail)
	}
	return past, nil
}

// proposed is what a pull request of ours proposes; zero for any other.
func proposed(l *facts.Look, pr github.PullRequest) (p facts.ProposedPull, err error) {
	if facts.MayPropose(l.Repo, pr) {
		p, err = facts.Proposed.Of(l, pr.Number)
	}
	return p, err
}

// pushedDuring lists the direct pushes to a branch while a freeze held it, the newest
// first, but for our own; unclear says why there may be more.
func (h *Handler) pushedDuring(l *facts.Look, f Freeze, b release.Branch) (pushes []github.BranchMove, unclear string, err error) {
	if f.partial() { // what a push changes isn't looked at
		return nil, "", nil
	}
	moves, err := facts.Moves.Of(l, facts.Since{Branch: b, At: f.begins()})
	if err != nil {
		return nil, "", err
	}
	bot, err := h.GitHub.BotID(l.Context(), l.Repo)
	if err != nil {
		return nil, "", err
	}
	end := f.endFor(b)
	return slices.DeleteFunc(moves.Direct(), func(m github.BranchMove) bool {
		return m.By.ID == bot || !end.IsZero() && !m.At.Before(end)
	}), moves.Unclear, nil
}

// laterMoves is how long to wait for GitHub to show who moved a branch.
const laterMoves = 10 * time.Minute

// tellPast decides what is told: each merge and each push once.
func tellPast(f pastFacts) reconcile.Plan {
	if len(f.Freezes) == 0 {
		return reconcile.Plan{Reason: fmt.Sprintf("no freeze holds %s, so nothing passes one", f.Branch)}
	}
	plan := reconcile.Plan{Reason: fmt.Sprintf("nothing has passed the freeze of %s", f.Branch)}
	if len(f.Passed) > 0 {
		plan.Reason = fmt.Sprintf("%s past the freeze of %s", came(f.Passed), f.Branch)
	}
	if f.Unclear != "" {
		plan.Reason += "; there may be more, because " + f.Unclear
		plan.RequeueAt = f.Now.Add(laterMoves)
	}
	for _, one := range f.Freezes {
		if one.All && !slices.Contains(one.Branches, string(f.Branch)) { // it was cut since
			plan.Enqueue = []reconcile.Key{key(f.Repo, theFreezes)}
		}
	}
	for _, p := range f.Passed[:min(len(f.Passed), maxListed)] { // the rest stands in the notice of its end
		plan.Effects = append(plan.Effects, effect.Comment{
			Repo: f.Repo, Number: p.Freeze.Issue, Mark: effect.Mark{Kind: "past", ID: p.id()}, Body: pastNotice(p, f.Policy),
		})
	}
	return plan
}

// id names what passed, in its freeze's issue.
func (p passed) id() string {
	if p.Pull != nil {
		return fmt.Sprintf("pull %d", p.Pull.Number)
	}
	return fmt.Sprintf("push %d %s %s", p.Move.At.Unix(), effect.Short(p.Move.After), p.Branch)
}
