package queue_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/queue"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/store/storetest"
)

// shuffled are more keys than sorting would leave in place, some named twice.
func shuffled() (named, distinct []reconcile.Key) {
	for _, n := range []int{7, 3, 9, 1, 8, 2, 6, 4} {
		distinct = append(distinct, pr(n))
	}
	return slices.Concat(distinct, distinct[2:4]), distinct
}

func TestKeysAreWorkedInTheOrderGiven(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := startRig(t, url, queue.Options{Workers: 1})
		named, distinct := shuffled()
		r.enqueue(pr(5))
		// Itself among them runs again, in its turn like the others or later.
		r.want(pr(5)).answer <- answer{finish: queue.Finish{Enqueue: append(named, pr(5))}}
		for _, k := range append(distinct, pr(5)) {
			r.want(k).ok()
		}
		r.idle()
		r.enqueue(pr(5)) // holds the only worker while the others are named
		c := r.want(pr(5))
		r.enqueue(named...)
		c.ok()
		for _, k := range distinct {
			r.want(k).ok()
		}
		r.idle()
	})
}

// TestPacedKeysKeepTheirOrder: each run is told to wait for its slot.
func TestPacedKeysKeepTheirOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := startRig(t, url, queue.Options{Workers: 1})
		named, distinct := shuffled()
		r.enqueue(pr(5))
		r.want(pr(5)).answer <- answer{finish: queue.Finish{Enqueue: named}}
		slot := time.Now().Add(time.Second)
		for _, k := range distinct {
			r.want(k).fail(&reconcile.RetryAfterError{At: slot, Err: errors.New("paced")})
			slot = slot.Add(10 * time.Millisecond)
		}
		for _, k := range distinct {
			r.want(k).ok()
		}
		r.idle()
	})
}
