package git

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// maxEarlier bounds how many earlier commits are fetched.
const maxEarlier = 20

// Gather fetches into a cache what Prove needs beyond the head and its merge
// base, which are there: the source branch as it is now, with its commits and
// trees since the two branches parted; and the earlier commits with the pull
// request's own history. An earlier commit that the server doesn't have any more
// is no error. Files come later, when a diff reads them. If the branches don't
// meet within seven years, the error is a *HistoryError.
//
// Call it within Cache.Use.
func (r *Repository) Gather(ctx context.Context, q provenance.Question) error {
	if r.access == nil {
		return errors.New("this repository has no remote to fetch history from")
	}
	one, err := acquire(ctx, r.fetchLock, true)
	if err != nil {
		return err
	}
	defer one.release()
	if err := r.fetchEarlier(ctx, q); err != nil {
		return err
	}
	branch := fmt.Sprintf("+%s:%s\n", q.Source.Ref(), q.Source.Ref())
	enough, err := r.gathered(ctx, q)
	if err != nil {
		return err
	}
	if enough { // what is new on the branch is little
		if err := r.fetch(ctx, branch, nil); err != nil {
			return err
		}
		// A pick may have fetched a commit on the way without what is behind it.
		if enough, err = r.gathered(ctx, q); err != nil || enough {
			return err
		}
	}
	from, specs, err := r.points(ctx, q)
	if err != nil {
		return err
	}
	for _, back := range reach {
		if err := r.fetch(ctx, branch+specs, nil, fmt.Sprintf("--shallow-since=%d", max(1, from.Add(-back).Unix()))); err != nil {
			return err
		}
		if err := r.copyShallow(); err != nil {
			return err
		}
		if enough, err = r.gathered(ctx, q); err != nil || enough {
			return err
		}
	}
	return r.meets(ctx, q) // without the earlier commits' history, they are unknown
}

// fetchEarlier fetches the earlier commits one by one: the server refuses all
// for one that it doesn't have.
func (r *Repository) fetchEarlier(ctx context.Context, q provenance.Question) error {
	for _, e := range q.Earlier[:min(len(q.Earlier), maxEarlier)] {
		for _, id := range []string{e.Commit, e.MergeBase} {
			if !isID(id) {
				continue
			}
			ok, err := r.complete(ctx, id, false)
			if err == nil && !ok {
				err = r.fetchCommits(ctx, "", false, []string{id})
			}
			if err != nil && !errors.Is(err, ErrNoCommit) {
				return err
			}
		}
	}
	return nil
}

// gathered says whether the history that is here reaches far enough.
func (r *Repository) gathered(ctx context.Context, q provenance.Question) (bool, error) {
	if err := r.copyShallow(); err != nil {
		return false, err
	}
	err := r.meets(ctx, q)
	for _, e := range q.Earlier {
		if err != nil {
			break
		}
		if _, there := r.Commit(ctx, e.Commit); there == nil {
			_, err = r.mergeBase(ctx, e.Commit, q.Head)
		}
	}
	var lacks *HistoryError
	if errors.As(err, &lacks) || errors.Is(err, ErrNoCommit) {
		return false, nil
	}
	return err == nil, err
}

// meets is nil if the source branch is here, back to where the merge base left it.
func (r *Repository) meets(ctx context.Context, q provenance.Question) error {
	tip, err := r.Resolve(ctx, q.Source.Ref())
	if err != nil {
		return err
	}
	_, err = r.History(ctx, q.Source, tip, other(q))
	return err
}

// points are the commits whose history is needed, as what to fetch, and when the
// oldest of them was made.
func (r *Repository) points(ctx context.Context, q provenance.Question) (from time.Time, specs string, err error) {
	ids := []string{q.Head, q.MergeBase}
	for _, e := range q.Earlier[:min(len(q.Earlier), maxEarlier)] {
		ids = append(ids, e.Commit, e.MergeBase)
	}
	slices.Sort(ids)
	var b strings.Builder
	for _, id := range slices.Compact(ids) {
		if !isID(id) {
			continue
		}
		c, err := r.Commit(ctx, id)
		if isMissing(err) {
			continue
		}
		if err != nil {
			return from, "", err
		}
		if at := c.Committed(); from.IsZero() || at.Before(from) {
			from = at
		}
		fmt.Fprintf(&b, "+%s:refs/picks/%s\n", id, id)
	}
	return from, b.String(), nil
}

// blob reads a file's content. A cache fetches it if it isn't here.
func (r *Repository) blob(ctx context.Context, id string) (object, error) {
	o, err := r.objects.read(ctx, id)
	if isMissing(err) && r.access != nil {
		if err := r.fetchFiles(ctx, id); err != nil {
			return o, err
		}
		o, err = r.objects.read(ctx, id)
	}
	return o, err
}

// prefetch fetches at once what some diffs will read: git would ask for each
// diff's files by themselves.
func (r *Repository) prefetch(ctx context.Context, ids []string) error {
	if r.access == nil {
		return nil
	}
	var lacks []string
	for _, id := range ids {
		if _, err := r.objects.stat(ctx, id); isMissing(err) {
			lacks = append(lacks, id)
		} else if err != nil {
			return err
		}
	}
	if len(lacks) == 0 {
		return nil
	}
	slices.Sort(lacks)
	return r.fetchFiles(ctx, slices.Compact(lacks)...)
}

func (r *Repository) fetchFiles(ctx context.Context, ids ...string) error {
	one, err := acquire(ctx, r.fetchLock, true)
	if err != nil {
		return err
	}
	defer one.release()
	return r.fetch(ctx, strings.Join(ids, "\n")+"\n", asked)
}
