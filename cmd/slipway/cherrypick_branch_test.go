package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// sweptWorld has the branches of picks deleted, and a pick of a source.
func sweptWorld(t *testing.T) (w *world, source int, pick sandbox.PR) {
	t.Helper()
	w = newWorld(t)
	w.policy(basePolicy + "cherrypick: {delete_branches: true}\n")
	source = w.merged("leak", "squash")
	w.says("bob", source, "/cherry-pick release-1.30")
	return w, source, w.onePick(source, demoBranch)
}

func (w *world) wantBranch(name string, want bool) {
	w.t.Helper()
	if got := w.gh.Branch(demoRepo, name) != ""; got != want {
		w.t.Errorf("the branch %s is there: %t\n%s", name, got, w.log)
	}
}

// passed lets the hour pass in which a pull request that was closed may be opened again.
func (w *world) passed() {
	w.t.Helper()
	w.clock.advance(time.Hour)
	w.settle()
}

// TestPickBranchIsDeleted: after the merge, and an hour after a close. What is asked for again is made anew.
func TestPickBranchIsDeleted(t *testing.T) {
	for _, lost := range []bool{false, true} {
		w, n, pick := sweptWorld(t)
		w.wantBranch(pick.Head, true)
		do := func(act func()) {
			if lost {
				w.lost(act)
				return
			}
			act()
			w.settle()
		}
		do(func() { w.do(w.gh.As("bob").Close(demoRepo, pick.Number)) })
		if !lost { // else it is found an hour later
			w.wantBranch(pick.Head, true)
			w.again()
			w.clock.advance(50 * time.Minute)
			w.do(w.gh.As("bob").Reopen(demoRepo, pick.Number)) // so that its checks run once more
			w.passed()
			w.wantBranch(pick.Head, true)
			w.do(w.gh.As("bob").Close(demoRepo, pick.Number))
			w.settle()
			w.passed()
		}
		w.wantBranch(pick.Head, false)
		w.again()
		w.says("bob", n, "/cherry-pick release-1.30")
		all := w.picks(n, demoBranch)
		if len(all) != 2 || all[1].State != "open" {
			t.Fatalf("%+v", all)
		}
		w.wantBranch(pick.Head, true)
		do(func() { w.merge("bob", all[1].Number, "squash") })
		w.wantBranch(pick.Head, false)
		w.wantStatus(n, "**picked**: #"+itoa(all[1].Number)+" is merged.")
		w.again()
	}
}

// TestPickBranchUpdated: "Update branch" is nobody's push.
func TestPickBranchUpdated(t *testing.T) {
	for _, method := range []string{"squash", "merge"} {
		w, _, pick := sweptWorld(t)
		w.moveBase(demoBranch, "pilot/b.go")
		w.do(w.gh.As("carol").UpdateBranch(demoRepo, pick.Number))
		w.settle()
		w.merge("bob", pick.Number, method)
		w.wantBranch(pick.Head, false)
		w.again()
	}
}

// TestPickBranchStays: whose commits are there besides ours, what else needs it, and what a rule forbids.
func TestPickBranchStays(t *testing.T) {
	for name, tc := range map[string]struct {
		before func(w *world, pick sandbox.PR)
		after  func(w *world, pick sandbox.PR)
		says   string
	}{
		"not asked for": {func(w *world, _ sandbox.PR) { w.policy(basePolicy) }, nil, "is merged."},
		"somebody pushed": {func(w *world, pick sandbox.PR) {
			w.do2(w.gh.As("bob").PushToPR(demoRepo, pick.Number, map[string]string{"more.go": "package main\n"}, "More"))
		}, nil, "is merged. Its branch `cherry-pick-1-to-release-1.30` stays: somebody else has pushed to it."},
		"somebody pushed after the merge": {func(w *world, _ sandbox.PR) { w.policy(basePolicy) }, func(w *world, pick sandbox.PR) {
			w.do2(w.gh.As("bob").Push(demoRepo, pick.Head, map[string]string{"more.go": "package main\n"}, "More"))
			w.policy(basePolicy + "cherrypick: {delete_branches: true}\n")
			w.resync()
		}, "stays: somebody else has pushed to it."},
		"the text edited": {func(w *world, pick sandbox.PR) { w.do(w.gh.As("bob").EditBody(demoRepo, pick.Number, "Mine.")) }, nil,
			"stays: somebody has edited what Slipway wrote into the description, so it is unknown whose commits are there."},
		"a pull request against it": {func(w *world, pick sandbox.PR) { w.openPR("bob", pick.Head, "onto") }, nil, "stays: #3, which is open, needs it."},
		"another one from it": {func(w *world, pick sandbox.PR) {
			_, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: "release-1.29", Head: pick.Head, Title: "The same for 1.29"})
			w.do(err)
		}, nil, "stays: #3, which is open, needs it."},
		"a rule": {func(w *world, _ sandbox.PR) {
			_, err := w.gh.AddRuleset(demoRepo, sandbox.Ruleset{Refs: []string{"refs/heads/cherry-pick-*"}, Deletion: true})
			w.do(err)
		}, nil, "stays: A rule of the repository forbids it. GitHub says: `Repository rule violations found Cannot delete this branch`. **Next step:** let the App bypass the ruleset"},
	} {
		t.Run(name, func(t *testing.T) {
			w, n, pick := sweptWorld(t)
			tc.before(w, pick)
			w.settle()
			w.merge("bob", pick.Number, "squash")
			if tc.after != nil {
				tc.after(w, pick)
			}
			w.wantBranch(pick.Head, true)
			w.wantStatus(n, tc.says)
			w.again()
		})
	}
}

// TestPickBranchRestored: whoever restores a deleted branch wants it, also before they open the pull request again.
func TestPickBranchRestored(t *testing.T) {
	w, n, pick := sweptWorld(t)
	w.do(w.gh.As("bob").Close(demoRepo, pick.Number))
	w.settle()
	w.passed()
	w.wantBranch(pick.Head, false)
	w.do(w.gh.As("bob").RestoreBranch(demoRepo, pick.Number))
	w.settle()
	w.resync()
	w.wantBranch(pick.Head, true)
	w.do(w.gh.As("bob").Reopen(demoRepo, pick.Number))
	w.settle()
	w.wantStatus(n, "#"+itoa(pick.Number)+" is **open**.")
	w.again()
	w.merge("bob", pick.Number, "squash")
	w.wantBranch(pick.Head, false)
	w.again()
}

// TestPickBranchMovesMeanwhile: somebody pushes when Slipway is about to delete it.
func TestPickBranchMovesMeanwhile(t *testing.T) {
	w, n, pick := sweptWorld(t)
	deletes, pushed := isMutation("updateRefs"), false
	w.gh.Fault(sandbox.Fault{Match: func(r *http.Request) bool {
		if deletes(r) && !pushed {
			pushed = true
			_, err := w.gh.As("bob").Push(demoRepo, pick.Head, map[string]string{"more.go": "package main\n"}, "More")
			w.do(err)
		}
		return false
	}})
	w.do(w.gh.As("bob").Close(demoRepo, pick.Number))
	w.settle()
	w.passed()
	if !pushed {
		t.Error("it wasn't to be deleted")
	}
	w.wantBranch(pick.Head, true)
	w.wantStatus(n, "stays: somebody else has pushed to it.")
	w.again()
}
