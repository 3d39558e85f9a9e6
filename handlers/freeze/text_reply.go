package freeze

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file holds the answers to commands.

func noPolicy(p config.Loaded) string {
	if p.Fault == nil {
		return "This repository has no policy, so no branch is governed and nothing can be frozen. " +
			"A policy is the file `.github/slipway.yml` on the default branch, here or in the organisation's `.github` repository."
	}
	return fmt.Sprintf("[The policy](%s) has faults, so Slipway does nothing until they are mended:\n\n%s", p.URL, gate.Faults(p))
}

func notGoverned(f callFacts) string {
	odd := slices.DeleteFunc(slices.Clone(f.Args.branches), func(b release.Branch) bool { return f.Policy.Governs(b) })
	return fmt.Sprintf("%s is not a governed branch here, so it can't be frozen or thawed. The policy governs %s. Nothing was changed.",
		effect.Codes(branchNames(odd)), effect.Codes(f.Policy.Policy.Branches))
}

func noSuchBranch(f callFacts) string {
	return fmt.Sprintf("There is no branch %s in this repository. Nothing was changed.", effect.Codes(branchNames(f.Missing)))
}

func noBranches(f callFacts) string {
	if f.Call.Name == thawName {
		return "no governed branch is frozen here"
	}
	return "no branch here is governed; the policy governs " + effect.Codes(f.Policy.Policy.Branches)
}

