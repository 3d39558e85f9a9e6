package store_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/store"
	"github.com/istio-ecosystem/slipway/internal/store/storetest"
)

// note is what a run does before it reads facts.
func note(t *testing.T, s *store.Store, facts ...string) []reconcile.Dependency {
	t.Helper()
	generations, err := s.Generations(context.Background(), facts...)
	if err != nil {
		t.Fatal(err)
	}
	var rests []reconcile.Dependency
	for _, f := range facts {
		if generations[f] == 0 {
			t.Errorf("%s has no generation", f)
		}
		rests = append(rests, reconcile.Dependency{Fact: f, Generation: generations[f]})
	}
	return rests
}

// restOn ends a run of a key and returns whether a fact has moved.
func restOn(t *testing.T, s *store.Store, key string, rests []reconcile.Dependency) (moved bool) {
	t.Helper()
	update(t, s, func(ctx context.Context, tx store.Tx) (err error) {
		if moved, err = tx.Moved(ctx, rests); err != nil {
			return err
		}
		return tx.RestOn(ctx, key, rests)
	})
	return moved
}

func stale(t *testing.T, s *store.Store, most int, facts ...string) (keys []string) {
	t.Helper()
	update(t, s, func(ctx context.Context, tx store.Tx) (err error) {
		keys, err = tx.Stale(ctx, facts, most)
		return err
	})
	return keys
}

func TestWhatAKeyRestsOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := open(t, url)
		want := func(facts string, keys ...string) {
			t.Helper()
			if diff := cmp.Diff(keys, stale(t, s, 9, strings.Fields(facts)...)); diff != "" {
				t.Errorf("on %s rest: %s", facts, diff)
			}
		}
		want("a b") // no rows at all
		rests := note(t, s, "b", "a", "b", "é")
		if diff := cmp.Diff(rests, note(t, s, "b", "a", "b", "é")); diff != "" {
			t.Errorf("noted again without an event: %s", diff)
		}
		if restOn(t, s, "k1", rests) || restOn(t, s, "k2", rests[1:2]) {
			t.Error("moved without an event")
		}
		want("c")
		want("é", "k1")
		want("b a b", "k1", "k2")
		if !restOn(t, s, "k1", rests) {
			t.Error("two events and nothing moved")
		}
		if now := note(t, s, "a"); now[0].Generation <= rests[1].Generation {
			t.Errorf("generation %d, then %d", rests[1].Generation, now[0].Generation)
		}
		restOn(t, s, "k1", note(t, s, "c"))
		want("a b c é", "k1", "k2")
		want("a b é", "k2")
		restOn(t, s, "k2", nil)
		want("a b é")
		keys, err := s.Resting(t.Context(), "c")
		if err != nil || len(keys) != 1 || keys[0].Handler != "k1" {
			t.Errorf("resting: %v, %v", keys, err)
		}
	})
}

// TestManyFactsAndKeys goes beyond what one statement names.
func TestManyFactsAndKeys(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := open(t, url)
		var facts []string
		for i := range 1203 {
			facts = append(facts, fmt.Sprint("labels/", i))
		}
		rests := note(t, s, facts...)
		restOn(t, s, "k all", rests)
		restOn(t, s, "k last", rests[len(rests)-1:])
		restOn(t, s, "k one", rests[700:701])
		if diff := cmp.Diff([]string{"k all", "k last", "k one"}, stale(t, s, 3, facts...)); diff != "" {
			t.Error(diff)
		}
		if n := len(stale(t, s, 1, facts...)); n != 2 {
			t.Errorf("at most one and one more are %d", n)
		}
		if !restOn(t, s, "k last", rests[len(rests)-1:]) {
			t.Error("the last of them didn't move")
		}
	})
}

