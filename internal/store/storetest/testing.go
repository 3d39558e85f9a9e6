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

// Postgres returns the URL of a new, empty database, or skips the test if
// PostgreSQL is not installed.
func Postgres(t testing.TB) string {
	t.Helper()
	s, err := shared()
	if errors.Is(err, ErrNoPostgres) {
		t.Skipf("skipped: %v; apt-get install postgresql, or set %s", err, Variable)
	}
	if err != nil {
		t.Fatal(err)
	}
	u, err := s.Database(t.Context())
	if err != nil {
		t.Fatalf("create a database: %v", err)
	}
	return u
}

// SQLite returns the URL of a new database file in the test's directory.
func SQLite(t testing.TB) string {
	t.Helper()
	return "sqlite://" + filepath.Join(t.TempDir(), "slipway.db")
}

// Each runs a test on both databases.
func Each(t *testing.T, test func(t *testing.T, url string)) {
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); test(t, Postgres(t)) })
}
