package store

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Options are what Open needs besides the URL. The zero value is good.
type Options struct {
	// Log receives what the store and the migrations have to say; nil is silence.
	Log slog.Handler
	// MaxConns bounds the connections to PostgreSQL; 0 is 24. A pool_max_conns
	// in the URL wins. SQLite always has one.
	MaxConns int
	// Now is the clock of what is kept; nil is time.Now. Whether a replica lives
	// is a matter of the database's clock in any case.
	Now func() time.Time
}

// Store is an open database. Its methods are safe for concurrent use.
type Store struct {
	log    *slog.Logger
	now    func() time.Time
	lite   *sql.DB       // SQLite, else nil
	pool   *pgxpool.Pool // PostgreSQL, else nil
	turns  *pgxpool.Pool // of those who hold a Turn, likewise
	writer *writer       // SQLite's only writer, else nil
	lock   *fileLock     // keeps other processes off the SQLite file, else nil
}

// Open opens the database of a URL, sqlite:///path/to/file or postgres://...,
// creates or upgrades its tables, River's among them, and returns it ready for
// use. A second process on the same SQLite file is refused.
func Open(ctx context.Context, rawURL string, opts Options) (*Store, error) {
	if opts.Log == nil {
		opts.Log = slog.DiscardHandler
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	s := &Store{log: slog.New(opts.Log), now: opts.Now}
	var err error
	switch scheme, _, _ := strings.Cut(rawURL, ":"); scheme {
	case "sqlite":
		err = s.openSQLite(ctx, rawURL)
	case "postgres", "postgresql":
		err = s.openPostgres(ctx, rawURL, opts.MaxConns)
	default:
		err = fmt.Errorf("want sqlite:///path or postgres://..., not the scheme %q", scheme)
	}
	if err == nil {
		err = s.migrate(ctx)
	}
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("open database %s: %w", redact(rawURL), err)
	}
	return s, nil
}

// redact removes the password from a database URL, for messages.
func redact(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return "(unreadable URL)"
	}
	if q := u.Query(); q.Has("password") {
		q.Set("password", "xxxxx")
		u.RawQuery = q.Encode()
	}
	return u.Redacted()
}

// Close finishes the writes that have begun and closes the database. Nothing
// may use the store afterwards.
func (s *Store) Close() {
	if s.writer != nil {
		s.writer.close()
	}
	if s.lite != nil {
		if err := s.lite.Close(); err != nil {
			s.log.Error("close database", "error", err)
		}
	}
	if s.turns != nil {
		s.turns.Close()
	}
	if s.pool != nil {
		s.pool.Close()
	}
	if s.lock != nil {
		s.lock.release()
	}
}

// SQLite returns the pool of one connection, or nil on PostgreSQL. It is for
// River's driver; everything else goes through Update and the store's methods.
func (s *Store) SQLite() *sql.DB { return s.lite }

// Postgres returns the connection pool, or nil on SQLite. It is for River's
// driver; everything else goes through Update and the store's methods.
func (s *Store) Postgres() *pgxpool.Pool { return s.pool }

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	if s.lite != nil {
		return s.lite.PingContext(ctx)
	}
	return s.pool.Ping(ctx)
}
