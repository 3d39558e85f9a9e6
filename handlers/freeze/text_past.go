package freeze

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file holds what is told of what passed a freeze.

// came counts what passed, for the log.
func came(list []passed) string {
	pulls := 0
	for _, p := range list {
		if p.Pull != nil {
			pulls++
		}
	}
	return count(pulls, "merged pull request") + " and " + effect.Count(len(list)-pulls, "direct push", "direct pushes")
}

func pastNotice(p passed, policy config.Loaded) string {
	if p.Pull != nil {
		return mergedPastNotice(p, policy)
	}
	return fmt.Sprintf("**%s, past the freeze**, at %s. No check looks at a direct push, and no exemption covers one.\n\n"+
		"**Next step:** a release manager looks at it. What mustn't stay is reverted by a pull request with an exemption (%s). "+
		"To keep it from happening, protect the branch so that nobody may push to it, administrators included.",
		pushLine(p.Freeze.URL, p.Branch, p.Move), instantIn(p.Move.At, policy), effect.Code("/release exempt REASON"))
}

func mergedPastNotice(p passed, policy config.Loaded) string {
	pr := p.Pull
	at := ""
	if pr.MergeCommit != "" {
		at = " as " + effect.Code(effect.Short(pr.MergeCommit))
	}
	return fmt.Sprintf("**%s merged #%d into %s%s, past the freeze**, at %s: %s. %s\n\n"+
		"Only who may pass over the check %s could merge it, or a merge queue that had begun before.\n\n"+
		"**Next step:** a release manager looks at it. What mustn't stay is reverted by a pull request with an exemption (%s). "+
		"To keep it from happening, require the check of administrators, too, and take people off the bypass lists of the branch's rules.",
		somebody(pr.MergedBy), pr.Number, effect.Code(string(pr.Base)), at, instantIn(pr.MergedAt, policy), effect.Inert(pr.Title, 120),
		uncovered(p.Freeze, pr.PullRequest, policy), effect.Code(CheckName), effect.Code("/release exempt REASON"))
}

// uncovered says why no exemption covered what was merged.
func uncovered(f Freeze, pr github.PullRequest, policy config.Loaded) string {
	rows := slices.DeleteFunc(slices.Clone(f.Exemptions), func(e Exemption) bool { return e.Number != pr.Number })
	if len(rows) == 0 {
		return "It had no exemption."
	}
	e := rows[len(rows)-1]
	switch {
	case e.Commit != pr.Head:
		return fmt.Sprintf("Its exemption by %s was for the commit %s, not for %s, which was merged.", effect.Who(e.By), effect.Code(effect.Short(e.Commit)), effect.Code(effect.Short(pr.Head)))
	case e.Branch != pr.Base:
		return fmt.Sprintf("Its exemption by %s was for another branch, %s.", effect.Who(e.By), effect.Code(string(e.Branch)))
	}
	return fmt.Sprintf("Its exemption by %s had ended at %s.", effect.Who(e.By), instantIn(e.Until, policy))
}

func somebody(who github.User) string {
	if who.Login == "" {
		return "Somebody (GitHub doesn't say who)"
	}
	return effect.Code(who.Login)
}

// pushLine says who pushed what; issue is the address of an issue of the repository.
func pushLine(issue string, b release.Branch, m github.BranchMove) string {
	who, branch := somebody(m.By), effect.Code(string(b))
	at := effect.Code(effect.Short(m.After))
	switch m.Kind {
	case github.BranchDeleted:
		return fmt.Sprintf("%s deleted %s, which was at %s", who, branch, effect.Code(effect.Short(m.Before)))
	case github.BranchMade:
		return fmt.Sprintf("%s made %s anew, at %s", who, branch, at)
	}
	if home, _, found := strings.Cut(issue, "/issues/"); found && m.Before != "" {
		at = fmt.Sprintf("[%s](%s/compare/%s...%s)", at, home, m.Before, m.After)
	}
	if m.Kind == github.MovedByForce {
		return fmt.Sprintf("%s pushed %s to %s by force, in the place of %s", who, at, branch, cmp.Or(effect.Code(effect.Short(m.Before)), "nothing"))
	}
	return fmt.Sprintf("%s pushed %s to %s", who, at, branch)
}

// pushedText lists what was pushed while the freeze held.
func pushedText(s tellFacts) string {
	var b strings.Builder
	if len(s.Pushed) > 0 {
		b.WriteString("\nPushed directly meanwhile, which no check looks at:\n\n")
	}
	for i, p := range s.Pushed {
		if i == maxListed {
			fmt.Fprintf(&b, "- and %d more\n", len(s.Pushed)-maxListed)
			break
		}
		fmt.Fprintf(&b, "- %s, at %s\n", pushLine(p.Freeze.URL, p.Branch, p.Move), instantIn(p.Move.At, s.Policy))
	}
	if s.Unclear != "" {
		fmt.Fprintf(&b, "\nWhether more was pushed directly is unknown, because %s.\n", s.Unclear)
	}
	return b.String()
}
