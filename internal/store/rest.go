package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

var _ reconcile.Facts = (*Store)(nil)

// Generations implements reconcile.Facts. A fact that nobody has asked for yet
// gets its row here, committed before the fact is read: so an event need only look
// at the rows there are. No generation is 0.
func (s *Store) Generations(ctx context.Context, facts ...string) (map[string]int64, error) {
	facts = slices.Compact(slices.Sorted(slices.Values(facts)))
	known, err := generations(ctx, s, facts, "")
	if err != nil || len(known) == len(facts) {
		return known, err
	}
	missing := slices.DeleteFunc(facts, func(f string) bool { return known[f] != 0 })
	err = s.Update(ctx, func(ctx context.Context, tx Tx) error {
		err := inParts(missing, func(part []any) error {
			rows, now := make([]any, 0, 2*len(part)), tx.now().UnixMicro()
			for _, f := range part {
				rows = append(rows, f, now)
			}
			_, err := tx.exec(ctx, "INSERT INTO fact (id, generation) VALUES "+values(len(part), 2)+" ON CONFLICT (id) DO NOTHING", rows...)
			return err
		})
		if err != nil {
			return fmt.Errorf("note facts: %w", err)
		}
		found, err := generations(ctx, tx, missing, "")
		maps.Copy(known, found)
		return err
	})
	return known, err
}

// generations reads those of sorted facts that there are, and locks them in their
// order if lock says how.
func generations(ctx context.Context, db interface {
	each(ctx context.Context, query string, args []any, fn func(scanner) error) error
}, facts []string, lock string) (map[string]int64, error) {
	found := make(map[string]int64, len(facts))
	err := inParts(facts, func(part []any) error {
		return db.each(ctx, "SELECT id, generation FROM fact WHERE id IN "+values(1, len(part))+" ORDER BY id"+lock, part, func(scan scanner) error {
			var id string
			var generation int64
			err := scan(&id, &generation)
			found[id] = generation
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read generations of facts: %w", err)
	}
	return found, nil
}

// Moved reports whether one of the facts has had an event since its generation
// was read, and keeps them from having one until the transaction ends. Others may
// come to rest on them meanwhile.
func (tx Tx) Moved(ctx context.Context, rests []reconcile.Dependency) (bool, error) {
	now, err := generations(ctx, tx, factsOf(rests), " FOR SHARE")
	return slices.ContainsFunc(rests, func(r reconcile.Dependency) bool {
		g, there := now[r.Fact]
		return !there || g != r.Generation // not there: pruned meanwhile, so nobody can tell
	}), err
}

// RestOn replaces what a key rests on. The key's subject and the facts must be locked.
func (tx Tx) RestOn(ctx context.Context, key string, rests []reconcile.Dependency) error {
	if _, err := tx.exec(ctx, "DELETE FROM rest WHERE key = ?", key); err != nil {
		return fmt.Errorf("forget what %s rests on: %w", key, err)
	}
	return tx.RestAlso(ctx, key, rests)
}

// RestAlso adds to what a key rests on.
func (tx Tx) RestAlso(ctx context.Context, key string, rests []reconcile.Dependency) error {
	err := inParts(factsOf(rests), func(part []any) error {
		rows, now := make([]any, 0, 3*len(part)), tx.now().UnixMicro()
		for _, f := range part {
			rows = append(rows, key, f, now)
		}
		_, err := tx.exec(ctx, "INSERT INTO rest (key, fact, worked_at) VALUES "+values(len(part), 3)+" ON CONFLICT (key, fact) DO NOTHING", rows...)
		return err
	})
	if err != nil {
		return fmt.Errorf("remember what %s rests on: %w", key, err)
	}
	return nil
}

// Stale counts an event for each fact and returns the keys that rest on any of
// them, sorted; if they are more than most, one more than most. The facts stay
// locked until the transaction ends.
func (tx Tx) Stale(ctx context.Context, facts []string, most int) ([]string, error) {
	facts = slices.Compact(slices.Sorted(slices.Values(facts)))
	locked, err := generations(ctx, tx, facts, " FOR UPDATE")
	if err != nil {
		return nil, err
	}
	now := tx.now().UnixMicro()
	err = inParts(slices.Sorted(maps.Keys(locked)), func(part []any) error {
		_, err := tx.exec(ctx, "UPDATE fact SET generation = CASE WHEN generation < ? THEN ? ELSE generation + 1 END WHERE id IN "+
			values(1, len(part)), append([]any{now, now}, part...)...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count events of facts: %w", err)
	}
	// All of them: a fact without a row may have been pruned as a key came to rest on it.
	var keys []string
	err = inParts(facts, func(part []any) error {
		return tx.each(ctx, "SELECT DISTINCT key FROM rest WHERE fact IN "+values(1, len(part))+" ORDER BY key LIMIT ?", append(part, most+1),
			func(scan scanner) error { return scanInto(&keys, scan) })
	})
	if err != nil {
		return nil, fmt.Errorf("read what rests on facts: %w", err)
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	return keys[:min(len(keys), most+1)], nil
}

// Resting lists the keys that rest on a fact.
func (s *Store) Resting(ctx context.Context, fact string) ([]reconcile.Key, error) {
	var names []string
	err := s.each(ctx, "SELECT key FROM rest WHERE fact = ? ORDER BY key", []any{fact},
		func(scan scanner) error { return scanInto(&names, scan) })
	if err != nil {
		return nil, fmt.Errorf("read what rests on %s: %w", fact, err)
	}
	keys := make([]reconcile.Key, len(names))
	for i, name := range names {
		keys[i] = ParseKey(name)
	}
	return keys, nil
}

// pruneFacts may meet a run that comes to rest on the fact just now. That is no
// harm: Moved then finds no row, or Stale the key that rests on it.
const pruneFacts = `DELETE FROM fact WHERE id IN (SELECT id FROM fact
	WHERE generation < ? AND NOT EXISTS (SELECT 1 FROM rest WHERE rest.fact = fact.id) LIMIT 1000)`

// factsOf returns the ids in the order in which everybody locks, without doubles.
func factsOf(rests []reconcile.Dependency) []string {
	ids := make([]string, len(rests))
	for i, r := range rests {
		ids[i] = r.Fact
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func scanInto(list *[]string, scan scanner) error {
	var s string
	err := scan(&s)
	*list = append(*list, s)
	return err
}

// inParts calls fn with as much of the list as one statement may name.
func inParts(list []string, fn func(part []any) error) error {
	for part := range slices.Chunk(list, 500) {
		args := make([]any, len(part))
		for i, s := range part {
			args[i] = s
		}
		if err := fn(args); err != nil {
			return err
		}
	}
	return nil
}
