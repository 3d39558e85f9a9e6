package store

import (
	"context"
	"fmt"
	"time"
)

// Retention says how much is kept. A zero field means its default.
type Retention struct {
	Deliveries time.Duration // 30 days; GitHub redelivers for 3
	Asks       time.Duration // 30 days after they are done
	Audit      time.Duration // 90 days
	Rests      time.Duration // 30 days after the key's last good run; a resync works what is open far more often
	AuditRows  int           // 100,000
	CacheRows  int           // 100,000; those that expire first go first
}

func (r Retention) withDefaults() Retention {
	const day = 24 * time.Hour
	or := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	or(&r.Deliveries, 30*day)
	or(&r.Asks, 30*day)
	or(&r.Audit, 90*day)
	or(&r.Rests, 30*day)
	if r.AuditRows == 0 {
		r.AuditRows = 100_000
	}
	if r.CacheRows == 0 {
		r.CacheRows = 100_000
	}
	return r
}

// Prune deletes what has been kept long enough. It works in small transactions
// so that a webhook never waits long for it. The ledger and the subjects stay:
// they are small and forgetting them would cost correctness.
func (s *Store) Prune(ctx context.Context, r Retention) error {
	r = r.withDefaults()
	ago := func(d time.Duration) int64 { return s.now().Add(-d).UnixMicro() }
	for _, step := range []struct {
		name, query string
		arg         any
	}{
		{"deliveries", "DELETE FROM delivery WHERE guid IN (SELECT guid FROM delivery WHERE taken_at < ? LIMIT 1000)", ago(r.Deliveries)},
		{"asks", "DELETE FROM ask WHERE key IN (SELECT key FROM ask WHERE done_at > 0 AND done_at < ? LIMIT 1000)", ago(r.Asks)},
		{"rests", "DELETE FROM rest WHERE (key, fact) IN (SELECT key, fact FROM rest WHERE worked_at < ? LIMIT 1000)", ago(r.Rests)},
		{"facts that nothing rests on", pruneFacts, ago(r.Rests)},
		{"audit by age", "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < ? LIMIT 1000)", ago(r.Audit)},
		{"audit by size", "DELETE FROM audit WHERE id IN (SELECT id FROM audit ORDER BY id DESC LIMIT 1000 OFFSET ?)", r.AuditRows},
		{"expired cache", "DELETE FROM cache WHERE key IN (SELECT key FROM cache WHERE expires_at <= ? LIMIT 1000)", ago(0)},
		{"cache by size", "DELETE FROM cache WHERE key IN (SELECT key FROM cache ORDER BY expires_at DESC, key LIMIT 1000 OFFSET ?)", r.CacheRows},
	} {
		for more := true; more; {
			err := s.Update(ctx, func(ctx context.Context, tx Tx) error {
				n, err := tx.exec(ctx, step.query, step.arg)
				more = n == 1000
				return err
			})
			if err != nil {
				return fmt.Errorf("prune %s: %w", step.name, err)
			}
		}
	}
	return nil
}
