package cherrypick

import (
	"fmt"
	"time"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

const dayLong = 24 * time.Hour

// Decide implements reconcile.Handler.
func (h *Handler) Decide(s Snapshot) reconcile.Plan {
	switch {
	case !s.Policy.Exists():
		return reconcile.Plan{Why: "the repository has no policy"}
	case s.Policy.Policy == nil:
		return reconcile.Plan{Why: "the policy has faults, and there is no good one before it"}
	}
	switch s.Subject.kind {
	case kindLabel:
		b, ok := s.Settings.branchOf(s.Subject.name)
		if !ok {
			return reconcile.Plan{Why: "the label asks for no pick"}
		}
		return reconcile.Plan{Why: "the label asks for a pick, or did", Then: []reconcile.Key{pickKey(s.Key.Repo, s.Subject.number, b)}}
	case kindSource:
		return spreadSource(s)
	case kindTarget:
		return spreadDrafts(s)
	}
	return decidePick(s)
}

func spreadSource(s Snapshot) reconcile.Plan {
	var p reconcile.Plan
	for _, b := range s.Settings.requested(s.PR.Labels) {
		p.Then = append(p.Then, pickKey(s.Key.Repo, s.Subject.number, b))
	}
	p.Why = fmt.Sprintf("%d picks are asked for", len(p.Then))
	return p
}

func spreadDrafts(s Snapshot) reconcile.Plan {
	var p reconcile.Plan
	for _, pr := range s.Open {
		if n, b, ok := pickOf(s.Key.Repo, pr); ok && pr.Draft && b == s.Subject.name {
			p.Then = append(p.Then, pickKey(s.Key.Repo, n, b))
		}
	}
	p.Why = fmt.Sprintf("%d drafts of picks may come out otherwise now", len(p.Then))
	return p
}
