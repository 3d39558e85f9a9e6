package freeze

import (
	"context"
	"fmt"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// This file is about freeze issues that vanish. Whoever may write to two
// repositories can move an issue from one to the other, and administrators can
// delete one. Neither ends a freeze: it goes on in a new issue.

// observeLost finds what an issue that is gone said when Slipway wrote it last.
func (h *Handler) observeLost(ctx context.Context, s *Snapshot) (err error) {
	if s.Policy.Policy == nil {
		return nil
	}
	if s.RepoID, err = h.GitHub.RepoID(ctx, s.Key.Repo); err != nil {
		return err
	}
	issue, found, err := h.GitHub.SealedIssue(ctx, s.Key.Repo, s.Subject.lost)
	if err != nil || !found {
		return err
	}
	issue.State = github.Open
	if f, ok := read(h.Sealer, s.RepoID, issue); ok && !f.Altered {
		s.Lost = &f
	}
	return nil
}

// restore opens a new issue for a freeze that goes on.
func restore(s Snapshot) reconcile.Plan {
	branches := []reconcile.Key{key(s.Key.Repo, theFreezes), key(s.Key.Repo, allBranches)}
	switch {
	case s.Lost == nil:
		return reconcile.Plan{Why: fmt.Sprintf("nobody remembers that issue #%d was a freeze", s.Subject.lost), Then: branches}
	case s.Lost.over(s.Now):
		return reconcile.Plan{Why: fmt.Sprintf("the freeze of issue #%d was over", s.Subject.lost)}
	}
	again := Freeze{Record: s.Lost.Record}.revised(func(r *Record) { r.Former, r.Opened = s.Subject.lost, s.Now.UTC().Truncate(time.Second) })
	return reconcile.Plan{
		Why:     fmt.Sprintf("issue #%d is gone, and the freeze goes on in a new one", s.Subject.lost),
		Effects: []effect.Effect{again.issue(place{s.Key.Repo, s.RepoID}, s.Policy, s.Settings)},
		Then:    branches,
	}
}
