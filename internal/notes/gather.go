package notes

import (
	"slices"
	"strings"
)

// Section is which kind of note an item is; the templates name it so.
type Section string

// The sections.
const (
	InNotes    Section = "releaseNotes"
	InUpgrade  Section = "upgradeNotes"
	InSecurity Section = "securityNotes"
)

var sections = []string{string(InNotes), string(InUpgrade), string(InSecurity)}

// Source is the note files of one repository, in the order of their paths.
type Source struct {
	Name  string // of the repository, for people
	Files []File
}

// Item is one note to render.
type Item struct {
	Repo, Path         string
	Line               int
	Section            Section
	Kind, Area, Action string
	Title, Text        string // Title is an upgrade note's
	Docs               []string
	Issues             []Issue
	// Also names the repositories that bring the same note, and Twins the other files of
	// this one that do.
	Also, Twins []string
}

// Gather lists the notes of several repositories: in the order of the
// repositories, of their files' paths and of each file. A note that another
// repository or another file brings too appears once, where it is first, with the
// issues and links of all.
func Gather(sources []Source) []Item {
	var all []Item
	first := map[string]int{}
	for _, s := range sources {
		for _, f := range s.Files {
			for _, item := range f.items(s.Name) {
				id := item.identity()
				if at, there := first[id]; there {
					all[at].join(item)
					continue
				}
				first[id] = len(all)
				all = append(all, item)
			}
		}
	}
	return all
}

// items are the notes of a file, in the order of the file's sections.
func (f File) items(repo string) []Item {
	one := Item{Repo: repo, Path: f.Path, Kind: f.Kind, Area: f.Area, Docs: f.Docs, Issues: f.Issues}
	var all []Item
	for _, e := range f.Notes {
		i := one
		i.Section, i.Text, i.Action, i.Line = InNotes, e.Text, e.Action, e.Line
		all = append(all, i)
	}
	for _, u := range f.Upgrade {
		i := one
		i.Section, i.Title, i.Text = InUpgrade, u.Title, u.Content
		all = append(all, i)
	}
	for _, e := range f.Security {
		i := one
		i.Section, i.Text, i.Line = InSecurity, e.Text, e.Line
		all = append(all, i)
	}
	return all
}

// identity is the same for notes that say the same.
func (i Item) identity() string {
	plain := strings.Join(strings.Fields(unbulleted(i.Text)), " ")
	return strings.Join([]string{string(i.Section), i.Area, i.Title, plain}, "\x00")
}

func (i *Item) join(other Item) {
	switch {
	case other.Repo != i.Repo && !slices.Contains(i.Also, other.Repo):
		i.Also = append(i.Also, other.Repo)
	case other.Repo == i.Repo && !slices.Contains(i.Twins, other.Path):
		i.Twins = append(i.Twins, other.Path)
	}
	i.Issues, i.Docs = slices.Clone(i.Issues), slices.Clone(i.Docs) // they are the file's
	for _, o := range other.Issues {
		if !slices.ContainsFunc(i.Issues, func(have Issue) bool { return have.address() == o.address() && have.Number == o.Number }) {
			i.Issues = append(i.Issues, o)
		}
	}
	for _, d := range other.Docs {
		if !slices.Contains(i.Docs, d) {
			i.Docs = append(i.Docs, d)
		}
	}
}
