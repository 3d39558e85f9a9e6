package replay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/internal/git"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Span is a part of time; a zero end is open.
type Span struct{ Since, Until time.Time }

func (s Span) has(t time.Time) bool {
	return (s.Since.IsZero() || !t.Before(s.Since)) && (s.Until.IsZero() || t.Before(s.Until))
}

// Scope is what to read of a clone.
type Scope struct {
	Repo     string // OWNER/NAME
	Source   release.Branch
	Branches []release.Branch
	Scheme   release.Scheme
	During   Span
	// Watch names a directory: what changes something there on the source branch is
	// looked at like a change of a release branch. "" watches nothing.
	Watch string
	// Some says that not all of the branches have to be there.
	Some bool
}

// maxLine bounds how many commits one branch may have.
const maxLine = 50_000

// Read reads a clone's history.
func Read(ctx context.Context, repo *git.Repository, ask Scope) (History, error) {
	h := History{Repo: ask.Repo, Source: ask.Source, Scheme: ask.Scheme, Watched: map[string]bool{}}
	tip, err := repo.ResolveBranch(ctx, ask.Source)
	if err != nil {
		return h, fmt.Errorf("%s: %w", ask.Source, err)
	}
	oldest := ""
	for _, b := range ask.Branches {
		l, parted, err := readLine(ctx, repo, tip, b)
		if errors.Is(err, git.ErrNoBranch) && ask.Some {
			continue
		}
		if err != nil {
			return h, fmt.Errorf("%s: %w", b, err)
		}
		within(&l, ask.During)
		h.Branches = append(h.Branches, l)
		if oldest == "" {
			oldest = parted
		} else if oldest, err = repo.Meets(ctx, oldest, parted); err != nil {
			return h, err
		}
	}
	if oldest == "" {
		return h, errors.New("none of the release branches is there")
	}
	h.Start = oldest
	if h.Merged, err = firstParents(ctx, repo, oldest, tip); err != nil {
		return h, err
	}
	h.Merged = slices.DeleteFunc(h.Merged, func(c git.Commit) bool { return !ask.During.Until.IsZero() && !c.Committed().Before(ask.During.Until) })
	if err := h.watch(ctx, repo, ask); err != nil {
		return h, err
	}
	h.Tags, err = repo.Tags(ctx)
	h.Tags = slices.DeleteFunc(h.Tags, func(t git.Tag) bool { return !ask.During.has(t.Made) || !ask.tagged(t.Name) })
	return h, err
}

func readLine(ctx context.Context, repo *git.Repository, source string, b release.Branch) (l Line, parted string, err error) {
	tip, err := repo.ResolveBranch(ctx, b)
	if err != nil {
		return l, "", err
	}
	l.Branch = b
	if l.Commits, err = firstParents(ctx, repo, source, tip); err != nil {
		return l, "", err
	}
	l.From = tip
	if len(l.Commits) > 0 && len(l.Commits[0].Parents) > 0 {
		l.From = l.Commits[0].Parents[0]
	}
	return l, l.From, nil
}

// within leaves a branch's commits of a span of time; the branch is cut at the last before that.
func within(l *Line, during Span) {
	from := 0
	for from < len(l.Commits) && !during.Since.IsZero() && l.Commits[from].Committed().Before(during.Since) {
		l.From = l.Commits[from].ID
		from++
	}
	l.Commits = slices.DeleteFunc(l.Commits[from:], func(c git.Commit) bool { return !during.has(c.Committed()) })
}

func firstParents(ctx context.Context, repo *git.Repository, from, to string) ([]git.Commit, error) {
	list, complete, err := repo.FirstParents(ctx, from, to, maxLine)
	if err == nil && !complete {
		err = fmt.Errorf("there are more than %d commits", maxLine)
	}
	slices.Reverse(list)
	return list, err
}

// watch finds the commits of the source branch that changed something in a directory in that time.
func (h *History) watch(ctx context.Context, repo *git.Repository, ask Scope) error {
	dir := ask.Watch
	if dir == "" {
		return nil
	}
	for _, c := range h.Merged {
		if len(c.Parents) == 0 || !ask.During.has(c.Committed()) {
			continue
		}
		now, err := repo.DirOf(ctx, c.ID, dir)
		if err != nil {
			return err
		}
		before, err := repo.DirOf(ctx, c.Parents[0], dir)
		if err != nil {
			return err
		}
		if now != before {
			h.Watched[c.ID] = true
		}
	}
	return nil
}

// tagged says whether a tag is that of a version of one of the branches.
func (ask Scope) tagged(tag string) bool {
	v, ok := ask.Scheme.OfTag(tag)
	return ok && slices.ContainsFunc(ask.Branches, func(b release.Branch) bool {
		belongs, numbered := v.Of(b)
		return belongs && numbered
	})
}
