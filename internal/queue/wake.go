package queue

import (
	"context"
	"errors"
	"fmt"

	"github.com/riverqueue/river"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/store"
)

// waker is River's worker for wake-ups: it only enqueues a key.
type waker struct {
	river.WorkerDefaults[wakeArgs]
	q *Queue
}

// Work implements river.Worker.
func (w *waker) Work(ctx context.Context, job *river.Job[wakeArgs]) error {
	key := store.ParseKey(job.Args.Key)
	err := w.q.update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := w.q.enqueue(ctx, tx, []reconcile.Key{key}); err != nil {
			return err
		}
		return w.q.river.complete(ctx, tx, job.JobRow)
	})
	if err != nil && !errors.Is(err, errStruck) {
		return fmt.Errorf("wake %s: %w", key, err)
	}
	return settled{}
}
