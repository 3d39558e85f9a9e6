package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

const (
	oneByOne = basePolicy + "cherrypick: {chain: true}\n"
	newer    = demoBranch // of those that a chain is about here
	middle   = "release-1.29"
	older    = "release-1.28"
)

// chainWorld is a world where picks are made one after the other.
func chainWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.do(w.gh.CreateBranch(demoRepo, older, middle))
	w.policy(oneByOne)
	return w
}

// wantPicks fails unless there are so many pull requests onto each branch, the newest branch first.
func (w *world) wantPicks(n int, counts ...int) {
	w.t.Helper()
	for i, b := range []string{newer, middle, older} {
		if got := len(w.picks(n, b)); i < len(counts) && got != counts[i] {
			w.t.Errorf("%d pull requests pick #%d onto %s, want %d\n%s\n%s", got, n, b, counts[i], w.status(n), w.log)
		}
	}
}

func (w *world) mergePick(n int, branch string) int {
	w.t.Helper()
	pick := w.onePick(n, branch)
	w.merge("alice", pick.Number, "squash")
	return pick.Number
}

// TestPickChain: the newest branch comes first, each next one once that is merged. Nobody is told
// that anything failed.
func TestPickChain(t *testing.T) {
	w := chainWorld(t)
	n := w.sourcePR("bob", "leak", "Fix a leak", map[string]string{"leak.go": "package main\n"})
	w.says("bob", n, "/cherry-pick release-1.28 release-1.30 release-1.29")
	w.wantStatus(n, "- `release-1.28`: **waits for the merge**")
	w.merge("bob", n, "squash")
	w.wantPicks(n, 1, 0, 0)
	w.wantStatus(n, "- `release-1.29`: **waits** for `release-1.30`: #"+itoa(w.onePick(n, newer).Number)+" is open. Asked for by `bob`. **Next step:** none",
		"- `release-1.28`: **waits** for `release-1.29`: it isn't picked yet.")
	w.again()
	w.mergePick(n, newer)
	w.wantPicks(n, 1, 1, 0)
	w.wantStatus(n, "**waits** for `release-1.29`: #"+itoa(w.onePick(n, middle).Number)+" is open.")
	w.again()
	w.mergePick(n, middle)
	w.wantPicks(n, 1, 1, 1)
	w.mergePick(n, older)
	if status := w.status(n); strings.Count(status, "**picked**") != 3 {
		t.Error(status)
	}
	w.wantAskerTold(n)
	w.again()
}

// TestPickChainAskedAfterTheMerge: the labels come newest first, whatever the order of the words.
func TestPickChainAskedAfterTheMerge(t *testing.T) {
	w := chainWorld(t)
	n := w.merged("leak", "squash")
	if got := w.says("bob", n, "/cherry-pick release-1.28 release-1.30"); !strings.Contains(got, "- `release-1.28`: is picked when its turn comes") || !strings.Contains(got, "- `release-1.30`: is being picked.") {
		t.Error(got)
	}
	w.wantPicks(n, 1, 0, 0)
	w.says("bob", n, "/cherry-pick release-1.29") // it comes between them
	w.wantPicks(n, 1, 0, 0)
	w.wantStatus(n, "- `release-1.28`: **waits** for `release-1.29`")
	w.mergePick(n, newer)
	w.wantPicks(n, 1, 1, 0)
	w.mergePick(n, middle)
	w.wantPicks(n, 1, 1, 1)
	w.again()
}

// TestPickChainOff: without the setting all are picked at once.
func TestPickChainOff(t *testing.T) {
	w := chainWorld(t)
	n := w.merged("leak", "squash")
	w.says("bob", n, "/cherry-pick release-1.30 release-1.29 release-1.28")
	w.wantPicks(n, 1, 0, 0)
	w.policy(basePolicy)
	w.resync()
	w.wantPicks(n, 1, 1, 1)
	w.policy(oneByOne)
	w.again()
}

// TestPickChainAskedLaterForANewer: what is there already doesn't wait for it.
func TestPickChainAskedLaterForANewer(t *testing.T) {
	w := chainWorld(t)
	n := w.merged("leak", "squash")
	w.says("bob", n, "/cherry-pick release-1.29")
	w.says("bob", n, "/cherry-pick release-1.30")
	w.wantPicks(n, 1, 1, 0)
	w.wantStatus(n, "- `release-1.29`: #"+itoa(w.onePick(n, middle).Number)+" is **open**")
	w.says("bob", n, "/cherry-pick release-1.28")
	w.wantPicks(n, 1, 1, 0)
	w.mergePick(n, middle) // release-1.30 is open still, and no matter
	w.wantPicks(n, 1, 1, 1)
	w.again()
}

