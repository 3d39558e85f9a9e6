package git

import (
	"context"
	"errors"
	"strings"
	"time"
)

// reach is how far back Deepen looks for where two branches met, before the
// older of two commits: at first a release's time, at last several years.
var reach = []time.Duration{120 * 24 * time.Hour, 500 * 24 * time.Hour, 2500 * 24 * time.Hour}

// maxMissing bounds how many versions of files Deepen fetches.
const maxMissing = 20_000

// Deepen fetches into a cache what Prerequisites needs to read: the commits,
// with their trees, since the source's branch and the target's met, and the
// versions of the conflicted files. For a release branch of some months that
// is one or two megabytes, so it is for conflicts alone. If the branches don't
// meet within seven years, the error is a *HistoryError.
//
// Call it within Cache.Use; somebody's own repository is never deepened.
func (r *Repository) Deepen(ctx context.Context, p Pick) error {
	if p.Outcome != Clash || len(p.Steps) == 0 || p.Steps[len(p.Steps)-1].parent == "" {
		return nil
	}
	if r.access == nil {
		return errors.New("this repository has no remote to fetch history from")
	}
	one, err := acquire(ctx, r.fetchLock, true)
	if err != nil {
		return err
	}
	defer one.release()
	last := p.Steps[len(p.Steps)-1]
	err = r.meet(ctx, p.Onto, last.parent)
	if err != nil {
		return err
	}
	paths, _, err := r.pathsBefore(ctx, last.base, p.Conflicts)
	if err != nil {
		return err
	}
	err = r.reaches(ctx, p.Onto, last.parent, paths)
	var lacks *HistoryError
	if !errors.As(err, &lacks) || lacks.Shallow {
		return err
	}
	if len(lacks.Missing) > maxMissing {
		return err
	}
	return r.fetch(ctx, strings.Join(lacks.Missing, "\n")+"\n", asked)
}

// meet fetches history until two commits have a common past.
func (r *Repository) meet(ctx context.Context, onto, parent string) error {
	from, err := r.older(ctx, onto, parent)
	if err != nil {
		return err
	}
	for _, back := range append([]time.Duration{0}, reach...) {
		if back > 0 {
			if err := r.fetchSince(ctx, specsOf([]string{onto, parent}), from.Add(-back)); err != nil {
				return err
			}
		}
		err := r.reaches(ctx, onto, parent, nil)
		var lacks *HistoryError
		if !errors.As(err, &lacks) || !lacks.Shallow {
			if lacks != nil { // files are missing, which is expected
				return nil
			}
			return err
		}
	}
	return &HistoryError{Shallow: true}
}

// older is when the older of two commits was made.
func (r *Repository) older(ctx context.Context, a, b string) (time.Time, error) {
	x, err := r.Commit(ctx, a)
	if err != nil {
		return time.Time{}, err
	}
	y, err := r.Commit(ctx, b)
	if err != nil {
		return time.Time{}, err
	}
	if x.Committed().Before(y.Committed()) {
		return x.Committed(), nil
	}
	return y.Committed(), nil
}
