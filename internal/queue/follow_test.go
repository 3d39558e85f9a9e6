package queue_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/queue"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/store"
	"github.com/istio-ecosystem/slipway/internal/store/storetest"
)

func TestThenAndNext(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := startRig(t, url, queue.Options{})
		r.enqueue(pr(5))
		at := time.Now().Add(1500 * time.Millisecond)
		r.want(pr(5)).answer <- answer{finish: queue.Finish{
			Enqueue: []reconcile.Key{pr(1), pr(9)}, RequeueAt: at,
			Reason: "thawed", Receipts: []reconcile.Receipt{{Effect: "check", Changed: true}},
		}}
		a, b := r.next(), r.next()
		keys := []reconcile.Key{a.key, b.key}
		if !slices.Contains(keys, pr(1)) || !slices.Contains(keys, pr(9)) {
			t.Errorf("then came %v", keys)
		}
		rows, err := r.store.Audit(t.Context(), store.AuditFilter{Key: pr(5)}, 1)
		if err != nil || len(rows) != 1 || rows[0].Why != "thawed" || len(rows[0].Receipts) != 1 || rows[0].Attempt != 1 {
			t.Errorf("audit: %+v, %v", rows, err)
		}
		a.ok()
		b.ok()
		c := r.want(pr(5))
		if time.Now().Before(at) {
			t.Error("woken before its instant")
		}
		c.answer <- answer{finish: queue.Finish{Enqueue: []reconcile.Key{pr(5)}}} // itself
		r.want(pr(5)).ok()
		r.idle()
	})
}

// TestThenIsAtomicWithCompletion makes the ending transaction fail: neither the
// run's end nor what follows from it may be there, and the run is repeated.
func TestThenIsAtomicWithCompletion(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := startRig(t, url, queue.Options{Log: slog.DiscardHandler})
		r.enqueue(pr(5))
		c := r.want(pr(5))
		rename := func(from, to string) {
			if r.store.SQLite() != nil {
				if _, err := r.store.SQLite().Exec("ALTER TABLE " + from + " RENAME TO " + to); err != nil {
					t.Fatal(err)
				}
			} else if _, err := r.store.Postgres().Exec(t.Context(), "ALTER TABLE "+from+" RENAME TO "+to); err != nil {
				t.Fatal(err)
			}
		}
		rename("audit", "audit_away") // the last statement of the transaction
		c.answer <- answer{finish: queue.Finish{Enqueue: []reconcile.Key{pr(1)}}}
		c = r.want(pr(5))
		if sub, err := r.store.Subject(t.Context(), pr(1).String()); err != nil || sub.Generation != 0 {
			t.Errorf("what was to follow was counted %d times, %v", sub.Generation, err)
		}
		rename("audit_away", "audit")
		c.answer <- answer{finish: queue.Finish{Enqueue: []reconcile.Key{pr(1)}}}
		r.want(pr(1)).ok()
		r.idle()
	})
}

func TestWakeUps(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := startRig(t, url, queue.Options{})
		wake := func(at time.Time, keys ...reconcile.Key) {
			t.Helper()
			if err := r.WakeAt(t.Context(), at, keys...); err != nil {
				t.Fatal(err)
			}
		}
		wake(time.Now().Add(-time.Hour), pr(1), pr(1))
		r.want(pr(1)).ok()
		r.idle()
		far := time.Now().Add(24 * time.Hour).Truncate(time.Second)
		for range 3 {
			wake(far.Add(-200*time.Millisecond), pr(1)) // the same second, rounded up
		}
		wake(far.Add(time.Second), pr(1))
		r.idle()
		if d, err := r.Depth(t.Context()); err != nil || d.WakeUps != 2 {
			t.Errorf("depth %+v, %v", d, err)
		}
		r.enqueue(pr(1)) // is not swallowed by the wake-ups to come
		r.want(pr(1)).ok()
		soon := time.Now().Add(1200 * time.Millisecond)
		wake(soon, pr(2))
		c := r.want(pr(2))
		if time.Now().Before(soon) {
			t.Error("woken before its instant")
		}
		c.ok()
		r.idle()
	})
}

func TestStopWaitsThenCancels(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := newRig(t, url, queue.Options{Workers: 2})
		if err := r.Start(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		r.enqueue(pr(1), pr(2))
		a, b := r.next(), r.next()
		stopped := make(chan error, 1)
		ctx, giveUp := context.WithCancel(context.Background())
		go func() { stopped <- r.Stop(ctx) }()
		a.ok() // ends in order
		until(t, r.Queue, r.Queue, "the first run is recorded", func() bool { return r.history(a.key) == "done" })
		select {
		case err := <-stopped:
			t.Fatalf("stopped before the second run ended: %v", err)
		default:
		}
		giveUp()
		if err := <-stopped; err != nil {
			t.Errorf("stop: %v", err)
		}
		if b.ctx.Err() == nil {
			t.Error("the second run was not cancelled")
		}
		// The cancelled one is worked after the next start, as if it had not begun.
		q, err := queue.New(r.store, queue.Options{})
		if err != nil {
			t.Fatal(err)
		}
		again := &rig{Queue: q, t: t, store: r.store, runs: make(chan *run)}
		again.start()
		c := again.want(b.key)
		if c.attempt.N != 1 {
			t.Errorf("an attempt was used up: %+v", c.attempt)
		}
		c.ok()
		again.idle()
	})
}

func TestStartTwiceIsRefused(t *testing.T) {
	r := startRig(t, storetest.SQLite(t), queue.Options{})
	if err := r.Start(t.Context(), r); err == nil {
		t.Error("it was allowed")
	}
}
