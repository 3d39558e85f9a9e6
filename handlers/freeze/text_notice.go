package freeze

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file holds what people are told without having asked: on the freeze's
// issue, and on a pull request whose label was taken away.

func beginNotice(f Freeze, s tellFacts) string {
	held, n := pullList(s.Pulls, blocks)
	through, m := pullList(s.Pulls, passes)
	var b strings.Builder
	fmt.Fprintf(&b, "**The freeze has begun.** %s %s frozen%s until %s. It holds back %s.\n",
		sentence(f.names()), is(f.number()), f.onlyFor(), untilText(f.Until, s.Policy), count(n, "open pull request"))
	if n > 0 {
		b.WriteString("\n" + held)
	}
	if m > 0 {
		fmt.Fprintf(&b, "\nIt lets %s through, by exception or exemption:\n\n%s", count(m, "pull request"), through)
		if len(f.tideBranches(s.Settings)) > 0 {
			b.WriteString("\nTide merges none of them while this issue stops it: they are merged by hand.\n")
		}
	}
	if n := len(s.Groups); n > 0 {
		fmt.Fprintf(&b, "\n%s in the merge queue %s being held back, too.", count(n, "group"), is(n))
	}
	b.WriteString("\nWhat is merged or pushed all the same, from a queue in this very moment or past the check, is told here, and listed when the freeze ends.")
	return b.String()
}

func setNotice(f Freeze, p config.Loaded) string {
	return fmt.Sprintf("**A freeze is set.** %s %s open until %s, and then frozen%s until %s. The checks of the open pull requests say so.",
		sentence(f.names()), is(f.number()), instantIn(f.Since, p), f.onlyFor(), untilText(f.Until, p))
}

// onlyFor says which pull requests a freeze is for, behind "frozen"; "" for all.
func (r Record) onlyFor() string {
	if !r.partial() {
		return ""
	}
	return " for each pull request" + r.scope() + ","
}

