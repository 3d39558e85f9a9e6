package queue_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/queue"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/store"
	"github.com/istio-ecosystem/slipway/internal/store/storetest"
)

// note is what a run does before it reads facts.
func (r *rig) note(facts ...string) (rests []reconcile.Dependency) {
	r.t.Helper()
	g, err := r.store.Generations(r.t.Context(), facts...)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, f := range facts {
		rests = append(rests, reconcile.Dependency{Fact: f, Generation: g[f]})
	}
	return rests
}

// stale takes a delivery that made facts stale.
func (r *rig) stale(facts ...string) {
	r.t.Helper()
	if _, err := r.StoreDelivery(r.t.Context(), reconcile.Delivery{Facts: facts}); err != nil {
		r.t.Fatal(err)
	}
}

func (c *run) restsOn(rests ...reconcile.Dependency) {
	c.answer <- answer{finish: queue.Finish{Dependencies: rests, ReplaceDependencies: true}}
}

const (
	labels = "istio/istio labels/40"
	issue  = "istio/istio issue/55"
)

func TestAFactWakesWhatRestsOnIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := startRig(t, url, queue.Options{Workers: 1})
		r.enqueue(pr(7), pr(8))
		r.want(pr(7)).restsOn(r.note(labels, issue)...)
		r.want(pr(8)).restsOn(r.note(issue)...)
		r.idle()
		r.stale(labels, "istio/istio labels/41")
		r.want(pr(7)).ok() // says nothing of rests, so they stay
		r.idle()
		// Named keys come first, and nothing is worked twice.
		r.enqueue(pr(1))
		c := r.want(pr(1))
		if _, err := r.StoreDelivery(t.Context(), reconcile.Delivery{Keys: []reconcile.Key{pr(9), pr(8)}, Facts: []string{issue, labels, issue}}); err != nil {
			t.Fatal(err)
		}
		c.ok()
		for _, k := range []reconcile.Key{pr(9), pr(8), pr(7)} {
			r.want(k).ok()
		}
		r.idle()
		if got := r.history(pr(7)); got != "done done done" {
			t.Errorf("runs: %s", got)
		}
	})
}

func TestRestsAreReplacedByAGoodRun(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := startRig(t, url, queue.Options{MaxAttempts: 2, Backoff: quick})
		r.enqueue(pr(7))
		r.want(pr(7)).restsOn(r.note(labels)...)
		r.idle()
		r.enqueue(pr(7))
		for range 2 { // bad runs forget nothing
			r.want(pr(7)).answer <- answer{finish: queue.Finish{Dependencies: r.note(issue), ReplaceDependencies: true}, err: errors.New("boom")}
		}
		r.idle()
		r.stale(labels) // parked it is woken, too
		r.want(pr(7)).answer <- answer{err: errors.New("boom")}
		r.want(pr(7)).answer <- answer{err: errors.New("boom")}
		r.idle()
		r.stale(issue) // what a bad run read counts as well
		c := r.want(pr(7))
		if c.attempt.N != 1 {
			t.Errorf("not afresh: attempt %+v", c.attempt)
		}
		c.restsOn(r.note(issue)...)
		r.idle()
		r.stale(labels)
		r.idle()
		r.stale(issue)
		r.want(pr(7)).restsOn() // on nothing any more
		r.idle()
		r.stale(issue)
		r.idle()
		r.enqueue(pr(7))
		r.want(pr(7)).restsOn(r.note(issue)...)
		r.enqueue(pr(7))
		r.want(pr(7)).fail(fmt.Errorf("uninstalled: %w", reconcile.ErrGone))
		r.idle()
		r.stale(issue)
		r.idle()
	})
}

