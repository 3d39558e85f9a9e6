package policy

import (
	"errors"
	"fmt"
	"slices"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// elsewhere says why a repository's pull requests are left alone.
func elsewhere(p config.Loaded) string {
	if p.Exists() {
		return fmt.Sprintf("the policy of this repository stands in %s", p.Repo)
	}
	return "the repository has no policy"
}

func decidePull(s pullFacts) reconcile.Plan {
	switch {
	case s.elsewhere():
		return reconcile.Plan{Reason: elsewhere(s.Policy)}
	case s.PR == nil:
		return reconcile.Plan{Reason: fmt.Sprintf("%s is not the default branch, from which policies are read", s.Sighted)}
	case s.PR.State != github.Open:
		return reconcile.Plan{Reason: fmt.Sprintf("#%d is %s", s.PR.Number, s.PR.State)}
	case s.PR.Base != s.Default:
		return s.takeBack(notRead(s), fmt.Sprintf("%s is not the default branch, from which policies are read", s.PR.Base))
	case !s.Touches, !s.File.Found && !s.holds():
		return s.takeBack(untouched(), fmt.Sprintf("#%d leaves the policy file alone", s.PR.Number))
	}
	return s.report(judge(s.proposal))
}

func decideBranch(s branchFacts) reconcile.Plan {
	switch {
	case s.holds():
		return reconcile.Plan{Reason: "this repository has a policy file, so its pull requests are looked at, not its branches"}
	case s.Policy.Policy != nil && s.Policy.Governs(s.Branch):
		return reconcile.Plan{Reason: fmt.Sprintf("%s is a governed branch, which proposes nothing", s.Branch)}
	case s.Commit == "":
		return reconcile.Plan{Reason: fmt.Sprintf("there is no branch %s any more", s.Branch)}
	case !s.File.Found:
		return reconcile.Plan{Reason: fmt.Sprintf("%s has no policy file", s.Branch)}
	}
	check := judge(s.proposal)
	check.ExternalID, check.Fresh = pushed+"/"+string(s.Branch), s.Why == again
	return report(s.proposal, "branch "+string(s.Branch), check)
}

// takeBack is for a commit that the check isn't about, or no longer. Only where
// somebody moved the pull request or asked again can there be a check of ours.
func (s pullFacts) takeBack(v effect.Verdict, why string) reconcile.Plan {
	if s.Why == changed {
		return reconcile.Plan{Reason: why}
	}
	plan := s.report(effect.CheckRun{Verdict: v, IfPresent: true})
	plan.Reason = why
	return plan
}

func (s pullFacts) report(check effect.CheckRun) reconcile.Plan {
	check.Number, check.Fresh = s.PR.Number, s.Why == rerun
	return report(s.proposal, fmt.Sprintf("#%d", s.PR.Number), check)
}

// report completes a check run of the commit.
func report(s proposal, about string, check effect.CheckRun) reconcile.Plan {
	check.Repo, check.Commit, check.Name = s.Repo, s.Commit, CheckName
	return reconcile.Plan{Reason: about + ": " + check.Verdict.Title, Effects: []effect.Effect{check}}
}

// judge says what is to be said of a commit that changes the policy file.
func judge(s proposal) effect.CheckRun {
	if !s.File.Found {
		return effect.CheckRun{Verdict: deleted(s)}
	}
	faults, online := faultsOf(s)
	check := effect.CheckRun{Annotations: annotations(faults, effect.Failure)}
	switch {
	case s.Proposed.Fault != nil:
		check.Verdict = broken(s)
	case len(s.Proposed.Unlisted) > 0:
		check.Verdict = unlisted(s)
	case online:
		check.Verdict = teamless(s, faults)
	default:
		check.Verdict = good(s)
	}
	check.Annotations = append(check.Annotations, annotations(lackingFaults(s), effect.Warning)...)
	check.Annotations = check.Annotations[:min(len(check.Annotations), config.MaxAnnotations)]
	return check
}

// faultsOf are the faults of the file itself, for its lines; online are those
// that only GitHub could tell.
func faultsOf(s proposal) (faults config.Faults, online bool) {
	if s.Proposed.Elsewhere && s.Proposed.Fault != nil {
		return config.Faults{s.Proposed.Here("the policy there has faults")}, false
	}
	if s.Proposed.Fault != nil {
		if !errors.As(s.Proposed.Fault, &faults) {
			faults = config.Faults{{Line: 1, Column: 1, Message: s.Proposed.Fault.Error()}}
		}
		return faults, false
	}
	faults = slices.Clone(s.Proposed.Unlisted)
	for _, e := range s.Teams.Entries {
		if e.gone() {
			faults = append(faults, s.teamFault(e, missingWords(s, e)))
		}
	}
	return faults, len(faults) > 0
}

func lackingFaults(s proposal) (faults config.Faults) {
	for _, e := range s.Teams.Entries {
		for _, a := range e.lacking() {
			faults = append(faults, s.teamFault(e, config.Wrong{What: fmt.Sprintf("there is no team %q yet, so nobody of this entry manages %s", a.Slug, a.Branch)}))
		}
	}
	return faults
}

// teamFault places what is wrong with a team: at its entry, or at the reference.
func (s proposal) teamFault(e teamEntry, w config.Wrong) config.Fault {
	if s.Proposed.Refers != nil {
		return s.Proposed.Here(w.Error())
	}
	return s.Proposed.Policy.ManagersFault(e.Index, &w)
}

func annotations(faults config.Faults, level effect.Level) []effect.Annotation {
	var list []effect.Annotation
	for _, a := range faults.Annotations(github.PolicyPath) {
		list = append(list, effect.Annotation{
			Path: a.Path, StartLine: a.StartLine, EndLine: a.EndLine, Level: level, Title: a.Title, Message: a.Message,
		})
	}
	return list
}
