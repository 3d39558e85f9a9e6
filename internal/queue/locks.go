package queue

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/internal/store"
)

// lockWith locks a run's own subject and bumps those of the keys that follow
// from it, all in the one order. It returns the own standing and the others'.
func lockWith(ctx context.Context, tx store.Tx, own string, others []string) (store.Subject, map[string]store.Subject, error) {
	slices.Sort(others)
	i, _ := slices.BinarySearch(others, own)
	subs, err := tx.Bump(ctx, others[:i])
	if err != nil {
		return store.Subject{}, nil, err
	}
	now, err := tx.Lock(ctx, own)
	if err != nil {
		return store.Subject{}, nil, err
	}
	rest, err := tx.Bump(ctx, others[i:])
	if err != nil {
		return store.Subject{}, nil, err
	}
	for k, s := range rest {
		subs[k] = s
	}
	return now, subs, nil
}

// drop takes a key out and reports whether it was there.
func (w *work) drop(key string) bool {
	i := slices.Index(w.keys, key)
	if i < 0 {
		return false
	}
	w.keys = slices.Delete(w.keys, i, i+1)
	w.locks = slices.DeleteFunc(w.locks, func(k string) bool { return k == key })
	return true
}

// backoff is the default pause after so many failed runs: quick at first, since
// most failures pass, then out of the way. The random part keeps keys that
// failed together from coming back together.
func backoff(failures int) time.Duration {
	const most = 5 * time.Minute
	d := most
	if failures < 10 {
		d = min(most, time.Second<<max(failures-1, 0))
	}
	return d + rand.N(d/5+1)
}