// TestAnEventBetweenReadAndEnd comes when nobody is known to rest on the fact yet.
func TestAnEventBetweenReadAndEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := startRig(t, url, queue.Options{Backoff: slow})
		r.enqueue(pr(7))
		c := r.want(pr(7))
		rests := r.note(issue, labels)
		r.stale(labels)
		c.restsOn(rests...)
		r.want(pr(7)).restsOn(r.note(issue, labels)...)
		r.idle()
		// Likewise where it rested on the fact before: one run more, not two.
		r.enqueue(pr(7))
		c = r.want(pr(7))
		rests = r.note(labels)
		r.stale(labels)
		c.restsOn(rests...)
		r.want(pr(7)).restsOn(r.note(labels)...)
		r.idle()
		// A bad run is tried again at once, as after an event that names its key.
		r.enqueue(pr(7))
		c = r.want(pr(7))
		rests = r.note(issue)
		r.stale(issue)
		c.answer <- answer{finish: queue.Finish{Dependencies: rests, ReplaceDependencies: true}, err: errors.New("boom")}
		r.want(pr(7)).restsOn(r.note(labels)...)
		r.idle()
		// A fact that was pruned meanwhile may have had an event.
		r.enqueue(pr(7))
		c = r.want(pr(7))
		rests = r.note(issue)
		if err := r.store.Prune(t.Context(), store.Retention{Rests: time.Nanosecond}); err != nil {
			t.Fatal(err)
		}
		c.restsOn(rests...)
		r.want(pr(7)).restsOn(r.note(issue)...)
		r.idle()
	})
}

// TestTheEndWaitsForAnEventUnderWay: the delivery has looked who rests on the fact,
// and found nobody, but isn't committed yet when the run ends.
func TestTheEndWaitsForAnEventUnderWay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := startRig(t, url, queue.Options{})
		r.enqueue(pr(7))
		c := r.want(pr(7))
		rests := r.note(labels)
		looked, release, done := make(chan []string), make(chan struct{}), make(chan error)
		go func() {
			done <- r.store.Update(context.Background(), func(ctx context.Context, tx store.Tx) error {
				keys, err := tx.Stale(ctx, []string{labels}, 9)
				looked <- keys
				<-release
				return err
			})
		}()
		if keys := <-looked; len(keys) != 0 {
			t.Errorf("resting already: %v", keys)
		}
		c.restsOn(rests...)
		close(release)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		r.want(pr(7)).restsOn(r.note(labels)...)
		r.idle()
	})
}

// TestManyRestOnAFact: more than a delivery may enqueue. The only worker takes the
// keys of the spreads first, and then the first of those that they enqueued.
// TestARunTellsOfAFact: what a run says has changed wakes who rests on it, beside the
// keys that it names.
func TestARunTellsOfAFact(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := startRig(t, url, queue.Options{Workers: 1})
		r.enqueue(pr(7), pr(8))
		r.want(pr(7)).restsOn(r.note(labels)...)
		r.want(pr(8)).restsOn(r.note(issue)...)
		r.idle()
		r.enqueue(pr(1))
		r.want(pr(1)).answer <- answer{finish: queue.Finish{Enqueue: []reconcile.Key{pr(9)}, Stale: []string{labels}}}
		for _, k := range []reconcile.Key{pr(9), pr(7)} {
			r.want(k).ok()
		}
		r.idle()
		if got := r.history(pr(8)); got != "done" {
			t.Errorf("what rests on something else: %s", got)
		}
	})
}

func TestManyRestOnAFact(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		const many = 501
		r := startRig(t, url, queue.Options{Workers: 1})
		rests := r.note(labels)
		err := r.store.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
			for i := range many {
				if err := tx.RestOn(ctx, pr(i).String(), rests); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		r.stale(labels, issue)
		r.want(pr(0)) // though the spreads, which have a worker of their own, may not have ended
		until(t, r.Queue, r.Queue, "both spreads are done", func() bool {
			return r.history(reconcile.SpreadKey(labels)) == "done" && r.history(reconcile.SpreadKey(issue)) == "done"
		})
		for i := range many {
			if sub, err := r.store.Subject(t.Context(), pr(i).String()); err != nil || sub.Generation != 1 {
				t.Errorf("%s has had %d events, %v", pr(i), sub.Generation, err)
			}
		}
		if d, err := r.Depth(t.Context()); err != nil || d != (queue.Depth{Due: many - 1, Running: 1}) {
			t.Errorf("depth %+v, %v", d, err)
		}
	})
}

