package releasenotes

import (
	"context"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/notes"
)

// The most note files that are read of a pull request, and of those that it
// takes away. Anybody may open one with thousands.
const (
	maxNotes = 40
	maxGone  = 10
)

// noteFile is a note file of a pull request at its head.
type noteFile struct {
	github.ChangedFile
	Note notes.File
}

// observeFiles lists the files, and reads those that are notes.
func (h *Handler) observeFiles(ctx context.Context, repo github.Repo, f *facts) (err error) {
	if f.Changes, err = h.GitHub.Changes(ctx, repo, f.PR.Number, f.PR.Head); err != nil {
		return err
	}
	for _, one := range f.Changes.Files {
		if one.Gone || !f.Settings.holds(one.Path) {
			continue
		}
		if len(f.Files) == maxNotes {
			f.Unread++
			continue
		}
		note, found, err := h.note(ctx, repo, *f, f.PR.Head, one.Path)
		if err != nil {
			return err
		}
		if found {
			f.Files = append(f.Files, noteFile{one, note})
		}
	}
	return nil
}

// note reads one note file at a ref.
func (h *Handler) note(ctx context.Context, repo github.Repo, f facts, ref, path string) (note notes.File, found bool, err error) {
	file, err := h.GitHub.FileAt(ctx, repo, ref, path)
	if err != nil || !file.Found {
		return note, false, err
	}
	text := []byte(file.Text)
	if file.Size > notes.MaxBytes && len(text) <= notes.MaxBytes { // GitHub doesn't show all of it
		text = make([]byte, notes.MaxBytes+1)
	}
	return notes.Read(f.Schema, f.Settings.Severities(), path, text), true, nil
}

// observeGone reads the notes that a pull request takes away, if kinds of note
// can say that it needs one.
func (h *Handler) observeGone(ctx context.Context, repo github.Repo, f *facts) error {
	matters := false
	for _, k := range f.Settings.NeverWaived {
		matters = matters || len(k.Kinds)+len(k.Actions) > 0
	}
	if !matters {
		return nil
	}
	f.Unclear = !f.Changes.Complete
	for _, path := range f.gone() {
		if len(f.Gone) == maxGone {
			f.Unclear = true
			break
		}
		note, found, err := h.note(ctx, repo, *f, string(f.PR.Base), path)
		if err != nil {
			return err
		}
		if found {
			f.Gone = append(f.Gone, note)
		}
	}
	return nil
}

// gone lists the notes that a pull request takes away: a file that is renamed out
// of the folder is no note any more.
func (f facts) gone() []string {
	var paths []string
	for _, one := range f.Changes.Files {
		switch {
		case one.Gone && f.Settings.holds(one.Path):
			paths = append(paths, one.Path)
		case one.Was != "" && f.Settings.holds(one.Was) && !f.Settings.holds(one.Path):
			paths = append(paths, one.Was)
		}
	}
	return paths
}

// findings are those of all its note files.
func (f facts) findings() []notes.Finding {
	var all []notes.Finding
	for _, n := range f.Files {
		all = append(all, n.Note.Findings...)
	}
	return all
}

// noted reports whether a valid note file is added, or changed in its content.
func (f facts) noted() bool {
	for _, n := range f.Files {
		if n.Note.Valid() && !n.Same {
			return true
		}
	}
	return false
}

// exempt reports whether every file that the pull request changes needs no note.
func (f facts) exempt() bool {
	if !f.Changes.Complete || len(f.Changes.Files) == 0 {
		return false
	}
	for _, p := range f.Changes.Paths() {
		if !f.Settings.ExemptPath(p) {
			return false
		}
	}
	return true
}
