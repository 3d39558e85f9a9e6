package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/store"
)

// mostAtOnce is how many keys that rest on the facts of a delivery, or of a run, are
// enqueued with it. GitHub waits for the answer, so more of them are left to spreads.
const mostAtOnce = 500

// withResting counts an event for each fact and adds to keys what is to be worked
// for it, after those that the event named.
func withResting(ctx context.Context, tx store.Tx, keys []reconcile.Key, facts []string) ([]reconcile.Key, error) {
	if len(facts) == 0 {
		return keys, nil
	}
	resting, err := tx.Stale(ctx, facts, mostAtOnce)
	if err != nil {
		return nil, err
	}
	if len(resting) > mostAtOnce {
		return slices.Concat(keys, spreads(facts)), nil
	}
	all := slices.Clone(keys)
	for _, key := range resting {
		all = append(all, store.ParseKey(key))
	}
	return all, nil
}

func spreads(facts []string) []reconcile.Key {
	keys := make([]reconcile.Key, len(facts))
	for i, f := range facts {
		keys[i] = reconcile.SpreadKey(f)
	}
	return keys
}

// spread is the work of a spread's key. Should it end half way, it is done again,
// and what was enqueued already is looked at once more.
func (q *Queue) spread(ctx context.Context, fact string) (Finish, error) {
	keys, err := q.store.Resting(ctx, fact)
	if err == nil {
		err = q.Enqueue(ctx, keys...)
	}
	if err != nil {
		return Finish{}, fmt.Errorf("spread %s: %w", fact, err)
	}
	return Finish{Reason: fmt.Sprintf("%d keys rest on %s", len(keys), fact)}, nil
}

// remember writes what the key rests on now. After an error that is also what its
// last good run read; what is gone rests on nothing.
func (e *ending) remember(ctx context.Context, tx store.Tx) error {
	switch {
	case errors.Is(e.err, reconcile.ErrGone):
		return tx.RestOn(ctx, e.key.String(), nil)
	case !e.finish.ReplaceDependencies:
		return nil
	case e.err != nil:
		return tx.RestAlso(ctx, e.key.String(), e.finish.Dependencies)
	}
	return tx.RestOn(ctx, e.key.String(), e.finish.Dependencies)
}
