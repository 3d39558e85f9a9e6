package freeze

import (
	"fmt"
	"slices"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// Decide implements reconcile.Handler.
func (h *Handler) Decide(s Snapshot) reconcile.Plan {
	switch {
	case s.Policy.Policy == nil && s.Policy.Fault == nil:
		return reconcile.Plan{Why: "the repository has no policy, so nothing is governed"}
	case s.Subject.number == 0:
		return spread(s)
	case s.PR == nil:
		return reconcile.Plan{Why: fmt.Sprintf("branch %s is not governed", s.Sighted)}
	case s.PR.State != github.Open:
		return reconcile.Plan{Why: fmt.Sprintf("#%d is %s", s.PR.Number, s.PR.State)}
	case !s.Policy.Governs(s.PR.Base):
		return takeBack(s)
	}
	return report(s, effect.CheckRun{Verdict: judge(s), Fresh: s.Subject.why == rerun})
}

// report completes a check run of the pull request's head.
func report(s Snapshot, check effect.CheckRun) reconcile.Plan {
	check.Repo, check.Number, check.Commit, check.Name = s.Key.Repo, s.PR.Number, s.PR.Head, CheckName
	return reconcile.Plan{
		Why:     fmt.Sprintf("#%d against %s: %s", s.PR.Number, s.PR.Base, check.Verdict.Title),
		Effects: []effect.Effect{check},
	}
}

// takeBack is for a pull request of an ungoverned branch. Only one that has just
// been moved there can have a check of ours that is no longer true.
func takeBack(s Snapshot) reconcile.Plan {
	if s.Subject.why != moved {
		return reconcile.Plan{Why: fmt.Sprintf("branch %s is not governed", s.PR.Base)}
	}
	return report(s, effect.CheckRun{Verdict: notConcerned(s.PR.Base), IfPresent: true})
}

// spread hands a change of a branch on to its pull requests, each of which is
// worked under its own key.
func spread(s Snapshot) reconcile.Plan {
	open, why, about := s.Open, changed, "on governed branches"
	if commit := s.Subject.commit; commit != "" {
		why, about = rerun, "with the head "+effect.Short(commit)
		open = slices.DeleteFunc(slices.Clone(open), func(pr github.PullRequest) bool { return pr.Head != commit })
	}
	keys := governedKeys(s.Key.Repo, why, s.Policy, open)
	return reconcile.Plan{Why: fmt.Sprintf("%d open pull requests %s to look at again", len(keys), about), Then: keys}
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
