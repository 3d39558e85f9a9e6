package store

import (
	"context"
	"fmt"
	"hash/fnv"
)

// turnConns is how many turns of different names replicas of one process wait
// for or hold at once. They have connections of their own: whoever holds a turn
// still needs the others.
const turnConns = 8

// Turn waits for a lock by name that all replicas share, and returns what gives
// it back. On SQLite, which one process holds, there is nothing to wait for. The
// lock ends with its connection, so a process that dies leaves none behind.
func (s *Store) Turn(ctx context.Context, name string) (unlock func(), err error) {
	if s.turns == nil {
		return func() {}, nil
	}
	conn, err := s.turns.Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("turn of %s: %w", name, err)
	}
	h := fnv.New64a()
	h.Write([]byte("slipway turn " + name)) // two names of one sum only wait for each other
	id := int64(h.Sum64())
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", id); err != nil {
		conn.Conn().Close(context.WithoutCancel(ctx)) // whether the lock was taken is not known
		conn.Release()
		return nil, fmt.Errorf("turn of %s: %w", name, err)
	}
	return func() {
		ctx := context.WithoutCancel(ctx)
		if _, err := conn.Exec(ctx, "SELECT pg_advisory_unlock($1)", id); err != nil {
			conn.Conn().Close(ctx)
		}
		conn.Release()
	}, nil
}