func endNotice(f Freeze, s tellFacts) string {
	_, still := pullList(s.Pulls, blocks)
	_, free := pullList(s.Pulls, passes)
	end := f.Until
	if f.End != nil {
		end = f.End.At
	}
	if !end.After(f.Since) {
		return "**The freeze was taken back before it began.** Nothing was held back.\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "**The freeze is over**, after %s. %s", lasted(end.Sub(f.Since)), freed(free))
	if still > 0 {
		fmt.Fprintf(&b, "; %s %s held back by another freeze", count(still, "other"), is(still))
	}
	b.WriteString(".\n")
	if f.End != nil && f.End.Why != "" {
		fmt.Fprintf(&b, "\nIt ended now because %s.\n", f.End.Why)
	}
	if len(f.Exemptions) > 0 {
		fmt.Fprintf(&b, "\nExemptions that were given:\n\n%s", exemptionTable(f.Exemptions, s.Policy))
	}
	b.WriteString(mergedText(f, s.Merged) + pushedText(s))
	return b.String()
}

// mergedText lists what was merged while the freeze held, and by what right.
func mergedText(f Freeze, merged []github.PullRequest) string {
	if len(merged) == 0 {
		return "\nNothing was merged meanwhile.\n"
	}
	var b strings.Builder
	b.WriteString("\nMerged meanwhile:\n\n")
	for i, pr := range merged {
		if i == maxListed {
			fmt.Fprintf(&b, "- and %d more\n", len(merged)-maxListed)
			break
		}
		right := "without an exemption: by an exception of the policy, as a proposal of Slipway's that was approved, from a merge queue, or past the check"
		if slices.ContainsFunc(f.Exemptions, func(e Exemption) bool { return e.Number == pr.Number && e.Commit == pr.Head }) {
			right = "by exemption"
		}
		fmt.Fprintf(&b, "- #%d %s (%s)\n", pr.Number, effect.Inert(pr.Title, 120), right)
	}
	return b.String()
}

// lasted shows a length of time in its two largest units.
func lasted(d time.Duration) string {
	d = max(d, 0).Round(time.Minute)
	days, hours, minutes := int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60
	switch {
	case days > 0 && hours > 0:
		return count(days, "day") + " and " + count(hours, "hour")
	case days > 0:
		return count(days, "day")
	case hours > 0 && minutes > 0:
		return count(hours, "hour") + " and " + count(minutes, "minute")
	case hours > 0:
		return count(hours, "hour")
	case minutes > 0:
		return count(minutes, "minute")
	}
	return "less than a minute"
}

func thawNotice(f Freeze, branches []string, s tellFacts) string {
	_, free := pullList(s.Pulls, passes)
	by := ""
	for _, t := range f.Thaws {
		if slices.Contains(branches, string(t.Branch)) {
			by = " by " + effect.Who(t.By)
		}
	}
	return fmt.Sprintf("**%s %s thawed**%s; the rest of this freeze goes on. %s.",
		effect.Codes(branches), is(len(branches)), by, freed(free))
}

// freed says how many pull requests an end of a freeze lets go.
func freed(n int) string {
	if n == 0 {
		return "No open pull request was waiting for that"
	}
	return count(n, "open pull request") + " may merge again"
}

func alteredNotice(f Freeze) string {
	claimed := "BRANCH"
	if len(f.Branches) > 0 {
		claimed = strings.Join(f.Branches, " ")
	}
	return fmt.Sprintf("The record at the top of this issue was changed by hand, and Slipway doesn't remember how it was. "+
		"What is frozen is unknown now, so every governed branch of this repository is held back.\n\n"+
		"**Next step:** a release manager says it anew: %s seals the freeze again, %s ends it.",
		effect.Code("/release freeze "+claimed), effect.Code("/release thaw "+claimed))
}

func editedNotice(f Freeze) string {
	return fmt.Sprintf("This issue was edited by hand. Slipway reads the freeze from it, so it was put back as it was; the freeze was in force all the time.\n\n"+
		"**Next step:** to change a freeze, a release manager uses commands: %s, %s or %s. To add something for people to read, comment.",
		effect.Code("/release freeze BRANCH"), effect.Code("/release thaw BRANCH"), effect.Code("/release exempt REASON"))
}

func closingUndone(f Freeze, c closer, p config.Loaded) string {
	subject := "Whoever closed this issue"
	if c.Who.Login != "" {
		subject = effect.Code(c.Who.Login)
	}
	var branch release.Branch
	if len(f.Branches) > 0 {
		branch = release.Branch(f.Branches[0])
	}
	if c.Linked {
		return fmt.Sprintf("This issue was closed by something that %s merged or pushed and that says that it fixes it, not by hand. "+
			"That doesn't end the freeze, and it is open again. The freeze was in force all the time.\n\n"+
			"**Next step:** to end the freeze, a release manager comments %s, or closes this issue by hand.", subject, effect.Code("/release thaw BRANCH"))
	}
	role, who := "a release manager", managers(p, branch)
	if len(f.Owners) > 0 {
		role, who = "one of those who decide about this freeze", effect.Members(f.Owners)
	}
	return fmt.Sprintf("%s is not %s of %s, so closing this issue doesn't end the freeze, and it is open again. The freeze was in force all the time.\n\n"+
		"**Next step:** ask those who decide: %s. One of them comments %s, or closes this issue.",
		subject, role, f.names(), who, effect.Code("/release thaw BRANCH"))
}

func notAgain(f Freeze, p config.Loaded) string {
	var branch release.Branch
	if len(f.Branches) > 0 {
		branch = release.Branch(f.Branches[0])
	}
	again := "/release freeze BRANCH REASON"
	switch {
	case f.All:
		again = "/release freeze all REASON"
	case !slices.ContainsFunc(f.Branches, isPattern):
		again = "/release freeze " + strings.Join(f.Branches, " ") + " REASON"
	}
	return fmt.Sprintf("**This doesn't freeze again.** The freeze of %s is over, and whoever opens its issue again changes nothing about that. So it is closed again.\n\n"+
		"**Next step:** to freeze again, a release manager comments %s, which opens a new issue. Those who decide: %s.",
		f.names(), effect.Code(again), managers(p, branch))
}

func labelRefused(f known, set labelled) string {
	subject := effect.Code(set.By.Login)
	if set.By.Login == "" {
		subject = "Whoever set it"
	}
	return fmt.Sprintf("The label %s lets a pull request through a code freeze, so only the release managers of %s may set it. "+
		"%s is not one of them, and it was taken away.\n\n"+
		"**Next step:** ask one of them to set it, or to comment %s: %s.",
		effect.Code(set.Label), effect.Code(string(f.PR.Base)), subject, effect.Code("/release exempt REASON"), managers(f.Policy, f.PR.Base))
}
