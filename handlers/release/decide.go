package release

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
	case s.Policy.Policy == nil && s.Policy.Fault != nil:
		return reconcile.Plan{Why: "the policy has faults, and no earlier version is good, so nobody knows where the trigger files are"}
	case s.Subject.versions:
		return follow(s)
	case s.Subject.reported, s.Subject.tagged:
		return reconcile.Plan{Why: fmt.Sprintf("%d tracking issues follow what may have happened here", len(s.Versions)), Then: s.Versions}
	case s.Subject.issues != "":
		return spreadIssues(s)
	case !s.Concerned:
		return reconcile.Plan{Why: "the policy names no trigger files and no traps in this repository"}
	case s.Subject.group.Head != "":
		v := groupVerdict(s)
		return reconcile.Plan{Why: v.Title, Effects: []effect.Effect{effect.CheckRun{
			Repo: s.Key.Repo, Commit: s.Subject.group.Head, Name: CheckName, Verdict: v,
		}}}
	case s.Subject.number != 0:
		return decidePull(s)
	}
	return spread(s)
}

// spread hands a change of a branch or of a commit on to the pull requests, each
// of which is worked under its own key.
func spread(s Snapshot) reconcile.Plan {
	open, why, about := s.Open, changed, "to look at again"
	if commit := s.Subject.commit; commit != "" {
		why, about = rerun, "with the head "+effect.Short(commit)
		open = slices.DeleteFunc(slices.Clone(open), func(pr github.PullRequest) bool { return pr.Head != commit })
	}
	return reconcile.Plan{Why: fmt.Sprintf("%d open pull requests %s", len(open), about), Then: append(pullKeys(s.Key.Repo, why, open), s.Versions...)}
}

// decidePull reports on a commit for all pull requests that have it as their
// head: the strictest of what is to be said of each.
func decidePull(s Snapshot) reconcile.Plan {
	if len(s.Same) == 0 {
		return reconcile.Plan{Why: fmt.Sprintf("#%d is %s", s.PR.Number, s.PR.State)}
	}
	about := s.Same[0]
	v := judgePull(about, s)
	for _, f := range s.Same[1:] {
		if other := judgePull(f, s); v.State == effect.Pass && other.State != effect.Pass {
			about, v = f, other
		}
	}
	v.Detail += effect.SharedHead(about.PR, s.Same, func(f pullFacts) github.PullRequest { return f.PR })
	plan := reconcile.Plan{
		Why: fmt.Sprintf("#%d against %s: %s", about.PR.Number, about.PR.Base, v.Title),
		Effects: []effect.Effect{effect.CheckRun{
			Repo: s.Key.Repo, Number: about.PR.Number, Commit: about.PR.Head, Name: CheckName, Verdict: v, Fresh: s.Subject.why == rerun,
			// Where there are traps alone, what is none has no check.
			IfPresent: !s.Settings.Triggers.in(s.Key.Repo) && v.State == effect.Pass,
		}},
	}
	for _, f := range s.Same {
		if f.unsure() {
			plan.Next = s.Now.Add(unsureWait)
		}
		if f.Trap != nil {
			plan.Effects = append(plan.Effects, trapComment(s.Key.Repo, f.PR.Number, *f.Trap))
		} else if s.Traps || s.Settings.trapsIn(s.Key.Repo) {
			plan.Effects = append(plan.Effects, freed(s.Key.Repo, f.PR.Number))
		}
		for _, c := range f.Changes {
			if c.Built == Unfinished || c.Built == BuildFailed { // no event of this pull request tells how it goes on
				plan.Next = soonest(plan.Next, s.Now.Add(lookWhileRunning))
			}
		}
	}
	return plan
}

// judgePull says what the merge of a pull request would start. What it must not
// do, whatever the files say, comes first: it can't be taken back.
func judgePull(f pullFacts, s Snapshot) effect.Verdict {
	switch {
	case f.Trap != nil:
		return trapped(*f.Trap)
	case !s.Settings.Triggers.in(s.Key.Repo):
		return notTrapped()
	case len(f.Changes) == 0:
		return untouched(s.Settings.Triggers)
	}
	var findings []judgedChange
	for _, c := range f.Changes {
		findings = append(findings, judgedChange{c, judgeChange(f, c, s.Settings.Triggers)})
	}
	v := verdict(f, findings)
	switch {
	case v.State != effect.Pass:
	case f.Torn:
		return torn(v)
	case f.Asked != nil && f.Approved == "":
		return notApproved(f, v)
	}
	return v
}

// judgedChange is a change with what is to be said of it.
type judgedChange struct {
	change
	Finding
}

func judgeChange(f pullFacts, c change, s Triggers) Finding {
	if c.Deleted {
		return Finding{Does: "deletes the file", Remarks: []Remark{{Refuse, "the file is deleted, which starts a job that finds no version", "Leave the file where it is."}}}
	}
	found := Judge(c.Trigger, s)
	if r := ofBlockers(c, found.Version, s); r.Grade != "" {
		found.Remarks = append(found.Remarks, r)
	}
	switch {
	case len(f.Changes) > 1:
		found.Remarks = append(found.Remarks, Remark{Refuse, "both trigger files change, so a build and its publish would start at once", "Propose the build alone, and publish what comes of it."})
	case len(f.Files.Paths) > 1 || !f.Files.Complete:
		found.Remarks = append(found.Remarks, Remark{Refuse, "other files change too, and whatever is merged with them starts the " + string(c.Purpose),
			"Propose the other files by themselves, before this one."})
	}
	return found
}
