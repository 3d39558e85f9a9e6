package main

import (
	"os"
	"sync"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/bench"
)

// clock is what time it is in a test, for the program, its queue and the
// stand-in alike. It stands until somebody acts or a test moves it, but for a
// microsecond each time that it is read: so what happens later is later.
type clock struct {
	mu   sync.Mutex
	at   time.Time
	told *bench.Clock // of the program as a process
}

// newClock starts at the instant that SLIPWAY_TEST_NOW names (RFC 3339), else now.
func newClock(t *testing.T) *clock {
	t.Helper()
	at := time.Now().Round(0)
	if text := os.Getenv("SLIPWAY_TEST_NOW"); text != "" {
		var err error
		if at, err = time.Parse(time.RFC3339, text); err != nil {
			t.Fatalf("SLIPWAY_TEST_NOW: %v", err)
		}
	}
	c := &clock{at: at, told: tellClock(t)}
	c.tell()
	return c
}

// tell lets programs that are started as a process know.
func (c *clock) tell() { c.told.Advance(c.at.Sub(c.told.Now())) }

// Now is what time it is.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(time.Microsecond)
	return c.at
}

func (c *clock) advance(d time.Duration) { c.reach(c.Now().Add(d)) }

// reach goes on to an instant, unless it is past already.
func (c *clock) reach(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at.After(c.at) {
		c.at = at
		c.tell()
	}
}
