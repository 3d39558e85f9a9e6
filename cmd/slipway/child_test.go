package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/bench"
)

// sharedClock is a clock for the program as a process and its stand-in. It begins
// like every clock of a test, and runs.
func sharedClock(t *testing.T) *bench.Clock {
	t.Helper()
	return newClock(t).told
}

func tellClock(t *testing.T) *bench.Clock {
	t.Helper()
	c, err := bench.OpenClock(filepath.Join(t.TempDir(), "clock"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// surroundChild gives a program that a test has started its clock, and has it tell
// when it is idle.
func surroundChild() error {
	file := os.Getenv(bench.ClockVariable)
	if file == "" {
		return nil
	}
	c, err := bench.OpenClock(file)
	machine = surroundings{now: c.Now, routes: tellIdle}
	return err
}

// tellIdle answers once nothing is left that could be worked now: with nothing, or
// with when the first of what waits comes due, in milliseconds since 1970.
func tellIdle(mux *http.ServeMux, p *Program) {
	mux.HandleFunc("GET /idle", func(w http.ResponseWriter, r *http.Request) {
		for {
			p.queue.Wake()
			if err := p.queue.WaitIdle(r.Context()); err != nil {
				http.Error(w, err.Error(), http.StatusServiceUnavailable)
				return
			}
			d, err := p.queue.Depth(r.Context())
			switch {
			case err != nil:
				http.Error(w, err.Error(), http.StatusServiceUnavailable)
			case d.Due+d.Running > 0:
				continue // it came after the queue was seen idle
			case d.Waiting > 0:
				fmt.Fprint(w, d.Next.UnixMilli())
			}
			return
		}
	})
}
