//go:build !unix

package git

import (
	"context"
	"errors"
)

type lock struct{}

var errNoLocks = errors.New("caches of repositories need a Unix system's file locks")

// acquire refuses: without flock(2) two processes could change a cache at once.
func acquire(context.Context, string, bool) (*lock, error) { return nil, errNoLocks }

func tryLock(string, bool) (*lock, bool, error) { return nil, false, errNoLocks }

func (l *lock) release() {}