// TestPickChainStops: a pick that is closed stops those after it. Asked for again, they go on.
func TestPickChainStops(t *testing.T) {
	w := chainWorld(t)
	n := w.merged("leak", "squash")
	w.says("bob", n, "/cherry-pick release-1.30 release-1.29 release-1.28")
	first := w.onePick(n, newer).Number
	w.do(w.gh.As("alice").Close(demoRepo, first))
	w.settle()
	w.wantPicks(n, 1, 0, 0)
	w.wantStatus(n, "- `release-1.29`: **stopped**, because the pick onto `release-1.30`, #"+itoa(first)+", was closed without being merged. Asked for by `bob`. **Next step:** if it is wanted here all the same, comment `/cherry-pick release-1.29`; to have it there first, comment `/cherry-pick release-1.30`.",
		"- `release-1.28`: **waits** for `release-1.29`")
	w.wantAskerTold(n, "**stopped**")
	w.again()
	w.do(w.gh.As("alice").Reopen(demoRepo, first)) // a slip
	w.settle()
	w.wantStatus(n, "- `release-1.29`: **waits** for `release-1.30`: #"+itoa(first)+" is open.")
	w.do(w.gh.As("alice").Close(demoRepo, first))
	w.settle()
	w.wantStatus(n, "- `release-1.29`: **stopped**")
	if got := w.says("carol", n, "/cherry-pick release-1.29"); !strings.Contains(got, "is being picked, without waiting for its turn.") {
		t.Error(got)
	}
	w.wantPicks(n, 1, 1, 0)
	w.mergePick(n, middle) // release-1.28 waits for that one alone
	w.wantPicks(n, 1, 1, 1)
	w.wantAskerTold(n, "**stopped**")
	w.again()
}

// TestPickChainAskedAgainForTheClosed: the whole list again makes a chain again.
func TestPickChainAskedAgainForTheClosed(t *testing.T) {
	w := chainWorld(t)
	n := w.merged("leak", "squash")
	w.says("bob", n, "/cherry-pick release-1.30 release-1.29")
	w.do(w.gh.As("alice").Close(demoRepo, w.onePick(n, newer).Number))
	w.settle()
	w.says("bob", n, "/cherry-pick release-1.29 release-1.30")
	w.wantPicks(n, 2, 0)
	again := w.picks(n, newer)[1].Number
	w.wantStatus(n, "- `release-1.29`: **waits** for `release-1.30`: #"+itoa(again)+" is open.")
	w.merge("alice", again, "squash")
	w.wantPicks(n, 2, 1)
	w.again()
}

// TestPickChainBeforeItsTurn: who can't wait asks again, also while a conflict is open.
func TestPickChainBeforeItsTurn(t *testing.T) {
	w := chainWorld(t)
	w.do2(w.gh.As("alice").Push(demoRepo, newer, map[string]string{"leak.go": "package other\n"}, "Its own"))
	n := w.merged("leak", "squash")
	w.says("bob", n, "/cherry-pick release-1.30 release-1.29 release-1.28")
	draft := w.onePick(n, newer)
	w.wantStatus(n, "- `release-1.29`: **waits** for `release-1.30`: #"+itoa(draft.Number)+" has a conflict.")
	w.wantAskerTold(n, "- `release-1.30`: **conflict.**")
	w.says("bob", n, "/cherry-pick release-1.29")
	w.wantPicks(n, 1, 1, 0)
	w.stop()
	w.newDatabase()
	w.start()
	w.wantPicks(n, 1, 1, 0)
	w.mergePick(n, middle)
	w.wantPicks(n, 1, 1, 1)
	w.again()
}

// TestPickChainGoesOn: past what is withdrawn or there already.
func TestPickChainGoesOn(t *testing.T) {
	for name, tc := range map[string]struct {
		before func(w *world)
		act    func(w *world, n int)
		status string
	}{
		"withdrawn": {act: func(w *world, n int) { w.says("bob", n, "/cherry-pick cancel release-1.29") }, status: "- `release-1.29`: **withdrawn**"},
		"already there": {before: func(w *world) {
			w.do2(w.gh.As("alice").Push(demoRepo, middle, map[string]string{"leak.go": "package main\n"}, "The same"))
		}, status: "- `release-1.29`: **already there.**"},
	} {
		t.Run(name, func(t *testing.T) {
			w := chainWorld(t)
			if tc.before != nil {
				tc.before(w)
			}
			n := w.merged("leak", "squash")
			w.says("bob", n, "/cherry-pick release-1.30 release-1.29 release-1.28")
			if tc.act != nil {
				tc.act(w, n)
			}
			w.wantPicks(n, 1, 0, 0)
			w.mergePick(n, newer)
			w.wantPicks(n, 1, 0, 1)
			w.wantStatus(n, tc.status)
			w.again()
		})
	}
}

// TestPickChainByHand: who picks by hand is waited for like Slipway's own pick.
func TestPickChainByHand(t *testing.T) {
	w := chainWorld(t)
	n := w.merged("leak", "squash")
	hand, err := w.gh.As("carol").OpenPR(demoRepo, sandbox.PROptions{Base: newer, Head: "hand", Title: "Fix leak", Body: "Cherry-pick of #" + itoa(n), Files: map[string]string{"leak.go": "package main\n"}})
	w.do(err)
	w.settle()
	w.says("bob", n, "/cherry-pick release-1.30 release-1.29")
	w.wantPicks(n, 0, 0)
	w.wantStatus(n, "- `release-1.29`: **waits** for `release-1.30`: #"+itoa(hand.Number)+", which somebody opened for it, is open.")
	w.again()
	w.merge("alice", hand.Number, "squash")
	w.wantPicks(n, 0, 1)
	w.again()
}

