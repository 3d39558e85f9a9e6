package ghclient

import (
	"context"
	"sync"
)

// keyedLock lets one holder of each key through at a time.
type keyedLock struct {
	mu   sync.Mutex
	held map[string]*holder
}

type holder struct {
	turn chan struct{} // holds one token while nobody has the key
	want int           // those who have it or wait for it
}

// lock waits for a key and returns what gives it back.
func (l *keyedLock) lock(ctx context.Context, key string) (unlock func(), err error) {
	l.mu.Lock()
	if l.held == nil {
		l.held = map[string]*holder{}
	}
	h := l.held[key]
	if h == nil {
		h = &holder{turn: make(chan struct{}, 1)}
		h.turn <- struct{}{}
		l.held[key] = h
	}
	h.want++
	l.mu.Unlock()
	leave := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if h.want--; h.want == 0 {
			delete(l.held, key)
		}
	}
	select {
	case <-h.turn:
		return func() { h.turn <- struct{}{}; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