func is(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func alreadyFrozen(already []Freeze, p config.Loaded) string {
	return "What you name is frozen already, for at least that long. Nothing was changed.\n" + alreadyList(already, p)
}

func alreadyList(already []Freeze, p config.Loaded) string {
	var b strings.Builder
	seen := map[int]bool{}
	for _, f := range already {
		if !seen[f.Issue] || f.Issue == 0 {
			seen[f.Issue] = true
			from := ""
			if !f.SetAt.IsZero() {
				from = " from " + instantIn(f.Since, p)
			}
			fmt.Fprintf(&b, "\n- %s: %s, frozen by %s%s until %s", freezeLine(f), f.names(), f.by(), from, untilText(f.Until, p))
		}
	}
	return b.String() + "\n"
}

func frozenReply(r Record, already []Freeze, p config.Loaded) string {
	if !r.SetAt.IsZero() {
		text := fmt.Sprintf("%s will be frozen from %s until %s. From then on the check %s of every open pull request against %s fails. Take it back with %s.",
			sentence(r.names()), instantIn(r.Since, p), untilText(r.Until, p), effect.Code(CheckName), pronoun(r.patterns()), effect.Code(thawLine(r)))
		return text + modeText(r, p) + othersFrozen(already, p)
	}
	text := fmt.Sprintf("%s %s frozen until %s. Every open pull request against %s gets a failing check %s, and so will new ones. "+
		"Thaw it with %s.", sentence(r.names()), is(r.number()), untilText(r.Until, p), pronoun(r.patterns()), effect.Code(CheckName), effect.Code(thawLine(r)))
	if r.All && len(r.Branches) > 0 {
		text += fmt.Sprintf(" Today that is %s.", effect.Codes(r.Branches))
	}
	if r.Mends {
		text += " The record of this freeze had been changed by hand. What it held is unknown, so every governed branch is in it: " +
			"those that needn't be frozen are thawed by their own release managers."
	}
	return text + modeText(r, p) + othersFrozen(already, p)
}

func othersFrozen(already []Freeze, p config.Loaded) string {
	if len(already) == 0 {
		return ""
	}
	return "\n\nThe others that you name are frozen already, for at least that long:\n" + alreadyList(already, p)
}

// besides says which other freezes the branches of a call have: none ends with this one.
func besides(f callFacts) string {
	others := f.stillHeld(nil)
	if len(others) == 0 {
		return ""
	}
	return "\n\nOther freezes go on beside it, and each has its own end:\n" + alreadyList(others, f.Policy)
}

// whichFreeze asks which of several freezes a thaw is about, since none is the asker's own.
func whichFreeze(still []Freeze, p config.Loaded) string {
	return "Several freezes hold what you name, and you asked for none of them. Nothing was changed.\n" + alreadyList(still, p) +
		"\n**Next step:** name the one that is to end, by its issue: " + effect.Code("/release thaw BRANCH #ISSUE") + "."
}

func thawedReply(branches []release.Branch, ended, still []Freeze, mended bool, p config.Loaded) string {
	text := fmt.Sprintf("%s %s thawed. The check %s of the open pull requests turns green as each is looked at again.",
		effect.Codes(branchNames(branches)), is(len(branches)), effect.Code(CheckName))
	if len(still) > 0 {
		text = fmt.Sprintf("%s %s no longer held by %s. What else was asked for goes on:\n%s\n**Next step:** if one of these is to end, too, name its issue: %s.",
			effect.Codes(branchNames(branches)), is(len(branches)), freezeLines(ended), alreadyList(still, p), effect.Code("/release thaw BRANCH #ISSUE"))
	}
	if mended {
		text += " The record of the freeze had been changed by hand. What else it held is unknown: the other governed branches " +
			"stay frozen until their own release managers thaw them."
	}
	return text
}

// freezeLines names freezes in one line.
func freezeLines(list []Freeze) string {
	var lines []string
	for _, f := range list {
		lines = append(lines, freezeLine(f))
	}
	return cmp.Or(strings.Join(lines, " and "), "a freeze")
}

// goesOnForAll says that a freeze of all branches isn't over with the thaw of some.
func (f callFacts) goesOnForAll(meant map[string][]release.Branch) string {
	for _, have := range f.Freezes {
		if have.All && !f.Args.all && !have.over(f.Now) && len(meant[have.Asked]) > 0 {
			return fmt.Sprintf(" The freeze of all governed branches (%s) goes on for the others, also for those cut later. End all of it with %s.",
				freezeLine(have), effect.Code("/release thaw all"))
		}
	}
	return ""
}

func notFrozen(f callFacts) string {
	return fmt.Sprintf("%s %s not frozen. Nothing was changed.", effect.Codes(branchNames(f.Branches)), is(len(f.Branches)))
}

// maxListed is how many pull requests a text lists.
const maxListed = 50

// pullList lists pull requests, grouped by what is to be said of them.
func pullList(pulls []survey, keep func(effect.Verdict) bool) (text string, n int) {
	var b strings.Builder
	for _, s := range pulls {
		if !keep(s.Verdict) {
			continue
		}
		if n++; n <= maxListed {
			fmt.Fprintf(&b, "- #%d %s (%s)\n", s.PR.Number, effect.Inert(s.PR.Title, 120), effect.Code(s.PR.Author.Login))
		}
	}
	if n > maxListed {
		fmt.Fprintf(&b, "- and %d more\n", n-maxListed)
	}
	return b.String(), n
}

func blocks(v effect.Verdict) bool { return v.State == effect.Block }
func passes(v effect.Verdict) bool { return v.State != effect.Block }

func previewReply(f callFacts) string {
	held, n := pullList(f.Pulls, blocks)
	through, m := pullList(f.Pulls, passes)
	var b strings.Builder
	fmt.Fprintf(&b, "This is a preview; nothing was changed. A freeze of %s until %s would hold back %s.\n",
		effect.Codes(branchNames(f.Branches)), untilText(f.Args.until, f.Policy), count(n, "open pull request"))
	if n > 0 {
		b.WriteString("\n" + held)
	}
	if m > 0 {
		fmt.Fprintf(&b, "\nIt would let %s through:\n\n%s", count(m, "pull request"), through)
		if f.Settings.MergeBlocker {
			b.WriteString("\nTide would merge none of them, by the policy's `merge_blocker`: they would be merged by hand.\n")
		}
	}
	return b.String()
}

// previewLine is the preview for `slipway plan`, in one line.
func previewLine(s previewFacts) string {
	numbers := func(keep func(effect.Verdict) bool) string {
		var list []string
		for _, one := range s.Pulls {
			if keep(one.Verdict) {
				list = append(list, fmt.Sprintf("#%d", one.PR.Number))
			}
		}
		if len(list) == 0 {
			return "none"
		}
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("a freeze of %s would hold back these open pull requests: %s; and let through these: %s",
		s.Branch, numbers(blocks), numbers(passes))
}

func count(n int, what string) string {
	switch n {
	case 0:
		return "no " + what
	case 1:
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func exemptClosed(pr github.PullRequest) string {
	return fmt.Sprintf("#%d is %s, so there is nothing to let through.", pr.Number, pr.State)
}

func exemptUngoverned(b release.Branch) string {
	return fmt.Sprintf("%s is not governed, so no freeze holds this pull request back.", effect.Code(string(b)))
}

func exemptNotFrozen(b release.Branch) string {
	return fmt.Sprintf("%s is not frozen, so this pull request may merge without an exemption.", effect.Code(string(b)))
}

func exemptUnclear(b release.Branch, why string) string {
	return fmt.Sprintf("It is unknown now whether %s is frozen, because %s. **Next step:** say it again when the check %s can tell.",
		effect.Code(string(b)), why, effect.Code(CheckName))
}

func exemptExcepted(why, tide string) string {
	text := fmt.Sprintf("This pull request may merge without an exemption: %s.", why)
	if tide != "" {
		text += "\n\n" + tide
	}
	return text
}

func exemptAltered(f Freeze) string {
	return fmt.Sprintf("The record of the freeze in [issue #%d](%s) was changed by hand and can't take an exemption. "+
		"**Next step:** seal it anew with %s, or end it with %s.",
		f.Issue, f.URL, effect.Code("/release freeze BRANCH"), effect.Code("/release thaw BRANCH"))
}

func exemptFull(f Freeze) string {
	return fmt.Sprintf("The freeze in [issue #%d](%s) has %d exemptions, and no more fit into its record. "+
		"**Next step:** thaw the branch, or wait for one to end.", f.Issue, f.URL, len(f.Exemptions))
}

func exemptOwn(f exemptFacts) string {
	return fmt.Sprintf("Nothing was exempted, because the policy wants a second release manager here (`freeze.second_manager`): %s %s. "+
		"**Next step:** have another of %s look at it, and comment the same.", effect.Who(f.Call.Author.Login), f.TookPart, managers(f.Policy, f.PR.Base))
}

func exemptNewer(f exemptFacts) string {
	why := "Slipway knows that commit since " + instantIn(f.HeadSince, f.Policy) + ", which isn't before your comment"
	if f.Call.Head != "" {
		why = "You wrote about " + effect.Code(effect.Short(f.Call.Head))
	}
	return fmt.Sprintf("The pull request is at %s. %s. Nothing was exempted. "+
		"**Next step:** look at the new commit, and comment again if it is to go through.", effect.Code(effect.Short(f.PR.Head)), why)
}

func exemptReply(e Exemption, held []Freeze, s state) string {
	text := exemptedUntil(e, held, s.Policy)
	if tide := s.tideStopped(held, e.Branch); tide != "" {
		text += "\n\n" + tide
	}
	return text
}

func exemptedUntil(e Exemption, held []Freeze, p config.Loaded) string {
	return fmt.Sprintf("The commit %s of this pull request may merge until %s, past %s. A new commit is held back again; "+
		"nothing else is let through.", effect.Code(effect.Short(e.Commit)), instantIn(e.Until, p), freezeLines(held))
}

func exemptNotYours(others []Freeze, f exemptFacts) string {
	return "Nothing was exempted: what holds this pull request is not yours to decide about.\n" + decideElse(others, []release.Branch{f.PR.Base}, f.Policy)
}

// exemptStill says which freezes still hold what was let through others.
func exemptStill(others []Freeze, f exemptFacts) string {
	if len(others) == 0 {
		return ""
	}
	return "\n\n**It can't merge yet**, because other freezes still hold it:\n" + decideElse(others, []release.Branch{f.PR.Base}, f.Policy)
}

func thawNotYours(others []Freeze, f callFacts) string {
	return "Nothing was thawed: what you name is not yours to decide about.\n" + decideElse(others, f.Branches, f.Policy)
}
