package releasebranch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// Decide implements reconcile.Handler.
func (h *Handler) Decide(s Snapshot) reconcile.Plan {
	switch {
	case !s.Policy.Exists():
		return reconcile.Plan{Why: "the repository has no policy"}
	case slices.Contains([]string{everything, kindCommit, kindBranch}, s.Subject.kind):
		return spread(s)
	case s.Subject.kind == kindGroup:
		return decideGroup(s)
	case s.Sighted != "":
		return reconcile.Plan{Why: fmt.Sprintf("%s is not governed", s.Sighted)}
	case len(s.Same) == 0:
		return takeBack(s)
	}
	return decidePull(s)
}

// spread names the checks that have to be looked at.
func spread(s Snapshot) reconcile.Plan {
	kind, which := changed, func(github.PullRequest) bool { return true }
	if s.Subject.kind == kindCommit {
		kind, which = rerun, func(pr github.PullRequest) bool { return pr.Head == s.Subject.commit }
	}
	keys := pullKeys(s.Key.Repo, s.Policy, s.Open, kind, which)
	return reconcile.Plan{Why: fmt.Sprintf("%d open pull requests of governed branches to look at", len(keys)), Then: keys}
}

// takeBack makes a check that is there neutral on a pull request that was moved
// to a branch which isn't governed.
func takeBack(s Snapshot) reconcile.Plan {
	if s.Subject.kind != moved || s.PR.State != github.Open {
		return reconcile.Plan{Why: "no open pull request of a governed branch"}
	}
	return reconcile.Plan{Why: fmt.Sprintf("it was moved to %s, which is not governed", s.PR.Base), Effects: []effect.Effect{effect.CheckRun{
		Repo: s.Key.Repo, Number: s.PR.Number, Commit: s.PR.Head, Name: CheckName, Verdict: notGoverned(s.PR.Base), IfPresent: true,
	}}}
}

// judged is a pull request with its verdict.
type judged struct {
	facts
	assessment
	effect.Verdict
}

func judge(f facts) judged {
	j := judged{facts: f}
	if f.Policy.Policy == nil {
		j.Verdict = brokenPolicy(f.Policy)
		return j
	}
	j.assessment = assess(f)
	j.Verdict = verdict(f, j.assessment)
	return j
}

// decidePull plans the check on a commit: the strictest of what is to be said of
// the pull requests that have it.
func decidePull(s Snapshot) reconcile.Plan {
	var all []judged
	for _, f := range s.Same {
		all = append(all, judge(f))
	}
	about := all[0]
	for _, j := range all[1:] {
		if about.State == effect.Pass && j.State != effect.Pass {
			about = j
		}
	}
	if len(all) > 1 {
		about.Detail += sharedHead(all)
	}
	plan := reconcile.Plan{Why: strings.Join(append([]string{about.Title}, about.Causes...), ": "), Effects: []effect.Effect{effect.CheckRun{
		Repo: s.Key.Repo, Number: about.PR.Number, Commit: about.PR.Head, Name: CheckName, Verdict: about.Verdict,
		Annotations: annotations(about.facts), Fresh: s.Subject.kind == rerun,
	}}}
	for _, j := range all {
		if j.Part.Altered {
			plan.Effects = append(plan.Effects, putBack(j.facts))
		}
		if len(j.Ask) > 0 {
			plan.Effects = append(plan.Effects, effect.Extras{Repo: s.Key.Repo, Number: j.PR.Number, OnPR: true, Teams: j.Ask})
		}
		if !j.Next.IsZero() && (plan.Next.IsZero() || j.Next.Before(plan.Next)) {
			plan.Next = j.Next
		}
	}
	return plan
}

// decideGroup says of what a merge queue has built whether each pull request in
// it may merge.
func decideGroup(s Snapshot) reconcile.Plan {
	g := s.Subject.group
	if !s.Policy.Governs(g.Branch) {
		return reconcile.Plan{Why: "the group's branch is not governed"}
	}
	v := brokenPolicy(s.Policy)
	if s.Policy.Policy != nil {
		var members []judged
		for _, f := range s.Same {
			members = append(members, judge(f))
		}
		v = groupVerdict(members, s.Complete)
	}
	return reconcile.Plan{Why: fmt.Sprintf("merge group %s for %s: %s", effect.Short(g.Head), g.Branch, v.Title), Effects: []effect.Effect{effect.CheckRun{
		Repo: s.Key.Repo, Commit: g.Head, Name: CheckName, Verdict: v, ExternalID: s.Key.ID,
	}}}
}

// verdict renders an assessment.
func verdict(f facts, a assessment) effect.Verdict {
	detail := detailText(f, a)
	switch {
	case f.override().Commit != "":
		return effect.Verdict{State: effect.Pass, Title: overriddenTitle(f.override()), Detail: detail}
	case a.passes():
		return effect.Verdict{State: effect.Pass, Title: passTitle(f, a), Detail: detail}
	}
	i := slices.IndexFunc(a.Rows, func(r row) bool { return r.Mark == lacks })
	return effect.Verdict{State: effect.Block, Title: a.Rows[i].Title, Detail: detail}
}

// maxAnnotations is how many differences are marked in the files.
const maxAnnotations = 20

// annotations mark where an adapted cherry-pick begins to differ, file by file.
func annotations(f facts) []effect.Annotation {
	if f.Found.Verdict != provenance.Adapted {
		return nil
	}
	var list []effect.Annotation
	for _, d := range f.Found.Beyond {
		if d.Line > 0 && len(list) < maxAnnotations {
			list = append(list, effect.Annotation{Path: d.Path, StartLine: d.Line, EndLine: d.Line, Level: effect.Notice,
				Title: "Not as in the source", Message: differsHere(f, d)})
		}
	}
	return list
}
