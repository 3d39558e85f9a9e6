package queue_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/queue"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/store"
	"github.com/istio-ecosystem/slipway/internal/store/storetest"
)

// deadly are the options of these tests: three deaths are too many.
func deadly() queue.Options {
	return queue.Options{Heartbeat: heartbeat, MaxAttempts: deaths, Backoff: quick}
}

var question = reconcile.Key{Handler: reconcile.QuestionHandler, Repo: istio, ID: "comment/1"}

// kills ends so many processes while each is at a key, by "running KEY" or "telling KEY".
func kills(t *testing.T, url string, at string, times int, env ...string) {
	t.Helper()
	for range times {
		c := startChild(t, url, env...)
		c.says("started")
		c.says(at)
		c.kill()
	}
}

// afterDeaths has as many processes end at a key as are too many, and returns a queue that isn't started.
func afterDeaths(t *testing.T, url string, opts queue.Options, key reconcile.Key, asks ...reconcile.PendingCommand) *rig {
	t.Helper()
	before := newRig(t, url, deadly())
	if before.takeAsks(asks...); len(asks) == 0 {
		before.enqueue(key)
	}
	before.store.Close()
	kills(t, url, "running "+key.String(), deaths)
	return newRig(t, url, opts)
}

// wantTold waits for a run that only tells of its key, and checks that.
func (r *rig) wantTold(key reconcile.Key) *run {
	r.t.Helper()
	c := r.want(key)
	if c.attempt.Deaths != deaths {
		r.t.Fatalf("%s is worked once more, %+v: it is to be told", key, c.attempt)
	}
	return c
}

// eachKey runs a test for every class of key on both databases.
func eachKey(t *testing.T, test func(t *testing.T, url string, key reconcile.Key, asks ...reconcile.PendingCommand)) {
	one := ask(1, 0)
	storetest.Each(t, func(t *testing.T, url string) { test(t, url, one.Key(), one) })
	t.Run("question", func(t *testing.T) { t.Parallel(); test(t, storetest.SQLite(t), question) })
	t.Run("pull request", func(t *testing.T) { t.Parallel(); test(t, storetest.SQLite(t), pr(1)) })
}

// TestDeathsAreToldUntilTheyAre: neither an error nor a limit has a key worked that ended the
// process too often. Told, a command and a question are never worked again, and a pull request
// is once its pause is over.
func TestDeathsAreToldUntilTheyAre(t *testing.T) {
	for name, limited := range map[string]bool{"errors": false, "limits, too": true} {
		t.Run(name, func(t *testing.T) {
			eachKey(t, func(t *testing.T, url string, key reconcile.Key, asks ...reconcile.PendingCommand) {
				var ahead atomic.Int64 // minutes
				opts := deadly()
				opts.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load()) * time.Minute) }
				r := afterDeaths(t, url, opts, key, asks...)
				r.start()
				for range deaths - 1 {
					r.wantTold(key).fail(errors.New("502"))
					for range deaths { // they use up no try
						if limited {
							r.wantTold(key).fail(&reconcile.RetryAfterError{At: opts.Now().Add(2 * time.Minute), Err: errors.New("429")})
							r.idle()
							ahead.Add(3)
						}
					}
				}
				r.wantTold(key).ok()
				r.idle()
				if got := r.history(key); !strings.HasSuffix(got, " done") {
					t.Errorf("runs: %s", got)
				}
				ahead.Add(180)
				if key == pr(1) {
					if c := r.want(key); c.attempt.Deaths != 0 {
						t.Errorf("%+v: it isn't tried once more", c.attempt)
					} else {
						c.ok()
					}
				}
				r.idle()
			})
		})
	}
}

