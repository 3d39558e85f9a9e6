package freeze

import (
	"fmt"
	"slices"
	"strings"
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
	case sub.freezes:
		return upkeep(s)
	case sub.notice != 0:
		return passOn(s)
	case sub.tell != 0:
		return tell(s)
	case sub.lost != 0:
		return restore(s)
	case sub.group.Head != "":
		return decideGroup(s)
	case sub.preview != "":
		return reconcile.Plan{Why: previewLine(s)}
	case sub.number != 0:
		return decidePull(s)
	}
	return spread(s)
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
	v, next := judge(about)
	plan := reconcile.Plan{Next: next}
	for _, f := range s.Same[1:] {
		other, again := judge(f)
		if v.State == effect.Pass && other.State != effect.Pass {
			about, v = f, other
		}
		if !again.IsZero() {
			plan.Next = sooner(plan.Next, again)
		}
	}
	for _, f := range s.Same {
		if slices.ContainsFunc(f.Set, func(l labelled) bool { return l.Unclear }) {
			plan.Next = sooner(plan.Next, s.Now.Add(unclearPause))
		}
	}
	if s.Subject.why != changed {
		// Two keys of one pull request may be worked at once, and the one that
		// writes last know less. This look comes after both.
		plan.Then = []reconcile.Key{pullKey(s.Key.Repo, changed, s.PR.Number)}
	}
	v.Detail += effect.SharedHead(about.PR, s.Same, func(f facts) github.PullRequest { return f.PR })
	plan.Why = fmt.Sprintf("#%d against %s: %s", about.PR.Number, about.PR.Base, v.Title)
	plan.Effects = []effect.Effect{effect.CheckRun{
		Repo: s.Key.Repo, Number: about.PR.Number, Commit: about.PR.Head, Name: CheckName, Verdict: v, Fresh: s.Subject.why == rerun,
	}}
	for _, f := range s.Same {
		plan.Effects = append(plan.Effects, unlabel(s.Key.Repo, f)...)
	}
	return plan
}

// unclearPause is when to look again who set a label.
const unclearPause = time.Minute

// sooner is the earlier of two instants, of which the first may be zero for never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// takeBack is for a pull request of an ungoverned branch. Only one that has just
// been moved there can have a check of ours that is no longer true.
func takeBack(s Snapshot) reconcile.Plan {
	if s.Subject.why != moved {
		return reconcile.Plan{Why: fmt.Sprintf("branch %s is not governed", s.PR.Base)}
	}
	v := notConcerned(s.PR.Base)
	return reconcile.Plan{
		Why: fmt.Sprintf("#%d against %s: %s", s.PR.Number, s.PR.Base, v.Title),
		Effects: []effect.Effect{effect.CheckRun{
			Repo: s.Key.Repo, Number: s.PR.Number, Commit: s.PR.Head, Name: CheckName, Verdict: v, IfPresent: true,
		}},
	}
}

// unlabel takes away exempting labels that were set by somebody who may not,
// and says so: once for each label and person.
func unlabel(repo github.Repo, f facts) []effect.Effect {
	var effects []effect.Effect
	for _, set := range f.Set {
		if set.May || set.Unclear {
			continue
		}
		effects = append(effects,
			effect.Unlabel{Repo: repo, Number: f.PR.Number, Label: set.Label},
			effect.Comment{
				Repo: repo, Number: f.PR.Number,
				Mark: effect.Mark{Kind: "label", ID: fmt.Sprintf("%s by %d", strings.ToLower(set.Label), set.By.ID)},
				Body: labelRefused(f, set),
			})
	}
	return effects
}

// spread hands a change of a branch on to its pull requests, each of which is
// worked under its own key, in the order of the list.
func spread(s Snapshot) reconcile.Plan {
	open, why, about := s.Open, changed, "on governed branches"
	if commit := s.Subject.commit; commit != "" {
		why, about = rerun, "with the head "+effect.Short(commit)
		open = slices.DeleteFunc(slices.Clone(open), func(pr github.PullRequest) bool { return pr.Head != commit })
	}
	keys := governedKeys(s.Key.Repo, why, s.Policy, open)
	return reconcile.Plan{Why: fmt.Sprintf("%d open pull requests %s to look at again", len(keys), about), Then: keys}
}

// decideGroup reports on the commit that a merge queue wants to put on a branch:
// it may, if each of its pull requests may.
func decideGroup(s Snapshot) reconcile.Plan {
	g := s.Subject.group
	if !s.Policy.Governs(g.Branch) {
		return reconcile.Plan{Why: fmt.Sprintf("branch %s is not governed", g.Branch)}
	}
	v := judgeGroup(s)
	return reconcile.Plan{
		Why: fmt.Sprintf("merge group %s for %s: %s", effect.Short(g.Head), g.Branch, v.Title),
		Effects: []effect.Effect{effect.CheckRun{
			Repo: s.Key.Repo, Commit: g.Head, Name: CheckName, Verdict: v, ExternalID: s.Key.ID,
		}},
	}
}

func judgeGroup(s Snapshot) effect.Verdict {
	at := facts{Now: s.Now, Policy: s.Policy, Settings: s.Settings, Freezes: s.Freezes, Calendar: s.Calendar}
	at.PR.Base = s.Subject.group.Branch
	if s.Policy.Policy == nil || len(at.held()) == 0 {
		v, _ := judge(at)
		return v
	}
	var blocked []memberVerdict
	var through []memberVerdict
	for _, f := range s.Members.facts {
		v, _ := judge(f)
		if v.State == effect.Pass {
			through = append(through, memberVerdict{f.PR, v})
		} else {
			blocked = append(blocked, memberVerdict{f.PR, v})
		}
	}
	return groupVerdict(at, blocked, through, s.Members.complete)
}

// memberVerdict is what was found of one pull request of a group.
type memberVerdict struct {
	pr github.PullRequest
	v  effect.Verdict
}
