package main

import (
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// fixedThere is a pull request of bob's that was merged into a release branch, and not into master.
func (w *world) fixedThere(branch, head string, files map[string]string) (n int, sha string) {
	w.t.Helper()
	pr, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: branch, Head: head, Title: "[" + branch + "] Fix " + head, Files: files})
	w.do(err)
	w.settle()
	return pr.Number, w.merge("bob", pr.Number, "squash")
}

// TestForwardPort: what was fixed on a release branch is picked onto master and onto other release branches, asked for by a
// comment or by a label.
func TestForwardPort(t *testing.T) {
	w := newWorld(t)
	n, sha := w.fixedThere(demoBranch, "hole", map[string]string{"hole.go": "package main\n"})
	answer := w.says("carol", n, "/cherry-pick master release-1.29 topic")
	for _, part := range []string{"- `master`: is being picked.", "- `release-1.29`: is being picked.", "- `topic`: **can't be picked**: the branch is not governed here"} {
		if !strings.Contains(answer, part) {
			t.Errorf("the answer lacks %q: %s", part, answer)
		}
	}
	pick := w.onePick(n, "master")
	if pick.Title != "[master] Fix hole" || pick.Base != "master" || pick.Draft || !strings.Contains(w.commitSays(pick.Head), "(cherry picked from commit "+sha+")") {
		t.Errorf("%+v", pick)
	}
	w.wantStatus(n, "- `master`: #"+itoa(pick.Number)+" is **open**.", "- `release-1.29`: #"+itoa(w.onePick(n, "release-1.29").Number)+" is **open**.")
	w.again()
	w.merge("bob", pick.Number, "squash")
	w.wantStatus(n, "- `master`: **picked**: #"+itoa(pick.Number)+" is merged.")
	w.resync() // the check of the other pick says so, too
	w.again()
	m, _ := w.fixedThere(demoBranch, "second", map[string]string{"second.go": "package main\n"})
	w.do(w.gh.As("carol").AddLabel(demoRepo, m, "cherrypick/master"))
	w.settle()
	w.wantStatus(m, "- `master`: #"+itoa(w.onePick(m, "master").Number)+" is **open**.")
	w.again()
}

// TestForwardPortRequesters: the policy says who may ask for picks onto master as for any branch. A team by a branch's
// numbers is nobody there.
func TestForwardPortRequesters(t *testing.T) {
	w := newWorld(t)
	n, _ := w.fixedThere(demoBranch, "hole", map[string]string{"hole.go": "package main\n"})
	if answer := w.says("mallory", n, "/cherry-pick master"); !strings.Contains(answer, "**Not allowed.** `mallory` may not") {
		t.Errorf("answer: %s", answer)
	}
	w.policy(basePolicy + "cherrypick:\n  requesters: {writers: false, teams: [\"release-managers-{major}-{minor}\"]}\n")
	if answer := w.says("alice", n, "/cherry-pick release-1.30 master"); !strings.Contains(answer, "- `master`: **can't be picked**: `alice` may not ask for it; nobody may, by the policy.") {
		t.Errorf("answer: %s", answer)
	}
	w.again()
	w.policy(basePolicy + "cherrypick:\n  requesters: {writers: false, teams: [release-managers-1-30]}\n")
	w.says("alice", n, "/cherry-pick master")
	w.onePick(n, "master")
	w.again()
}

// TestForwardPortConflicts: no check of ours holds a draft onto master, and the draft says so.
func TestForwardPortConflicts(t *testing.T) {
	w := newWorld(t)
	w.pushed("master", "main.go", "package main\n\n// master\n", "Another way")
	n, _ := w.fixedThere(demoBranch, "hole", map[string]string{"main.go": "package main\n\n// fixed\n"})
	w.says("carol", n, "/cherry-pick master")
	pick := w.onePick(n, "master")
	if !pick.Draft || !strings.Contains(pick.Body, "No check of Slipway's runs on `master`") {
		t.Errorf("%s", pick.Body)
	}
	w.wantStatus(n, "- `master`: **conflict.** #"+itoa(pick.Number)+" holds the conflict markers")
	if answer := w.says("carol", pick.Number, "/cherry-pick accept"); !strings.Contains(answer, "No check waits for that on `master`") {
		t.Errorf("answer: %s", answer)
	}
	w.again()
	w.do2(w.gh.As("bob").PushToPR(demoRepo, pick.Number, map[string]string{"main.go": "package main\n\n// both\n"}, "Resolve"))
	w.do(w.gh.As("bob").SetDraft(demoRepo, pick.Number, false))
	w.settle()
	w.wantStatus(n, "It had a conflict, which was resolved by hand.")
	w.again()
}

// TestForwardPortIsLost: lost webhooks and a lost database lose none.
func TestForwardPortIsLost(t *testing.T) {
	w := newWorld(t)
	pr, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: demoBranch, Head: "hole", Title: "Fix", Files: map[string]string{"hole.go": "package main\n"}})
	w.do(err)
	w.settle()
	if answer := w.says("carol", pr.Number, "/cherry-pick master"); !strings.Contains(answer, "- `master`: waits for the merge.") {
		t.Errorf("answer: %s", answer)
	}
	w.stop()
	w.newDatabase()
	_, err = w.gh.As("bob").Merge(demoRepo, pr.Number, "squash") // nobody hears of it
	w.do(err)
	w.start()
	pick := w.onePick(pr.Number, "master")
	w.gh.FaultHooks(sandbox.HookFault{Drop: true})
	w.merge("bob", pick.Number, "squash")
	w.resync()
	w.wantStatus(pr.Number, "- `master`: **picked**: #"+itoa(pick.Number)+" is merged.")
	w.gh.ClearHookFaults()
	w.again()
}
