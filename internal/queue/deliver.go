package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/store"
)

// StoreDelivery stores a delivery and everything that it leads to in one transaction,
// and returns after the commit. fresh is false if the delivery was taken
// before; then nothing more is done. After an error nothing has been stored,
// except when the connection broke at the commit: then nobody knows, and taking
// the delivery again is safe.
func (q *Queue) StoreDelivery(ctx context.Context, in reconcile.Delivery) (fresh bool, err error) {
	keys := slices.Clone(in.Keys)
	for _, a := range in.Commands {
		keys = append(keys, a.Key())
	}
	if err := check(slices.Concat(keys, spreads(in.Facts))); err != nil {
		return false, fmt.Errorf("take delivery %s: %w", in.GUID, err)
	}
	err = q.update(ctx, func(ctx context.Context, tx store.Tx) error {
		fresh = true
		if in.GUID != "" {
			if fresh, err = tx.AddDelivery(ctx, in); err != nil || !fresh {
				return err
			}
		}
		for _, prefix := range in.Forget {
			if err := tx.ForgetCache(ctx, prefix); err != nil {
				return err
			}
		}
		if in.Snapshot != nil {
			seen := *in.Snapshot
			// When the payload had come: a read that began later shows at least
			// what it tells.
			if seen.EventAt = in.Received; in.Received.IsZero() {
				seen.EventAt = q.now()
			}
			if err := tx.AddPullSnapshot(ctx, seen); err != nil {
				return err
			}
		}
		for _, a := range in.Commands {
			if err := tx.AddAsk(ctx, a); err != nil {
				return err
			}
		}
		all, err := withResting(ctx, tx, keys, in.Facts)
		if err != nil {
			return err
		}
		return q.enqueue(ctx, tx, all)
	})
	if err != nil {
		return false, fmt.Errorf("take delivery %s: %w", in.GUID, err)
	}
	return fresh, nil
}

// batch is how many keys share a transaction when many are enqueued: a webhook
// must not wait for all keys of a resync.
const batch = 100

// Enqueue counts an event for every key, as if a delivery had brought it. Keys
// of asks that are done are passed over. Many keys are several transactions.
func (q *Queue) Enqueue(ctx context.Context, keys ...reconcile.Key) error {
	if err := check(keys); err != nil {
		return fmt.Errorf("enqueue: %w", err)
	}
	for part := range slices.Chunk(keys, batch) {
		err := q.update(ctx, func(ctx context.Context, tx store.Tx) error { return q.enqueue(ctx, tx, part) })
		if err != nil {
			return fmt.Errorf("enqueue %d keys, %s first: %w", len(part), part[0], err)
		}
	}
	return nil
}

// WakeAt has keys enqueued at an instant, rounded up to the second; one that
// has passed means now. The same key at the same second is woken once.
func (q *Queue) WakeAt(ctx context.Context, at time.Time, keys ...reconcile.Key) error {
	if err := check(keys); err != nil {
		return fmt.Errorf("wake at %s: %w", at.Format(time.RFC3339), err)
	}
	for part := range slices.Chunk(sorted(keys), batch) {
		err := q.update(ctx, func(ctx context.Context, tx store.Tx) error {
			jobs := make([]river.InsertManyParams, len(part))
			for i, k := range part {
				jobs[i] = wakeJob(k, at)
			}
			return q.insert(ctx, tx, jobs, nil)
		})
		if err != nil {
			return fmt.Errorf("wake at %s: %w", at.Format(time.RFC3339), err)
		}
	}
	return nil
}

// check refuses keys that cannot be stored or read back.
func check(keys []reconcile.Key) error {
	for _, k := range keys {
		s := k.String()
		if k.ID == "" || strings.ContainsRune(s, 0) || strings.ToValidUTF8(s, "") != s || store.ParseKey(s) != k {
			return fmt.Errorf("%q is not a key", s)
		}
	}
	return nil
}

