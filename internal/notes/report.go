package notes

import (
	"fmt"
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
	// Twins are notes that several files of one repository bring.
	Twins []Joined `json:"twins"`
	// Changed are notes that an earlier release had, and that say something else since.
	Changed []ChangedNote `json:"changed_since"`
	// Contradicting are changes that bring a note and have the label that says that they
	// need none.
	Contradicting []Change `json:"contradicting"`
	// Ends is what is to be said of the ends of the range, in Markdown.
	Ends []string `json:"ends"`
}

// ChangedNote is a note that stands otherwise than an earlier release had it.
type ChangedNote struct {
	Repo string `json:"repository"`
	Path string `json:"file"`
	Text string `json:"text"`
}

// RepoReport is what was read of one repository.
type RepoReport struct {
	Name  string `json:"name"`
	From  string `json:"from"` // commit ids
	To    string `json:"to"`
	Files int    `json:"files"` // of notes, new or changed
	Moved int    `json:"moved"` // of notes, which are what they were under another name
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

// Joined is a note that several repositories bring, or several files.
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
	report := Report{Releases: r, Notes: len(items), Repos: []RepoReport{}, Lacking: []Change{}, Reverted: []Reverted{}, Findings: []Located{}, LeftOut: []LeftOut{}, Joined: []Joined{},
		Twins: []Joined{}, Changed: []ChangedNote{}, Contradicting: []Change{}, Ends: []string{}}
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
		if len(i.Twins) > 0 {
			report.Twins = append(report.Twins, Joined{i.Repo, i.Path, i.Twins})
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

// Add brings what was read of a repository's changes.
func (r *Report) Add(repo RepoReport, lacking []Change, reverted []Reverted) {
	r.Repos = append(r.Repos, repo)
	r.Lacking = append(r.Lacking, lacking...)
	r.Reverted = append(r.Reverted, reverted...)
}
