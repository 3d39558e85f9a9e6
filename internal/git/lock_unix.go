//go:build unix

package git

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// lock is a file's lock. It ends with the process, however that ends, and
// holds between the goroutines of one process as well as between processes.
type lock struct{ f *os.File }

// slowest is the longest pause between two tries for a lock. Nobody tells of one that
// is released, and a wait within the system couldn't be given up.
const slowest = 20 * time.Millisecond

// acquire waits for a lock, alone or together with others that share it. The
// file stays: removing it would let two holders lock two files of one name.
func acquire(ctx context.Context, path string, alone bool) (*lock, error) {
	for pause := time.Millisecond; ; pause = min(2*pause, slowest) {
		l, ok, err := tryLock(path, alone)
		if ok || err != nil {
			return l, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for %s: %w", path, context.Cause(ctx))
		case <-time.After(pause):
		}
	}
}

func tryLock(path string, alone bool) (*lock, bool, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, false, err
	}
	how := syscall.LOCK_SH
	if alone {
		how = syscall.LOCK_EX
	}
	err = syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
	if err == nil {
		return &lock{f}, true, nil
	}
	f.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR) {
		return nil, false, nil
	}
	return nil, false, fmt.Errorf("lock %s: %w", path, err)
}

func (l *lock) release() { l.f.Close() }
