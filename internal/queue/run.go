package queue

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/store"
)

// reconciler is River's worker for keys.
type reconciler struct {
	river.WorkerDefaults[reconcileArgs]
	q *Queue
}

// Work implements river.Worker. What it returns matters to River only if the
// transaction that ends the run failed: otherwise the job's row is final.
func (r *reconciler) Work(ctx context.Context, job *river.Job[reconcileArgs]) error {
	q := r.q
	if err := q.aliveEnough(ctx); err != nil {
		return err
	}
	e := &ending{q: q, job: job.JobRow, key: store.ParseKey(job.Args.Key), started: q.now()}
	var err error
	// The generation is read before the worker looks at anything.
	if e.seen, err = q.store.Subject(ctx, job.Args.Key); err != nil {
		return fmt.Errorf("read the standing of %s: %w", e.key, err)
	}
	e.attempt = Attempt{N: e.seen.Failures + e.seen.Deaths + 1, Last: e.seen.Failures+1 >= q.opts.MaxAttempts}
	switch {
	case q.deadly(e.key, e.seen, job.JobRow):
		e.attempt.N, e.attempt.Deaths = e.seen.Failures+1, e.seen.Deaths
	case e.isAsk():
		head, err := q.store.HeadAsk(ctx, e.key.Repo)
		if err != nil {
			return fmt.Errorf("read the order of %s: %w", e.key, err)
		}
		if head != job.Args.Key {
			return e.commit(ctx, e.yield) // done already, or not its turn yet
		}
	}
	e.finish, e.err = q.work(ctx, e.key, e.attempt)
	if q.stopping.Load() && errors.Is(e.err, context.Canceled) {
		return e.err // River makes the row available again
	}
	return e.commit(ctx, e.end)
}

// work calls the worker; a panic becomes an error.
func (q *Queue) work(ctx context.Context, key reconcile.Key, a Attempt) (f Finish, err error) {
	defer func() {
		if p := recover(); p != nil {
			q.log.Error("panic", "key", key.String(), "panic", p, "stack", string(debug.Stack()))
			f, err = Finish{}, fmt.Errorf("panic: %v", p)
		}
	}()
	if key.Handler == reconcile.SpreadHandler && a.Deaths == 0 {
		return q.spread(ctx, key.ID)
	}
	return q.worker.Work(ctx, key, a)
}

// ending is the end of one run.
type ending struct {
	q       *Queue
	job     *rivertype.JobRow
	key     reconcile.Key
	seen    store.Subject // as it was before the run
	started time.Time
	attempt Attempt
	finish  Finish
	err     error
}

func (e *ending) isAsk() bool { return e.key.Handler == reconcile.CommandHandler }

// endTimeout bounds the transaction that ends a run, whose own context may have
// ended by then.
const endTimeout = 30 * time.Second

// commit runs the ending transaction. A row that was taken from us is not ours
// to report on: the process seemed dead, and the key is being worked again.
func (e *ending) commit(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTimeout)
	defer cancel()
	err := e.q.update(ctx, fn)
	switch {
	case errors.Is(err, errStruck):
		e.q.log.Warn("a run came to nothing", "key", e.key.String(), "error", err)
		return settled{}
	case err != nil:
		return fmt.Errorf("end the run of %s: %w", e.key, err)
	}
	return settled{}
}

// end completes the job and enqueues what follows.
func (e *ending) end(ctx context.Context, tx store.Tx) error {
	// Also after an error: what was done before it is done, and those that it
	// concerns must not wait for the rest.
	keys, err := withResting(ctx, tx, e.finish.Enqueue, e.finish.Stale)
	if err != nil {
		return err
	}
	follow := newWork(keys)
	if e.isAsk() {
		follow.addOrder(e.key.Repo)
	}
	again := follow.drop(e.key.String())
	moved, err := tx.Moved(ctx, e.finish.Dependencies)
	if err != nil {
		return err
	}
	now, subs, err := lockWith(ctx, tx, e.key.String(), follow.locks)
	if err != nil {
		return err
	}
	if err := e.q.river.complete(ctx, tx, e.job); err != nil {
		return err
	}
	// An ask never changes: it is the text that was signed.
	again = !e.isAsk() && (again || moved || now.Generation != e.seen.Generation)
	outcome, own, err := e.settle(ctx, tx, now, again)
	if err != nil {
		return err
	}
	if err := e.remember(ctx, tx); err != nil {
		return err
	}
	if err := follow.addHeads(ctx, tx); err != nil {
		return err
	}
	if len(own) > 0 {
		follow.drop(e.key.String()) // an ask that is to be tried again is still the head
	}
	jobs := append(follow.jobs(), own...)
	// Also after an error: what was decided has its time, whatever the rest came to.
	if next := e.finish.RequeueAt; !next.IsZero() {
		// A handler that keeps naming an instant that has passed must not spin.
		jobs = append(jobs, wakeJob(e.key.String(), later(next, e.q.now().Add(time.Second))))
	}
	if err := e.q.insert(ctx, tx, jobs, subs); err != nil {
		return err
	}
	return e.record(ctx, tx, outcome)
}

