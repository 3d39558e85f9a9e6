package bench

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// Latencies sums measured times up.
type Latencies []time.Duration

// At returns the time that a share of all (0 to 1) didn't exceed.
func (l Latencies) At(share float64) time.Duration {
	if len(l) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(l))
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

// Sustained sends as many deliveries as are acknowledged, from so many senders
// at once, over a time. It returns the rate a second and the latencies.
func Sustained(ctx context.Context, gh *sandbox.Server, p *Replica, prs []int, senders int, over time.Duration) (float64, Latencies, error) {
	payloads := make([][]byte, len(prs))
	for i, n := range prs {
		payloads[i] = synchronize(gh, n)
	}
	s := newSender(p.URL(), gh.App().WebhookSecret)
	var next atomic.Int64
	var wg sync.WaitGroup
	all := make([]Latencies, senders)
	errs := make([]error, senders)
	began := time.Now()
	for i := range senders {
		wg.Go(func() {
			for time.Since(began) < over {
				took, err := s.send(ctx, "pull_request", payloads[int(next.Add(1))%len(payloads)])
				if err != nil {
					errs[i] = err
					return
				}
				all[i] = append(all[i], took)
			}
		})
	}
	wg.Wait()
	elapsed := time.Since(began)
	for _, err := range errs {
		if err != nil {
			return 0, nil, fmt.Errorf("sustained deliveries: %w", err)
		}
	}
	total := Latencies(slices.Concat(all...))
	return float64(len(total)) / elapsed.Seconds(), total, nil
}

// Paced sends at a fixed rate whatever the answers take, as GitHub does, and
// returns the latencies.
func Paced(ctx context.Context, gh *sandbox.Server, p *Replica, prs []int, perSecond, count int) (Latencies, error) {
	payloads := make([][]byte, len(prs))
	for i, n := range prs {
		payloads[i] = synchronize(gh, n)
	}
	s := newSender(p.URL(), gh.App().WebhookSecret)
	took, errs := make(Latencies, count), make([]error, count)
	tick := time.NewTicker(time.Second / time.Duration(perSecond))
	defer tick.Stop()
	var wg sync.WaitGroup
	for i := range count {
		<-tick.C
		wg.Go(func() { took[i], errs[i] = s.send(ctx, "pull_request", payloads[i%len(payloads)]) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("paced deliveries: %w", err)
		}
	}
	return took, nil
}

// EndToEnd opens pull requests one by one on an idle system and measures from
// there to the finished check.
func EndToEnd(ctx context.Context, gh *sandbox.Server, base, check string, times int) (Latencies, error) {
	var all Latencies
	for i := range times {
		began := time.Now()
		n, err := openPR(gh, base, fmt.Sprintf("idle-%d", i))
		if err != nil {
			return nil, err
		}
		sha := gh.PR(repo, n).HeadSHA
		err = eventually(ctx, gh, 20*time.Second, func() string {
			if run, ok := gh.CheckRun(repo, sha, check); !ok || run.Conclusion == "" {
				return fmt.Sprintf("#%d has no finished check", n)
			}
			return ""
		})
		if err != nil {
			return nil, err
		}
		all = append(all, time.Since(began))
	}
	return all, nil
}

// eventually looks after each write on GitHub whether want returns "", and reports
// what it said last.
func eventually(ctx context.Context, gh *sandbox.Server, within time.Duration, want func() string) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		written := gh.Written()
		missing := want()
		if missing == "" {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("after %s: %s", within, missing)
		case <-written:
		}
	}
}

// idle waits until a process has nothing left to work. It asks time and again: a
// program as people run it tells nobody but by its metrics.
func idle(ctx context.Context, p *Replica, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		busy := busyKeys(ctx, p)
		if busy == "" {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("after %s: %s", within, busy)
		case <-tick.C:
		}
	}
}

// busyKeys says what a process has left to work, "" for nothing.
func busyKeys(ctx context.Context, p *Replica) string {
	n, err := p.Metric(ctx, "slipway_queue_keys{state=\"waiting\"}")
	if err != nil {
		return err.Error()
	}
	running, err := p.Metric(ctx, "slipway_queue_keys{state=\"running\"}")
	if err != nil {
		return err.Error()
	}
	if n+running > 0 {
		return fmt.Sprintf("%.0f keys wait and %.0f run", n, running)
	}
	return ""
}
