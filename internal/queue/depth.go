package queue

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river/rivertype"
)

// Depth is how much work there is.
type Depth struct {
	Due     int // could be worked now
	Running int
	Waiting int // for a retry or a rate limit
	WakeUps int // instants to come
	Parked  int // keys that failed too often

	Next time.Time // when the first of those that wait comes due; zero if none does
}

// Depth counts the work there is.
func (q *Queue) Depth(ctx context.Context) (Depth, error) {
	counts, err := q.store.CountJobs(ctx)
	if err != nil {
		return Depth{}, fmt.Errorf("count jobs: %w", err)
	}
	var d Depth
	for _, c := range counts {
		switch {
		case c.State == string(rivertype.JobStateRunning):
			d.Running += c.Count
		case c.Due:
			d.Due += c.Count
		case c.Kind == kindWake:
			d.WakeUps += c.Count
		default:
			d.Waiting += c.Count
			if d.Next.IsZero() || c.First.Before(d.Next) {
				d.Next = c.First
			}
		}
	}
	parked, err := q.store.CountParked(ctx)
	if err != nil {
		return Depth{}, fmt.Errorf("count parked keys: %w", err)
	}
	d.Parked = parked
	return d, nil
}

// WaitIdle returns when nothing is running and nothing could be worked now.
// Retries and wake-ups to come do not count. It is for tests and measurements.
// It is told of what this process does; for other replicas, and for what River
// does by itself when the database is away, it looks once a second.
func (q *Queue) WaitIdle(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		changed := q.changed.watch()
		d, err := q.Depth(ctx)
		if err != nil {
			return err
		}
		if d.Due+d.Running == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("not idle yet, %+v: %w", d, ctx.Err())
		}
	}
}
