package policy

import (
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// maxLines is how many pull requests are listed.
const maxLines = 50

// lines say for each open pull request what would change, the most recently
// active first. A pull request without a line stays as it is.
func (c change) lines(before, after config.Loaded) []string {
	var lines []string
	for _, pr := range c.Open {
		was, is := before.Governs(pr.Base), after.Governs(pr.Base)
		name := fmt.Sprintf("#%d against %s", pr.Number, effect.Code(string(pr.Base)))
		switch {
		case is && !was:
			lines = append(lines, name+" becomes governed"+c.verdicts(pr, "; %s"))
		case was && !is:
			lines = append(lines, name+" is no longer governed"+c.verdicts(pr, "; so far %s"))
		case was:
			if text := c.verdicts(pr, staysGoverned); text != "" {
				lines = append(lines, name+text)
			}
		}
	}
	return lines
}

// staysGoverned is how verdicts follow on a pull request that is governed before and after.
const staysGoverned = ": %s"

// verdicts says what changes in the gates' verdicts on a pull request, inside
// another text; nothing if they stay the same.
func (c change) verdicts(pr github.PullRequest, format string) string {
	var parts []string
	for _, g := range c.Gates {
		was, had := g.Before[pr.Number]
		is, has := g.After[pr.Number]
		says := func(v effect.Verdict) string { return fmt.Sprintf("%s (%s)", v.State, effect.Inert(v.Title, maxTitle)) }
		gate := effect.Code(g.Gate)
		switch {
		case had && has && was.State == is.State && was.Title == is.Title:
		case had && has:
			parts = append(parts, fmt.Sprintf("%s turns from %s to %s", gate, says(was), says(is)))
		case has:
			parts = append(parts, fmt.Sprintf("%s says %s", gate, says(is)))
		case had && format == staysGoverned:
			parts = append(parts, fmt.Sprintf("%s says nothing any more, so far %s", gate, says(was)))
		case had:
			parts = append(parts, fmt.Sprintf("%s says %s", gate, says(was)))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return fmt.Sprintf(format, strings.Join(parts, "; "))
}

// changeTitle is the summary in a few words.
func changeTitle(c change, before, after config.Loaded) string {
	n := len(c.lines(before, after))
	for _, r := range c.Repos {
		n += r.Begin + r.End
	}
	if n == 0 {
		return "no open pull request is affected"
	}
	return effect.Count(n, "open pull request is affected", "open pull requests are affected")
}

// changeText is the summary of what a proposal would change.
func changeText(s proposal) string {
	c := s.Change
	if c.Owner {
		return ownerText(c)
	}
	lines := c.lines(s.Policy, s.Proposed.Loaded)
	var b strings.Builder
	b.WriteString("**What would change for the open pull requests**, as things stand when this check runs:\n\n")
	if len(lines) == 0 {
		b.WriteString("- Nothing: the same ones are governed, and with the same verdicts.\n")
	}
	for _, line := range lines[:min(len(lines), maxLines)] {
		fmt.Fprintf(&b, "- %s\n", line)
	}
	if more := len(lines) - maxLines; more > 0 {
		fmt.Fprintf(&b, "- … and %d more.\n", more)
	}
	if c.Unjudged > 0 {
		fmt.Fprintf(&b, "\nOf %s, those that have rested longest, the verdicts were not worked out.\n", effect.Count(c.Unjudged, "more pull request", "more pull requests"))
	}
	return b.String()
}

// ownerText counts, by repository, for the policy of an owner.
func ownerText(c change) string {
	var b strings.Builder
	b.WriteString("**What would change for the open pull requests** of the repositories without a policy of their own, the most recently pushed first:\n\n")
	if len(c.Repos) == 0 {
		b.WriteString("- There is no such repository.\n")
	} else {
		b.WriteString("| Repository | Governed now | With this change | Become governed | No longer governed |\n|---|---|---|---|---|\n")
	}
	for _, r := range c.Repos {
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d |\n", effect.Code(r.Repo.String()), r.Before, r.After, r.Begin, r.End)
	}
	if c.Left > 0 {
		fmt.Fprintf(&b, "\n%s not looked at.\n", effect.Count(c.Left, "more repository was", "more repositories were"))
	}
	b.WriteString("\nRepositories that are more private than this one aren't listed. Verdicts are not worked out here.\n")
	return b.String()
}
