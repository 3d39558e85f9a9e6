package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
)

// pragmas are set on every connection. FULL makes a commit wait for the disk:
// in WAL mode NORMAL could lose the last commits in a power cut, and with them
// deliveries that GitHub was told we had.
var pragmas = []string{
	"busy_timeout(10000)",
	"journal_mode(WAL)",
	"synchronous(FULL)",
	"foreign_keys(1)",
	"temp_store(MEMORY)",
	"cache_size(-16000)",           // 16 MB
	"journal_size_limit(67108864)", // 64 MB of WAL kept after a checkpoint
}

func (s *Store) openSQLite(ctx context.Context, rawURL string) error {
	path, err := sqlitePath(rawURL)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if s.lock, err = lockFile(path + ".lock"); err != nil {
		return err
	}
	dsn := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: url.Values{"_pragma": pragmas}.Encode()}
	connector, err := sqlite.NewConnector(dsn.String())
	if err != nil {
		return err
	}
	s.lite = sql.OpenDB(preparing{connector})
	// SQLite has one writer anyway. With one connection nobody ever meets
	// "database is locked", and database/sql queues the waiting in order.
	s.lite.SetMaxOpenConns(1)
	s.lite.SetMaxIdleConns(1)
	s.lite.SetConnMaxLifetime(0)
	s.lite.SetConnMaxIdleTime(0)
	if err := s.lite.PingContext(ctx); err != nil {
		return err
	}
	s.writer = newWriter(s.lite, s.log, s.now)
	return nil
}

// sqlitePath reads sqlite:///absolute/path and sqlite:relative/path.
func sqlitePath(rawURL string) (string, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return "", errors.New("the URL cannot be read: want sqlite:///path")
	}
	if u.Host != "" {
		return "", fmt.Errorf("%q would be a host: want three slashes, sqlite:///path", u.Host)
	}
	path := u.Path
	if u.Opaque != "" {
		if path, err = url.PathUnescape(u.Opaque); err != nil {
			return "", err
		}
	}
	if path == "" || path == "/" {
		return "", errors.New("the path is missing: want sqlite:///path")
	}
	return filepath.Abs(path)
}
