package queue_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/queue"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/store"
	"github.com/istio-ecosystem/slipway/internal/store/storetest"
)

// BenchmarkTake measures deliveries taken durably: one key each, of 200, with a
// snapshot, by one caller and by 64 at once, with and without workers.
func BenchmarkTake(b *testing.B) {
	server, err := storetest.Start(b.Context(), true)
	if err != nil {
		b.Logf("SQLite only: %v", err)
	} else {
		b.Cleanup(server.Stop)
	}
	for _, callers := range []int{1, 64} {
		for _, working := range []bool{false, true} {
			name := fmt.Sprintf("callers=%d/working=%t", callers, working)
			b.Run("sqlite/"+name, func(b *testing.B) { benchTake(b, storetest.SQLite(b), callers, working) })
			if server == nil {
				continue
			}
			b.Run("postgres/"+name, func(b *testing.B) {
				url, err := server.Database(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				benchTake(b, url, callers, working)
			})
		}
	}
}

func benchTake(b *testing.B, url string, callers int, working bool) {
	s, err := store.Open(b.Context(), url, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	q, err := queue.New(s, queue.Options{})
	if err != nil {
		b.Fatal(err)
	}
	var runs atomic.Int64
	if working {
		w := workerFunc(func(context.Context, reconcile.Key, queue.Attempt) (queue.Finish, error) {
			runs.Add(1)
			return queue.Finish{Reason: "bench", Receipts: []reconcile.Receipt{{Effect: "check run slipway/freeze", Changed: true}}}, nil
		})
		if err := q.Start(b.Context(), w); err != nil {
			b.Fatal(err)
		}
		defer q.Stop(context.Background())
	}
	var next atomic.Int64
	latencies := make([][]time.Duration, callers)
	var wg sync.WaitGroup
	b.ResetTimer()
	for c := range callers {
		wg.Go(func() {
			for {
				i := next.Add(1)
				if i > int64(b.N) {
					return
				}
				began := time.Now()
				_, err := q.StoreDelivery(context.Background(), benchIntake(i))
				if err != nil {
					b.Error(err)
				}
				latencies[c] = append(latencies[c], time.Since(began))
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	all := slices.Concat(latencies...)
	slices.Sort(all)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "takes/s")
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(runs.Load())/b.Elapsed().Seconds(), "runs/s")
}

func benchIntake(i int64) reconcile.Delivery {
	repo := github.Repo{Owner: "istio", Name: "istio"}
	n := int(i % 200)
	return reconcile.Delivery{
		GUID: fmt.Sprint("guid-", i), Kind: "pull_request.synchronize", Repo: repo, Received: time.Now(),
		Keys: []reconcile.Key{{Handler: "freeze", Repo: repo, ID: fmt.Sprint("pr/", n)}},
		Snapshot: &github.PullSnapshot{Repo: repo, PullRequest: github.PullRequest{
			Number: n, Base: "master", Head: "0123456789012345678901234567890123456789", State: github.Open, UpdatedAt: time.Now()}},
	}
}

type workerFunc func(context.Context, reconcile.Key, queue.Attempt) (queue.Finish, error)

func (f workerFunc) Work(ctx context.Context, k reconcile.Key, a queue.Attempt) (queue.Finish, error) {
	return f(ctx, k, a)
}

// BenchmarkSteady takes deliveries at a fixed rate, with workers, and measures
// how long each waits for its answer and for the beginning of its run. Every
// delivery has a key of its own.
func BenchmarkSteady(b *testing.B) {
	server, err := storetest.Start(b.Context(), true)
	if err != nil {
		b.Logf("SQLite only: %v", err)
	} else {
		b.Cleanup(server.Stop)
	}
	for _, rate := range []int{5, 100, 400} {
		b.Run(fmt.Sprintf("sqlite/rate=%d", rate), func(b *testing.B) { benchSteady(b, storetest.SQLite(b), rate) })
		if server == nil {
			continue
		}
		b.Run(fmt.Sprintf("postgres/rate=%d", rate), func(b *testing.B) {
			url, err := server.Database(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			benchSteady(b, url, rate)
		})
	}
}

func benchSteady(b *testing.B, url string, rate int) {
	s, err := store.Open(b.Context(), url, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	q, err := queue.New(s, queue.Options{})
	if err != nil {
		b.Fatal(err)
	}
	sent := make([]time.Time, b.N)
	answered, begun := make([]time.Duration, b.N), make([]time.Duration, b.N)
	var wg sync.WaitGroup
	w := workerFunc(func(_ context.Context, k reconcile.Key, _ queue.Attempt) (queue.Finish, error) {
		var i int
		if _, err := fmt.Sscanf(k.ID, "pr/%d", &i); err != nil {
			b.Error(err)
		}
		begun[i] = time.Since(sent[i])
		wg.Done()
		return queue.Finish{Reason: "bench"}, nil
	})
	if err := q.Start(b.Context(), w); err != nil {
		b.Fatal(err)
	}
	defer q.Stop(context.Background())
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	b.ResetTimer()
	for i := range b.N {
		<-tick.C
		sent[i] = time.Now()
		wg.Add(2)
		go func() {
			defer wg.Done()
			in := benchIntake(int64(i))
			in.Keys = []reconcile.Key{pr(i)}
			if _, err := q.StoreDelivery(context.Background(), in); err != nil {
				b.Error(err)
			}
			answered[i] = time.Since(sent[i])
		}()
	}
	wg.Wait()
	b.StopTimer()
	report := func(name string, list []time.Duration) {
		slices.Sort(list)
		b.ReportMetric(float64(list[len(list)/2].Microseconds())/1000, name+"-p50-ms")
		b.ReportMetric(float64(list[len(list)*99/100].Microseconds())/1000, name+"-p99-ms")
	}
	report("answered", answered)
	report("begun", begun)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "takes/s")
}
