package releasenotes

import (
	"fmt"
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// Decide implements reconcile.Handler.
func (h *Handler) Decide(s Snapshot) reconcile.Plan {
	switch sub := s.Subject; {
	case !s.Policy.Exists():
		return reconcile.Plan{Why: "the repository has no policy, so nothing is governed"}
	case !s.on():
		return decideOff(s)
	case sub.group.Head != "":
		return decideGroup(s)
	case sub.number != 0:
		return decidePull(s)
	case sub.version != "":
		return decideRefresh(s)
	case sub.pushed != "":
		return spreadPush(s)
	}
	return spread(s)
}

// decideOff takes back what was reported on the open pull requests while the
// policy asked for notes: it would stay as it was for ever.
func decideOff(s Snapshot) reconcile.Plan {
	plan := reconcile.Plan{Why: "the policy asks for no release notes"}
	switch sub := s.Subject; {
	case sub.all:
		plan.Then = s.pullKeys(off, s.Open)
	case sub.why == off && s.PR != nil && s.PR.State == github.Open:
		plan.Effects = []effect.Effect{effect.CheckRun{
			Repo: s.Key.Repo, Number: s.PR.Number, Commit: s.PR.Head, Name: CheckName, Verdict: switchedOff(s), IfPresent: true,
		}}
	}
	return plan
}

// spreadPush names the notes that a push to a release's branch refreshes.
func spreadPush(s Snapshot) reconcile.Plan {
	var keys []reconcile.Key
	for _, of := range s.repositories() {
		to, err := s.targetOf(of)
		if err != nil {
			continue
		}
		for _, pr := range s.Proposed[to] {
			name := versionOfHead(of, to, pr.HeadRef)
			if v, ok := parseVersion(name); ok && pr.Author.Bot && fillVersion(s.Settings.Release.Branch, name, v) == string(s.Subject.pushed) {
				keys = append(keys, key(of, kindNotes+"/"+name))
			}
		}
	}
	return reconcile.Plan{Why: fmt.Sprintf("%d releases of %s whose notes are proposed", len(keys), s.Subject.pushed), Then: keys}
}

// decideRefresh brings the notes of a release up to date.
func decideRefresh(s Snapshot) reconcile.Plan {
	switch {
	case s.Problem != "":
		return reconcile.Plan{Why: "the notes can't be made: " + s.Problem}
	case s.Edition == nil:
		return reconcile.Plan{Why: "no pull request of ours proposes the notes of " + s.Subject.version}
	}
	return reconcile.Plan{Why: "the notes of " + s.Subject.version, Effects: s.Edition.effects()}
}

func decidePull(s Snapshot) reconcile.Plan {
	switch {
	case s.PR == nil:
		return reconcile.Plan{Why: fmt.Sprintf("branch %s is not governed", s.Sighted)}
	case len(s.Same) > 0: // its own, or others that it shares a head with
		return decideCommit(s)
	case s.PR.State != github.Open:
		return reconcile.Plan{Why: fmt.Sprintf("#%d is %s", s.PR.Number, s.PR.State)}
	}
	return takeBack(s)
}

// decideCommit reports on a commit for all pull requests that have it as their
// head: it may merge if each of them may.
func decideCommit(s Snapshot) reconcile.Plan {
	about := s.Same[0]
	v := judge(about)
	plan := reconcile.Plan{}
	for _, f := range s.Same {
		if other := judge(f); v.State == effect.Pass && other.State != effect.Pass {
			about, v = f, other
		}
		if f.unclear() {
			plan.Next = s.Now.Add(unclearPause)
		}
	}
	v.Detail += effect.SharedHead(about.PR, s.Same, func(f facts) github.PullRequest { return f.PR })
	if s.Subject.why != changed {
		// Two keys of one pull request may be worked at once, and the one that
		// writes last know less. This look comes after both.
		plan.Then = []reconcile.Key{key(s.Key.Repo, fmt.Sprintf("%s/%d", changed, s.PR.Number))}
	}
	plan.Why = fmt.Sprintf("#%d against %s: %s", about.PR.Number, about.PR.Base, v.Title)
	plan.Effects = []effect.Effect{effect.CheckRun{
		Repo: s.Key.Repo, Number: about.PR.Number, Commit: about.PR.Head, Name: CheckName, Verdict: v,
		Annotations: annotations(about.findings()), Fresh: s.Subject.why == rerun,
		// Of a policy that can't be read nobody knows whether it asks for notes:
		// what was reported no longer holds, and nothing new is begun.
		IfPresent: about.Policy.Policy == nil,
	}}
	return plan
}

// unclearPause is when to look again who set a label.
const unclearPause = time.Minute

// unclear reports whether a verdict rests on what nobody can tell yet.
func (f facts) unclear() bool {
	return f.Label.Unclear || f.Box.Unclear || slices.ContainsFunc(f.Sources, func(s source) bool { return s.Label.Unclear })
}

// takeBack is for a pull request of an ungoverned branch. Only one that has just
// been moved there can have a check of ours that is no longer true.
func takeBack(s Snapshot) reconcile.Plan {
	why := fmt.Sprintf("branch %s is not governed", s.PR.Base)
	if s.Subject.why != moved {
		return reconcile.Plan{Why: why}
	}
	return reconcile.Plan{Why: why, Effects: []effect.Effect{effect.CheckRun{
		Repo: s.Key.Repo, Number: s.PR.Number, Commit: s.PR.Head, Name: CheckName, Verdict: notConcerned(s.PR.Base), IfPresent: true,
	}}}
}

// decideGroup says of what a merge queue has built whether each pull request in
// it may merge.
func decideGroup(s Snapshot) reconcile.Plan {
	g := s.Subject.group
	if !s.Policy.Governs(g.Branch) {
		return reconcile.Plan{Why: fmt.Sprintf("branch %s is not governed", g.Branch)}
	}
	v := groupVerdict(s.Same, s.Complete)
	if s.Policy.Policy == nil {
		v = brokenPolicy(facts{Policy: s.Policy})
	}
	plan := reconcile.Plan{Why: fmt.Sprintf("merge group %s for %s: %s", effect.Short(g.Head), g.Branch, v.Title), Effects: []effect.Effect{effect.CheckRun{
		Repo: s.Key.Repo, Commit: g.Head, Name: CheckName, Verdict: v, ExternalID: s.Key.ID,
	}}}
	if slices.ContainsFunc(s.Same, facts.unclear) {
		plan.Next = s.Now.Add(unclearPause)
	}
	return plan
}

// spread hands a change of the policy, or of a commit, on to the pull requests,
// each of which is worked under its own key.
func spread(s Snapshot) reconcile.Plan {
	open, why, about := s.Open, changed, "on governed branches"
	if commit := s.Subject.commit; commit != "" {
		why, about = rerun, "with the head "+effect.Short(commit)
		open = slices.DeleteFunc(slices.Clone(open), func(pr github.PullRequest) bool { return pr.Head != commit })
	}
	keys := s.pullKeys(why, open)
	return reconcile.Plan{Why: fmt.Sprintf("%d open pull requests %s to look at again", len(keys), about), Then: keys}
}
