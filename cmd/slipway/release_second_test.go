package main

import (
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// approves has somebody approve a pull request of the builder as it is.
func (w *world) approves(login string, n int) {
	w.t.Helper()
	_, err := w.gh.As(login).Review(builderRepo, n, "APPROVE", "")
	w.do(err)
	w.settle()
}

const (
	waitsForSecond = "Waits for a second release manager"
	publishFile    = "release/trigger-publish"
)

// TestTwoManagersOfAPublish: two release managers are behind each publish, whoever typed
// it; also when nobody remembers who pushed what.
func TestTwoManagersOfAPublish(t *testing.T) {
	w := newWorld(t)
	withBuilder(w)
	for _, login := range []string{"dave", "erin"} {
		w.do(w.gh.AddTeamMember("istio", "release-managers-1-30", login, "active"))
		w.do(w.gh.AddCollaborator(builderRepo, login, "write"))
	}
	builds, err := w.gh.As("alice").OpenPR(builderRepo, sandbox.PROptions{Base: demoBranch, Head: "build", Title: "Build 1.30.0-beta.0", Files: map[string]string{"release/trigger-build": "1.30.0-beta.0\n"}})
	w.do(err)
	_, err = w.gh.As("alice").Merge(builderRepo, builds.Number, "squash")
	w.do(err)
	publishes := func(login string, o sandbox.PROptions) int {
		t.Helper()
		o.Base, o.Title = demoBranch, "Publish 1.30.0-beta.0"
		pr, err := w.gh.As(login).OpenPR(builderRepo, o)
		w.do(err)
		w.settle()
		return pr.Number
	}
	proposed := map[string]string{publishFile: "1.30.0-beta.0\n"}

	// A stranger's fork, and the only manager who looked.
	strangers := publishes("mallory", sandbox.PROptions{Head: "it", Fork: true, Files: proposed})
	w.approves("alice", strangers)
	// A manager's push that another account opened, and that she approves.
	w.do(w.gh.CreateBranch(builderRepo, "hers", demoBranch))
	_, err = w.gh.As("alice").Push(builderRepo, "hers", proposed, "Publish")
	w.do(err)
	hers := publishes("bob", sandbox.PROptions{Head: "hers"})
	w.approves("alice", hers)
	// One manager opens it, another one changes it, and approves what she made of it.
	changed := publishes("dave", sandbox.PROptions{Head: "his", Files: map[string]string{publishFile: "1.30.0-alpha.1\n"}})
	_, err = w.gh.As("alice").PushToPR(builderRepo, changed, proposed, "Another version")
	w.do(err)
	w.settle()
	w.approves("alice", changed)
	// A manager's own, with another's approval.
	good := publishes("dave", sandbox.PROptions{Head: "good", Files: proposed})
	w.approves("alice", good)

	look := func(when string) {
		t.Helper()
		for _, n := range []int{strangers, hers, changed} {
			w.wantRelease(n, "failure", waitsForSecond)
		}
		w.wantRelease(good, "success", "Publishes 1.30.0-beta.0")
		if t.Failed() {
			t.Fatal(when)
		}
	}
	look("at first")
	w.stop()
	w.newDatabase()
	w.start()
	w.again()
	look("without its database")

	// The second one looks, and the webhook is lost.
	w.gh.FaultHooks(sandbox.HookFault{Drop: true})
	for _, n := range []int{strangers, hers, changed} {
		w.approves("erin", n)
	}
	w.gh.ClearHookFaults()
	if run, _ := w.gh.CheckRun(builderRepo, w.gh.PR(builderRepo, hers).HeadSHA, "slipway/release"); !strings.Contains(run.Title, waitsForSecond) {
		t.Errorf("nobody has told of the approvals: %q", run.Title)
	}
	w.rerun = true
	w.clock.advance(2 * time.Hour)
	w.settle()
	for _, n := range []int{strangers, hers, changed} {
		w.wantRelease(n, "success", "Publishes 1.30.0-beta.0")
	}
	w.again()
}
