package main

import (
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// openedPick is a pull request that bob opens onto a release branch, with a text that names its source.
func (w *world) openedPick(branch, head, body string, files map[string]string) int {
	w.t.Helper()
	pr, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: branch, Head: head, Title: "Pick " + head, Body: body, Files: files})
	w.do(err)
	w.settle()
	return pr.Number
}

// TestGateOfACommit: a pick of what came without a pull request, ours or somebody's, is judged by its content. Nobody
// has approved the source, and whoever approves may have pushed it.
func TestGateOfACommit(t *testing.T) {
	w := gateWorld(t, "")
	w.do(w.gh.AddTeamMember("istio", "wg-security", "frank", "active"))
	const fixed = "package security\n\nfunc One() {}\n\nfunc Two() {}\n\nfunc Three() {}\n"
	sha, n := w.pushed("master", caFile, fixed, "Fix it"), w.issue("A hole")
	w.says("carol", n, "/cherry-pick "+sha+" release-1.30")
	pick := w.oneCommitPick(sha, demoBranch).Number
	byHand := w.openedPick(demoBranch, "byhand", "(cherry picked from commit "+sha+")", map[string]string{caFile: fixed})
	for _, one := range []int{pick, byHand} {
		w.wantGate(one, "failure", "Waits for the experts of wg-security", "An exact cherry-pick of `"+sha[:7]+"`",
			"Needed since the change is its source's, and `"+sha[:7]+"` came without a pull request; 0 of 2 approvals are there.")
		w.review("sam", one, "APPROVE")
		w.review("frank", one, "APPROVE")
		w.wantGate(one, "success", "Faithful cherry-pick of "+sha[:7], "Approved by `sam`")
	}
	w.again()
	// Its text says no more which commit it is; the name of its branch does.
	w.do(w.gh.As("bob").EditBody(demoRepo, pick, "Something else."))
	w.settle()
	w.wantGate(pick, "success", "Faithful cherry-pick of "+sha[:7], "An exact cherry-pick of `"+sha[:7]+"`")
	// What more it holds is nobody's word.
	w.do2(w.gh.As("bob").PushToPR(demoRepo, pick, map[string]string{caFile: fixed + "\nfunc Evil() {}\n"}, "More"))
	w.wantGate(pick, "failure", "Waits for the experts of wg-security", "that was adapted")
	w.again()
}

// TestGateOfWhatIsElsewhere: a pick of what was merged on another release branch rests on the approvals of its experts
// there, and says that the source branch lacks it. Without them it is made by hand.
func TestGateOfWhatIsElsewhere(t *testing.T) {
	w := gateWorld(t, "")
	files := map[string]string{"security/new.go": "package security\n"}
	pr, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: "release-1.29", Head: "hole", Title: "Fix a hole", Files: files})
	w.do(err)
	w.settle()
	n := pr.Number
	w.review("sam", n, "APPROVE")
	w.merge("bob", n, "squash")
	w.says("carol", n, "/cherry-pick release-1.30")
	pick := w.onePick(n, demoBranch).Number
	said := "#" + itoa(n) + " is merged on `release-1.29` and not on `master`. "
	missing := said + "Its forward port is missing: comment `/cherry-pick master` on #" + itoa(n) + "."
	w.wantGate(pick, "success", "Faithful cherry-pick of #"+itoa(n), "An exact cherry-pick of #"+itoa(n), missing, "Rests on the approval of `sam`")
	byHand := w.openedPick(demoBranch, "byhand", "Cherry-pick of #"+itoa(n), files)
	w.wantGate(byHand, "success", "Faithful cherry-pick of #"+itoa(n), missing)
	w.again()
	more := w.openedPick(demoBranch, "more", "Cherry-pick of #"+itoa(n), map[string]string{"security/new.go": "package security\n\nfunc Evil() {}\n"})
	w.wantGate(more, "failure", "Waits for a release manager's approval", "No cherry-pick: nothing on `master` accounts for it. "+said+"It counts for a faithful pick only")
	// The forward port is asked for, and is merged: then that is the source.
	w.says("carol", n, "/cherry-pick master")
	forward := w.onePick(n, "master").Number
	w.resync()
	w.wantGate(pick, "success", "Faithful cherry-pick of #"+itoa(n), said+"Its forward port #"+itoa(forward)+" is open.")
	w.merge("bob", forward, "squash")
	w.resync()
	w.wantGate(pick, "success", "Faithful cherry-pick of #"+itoa(n), "#"+itoa(n)+" is merged on `release-1.29`. Its forward port #"+itoa(forward)+" is merged.")
	w.again()
	// It was wrong there: then it is nowhere known to be right.
	w.byGit([]string{"revert", "--no-edit", "HEAD"})
	w.resync()
	w.wantGate(pick, "failure", "Waits for a release manager's approval", "doesn't count any more; see below.")
	w.again()
}
