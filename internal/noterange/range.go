package noterange

import (
	"context"
	"errors"
	"fmt"

	"github.com/istio-ecosystem/slipway/internal/git"
	"github.com/istio-ecosystem/slipway/internal/notes"
)

// Request is what is to be read of one repository.
type Request struct {
	Name     string // for people; owner/name where it is known
	From, To string // revisions: tags, branches, ids
	Dir      string // the folder of the notes
	Schema   notes.Schema
	Severity notes.Severities
	// Exempt reports whether a change of a path needs no note; nil: none.
	Exempt func(path string) bool
	// ExemptAccount reports whether the changes of an account need no note, by its
	// numeric id; nil: none.
	ExemptAccount func(id int64) bool
	// Waived reports whether a pull request has the label that waives a note; nil:
	// nobody knows.
	Waived func(number int) bool
}

// Range is what was read.
type Range struct {
	Source   notes.Source
	Repo     notes.RepoReport
	Lacking  []notes.Change
	Reverted []notes.Reverted
}

// The most that is read of one range.
const (
	maxNotes   = 5000
	maxChanges = 20_000
	maxPaths   = 5000 // of one change
)

// Read reads a range. A revision that isn't there is an error, as is a folder
// that is at neither; history that isn't there is said in the report.
func Read(ctx context.Context, repo *git.Repository, a Request) (Range, error) {
	r := Range{Source: notes.Source{Name: a.Name}}
	from, err := repo.Resolve(ctx, a.From)
	if err != nil {
		return r, fmt.Errorf("%s: %w", a.Name, err)
	}
	to, err := repo.Resolve(ctx, a.To)
	if err != nil {
		return r, fmt.Errorf("%s: %w", a.Name, err)
	}
	if err := r.files(ctx, repo, a, from, to); err != nil {
		return r, fmt.Errorf("%s: %w", a.Name, err)
	}
	r.Repo = notes.RepoReport{Name: a.Name, From: from, To: to, Files: len(r.Source.Files)}
	if err := r.changes(ctx, repo, a, from, to); err != nil {
		var missing *git.MissingError
		if !errors.As(err, &missing) {
			return r, fmt.Errorf("%s: %w", a.Name, err)
		}
		r.Lacking, r.Reverted, r.Repo.Changes = nil, nil, 0
		r.Repo.Partial = "its changes are unknown, because the clone is shallow"
	}
	return r, nil
}

// files reads the note files that the later revision has new or changed.
func (r *Range) files(ctx context.Context, repo *git.Repository, a Request, from, to string) error {
	before, err := repo.DirOf(ctx, from, a.Dir)
	if err != nil {
		return err
	}
	after, err := repo.DirOf(ctx, to, a.Dir)
	if err != nil {
		return err
	}
	if before == "" && after == "" {
		return fmt.Errorf("there is no folder %s at %s", a.Dir, a.To)
	}
	list, complete, err := repo.Differing(ctx, before, after, a.Dir, maxNotes)
	if err != nil {
		return err
	}
	if !complete {
		return fmt.Errorf("more than %d note files changed from %s to %s", maxNotes, a.From, a.To)
	}
	for _, one := range list {
		if !notes.Holds(a.Dir, one.Path) {
			continue
		}
		if one.Other != "" {
			r.Source.Files = append(r.Source.Files, notes.NoFile(one.Path, one.Other))
			continue
		}
		if one.New == "" {
			continue
		}
		text, err := repo.Content(ctx, one.New, notes.MaxBytes+1)
		if err != nil {
			return err
		}
		r.Source.Files = append(r.Source.Files, notes.Read(a.Schema, a.Severity, one.Path, text))
	}
	return nil
}
