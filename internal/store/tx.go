package store

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// Update runs fn in one transaction and returns after the commit; an error of
// fn rolls everything back and is returned. fn may be run more than once (after
// a deadlock, or when a group commit has to be taken apart), so it must set its
// results, not add to them. It must use only tx: on SQLite there is no second
// connection to be had.
func (s *Store) Update(ctx context.Context, fn func(ctx context.Context, tx Tx) error) error {
	if s.writer != nil {
		return s.writer.do(ctx, fn)
	}
	return s.updatePostgres(ctx, fn)
}

// Tx is an open transaction on either database.
type Tx struct {
	lite *sql.Tx
	pg   pgx.Tx
	now  func() time.Time
}

// SQLite returns the transaction for River's driver, or nil on PostgreSQL.
func (tx Tx) SQLite() *sql.Tx { return tx.lite }

// Postgres returns the transaction for River's driver, or nil on SQLite.
func (tx Tx) Postgres() pgx.Tx { return tx.pg }

// exec runs a statement and returns how many rows it changed.
func (tx Tx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	if tx.pg != nil {
		tag, err := tx.pg.Exec(ctx, forPostgres(query), args...)
		return tag.RowsAffected(), err
	}
	res, err := tx.lite.ExecContext(ctx, forSQLite(query), args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// row runs a query for one row and scans it. It reports whether there was one.
func (tx Tx) row(ctx context.Context, query string, args []any, into ...any) (bool, error) {
	if tx.pg != nil {
		return found(tx.pg.QueryRow(ctx, forPostgres(query), args...).Scan(into...))
	}
	return found(tx.lite.QueryRowContext(ctx, forSQLite(query), args...).Scan(into...))
}

// each runs a query and calls fn once for every row, with that row's Scan.
func (tx Tx) each(ctx context.Context, query string, args []any, fn func(scan scanner) error) error {
	if tx.pg != nil {
		return eachPostgres(ctx, tx.pg, query, args, fn)
	}
	return eachSQLite(ctx, tx.lite, query, args, fn)
}

// row and each on the store read outside of a transaction.
func (s *Store) row(ctx context.Context, query string, args []any, into ...any) (bool, error) {
	if s.pool != nil {
		return found(s.pool.QueryRow(ctx, forPostgres(query), args...).Scan(into...))
	}
	return found(s.lite.QueryRowContext(ctx, forSQLite(query), args...).Scan(into...))
}

func (s *Store) each(ctx context.Context, query string, args []any, fn func(scan scanner) error) error {
	if s.pool != nil {
		return eachPostgres(ctx, s.pool, query, args, fn)
	}
	return eachSQLite(ctx, s.lite, query, args, fn)
}

// scanner reads the columns of the row at hand.
type scanner func(into ...any) error

func found(err error) (bool, error) {
	if errors.Is(err, sql.ErrNoRows) || errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

func eachPostgres(ctx context.Context, db interface {
	Query(context.Context, string, ...any) (pgx.Rows, error)
}, query string, args []any, fn func(scanner) error) error {
	rows, err := db.Query(ctx, forPostgres(query), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

func eachSQLite(ctx context.Context, db interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}, query string, args []any, fn func(scanner) error) error {
	rows, err := db.QueryContext(ctx, forSQLite(query), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

var (
	rewritten sync.Map // query as written -> query for PostgreSQL

	// sqliteWords and postgresWords hold the few words that differ. SQLite has
	// no row locks and needs none: one transaction runs at a time.
	sqliteWords = strings.NewReplacer(
		" FOR UPDATE", "",
		" FOR SHARE", "",
		"{first_millis}", "cast(unixepoch(min(scheduled_at), 'subsec') * 1000 AS integer) + 1",
		"{now}", "datetime('now', 'subsec')",
		"{worked_by}", "json_extract(attempted_by, '$[#-1]')",
		"{now_micros}", "cast(unixepoch('subsec') * 1000000 AS integer)",
	)
	postgresWords = strings.NewReplacer(
		"{first_millis}", "cast(extract(epoch FROM min(scheduled_at)) * 1000 AS bigint) + 1",
		"{now}", "now()",
		"{worked_by}", "attempted_by[cardinality(attempted_by)]",
		"{now_micros}", "cast(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)",
	)
)

func forSQLite(query string) string {
	if !strings.Contains(query, "{") && !strings.Contains(query, " FOR ") {
		return query
	}
	return sqliteWords.Replace(query)
}

// forPostgres numbers the placeholders. No statement of ours has a question
// mark in a literal.
func forPostgres(query string) string {
	if q, ok := rewritten.Load(query); ok {
		return q.(string)
	}
	var b strings.Builder
	n := 0
	for _, r := range postgresWords.Replace(query) {
		if r == '?' {
			n++
			b.WriteString("$" + strconv.Itoa(n))
			continue
		}
		b.WriteRune(r)
	}
	rewritten.Store(query, b.String())
	return b.String()
}

// values returns "(?,?),(?,?)" for rows of so many columns.
func values(rows, columns int) string {
	row := "(?" + strings.Repeat(",?", columns-1) + ")"
	return row + strings.Repeat(","+row, rows-1)
}

// micros and instant convert between instants and what is stored.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func instant(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// text makes a string storable: PostgreSQL takes neither NUL nor invalid UTF-8,
// and both can come from outside. It is for texts that people read, not keys.
func text(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}
