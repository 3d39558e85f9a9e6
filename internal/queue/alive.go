package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/store"
)

// missed is how many heartbeats in a row make a replica dead.
const missed = 5

// beat notes that this replica lives.
func (q *Queue) beat(ctx context.Context) error {
	at := time.Since(q.born)
	if err := q.store.Seen(ctx, q.id); err != nil {
		return err
	}
	q.lastSeen.Store(int64(at))
	return nil
}

// aliveEnough keeps a process that stood still (a suspended machine, a database
// out of reach) from beginning a run while the others may hold it for dead and
// would start the same key: it first shows that it lives.
func (q *Queue) aliveEnough(ctx context.Context) error {
	if q.store.Postgres() == nil || time.Since(q.born)-time.Duration(q.lastSeen.Load()) < (missed-2)*q.opts.Heartbeat {
		return nil
	}
	return q.beat(ctx)
}

// heartbeats shows that this replica lives and rescues the jobs of those that
// do not. Who lives is a matter of real time. On SQLite there is nobody else: Start has rescued all there was.
func (q *Queue) heartbeats() {
	if q.store.Postgres() == nil {
		return
	}
	tick := time.NewTicker(q.opts.Heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-q.quit:
			return
		case <-tick.C:
		}
		ctx, cancel := context.WithTimeout(context.Background(), missed*q.opts.Heartbeat)
		err := q.beat(ctx)
		if err == nil {
			err = q.rescue(ctx)
		}
		cancel()
		if err != nil {
			q.log.Error("heartbeat", "error", err)
		}
	}
}

// pruning deletes what has been kept long enough, a minute after the start and
// then every ten minutes.
func (q *Queue) pruning() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	timer := time.NewTimer(time.Minute)
	defer timer.Stop()
	for {
		select {
		case <-q.quit:
			return
		case <-timer.C:
		}
		if err := q.store.Prune(ctx, q.opts.Retention); err != nil {
			q.log.Error("prune", "error", err)
		}
		timer.Reset(10 * time.Minute)
	}
}

// rescue replaces the jobs that dead processes left running. Until then they
// are the twins that swallow their keys' events.
func (q *Queue) rescue(ctx context.Context) error {
	alive := map[string]bool{}
	if q.store.Postgres() != nil {
		var err error
		if alive, err = q.store.Alive(ctx, missed*q.opts.Heartbeat); err != nil {
			return fmt.Errorf("rescue: %w", err)
		}
	}
	var after *river.JobListCursor
	for {
		page, err := q.river.running(ctx, after)
		if err != nil {
			return fmt.Errorf("rescue: %w", err)
		}
		for _, job := range page.Jobs {
			if n := len(job.AttemptedBy); n > 0 && alive[job.AttemptedBy[n-1]] {
				continue
			}
			if err := q.rescueJob(ctx, job); err != nil {
				return fmt.Errorf("rescue job %d: %w", job.ID, err)
			}
		}
		if len(page.Jobs) == 0 || page.LastCursor == nil {
			return nil
		}
		after = page.LastCursor
	}
}

// rescueJob strikes out a job and inserts what replaces it.
func (q *Queue) rescueJob(ctx context.Context, job *rivertype.JobRow) error {
	var args wakeArgs // has the fields of both kinds
	if err := json.Unmarshal(job.EncodedArgs, &args); err != nil {
		return err
	}
	key := store.ParseKey(args.Key)
	return q.update(ctx, func(ctx context.Context, tx store.Tx) error {
		follow := newWork(nil)
		if key.Handler == reconcile.CommandHandler {
			follow.addOrder(key.Repo) // should it lose its turn
		}
		sub, _, err := lockWith(ctx, tx, args.Key, follow.locks)
		if err != nil {
			return err
		}
		if struck, err := tx.Strike(ctx, job.ID, job.Attempt); err != nil || !struck {
			return err // it ended meanwhile
		}
		q.log.Warn("rescued a job of a dead process", "key", args.Key, "kind", job.Kind, "of", job.AttemptedBy)
		jobs := []river.InsertManyParams{wakeJob(args.Key, time.Unix(args.At, 0))}
		switch {
		case job.Kind == kindWake:
		case q.deadly(key, sub, job):
			_, jobs, err = q.untold(ctx, tx, key, sub, max(1, q.opts.MaxAttempts/patience))
		default:
			jobs, err = q.died(ctx, tx, key, sub, follow)
		}
		if err != nil {
			return err
		}
		return q.insert(ctx, tx, jobs, nil)
	})
}
