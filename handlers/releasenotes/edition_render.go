package releasenotes

import (
	"cmp"
	"context"
	"path"
	"slices"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/notes"
)

// observeRendered reads the notes and the templates, renders them, and lays them
// onto what people have changed.
func (h *Handler) observeRendered(ctx context.Context, e *edition) error {
	sources, err := h.observeNotes(ctx, e)
	if err != nil {
		return err
	}
	templates, err := h.observeTemplates(ctx, *e)
	if err != nil {
		return err
	}
	var files []notes.Rendered
	files, e.Report = notes.Render(sources, templates, e.Settings.NoteSchema(e.Repo).Home, notes.Releases{Old: e.From, New: e.Version})
	for _, p := range e.Parts {
		e.Report.Ends = append(e.Report.Ends, p.ends...)
		e.Report.Changed = append(e.Report.Changed, p.changed...)
	}
	left := ""
	if e.Head != "" && e.By.ByID != 0 {
		if left, err = h.GitHub.MergeBase(ctx, e.Target, e.Base, e.Head); err != nil {
			return err
		}
	}
	e.Left = cmp.Or(left, e.BaseHead)
	for _, f := range files {
		one, err := h.observeEditionFile(ctx, *e, path.Join(e.v.Fill(e.Settings.Release.Path), f.Name), f.Text)
		if err != nil {
			return err
		}
		e.Files = append(e.Files, one)
	}
	return nil
}

// observeEditionFile lays generated notes onto the file that is there.
func (h *Handler) observeEditionFile(ctx context.Context, e edition, name, text string) (editionFile, error) {
	f := editionFile{Path: name, New: text, Merged: text}
	var have github.File
	var err error
	if e.Pull == nil {
		if have, err = h.whole(ctx, e.Target, e.BaseHead, name); err != nil {
			return f, err
		}
		f.OnBase, f.Before = have.Text, have.Text
	}
	if e.By.ByID != 0 && (e.Pull != nil || e.Left != e.BaseHead) { // else nobody asks, or it is known
		if have, err = h.whole(ctx, e.Target, e.Left, name); err != nil {
			return f, err
		}
		f.Before = have.Text
	}
	if e.Head == "" { // begun anew: what people changed of the notes before, and merged, stays
		return h.onMerged(ctx, e, f, have.Found)
	}
	if have, err = h.whole(ctx, e.Target, e.Head, name); err != nil {
		return f, err
	}
	base := ""
	if e.Generated != "" {
		before, err := h.whole(ctx, e.Target, e.Generated, name)
		if err != nil {
			return f, err
		}
		base, f.Gone = before.Text, before.Found && !have.Found
	}
	if !have.Found {
		return f, nil
	}
	f.Edited = have.Text != base
	f.Merged, f.Kept, err = h.Merger.Merge(ctx, base, have.Text, text)
	return f, err
}

// whole reads a file that something is laid onto, which has to be read whole for that.
func (h *Handler) whole(ctx context.Context, repo github.Repo, ref, name string) (github.File, error) {
	f, err := h.GitHub.FileAt(ctx, repo, ref, name)
	return f, cmp.Or(err, f.Whole())
}

// onMerged lays generated notes onto those that an earlier pull request has brought
// to the base.
func (h *Handler) onMerged(ctx context.Context, e edition, f editionFile, found bool) (editionFile, error) {
	if !found || e.Generated == "" {
		return f, nil
	}
	before, err := h.whole(ctx, e.Target, e.Generated, f.Path)
	if err != nil || !before.Found {
		return f, err
	}
	f.Edited = f.OnBase != before.Text
	f.Merged, f.Kept, err = h.Merger.Merge(ctx, before.Text, f.OnBase, f.New)
	return f, err
}

// observeTemplates reads the project's templates, or takes Slipway's own.
func (h *Handler) observeTemplates(ctx context.Context, e edition) ([]notes.Template, error) {
	dir := e.Settings.Release.Templates
	if dir == "" {
		return notes.Templates(), nil
	}
	at, _, err := h.GitHub.Revision(ctx, e.Target, e.BaseHead)
	if err != nil {
		return nil, err
	}
	files, err := h.GitHub.FilesBelow(ctx, e.Target, at.Tree, dir)
	if err != nil {
		return nil, err
	}
	files = slices.DeleteFunc(files, func(f github.Blob) bool { return f.Other != "" || path.Dir(f.Path) != dir || path.Ext(f.Path) != ".md" })
	if len(files) == 0 || len(files) > maxTemplates {
		return nil, command.Misused("%s of %s holds %d templates (%s); from 1 to %d are wanted", effect.Code(dir), effect.Code(string(e.Base)), len(files), effect.Code("*.md"), maxTemplates)
	}
	var list []notes.Template
	for _, f := range files {
		text, err := h.GitHub.BlobText(ctx, e.Target, f.ID)
		if err != nil {
			return nil, err
		}
		t, err := notes.ParseTemplate(path.Base(f.Path), text)
		if err != nil {
			return nil, command.Misused("a template has a fault: %s", effect.Inert(err.Error(), maxQuoted))
		}
		list = append(list, t)
	}
	return list, nil
}
