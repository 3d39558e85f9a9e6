package releasenotes

import (
	"context"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/facts"
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

// readFiles lists the files, and reads those that are notes.
func (h *Handler) readFiles(l *facts.Look, f *known) (err error) {
	if f.Changes, err = facts.FileChanges.Of(l, facts.Head{Number: f.PR.Number, Commit: f.PR.Head}); err != nil {
		return err
	}
	var brought []github.ChangedFile
	for _, one := range f.Changes.Files {
		switch {
		case one.Gone || !f.Settings.holds(one.Path):
		case len(brought) == maxNotes:
			f.Unread++
		default:
			brought = append(brought, one)
		}
	}
	read, err := h.notesAt(l, f.PR.Head, pathsOf(brought))
	for _, one := range brought {
		if note, found := read[one.Path]; found {
			f.Files = append(f.Files, noteFile{one, note})
		}
	}
	return err
}

func pathsOf(files []github.ChangedFile) []string {
	var all []string
	for _, f := range files {
		all = append(all, f.Path)
	}
	return all
}

// at names files of a ref.
type at struct{ ref, paths string } // a path a line

// notes are the note files at a ref, by their paths; what isn't there is left out.
// They are read as the tree has them: GitHub follows a link where it shows a file by
// its path, and what makes the notes of a release doesn't. At a commit they stay; what
// a branch gets is found by the resync.
func (h *Handler) notes() facts.Fact[at, map[string]notes.File] {
	return facts.Fact[at, map[string]notes.File]{
		Name: "notes", Fresh: facts.EachLook, Unknown: facts.Retry, From: []facts.Need{facts.Policy},
		Read: func(l *facts.Look, a at) (map[string]notes.File, error) {
			s, err := facts.Section[Settings](l, Name)
			if err != nil {
				return nil, err
			}
			blobs, err := h.GitHub.FilesAt(l.Context(), l.Repo, a.ref, strings.Split(a.paths, "\n"))
			read := map[string]notes.File{}
			for _, b := range blobs {
				if err == nil {
					read[b.Path], err = h.note(l.Context(), l.Repo, s.NoteSchema(l.Repo), s.Severities(), b)
				}
			}
			return read, err
		},
	}
}

func (h *Handler) notesAt(l *facts.Look, ref string, paths []string) (map[string]notes.File, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	return h.notes().Of(l, at{ref, strings.Join(paths, "\n")})
}

// note reads one note file. Of one that is too long just that is told.
func (h *Handler) note(ctx context.Context, repo github.Repo, schema notes.Schema, severities notes.Severities, b github.Blob) (notes.File, error) {
	if b.Other != "" {
		return notes.NoFile(b.Path, b.Other), nil
	}
	if b.Size > notes.MaxBytes {
		return notes.Read(schema, severities, b.Path, make([]byte, notes.MaxBytes+1)), nil
	}
	text, err := h.GitHub.BlobText(ctx, repo, b.ID)
	return notes.Read(schema, severities, b.Path, []byte(text)), err
}

// readGone reads the notes that a pull request takes away, if kinds of note
// can say that it needs one.
func (h *Handler) readGone(l *facts.Look, f *known) error {
	matters := false
	for _, k := range f.Settings.NeverWaived {
		matters = matters || len(k.Kinds)+len(k.Actions) > 0
	}
	if !matters {
		return nil
	}
	gone := f.gone()
	f.Unclear = !f.Changes.Complete || len(gone) > maxGone
	gone = gone[:min(len(gone), maxGone)]
	read, err := h.notesAt(l, "heads/"+string(f.PR.Base), gone)
	for _, path := range gone {
		if note, found := read[path]; found {
			f.Gone = append(f.Gone, note)
		}
	}
	return err
}

// gone lists the notes that a pull request takes away: a file that is renamed out
// of the folder is no note any more.
func (f known) gone() []string {
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

// findings are those of all its note files. What stands in one that is only
// renamed was there before, so it is told and holds nothing back, but for its name.
func (f known) findings() []notes.Finding {
	var all []notes.Finding
	for _, n := range f.Files {
		for _, one := range n.Note.Findings {
			if n.Same && one.Rule != notes.RuleExtension && one.Rule != notes.RuleFile {
				one.Severity = notes.Warning
			}
			all = append(all, one)
		}
	}
	return all
}

// noted reports whether a valid note file is added, or changed in its content.
func (f known) noted() bool {
	for _, n := range f.Files {
		if n.Note.Valid() && !n.Same {
			return true
		}
	}
	return false
}

// exempt reports whether every file that the pull request changes needs no note.
func (f known) exempt() bool {
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
