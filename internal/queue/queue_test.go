package queue_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/queue"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/store"
	"github.com/istio-ecosystem/slipway/internal/store/storetest"
)

var istio = github.Repo{Owner: "istio", Name: "istio"}

func pr(n int) reconcile.Key {
	return reconcile.Key{Handler: "freeze", Repo: istio, ID: fmt.Sprintf("pr/%04d", n)}
}

// patience bounds every wait of these tests; only a defect uses it up.
const patience = 30 * time.Second

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

func (c *run) ok()            { c.answer <- answer{finish: queue.Finish{Why: "ok"}} }
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

// until polls a condition of the database.
func until(t *testing.T, what string, cond func() bool) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !cond() {
		select {
		case <-tick.C:
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

func TestDeliveryIsTakenOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := startRig(t, url, queue.Options{})
		cache := r.store.Cache()
		for _, k := range []string{"policy/istio", "teams"} {
			if err := cache.Put(t.Context(), k, []byte("v"), time.Hour); err != nil {
				t.Fatal(err)
			}
		}
		in := reconcile.Intake{
			GUID: "g1", Kind: "push", Repo: istio, Received: time.Now(), Keys: []reconcile.Key{pr(1), pr(2), pr(1)},
			Forget:   []string{"policy/"},
			Sighting: &github.Sighting{Repo: istio, Number: 1, Head: "abc", UpdatedAt: time.Now()},
		}
		if fresh, err := r.Take(t.Context(), in); err != nil || !fresh {
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
		if v, ok, _ := r.store.Sighting(t.Context(), istio, 1); !ok || v.Head != "abc" {
			t.Errorf("sighting: %+v, %t", v, ok)
		}
		a.ok()
		b.ok()
		r.idle()
		if fresh, err := r.Take(t.Context(), in); err != nil || fresh {
			t.Errorf("again: %t, %v", fresh, err)
		}
		r.idle() // fails if a redelivery were worked
		in.GUID = ""
		for range 2 {
			if fresh, err := r.Take(t.Context(), in); err != nil || !fresh {
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
				fresh, err := r.Take(context.Background(), reconcile.Intake{GUID: "g", Keys: []reconcile.Key{pr(1)}})
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
		if _, err := r.Take(t.Context(), reconcile.Intake{GUID: "g", Keys: []reconcile.Key{k}}); err == nil {
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
		r.want(pr(1)).fail(fmt.Errorf("observe: %w", &reconcile.Later{At: at, Err: errors.New("secondary limit")}))
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

func TestThenAndNext(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := startRig(t, url, queue.Options{})
		r.enqueue(pr(5))
		at := time.Now().Add(1500 * time.Millisecond)
		r.want(pr(5)).answer <- answer{finish: queue.Finish{
			Then: []reconcile.Key{pr(1), pr(9)}, Next: at,
			Why: "thawed", Receipts: []reconcile.Receipt{{Effect: "check", Changed: true}},
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
		c.answer <- answer{finish: queue.Finish{Then: []reconcile.Key{pr(5)}}} // itself
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
		c.answer <- answer{finish: queue.Finish{Then: []reconcile.Key{pr(1)}}}
		c = r.want(pr(5))
		if sub, err := r.store.Subject(t.Context(), pr(1).String()); err != nil || sub.Generation != 0 {
			t.Errorf("what was to follow was counted %d times, %v", sub.Generation, err)
		}
		rename("audit_away", "audit")
		c.answer <- answer{finish: queue.Finish{Then: []reconcile.Key{pr(1)}}}
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

func ask(id int64, at time.Duration) reconcile.Ask {
	return reconcile.Ask{Text: fmt.Sprint("/release help ", id), Call: command.Call{
		Repo: istio, Number: 1, ID: id, At: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(at),
	}}
}

func (r *rig) takeAsks(asks ...reconcile.Ask) {
	r.t.Helper()
	for _, a := range asks {
		if _, err := r.Take(r.t.Context(), reconcile.Intake{Asks: []reconcile.Ask{a}}); err != nil {
			r.t.Fatal(err)
		}
	}
}

func TestAsksComeInTurn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := newRig(t, url, queue.Options{MaxAttempts: 2, Backoff: quick})
		other := ask(50, 0)
		other.Call.Repo.Name = "api"
		r.takeAsks(ask(3, time.Second), ask(4, time.Second), ask(9, 0), other)
		r.start()
		a, b := r.next(), r.next() // one of each repository
		if a.key == other.Key() {
			a, b = b, a
		}
		if a.key != ask(9, 0).Key() || b.key != other.Key() {
			t.Fatalf("first came %s and %s", a.key, b.key)
		}
		b.ok()
		r.takeAsks(ask(9, 0)) // a doubled webhook: the same comment once more
		a.fail(errors.New("boom"))
		r.want(ask(9, 0).Key()).fail(errors.New("boom")) // parks it, so that 3 may come
		c := r.want(ask(3, 0).Key())
		got, ok, err := r.Ask(t.Context(), c.key)
		if err != nil || !ok || got.Text != "/release help 3" {
			t.Errorf("ask: %+v, %t, %v", got, ok, err)
		}
		r.takeAsks(ask(5, 2*time.Second))
		c.ok()
		r.want(ask(4, 0).Key()).fail(reconcile.ErrGone)
		r.want(ask(5, 0).Key()).ok()
		r.idle()
		r.takeAsks(ask(3, time.Second)) // done: never again
		r.enqueue(ask(4, 0).Key(), ask(77, 0).Key())
		r.idle()
		r.enqueue(ask(9, 0).Key()) // a person starts the parked one afresh
		r.want(ask(9, 0).Key()).ok()
		r.idle()
	})
}

func TestOlderAskOvertakesOneThatWaits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := newRig(t, url, queue.Options{})
		r.takeAsks(ask(8, time.Minute)) // has a job by now
		r.takeAsks(ask(2, 0))           // delivered late
		r.start()
		c := r.want(ask(2, 0).Key())
		c.ok()
		r.want(ask(8, 0).Key()).ok()
		r.idle()
	})
}

func TestAsksOfARateLimitedHeadWait(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := startRig(t, url, queue.Options{})
		r.takeAsks(ask(1, 0))
		at := time.Now().Add(1500 * time.Millisecond)
		r.want(ask(1, 0).Key()).fail(&reconcile.Later{At: at, Err: errors.New("limit")})
		r.takeAsks(ask(2, time.Second))
		c := r.want(ask(1, 0).Key())
		if time.Now().Before(at) {
			t.Error("the next comment pulled the first one forward")
		}
		c.ok()
		r.want(ask(2, 0).Key()).ok()
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
		until(t, "the first run is recorded", func() bool { return r.history(a.key) == "done" })
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
