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
// doesn't end, others are worked: another repository, another owner's, and the crowded
// one's own commands and answers. What waits keeps its order, and no more begin.
func TestNobodysManyHoldUpOthers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := startRig(t, url, queue.Options{Workers: 2}) // an owner has 2 of these 3
		for n := 1; n <= 20; n++ {
			r.enqueue(pr(n))
		}
		held := map[reconcile.Key]*run{}
		for range 2 {
			c := r.next()
			held[c.key] = c
		}
		if held[pr(1)] == nil || held[pr(2)] == nil {
			t.Fatalf("the first are %v", held)
		}
		other := github.Repo{Owner: "acme", Name: "rocket"}
		for n := range int64(3) {
			r.enqueue(of(other, "freeze", "pr/1"))
			r.want(of(other, "freeze", "pr/1")).ok()
			r.takeAsks(ask(900+n, time.Second))
			r.want(ask(900+n, 0).Key()).ok()
			r.enqueue(of(istio, reconcile.QuestionHandler, "comment/901"))
			r.want(of(istio, reconcile.QuestionHandler, "comment/901")).ok()
		}
		held[pr(1)].ok()
		for n := 3; n <= 20; n++ { // beside the one that is held, one at a time
			r.want(pr(n)).ok()
		}
		held[pr(2)].ok()
		r.idle()
	})
}

// TestAnOwnersManyRepositories leave one worker of each kind to others.
func TestAnOwnersManyRepositories(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := startRig(t, url, queue.Options{Workers: 4}) // an owner has 5 of 6 for these, and 2 of 3 for commands
		for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
			repo := github.Repo{Owner: "acme", Name: name}
			r.enqueue(of(repo, "freeze", "pr/1"))
			a := ask(1, 0)
			a.Call.Repo = repo
			r.takeAsks(a)
		}
		var held []*run
		for range 5 + 2 {
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

// TestWhoHasLeastComesFirst: with all workers taken, a freed one goes to who has none,
// though another's many came before.
func TestWhoHasLeastComesFirst(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := startRig(t, url, queue.Options{Workers: 2}) // 3 of these in all
		for n := 1; n <= 9; n++ {
			r.enqueue(pr(n))
		}
		first, second := r.next(), r.next()
		b, c := github.Repo{Owner: "b", Name: "b"}, github.Repo{Owner: "c", Name: "c"}
		r.enqueue(of(b, "freeze", "pr/1"))
		third := r.want(of(b, "freeze", "pr/1"))
		r.enqueue(of(c, "freeze", "pr/1"))
		first.ok()
		r.want(of(c, "freeze", "pr/1")).ok()
		third.ok()
		second.ok()
		for n := 3; n <= 9; n++ {
			r.next().ok()
		}
		r.idle()
	})
}
