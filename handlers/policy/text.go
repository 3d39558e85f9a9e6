package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
)

const (
	maxFault = 300 // characters of a fault
	maxTitle = 100 // of a gate's title
)

var file = effect.Code(github.PolicyPath)

// counted is "1 team" or "3 teams".
func faultList(faults config.Faults) string {
	var b strings.Builder
	for _, f := range faults {
		fmt.Fprintf(&b, "- %s\n", effect.Inert(f.String(), maxFault))
	}
	return b.String()
}

// meanwhile says what would govern if this were merged as it is.
func meanwhile(s proposal) string {
	p := s.Policy
	switch {
	case !s.holds():
		return "Were it merged as it is, every branch of this repository would be held back until the faults are mended: there is no earlier version to fall back on."
	case p.Policy == nil:
		return fmt.Sprintf("Today [the policy](%s) can't be read either, so every branch is held back; only a change that mends it helps.", p.URL)
	case p.Fault != nil:
		return fmt.Sprintf("Today [the policy](%s) has faults too, so [the last good one](%s) is in force, and would stay so.", p.URL, p.GoodURL)
	}
	return fmt.Sprintf("Were it merged all the same, [the policy of today](%s) would stay in force, as the last good one.", p.URL)
}

func broken(s proposal) effect.Verdict {
	var faults config.Faults
	if !errors.As(s.Proposed.Fault, &faults) {
		faults = config.Faults{{Line: 1, Column: 1, Message: s.Proposed.Fault.Error()}}
	}
	count := effect.Count(len(faults), "fault", "faults")
	if len(faults) > config.MaxAnnotations { // the last one says only that there are more
		count = fmt.Sprintf("more than %d faults", config.MaxAnnotations)
	}
	var b strings.Builder
	title, next := "the policy has "+count, fmt.Sprintf("mend the lines named here and push again. On your own machine %s finds the same.",
		effect.Code("slipway validate "+github.PolicyPath))
	if s.Proposed.Refers != nil {
		next = "correct the reference and push again; or mend what keeps Slipway from that file, and ask for this check again, by Re-run beside it."
	}
	if s.Proposed.Elsewhere {
		title = "the policy that this refers to has " + count
		next = "mend that file on its default branch, or refer to another. Then ask for this check again, by Re-run beside it."
		fmt.Fprintf(&b, "%s refers to [%s](%s), which Slipway can't use as a policy:\n\n", file, effect.Inert(s.Proposed.Refers.String(), maxFault), s.Proposed.URL)
	} else {
		fmt.Fprintf(&b, "With this change Slipway could not read %s:\n\n", file)
	}
	fmt.Fprintf(&b, "%s\n%s\n\n**Next step:** %s", faultList(faults), meanwhile(s), next)
	return effect.Verdict{State: effect.Block, Title: title, Detail: b.String()}
}

// unlisted is for a policy that names what the deployment doesn't let it.
func unlisted(s proposal) effect.Verdict {
	faults, _ := faultsOf(s)
	return effect.Verdict{State: effect.Block, Title: "the policy names what this deployment doesn't allow", Detail: fmt.Sprintf(
		"The file is well formed: this is no matter of syntax. But it names what the settings of this deployment don't list:\n\n%s%s\n%s\n"+
			"**Next step:** name another, or have whoever runs Slipway list it in the setting named here. Then ask for this check again, by Re-run beside it. "+
			"Merged as it is, the policy would be in force, and what it names in vain would count as unknown.",
		faultList(faults), teamNotes(s), changeText(s))}
}

// missingWords say what is wrong with an entry that stands for no team.
func missingWords(s proposal, e teamEntry) config.Wrong {
	owner := s.Repo.Owner
	if _, login, _ := github.ReadWho(e.Written); login != "" {
		return config.Wrong{What: fmt.Sprintf("GitHub knows no account %q that may push to %s", login, s.Repo), Want: "the login of somebody who may push there"}
	}
	if e.Asked[0].Branch == "" {
		return config.Wrong{What: fmt.Sprintf("%s has no team %q", owner, e.Written), Want: "the slug of a team that is there"}
	}
	slugs := make([]string, len(e.Asked))
	for i, a := range e.Asked {
		slugs[i] = a.Slug
	}
	return config.Wrong{
		What: fmt.Sprintf("%s has no team for %q; looked for %s", owner, e.Written, strings.Join(slugs, ", ")),
		Want: "a team for at least one of the newest branches",
	}
}

func teamless(s proposal, faults config.Faults) effect.Verdict {
	var b strings.Builder
	fmt.Fprintf(&b, "The file is well formed: this is no matter of syntax. But it names teams or accounts that GitHub doesn't know, or that may not push, "+
		"and for what they manage nobody could freeze, thaw or exempt:\n\n%s", faultList(faults))
	b.WriteString(teamNotes(s))
	fmt.Fprintf(&b, "\n%s", changeText(s))
	fmt.Fprintf(&b, "\n**Next step:** correct the slug, or found the team in the organisation %s (a personal account has none, and names %s instead) and ask for this check again, by Re-run beside it. "+
		"A team that is secret counts if Slipway may see it.", effect.Code(s.Repo.Owner), effect.Code("users"))
	return effect.Verdict{State: effect.Block, Title: nobodies(s, len(faults)), Detail: b.String()}
}