// TestEventAndEndMeetAtAFact has one transaction wait for the other: whichever
// comes first, the run that read the fact before the event is not forgotten.
func TestEventAndEndMeetAtAFact(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := open(t, url)
		rests := note(t, s, "f")
		// meet begins the first, then the second, and lets both commit.
		meet := func(first, second func(context.Context, store.Tx) error) {
			t.Helper()
			held, release, done := make(chan struct{}), make(chan struct{}), make(chan error, 2)
			var once sync.Once
			go func() {
				done <- s.Update(context.Background(), func(ctx context.Context, tx store.Tx) error {
					err := first(ctx, tx)
					once.Do(func() { close(held) })
					<-release
					return err
				})
			}()
			<-held
			began := make(chan struct{})
			go func() {
				close(began)
				done <- s.Update(context.Background(), second)
			}()
			<-began
			waits(t, s)
			close(release)
			for range 2 {
				if err := <-done; err != nil {
					t.Error(err)
				}
			}
		}
		var moved bool
		var woken []string
		end := func(ctx context.Context, tx store.Tx) (err error) {
			if moved, err = tx.Moved(ctx, rests); err != nil {
				return err
			}
			return tx.RestOn(ctx, "k", rests)
		}
		event := func(ctx context.Context, tx store.Tx) (err error) {
			woken, err = tx.Stale(ctx, []string{"f"}, 9)
			return err
		}
		meet(end, event)
		if moved || !slices.Equal(woken, []string{"k"}) {
			t.Errorf("the end first: moved %t, woken %v", moved, woken)
		}
		restOn(t, s, "k", nil)
		rests = note(t, s, "f")
		meet(event, end)
		if !moved || len(woken) != 0 {
			t.Errorf("the event first: moved %t, woken %v", moved, woken)
		}
	})
}

