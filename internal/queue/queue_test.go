package queue_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/queue"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/store"
	"github.com/istio-ecosystem/slipway/internal/store/storetest"
)

func TestDeliveryIsTakenOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := startRig(t, url, queue.Options{})
		cache := r.store.Cache()
		for _, k := range []string{"policy/istio", "teams"} {
			if err := cache.Put(t.Context(), k, []byte("v"), time.Hour); err != nil {
				t.Fatal(err)
			}
		}
		in := reconcile.Delivery{
			GUID: "g1", Kind: "push", Repo: istio, Received: time.Now(), Keys: []reconcile.Key{pr(1), pr(2), pr(1)},
			Forget:   []string{"policy/"},
			Snapshot: &github.PullSnapshot{Repo: istio, PullRequest: github.PullRequest{Number: 1, State: github.Open, Head: "abc", UpdatedAt: time.Now()}},
		}
		if fresh, err := r.StoreDelivery(t.Context(), in); err != nil || !fresh {
			t.Fatalf("first: %t, %v", fresh, err)
		}
		a, b := r.next(), r.next()
		if a.key == b.key {
			t.Errorf("%s runs twice", a.key)
		}
		if _, ok, _ := cache.Get(t.Context(), "policy/istio"); ok {
			t.Error("the cache was not forgotten")
		}
		if _, ok, _ := cache.Get(t.Context(), "teams"); !ok {
			t.Error("too much was forgotten")
		}
		if v, ok, _ := r.store.PullSnapshot(t.Context(), istio, 1); !ok || v.Head != "abc" {
			t.Errorf("snapshot: %+v, %t", v, ok)
		}
		a.ok()
		b.ok()
		r.idle()
		if fresh, err := r.StoreDelivery(t.Context(), in); err != nil || fresh {
			t.Errorf("again: %t, %v", fresh, err)
		}
		r.idle() // fails if a redelivery were worked
		in.GUID = ""
		for range 2 {
			if fresh, err := r.StoreDelivery(t.Context(), in); err != nil || !fresh {
				t.Errorf("without a GUID: %t, %v", fresh, err)
			}
			r.next().ok()
			r.next().ok()
			r.idle()
		}
	})
}

func TestSameDeliveryAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := newRig(t, url, queue.Options{})
		got := make(chan bool)
		const n = 16
		for range n {
			go func() {
				fresh, err := r.StoreDelivery(context.Background(), reconcile.Delivery{GUID: "g", Keys: []reconcile.Key{pr(1)}})
				if err != nil {
					t.Error(err)
				}
				got <- fresh
			}()
		}
		count := 0
		for range n {
			if <-got {
				count++
			}
		}
		if count != 1 {
			t.Errorf("%d of them were fresh", count)
		}
		if sub, err := r.store.Subject(t.Context(), pr(1).String()); err != nil || sub.Generation != 1 {
			t.Errorf("%d events were counted, %v", sub.Generation, err)
		}
	})
}

func TestKeysThatCannotBeStoredAreRefused(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), queue.Options{})
	for _, k := range []reconcile.Key{
		{}, {Handler: "freeze", Repo: istio}, {Handler: "a b", Repo: istio, ID: "x"},
		{Handler: "freeze", Repo: istio, ID: "x\x00"}, {Handler: "freeze", Repo: istio, ID: "\xff"},
		{Handler: "freeze", Repo: github.Repo{Owner: "a/b", Name: "c"}, ID: "x"},
	} {
		if _, err := r.StoreDelivery(t.Context(), reconcile.Delivery{GUID: "g", Keys: []reconcile.Key{k}}); err == nil {
			t.Errorf("%q was taken", k)
		}
	}
	if ok, err := r.store.Delivered(t.Context(), "g"); ok || err != nil {
		t.Errorf("the delivery counts as taken: %t, %v", ok, err)
	}
	odd := reconcile.Key{Handler: "freeze", Repo: istio, ID: "branch/a\u3000b c"}
	r.start()
	r.enqueue(odd)
	r.want(odd).ok()
	r.idle()
}

func TestEventDuringARunLeadsToAnother(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := startRig(t, url, queue.Options{})
		r.enqueue(pr(1))
		c := r.want(pr(1))
		r.enqueue(pr(1))
		r.enqueue(pr(1))
		c.ok()
		r.want(pr(1)).ok()
		r.idle()
		if got := r.history(pr(1)); got != "done done" {
			t.Errorf("runs: %s", got)
		}
	})
}

func TestEventDuringAFailingRunLeadsToAnotherAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := startRig(t, url, queue.Options{Backoff: slow})
		r.enqueue(pr(1))
		c := r.want(pr(1))
		r.enqueue(pr(1))
		c.fail(errors.New("boom"))
		c = r.want(pr(1))
		if c.attempt.N != 2 {
			t.Errorf("attempt %+v", c.attempt)
		}
		c.ok()
		r.idle()
	})
}

