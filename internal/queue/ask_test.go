package queue_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/queue"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/store/storetest"
)

func ask(id int64, at time.Duration) reconcile.PendingCommand {
	return reconcile.PendingCommand{Text: fmt.Sprint("/release help ", id), Call: command.Call{
		Repo: istio, Number: 1, ID: id, At: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(at),
	}}
}

func (r *rig) takeAsks(asks ...reconcile.PendingCommand) {
	r.t.Helper()
	for _, a := range asks {
		if _, err := r.StoreDelivery(r.t.Context(), reconcile.Delivery{Commands: []reconcile.PendingCommand{a}}); err != nil {
			r.t.Fatal(err)
		}
	}
}

func TestAsksComeInTurn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := newRig(t, url, queue.Options{MaxAttempts: 2, Backoff: quick})
		other := ask(50, 0)
		other.Call.Repo.Name = "api"
		r.takeAsks(ask(3, time.Second), ask(4, time.Second), ask(9, 0), other)
		r.start()
		a, b := r.next(), r.next() // one of each repository
		if a.key == other.Key() {
			a, b = b, a
		}
		if a.key != ask(9, 0).Key() || b.key != other.Key() {
			t.Fatalf("first came %s and %s", a.key, b.key)
		}
		b.ok()
		r.takeAsks(ask(9, 0)) // a doubled webhook: the same comment once more
		a.fail(errors.New("boom"))
		r.want(ask(9, 0).Key()).fail(errors.New("boom")) // parks it, so that 3 may come
		c := r.want(ask(3, 0).Key())
		got, ok, err := r.PendingCommand(t.Context(), c.key)
		if err != nil || !ok || got.Text != "/release help 3" {
			t.Errorf("ask: %+v, %t, %v", got, ok, err)
		}
		r.takeAsks(ask(5, 2*time.Second))
		c.ok()
		r.want(ask(4, 0).Key()).fail(reconcile.ErrGone)
		r.want(ask(5, 0).Key()).ok()
		r.idle()
		r.takeAsks(ask(3, time.Second)) // done: never again
		r.enqueue(ask(4, 0).Key(), ask(77, 0).Key())
		r.idle()
		r.enqueue(ask(9, 0).Key()) // a person starts the parked one afresh
		r.want(ask(9, 0).Key()).ok()
		r.idle()
	})
}

func TestOlderAskOvertakesOneThatWaits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := newRig(t, url, queue.Options{})
		r.takeAsks(ask(8, time.Minute)) // has a job by now
		r.takeAsks(ask(2, 0))           // delivered late
		r.start()
		c := r.want(ask(2, 0).Key())
		c.ok()
		r.want(ask(8, 0).Key()).ok()
		r.idle()
	})
}

func TestAsksOfARateLimitedHeadWait(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := startRig(t, url, queue.Options{})
		r.takeAsks(ask(1, 0))
		at := time.Now().Add(1500 * time.Millisecond)
		r.want(ask(1, 0).Key()).fail(&reconcile.RetryAfterError{At: at, Err: errors.New("limit")})
		until(t, r.Queue, r.Queue, "the first comment waits", func() bool { return r.history(ask(1, 0).Key()) == "waiting" })
		r.takeAsks(ask(2, time.Second))
		c := r.want(ask(1, 0).Key())
		if time.Now().Before(at) {
			t.Error("the next comment pulled the first one forward")
		}
		c.ok()
		r.want(ask(2, 0).Key()).ok()
		r.idle()
	})
}

// TestASpentPersonComesLast: who has been told often enough is overtaken by everybody
// else, and not by themselves.
func TestASpentPersonComesLast(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := newRig(t, url, queue.Options{})
		by := func(who, id int64) reconcile.PendingCommand {
			a := ask(id, time.Duration(id)*time.Second)
			a.Call.Author.ID = who
			return a
		}
		r.takeAsks(by(6, 1), by(6, 2), by(6, 3), by(7, 4))
		r.start()
		r.want(ask(1, 0).Key()).ok()
		c := r.want(ask(2, 0).Key())
		r.takeAsks(by(6, 5), by(8, 6))
		c.answer <- answer{finish: queue.Finish{Spent: true}}
		r.want(ask(4, 0).Key()).ok()
		c = r.want(ask(6, 0).Key())
		r.takeAsks(by(6, 7), by(7, 8)) // hers comes after her earlier ones
		c.ok()
		for _, id := range []int64{8, 3, 5, 7} {
			r.want(ask(id, 0).Key()).ok()
		}
		r.idle()
		r.takeAsks(by(6, 9)) // nothing of hers waits: she is as others
		r.want(ask(9, 0).Key()).ok()
		r.idle()
	})
}