// waits returns when a transaction of this database waits for another's lock, which
// PostgreSQL tells only whoever asks. On SQLite the writer takes one after the other.
func waits(t *testing.T, s *store.Store) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for waiting := s.Postgres() == nil; !waiting; {
		err := s.Postgres().QueryRow(ctx, `SELECT count(*) > 0 FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&waiting)
		if err != nil {
			t.Errorf("nobody waits: %v", err)
			return // so that both can end
		}
	}
}

// raw runs statements that the store has no method for.
func raw(t *testing.T, s *store.Store, queries ...string) {
	t.Helper()
	for _, q := range queries {
		var err error
		if s.SQLite() != nil {
			_, err = s.SQLite().Exec(q)
		} else {
			_, err = s.Postgres().Exec(t.Context(), q)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestPruneRests(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := open(t, url)
		prune := func(rests time.Duration) {
			t.Helper()
			if err := s.Prune(t.Context(), store.Retention{Rests: rests}); err != nil {
				t.Fatal(err)
			}
		}
		rests := note(t, s, "a")
		prune(0) // the default
		if restOn(t, s, "k", rests) {
			t.Error("a fact of now was pruned")
		}
		if got := stale(t, s, 9, "a"); len(got) != 1 {
			t.Errorf("resting: %v", got)
		}
		// Old facts stay while something rests on them.
		note(t, s, "b")
		raw(t, s, "UPDATE fact SET generation = 1")
		prune(0)
		if rests = note(t, s, "a", "b"); rests[0].Generation != 1 || rests[1].Generation == 1 {
			t.Errorf("pruned: %v", rests)
		}
		restOn(t, s, "k", rests[:1])
		prune(time.Nanosecond) // first the key's rests, then the facts
		if got := stale(t, s, 9, "a"); len(got) != 0 {
			t.Errorf("resting for too long: %v", got)
		}
		// A run that has noted a fact which is gone now can't know what it missed,
		// also if others have noted it anew.
		if !restOn(t, s, "k", rests[:1]) {
			t.Error("a fact without a row hasn't moved")
		}
		if got := stale(t, s, 9, "a"); !slices.Equal(got, []string{"k"}) {
			t.Errorf("on a fact without a row rest: %v", got)
		}
		note(t, s, "b")
		if !restOn(t, s, "k", rests[1:]) {
			t.Error("a fact made anew hasn't moved")
		}
	})
}

// TestUpgradeFromTheFirstTables: a running installation has no tables for this yet.
func TestUpgradeFromTheFirstTables(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := open(t, url)
		update(t, s, func(ctx context.Context, tx store.Tx) error {
			_, err := tx.Bump(ctx, []string{"k"})
			return err
		})
		raw(t, s, "DROP TABLE rest", "DROP TABLE fact", "DROP TABLE pushed", "DROP INDEX ask_turn", "DROP INDEX ask_author",
			"ALTER TABLE ask DROP COLUMN author", "ALTER TABLE ask DROP COLUMN turn", "ALTER TABLE subject DROP COLUMN deaths",
			"CREATE INDEX ask_open ON ask (repo, made_at, comment) WHERE done_at = 0", "DELETE FROM slipway_migration WHERE version > 1")
		s.Close()
		s = open(t, url)
		if restOn(t, s, "k", note(t, s, "f")) {
			t.Error("moved without an event")
		}
		if got := stale(t, s, 9, "f"); !slices.Equal(got, []string{"k"}) {
			t.Errorf("resting: %v", got)
		}
		if sub, err := s.Subject(t.Context(), "k"); err != nil || sub.Generation != 1 {
			t.Errorf("what was there: %+v, %v", sub, err)
		}
	})
}

// repeats counts the transactions that a deadlock had repeated.
type repeats struct {
	slog.Handler
	n atomic.Int64
}

func (r *repeats) Enabled(context.Context, slog.Level) bool { return true }
func (r *repeats) WithAttrs([]slog.Attr) slog.Handler       { return r }
func (r *repeats) Handle(_ context.Context, rec slog.Record) error {
	if rec.Message == "transaction is repeated" {
		r.n.Add(1)
	}
	return nil
}

// TestFactsNeverDeadlock has events, first looks and ends of runs overlap in few
// facts and few keys, each in an order of its own.
func TestFactsNeverDeadlock(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		log := &repeats{Handler: slog.DiscardHandler}
		s, err := store.Open(t.Context(), url, store.Options{Log: log})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		facts, keys := strings.Fields("a b c d e f g h"), strings.Fields("k1 k2 k3 k4")
		rounds := 300
		if testing.Short() {
			rounds = 60
		}
		some := func(list []string) []string {
			some := slices.Clone(list)
			rand.Shuffle(len(some), func(i, j int) { some[i], some[j] = some[j], some[i] })
			return some[:1+rand.IntN(len(some))]
		}
		var wg sync.WaitGroup
		forever := func(n int, fn func() error) {
			for range n {
				wg.Go(func() {
					for range rounds {
						if err := fn(); err != nil {
							t.Error(err)
							return
						}
					}
				})
			}
		}
		forever(3, func() error { // T
			return s.Update(context.Background(), func(ctx context.Context, tx store.Tx) error {
				woken, err := tx.Stale(ctx, some(facts), 9)
				if err != nil {
					return err
				}
				_, err = tx.Bump(ctx, woken)
				return err
			})
		})
		forever(3, func() error { // N, then W's end
			mine, key := some(facts), keys[rand.IntN(len(keys))]
			g, err := s.Generations(context.Background(), mine...)
			if err != nil {
				return err
			}
			var rests []reconcile.Dependency
			for _, f := range mine {
				rests = append(rests, reconcile.Dependency{Fact: f, Generation: g[f]})
			}
			return s.Update(context.Background(), func(ctx context.Context, tx store.Tx) error {
				if _, err := tx.Moved(ctx, rests); err != nil {
					return err
				}
				if _, err := tx.Lock(ctx, key); err != nil {
					return err
				}
				return tx.RestOn(ctx, key, rests)
			})
		})
		wg.Wait()
		if n := log.n.Load(); n > 0 {
			t.Errorf("%d deadlocks", n)
		}
	})
}
