package queue_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/queue"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/store"
)

var istio = github.Repo{Owner: "istio", Name: "istio"}

func pr(n int) reconcile.Key {
	return reconcile.Key{Handler: "freeze", Repo: istio, ID: fmt.Sprintf("pr/%04d", n)}
}

// patience bounds every wait of these tests; only a defect uses it up.
const patience = 10 * time.Minute

// givesUp calls a function after all patience, unless what it returns is called before.
func givesUp(fn func()) (stop func() bool) { return time.AfterFunc(patience, fn).Stop }

// rig is a store and a queue whose worker is the test: each run is handed over
// and waits for its answer.
type rig struct {
	*queue.Queue
	t     *testing.T
	store *store.Store
	runs  chan *run
}

// run is one call of Work that waits for its answer.
type run struct {
	key     reconcile.Key
	attempt queue.Attempt
	ctx     context.Context
	answer  chan answer
}

type answer struct {
	finish queue.Finish
	err    error
	panic  any
}

func (r *rig) Work(ctx context.Context, key reconcile.Key, a queue.Attempt) (queue.Finish, error) {
	c := &run{key: key, attempt: a, ctx: ctx, answer: make(chan answer, 1)}
	select {
	case r.runs <- c:
	case <-ctx.Done():
		return queue.Finish{}, ctx.Err()
	}
	select {
	case ans := <-c.answer:
		if ans.panic != nil {
			panic(ans.panic)
		}
		return ans.finish, ans.err
	case <-ctx.Done():
		return queue.Finish{}, ctx.Err()
	}
}

func openStore(t *testing.T, url string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), url, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// newRig opens a store and a queue that is not started.
func newRig(t *testing.T, url string, opts queue.Options) *rig {
	t.Helper()
	s := openStore(t, url)
	if opts.Log == nil {
		opts.Log = slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})
	}
	q, err := queue.New(s, opts)
	if err != nil {
		t.Fatal(err)
	}
	return &rig{Queue: q, t: t, store: s, runs: make(chan *run)}
}

func startRig(t *testing.T, url string, opts queue.Options) *rig {
	t.Helper()
	r := newRig(t, url, opts)
	r.start()
	return r
}

func (r *rig) start() {
	r.t.Helper()
	if err := r.Start(r.t.Context(), r); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() {
		// Runs that still wait for the test are cancelled at once.
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := r.Stop(ctx); err != nil {
			r.t.Errorf("stop: %v", err)
		}
	})
}

// next waits for a run to begin.
func (r *rig) next() *run {
	r.t.Helper()
	select {
	case c := <-r.runs:
		return c
	case <-time.After(patience):
		d, err := r.Depth(context.Background())
		r.t.Fatalf("no run began; %+v, %v", d, err)
		return nil
	}
}

// want waits for a run and checks its key.
func (r *rig) want(key reconcile.Key) *run {
	r.t.Helper()
	c := r.next()
	if c.key != key {
		r.t.Fatalf("run of %s, want %s", c.key, key)
	}
	return c
}

func (c *run) ok()            { c.answer <- answer{finish: queue.Finish{Reason: "ok"}} }
func (c *run) fail(err error) { c.answer <- answer{err: err} }

// idle waits until nothing can be worked now.
func (r *rig) idle() {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		done := make(chan error, 1)
		go func() { done <- r.WaitIdle(ctx) }()
		select {
		case err := <-done:
			if err != nil {
				r.t.Fatal(err)
			}
			return
		case c := <-r.runs:
			r.t.Fatalf("unexpected run of %s", c.key)
		}
	}
}

func (r *rig) enqueue(keys ...reconcile.Key) {
	r.t.Helper()
	if err := r.Enqueue(r.t.Context(), keys...); err != nil {
		r.t.Fatal(err)
	}
}

// until waits for something that is so after a change by one of two queues, or of one.
func until(t *testing.T, one, other *queue.Queue, what string, so func() bool) {
	t.Helper()
	deadline := time.After(patience)
	for {
		changed, changedToo := one.Changed(), other.Changed()
		if so() {
			return
		}
		select {
		case <-changed:
		case <-changedToo:
		case <-deadline:
			t.Fatalf("never happened: %s", what)
		}
	}
}

// history lists the outcomes of a key's runs, the oldest first.
func (r *rig) history(key reconcile.Key) string {
	r.t.Helper()
	rows, err := r.store.Audit(r.t.Context(), store.AuditFilter{Key: key}, 100)
	if err != nil {
		r.t.Fatal(err)
	}
	var list []string
	for _, row := range slices.Backward(rows) {
		list = append(list, string(row.Outcome))
	}
	return strings.Join(list, " ")
}

// quick retries at once; slow never does within a test.
func quick(int) time.Duration { return time.Millisecond }
func slow(int) time.Duration  { return time.Hour }
