package cherrypick

import (
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file holds what is said of picks before they are made.

// maxForetold is how many files, and how many commits, a line names.
const maxForetold = maxNeeds

// foretold says what a pick would come to, as the rest of "it ...".
func foretold(f foresight) string {
	switch f.Outcome {
	case effect.PickClean:
		return "would be **clean**"
	case effect.PickContains:
		return "would change nothing, because the branch has it **already**"
	case effect.PickNothing:
		return "would change nothing, because the policy **leaves out** all that it changes (`cherrypick.leave_out`)"
	}
	return "would **conflict** in " + conflictsIn(f.Conflicts)
}

func conflictsIn(all []effect.Conflict) string {
	var list []string
	for i, c := range all {
		if i == maxForetold {
			list = append(list, "and "+count(len(all)-maxForetold, "path")+" more")
			break
		}
		list = append(list, fmt.Sprintf("%s (%s)", effect.Code(effect.Cut(c.Path, 120)), c.Kind))
	}
	return strings.Join(list, ", ")
}

// lackedText names what the branch lacks for a pick that would conflict.
func lackedText(f foresight) string {
	switch {
	case f.Outcome != effect.PickConflict:
		return ""
	case f.Unsearched:
		return " What the branch lacks for it couldn't be found out."
	case len(f.Needs) == 0:
		return ""
	}
	var list []string
	for _, n := range f.Needs {
		one := effect.Code(effect.Short(n.Commit))
		if n.PR != 0 {
			one = fmt.Sprintf("#%d", n.PR)
		}
		if n.Pick != "" {
			one += " (" + n.Pick + ")"
		}
		if !slices.Contains(list, one) { // one may have brought several
			list = append(list, one)
		}
	}
	if n := len(list) - maxForetold; n > 0 || f.More {
		list = append(list[:min(len(list), maxForetold)], "and more")
	}
	return " The branch lacks what touches the same lines: " + strings.Join(list, ", ") + "."
}

// nowText is what the line about a pick that waits for the merge says of it.
func nowText(s Snapshot) string {
	f := s.Pick.Foreseen
	switch {
	case f == nil || f.Cannot != "":
		return ""
	case f.Unknown != "":
		return " What it would come to now is unknown, because " + f.Unknown + "."
	}
	text := " Now it " + foretold(*f) + "." + lackedText(*f)
	if f.Outcome != effect.PickNothing {
		text += leftNote(f.Left)
	}
	return text
}

func dryBegin(s Snapshot) string {
	return "**dry run**, asked for by " + effect.Code(s.Pick.Dry.By)
}

// dryPending stands until it was looked at.
func dryPending(s Snapshot) string { return dryBegin(s) + ": it is being looked at." }

// dryText is the part about a dry run.
func dryText(s Snapshot) string {
	f, next := s.Pick.Foreseen, " **Next step:** to have it picked, "+again(s.Subject.name)+"."
	kept := fmt.Sprintf(" Nothing was picked; this line is kept up to date until %s.", s.Pick.Dry.until().UTC().Format("2 January 2006"))
	switch {
	case s.PR.State != github.Open && !s.PR.Merged:
		return dryBegin(s) + ": this pull request was closed without being merged, so there is nothing to pick." + kept
	case f.Cannot != "":
		return dryBegin(s) + ": " + impossibleText(f.Cannot)
	case f.Unknown != "":
		return dryBegin(s) + ": what it would come to is unknown, because " + f.Unknown + "." + kept
	}
	text := fmt.Sprintf("%s: at %s it %s.%s", dryBegin(s), effect.Code(effect.Short(f.Onto)), foretold(*f), lackedText(*f))
	if f.Head != "" {
		text += fmt.Sprintf(" Its head %s was taken as one change, as a squash lands it.", effect.Code(effect.Short(f.Head)))
	}
	if f.Outcome == effect.PickContains || f.Outcome == effect.PickNothing {
		next = ""
	} else {
		text += leftNote(f.Left)
	}
	return text + kept + next
}

func dryHead() string {
	return "A dry run picks nothing. What each would come to is said in the status comment, and kept up to date:\n"
}

func dryReply(s Snapshot, n namedBranch) string {
	switch {
	case n.Why != "":
		return impossibleText(n.Why)
	case !s.saysAlready():
		return "is being looked at."
	case s.Pick.Pull != nil && s.Pick.Pull.State == github.Open:
		return fmt.Sprintf("#%d is open already.", s.Pick.Pull.Number)
	}
	return "was asked for already, and its line says what it would come to."
}

// Why nobody can tell what a pick would come to, each as a phrase.

func notForeseen() string {
	return "looking at it failed; that is tried again within the hour"
}

func noBranchYet() string { return "there is no such branch in this repository yet" }

func noMergeBase(base release.Branch) string {
	return "its head and " + effect.Code(string(base)) + " have no history in common"
}

func unclearForesight(base release.Branch, why string) string {
	if why == "" {
		return ""
	}
	return fmt.Sprintf("what it alone changed on %s can't be told with certainty. %s", effect.Code(string(base)), strings.TrimSuffix(why, "."))
}

func unforeseen(o effect.PickOutcome) string {
	switch o {
	case effect.PickNoBranch:
		return noBranchYet()
	case effect.PickNoCommit:
		return "GitHub doesn't give out its commits"
	case effect.PickNoAccess:
		return "git gets no access to the repository"
	case effect.PickTooLarge:
		return "the change is too large to be tried before it is merged"
	}
	return ""
}
