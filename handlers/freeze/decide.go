package freeze

import (
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// Decide implements reconcile.Handler.
func (h *Handler) Decide(s Snapshot) reconcile.Plan {
	switch {
	case s.Policy.Policy == nil && s.Policy.Fault == nil:
		return reconcile.Plan{Why: "the repository has no policy, so nothing is governed"}
	case !strings.HasPrefix(s.Key.ID, pullPrefix):
		return decideBranch(s)
	case s.PR == nil:
		return reconcile.Plan{Why: fmt.Sprintf("branch %s is not governed", s.Sighted)}
	case s.PR.State != github.Open:
		return reconcile.Plan{Why: fmt.Sprintf("#%d is %s", s.PR.Number, s.PR.State)}
	case !s.Policy.Governs(s.PR.Base):
		return reconcile.Plan{Why: fmt.Sprintf("branch %s is not governed", s.PR.Base)}
	}
	v := judge(s)
	return reconcile.Plan{
		Why: fmt.Sprintf("#%d against %s: %s", s.PR.Number, s.PR.Base, v.Title),
		Effects: []effect.Effect{effect.CheckRun{
			Repo: s.Key.Repo, Number: s.PR.Number, Commit: s.PR.Head, Name: CheckName, Verdict: v,
		}},
	}
}

// decideBranch spreads a change of a branch to its pull requests, each of which
// is worked under its own key.
func decideBranch(s Snapshot) reconcile.Plan {
	keys := governedKeys(s.Key.Repo, s.Policy, s.Open)
	return reconcile.Plan{
		Why:  fmt.Sprintf("%d open pull requests on governed branches to look at again", len(keys)),
		Then: keys,
	}
}

// judge says whether an open pull request of a governed branch may merge.
func judge(s Snapshot) effect.Verdict {
	if s.Policy.Fault != nil {
		return brokenPolicy(s.Policy)
	}
	var altered *Freeze
	for i, f := range s.Freezes {
		switch {
		case f.Altered && altered == nil:
			altered = &s.Freezes[i]
		case !f.Altered && f.Freezes(s.PR.Base):
			return frozen(f, s.Policy)
		}
	}
	if altered != nil {
		return alteredFreeze(*altered, s.PR.Base)
	}
	return open(s.PR.Base)
}
