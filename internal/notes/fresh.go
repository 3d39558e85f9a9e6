package notes

import (
	"slices"
	"strings"
)

// Fresh parts what is new in the note files of a range from what an earlier release had:
// added are those that are new, changed those that were there with another content, and
// before is what changed or is gone, as it was. What stands there, too, was told already, by
// whatever name. The files come back in the order of their paths, those that changed without
// their notes: since lists these.
func Fresh(repo string, added, changed, before []File) (files []File, since []ChangedNote) {
	told := map[string]bool{}
	for _, f := range before {
		for _, i := range f.items(repo) {
			told[i.identity()] = true
		}
	}
	for _, f := range changed {
		for _, i := range f.items(repo) {
			if !told[i.identity()] {
				since = append(since, ChangedNote{repo, f.Path, strings.TrimSpace(i.Title + " " + unbulleted(i.Text))})
			}
		}
		f.Notes, f.Upgrade, f.Security = nil, nil, nil
		files = append(files, f)
	}
	for _, f := range added {
		files = append(files, f.without(told))
	}
	slices.SortStableFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return files, since
}

// without is a file without the notes that were told already.
func (f File) without(told map[string]bool) File {
	have := func(i Item) bool {
		i.Area = f.Area
		return told[i.identity()]
	}
	f.Notes = slices.DeleteFunc(slices.Clone(f.Notes), func(e Entry) bool { return have(Item{Section: InNotes, Text: e.Text}) })
	f.Upgrade = slices.DeleteFunc(slices.Clone(f.Upgrade), func(u Upgrade) bool { return have(Item{Section: InUpgrade, Title: u.Title, Text: u.Content}) })
	f.Security = slices.DeleteFunc(slices.Clone(f.Security), func(e Entry) bool { return have(Item{Section: InSecurity, Text: e.Text}) })
	return f
}
