package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"strconv"
	"strings"

	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
)

// migrations are numbered files, each run once and in order. One that has been
// released is never edited; the next one mends it.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrationLock is the advisory lock under which replicas that start together
// migrate one after another. The number means nothing.
const migrationLock = 7_541_907_268

// Words of the migrations that the databases spell differently. Keys compare
// byte by byte, whatever the database's locale: prefixes and lock order rest on it.
var (
	sqliteTypes   = strings.NewReplacer("{key}", "TEXT", "{bytes}", "BLOB", "{id}", "INTEGER PRIMARY KEY AUTOINCREMENT")
	postgresTypes = strings.NewReplacer("{key}", `TEXT COLLATE "C"`, "{bytes}", "BYTEA", "{id}", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY")
)

// migrate brings our tables and River's up to date.
func (s *Store) migrate(ctx context.Context) error {
	if s.lite != nil {
		if err := s.migrateOurs(ctx); err != nil {
			return err
		}
		river, err := rivermigrate.New(riversqlite.New(s.lite), &rivermigrate.Config{Logger: quiet(s.log)})
		if err != nil {
			return err
		}
		return up(ctx, river)
	}
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", migrationLock); err != nil {
		return fmt.Errorf("wait for another replica's migration: %w", err)
	}
	defer func() {
		// Even a cancelled start must not return a connection that holds it.
		if _, err := conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", migrationLock); err != nil {
			s.log.Error("unlock migrations", "error", err)
		}
	}()
	if err := s.migrateOurs(ctx); err != nil {
		return err
	}
	river, err := rivermigrate.New(riverpgxv5.New(s.pool), &rivermigrate.Config{Logger: quiet(s.log)})
	if err != nil {
		return err
	}
	return up(ctx, river)
}

func up[T any](ctx context.Context, m *rivermigrate.Migrator[T]) error {
	have, err := m.ExistingVersions(ctx)
	if err != nil {
		return fmt.Errorf("read River's migrations: %w", err)
	}
	if all := m.AllVersions(); len(have) == len(all) {
		return nil
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate River's tables: %w", err)
	}
	return nil
}

// quiet keeps River's note about each migration out of the log of a start.
func quiet(log *slog.Logger) *slog.Logger { return log.With("part", "migration") }

func (s *Store) migrateOurs(ctx context.Context) error {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	return s.Update(ctx, func(ctx context.Context, tx Tx) error {
		if _, err := tx.exec(ctx, "CREATE TABLE IF NOT EXISTS slipway_migration (version BIGINT PRIMARY KEY, applied_at BIGINT NOT NULL)"); err != nil {
			return err
		}
		var at int64
		if _, err := tx.row(ctx, "SELECT coalesce(max(version), 0) FROM slipway_migration", nil, &at); err != nil {
			return err
		}
		if at > int64(len(files)) {
			return fmt.Errorf("the database is newer than this program: it has migration %d, this knows %d", at, len(files))
		}
		for i, name := range files[at:] {
			if err := tx.migrate(ctx, name, int(at)+i+1); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return nil
	})
}

// migrate runs one file and notes its number.
func (tx Tx) migrate(ctx context.Context, name string, version int) error {
	if want := fmt.Sprintf("migrations/%04d_", version); !strings.HasPrefix(name, want) {
		return fmt.Errorf("want a file %s...: numbers have no gaps", want)
	}
	body, err := migrations.ReadFile(name)
	if err != nil {
		return err
	}
	types := sqliteTypes
	if tx.pg != nil {
		types = postgresTypes
	}
	for _, stmt := range statements(string(body)) {
		if _, err := tx.exec(ctx, types.Replace(stmt)); err != nil {
			return err
		}
	}
	_, err = tx.exec(ctx, "INSERT INTO slipway_migration (version, applied_at) VALUES ("+strconv.Itoa(version)+", {now_micros})")
	return err
}

// statements takes a migration apart: comments go, a semicolon ends a statement.
func statements(body string) []string {
	var clean strings.Builder
	for line := range strings.Lines(body) {
		code, _, _ := strings.Cut(strings.TrimRight(line, "\n"), "--")
		clean.WriteString(code + "\n")
	}
	var list []string
	for stmt := range strings.SplitSeq(clean.String(), ";") {
		if strings.TrimSpace(stmt) != "" {
			list = append(list, stmt)
		}
	}
	return list
}
