//go:build unix

package store

import (
	"path/filepath"
	"syscall"
	"testing"
)

// TestReleaseWithACopyElsewhere: a child that is just being started has a copy of
// the open file, which must not keep the lock.
func TestReleaseWithACopyElsewhere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "slipway.db.lock")
	l, err := lockFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copied, err := syscall.Dup(int(l.f.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(copied)
	l.release()
	again, err := lockFile(path)
	if err != nil {
		t.Fatal(err)
	}
	again.release()
}
