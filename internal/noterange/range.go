package noterange

import (
	"context"
	"errors"
	"fmt"

	"github.com/istio-ecosystem/slipway/internal/git"
	"github.com/istio-ecosystem/slipway/internal/notes"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Request is what is to be read of one repository.
type Request struct {
	Name     string // for people; owner/name where it is known
	From, To string // revisions: tags, branches, ids
	Scheme   release.Scheme
	Dir      string // the folder of the notes
	Schema   notes.Schema
	Severity notes.Severities
	// Exempt reports whether a change of a path needs no note; nil: none.
	Exempt func(path string) bool
	// ExemptAccount reports whether the changes of an account need no note, by its
	// numeric id; nil: none.
	ExemptAccount func(id int64) bool
	// BranchOf is the branch that a revision belongs on, "" if nobody can tell; nil: nobody can.
	BranchOf func(rev string) release.Branch
	// Waived reports whether a pull request has the label that waives a note; nil:
	// nobody knows.
	Waived func(number int) bool
}

// Range is what was read.
type Range struct {
	Source notes.Source
	Repo   notes.RepoReport
	notes.Judgement
	Changed []notes.ChangedNote // that an earlier release had
	Ends    []string            // what is to be said of the two ends
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
	from, err := r.end(ctx, repo, a, a.From)
	if err != nil {
		return r, fmt.Errorf("%s: %w", a.Name, err)
	}
	to, err := r.end(ctx, repo, a, a.To)
	if err != nil {
		return r, fmt.Errorf("%s: %w", a.Name, err)
	}
	if err := r.files(ctx, repo, a, from, to); err != nil {
		return r, fmt.Errorf("%s: %w", a.Name, err)
	}
	r.Repo.Name, r.Repo.From, r.Repo.To, r.Repo.Files = a.Name, from, to, len(r.Source.Files)
	if err := r.changes(ctx, repo, a, from, to); err != nil {
		var missing *git.MissingError
		if !errors.As(err, &missing) {
			return r, fmt.Errorf("%s: %w", a.Name, err)
		}
		r.Judgement, r.Repo.Changes = notes.Judgement{}, 0
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
	had, _, err := repo.Differing(ctx, "", before, a.Dir, maxNotes)
	if err != nil {
		return err
	}
	was := map[string]bool{} // by the content: what is there under another name isn't news
	for _, one := range had {
		was[one.New] = notes.Holds(a.Dir, one.Path)
	}
	return r.sorted(ctx, repo, a, list, was)
}

// sorted reads what differs, and parts what is new from what an earlier release had.
func (r *Range) sorted(ctx context.Context, repo *git.Repository, a Request, list []git.Changed, was map[string]bool) error {
	var added, changed, old []notes.File
	for _, one := range list {
		if !notes.Holds(a.Dir, one.Path) {
			continue
		}
		if one.Old != "" && len(old) < maxNotes {
			before, err := r.file(ctx, repo, a, one.Path, one.Old)
			if err != nil {
				return err
			}
			old = append(old, before)
		}
		switch {
		case one.Other != "":
			added = append(added, notes.NoFile(one.Path, one.Other))
			continue
		case one.New == "":
			continue
		case was[one.New]:
			r.Repo.Moved++
			continue
		}
		file, err := r.file(ctx, repo, a, one.Path, one.New)
		if err != nil {
			return err
		}
		if one.Old == "" {
			added = append(added, file)
		} else {
			changed = append(changed, file)
		}
	}
	r.Source.Files, r.Changed = notes.Fresh(a.Name, added, changed, old)
	return nil
}

func (r *Range) file(ctx context.Context, repo *git.Repository, a Request, path, id string) (notes.File, error) {
	text, err := repo.Content(ctx, id, notes.MaxBytes+1)
	return notes.Read(a.Schema, a.Severity, path, text), err
}

// end finds the commit of an end, by either spelling of a version, and notes what people
// should know of it.
func (r *Range) end(ctx context.Context, repo *git.Repository, a Request, rev string) (string, error) {
	e := notes.End{Repo: a.Name}
	var first error
	for _, name := range a.Scheme.Spellings(rev) {
		id, err := repo.Resolve(ctx, name)
		switch {
		case err != nil && !errors.Is(err, git.ErrNoCommit):
			return "", err
		case err != nil && first == nil:
			first = err
		case err != nil:
		case e.Commit == "":
			e.Name, e.Commit = name, id
		case e.Commit != id:
			e.Other, e.OtherCommit = name, id
		}
	}
	if e.Commit == "" {
		return "", first
	}
	if err := aside(ctx, repo, a, rev, &e); err != nil {
		return "", err
	}
	r.Ends = append(r.Ends, e.Said()...)
	return e.Commit, nil
}

// aside notes that an end isn't on the branch that it belongs on. What a clone lacks says nothing.
func aside(ctx context.Context, repo *git.Repository, a Request, rev string, e *notes.End) error {
	if a.BranchOf == nil || a.BranchOf(rev) == "" {
		return nil
	}
	branch := a.BranchOf(rev)
	tip, err := repo.ResolveBranch(ctx, branch)
	if errors.Is(err, git.ErrNoBranch) {
		return nil
	}
	if err != nil {
		return err
	}
	meets, err := repo.Meets(ctx, tip, e.Commit)
	if meets != "" && meets != e.Commit {
		e.Branch, e.Meets = string(branch), meets
	}
	return err
}
