package queue_test

import (
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/queue"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/store/storetest"
)

func of(repo github.Repo, handler, id string) reconcile.Key {
	return reconcile.Key{Handler: handler, Repo: repo, ID: id}
}

// TestNobodysManyHoldUpOthers: while all that a repository may have is being worked, and
// doesn't end, others are worked: another repository, another owner's, and commands, also of
// the crowded one. What isn't urgent waits with the crowd, which keeps its order.
func TestNobodysManyHoldUpOthers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := startRig(t, url, queue.Options{Workers: 4}) // a crowd has 2 of these, and 3 of its own
		for n := 1; n <= 20; n++ {
			r.enqueue(pr(n))
		}
		held := map[reconcile.Key]*run{}
		for range 5 {
			c := r.next()
			held[c.key] = c
		}
		for n := 1; n <= 5; n++ {
			if held[pr(n)] == nil {
				t.Fatalf("%s isn't among the first", pr(n))
			}
		}
		api, other := github.Repo{Owner: "istio", Name: "api"}, github.Repo{Owner: "acme", Name: "rocket"}
		r.enqueue(of(api, "freeze", "pr/1"))
		second := r.want(of(api, "freeze", "pr/1"))
		r.enqueue(of(other, "freeze", "pr/1"))
		r.want(of(other, "freeze", "pr/1")).ok()
		r.takeAsks(ask(900, time.Second))
		r.want(ask(900, 0).Key()).ok()
		r.enqueue(of(istio, reconcile.QuestionHandler, "comment/901"))
		second.ok()
		for _, c := range held {
			c.ok()
		}
		rest := map[string]int{}
		for n := 1; n <= 16; n++ {
			c := r.next()
			rest[c.key.String()] = n
			c.ok()
		}
		for n := 6; n <= 20; n++ { // at most five at once
			if place := rest[pr(n).String()]; place < n-5-4 || place > n-5+4 {
				t.Errorf("%s was worked as number %d of the rest", pr(n), place)
			}
		}
		r.idle()
		r.enqueue(pr(1), pr(2)) // the crowd is gone
		r.next().ok()
		r.next().ok()
		r.idle()
	})
}

// TestAnOwnersManyRepositories leave one worker to others, also of those for commands.
func TestAnOwnersManyRepositories(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := startRig(t, url, queue.Options{Workers: 4}) // an owner has 3 of these, and 1 of 2 for commands
		var held []*run
		for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
			repo := github.Repo{Owner: "acme", Name: name}
			r.enqueue(of(repo, "freeze", "pr/1"))
			a := ask(1, 0)
			a.Call.Repo = repo
			r.takeAsks(a)
		}
		for range 3 + 1 + 3 { // and the crowd's
			held = append(held, r.next())
		}
		r.enqueue(pr(1))
		r.want(pr(1)).ok()
		r.takeAsks(ask(2, 0))
		r.want(ask(2, 0).Key()).ok()
		for _, c := range held {
			c.ok()
		}
		for range 16 - len(held) {
			r.next().ok()
		}
		r.idle()
	})
}
