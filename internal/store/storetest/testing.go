package storetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// Variable names a running PostgreSQL server, by URL, to use instead of one of
// our own.
const Variable = "SLIPWAY_TEST_POSTGRES"

// shared is the one server of a test binary. It ends with the process.
var shared = sync.OnceValues(func() (*Server, error) {
	if u := os.Getenv(Variable); u != "" {
		return Named(u)
	}
	return Start(context.Background(), false)
})

// tables names the shared server's database that others are copies of.
var tables = sync.OnceValues(func() (string, error) {
	s, err := shared()
	if err != nil {
		return "", err
	}
	return tablesOn(s)
})

// Postgres returns the URL of a new database with its tables and nothing in them, or skips
// the test if PostgreSQL is not installed.
func Postgres(t testing.TB) string {
	t.Helper()
	server(t)
	like, err := tables()
	if err != nil {
		t.Fatalf("make tables: %v", err)
	}
	return database(t, like)
}

// server is the shared one; without PostgreSQL the test is skipped.
func server(t testing.TB) *Server {
	t.Helper()
	s, err := shared()
	if errors.Is(err, ErrNoPostgres) {
		t.Skipf("skipped: %v; apt-get install postgresql, or set %s", err, Variable)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func database(t testing.TB, like string) string {
	t.Helper()
	u, _, err := server(t).create(t.Context(), like)
	if err != nil {
		t.Fatalf("create a database: %v", err)
	}
	return u
}

// SQLite returns the URL of a new database file in the test's directory, with its tables
// and nothing in them.
func SQLite(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "slipway.db")
	Tables(t, path)
	return "sqlite://" + path
}

// Tables makes a SQLite database with its tables and nothing in them.
func Tables(t testing.TB, path string) {
	t.Helper()
	file, err := tablesFile()
	if err == nil {
		err = os.WriteFile(path, file, 0o600)
	}
	if err != nil {
		t.Fatalf("make tables: %v", err)
	}
}

// Each runs a test on both databases.
func Each(t *testing.T, test func(t *testing.T, url string)) {
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); test(t, Postgres(t)) })
}

// EachEmpty is Each with databases that have no tables yet.
func EachEmpty(t *testing.T, test func(t *testing.T, url string)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, "sqlite://"+filepath.Join(t.TempDir(), "slipway.db"))
	})
	t.Run("postgres", func(t *testing.T) { t.Parallel(); test(t, database(t, "")) })
}
