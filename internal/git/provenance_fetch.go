package git

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// maxEarlier bounds how many earlier commits are fetched.
const maxEarlier = 20

// gather fetches into a cache what Prove needs, and returns the history of the
// source branch: built once, it answers all of the question.
func (r *Repository) gather(ctx context.Context, need Need, q provenance.Question) (*History, error) {
	one, err := acquire(ctx, r.fetchLock, true)
	if err != nil {
		return nil, err
	}
	defer one.release()
	r.sweep()
	lacks, err := r.lacks(ctx, need)
	if err != nil {
		return nil, err
	}
	branch := fmt.Sprintf("+%s:%s\n", q.Source.Ref(), q.Source.Ref())
	if since, err := r.since(); err != nil {
		return nil, err
	} else if !since.IsZero() { // what is new since is little
		h, enough, err := r.gatherNew(ctx, q, branch, lacks)
		if err != nil || enough {
			return h, err
		}
		if lacks, err = r.lacks(ctx, need); err != nil {
			return nil, err
		}
	}
	if len(lacks) > 0 {
		if err := r.fetchCommits(ctx, "", false, lacks); err != nil {
			return nil, err
		}
	}
	if err := r.fetchEarlier(ctx, q); err != nil {
		return nil, err
	}
	from, specs, err := r.points(ctx, q)
	if err != nil {
		return nil, err
	}
	for _, back := range reach {
		if err := r.fetchSince(ctx, branch+q.Source.Ref()+"\n"+specs, from.Add(-back)); err != nil {
			return nil, err
		}
		if h, enough, err := r.gathered(ctx, q); err != nil || enough {
			return h, err
		}
	}
	return r.history(ctx, q) // without the earlier commits' history, they are unknown
}

// gatherNew fetches at once the source branch, the commits that are lacking, and
// the earlier ones that aren't here, as far back as the cache goes anyway. If the
// server doesn't have one of the earlier any more, it refuses all, and they are
// asked for one by one.
func (r *Repository) gatherNew(ctx context.Context, q provenance.Question, branch string, lacks []string) (*History, bool, error) {
	early, err := r.lacksEarlier(ctx, q)
	if err != nil {
		return nil, false, err
	}
	err = r.fetchSince(ctx, branch+specsOf(lacks)+specsOf(early), time.Time{})
	if errors.Is(err, ErrNoCommit) && len(early) > 0 {
		if err := r.fetchEarlier(ctx, q); err != nil {
			return nil, false, err
		}
		err = r.fetchSince(ctx, branch+specsOf(lacks), time.Time{})
	}
	if err != nil {
		return nil, false, err
	}
	return r.gathered(ctx, q)
}

// specsOf names commits for a fetch. They get refs, so that the next fetch can
// tell the server what is here.
func specsOf(ids []string) string {
	var specs strings.Builder
	for _, id := range ids {
		fmt.Fprintf(&specs, "+%s:refs/picks/%s\n", id, id)
	}
	return specs.String()
}

// lacksEarlier are the earlier commits that aren't here.
func (r *Repository) lacksEarlier(ctx context.Context, q provenance.Question) (lacks []string, err error) {
	for _, e := range q.Earlier[:min(len(q.Earlier), maxEarlier)] {
		for _, id := range []string{e.Commit, e.MergeBase} {
			if !isID(id) || slices.Contains(lacks, id) {
				continue
			}
			ok, err := r.complete(ctx, id, false)
			if err != nil {
				return nil, err
			}
			if !ok {
				lacks = append(lacks, id)
			}
		}
	}
	return lacks, nil
}

// fetchEarlier fetches the earlier commits one by one.
func (r *Repository) fetchEarlier(ctx context.Context, q provenance.Question) error {
	lacks, err := r.lacksEarlier(ctx, q)
	if err != nil {
		return err
	}
	for _, id := range lacks {
		if err := r.fetchCommits(ctx, "", false, []string{id}); err != nil && !errors.Is(err, ErrNoCommit) {
			return err
		}
	}
	return nil
}

