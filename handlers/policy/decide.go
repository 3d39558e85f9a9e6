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

// Decide implements reconcile.Handler.
func (h *Handler) Decide(s Snapshot) reconcile.Plan {
	switch sub := s.Subject; {
	case sub.branch != "":
		return decideBranch(s)
	case !s.holds() && sub.why != rerun && s.Policy.Exists():
		return reconcile.Plan{Why: fmt.Sprintf("the policy of this repository stands in %s", s.Policy.Repo)}
	case !s.holds() && sub.why != rerun:
		return reconcile.Plan{Why: "the repository has no policy"}
	case sub.number != 0:
		return decidePull(s)
	}
	return spread(s)
}

func decidePull(s Snapshot) reconcile.Plan {
	switch {
	case s.PR == nil:
		return reconcile.Plan{Why: fmt.Sprintf("%s is not the default branch, from which policies are read", s.Sighted)}
	case s.PR.State != github.Open:
		return reconcile.Plan{Why: fmt.Sprintf("#%d is %s", s.PR.Number, s.PR.State)}
	case s.PR.Base != s.Default:
		return takeBack(s, notRead(s), fmt.Sprintf("%s is not the default branch, from which policies are read", s.PR.Base))
	case !s.Touches, !s.File.Found && !s.holds():
		return takeBack(s, untouched(), fmt.Sprintf("#%d leaves the policy file alone", s.PR.Number))
	}
	return report(s, judge(s))
}

func decideBranch(s Snapshot) reconcile.Plan {
	b := s.Subject.branch
	switch {
	case s.holds():
		return reconcile.Plan{Why: "this repository has a policy file, so its pull requests are looked at, not its branches"}
	case s.Policy.Policy != nil && s.Policy.Governs(b):
		return reconcile.Plan{Why: fmt.Sprintf("%s is a governed branch, which proposes nothing", b)}
	case s.Commit == "":
		return reconcile.Plan{Why: fmt.Sprintf("there is no branch %s any more", b)}
	case !s.File.Found:
		return reconcile.Plan{Why: fmt.Sprintf("%s has no policy file", b)}
	}
	return report(s, judge(s))
}

// takeBack is for a commit that the check isn't about, or no longer. Only where
// somebody moved the pull request or asked again can there be a check of ours.
func takeBack(s Snapshot, v effect.Verdict, why string) reconcile.Plan {
	if s.Subject.why == changed {
		return reconcile.Plan{Why: why}
	}
	plan := report(s, effect.CheckRun{Verdict: v, IfPresent: true})
	plan.Why = why
	return plan
}

// report completes a check run of the commit.
func report(s Snapshot, check effect.CheckRun) reconcile.Plan {
	check.Repo, check.Commit, check.Name = s.Key.Repo, s.Commit, CheckName
	check.Fresh = s.Subject.why == rerun || s.Subject.why == again
	about := "branch " + string(s.Subject.branch)
	if s.PR != nil {
		check.Number = s.PR.Number
		about = fmt.Sprintf("#%d", s.PR.Number)
	} else {
		check.ExternalID = pushed + "/" + string(s.Subject.branch)
	}
	return reconcile.Plan{Why: about + ": " + check.Verdict.Title, Effects: []effect.Effect{check}}
}

// judge says what is to be said of a commit that changes the policy file.
func judge(s Snapshot) effect.CheckRun {
	if !s.File.Found {
		return effect.CheckRun{Verdict: deleted(s)}
	}
	faults, online := faultsOf(s)
	check := effect.CheckRun{Annotations: annotations(faults, effect.Failure)}
	switch {
	case s.Proposed.Fault != nil:
		check.Verdict = broken(s)
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
func faultsOf(s Snapshot) (faults config.Faults, online bool) {
	if s.Proposed.Elsewhere && s.Proposed.Fault != nil {
		return config.Faults{s.Proposed.Here("the policy there has faults")}, false
	}
	if s.Proposed.Fault != nil {
		if !errors.As(s.Proposed.Fault, &faults) {
			faults = config.Faults{{Line: 1, Column: 1, Message: s.Proposed.Fault.Error()}}
		}
		return faults, false
	}
	for _, e := range s.Teams.Entries {
		if e.gone() {
			faults = append(faults, s.teamFault(e, missingWords(s, e)))
		}
	}
	return faults, len(faults) > 0
}

func lackingFaults(s Snapshot) (faults config.Faults) {
	for _, e := range s.Teams.Entries {
		for _, a := range e.lacking() {
			faults = append(faults, s.teamFault(e, config.Wrong{What: fmt.Sprintf("there is no team %q yet, so nobody of this entry manages %s", a.Slug, a.Branch)}))
		}
	}
	return faults
}

// teamFault places what is wrong with a team: at its entry, or at the reference.
func (s Snapshot) teamFault(e teamEntry, w config.Wrong) config.Fault {
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

// spread hands a change of the policy in force, or of a commit, on to the pull
// requests, each of which is worked under its own key.
func spread(s Snapshot) reconcile.Plan {
	open, why, about := s.Open, changed, "that could change the policy file"
	if commit := s.Subject.commit; commit != "" {
		why, about = rerun, "with the head "+effect.Short(commit)
		open = slices.DeleteFunc(slices.Clone(open), func(pr github.PullRequest) bool { return pr.Head != commit })
	}
	return reconcile.Plan{
		Why:  fmt.Sprintf("%d open pull requests %s to look at again", len(open), about),
		Then: pullKeys(s.Key.Repo, why, open),
	}
}
