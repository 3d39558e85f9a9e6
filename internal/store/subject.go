package store

import (
	"context"
	"fmt"
	"time"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// Subject is the standing of one key.
type Subject struct {
	Key        string // reconcile.Key.String()
	Generation int64  // counts events; 0 only for a key that has never had one
	Failures   int    // runs that failed since the last good one; after too many deaths, tries to tell of them
	Deaths     int    // processes that ended while they worked it, since a run that came to an end
	WaitUntil  time.Time
	ParkedAt   time.Time
}

// Parked is a key that failed too often. An event or a person starts it afresh.
type Parked struct {
	Key      reconcile.Key
	Error    string
	Since    time.Time
	Attempts int
}

// Bump counts an event for each key and returns their standing. A parked key
// starts afresh. The rows stay locked until the transaction ends; keys must be
// sorted and free of doubles, the order in which everybody locks.
func (tx Tx) Bump(ctx context.Context, keys []string) (map[string]Subject, error) {
	const most = 500 // keys in one statement
	all := make(map[string]Subject, len(keys))
	for len(keys) > 0 {
		part := keys[:min(most, len(keys))]
		keys = keys[len(part):]
		args := make([]any, len(part))
		for i, k := range part {
			args[i] = k
		}
		err := tx.each(ctx, bumpStatement(len(part)), args, func(scan scanner) error {
			var sub Subject
			var wait int64
			if err := scan(&sub.Key, &sub.Generation, &sub.Failures, &wait); err != nil {
				return err
			}
			sub.WaitUntil = instant(wait)
			all[sub.Key] = sub
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("count events: %w", err)
		}
	}
	return all, nil
}

// bumpStatement has one row of values for every key; both databases take rows
// in the order in which they stand.
func bumpStatement(rows int) string {
	list := "(?,1)"
	for range rows - 1 {
		list += ",(?,1)"
	}
	return `INSERT INTO subject (key, generation) VALUES ` + list + `
		ON CONFLICT (key) DO UPDATE SET
			generation = subject.generation + 1,
			failures = CASE WHEN subject.parked_at > 0 THEN 0 ELSE subject.failures END,
			parked_at = 0
		RETURNING key, generation, failures, wait_until`
}

// Lock returns a key's standing and keeps it from changing until the
// transaction ends.
func (tx Tx) Lock(ctx context.Context, key string) (Subject, error) {
	sub := Subject{Key: key}
	var wait, parked int64
	const query = "SELECT generation, failures, deaths, wait_until, parked_at FROM subject WHERE key = ? FOR UPDATE"
	for range 2 {
		ok, err := tx.row(ctx, query, []any{key}, &sub.Generation, &sub.Failures, &sub.Deaths, &wait, &parked)
		if err != nil {
			return sub, fmt.Errorf("lock %s: %w", key, err)
		}
		if ok {
			sub.WaitUntil, sub.ParkedAt = instant(wait), instant(parked)
			return sub, nil
		}
		if _, err := tx.exec(ctx, "INSERT INTO subject (key, generation) VALUES (?, 0) ON CONFLICT (key) DO NOTHING", key); err != nil {
			return sub, fmt.Errorf("lock %s: %w", key, err)
		}
	}
	return sub, fmt.Errorf("lock %s: its row vanished", key)
}

// Subject returns a key's standing without locking it: the zero Subject for a
// key that nobody has named yet.
func (s *Store) Subject(ctx context.Context, key string) (Subject, error) {
	sub := Subject{Key: key}
	var wait, parked int64
	_, err := s.row(ctx, "SELECT generation, failures, deaths, wait_until, parked_at FROM subject WHERE key = ?",
		[]any{key}, &sub.Generation, &sub.Failures, &sub.Deaths, &wait, &parked)
	sub.WaitUntil, sub.ParkedAt = instant(wait), instant(parked)
	return sub, err
}

// Succeeded clears a locked key's failures and deaths.
func (tx Tx) Succeeded(ctx context.Context, sub Subject) error {
	if sub.Failures == 0 && sub.Deaths == 0 && sub.WaitUntil.IsZero() && sub.ParkedAt.IsZero() {
		return nil
	}
	_, err := tx.exec(ctx, "UPDATE subject SET failures = 0, deaths = 0, last_error = '', failed_at = 0, wait_until = 0, parked_at = 0 WHERE key = ?", sub.Key)
	return err
}

// Failed records a run that ended with an error, and that the key is parked if
// park is set.
func (tx Tx) Failed(ctx context.Context, key string, failures int, cause string, park bool) error {
	now, parked := tx.now().UnixMicro(), int64(0)
	if park {
		parked = now
	}
	_, err := tx.exec(ctx, "UPDATE subject SET failures = ?, deaths = 0, last_error = ?, failed_at = ?, parked_at = ?, wait_until = 0 WHERE key = ?",
		failures, text(cause), now, parked, key)
	return err
}

// Died records the standing of a key after the process ended that worked it: no event works it again before WaitUntil.
func (tx Tx) Died(ctx context.Context, sub Subject) error {
	_, err := tx.exec(ctx, "UPDATE subject SET failures = ?, deaths = ?, last_error = ?, failed_at = ?, wait_until = ? WHERE key = ?",
		sub.Failures, sub.Deaths, "the process ended during the run", tx.now().UnixMicro(), micros(sub.WaitUntil), sub.Key)
	return err
}

// Tried records how many tries failed to tell of a key that isn't worked. All else of its standing stays.
func (tx Tx) Tried(ctx context.Context, key string, failures int) error {
	_, err := tx.exec(ctx, "UPDATE subject SET failures = ? WHERE key = ?", failures, key)
	return err
}

// Waits records that a key waits for a rate limit: until then an event must not
// pull it forward.
func (tx Tx) Waits(ctx context.Context, key string, until time.Time) error {
	_, err := tx.exec(ctx, "UPDATE subject SET wait_until = ? WHERE key = ?", micros(until), key)
	return err
}

// Parked lists the keys that failed too often, the newest first.
func (s *Store) Parked(ctx context.Context) ([]Parked, error) {
	var list []Parked
	err := s.each(ctx, "SELECT key, last_error, parked_at, failures FROM subject WHERE parked_at > 0 ORDER BY parked_at DESC, key", nil,
		func(scan scanner) error {
			var p Parked
			var key string
			var since int64
			if err := scan(&key, &p.Error, &since, &p.Attempts); err != nil {
				return err
			}
			p.Key, p.Since = ParseKey(key), instant(since)
			list = append(list, p)
			return nil
		})
	return list, err
}

// CountParked counts the keys that failed too often.
func (s *Store) CountParked(ctx context.Context) (int, error) {
	var n int
	_, err := s.row(ctx, "SELECT count(*) FROM subject WHERE parked_at > 0", nil, &n)
	return n, err
}
