package freeze

import (
	"fmt"
	"slices"
	"strings"

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
	case s.PR.State != github.Open:
		return reconcile.Plan{Why: fmt.Sprintf("#%d is %s", s.PR.Number, s.PR.State)}
	case !s.Policy.Governs(s.PR.Base):
		return takeBack(s)
	}
	f := s.facts(*s.PR)
	v, next := judge(f)
	plan := report(s, effect.CheckRun{Verdict: v, Fresh: s.Subject.why == rerun})
	plan.Effects = append(unlabel(s.Key.Repo, f), plan.Effects...)
	plan.Next = next
	return plan
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

// unlabel takes away exempting labels that were set by somebody who may not,
// and says so: once for each label and person.
func unlabel(repo github.Repo, f facts) []effect.Effect {
	var effects []effect.Effect
	for _, set := range f.Set {
		if set.May {
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
	at := facts{Now: s.Now, Policy: s.Policy, Settings: s.Settings, Freezes: s.Freezes}
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