// TestDeathsWhileTheyAreTold: a process that ends by then may have ended for another reason, so
// it is told by the next. But if as many end as there are attempts, nobody tells it any more.
func TestDeathsWhileTheyAreTold(t *testing.T) {
	for times := 1; times <= deaths; times += deaths - 1 {
		t.Run(fmt.Sprint(times), func(t *testing.T) {
			eachKey(t, func(t *testing.T, url string, key reconcile.Key, asks ...reconcile.PendingCommand) {
				afterDeaths(t, url, deadly(), key, asks...).store.Close()
				kills(t, url, "telling "+key.String(), times)
				r := newRig(t, url, deadly())
				r.start()
				if times < deaths {
					r.wantTold(key).ok()
				}
				r.idle()
				r.takeAsks(ask(2, time.Second))
				r.want(ask(2, 0).Key()).ok()
				r.idle()
			})
		})
	}
}

// TestDeathsOfEachMoreTryAreTold: where telling them was given up, once more after each.
func TestDeathsOfEachMoreTryAreTold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		afterDeaths(t, url, deadly(), pr(1)).store.Close()
		kills(t, url, "telling "+pr(1).String(), deaths)
		later := aheadVariable + "=3h"
		kills(t, url, "running "+pr(1).String(), 1, later)
		kills(t, url, "telling "+pr(1).String(), 1, later)
		opts := deadly()
		opts.Now = func() time.Time { return time.Now().Add(3*time.Hour + time.Minute) }
		r := newRig(t, url, opts)
		r.start()
		r.idle()
		r.enqueue(pr(1), pr(2)) // no event helps
		r.want(pr(2)).ok()
		r.idle()
	})
}

// TestCommandsPassOneThatEndsTheProcess: they don't wait until that is told, whatever becomes of it.
func TestCommandsPassOneThatEndsTheProcess(t *testing.T) {
	for name, hangs := range map[string]bool{"telling it fails": false, "telling it takes long": true} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, url string) {
				one, two := ask(1, 0), ask(2, time.Second)
				opts, log := deadly(), &lines{}
				opts.Log = slog.NewTextHandler(log, nil)
				r := afterDeaths(t, url, opts, one.Key(), one, two)
				r.start()
				var told []*run
				for ran := false; !ran || !hangs && len(told) < deaths; {
					c := r.next()
					if c.key == two.Key() {
						ran = true
						c.ok()
						continue
					}
					if c.attempt.Deaths != deaths {
						t.Fatalf("%s is worked once more, %+v: it is to be told", c.key, c.attempt)
					}
					if told = append(told, c); !hangs {
						c.fail(errors.New("502"))
					}
				}
				want := "parked failed failed parked"
				if hangs {
					if len(told) == 0 {
						told = append(told, r.wantTold(one.Key()))
					}
					told[0].ok()
					want = "parked done"
				}
				r.idle()
				if first, second := r.history(one.Key()), r.history(two.Key()); first != want || second != "done" {
					t.Errorf("runs: %s; of the next: %s", first, second)
				}
				for _, said := range []string{"a comment's key isn't worked again", "it can't be told"}[:len(told)/deaths+1] {
					if !strings.Contains(log.String(), `level=ERROR msg="`+said) {
						t.Errorf("the log doesn't say that %s:\n%s", said, log)
					}
				}
				r.takeAsks(one) // a doubled webhook
				r.enqueue(one.Key())
				r.idle() // it is done
			})
		})
	}
}

// TestCommandWhoseDeathsAnEarlierVersionCounted: such a one still has its turn. It is told, not
// worked, and ended by that, told or not.
func TestCommandWhoseDeathsAnEarlierVersionCounted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := newRig(t, url, queue.Options{MaxAttempts: deaths, Backoff: slow})
		r.takeAsks(ask(1, 0), ask(2, time.Second))
		err := r.store.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
			return tx.Died(ctx, store.Subject{Key: ask(1, 0).Key().String(), Deaths: deaths})
		})
		if err != nil {
			t.Fatal(err)
		}
		r.start()
		r.wantTold(ask(1, 0).Key()).fail(errors.New("502"))
		r.want(ask(2, 0).Key()).ok()
		r.idle()
	})
}

// lines is a log to look at.
type lines struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}