// gathered is the history, if what is here is all that there is to the question.
func (r *Repository) gathered(ctx context.Context, q provenance.Question) (h *History, enough bool, err error) {
	h, err = r.history(ctx, q)
	for _, id := range []string{q.Head, q.MergeBase} {
		if err == nil && id != "" {
			if enough, err = r.complete(ctx, id, false); err == nil && !enough {
				return nil, false, nil
			}
		}
	}
	for _, e := range q.Earlier {
		if err != nil {
			break
		}
		if _, there := r.Commit(ctx, e.Commit); there == nil {
			_, err = r.mergeBase(ctx, e.Commit, q.Head)
		}
	}
	if err == nil {
		err = r.mergesMeet(ctx, q)
	}
	var lacks *HistoryError
	if errors.As(err, &lacks) {
		return nil, false, nil
	}
	return h, err == nil, err
}

// mergesMeet fails where the two sides of a merge in a pull request don't meet in what is
// here. A branch may have been cut yesterday of which the change began a year ago: its own
// history is here then, and to git the two sides seem to have none in common.
func (r *Repository) mergesMeet(ctx context.Context, q provenance.Question) error {
	if q.MergeBase == "" {
		return nil
	}
	w, err := r.walk(ctx, q.Head, q.MergeBase)
	if isMissing(err) {
		return &HistoryError{Shallow: true}
	}
	if err != nil {
		return err
	}
	for _, c := range w.own[:min(len(w.own), maxWalk)] {
		if len(c.Parents) != 2 {
			continue
		}
		if _, err := r.mergeBase(ctx, c.Parents[0], c.Parents[1]); err != nil {
			return err
		}
	}
	return nil
}

// sinceFile says from when on a cache has the history of what is fetched with it,
// in seconds. Later fetches go back as far and no further: so none cuts off what
// another needed.
const sinceFile = "since"

// since is what the cache's file says; zero if there is none.
func (r *Repository) since() (time.Time, error) {
	text, err := os.ReadFile(filepath.Join(r.dir, sinceFile))
	if errors.Is(err, fs.ErrNotExist) {
		return time.Time{}, nil
	}
	seconds, bad := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if bad != nil || seconds <= 0 {
		err = errors.Join(err, fmt.Errorf("%w: history since %.20q", errDamaged, text))
	}
	return time.Unix(seconds, 0), err
}

// fetchSince fetches history back to a moment, or to where the cache goes back
// already if that is earlier.
func (r *Repository) fetchSince(ctx context.Context, specs string, from time.Time) error {
	since, err := r.since()
	if err != nil {
		return err
	}
	earlier := since.IsZero() || !from.IsZero() && from.Before(since)
	if earlier {
		since = time.Unix(max(1, from.Unix()), 0)
	}
	flags := []string{fmt.Sprintf("--shallow-since=%d", since.Unix())}
	if from.IsZero() { // what is new is little, and its files will be asked for
		flags = append(flags, "--filter=blob:limit=64k")
	}
	if err := r.fetch(ctx, specs, nil, flags...); err != nil {
		return err
	}
	if earlier {
		if err := os.WriteFile(filepath.Join(r.dir, sinceFile), fmt.Appendln(nil, since.Unix()), 0o600); err != nil {
			return err
		}
	}
	return r.copyShallow()
}

// points are the commits whose history is needed, as what to fetch, and when the
// oldest of them was made. All that is fetched is also named without a ref: git
// leaves out whose ref is right already, and with it the history behind it.
func (r *Repository) points(ctx context.Context, q provenance.Question) (from time.Time, specs string, err error) {
	ids := []string{q.Head, q.MergeBase}
	for _, e := range q.Earlier[:min(len(q.Earlier), maxEarlier)] {
		ids = append(ids, e.Commit, e.MergeBase)
	}
	slices.Sort(ids)
	var here []string
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
		here = append(here, id)
	}
	return from, specsOf(here) + strings.Join(here, "\n") + "\n", nil
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
