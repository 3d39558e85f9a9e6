package notes

import (
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
)

// maxListed bounds each list of the report's text; its JSON has all.
const maxListed = 100

// Markdown is the report for people. What others wrote is made inert.
func (r Report) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Report on the notes from %s to %s\n\n", effect.Code(r.Releases.Old), effect.Code(r.Releases.New))
	for _, one := range r.Repos {
		fmt.Fprintf(&b, "- %s from %s to %s: note files: %d%s; changes: %d%s\n", effect.Code(one.Name),
			effect.Short(one.From), effect.Short(one.To), one.Files, moved(one.Moved), one.Changes, because(one.Partial))
	}
	fmt.Fprintf(&b, "- Notes: %d%s\n", r.Notes, because(r.empty()))
	for _, one := range r.Ends {
		fmt.Fprintf(&b, "- %s\n", one)
	}
	r.lacking(&b)
	section(&b, "Notes of changes that were taken back", "The change was reverted before the release; take its note out, or say what remains of it.", r.Reverted, func(one Reverted) string {
		return fmt.Sprintf("%s of %s, taken back by %s", fileOf(one.Repo, one.Path), one.Change.line(), one.By.line())
	})
	section(&b, "Changed since "+effect.Code(r.Releases.Old), "An earlier release had these notes, and they say something else now. They are not in the notes; add what users should read again.", r.Changed, func(one ChangedNote) string {
		return fmt.Sprintf("%s: %s", fileOf(one.Repo, one.Path), effect.Inert(one.Text, maxText))
	})
	section(&b, "Changes with a note and the label that says that they need none", "Only one of them can be true. The note is in; take it out, or the label off.", r.Contradicting, func(c Change) string { return c.line() })
	section(&b, "Findings", "What `slipway notes check` says of the files.", r.Findings, func(one Located) string {
		return fmt.Sprintf("%s, line %d: %s: %s", fileOf(one.Repo, one.Path), one.Line, one.Severity, effect.Inert(one.Finding.String(), maxText))
	})
	section(&b, "Notes that a template leaves out", "The template has no place for them: mend the note, or the template.", r.LeftOut, func(one LeftOut) string {
		return fmt.Sprintf("%s: not in %s, %s", fileOf(one.Repo, one.Path), effect.Code(one.Template), effect.Inert(one.Why, maxText))
	})
	section(&b, "Notes that several repositories bring", "They appear once.", r.Joined, func(one Joined) string {
		return fmt.Sprintf("%s, also in %s", fileOf(one.Repo, one.Path), effect.Code(strings.Join(one.Also, ", ")))
	})
	section(&b, "Notes that stand under several names", "They appear once; take the other file away.", r.Twins, func(one Joined) string {
		return fmt.Sprintf("%s, also in %s", fileOf(one.Repo, one.Path), effect.Code(strings.Join(one.Also, ", ")))
	})
	return b.String()
}

// empty says why there are no notes; "" if there are some.
func (r Report) empty() string {
	if r.Notes > 0 {
		return ""
	}
	return "no note is new in the range"
}

func moved(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (and %d that only moved)", n)
}

const maxText = 200 // characters of what others wrote

func (r Report) lacking(b *strings.Builder) {
	title, what := "Changes with neither a note nor a label", "Each may be missing from the notes."
	if !r.LabelsKnown {
		title = "Changes without a note"
		what = "Labels aren't in git, so some of these may have been let off by theirs; --labels FILE tells them."
	}
	section(b, title, what, r.Lacking, func(c Change) string { return c.line() })
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return " (" + why + ")"
}

func fileOf(repo, path string) string { return effect.Code(repo + ":" + path) }

func (c Change) line() string {
	name, subject := effect.Short(c.Commit), c.Subject
	if c.Number != 0 {
		name = fmt.Sprintf("%s#%d", c.Repo, c.Number)
		subject = strings.TrimSuffix(subject, fmt.Sprintf(" (#%d)", c.Number))
	}
	return fmt.Sprintf("%s %s", name, effect.Inert(subject, maxText))
}

func section[T any](b *strings.Builder, title, what string, list []T, line func(T) string) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(b, "\n## %s (%d)\n\n%s\n\n", title, len(list), what)
	for i, one := range list {
		if i == maxListed {
			fmt.Fprintf(b, "- and %d more\n", len(list)-i)
			break
		}
		fmt.Fprintf(b, "- %s\n", line(one))
	}
}

// Summary is what the report has to say, a line for each kind, "" for nothing.
func (r Report) Summary() string {
	without := "changes with neither a note nor a label"
	if !r.LabelsKnown {
		without = "changes without a note"
	}
	grave := 0
	for _, f := range r.Findings {
		if f.Severity == Error {
			grave++
		}
	}
	var b strings.Builder
	for _, line := range []struct {
		n    int
		what string
	}{
		{len(r.Lacking), without},
		{len(r.Reverted), "notes of changes that were taken back"},
		{grave, "errors in note files"},
		{len(r.Findings) - grave, "warnings about note files"},
		{len(r.LeftOut), "places where a template leaves a note out"},
		{len(r.Joined), "notes that several repositories bring"},
		{len(r.Twins), "notes that stand under several names"},
		{len(r.Changed), "notes of an earlier release that changed since, which are not in"},
		{len(r.Contradicting), "changes with a note and the label that says that they need none"},
	} {
		if line.n > 0 {
			fmt.Fprintf(&b, "  %s: %d\n", line.what, line.n)
		}
	}
	return b.String()
}