func TestFactsThatCannotBeStoredAreRefused(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), queue.Options{})
	for _, f := range []string{"", "a\x00", "\xff"} {
		if _, err := r.StoreDelivery(t.Context(), reconcile.Delivery{GUID: "g", Facts: []string{f}}); err == nil {
			t.Errorf("%q was taken", f)
		}
	}
}

// TestAFactReachesTheOtherReplica: one replica works the key, the other takes the event.
func TestAFactReachesTheOtherReplica(t *testing.T) {
	url := storetest.Postgres(t)
	r, other := startRig(t, url, queue.Options{}), newRig(t, url, queue.Options{})
	r.enqueue(pr(7))
	c := r.want(pr(7))
	rests := r.note(labels)
	other.stale(labels)
	c.restsOn(rests...)
	r.want(pr(7)).restsOn(r.note(labels)...)
	r.idle()
	other.stale(labels)
	r.want(pr(7)).ok()
	r.idle()
}

// resting is a world of facts: what events change, and what keys that they don't
// name rest on.
type resting struct {
	*world
	store *store.Store
	facts map[string]int                   // their versions
	saw   map[reconcile.Key]map[string]int // by the last run that ended well
}

const restingFacts = 9

func fact(n int) string { return fmt.Sprintf("istio/istio labels/%d", n) }

// Work notes some facts, sees them, then stays until a few more events have been
// taken.
func (w *resting) Work(ctx context.Context, key reconcile.Key, a queue.Attempt) (queue.Finish, error) {
	var mine []string
	for _, n := range rand.Perm(restingFacts)[:1+rand.IntN(4)] {
		mine = append(mine, fact(n))
	}
	g, err := w.store.Generations(ctx, mine...)
	if err != nil {
		return queue.Finish{}, err
	}
	f := queue.Finish{ReplaceDependencies: true}
	saw := map[string]int{}
	w.mu.Lock()
	for _, id := range mine {
		f.Dependencies = append(f.Dependencies, reconcile.Dependency{Fact: id, Generation: g[id]})
		saw[id] = w.facts[id]
	}
	w.mu.Unlock()
	if _, err := w.world.Work(ctx, key, a); err != nil {
		return f, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.saw[key] = saw
	return f, nil
}

// TestStressRests has two replicas on PostgreSQL; their worker is one.
func TestStressRests(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		events := 400
		if testing.Short() {
			events = 100
		}
		w := &resting{world: newWorld(t), facts: map[string]int{}, saw: map[reconcile.Key]map[string]int{}}
		w.failEvery = 7
		first := newRig(t, url, queue.Options{MaxAttempts: 1000, Backoff: quick})
		w.store = first.store
		queues := []*queue.Queue{first.Queue}
		if w.store.Postgres() != nil {
			queues = append(queues, newRig(t, url, queue.Options{MaxAttempts: 1000, Backoff: quick}).Queue)
		}
		for _, q := range queues {
			if err := q.Start(t.Context(), w); err != nil {
				t.Fatal(err)
			}
			defer q.Stop(context.Background())
		}
		var keys []reconcile.Key
		for n := range 20 {
			keys = append(keys, pr(n))
		}
		first.enqueue(keys...)
		w.change(queues, events)
		w.settled(queues[0], queues[len(queues)-1], events*len(keys)) // each may wake every key
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, k := range keys {
			if len(w.saw[k]) == 0 {
				t.Errorf("%s was never worked well", k)
			}
			for f, version := range w.saw[k] {
				if w.facts[f] != version {
					t.Errorf("%s rests on version %d of %s, which is at %d", k, version, f, w.facts[f])
				}
			}
		}
	})
}

// change takes events from several senders, each of them about two facts.
func (w *resting) change(queues []*queue.Queue, events int) {
	var wg sync.WaitGroup
	const senders = 4
	for range senders {
		wg.Go(func() {
			for i := range events / senders {
				a, b := fact(rand.IntN(restingFacts)), fact(rand.IntN(restingFacts))
				w.mu.Lock()
				w.facts[a]++
				if a != b {
					w.facts[b]++
				}
				w.mu.Unlock()
				if _, err := queues[i%len(queues)].StoreDelivery(context.Background(), reconcile.Delivery{Facts: slices.Compact([]string{a, b})}); err != nil {
					w.t.Errorf("take: %v", err)
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
