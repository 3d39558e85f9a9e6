package main

import (
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// pickOf opens a pull request of somebody's with the very change of another, which may be from
// their own fork.
func (w *world) pickOf(login, name string, source int, fork bool) int {
	w.t.Helper()
	pr, err := w.gh.As(login).OpenPR(demoRepo, sandbox.PROptions{
		Base: demoBranch, Head: "pick-" + name, Title: "Pick " + name, Body: "Cherry-pick of #" + itoa(source), Files: changeOf(name), Fork: fork,
	})
	w.do(err)
	w.settle()
	return pr.Number
}

// standsIn has carol's pull request stand in for the pick that bob asks for.
func (w *world) standsIn(name string, fork bool) (source, hand int) {
	w.t.Helper()
	source = w.source(name, changeOf(name), "erin")
	hand = w.pickOf("carol", name, source, fork)
	if answer := w.says("bob", source, "/cherry-pick release-1.30"); !strings.Contains(answer, "Done") {
		w.t.Error(answer)
	}
	says := "- `release-1.30`: #" + itoa(hand) + ", which `carol` opened, **is this cherry-pick** already, so Slipway makes none of its own. " +
		"Once that is merged, this is done. Should it be closed or changed, Slipway makes its own. **Next step:** none; to have Slipway's own instead, close #" + itoa(hand) + "."
	w.wantStatus(source, says)
	w.wantAskerTold(source, "@bob, you asked for the cherry-pick of #"+itoa(source)+":\n\n"+says)
	if picks := w.picks(source, demoBranch); len(picks) != 0 {
		w.t.Errorf("%d picks", len(picks))
	}
	w.again()
	return source, hand
}

// becomesAnother has carol push something else to a branch, in the place of its change.
func (w *world) becomesAnother(branch string) {
	w.t.Helper()
	w.do2(w.gh.As("carol").ForcePush(demoRepo, branch, map[string]string{"pilot/leak.go": sandbox.Deleted, "pilot/else.go": "package pilot\n"}, "Something else"))
}

// happens has something be done with its webhooks, or without.
func (w *world) happens(lost bool, act func()) {
	w.t.Helper()
	if lost {
		w.lost(act)
		return
	}
	act()
	w.settle()
}

// TestPickThatAStrangerOpened: whoever may not ask for a pick can't keep others' from being made.
func TestPickThatAStrangerOpened(t *testing.T) {
	w := newWorld(t)
	n := w.source("leak", changeOf("leak"), "erin")
	w.pickOf("mallory", "leak", n, true)
	w.says("bob", n, "/cherry-pick release-1.30")
	w.wantStatus(n, "#"+itoa(w.onePick(n, demoBranch).Number)+" is **open**")
	w.again()
}

// TestPickThatAWriterOpened: where teams alone may ask, theirs alone stand in; among many of
// strangers', too.
func TestPickThatAWriterOpened(t *testing.T) {
	w := newWorld(t)
	w.policy(basePolicy + "cherrypick: {requesters: {writers: false, teams: [\"release-managers-{major}-{minor}\"]}}\n")
	n := w.source("leak", changeOf("leak"), "erin")
	w.pickOf("bob", "leak", n, false) // who may push, and may not ask
	w.says("alice", n, "/cherry-pick release-1.30")
	w.onePick(n, demoBranch)

	more := w.source("more", changeOf("more"), "erin")
	hand := w.pickOf("alice", "more", more, false)
	for i := range 5 {
		pr, err := w.gh.As("mallory").OpenPR(demoRepo, sandbox.PROptions{
			Base: demoBranch, Head: "more-" + itoa(i), Body: "Cherry-pick of #" + itoa(more), Files: changeOf("more"), Fork: true,
		})
		w.do(err)
		w.do3(w.gh.As("mallory").Comment(demoRepo, pr.Number, "Here"))
	}
	w.settle()
	w.says("alice", more, "/cherry-pick release-1.30")
	w.wantStatus(more, "- `release-1.30`: #"+itoa(hand)+", which `alice` opened, **is this cherry-pick** already")
	w.again()
}

// TestPickThatAPersonOpened is found, linked and told, not doubled; it stands in as long as it is
// the pick.
func TestPickThatAPersonOpened(t *testing.T) {
	for name, undo := range map[string]func(w *world, hand int){
		"closed":            func(w *world, hand int) { w.do(w.gh.As("carol").Close(demoRepo, hand)) },
		"force-pushed":      func(w *world, hand int) { w.becomesAnother("pick-leak") },
		"pushed to":         func(w *world, hand int) { w.do2(w.gh.As("carol").PushToPR(demoRepo, hand, changeOf("else"), "More")) },
		"onto another base": func(w *world, hand int) { w.do(w.gh.As("carol").EditBase(demoRepo, hand, "release-1.29")) },
		"about another":     func(w *world, hand int) { w.do(w.gh.As("carol").EditBody(demoRepo, hand, "A fix")) },
		"changed and merged": func(w *world, hand int) {
			w.gh.FaultHooks(sandbox.HookFault{Match: func(kind, action string) bool { return action == "synchronize" }, Times: 1, Drop: true})
			w.becomesAnother("pick-leak")
			w.do2(w.gh.As("alice").Merge(demoRepo, hand, "squash"))
		},
	} {
		for _, lost := range []bool{false, true} {
			t.Run(name+map[bool]string{true: ", unheard of"}[lost], func(t *testing.T) {
				w := newWorld(t)
				n, hand := w.standsIn("leak", false)
				w.happens(lost, func() { undo(w, hand) })
				w.wantStatus(n, "- `release-1.30`: #"+itoa(w.onePick(n, demoBranch).Number)+" is **open**")
				w.again()
			})
		}
	}
}

// TestPickThatAPersonMerged: then the request is done, whatever the branch does since.
func TestPickThatAPersonMerged(t *testing.T) {
	for _, lost := range []bool{false, true} {
		w := newWorld(t)
		n, hand := w.standsIn("leak", true)
		w.happens(lost, func() {
			w.do2(w.gh.As("alice").Merge(demoRepo, hand, "squash"))
			w.do2(w.gh.As("alice").Push(demoRepo, demoBranch, map[string]string{"pilot/leak.go": "package pilot\n"}, "Otherwise"))
		})
		w.wantStatus(n, "- `release-1.30`: **picked**: #"+itoa(hand)+", which `carol` opened, is merged.")
		w.wantAskerTold(n, "@bob") // of what stands in
		w.again()
		w.do2(w.gh.As("alice").Push(demoRepo, demoBranch, map[string]string{"pilot/leak.go": sandbox.Deleted}, "Revert it"))
		w.settle()
		if picks := w.picks(n, demoBranch); len(picks) != 0 {
			t.Errorf("%d picks\n%s", len(picks), w.status(n))
		}
		w.says("bob", n, "/cherry-pick release-1.30") // once it was reverted there
		w.onePick(n, demoBranch)
		w.again()
	}
}

// TestPickStoodInForLong: what stands in is looked at also when nobody has touched the source for
// weeks, and with nothing remembered.
func TestPickStoodInForLong(t *testing.T) {
	for _, database := range []bool{false, true} {
		w := newWorld(t)
		n, hand := w.standsIn("leak", false)
		w.clock.advance(20 * 24 * time.Hour)
		w.settle()
		if database {
			w.stop()
			w.newDatabase()
			w.start()
		}
		w.lost(func() { w.do(w.gh.As("carol").Close(demoRepo, hand)) })
		w.onePick(n, demoBranch)
		w.again()
	}
}

// TestPickThatAnotherStandsInFor: one after the other, of which each is told once.
func TestPickThatAnotherStandsInFor(t *testing.T) {
	w := newWorld(t)
	n, hand := w.standsIn("leak", false)
	pr, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: demoBranch, Head: "again", Title: "Pick it", Body: "Cherry-pick of #" + itoa(n), Files: changeOf("leak")})
	w.do(err)
	w.settle()
	w.wantStatus(n, "#"+itoa(hand)+", which `carol` opened") // the first, whichever people last looked at
	w.again()
	w.do(w.gh.As("carol").Close(demoRepo, hand))
	w.settle()
	w.wantStatus(n, "#"+itoa(pr.Number)+", which `bob` opened")
	w.wantAskerTold(n, "#"+itoa(hand), "#"+itoa(pr.Number))
	w.says("bob", n, "/cherry-pick cancel release-1.30")
	w.wantStatus(n, "**withdrawn**")
	w.do(w.gh.As("bob").Close(demoRepo, pr.Number))
	w.settle()
	if picks := w.picks(n, demoBranch); len(picks) != 0 {
		t.Errorf("%d picks of what was withdrawn", len(picks))
	}
	w.again()
}

// TestPickThatAPersonSaysTheyOpened: one that only says so stands in for none.
func TestPickThatAPersonSaysTheyOpened(t *testing.T) {
	w := newWorld(t)
	n := w.source("other", changeOf("other"), "erin")
	_, err := w.gh.As("carol").OpenPR(demoRepo, sandbox.PROptions{Base: demoBranch, Head: "not-it", Title: "Something else", Body: "Cherry-pick of #" + itoa(n), Files: changeOf("else")})
	w.do(err)
	w.says("bob", n, "/cherry-pick release-1.30")
	w.wantStatus(n, "#"+itoa(w.onePick(n, demoBranch).Number)+" is **open**")
	w.again()
}
