package queue

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/store"
)

// The contract with whoever does the work is package reconcile's. The context
// of Work ends after Options.Timeout, and when the queue is stopped the hard
// way. What a Finish says counts also with an error.
type (
	Worker  = reconcile.Worker
	Attempt = reconcile.Attempt
	Finish  = reconcile.Finish
)

// Options of a queue. A zero field means its default.
type Options struct {
	Workers     int           // keys of one repository worked at once, beside its commands and answers; 8
	MaxAttempts int           // failed runs until a key is parked; 12
	Timeout     time.Duration // of one run; 2 minutes
	Retention   store.Retention
	Log         slog.Handler // the queue's and River's log; nil is silence

	// Backoff returns the pause after so many failed runs; nil is 1 s, 2 s,
	// 4 s, up to 5 minutes, with up to a fifth more at random.
	Backoff func(failures int) time.Duration
	// Heartbeat is how often a replica on PostgreSQL shows that it lives (2 s).
	// One that was not seen five times in a row is dead: its jobs are rescued.
	Heartbeat time.Duration
	// Now is the clock by which jobs come due, the store's own; nil is time.Now
	// and, on PostgreSQL, the database's for what River looks up.
	Now func() time.Time
}

func (o Options) withDefaults() Options {
	if o.Workers == 0 {
		o.Workers = 8
	}
	if o.MaxAttempts == 0 {
		o.MaxAttempts = 12
	}
	if o.Timeout == 0 {
		o.Timeout = 2 * time.Minute
	}
	if o.Log == nil {
		o.Log = slog.DiscardHandler
	}
	if o.Backoff == nil {
		o.Backoff = backoff
	}
	if o.Heartbeat == 0 {
		o.Heartbeat = 2 * time.Second
	}
	return o
}

// Queue takes work in and has it done. Its methods are safe for concurrent use.
type Queue struct {
	store *store.Store
	opts  Options
	log   *slog.Logger
	id    string // of this process among the replicas
	river client

	worker   Worker // set by Start
	stopping atomic.Bool
	lastSeen atomic.Int64 // our last heartbeat, by our monotonic clock
	born     time.Time
	changed  signal        // jobs were inserted or have ended
	bell     chan struct{} // likewise, for River
	quit     chan struct{}
	loops    sync.WaitGroup
	once     sync.Once
}

// New makes a queue on an open store. Work can be taken in at once; it is
// worked after Start.
func New(s *store.Store, opts Options) (*Queue, error) {
	opts = opts.withDefaults()
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	q := &Queue{
		store: s, opts: opts, log: slog.New(opts.Log),
		id:   fmt.Sprintf("%.40s-%d-%s", host, os.Getpid(), rand.Text()),
		born: time.Now(),
		quit: make(chan struct{}), bell: make(chan struct{}, 1),
	}
	if q.river, err = newClient(q); err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	return q, nil
}

// Start rescues what dead processes left, then works until Stop. It may be
// called once; cancelling its context does not stop the queue.
func (q *Queue) Start(ctx context.Context, w Worker) error {
	if q.worker != nil {
		return errors.New("queue: started twice")
	}
	q.worker = w
	if err := q.beat(ctx); err != nil {
		return fmt.Errorf("queue: start: %w", err)
	}
	if q.store.SQLite() != nil {
		// We hold the file alone, so whoever was leader or worked is dead.
		if err := q.update(ctx, func(ctx context.Context, tx store.Tx) error { return tx.DropLeader(ctx) }); err != nil {
			return fmt.Errorf("queue: start: %w", err)
		}
	}
	if err := q.rescue(ctx); err != nil {
		return fmt.Errorf("queue: start: %w", err)
	}
	if err := q.river.start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("queue: start: %w", err)
	}
	q.loops.Go(q.heartbeats)
	q.loops.Go(q.pruning)
	return nil
}

// hardStop is how long Stop waits for runs whose context it has cancelled.
const hardStop = 5 * time.Second

// Stop takes no more jobs and waits for the running ones until the context
// ends; then it cancels their contexts, waits a moment longer and gives up.
// A run that was cancelled is worked again after the next start, without having
// used up an attempt.
func (q *Queue) Stop(ctx context.Context) error {
	if q.worker == nil {
		return nil
	}
	err := q.river.stop(ctx)
	if err != nil {
		q.stopping.Store(true)
		hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), hardStop)
		defer cancel()
		err = q.river.stopHard(hard)
	}
	q.once.Do(func() { close(q.quit) })
	q.loops.Wait()
	if err != nil {
		return fmt.Errorf("queue: stop: runs do not end: %w", err)
	}
	leave, cancel := context.WithTimeout(context.WithoutCancel(ctx), hardStop)
	defer cancel()
	return q.store.Left(leave, q.id)
}

// PendingCommand loads a comment's commands by their key, and reports whether it is there.
func (q *Queue) PendingCommand(ctx context.Context, key reconcile.Key) (reconcile.PendingCommand, bool, error) {
	return q.store.PendingCommand(ctx, key)
}

// Parked lists the keys that failed too often, the newest first.
func (q *Queue) Parked(ctx context.Context) ([]store.Parked, error) { return q.store.Parked(ctx) }
