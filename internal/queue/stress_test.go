package queue_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/queue"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/store/storetest"
)

// world is what the events of a stress test are about: each key has a version
// that grows before its event is taken. A worker sees the version, as a handler
// sees GitHub; when all is quiet, the last version must have been seen.
type world struct {
	t         *testing.T
	mu        sync.Mutex
	changed   *sync.Cond
	versions  map[reconcile.Key]int
	seen      map[reconcile.Key]int // by the last run that ended well
	running   map[reconcile.Key]bool
	runs      int
	taken     int
	sent      bool // everything has been taken
	failEvery int  // every so many runs fail, 0 for none
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, versions: map[reconcile.Key]int{}, seen: map[reconcile.Key]int{}, running: map[reconcile.Key]bool{}}
	w.changed = sync.NewCond(&w.mu)
	return w
}

// Work sees the world, then stays until a few more events have been taken.
func (w *world) Work(_ context.Context, key reconcile.Key, _ queue.Attempt) (queue.Finish, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.running[key] {
		w.t.Errorf("%s is worked twice at once", key)
	}
	w.running[key] = true
	defer func() { w.running[key] = false }()
	w.runs++
	n, version := w.runs, w.versions[key]
	for until := w.taken + rand.IntN(12); w.taken < until && !w.sent; {
		w.changed.Wait()
	}
	if w.failEvery > 0 && n%w.failEvery == 0 {
		if n%2 == 0 {
			return queue.Finish{}, &reconcile.RetryAfterError{At: time.Now(), Err: errors.New("limit")}
		}
		return queue.Finish{}, errors.New("boom")
	}
	w.seen[key] = version
	return queue.Finish{}, nil
}

// happen takes events from several senders, each of them about one of the keys.
func (w *world) happen(queues []*queue.Queue, events, keys int) {
	var wg sync.WaitGroup
	const senders = 8
	for s := range senders {
		wg.Go(func() {
			for i := range events / senders {
				key := pr(rand.IntN(keys))
				w.mu.Lock()
				w.versions[key]++
				w.mu.Unlock()
				fresh, err := queues[i%len(queues)].StoreDelivery(context.Background(), reconcile.Delivery{GUID: fmt.Sprint(s, "-", i), Keys: []reconcile.Key{key}})
				if err != nil || !fresh {
					w.t.Errorf("take: %t, %v", fresh, err)
				}
				w.mu.Lock()
				w.taken++
				w.changed.Broadcast()
				w.mu.Unlock()
			}
		})
	}
	wg.Wait()
	w.mu.Lock()
	w.sent = true
	w.changed.Broadcast()
	w.mu.Unlock()
}

// settled checks that the last version of each key has been seen.
func (w *world) settled(one, other *queue.Queue, events int) {
	w.t.Helper()
	// A retry that is a few milliseconds away is not due, so wait for none.
	until(w.t, one, other, "all work is done", func() bool {
		d, err := one.Depth(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		return d == (queue.Depth{})
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	for key, version := range w.versions {
		if w.seen[key] != version {
			w.t.Errorf("%s: the last run saw version %d of %d", key, w.seen[key], version)
		}
	}
	w.t.Logf("%d events became %d runs", events, w.runs)
	if w.runs >= events {
		w.t.Errorf("%d events became %d runs: nothing was put together", events, w.runs)
	}
}

func TestStressLosesNoEvent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		events := 2000
		if testing.Short() {
			events = 400
		}
		r := newRig(t, url, queue.Options{MaxAttempts: 1000, Backoff: quick})
		w := newWorld(t)
		w.failEvery = 7
		if err := r.Start(t.Context(), w); err != nil {
			t.Fatal(err)
		}
		defer r.Stop(context.Background())
		w.happen([]*queue.Queue{r.Queue}, events, 20)
		w.settled(r.Queue, r.Queue, events)
	})
}

func TestStressTwoReplicas(t *testing.T) {
	url := storetest.Postgres(t)
	events := 2000
	if testing.Short() {
		events = 400
	}
	w := newWorld(t)
	var queues []*queue.Queue
	for range 2 {
		r := newRig(t, url, queue.Options{Backoff: quick})
		if err := r.Start(t.Context(), w); err != nil {
			t.Fatal(err)
		}
		defer r.Stop(context.Background())
		queues = append(queues, r.Queue)
	}
	w.happen(queues, events, 20)
	w.settled(queues[0], queues[1], events)
}

// TestTwoReplicasGetEveryDelivery is GitHub's load balancer gone wrong: both
// take the same deliveries, and each key is worked once.
func TestTwoReplicasGetEveryDelivery(t *testing.T) {
	url := storetest.Postgres(t)
	const n = 100
	var mu sync.Mutex
	runs := map[reconcile.Key]int{}
	w := workerFunc(func(_ context.Context, k reconcile.Key, _ queue.Attempt) (queue.Finish, error) {
		mu.Lock()
		defer mu.Unlock()
		runs[k]++
		return queue.Finish{}, nil
	})
	var queues []*queue.Queue
	for range 2 {
		r := newRig(t, url, queue.Options{})
		if err := r.Start(t.Context(), w); err != nil {
			t.Fatal(err)
		}
		defer r.Stop(context.Background())
		queues = append(queues, r.Queue)
	}
	fresh := make(chan bool, 2*n)
	var wg sync.WaitGroup
	for _, q := range queues {
		wg.Go(func() {
			for i := range n {
				ok, err := q.StoreDelivery(context.Background(), reconcile.Delivery{GUID: fmt.Sprint(i), Keys: []reconcile.Key{pr(i)}})
				if err != nil {
					t.Error(err)
				}
				fresh <- ok
			}
		})
	}
	wg.Wait()
	close(fresh)
	count := 0
	for ok := range fresh {
		if ok {
			count++
		}
	}
	if count != n {
		t.Errorf("%d of %d deliveries were fresh", count, n)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := queues[1].WaitIdle(ctx); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	for i := range n {
		if runs[pr(i)] != 1 {
			t.Errorf("%s was worked %d times", pr(i), runs[pr(i)])
		}
	}
}
