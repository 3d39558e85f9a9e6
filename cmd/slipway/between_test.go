package main

import (
	"net/http"
	"sync"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// between has somebody act next to a request of Slipway's: once it is set, before or
// after the first request that it matches.
type between struct {
	mu    sync.Mutex
	match func(*http.Request) bool // nil for no request
	act   func()
	after bool
}

// at says next to which request somebody acts.
func (b *between) at(match func(*http.Request) bool, act func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.match, b.act = match, act
}

// take returns who acts next to a request, once.
func (b *between) take(r *http.Request) func() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.match == nil || !b.match(r) {
		return func() {}
	}
	b.match = nil
	return b.act
}

func (b *between) options(o *sandbox.Options) {
	inner := o.Middleware
	o.Middleware = func(next http.Handler) http.Handler {
		if inner != nil {
			next = inner(next)
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			act := b.take(r)
			if !b.after {
				act()
			}
			next.ServeHTTP(w, r)
			if b.after {
				act()
			}
		})
	}
}
