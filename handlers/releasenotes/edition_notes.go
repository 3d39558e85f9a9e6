package releasenotes

import (
	"context"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/notes"
)

// difference is what became of a repository's note files in a range, in the order of their paths.
type difference struct {
	added, changed []github.Blob
	before         []github.Blob // as they were: those that changed, and those that are gone
	moved          int
}

// maxBefore bounds how many files that are gone are read: they only tell that a new one was moved.
const maxBefore = 100

// differ compares the note files of the two ends. What is there under another name, to the
// byte, is no news.
func differ(before, after []github.Blob, holds func(string) bool) (d difference) {
	other := func(f github.Blob) bool { return !holds(f.Path) }
	before, after = slices.DeleteFunc(slices.Clone(before), other), slices.DeleteFunc(slices.Clone(after), other)
	byPath := func(a, b github.Blob) int { return strings.Compare(a.Path, b.Path) }
	slices.SortFunc(before, byPath)
	slices.SortFunc(after, byPath)
	old, was, now := map[string]github.Blob{}, map[string]bool{}, map[string]bool{}
	for _, f := range before {
		old[f.Path], was[f.ID] = f, true
	}
	for _, f := range after {
		now[f.Path] = true
		had, there := old[f.Path]
		switch {
		case had == f:
		case f.Other == "" && was[f.ID]:
			d.moved++
		case there:
			d.changed, d.before = append(d.changed, f), append(d.before, had)
		default:
			d.added = append(d.added, f)
		}
	}
	gone := slices.DeleteFunc(before, func(f github.Blob) bool { return now[f.Path] || f.Other != "" })
	d.before = append(d.before, gone[:min(len(gone), maxBefore)]...)
	return d
}

// observeNotes reads the note files that are new or changed in the range, of each
// repository.
func (h *Handler) observeNotes(ctx context.Context, e *edition) (sources []notes.Source, err error) {
	var all []difference
	n := 0
	for _, p := range e.Parts {
		before, err := h.GitHub.FilesBelow(ctx, p.Repo, p.from.Tree, p.Settings.Path)
		if err != nil {
			return nil, err
		}
		after, err := h.GitHub.FilesBelow(ctx, p.Repo, p.to.Tree, p.Settings.Path)
		if err != nil {
			return nil, err
		}
		d := differ(before, after, p.Settings.holds)
		all, n = append(all, d), n+len(d.added)+len(d.changed)
	}
	if n > maxRange {
		return nil, command.Misused("%d note files changed from %s to %s, and %d are the most that are read here; %s has no such limit",
			n, effect.Code(e.From), effect.Code(e.To), maxRange, effect.Code("slipway notes generate"))
	}
	for i := range e.Parts {
		p, d := &e.Parts[i], all[i]
		if len(d.added) == 0 && len(d.changed) == 0 {
			d.before = nil // nothing of it can have moved
		}
		var read [3][]notes.File
		for k, list := range [][]github.Blob{d.added, d.changed, d.before} {
			if read[k], err = h.readNotes(ctx, *p, list); err != nil {
				return nil, err
			}
		}
		p.moved = d.moved
		p.files, p.changed = notes.Fresh(p.Repo.String(), read[0], read[1], read[2])
		sources = append(sources, notes.Source{Name: p.Repo.String(), Files: p.files})
	}
	return sources, nil
}

func (h *Handler) readNotes(ctx context.Context, p part, list []github.Blob) (files []notes.File, err error) {
	schema, severities := p.Settings.NoteSchema(p.Repo), p.Settings.Severities()
	for _, b := range list {
		one, err := h.note(ctx, p.Repo, schema, severities, b)
		if err != nil {
			return nil, err
		}
		files = append(files, one)
	}
	return files, nil
}
