package queue

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/store"
)

// River's queues, each with workers of its own.
const (
	usual    = river.QueueDefault
	commands = "commands" // what people ask for, one text of a repository at a time
	crowd    = "crowd"    // what steps aside for others, and answers that change nothing
)

// queueOf is the queue that a key's job is inserted into.
func queueOf(handler string) string {
	switch handler {
	case reconcile.CommandHandler:
		return commands
	case reconcile.QuestionHandler, reconcile.RefusalHandler:
		return crowd
	}
	return usual
}

// workersOf says how many keys of each queue are worked at once.
func workersOf(n int) map[string]river.QueueConfig {
	return map[string]river.QueueConfig{
		usual:    {MaxWorkers: n},
		commands: {MaxWorkers: max(1, n/2)},
		crowd:    {MaxWorkers: max(1, n-1)},
	}
}

// shares keeps one repository, and one owner of many, from having all workers of a queue
// while others wait: what is beyond its share steps aside.
type shares struct {
	workers map[string]river.QueueConfig

	mu      sync.Mutex
	running map[string]int   // by queue and repository, and by queue and owner
	aside   map[string]int64 // by repository, the job that stepped aside last
}

func newShares(workers int) *shares {
	return &shares{workers: workersOf(workers), running: map[string]int{}, aside: map[string]int64{}}
}

// begin takes a worker for a key, until end is called; ok is false if its repository or its
// owner has had its share.
func (s *shares) begin(queue string, repo github.Repo) (end func(), ok bool) {
	if queue == crowd || repo.Owner == "" {
		return func() {}, true
	}
	of := strings.ToLower(queue + " " + repo.String())
	by := strings.ToLower(queue + " " + repo.Owner)
	all := s.workers[queue].MaxWorkers
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running[of] >= max(1, all/2) || s.running[by] >= max(1, all-1) {
		return nil, false
	}
	s.running[of]++
	s.running[by]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, name := range []string{of, by} {
			if s.running[name]--; s.running[name] == 0 {
				delete(s.running, name)
			}
		}
	}, true
}

// last returns the job of a repository that stepped aside last; 0 for none.
func (s *shares) last(repo github.Repo) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.aside[strings.ToLower(repo.String())]
}

// stepped notes a job that steps aside; 0 that none waits there any more.
func (s *shares) stepped(repo github.Repo, id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := strings.ToLower(repo.String())
	if id == 0 {
		delete(s.aside, name)
		return
	}
	s.aside[name] = max(s.aside[name], id)
}

// turn takes a worker for a job that was fetched, until end is called. ok is false if the
// job has stepped aside: it waits in another queue, and there isn't ours any more.
func (q *Queue) turn(ctx context.Context, job *rivertype.JobRow, key reconcile.Key) (end func(), ok bool, err error) {
	late, err := q.overtakes(ctx, job, key)
	if err != nil {
		return nil, false, err
	}
	if !late {
		if end, ok = q.shares.begin(job.Queue, key.Repo); ok {
			return end, true, nil
		}
	}
	if job.Queue == usual {
		q.shares.stepped(key.Repo, job.ID) // before it waits, so that the next one sees it
	}
	err = q.update(ctx, func(ctx context.Context, tx store.Tx) error { return tx.MoveJob(ctx, job.ID, job.Attempt, crowd) })
	if err != nil {
		return nil, false, fmt.Errorf("step aside with %s: %w", key, err)
	}
	return nil, false, nil
}

// overtakes reports whether a job would be worked before others of its repository that
// were to come first and have stepped aside.
func (q *Queue) overtakes(ctx context.Context, job *rivertype.JobRow, key reconcile.Key) (bool, error) {
	last := q.shares.last(key.Repo)
	if job.Queue != usual || last == 0 {
		return false, nil
	}
	waits, err := q.store.JobWaits(ctx, last, crowd)
	if err == nil && !waits {
		q.shares.stepped(key.Repo, 0)
	}
	if err != nil {
		return false, fmt.Errorf("look who waits before %s: %w", key, err)
	}
	return waits, nil
}
