package releasebranch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file holds the texts of the check around its table.

func brokenPolicy(p config.Loaded) effect.Verdict {
	return effect.Verdict{State: effect.Block, Title: "The policy can't be read", Detail: stale(p,
		"Which rules hold for this branch is unknown, so this check lets nothing through. **Next step:** mend the policy; the check looks again by itself.")}
}

// stale adds to a text that the newest policy has faults.
func stale(p config.Loaded, text string) string {
	if p.Fault == nil {
		return text
	}
	return fmt.Sprintf("%s\n\nThe newest [policy](%s) has faults: %s.", text, p.URL, effect.Code(effect.Cut(p.Fault.Error(), 500)))
}

func passTitle(f known, a assessment) string {
	switch {
	case a.Automation != "":
		return "Automation: " + a.Automation
	case f.Found.Verdict == provenance.Adapted:
		return "Adapted cherry-pick of " + plainSources(f) + ", approved"
	case f.Found.Verdict == provenance.Unrelated:
		return "No cherry-pick, approved"
	}
	return faithfulTitle + plainSources(f)
}

func plainSources(f known) string { return strings.ReplaceAll(sourcesPhrase(f), "`", "") }

func overriddenTitle(o Override) string { return "Overridden by " + o.By }

// detailText is the whole explanation.
func detailText(f known, a assessment) string {
	var b strings.Builder
	if o := f.override(); o.Commit != "" {
		fmt.Fprintf(&b, "%s, a release manager, lets the commit %s past this check: %s\n\nWithout that, it would say:\n\n",
			effect.Code(o.By), effect.Code(effect.Short(o.Commit)), effect.Inert(o.Reason, maxReason))
	}
	b.WriteString("| Rule | | |\n|---|---|---|\n")
	for _, r := range a.Rows {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", r.Rule, r.Mark, r.Text)
	}
	b.WriteString(nextStep(f, a))
	b.WriteString(pickText(f))
	b.WriteString(evidenceText(f))
	b.WriteString(differenceText(f))
	return stale(f.Policy, b.String())
}

func nextStep(f known, a assessment) string {
	i := slices.IndexFunc(a.Rows, func(r row) bool { return r.Mark == lacks })
	switch {
	case i < 0:
		return "\n**Next step:** none for this check.\n"
	case f.override().Commit != "":
		return "\n**Next step:** none for this check. It is taken back by " + effect.Code("/release override revoke release-branch") + ".\n"
	}
	text := fmt.Sprintf("\n**Next step:** %s.\n", a.Rows[i].Next)
	if len(a.Wanted) > 0 {
		text += "\nSlipway asks once for the reviews of " + cells(a.Wanted) + ".\n"
	}
	return text
}

func pickText(f known) string {
	if !f.Pick.Is() || f.Pick.Finished.State == effect.Pass || f.Pick.Finished.Detail == "" {
		return ""
	}
	return "\n### " + f.Pick.Finished.Title + "\n\n" + f.Pick.Finished.Detail + "\n"
}

// ways says how a source was found.
var ways = map[provenance.Way]string{
	provenance.ByMarker:    "Slipway made this cherry-pick",
	provenance.ByTrailer:   "a commit's message says so",
	provenance.ByReference: "it is named",
	provenance.ByIssue:     "the issue about the failed cherry-pick names it",
	provenance.ByTitle:     "it has the same title",
	provenance.ByPatch:     "it has the same patch",
}

// noReleaseBranch is said where the check was once, and isn't any more.
func noReleaseBranch(b release.Branch) effect.Verdict {
	return effect.Verdict{State: effect.Neutral, Title: string(b) + " is no release branch", Detail: fmt.Sprintf(
		"The rules of release branches aren't asked of pull requests against %s: changes are picked from it. What this check said before no longer holds.\n\n"+
			"**Next step:** none. A policy that wants them there asks for them by name (%s).", effect.Code(string(b)),
		effect.Code("releasebranch: {modes: [{branches: ["+string(b)+"], mode: enforce}]}"))}
}

// evidenceText says how each source was found, and why others don't count.
func evidenceText(f known) string {
	var b strings.Builder
	for _, s := range f.Found.Sources {
		title := s.Title
		if o := f.Origins[s.Commit]; o.PR.Title != "" {
			title = o.PR.Title
		}
		what := "is a source"
		if f.Found.Verdict == provenance.Unrelated {
			what = "is in it, but more of it comes from elsewhere"
		}
		fmt.Fprintf(&b, "- %s %s, at %s: %s.", sourceName(f, s), what, effect.Code(effect.Short(s.Commit)), wayOf(f, s))
		if title != "" {
			fmt.Fprintf(&b, " %s", effect.Inert(title, 120))
		}
		b.WriteString("\n")
	}
	for _, n := range f.Named {
		switch {
		case n.Why != "" && n.Word.Who.ID != 0:
			fmt.Fprintf(&b, "- %s, which is %s, doesn't count: it %s.\n", numberOf(n.Number), namedIn(n.Word), n.Why)
		case n.Why != "":
			fmt.Fprintf(&b, "- %s, which is named, doesn't count: it %s.\n", numberOf(n.Number), n.Why)
		}
	}
	for _, w := range f.Words {
		if w.Lost != facts.Counts {
			b.WriteString(lostWord(f, w))
		}
	}
	for _, p := range f.Found.Passed {
		name := effect.Code(effect.Short(p.Claim.Commit))
		if p.Claim.Number != 0 {
			name = numberOf(p.Claim.Number)
		}
		fmt.Fprintf(&b, "- %s doesn't count: it %s.\n", name, p.Why)
	}
	if b.Len() == 0 {
		return ""
	}
	return "\n### Where it comes from\n\n" + b.String()
}

// maxDifference is how much of a difference is shown, in characters.
const maxDifference = 12_000

// differenceText shows how an adapted change differs from its sources.
func differenceText(f known) string {
	if f.Found.Verdict != provenance.Adapted {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n### How it differs from %s\n\nThe difference of the two patches: what is marked with `+` only this pull request does, with `-` only its source.\n", sourcesPhrase(f))
	for i, d := range f.Found.Beyond {
		if b.Len() > maxDifference {
			fmt.Fprintf(&b, "\nAnd %s more: see [all changes](%s/files).\n", count(len(f.Found.Beyond)-i, "file"), f.PR.URL)
			break
		}
		fmt.Fprintf(&b, "\n%s, %s\n\n", effect.Code(d.Path), linesOf(d))
		if d.Text != "" {
			b.WriteString(fenced(effect.Cut(d.Text, maxDifference/2)))
		}
	}
	return b.String()
}

// fenced is a block of code that its text can't end.
func fenced(text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + "diff\n" + strings.TrimRight(text, "\n") + "\n" + fence + "\n"
}

func differsHere(f known, d provenance.Difference) string {
	return fmt.Sprintf("Here this cherry-pick begins to differ from %s: %s in this file.", plainSources(f), linesOf(d))
}

// linesOf says how much of a file differs.
func linesOf(d provenance.Difference) string {
	if d.Left == 0 {
		return count(d.Lines, "line")
	}
	return fmt.Sprintf("%s more and %s less", count(d.Lines, "line"), count(d.Left, "line"))
}
