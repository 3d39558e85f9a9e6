package store

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// This file holds the few statements on River's own tables that its API lacks.

// MakeAvailable turns jobs that are scheduled into available ones; the fetch
// still waits for their time. River does the same for short retries: its
// scheduler comes by only every five seconds.
func (tx Tx) MakeAvailable(ctx context.Context, ids []int64) error {
	for _, id := range ids {
		if _, err := tx.exec(ctx, "UPDATE river_job SET state = 'available' WHERE id = ? AND state = 'scheduled'", id); err != nil {
			return err
		}
	}
	return nil
}

// Strike ends a job that a dead process left running, if it still is that run.
// Its row never runs again; what follows is a new row. So a process that only
// seemed dead finds its job cancelled, and everything it still does about it
// comes to nothing.
func (tx Tx) Strike(ctx context.Context, id int64, attempt int) (bool, error) {
	n, err := tx.exec(ctx, "UPDATE river_job SET state = 'cancelled', finalized_at = ? WHERE id = ? AND state = 'running' AND attempt = ?", tx.jobTime(), id, attempt)
	return n == 1, err
}

// DropLeader deletes the leader that a dead process left, so that the next one
// need not wait for it to expire. It is only right where one process can be
// alive: on SQLite, at start.
func (tx Tx) DropLeader(ctx context.Context) error {
	_, err := tx.exec(ctx, "DELETE FROM river_leader")
	return err
}

// jobTime is the present moment as River writes it.
func (tx Tx) jobTime() any { return jobTime(tx.lite != nil, tx.now()) }

func jobTime(sqlite bool, at time.Time) any {
	if sqlite {
		return at.UTC().Round(time.Millisecond).Format("2006-01-02 15:04:05.000")
	}
	return at
}

// JobCount counts jobs of one kind in one of River's states; Due says that
// their time has come. First is when that of the first of them comes or came,
// up to a millisecond late.
type JobCount struct {
	Kind, State string
	Due         bool
	Count       int
	First       time.Time
}

// CountJobs counts the jobs that are not finished.
func (s *Store) CountJobs(ctx context.Context) ([]JobCount, error) {
	var list []JobCount
	now := jobTime(s.lite != nil, s.now())
	err := s.each(ctx, `SELECT kind, CAST(state AS TEXT), scheduled_at <= ?, count(*), {first_millis} FROM river_job
		WHERE state IN ('available', 'pending', 'retryable', 'running', 'scheduled') GROUP BY 1, 2, 3`, []any{now},
		func(scan scanner) error {
			var c JobCount
			var first int64
			if err := scan(&c.Kind, &c.State, &c.Due, &c.Count, &first); err != nil {
				return err
			}
			c.First = time.UnixMilli(first)
			list = append(list, c)
			return nil
		})
	return list, err
}

// Lanes lists River's queues that have a job to be worked at an instant (nil: the
// database's present), the longest due first. It skips from queue to queue in River's
// index, so that it costs the same however many jobs there are in each.
func (s *Store) Lanes(ctx context.Context, at *time.Time) ([]string, error) {
	var list []string
	var now any
	if at != nil {
		now = jobTime(s.lite != nil, *at)
	}
	err := s.each(ctx, `WITH RECURSIVE lane (queue) AS (
			SELECT min(queue) FROM river_job WHERE state = 'available'
			UNION ALL
			SELECT (SELECT min(j.queue) FROM river_job j WHERE j.state = 'available' AND j.queue > lane.queue) FROM lane WHERE lane.queue IS NOT NULL
		), head (queue, due) AS (
			SELECT lane.queue, (SELECT j.scheduled_at FROM river_job j WHERE j.state = 'available' AND j.queue = lane.queue
				ORDER BY j.priority, j.scheduled_at, j.id LIMIT 1) FROM lane WHERE lane.queue IS NOT NULL
		) SELECT queue FROM head WHERE due <= coalesce(?, {now}) ORDER BY due, queue`, []any{now},
		func(scan scanner) error {
			var lane string
			if err := scan(&lane); err != nil {
				return err
			}
			list = append(list, lane)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("list lanes: %w", err)
	}
	return list, nil
}

// Running counts the jobs that a replica is working, by River's queues.
func (s *Store) Running(ctx context.Context, replica string) (map[string]int, error) {
	running := map[string]int{}
	err := s.each(ctx, "SELECT queue, count(*) FROM river_job WHERE state = 'running' AND {worked_by} = ? GROUP BY queue", []any{replica},
		func(scan scanner) error {
			var lane string
			var n int
			if err := scan(&lane, &n); err != nil {
				return err
			}
			running[lane] = n
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("count running jobs: %w", err)
	}
	return running, nil
}

// Seen notes by the database's clock that a replica is alive.
func (s *Store) Seen(ctx context.Context, replica string) error {
	return s.Update(ctx, func(ctx context.Context, tx Tx) error {
		_, err := tx.exec(ctx, `INSERT INTO replica (id, seen_at) VALUES (?, {now_micros})
			ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at`, replica)
		return err
	})
}

// Alive returns the replicas that were seen within a time, by the database's
// clock.
func (s *Store) Alive(ctx context.Context, within time.Duration) (map[string]bool, error) {
	alive := map[string]bool{}
	err := s.each(ctx, "SELECT id FROM replica WHERE seen_at > {now_micros} - ?", []any{within.Microseconds()},
		func(scan scanner) error {
			var id string
			if err := scan(&id); err != nil {
				return err
			}
			alive[id] = true
			return nil
		})
	return alive, err
}

// Left forgets a replica that ended in order, and those not seen for a day.
func (s *Store) Left(ctx context.Context, replica string) error {
	return s.Update(ctx, func(ctx context.Context, tx Tx) error {
		_, err := tx.exec(ctx, "DELETE FROM replica WHERE id = ? OR seen_at < {now_micros} - ?", replica, (24 * time.Hour).Microseconds())
		return err
	})
}

// Pragma returns one of SQLite's settings of the open connection, for tests and
// diagnostics.
func (s *Store) Pragma(ctx context.Context, name string) (string, error) {
	if s.lite == nil || strings.ContainsAny(name, " ;(") {
		return "", fmt.Errorf("no pragma %q here", name)
	}
	var value string
	err := s.lite.QueryRowContext(ctx, "PRAGMA "+name).Scan(&value)
	return value, err
}
