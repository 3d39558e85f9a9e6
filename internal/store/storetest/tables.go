package storetest

import (
	"context"
	"os"
	"path/filepath"
	"sync"

	"github.com/istio-ecosystem/slipway/internal/store"
)

// tablesFile is a SQLite database with its tables and nothing in them, made once: to make
// them takes longer than most tests, and each test that has a database has one of its own.
var tablesFile = sync.OnceValues(func() (file []byte, err error) {
	dir, err := os.MkdirTemp("", "slipway-tables-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "tables.db")
	if err := makeTables("sqlite://" + path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// makeTables leaves a database closed: then all of it is in its file.
func makeTables(url string) error {
	s, err := store.Open(context.Background(), url, store.Options{})
	if err != nil {
		return err
	}
	s.Close()
	return nil
}

// tablesOn is the like of tablesFile on a server: its name there.
func tablesOn(s *Server) (string, error) {
	ctx := context.Background()
	url, name, err := s.create(ctx, "")
	if err != nil {
		return "", err
	}
	return name, makeTables(url)
}
