package freeze

import (
	"fmt"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// This file is about freeze issues that vanish. Whoever may write to two
// repositories can move an issue from one to the other, and administrators can
// delete one. Neither ends a freeze: it goes on in a new issue.

// lostFacts are about an issue that is gone.
type lostFacts struct {
	state
	Number int
	Freeze *Freeze // as it was; nil if nobody knows of one
}

// observeLost finds what an issue that is gone said when Slipway wrote it last.
func (h *Handler) observeLost(l *facts.Look, s state, number int) (lostFacts, error) {
	lost := lostFacts{state: s, Number: number}
	issue, found, err := h.GitHub.SealedIssue(l.Context(), s.Repo, number)
	if err != nil || !found {
		return lost, err
	}
	issue.State = github.Open
	if f, ok := read(h.Sealer, s.RepoID, issue); ok && !f.Tampered {
		lost.Freeze = &f
	}
	return lost, nil
}

// restore opens a new issue for a freeze that goes on.
func restore(s lostFacts) reconcile.Plan {
	then := []reconcile.Key{key(s.Repo, theFreezes), theChecks(s.Repo)}
	switch {
	case s.Freeze == nil:
		return reconcile.Plan{Reason: fmt.Sprintf("nobody remembers that issue #%d was a freeze", s.Number), Enqueue: then}
	case s.Freeze.over(s.Now):
		return reconcile.Plan{Reason: fmt.Sprintf("the freeze of issue #%d was over", s.Number)}
	}
	again := Freeze{Record: s.Freeze.Record}.revised(func(r *Record) { r.Former, r.Opened = s.Number, s.Now.UTC().Truncate(time.Second) })
	return reconcile.Plan{
		Reason:  fmt.Sprintf("issue #%d is gone, and the freeze goes on in a new one", s.Number),
		Effects: []effect.Effect{s.issue(again)},
		Enqueue: then,
	}
}