// TestPickChainPastOthers: a stranger's label holds nobody, nor a branch that is still to be cut.
func TestPickChainPastOthers(t *testing.T) {
	w := chainWorld(t)
	w.policy(basePolicy + "cherrypick: {chain: true, requesters: {writers: false, teams: [release-managers-1-30]}}\n")
	n := w.merged("leak", "squash")
	w.do(w.gh.As("carol").AddLabel(demoRepo, n, "cherrypick/release-1.30")) // who is in no team
	w.do(w.gh.As("alice").AddLabel(demoRepo, n, "cherrypick/release-1.31"))
	w.settle()
	w.do(w.gh.As("alice").AddLabel(demoRepo, n, "cherrypick/release-1.29"))
	w.settle()
	w.wantPicks(n, 0, 1)
	w.wantStatus(n, "- `release-1.30`: **not asked for.**", "- `release-1.31`: **can't be picked**: there is no such branch in this repository yet.")
	w.do(w.gh.As("alice").CreateBranch(demoRepo, "release-1.31", older))
	w.settle()
	w.onePick(n, "release-1.31")
	w.again()
}

// TestPickChainOfALostWebhook: what nobody hears of is found by the hourly look at everything, and
// without the database.
func TestPickChainOfALostWebhook(t *testing.T) {
	for _, database := range []bool{false, true} {
		w := chainWorld(t)
		n := w.merged("leak", "squash")
		w.says("bob", n, "/cherry-pick release-1.30 release-1.29 release-1.28")
		for i, b := range []string{newer, middle, older} {
			pick := w.onePick(n, b)
			w.lostIn(database, func() { w.do2(w.gh.As("alice").Merge(demoRepo, pick.Number, "squash")) })
			counts := [][]int{{1, 1, 0}, {1, 1, 1}, {1, 1, 1}}[i]
			w.wantPicks(n, counts...)
		}
		w.wantAskerTold(n)
		w.again()
	}
}

// TestPickChainOfALostComment: without the status comment GitHub still shows what is merged.
func TestPickChainOfALostComment(t *testing.T) {
	w := chainWorld(t)
	n := w.merged("leak", "squash")
	w.says("bob", n, "/cherry-pick release-1.30 release-1.29")
	for _, c := range w.gh.Comments(demoRepo, n) {
		if strings.Contains(c.Body, "**Cherry-picks of this pull request.**") {
			w.do(w.gh.As("alice").DeleteComment(demoRepo, c.ID))
		}
	}
	w.settle()
	w.wantPicks(n, 1, 0)
	w.wantStatus(n, "- `release-1.29`: **waits** for `release-1.30`: #"+itoa(w.onePick(n, newer).Number)+" is open.")
	w.mergePick(n, newer)
	w.wantPicks(n, 1, 1)
	w.again()
}

// TestPickChainKilled: whichever write of a turn is the last before the end, the next one's turn
// comes, once.
func TestPickChainKilled(t *testing.T) {
	for at := 0; ; at++ {
		w := chainWorld(t)
		n := w.merged("leak", "squash")
		w.says("bob", n, "/cherry-pick release-1.30 release-1.29")
		pick, hit := w.onePick(n, newer), w.gh.FaultHits()
		ours := func(r *http.Request) bool { return r.Header.Get("Authorization") != "" }
		w.gh.Fault(sandbox.Fault{Match: func(r *http.Request) bool {
			return r.Method != http.MethodGet && ours(r) && !strings.HasSuffix(r.URL.Path, "/access_tokens") && !strings.HasSuffix(r.URL.Path, "/git-upload-pack")
		}, Skip: at, Times: 1, DropResponseAfterEffect: true, Met: func() {
			w.gh.Fault(sandbox.Fault{Match: ours, Drop: true, Times: 40}) // nothing that it does more is heard
		}})
		w.do2(w.gh.As("alice").Merge(demoRepo, pick.Number, "squash"))
		w.settle()
		met := w.gh.FaultHits() > hit
		w.gh.ClearFaults()
		w.stop()
		w.start()
		w.wantPicks(n, 1, 1)
		w.wantStatus(n, "- `release-1.30`: **picked**", "- `release-1.29`: #"+itoa(w.onePick(n, middle).Number)+" is **open**")
		w.again()
		if !met {
			if at < 4 {
				t.Errorf("only %d writes", at)
			}
			return
		}
	}
}

// TestPickChainsOfTwo: two sources don't wait for each other.
func TestPickChainsOfTwo(t *testing.T) {
	w := chainWorld(t)
	a, b := w.merged("leak", "squash"), w.merged("race", "squash")
	w.says("bob", a, "/cherry-pick release-1.29 release-1.30")
	w.says("bob", b, "/cherry-pick release-1.30 release-1.29")
	w.mergePick(b, newer)
	w.wantPicks(b, 1, 1)
	w.wantPicks(a, 1, 0)
	w.mergePick(a, newer)
	w.wantPicks(a, 1, 1)
	w.again()
}
