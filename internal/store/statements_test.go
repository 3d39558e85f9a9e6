package store_test

import (
	"testing"

	"github.com/istio-ecosystem/slipway/internal/store/storetest"
)

// TestKeptStatements runs one query inside of itself, with rows left unread,
// after a failure and after the table has changed: what is kept must not show.
func TestKeptStatements(t *testing.T) {
	db := open(t, storetest.SQLite(t)).SQLite()
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := db.Exec(query, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec("CREATE TABLE x (n INTEGER PRIMARY KEY)")
	for i := range 3 {
		exec("INSERT INTO x (n) VALUES (?)", i)
	}
	if _, err := db.Exec("INSERT INTO x (n) VALUES (?)", 1); err == nil {
		t.Error("a double was inserted")
	}
	exec("INSERT INTO x (n) VALUES (?)", 3)
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	const query = "SELECT * FROM x WHERE n >= ? ORDER BY n"
	outer, err := tx.Query(query, 0)
	if err != nil {
		t.Fatal(err)
	}
	pairs := 0
	for outer.Next() {
		inner, err := tx.Query(query, 2)
		if err != nil {
			t.Fatal(err)
		}
		inner.Next() // the second row stays unread
		var n int
		if err := inner.Scan(&n); err != nil || n != 2 {
			t.Errorf("inner row %d, %v", n, err)
		}
		if err := inner.Close(); err != nil {
			t.Error(err)
		}
		pairs++
	}
	if err := outer.Err(); err != nil || pairs != 4 {
		t.Errorf("%d rows, %v", pairs, err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	exec("ALTER TABLE x ADD COLUMN s TEXT NOT NULL DEFAULT 'new'")
	rows, err := db.Query(query, 3)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var n int
		var s string
		if err := rows.Scan(&n, &s); err != nil || s != "new" {
			t.Errorf("after the table changed: %d %q, %v", n, s, err)
		}
	}
}

// TestLimitsOfKeptStatements: a statement is kept for each of its limits, and each is
// given its own.
func TestLimitsOfKeptStatements(t *testing.T) {
	db := open(t, storetest.SQLite(t)).SQLite()
	for _, limit := range []int{3, 1, 2, 1, 0, 3} {
		for query, args := range map[string][]any{
			"SELECT count(*) FROM (SELECT 1 FROM (VALUES (1), (2), (3)) LIMIT ?1)":                                   {limit},
			"SELECT count(*) FROM (SELECT 1 FROM (VALUES (1), (2), (3)) LIMIT ?2) WHERE ?1":                          {true, limit},
			"SELECT count(*) FROM (SELECT 1 FROM (SELECT 1 FROM (VALUES (1), (2), (3)) LIMIT ?2) LIMIT ?1)":          {9, limit},
			"SELECT count(*) FROM (SELECT 1 FROM (VALUES (1), (2), (3)) LIMIT ?)":                                    {limit},
			"SELECT count(*) FROM (SELECT 1 FROM (VALUES (1), (2), (3)) WHERE 'LIMIT ?7' <> 'LIMIT ?' LIMIT ?1 + 0)": {limit},
		} {
			var n int
			if err := db.QueryRow(query, args...).Scan(&n); err != nil || n != limit {
				t.Errorf("%s of %v: %d rows, %v", query, args, n, err)
			}
		}
	}
}
