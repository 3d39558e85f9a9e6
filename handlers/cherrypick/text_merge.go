package cherrypick

import (
	"fmt"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// This file holds what is said of merging a pick, and of its branch.

// openLine is what is said of a pick that is open, and of whether GitHub merges it.
func openLine(s Snapshot) string {
	p, m := *s.Pick.Pull, s.Pick.Merge
	text := openText(p)
	switch {
	case p.Draft:
		return text
	case m.Asked == somebodys:
		return fmt.Sprintf("#%d is **open**, and GitHub merges it once its required checks are green, as %s has asked it to.", p.Number, effect.Code(m.By.Login))
	case s.Settings.AutoMerge == NoAutoMerge || !s.Pick.Labelled || !s.Pick.May || s.impossible() != "":
		return text
	case m.Queued:
		return fmt.Sprintf("#%d is **open**, and in the merge queue.", p.Number)
	}
	on, off := s.merging()
	switch {
	case m.Asked == ours && !off && m.Rules.Queue:
		return fmt.Sprintf("#%d is **open**, and GitHub puts it into the merge queue once its required checks are green.", p.Number)
	case m.Asked == ours && !off:
		return fmt.Sprintf("#%d is **open**, and GitHub merges it once its required checks are green.", p.Number)
	case on:
		return text
	}
	return text + notMerged(s)
}

// notMerged says why GitHub doesn't merge a pick by itself though the policy wants it, and
// what to do; "" where that isn't settled yet.
func notMerged(s Snapshot) string {
	p, m, branch := s.Pick.Pull, s.Pick.Merge, effect.Code(s.Subject.name)
	why, next := "", "merge it by hand"
	switch {
	case p.Record.Outcome == effect.PickConflict:
		return " So it isn't merged by itself. **Next step:** merge it by hand."
	case !p.Intact:
		why = "somebody has edited what Slipway wrote into its description"
	case !p.untouched():
		why = "somebody has pushed to it"
	case m.Held != "":
		why, next = m.Held, "none; once merges are possible again, this goes on by itself"
	case m.Rules.Unclear != "":
		why, next = m.Rules.Unclear, "have the App's permissions on that repository looked at, or merge it by hand"
	case len(m.Lacks) > 0:
		why = fmt.Sprintf("%s isn't a required check on %s, so GitHub would merge without it", effect.Code(m.Lacks[0]), branch)
		next = "have an administrator require it in the rule of that branch, or merge it by hand"
	case s.doubted():
		why = "the check `slipway/release-branch` says: " + effect.Inert(m.Faith.Says, maxSays)
		next = "see that check"
	case m.Stopped != nil && m.Stopped.Kind == "removed_from_merge_queue":
		why, next = effect.Code(m.Stopped.By.Login)+" has taken it out of the merge queue", "put it there again"
	case m.Stopped != nil:
		why, next = effect.Code(m.Stopped.By.Login)+" has switched auto-merge off", "switch it on there, or merge it by hand"
	case m.Again:
		why = "GitHub has switched auto-merge off again and again"
	case m.Refused != "":
		return " It isn't merged by itself: " + m.Refused + "."
	default:
		return ""
	}
	return fmt.Sprintf(" It isn't merged by itself, since %s. **Next step:** %s.", why, next)
}

// maxSays is how much of a check's title is shown, in characters.
const maxSays = 200

// branchStays says why the branch of a pick that is merged or closed isn't deleted; "" where it
// is, or nobody wants it to be.
func branchStays(s Snapshot) string {
	b := s.Pick.Branch
	if b.Why == "" {
		return ""
	}
	return fmt.Sprintf(" Its branch %s stays: %s.", effect.Code(string(s.head())), b.Why)
}

func pushedSince() string { return "somebody else has pushed to it" }

func editedSince() string {
	return "somebody has edited what Slipway wrote into the description, so it is unknown whose commits are there"
}

func usedBy(p github.PullRequest) string {
	return fmt.Sprintf("#%d, which is open, needs it", p.Number)
}