// settle writes the key's new standing and returns how the run ended and the
// job that works the key again, if any.
func (e *ending) settle(ctx context.Context, tx store.Tx, now store.Subject, again bool) (store.Outcome, []river.InsertManyParams, error) {
	key := e.key.String()
	at := func(t time.Time) []river.InsertManyParams { return []river.InsertManyParams{keyJob(key, t)} }
	var wait *reconcile.RetryAfterError
	switch {
	case e.attempt.Deaths > 0:
		return e.told(ctx, tx, now)
	case e.err == nil, errors.Is(e.err, reconcile.ErrGone):
		outcome := store.Done
		if e.err != nil {
			outcome = store.Gone
		}
		if err := e.askDone(ctx, tx, outcome); err != nil {
			return "", nil, err
		}
		var own []river.InsertManyParams
		if again {
			own = at(time.Time{})
		}
		return outcome, own, tx.Succeeded(ctx, now)
	case errors.As(e.err, &wait):
		until := e.waitUntil(wait.At)
		return store.Waiting, at(until), tx.Waits(ctx, key, until)
	}
	failures := now.Failures + 1
	switch last := failures >= e.q.opts.MaxAttempts; {
	case last && again: // the event starts it afresh
		return store.Failed, at(time.Time{}), tx.Failed(ctx, key, 0, e.err.Error(), false)
	case last:
		return store.GaveUp, nil, tx.Failed(ctx, key, failures, e.err.Error(), true)
	case again:
		return store.Failed, at(time.Time{}), tx.Failed(ctx, key, failures, e.err.Error(), false)
	default:
		pause := e.q.opts.Backoff(failures)
		return store.Failed, at(e.q.now().Add(pause)), tx.Failed(ctx, key, failures, e.err.Error(), false)
	}
}

// askDone ends an ask. Until it is done it is the head, so that no other can have begun
// when its author's are put behind all others.
func (e *ending) askDone(ctx context.Context, tx store.Tx, outcome store.Outcome) error {
	if !e.isAsk() {
		return nil
	}
	key := e.key.String()
	if err := tx.AskDone(ctx, key, string(outcome), e.attempt.N); err != nil || !e.finish.Spent {
		return err
	}
	return tx.AuthorLast(ctx, key)
}

// longestWait bounds a wait for a rate limit. GitHub's end within the hour; a
// clock that is wrong must not put work off for good.
const longestWait = 2 * time.Hour

func (e *ending) waitUntil(at time.Time) time.Time {
	now := e.q.now()
	if at.After(now.Add(longestWait)) {
		return now.Add(longestWait)
	}
	return later(at, now.Add(100*time.Millisecond))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// record writes the audit row.
func (e *ending) record(ctx context.Context, tx store.Tx, outcome store.Outcome) error {
	why := e.finish.Reason
	if e.err != nil {
		why = e.err.Error()
	}
	return tx.AddRun(ctx, store.Run{
		At: e.started, Key: e.key, Outcome: outcome, Why: why, Receipts: e.finish.Receipts,
		Attempt: e.attempt.N, Took: e.q.now().Sub(e.started),
	})
}

// yield ends the job of an ask whose turn it is not and sees to it that the one
// whose turn it is has a job. If the turn has come meanwhile, that is the same
// ask, with a new job.
func (e *ending) yield(ctx context.Context, tx store.Tx) error {
	follow := newWork(nil)
	follow.addOrder(e.key.Repo)
	_, subs, err := lockWith(ctx, tx, e.key.String(), follow.locks)
	if err != nil {
		return err
	}
	if err := e.q.river.complete(ctx, tx, e.job); err != nil {
		return err
	}
	if err := follow.addHeads(ctx, tx); err != nil {
		return err
	}
	return e.q.insert(ctx, tx, follow.jobs(), subs)
}

// settled is what a run returns whose row is final. River looks for this shape
// of error (its batch workers use it) and reports each of its jobs: there are
// none, so it writes nothing, where it would look for the row once more. Should
// River stop to look for it, the error fails a row that is not running, which
// changes nothing.
type settled struct{}

// Error implements error.
func (settled) Error() string { return "the run has been recorded" }

// ErrorsByID is part of the shape.
func (settled) ErrorsByID() map[int64]error { return nil }

// Jobs is part of the shape.
func (settled) Jobs() []*rivertype.JobRow { return nil }