func TestEventPullsARetryForward(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := startRig(t, url, queue.Options{Backoff: slow})
		r.enqueue(pr(1))
		r.want(pr(1)).fail(errors.New("boom"))
		r.idle() // an hour's pause is not idle work
		if d, err := r.Depth(t.Context()); err != nil || d.Waiting != 1 {
			t.Fatalf("depth %+v, %v", d, err)
		}
		r.enqueue(pr(1))
		c := r.want(pr(1))
		if c.attempt.N != 2 {
			t.Errorf("attempt %+v", c.attempt)
		}
		c.ok()
		r.idle()
		if got := r.history(pr(1)); got != "failed done" {
			t.Errorf("runs: %s", got)
		}
		r.enqueue(pr(1))
		c = r.want(pr(1))
		if c.attempt.N != 1 {
			t.Errorf("after a good run: attempt %+v", c.attempt)
		}
		c.ok()
	})
}

func TestEventLeavesARateLimitAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := startRig(t, url, queue.Options{Backoff: slow})
		at := time.Now().Add(2 * time.Second)
		r.enqueue(pr(1))
		r.want(pr(1)).fail(fmt.Errorf("observe: %w", &reconcile.RetryAfterError{At: at, Err: errors.New("secondary limit")}))
		r.idle()
		r.enqueue(pr(1))
		r.enqueue(pr(2)) // worked now, so the queue does not sleep
		r.want(pr(2)).ok()
		c := r.want(pr(1))
		if now := time.Now(); now.Before(at) {
			t.Errorf("pulled forward by %s", at.Sub(now))
		}
		if c.attempt.N != 1 {
			t.Errorf("an attempt was used up: %+v", c.attempt)
		}
		c.ok()
		r.idle() // the event was covered by that run
		if got := r.history(pr(1)); got != "waiting done" {
			t.Errorf("runs: %s", got)
		}
	})
}

func TestRetriesUntilParkedThenAfresh(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := startRig(t, url, queue.Options{MaxAttempts: 3, Backoff: quick})
		r.enqueue(pr(1))
		before := time.Now().Add(-time.Second)
		for n := 1; n <= 3; n++ {
			c := r.want(pr(1))
			if want := (queue.Attempt{N: n, Last: n == 3}); c.attempt != want {
				t.Errorf("attempt %+v, want %+v", c.attempt, want)
			}
			c.fail(fmt.Errorf("boom %d", n))
		}
		r.idle()
		list, err := r.Parked(t.Context())
		if err != nil || len(list) != 1 {
			t.Fatalf("parked: %+v, %v", list, err)
		}
		if p := list[0]; p.Key != pr(1) || p.Error != "boom 3" || p.Attempts != 3 || p.Since.Before(before) {
			t.Errorf("parked: %+v", p)
		}
		if d, err := r.Depth(t.Context()); err != nil || d.Parked != 1 || d.Waiting != 0 {
			t.Errorf("depth %+v, %v", d, err)
		}
		r.enqueue(pr(1))
		c := r.want(pr(1))
		if c.attempt.N != 1 {
			t.Errorf("afresh: attempt %+v", c.attempt)
		}
		if list, err := r.Parked(t.Context()); err != nil || len(list) != 0 {
			t.Errorf("still parked: %+v, %v", list, err)
		}
		c.ok()
		r.idle()
		if got := r.history(pr(1)); got != "failed failed parked done" {
			t.Errorf("runs: %s", got)
		}
	})
}

func TestPanicIsAnError(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := startRig(t, url, queue.Options{Backoff: quick, Log: slog.DiscardHandler})
		r.enqueue(pr(1))
		r.want(pr(1)).answer <- answer{panic: "oh no"}
		c := r.want(pr(1))
		if c.attempt.N != 2 {
			t.Errorf("attempt %+v", c.attempt)
		}
		c.ok()
		r.idle()
		rows, err := r.store.Audit(t.Context(), store.AuditFilter{Outcome: store.Failed}, 1)
		if err != nil || len(rows) != 1 || !strings.Contains(rows[0].Why, "panic: oh no") {
			t.Errorf("audit: %+v, %v", rows, err)
		}
	})
}

func TestGoneIsDropped(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := startRig(t, url, queue.Options{})
		r.enqueue(pr(1))
		r.want(pr(1)).fail(fmt.Errorf("observe: uninstalled: %w", reconcile.ErrGone))
		r.idle()
		if d, err := r.Depth(t.Context()); err != nil || d != (queue.Depth{}) {
			t.Errorf("depth %+v, %v", d, err)
		}
		if got := r.history(pr(1)); got != "gone" {
			t.Errorf("runs: %s", got)
		}
	})
}

func TestTimeoutIsAnError(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := startRig(t, url, queue.Options{Timeout: 50 * time.Millisecond, Backoff: quick})
		r.enqueue(pr(1))
		c := r.want(pr(1))
		<-c.ctx.Done() // answered by Work itself with the context's error
		c = r.want(pr(1))
		if c.attempt.N != 2 {
			t.Errorf("attempt %+v", c.attempt)
		}
		c.ok()
		r.idle()
	})
}
