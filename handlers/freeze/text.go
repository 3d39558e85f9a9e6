package freeze

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// titlePrefix begins every freeze issue's title.
const titlePrefix = "Code freeze: "

// maxReason is how much of a reason is kept, in characters.
const maxReason = 500

func instant(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

func reason(r Record) string {
	if r.Reason == "" {
		return "none given"
	}
	return effect.Inert(r.Reason, maxReason)
}

// facts is the table that issue and check share.
func facts(r Record) string {
	var b strings.Builder
	b.WriteString("| | |\n|---|---|\n")
	fmt.Fprintf(&b, "| Branch | %s |\n", effect.Code(string(r.Branch)))
	if r.By != "" {
		fmt.Fprintf(&b, "| Frozen by | %s |\n", effect.Code(r.By))
		fmt.Fprintf(&b, "| Since | %s |\n", instant(r.Since))
		fmt.Fprintf(&b, "| Reason | %s |\n", reason(r))
	}
	if r.Thaw != nil {
		fmt.Fprintf(&b, "| Thawed by | %s |\n", effect.Code(r.Thaw.By))
		fmt.Fprintf(&b, "| Until | %s |\n", instant(r.Thaw.At))
	}
	return b.String()
}

func issueText(r Record) string {
	branch := effect.Code(string(r.Branch))
	if r.Thaw != nil {
		return fmt.Sprintf("%s was frozen; it is open again.\n\n%s", branch, facts(r))
	}
	return fmt.Sprintf("%s is frozen: no pull request against it may merge until it is thawed.\n\n%s\n"+
		"**To end it**, a release manager of %s comments %s on any issue or pull request of this repository.\n\n"+
		"Slipway reads the freeze from this issue, so please leave its label and text alone.",
		branch, facts(r), branch, effect.Code("/release thaw "+string(r.Branch)))
}

func teams(p config.Loaded, b release.Branch) string {
	var names []string
	for _, t := range p.ManagerTeams(b) {
		names = append(names, effect.Code(t))
	}
	if len(names) == 0 {
		return "nobody: the policy names no team of release managers for this branch"
	}
	return "the members of " + strings.Join(names, ", ")
}

func open(b release.Branch) effect.Verdict {
	return effect.Verdict{
		State: effect.Pass,
		Title: string(b) + " is not frozen",
		Detail: fmt.Sprintf("No code freeze is in force on %s, so this check lets the pull request through. "+
			"Should the branch be frozen before it merges, this check turns red by itself.", effect.Code(string(b))),
	}
}

func notConcerned(b release.Branch) effect.Verdict {
	return effect.Verdict{
		State: effect.Neutral,
		Title: string(b) + " is not governed",
		Detail: fmt.Sprintf("This pull request was moved to %s, which no code freeze can hold back. "+
			"What this check said before was about its former branch.", effect.Code(string(b))),
	}
}

func frozen(f Freeze, p config.Loaded) effect.Verdict {
	branch := effect.Code(string(f.Branch))
	return effect.Verdict{
		State: effect.Block,
		Title: string(f.Branch) + " is frozen",
		Detail: fmt.Sprintf("%s is frozen, so this pull request can't merge now. The freeze is [issue #%d](%s).\n\n%s\n"+
			"**Next step:** none is needed from you. This check turns green by itself when the freeze ends. "+
			"If the change can't wait, talk to those who may end it: %s. They do it with the comment %s.",
			branch, f.Issue, f.URL, facts(f.Record), teams(p, f.Branch), effect.Code("/release thaw "+string(f.Branch))),
	}
}

func alteredFreeze(f Freeze, b release.Branch) effect.Verdict {
	claimed := f.Branch
	if claimed == "" {
		claimed = b
	}
	return effect.Verdict{
		State: effect.Block,
		Title: "a freeze record was changed by hand",
		Detail: fmt.Sprintf("The record in [issue #%d](%s) is not as Slipway sealed it, so nobody can tell what is frozen. "+
			"Until that is mended no governed branch counts as open.\n\n"+
			"**Next step:** a release manager says it anew: the comment %s seals the freeze again, %s ends it.",
			f.Issue, f.URL, effect.Code("/release freeze "+string(claimed)), effect.Code("/release thaw "+string(claimed))),
	}
}

func brokenPolicy(p config.Loaded) effect.Verdict {
	return effect.Verdict{
		State: effect.Block,
		Title: "the policy can't be read",
		Detail: fmt.Sprintf("[The policy](%s) has faults, so Slipway can't tell whether this branch is frozen and holds the merge back.\n\n"+
			"%s\n**Next step:** merge a change that mends the file; this check then runs again by itself.", p.URL, faultList(p)),
	}
}

func faultList(p config.Loaded) string {
	var b strings.Builder
	var faults config.Faults
	if !errors.As(p.Fault, &faults) {
		return "- " + effect.Inert(p.Fault.Error(), maxFault) + "\n"
	}
	for _, f := range faults {
		fmt.Fprintf(&b, "- %s\n", effect.Inert(f.String(), maxFault))
	}
	return b.String()
}

// maxFault is how much of one fault is shown, in characters.
const maxFault = 300

func noPolicy(p config.Loaded) string {
	if p.Fault == nil {
		return "This repository has no policy, so no branch is governed and nothing can be frozen. " +
			"A policy is the file `.github/slipway.yml` on the default branch, here or in the organisation's `.github` repository."
	}
	return fmt.Sprintf("[The policy](%s) has faults, so Slipway does nothing until they are mended:\n\n%s", p.URL, faultList(p))
}

func notGoverned(f callFacts) string {
	var patterns []string
	for _, p := range f.Policy.Policy.Branches {
		patterns = append(patterns, effect.Code(p))
	}
	return fmt.Sprintf("%s is not a governed branch here, so it can't be frozen or thawed. The policy governs %s.",
		effect.Code(string(f.Branch)), strings.Join(patterns, ", "))
}

func noSuchBranch(f callFacts) string {
	return fmt.Sprintf("There is no branch %s in this repository. Nothing was changed.", effect.Code(string(f.Branch)))
}

func alreadyFrozen(f Freeze) string {
	return fmt.Sprintf("%s is frozen already, by %s since %s: [issue #%d](%s). Nothing was changed.",
		effect.Code(string(f.Branch)), effect.Code(f.By), instant(f.Since), f.Issue, f.URL)
}

func frozenReply(r Record) string {
	return fmt.Sprintf("%s is frozen. Every open pull request against it gets a failing check %s, and so will new ones. "+
		"Thaw it with %s.", effect.Code(string(r.Branch)), effect.Code(CheckName), effect.Code("/release thaw "+string(r.Branch)))
}

func thawedReply(r Record) string {
	return fmt.Sprintf("%s is thawed. The check %s of its open pull requests turns green as each is looked at again.",
		effect.Code(string(r.Branch)), effect.Code(CheckName))
}

func notFrozen(f callFacts) string {
	return fmt.Sprintf("%s is not frozen. Nothing was changed.", effect.Code(string(f.Branch)))
}
