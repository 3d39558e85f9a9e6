//go:build !unix

package store

import "errors"

type fileLock struct{}

// lockFile refuses: without flock(2) nothing keeps a second process from the
// file, and two of them would work the same keys at once.
func lockFile(string) (*fileLock, error) {
	return nil, errors.New("SQLite needs a Unix system's file locks; use postgres://")
}

func (l *fileLock) release() {}
