package gate

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// decide turns what the gates found into a plan. The error is of those that could
// not look; what the others say is no less true.
func decide(s snapshot) (reconcile.Plan, error) {
	switch s.subject.kind {
	case Group:
		return s.decideGroup()
	case Commit, Named, Branch, All:
		return s.spread(), nil
	}
	return s.decidePull()
}

const noPolicy = "the repository has no policy, so nothing is governed"

func (s snapshot) decidePull() (reconcile.Plan, error) {
	var plan reconcile.Plan
	var reasons []string
	var beside []effect.Effect // after all checks: none of them waits for a comment
	for _, f := range s.found {
		switch {
		case f.err != nil:
		case len(f.members) > 0:
			reasons = append(reasons, s.report(&plan, f))
			for _, m := range f.members {
				beside = append(beside, m.Effects...)
			}
		case f.reported, f.required:
			reasons = append(reasons, s.takeBack(&plan, f))
		}
	}
	plan.Effects = append(plan.Effects, beside...)
	gone, err := s.failed(len(reasons) > 0)
	reasons = append(reasons, gone...)
	if last := PullKey(s.key.Repo, s.subject.number); s.subject.kind != Pull && len(plan.Effects) > 0 {
		// A run that is asked for again is written whatever stands there, also by the older
		// of two looks. This one comes after both.
		plan.Enqueue = []reconcile.Key{last}
	}
	switch {
	case len(reasons) > 0:
		plan.Reason = strings.Join(reasons, "; ")
	case !s.policy.Exists():
		plan.Reason = noPolicy
	case s.sighted != "":
		plan.Reason = fmt.Sprintf("branch %s is not governed", s.sighted)
	case s.pr.State != github.Open:
		plan.Reason = fmt.Sprintf("#%d is %s", s.pr.Number, s.pr.State)
	default:
		plan.Reason = fmt.Sprintf("branch %s is not governed", s.pr.Base)
	}
	return plan, err
}

// report says on a commit what a gate says of the pull requests that have it as
// their head: it may merge if each of them may.
func (s snapshot) report(plan *reconcile.Plan, f found) string {
	about := f.members[0]
	for _, m := range f.members[1:] {
		if weight(m.State) > weight(about.State) {
			about = m
		}
	}
	v := about.Verdict.Verdict
	v.Detail += effect.SharedHead(about.PR, f.members, func(m Member) github.PullRequest { return m.PR })
	v.Detail += namesakeNote(f.gate.Check, s.namesakes)
	plan.Effects = append(plan.Effects, effect.CheckRun{
		Repo: s.key.Repo, Number: about.PR.Number, Commit: about.PR.Head, Name: f.gate.Check, Verdict: v,
		Annotations: about.Annotations, Fresh: s.subject.kind == Rerun, IfPresent: about.IfPresent,
	})
	for _, m := range f.members {
		plan.RequeueAt = reconcile.Sooner(plan.RequeueAt, m.RequeueAt)
		plan.Stale = append(plan.Stale, m.Stale...)
	}
	reason := about.Reason
	if reason == "" {
		reason = v.Title
	}
	return fmt.Sprintf("#%d against %s: %s", about.PR.Number, about.PR.Base, reason)
}

// maxApp is how much of an App's name is shown, in characters.
const maxApp = 100

// namesakeNote warns of other Apps that report under a check's name.
func namesakeNote(check string, namesakes []github.Namesake) string {
	var apps []string
	for _, n := range namesakes {
		if n.Check == check {
			apps = append(apps, effect.Inert(n.App, maxApp))
		}
	}
	if len(apps) == 0 {
		return ""
	}
	return fmt.Sprintf("\n\n**Another App reports on this commit under the name of this check, too**: %s. A rule that asks for %s and isn't bound to an App takes its word. "+
		"**Next step:** an administrator binds the required check to Slipway's App, in the rule of the branch, and finds out who made that run.",
		strings.Join(apps, ", "), effect.Code(check))
}

// takeBack is for what a gate reported that it doesn't judge any more.
func (s snapshot) takeBack(plan *reconcile.Plan, f found) string {
	v := f.gate.freed(s.policy, s.pr.Base)
	if f.off {
		v = f.gate.texts.Off(s.policy)
	}
	plan.Effects = append(plan.Effects, effect.CheckRun{
		Repo: s.key.Repo, Number: s.pr.Number, Commit: s.pr.Head, Name: f.gate.Check, Verdict: v, IfPresent: !f.required, Fresh: s.subject.kind == Rerun,
	})
	return fmt.Sprintf("#%d against %s: %s", s.pr.Number, s.pr.Base, v.Title)
}

// decideGroup reports on the commit that a merge queue wants to put on a branch: it
// may, if each of its pull requests may.
func (s snapshot) decideGroup() (reconcile.Plan, error) {
	g := s.subject.group
	if len(s.found) == 0 {
		return reconcile.Plan{Reason: fmt.Sprintf("branch %s is not governed", g.Branch)}, nil
	}
	var plan reconcile.Plan
	var reasons []string
	for _, f := range s.found {
		if f.err != nil {
			continue
		}
		for _, m := range f.members {
			plan.RequeueAt = reconcile.Sooner(plan.RequeueAt, m.RequeueAt)
		}
		reasons = append(reasons, fmt.Sprintf("merge group %s for %s: %s", effect.Short(g.Head), g.Branch, f.group.Title))
		plan.Effects = append(plan.Effects, effect.CheckRun{
			Repo: s.key.Repo, Commit: g.Head, Name: f.gate.Check, Verdict: f.group.Verdict, ExternalID: s.key.ID, IfPresent: f.group.IfPresent,
		})
	}
	gone, err := s.failed(len(reasons) > 0)
	plan.Reason = strings.Join(append(reasons, gone...), "; ")
	return plan, err
}

// spread hands a change of the policy, of a branch or of a commit on to the pull
// requests, each of which is worked under its own key, in the order of the list.
func (s snapshot) spread() reconcile.Plan {
	open, kind, about := s.open, Pull, "in all"
	if s.subject.kind == Commit {
		kind = Rerun
	}
	switch {
	case s.subject.commit != "":
		about = "with the head " + effect.Short(s.subject.commit)
		open = slices.DeleteFunc(slices.Clone(open), func(pr github.PullRequest) bool { return pr.Head != s.subject.commit })
	case s.subject.branch != "":
		about = "against " + string(s.subject.branch)
	}
	plan := reconcile.Plan{Reason: fmt.Sprintf("%d open pull requests %s to look at again", len(open), about)}
	for _, pr := range open {
		plan.Enqueue = append(plan.Enqueue, reconcile.Key{Handler: s.key.Handler, Repo: s.key.Repo, ID: PullID(kind, pr.Number)})
	}
	return plan
}

// failed is what kept gates from looking. If something is gone that one of them needs,
// that one says nothing until an event or a resync brings it back; only where nobody
// found anything the pull request itself is gone.
func (s snapshot) failed(judged bool) (gone []string, err error) {
	var all, others []error
	for _, f := range s.found {
		if f.err == nil {
			continue
		}
		one := fmt.Errorf("%s: %w", f.gate.Check, f.err)
		if all = append(all, one); errors.Is(one, reconcile.ErrGone) {
			gone = append(gone, one.Error())
		} else {
			others = append(others, one)
		}
	}
	if !judged && len(others) == 0 {
		return nil, errors.Join(all...)
	}
	return gone, errors.Join(others...)
}

// weight orders what is said of several pull requests: the gravest is told.
func weight(s effect.State) int {
	return slices.Index([]effect.State{effect.Pass, effect.Neutral, effect.Wait, effect.Block}, s)
}
