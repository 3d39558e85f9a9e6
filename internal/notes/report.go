package notes

import (
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
)

// Report is what a release manager should know beside the notes of a range.
// Lists are never null in its JSON.
type Report struct {
	Releases Releases     `json:"releases"`
	Repos    []RepoReport `json:"repositories"`
	Notes    int          `json:"notes"` // rendered, each once
	// LabelsKnown says whether the labels of pull requests were there to look at.
	LabelsKnown bool `json:"labels_known"`
	// Lacking are the changes with neither a note nor a label that waives it.
	Lacking []Change `json:"lacking"`
	// Reverted are notes whose change was taken back in the same range.
	Reverted []Reverted `json:"reverted"`
	Findings []Located  `json:"findings"`
	// LeftOut are notes that a template has places for, but none that fits them.
	LeftOut []LeftOut `json:"left_out"`
	Joined  []Joined  `json:"joined"`
}

// RepoReport is what was read of one repository.
type RepoReport struct {
	Name  string `json:"name"`
	From  string `json:"from"` // commit ids
	To    string `json:"to"`
	Files int    `json:"files"` // of notes
	// Changes is how many changes the branch got in the range, by its first parents.
	Changes int `json:"changes"`
	// Partial says why the changes aren't all; empty when they are.
	Partial string `json:"partial,omitempty"`
}

// Change is one change of a range, as its commit names it.
type Change struct {
	Repo    string `json:"repository"`
	Number  int    `json:"number,omitempty"` // of its pull request; 0 when the commit names none
	Commit  string `json:"commit"`
	Subject string `json:"subject"`
}

// Reverted is a note whose change was taken back.
type Reverted struct {
	Repo   string `json:"repository"`
	Path   string `json:"file"`
	Change Change `json:"change"`
	By     Change `json:"by"`
}

// Located is a finding in a repository.
type Located struct {
	Repo string `json:"repository"`
	Finding
}

// LeftOut is a note that a template doesn't show.
type LeftOut struct {
	Template string `json:"template"`
	Repo     string `json:"repository"`
	Path     string `json:"file"`
	Why      string `json:"why"`
}

// Joined is a note that several repositories bring.
type Joined struct {
	Repo string   `json:"repository"`
	Path string   `json:"file"`
	Also []string `json:"also"`
}

// leftOut lists the items that a template with places for them doesn't show.
func leftOut(t Template, items []Item, shown []bool) []LeftOut {
	var all []LeftOut
	for i, item := range items {
		if shown[i] || !t.has(item.Section) {
			continue
		}
		why := fmt.Sprintf("no placeholder takes area %s, action %s, kind %s", orNone(item.Area), orNone(item.Action), orNone(item.Kind))
		all = append(all, LeftOut{t.Name, item.Repo, item.Path, why})
	}
	return all
}

func orNone(s string) string {
	if s == "" {
		return "(none)"
	}
	return quote(s)
}

// Rendered is one file of notes.
type Rendered struct{ Name, Text string }

// Render fills the templates with the notes of the sources, and begins a report
// with what it has seen: the changes are for others to add.
func Render(sources []Source, templates []Template, home string, r Releases) ([]Rendered, Report) {
	items := Gather(sources)
	report := Report{Releases: r, Notes: len(items), Repos: []RepoReport{}, Lacking: []Change{}, Reverted: []Reverted{}, Findings: []Located{}, LeftOut: []LeftOut{}, Joined: []Joined{}}
	for _, s := range sources {
		for _, f := range s.Files {
			for _, one := range f.Findings {
				report.Findings = append(report.Findings, Located{s.Name, one})
			}
		}
	}
	for _, i := range items {
		if len(i.Also) > 0 {
			report.Joined = append(report.Joined, Joined{i.Repo, i.Path, i.Also})
		}
	}
	var out []Rendered
	for _, t := range templates {
		text, shown := t.Fill(items, home, r)
		out = append(out, Rendered{t.Name, text})
		report.LeftOut = append(report.LeftOut, leftOut(t, items, shown)...)
	}
	return out, report
}

// maxListed bounds each list of the report's text; its JSON has all.
const maxListed = 100

// Markdown is the report for people. What others wrote is made inert.
func (r Report) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Report on the notes from %s to %s\n\n", effect.Code(r.Releases.Old), effect.Code(r.Releases.New))
	for _, one := range r.Repos {
		fmt.Fprintf(&b, "- %s from %s to %s: note files: %d; changes: %d%s\n", effect.Code(one.Name),
			effect.Short(one.From), effect.Short(one.To), one.Files, one.Changes, because(one.Partial))
	}
	fmt.Fprintf(&b, "- Notes: %d\n", r.Notes)
	r.lacking(&b)
	section(&b, "Notes of changes that were taken back", "The change was reverted before the release; take its note out, or say what remains of it.", r.Reverted, func(one Reverted) string {
		return fmt.Sprintf("%s of %s, taken back by %s", fileOf(one.Repo, one.Path), one.Change.line(), one.By.line())
	})
	section(&b, "Findings", "What `slipway notes check` says of the files.", r.Findings, func(one Located) string {
		return fmt.Sprintf("%s, line %d: %s: %s", fileOf(one.Repo, one.Path), one.Line, one.Severity, effect.Inert(one.Finding.String(), maxText))
	})
	section(&b, "Notes that a template leaves out", "The template has no place for them: mend the note, or the template.", r.LeftOut, func(one LeftOut) string {
		return fmt.Sprintf("%s: not in %s, %s", fileOf(one.Repo, one.Path), effect.Code(one.Template), effect.Inert(one.Why, maxText))
	})
	section(&b, "Notes that several repositories bring", "They appear once.", r.Joined, func(one Joined) string {
		return fmt.Sprintf("%s, also in %s", fileOf(one.Repo, one.Path), effect.Code(strings.Join(one.Also, ", ")))
	})
	return b.String()
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

// Add brings what was read of a repository's changes.
func (r *Report) Add(repo RepoReport, lacking []Change, reverted []Reverted) {
	r.Repos = append(r.Repos, repo)
	r.Lacking = append(r.Lacking, lacking...)
	r.Reverted = append(r.Reverted, reverted...)
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
	} {
		if line.n > 0 {
			fmt.Fprintf(&b, "  %s: %d\n", line.what, line.n)
		}
	}
	return b.String()
}
