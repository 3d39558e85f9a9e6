package main

import (
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

const revertsPolicy = "freeze: {exceptions: {reverts: true}}\n"

// landed has a change merged into the release branch.
func (w *world) landed(name, method string, files map[string]string) int {
	w.t.Helper()
	pr, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: demoBranch, Head: name, Title: "Change " + name, Files: files})
	w.do(err)
	w.settle()
	w.merge("alice", pr.Number, method)
	return pr.Number
}

// reverting opens a pull request that says what it takes back.
func (w *world) reverting(name, body string, files map[string]string) int {
	w.t.Helper()
	pr, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: demoBranch, Head: "revert-" + name, Title: `Revert "Change ` + name + `"`, Body: body, Files: files})
	w.do(err)
	w.settle()
	return pr.Number
}

const lines = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n"

// TestExactRevertsPassTheFreeze: what takes back exactly what stands on the branch, proved by its
// content, and one byte more is an ordinary change.
func TestExactRevertsPassTheFreeze(t *testing.T) {
	for _, method := range []string{"squash", "merge", "rebase"} {
		t.Run(method, func(t *testing.T) {
			w := newWorld(t)
			w.policy(basePolicy + revertsPolicy)
			w.landed("base", "squash", map[string]string{"list.txt": lines})
			leak := w.landed("leak", method, map[string]string{"list.txt": strings.Replace(lines, "two", "TWO", 1), "leak.go": "package leak\n"})
			w.landed("later", "squash", map[string]string{"list.txt": strings.NewReplacer("two", "TWO", "nine", "NINE").Replace(lines)})
			w.says("alice", leak, "/release freeze release-1.30")

			back := map[string]string{"list.txt": strings.Replace(lines, "nine", "NINE", 1), "leak.go": sandbox.Deleted}
			exact := w.reverting("leak", "Reverts istio/istio#"+itoa(leak), back)
			w.wantVerdict(exact, "success")
			w.wantText(w.summary(exact), "it takes back exactly #"+itoa(leak)+", which is on this branch, and nothing else")
			back["more.txt"] = "\n"
			more := w.reverting("more", "Reverts #"+itoa(leak), back)
			w.wantVerdict(more, "failure")
			w.wantText(w.summary(more), "what it changes isn't exactly what #"+itoa(leak)+" did, taken back")
			delete(back, "more.txt")
			silent, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: demoBranch, Head: "silent", Title: "Tidy up", Files: back})
			w.do(err)
			w.settle()
			w.wantVerdict(silent.Number, "failure")
			w.again()

			// It holds for that commit alone.
			w.do2(w.gh.As("bob").PushToPR(demoRepo, exact, map[string]string{"list.txt": lines}, "More"))
			w.settle()
			w.wantVerdict(exact, "failure")
			w.do(w.gh.As("bob").EditBody(demoRepo, silent.Number, "Reverts #"+itoa(leak)))
			w.settle()
			w.wantVerdict(silent.Number, "success")

			// Merged by its exception, it isn't told as past the freeze, and to bring it back is no revert.
			w.merge("alice", silent.Number, method)
			for _, c := range w.gh.Comments(demoRepo, w.freezes()[0].Number) {
				if strings.Contains(c.Body, "past the freeze**") {
					t.Errorf("told as past the freeze: %s", c.Body)
				}
			}
			again := w.reverting("again", "Reverts #"+itoa(silent.Number), map[string]string{"list.txt": strings.NewReplacer("two", "TWO", "nine", "NINE").Replace(lines), "leak.go": "package leak\n"})
			w.wantVerdict(again, "failure")
			w.wantText(w.summary(again), "is itself a revert")
			w.again()
		})
	}
}

