package cherrypick

import (
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// branchFacts is what is read of the branch of a pick that is merged or closed.
type branchFacts struct {
	Seen bool   // it was looked at
	Tip  string // the commit that it is at, "" if it is gone
	Why  string // why it stays, as a phrase
	// Wait is until when a pull request that was closed may still be opened again; zero if that is over.
	Wait time.Time
}

// reopenWithin is how long the branch of a pull request stays that was closed without being merged: people close one
// and open it again to have its checks run once more.
const reopenWithin = time.Hour

// observeBranchLeft reads what there is to know of the branch of a pick that is merged or closed. Once it was
// seen to be gone it is none of our business any more: who restores it wants it.
func (h *Handler) observeBranchLeft(l *facts.Look, s *Snapshot) (err error) {
	p, b, ctx := s.Pick.Pull, &s.Pick.Branch, l.Context()
	if p == nil || p.State == github.Open || !s.Settings.DeleteBranches || s.Pick.Record.Gone == p.Number {
		return nil
	}
	if until := p.ClosedAt.Add(reopenWithin); !p.Merged && s.Now.Before(until) {
		b.Wait = until
		return nil
	}
	b.Seen = true
	if b.Tip, err = h.GitHub.BranchHead(ctx, s.Key.Repo, s.head()); err != nil || b.Tip == "" {
		return err
	}
	switch {
	case !p.Intact:
		b.Why = editedSince()
		return nil
	case b.Tip != p.Head:
		b.Why = pushedSince()
		return nil
	}
	if p.Head != p.Record.Commit {
		own, err := ownHead(l, p.Number, p.Head)
		if err != nil {
			return err
		}
		if own != p.Record.Commit {
			b.Why = pushedSince()
			return nil
		}
	}
	onto, err := h.GitHub.OpenPullRequests(ctx, s.Key.Repo, s.head())
	if err != nil {
		return err
	}
	for _, one := range append(onto, s.Pick.OpenFrom...) {
		b.Why = usedBy(one)
		return nil
	}
	declined, err := h.GitHub.Declined(ctx, s.Key.Repo, 0, s.noBranch().Wish())
	b.Why = declined
	return err
}

func (s Snapshot) noBranch() effect.NoBranch {
	return effect.NoBranch{Repo: s.Key.Repo, RepoNode: s.Pick.Pull.RepoNode, Branch: s.head(), Commit: s.Pick.Branch.Tip}
}

// sweep adds to a plan about a pick that is merged or closed that its branch is deleted.
func (s Snapshot) sweep(plan reconcile.Plan) reconcile.Plan {
	b := s.Pick.Branch
	if !b.Wait.IsZero() {
		plan.RequeueAt = reconcile.Sooner(plan.RequeueAt, b.Wait)
	}
	if b.Seen && b.Tip != "" && b.Why == "" {
		plan.Effects = append(plan.Effects, s.noBranch())
		plan.Enqueue = append(plan.Enqueue, s.Key)
	}
	return plan
}
