package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// defaultMaxConns leaves room for the workers, the webhook and River's own
// connections, well below PostgreSQL's default limit of 100 for a few replicas.
const defaultMaxConns = 24

func (s *Store) openPostgres(ctx context.Context, rawURL string, maxConns int) error {
	cfg, err := pgxpool.ParseConfig(rawURL)
	if err != nil {
		// pgx's own message can quote the password.
		return errors.New("the URL cannot be read: want postgres://user:password@host:port/database")
	}
	if !strings.Contains(rawURL, "pool_max_conns") {
		cfg.MaxConns = defaultMaxConns
		if maxConns > 0 {
			cfg.MaxConns = int32(maxConns)
		}
	}
	if s.pool, err = pgxpool.NewWithConfig(ctx, cfg); err != nil {
		return err
	}
	turns := cfg.Copy()
	turns.MaxConns, turns.MinConns = turnConns, 0
	if s.turns, err = pgxpool.NewWithConfig(ctx, turns); err != nil {
		return err
	}
	return s.pool.Ping(ctx)
}

// updatePostgres runs fn in a transaction of its own. READ COMMITTED is all
// that is needed: who wants to decide by a row locks it first. Locks are taken
// in the order of their keys, yet River locks job rows in orders of its own, so
// PostgreSQL may now and then choose us to end a deadlock; then nothing was
// written and it is done again.
func (s *Store) updatePostgres(ctx context.Context, fn func(context.Context, Tx) error) error {
	const tries = 6
	for try := 1; ; try++ {
		err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
			return fn(ctx, Tx{pg: tx, now: s.now})
		})
		var pgErr *pgconn.PgError
		if err == nil || try == tries || !errors.As(err, &pgErr) {
			return err
		}
		switch pgErr.Code {
		case "40P01", "40001": // deadlock_detected, serialization_failure
			s.log.Info("transaction is repeated", "code", pgErr.Code, "try", try)
		default:
			return fmt.Errorf("%w (SQLSTATE %s)", err, pgErr.Code)
		}
	}
}
