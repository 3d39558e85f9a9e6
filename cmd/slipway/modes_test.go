package main

import (
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// TestWatchBeforeItHolds: a project watches the checks of a frozen branch before it requires them. What only
// reports holds nothing back, where it is required too; its default branch is frozen without the rules of
// release branches.
func TestWatchBeforeItHolds(t *testing.T) {
	w := newWorld(t)
	w.do(w.gh.CreateTeam("istio", "managers", "alice"))
	both := "branches: [master, \"release-*\"]\nrelease_managers: [managers]\n"
	w.policy(both + "freeze: {mode: report}\nreleasebranch: {mode: report}\n")
	w.do(w.gh.ProtectBranch(demoRepo, demoBranch, &sandbox.Protection{AppChecks: []string{"slipway/freeze", "slipway/release-branch"}}))
	n := w.openPR("bob", demoBranch, "fix")
	main, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: "master", Head: "feature", Title: "Add it", Files: code("feature")})
	w.do(err)
	if reply := w.says("alice", n, "/release freeze release-1.30 master the build is red"); !strings.Contains(reply, "**On `master`, `release-1.30` it holds nothing back**") {
		t.Errorf("%s", reply)
	}
	check := func(n int, check, conclusion, title string) {
		t.Helper()
		run, _ := w.gh.CheckRun(demoRepo, w.gh.PR(demoRepo, n).HeadSHA, check)
		if run.Conclusion != conclusion || !strings.HasPrefix(run.Title, title) {
			t.Errorf("#%d: %s says %q (%s), want %q (%s)\n%s", n, check, run.Conclusion, run.Title, conclusion, title, w.log)
		}
	}
	check(n, "slipway/freeze", "neutral", "Report only, would hold back: ")
	check(n, "slipway/release-branch", "neutral", "Report only, would hold back: ")
	check(main.Number, "slipway/freeze", "neutral", "Report only, would hold back: ")
	check(main.Number, "slipway/release-branch", "", "")
	_, err = w.gh.As("carol").Merge(demoRepo, n, "squash")
	w.do(err)
	w.settle()
	w.policy(both + "releasebranch: {modes: [{branches: [master], mode: enforce}]}\n")
	check(main.Number, "slipway/freeze", "failure", "")
	check(main.Number, "slipway/release-branch", "failure", "")
	w.policy(both + "freeze: {mode: off}\n")
	check(main.Number, "slipway/freeze", "neutral", "The policy doesn't ask for this any more")
	check(main.Number, "slipway/release-branch", "neutral", "master is no release branch")
	w.again()
}