// TestRevertsOfSeveral: of more than one at once, named in whichever order; of another branch's it is none.
func TestRevertsOfSeveral(t *testing.T) {
	w := newWorld(t)
	w.policy(basePolicy + revertsPolicy)
	w.landed("base", "squash", map[string]string{"list.txt": lines})
	one := w.landed("one", "squash", map[string]string{"list.txt": strings.Replace(lines, "two", "TWO", 1)})
	two := w.landed("two", "squash", map[string]string{"list.txt": strings.Replace(lines, "two", "ZWEI", 1)})
	other := w.merged("other", "squash")
	w.says("alice", one, "/release freeze release-1.30")
	n := w.reverting("both", "Reverts #"+itoa(one)+"\nReverts #"+itoa(two), map[string]string{"list.txt": lines})
	w.wantVerdict(n, "success")
	w.wantText(w.summary(n), "#"+itoa(two)+" and #"+itoa(one))
	n = w.reverting("half", "Reverts #"+itoa(two), map[string]string{"list.txt": lines})
	w.wantVerdict(n, "failure")
	n = w.reverting("elsewhere", "Reverts #"+itoa(other), map[string]string{"list.txt": lines})
	w.wantText(w.summary(n), "#"+itoa(other)+" wasn't merged into `release-1.30`")
	w.policy(basePolicy)
	w.wantVerdict(n, "failure")
	w.again()
}

// TestRevertsAreNoHandMadeChanges: where the release-branch check refuses what is no cherry-pick while the branch is
// frozen, an exact revert needs its approval and no more, by policy.
func TestRevertsAreNoHandMadeChanges(t *testing.T) {
	w := gateWorld(t, "  hand_made: {refuse_frozen: true}\n"+revertsPolicy)
	one := w.landed("one", "squash", map[string]string{"one.go": "package one\n"})
	w.says("alice", one, "/release freeze release-1.30")
	n := w.reverting("one", "Reverts #"+itoa(one), map[string]string{"one.go": sandbox.Deleted})
	more := w.reverting("more", "Reverts #"+itoa(one), map[string]string{"one.go": sandbox.Deleted, "two.go": "package two\n"})
	w.wantVerdict(n, "success")
	w.wantGate(n, "failure", "Frozen for what is no cherry-pick")
	w.policy(gatePolicy + "  hand_made: {refuse_frozen: true, reverts: true}\n" + revertsPolicy)
	w.wantGate(more, "failure", "Frozen for what is no cherry-pick", "It says that it takes something back, but what it changes isn't exactly what #"+itoa(one)+" did, taken back.")
	if run := w.gate(n); run.Title == "Frozen for what is no cherry-pick" || !strings.Contains(run.Summary, "It takes back exactly #"+itoa(one)) {
		t.Error(run.Title, run.Summary)
	}
	w.review("alice", n, "APPROVED")
	if run := w.gate(n); run.Conclusion != "success" {
		t.Error(run.Title, run.Summary)
	}
	w.again()
}

// TestAFreezeIsForItsCandidates: what starts a build alone passes the freeze by the policy's paths, and isn't refused as made
// by hand; with another file it is both.
func TestAFreezeIsForItsCandidates(t *testing.T) {
	w := gateWorld(t, "  hand_made: {refuse_frozen: true}\nfreeze: {exceptions: {paths: [trigger-build]}}\nrelease: {triggers: {repository: istio, build: trigger-build, publish: trigger-publish}}\n")
	open := func(name string, files map[string]string) int {
		pr, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: demoBranch, Head: name, Title: "Build 1.30.0-rc.0", Files: files})
		w.do(err)
		return pr.Number
	}
	n := open("rc", map[string]string{"trigger-build": "1.30.0-rc.0\n"})
	w.says("alice", n, "/release freeze release-1.30")
	more := open("more", map[string]string{"trigger-build": "1.30.0-rc.0\n", "one.go": "package one\n"})
	w.settle()
	w.wantVerdict(n, "success")
	w.wantGate(n, "failure", "Waits for a release manager's approval", "It changes nothing but `trigger-build`")
	w.wantVerdict(more, "failure")
	w.wantGate(more, "failure", "Frozen for what is no cherry-pick")
	w.review("alice", n, "APPROVED")
	w.wantGate(n, "success", "No cherry-pick, approved")
	w.again()
}