// nobodies counts entries that stand for nobody.
func nobodies(s proposal, n int) string {
	if slices.ContainsFunc(s.Teams.Entries, func(e teamEntry) bool { return e.gone() && !github.IsTeam(e.Written) }) {
		return effect.Count(n, "release manager isn't there", "release managers aren't there")
	}
	return effect.Count(n, "team doesn't exist", "teams don't exist")
}

// teamNotes tell what else there is to know of the teams.
func teamNotes(s proposal) string {
	var notes []string
	for _, e := range s.Teams.Entries {
		for _, a := range e.lacking() {
			notes = append(notes, fmt.Sprintf("There is no team %s yet, so nobody of that entry manages %s.", effect.Code(a.Slug), effect.Code(string(a.Branch))))
		}
		if len(e.Asked) == 0 && github.IsTeam(e.Written) {
			notes = append(notes, fmt.Sprintf("%s was not looked up: no branch there is has numbers for it.", effect.Code(e.Written)))
		}
	}
	if s.Teams.Untold {
		notes = append(notes, "Teams and accounts that the policy in force doesn't name were not looked up: the pull request comes from a fork, and its author is not a release manager here. Whoever merges it makes sure that they exist.")
	}
	if s.Teams.Left > 0 {
		notes = append(notes, fmt.Sprintf("Not looked up, because there are too many: the last %s of %s.", effect.Count(s.Teams.Left, "entry", "entries"), effect.Code("release_managers")))
	}
	if len(s.Proposed.Policy.ReleaseManagers) == 0 {
		notes = append(notes, "It names no release managers, so nobody can freeze, thaw or exempt.")
	}
	if len(notes) == 0 {
		return ""
	}
	return "\n**Teams:**\n\n- " + strings.Join(notes, "\n- ") + "\n"
}

// worthKnowing are what the policy's sections have to say and that is no fault.
func worthKnowing(p *config.Policy) string {
	if p == nil || len(p.Notes) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n**Worth knowing:**\n\n")
	for _, n := range p.Notes {
		fmt.Fprintf(&b, "- %s\n", effect.Inert(n, 2*maxFault))
	}
	return b.String()
}

func good(s proposal) effect.Verdict {
	var b strings.Builder
	fmt.Fprintf(&b, "Slipway can read %s as it is here.", file)
	if s.Proposed.Refers != nil {
		fmt.Fprintf(&b, " It refers to [%s](%s), which is good as well.", effect.Inert(s.Proposed.Refers.String(), maxFault), s.Proposed.URL)
	}
	if s.Policy.Fault != nil && s.holds() {
		fmt.Fprintf(&b, " It mends [the policy](%s) of today, which has faults.", s.Policy.URL)
	}
	fmt.Fprintf(&b, "\n%s%s\n%s", teamNotes(s), worthKnowing(s.Proposed.Policy), changeText(s))
	b.WriteString("\n**Next step:** none is needed. It takes effect when it is merged, and the checks of the pull requests that are governed then run again by themselves.")
	return effect.Verdict{State: effect.Pass, Title: "the policy is good; " + changeTitle(s.Change, s.Policy, s.Proposed.Loaded), Detail: b.String()}
}

func deleted(s proposal) effect.Verdict {
	var b strings.Builder
	title := "the policy is deleted, so nothing is governed"
	fmt.Fprintf(&b, "**This takes %s away.** That is a decision, not a fault, so this check doesn't stand in its way.\n\n", file)
	owner := s.Repo.Owner
	switch after := s.Proposed.Loaded; {
	case s.Change.Owner:
		fmt.Fprintf(&b, "It is the policy of all repositories of %s that have none of their own: in them no branch is governed then, no freeze holds anything back, "+
			"and no command of a release manager is obeyed.\n", effect.Code(owner))
	case after.Exists():
		title = "the policy is deleted; the owner's takes its place"
		fmt.Fprintf(&b, "Then [the policy of %s](%s) governs this repository.", effect.Code(after.Repo.String()), after.InForce())
		if after.Policy == nil {
			b.WriteString(" **It can't be read today, so every branch would be held back.**")
		}
		b.WriteString("\n")
	default:
		b.WriteString("Then no branch of this repository is governed, no freeze holds anything back, and no command of a release manager is obeyed.\n")
	}
	fmt.Fprintf(&b, "\n%s", changeText(s))
	b.WriteString("\n**Next step:** none, if that is meant. Else put the file back: Slipway doesn't keep a policy in force that was deleted.")
	return effect.Verdict{State: effect.Neutral, Title: title, Detail: b.String()}
}

func notRead(s pullFacts) effect.Verdict {
	return effect.Verdict{
		State: effect.Neutral,
		Title: "not against the default branch",
		Detail: fmt.Sprintf("This pull request is against %s, and policies are read from the default branch, %s, alone. What this check said before was about that.",
			effect.Code(string(s.PR.Base)), effect.Code(string(s.Default))),
	}
}

func untouched() effect.Verdict {
	return effect.Verdict{
		State:  effect.Neutral,
		Title:  "the policy file is left alone",
		Detail: fmt.Sprintf("This pull request doesn't change %s, or no longer. What this check said before doesn't count.", file),
	}
}
