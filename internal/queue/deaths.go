package queue

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/store"
)

// patience is how many deaths a key may have been part of before it waits, and no event
// works it sooner: what ends the process must not keep all else from being done. Most often
// a death wasn't the key's fault. But after as many as there are attempts it isn't worked
// any more: only that is told, and then it gets one more try after an hour, two, four ...
// What a comment asks for gets none.
const (
	patience     = 3
	longestDeath = 24 * time.Hour
)

// deathPause is how long a key isn't worked after so many deaths: for each key it is another
// while, so that those that died together aren't worked together again.
func (q *Queue) deathPause(key string, deaths int) time.Duration {
	if deaths < patience {
		return 0
	}
	pause := q.opts.Backoff(deaths - patience + 1)
	if beyond := deaths - q.opts.MaxAttempts; beyond >= 0 {
		pause = min(time.Hour<<min(beyond, 10), longestDeath)
	}
	return pause + pause*time.Duration(crc32.ChecksumIEEE([]byte(key))%100)/100
}

// once reports the key of a comment: it is worked until that is answered, and then never again.
func once(k reconcile.Key) bool { return classOf(k) != usual }

// deadly reports whether a run must not work its key, but only tell that nobody does. It goes
// by when the job was fetched, which its row keeps: so a rescue knows what a process was at.
func (q *Queue) deadly(key reconcile.Key, sub store.Subject, job *rivertype.JobRow) bool {
	const exact = time.Millisecond // as jobs are kept on SQLite
	waits := job.AttemptedAt == nil || job.AttemptedAt.Before(sub.WaitUntil.Truncate(exact))
	return sub.Deaths >= q.opts.MaxAttempts && (once(key) || waits)
}

// died counts a death while a key was worked, and returns the jobs that follow. The order of
// an ask must be locked: after as many deaths as there are attempts it is done, in the same
// transaction, so that no other command waits until that could be told.
func (q *Queue) died(ctx context.Context, tx store.Tx, key reconcile.Key, sub store.Subject, follow *work) ([]river.InsertManyParams, error) {
	sub.Deaths++
	sub.WaitUntil = time.Time{}
	if pause := q.deathPause(sub.Key, sub.Deaths); pause > 0 {
		sub.WaitUntil = q.now().Add(pause)
	}
	next, most := sub.WaitUntil, q.opts.MaxAttempts
	if sub.Deaths >= most {
		next = time.Time{} // that is told at once
		sub.Failures = min(sub.Failures, most-1)
	}
	if sub.Deaths == most {
		sub.Failures = 0 // from here on they are those to tell it
	}
	switch ended := sub.Deaths >= most && once(key); {
	case ended:
		q.log.Error("a comment's key isn't worked again: each time the process ended during it", "key", sub.Key, "times", sub.Deaths)
		if err := q.lost(ctx, tx, key, sub, follow); err != nil {
			return nil, err
		}
	case !sub.WaitUntil.IsZero():
		q.log.Error("a key isn't worked for now: each time the process ended during it", "key", sub.Key, "times", sub.Deaths, "until", sub.WaitUntil)
	}
	return append(follow.jobs(), keyJob(sub.Key, next)), tx.Died(ctx, sub)
}

// lost ends what a comment asked for.
func (q *Queue) lost(ctx context.Context, tx store.Tx, key reconcile.Key, sub store.Subject, follow *work) error {
	run := store.Run{
		At: q.now(), Key: key, Outcome: store.GaveUp, Attempt: sub.Deaths,
		Why: fmt.Sprintf("the process ended each of the %d times during the run", sub.Deaths),
	}
	if err := tx.AddRun(ctx, run); err != nil || key.Handler != reconcile.CommandHandler {
		return err
	}
	if err := tx.AskDone(ctx, sub.Key, string(run.Outcome), run.Attempt); err != nil {
		return err
	}
	return follow.addHeads(ctx, tx)
}

// told settles a run that only told of its key. The deaths stay, whatever became of that.
func (e *ending) told(ctx context.Context, tx store.Tx, now store.Subject) (store.Outcome, []river.InsertManyParams, error) {
	// It is done since its last death, unless that was counted by a version that didn't do so.
	if err := e.askDone(ctx, tx, store.GaveUp); err != nil {
		return "", nil, err
	}
	var wait *reconcile.RetryAfterError
	switch {
	case errors.Is(e.err, reconcile.ErrGone):
		return store.Gone, afterTelling(e.key, now, time.Time{}), tx.Tried(ctx, now.Key, 0)
	case e.err == nil:
		return store.Done, afterTelling(e.key, now, time.Time{}), tx.Tried(ctx, now.Key, 0)
	case errors.As(e.err, &wait):
		return store.Waiting, afterTelling(e.key, now, e.waitUntil(wait.At)), nil
	}
	return e.q.untold(ctx, tx, e.key, now, 1)
}

// untold counts a try to tell of a key that came to nothing, and returns what follows: another
// one, as often as anything else is tried. One that ended the process counts for several.
func (q *Queue) untold(ctx context.Context, tx store.Tx, key reconcile.Key, sub store.Subject, tries int) (store.Outcome, []river.InsertManyParams, error) {
	outcome, failures := store.Failed, sub.Failures+tries
	next := q.now().Add(q.opts.Backoff(failures))
	if failures >= q.opts.MaxAttempts {
		outcome, next = store.GaveUp, time.Time{}
		q.log.Error("it can't be told that a key isn't worked", "key", sub.Key, "deaths", sub.Deaths)
	}
	return outcome, afterTelling(key, sub, next), tx.Tried(ctx, sub.Key, failures)
}

// afterTelling is the job that follows when it has been told of a key, or is to be told at an
// instant: when its pause is over it is worked, told or not. But a comment's never is.
func afterTelling(key reconcile.Key, sub store.Subject, again time.Time) []river.InsertManyParams {
	switch {
	case once(key) && again.IsZero():
		return nil
	case !once(key) && (again.IsZero() || again.After(sub.WaitUntil)):
		again = sub.WaitUntil
	}
	return []river.InsertManyParams{keyJob(sub.Key, again)}
}