// sorted returns the keys as strings, in order and without doubles: the order
// in which everybody locks them.
func sorted(keys []reconcile.Key) []string {
	list := make([]string, len(keys))
	for i, k := range keys {
		list[i] = k.String()
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// enqueue bumps keys and inserts their jobs.
func (q *Queue) enqueue(ctx context.Context, tx store.Tx, keys []reconcile.Key) error {
	if len(keys) == 0 {
		return nil
	}
	list := newWork(keys)
	subs, err := tx.Bump(ctx, list.locks)
	if err != nil {
		return err
	}
	if err := list.addHeads(ctx, tx); err != nil {
		return err
	}
	return q.insert(ctx, tx, list.jobs(), subs)
}

// work is what a transaction enqueues.
type work struct {
	locks []string      // subjects to bump, sorted; orders of asks among them
	keys  []string      // to be worked, in the order in which they were named
	repos []github.Repo // whose heads are to be worked
}

// newWork separates asks, which come in turn, from everything else, which is
// worked in the order given: whoever names the keys knows which are urgent.
func newWork(keys []reconcile.Key) *work {
	var w work
	named := make(map[string]bool, len(keys))
	for _, k := range keys {
		key := k.String()
		w.locks = append(w.locks, key)
		switch {
		case k.Handler == reconcile.CommandHandler:
			w.addOrder(k.Repo)
		case !named[key]:
			named[key] = true
			w.keys = append(w.keys, key)
		}
	}
	slices.Sort(w.locks)
	w.locks = slices.Compact(w.locks)
	return &w
}

func (w *work) addOrder(repo github.Repo) {
	order := store.OrderKey(repo)
	if !slices.Contains(w.locks, order) {
		w.locks = append(w.locks, order)
		w.repos = append(w.repos, repo)
	}
}

// addHeads adds the asks whose turn it is. The orders must be locked by now.
func (w *work) addHeads(ctx context.Context, tx store.Tx) error {
	for _, repo := range w.repos {
		head, err := tx.HeadAsk(ctx, repo)
		if err != nil {
			return err
		}
		if head != "" { // of one repository each, and in keys there are no asks: no doubles
			w.keys = append(w.keys, head)
		}
	}
	return nil
}

func (w *work) jobs() []river.InsertManyParams {
	jobs := make([]river.InsertManyParams, len(w.keys))
	for i, k := range w.keys {
		jobs[i] = keyJob(k, time.Time{})
	}
	return jobs
}

// keyJob is the job that works a key, at an instant or (zero) at once.
func keyJob(key string, at time.Time) river.InsertManyParams {
	return river.InsertManyParams{
		Args:       reconcileArgs{Key: key},
		InsertOpts: &river.InsertOpts{Queue: laneOf(store.ParseKey(key)), UniqueOpts: unique, ScheduledAt: at},
	}
}

// wakeJob is the job that enqueues a key at an instant.
func wakeJob(key string, at time.Time) river.InsertManyParams {
	sec := at.Unix()
	if at.Nanosecond() > 0 {
		sec++ // never early: a handler that is woken before its instant would decide the same again
	}
	return river.InsertManyParams{
		Args:       wakeArgs{Key: key, At: sec},
		InsertOpts: &river.InsertOpts{Queue: laneOf(store.ParseKey(key)), UniqueOpts: unique, ScheduledAt: time.Unix(sec, 0)},
	}
}

// insert inserts jobs. Those that have a twin are dealt with as the package
// comment says: one that runs sees the new generation, one that waits is pulled
// forward unless it waits for a rate limit. subs holds the keys that had an
// event; a twin of any other key (an ask whose turn it is) is left as it is.
func (q *Queue) insert(ctx context.Context, tx store.Tx, jobs []river.InsertManyParams, subs map[string]store.Subject) error {
	if len(jobs) == 0 {
		return nil
	}
	results, err := q.river.insert(ctx, tx, jobs)
	if err != nil {
		return fmt.Errorf("insert jobs: %w", err)
	}
	now := q.now()
	var later []int64
	for _, res := range results {
		if !res.UniqueSkippedAsDuplicate {
			if res.Job.State == rivertype.JobStateScheduled {
				later = append(later, res.Job.ID)
			}
			continue
		}
		var args reconcileArgs
		if err := json.Unmarshal(res.Job.EncodedArgs, &args); err != nil {
			return fmt.Errorf("job %d: %w", res.Job.ID, err)
		}
		sub, counted := subs[args.Key]
		if res.Job.Kind != kindReconcile || !counted || !pulledForward(res.Job, sub, now) {
			continue
		}
		if err := q.river.retry(ctx, tx, res.Job.ID); err != nil {
			return fmt.Errorf("pull %s forward: %w", args.Key, err)
		}
	}
	return tx.MakeAvailable(ctx, later)
}

// pulledForward tells whether a twin that an event meets should run now.
func pulledForward(twin *rivertype.JobRow, sub store.Subject, now time.Time) bool {
	switch twin.State {
	case rivertype.JobStateAvailable, rivertype.JobStateScheduled, rivertype.JobStateRetryable:
		return twin.ScheduledAt.After(now) && !sub.WaitUntil.After(now)
	default:
		return false
	}
}
