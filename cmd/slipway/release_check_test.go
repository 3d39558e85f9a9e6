package main

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

const builderRepo = "istio/release-builder"

// triggerPolicy is the demo's, with trigger files.
const triggerPolicy = demoPolicy + "release:\n  triggers: {repository: release-builder}\n"

// withBuilder gives the organisation a builder repository, and a policy that
// names its trigger files.
func withBuilder(w *world) {
	w.t.Helper()
	w.do(w.gh.CreateRepo("istio", "release-builder", sandbox.RepoOptions{Files: map[string]string{
		"README.md": "# Builder\n", "release/trigger-build": "1.30.0-alpha.0\n", "release/trigger-publish": "1.30.0-alpha.0\n",
	}}))
	w.do(w.gh.CreateBranch(builderRepo, demoBranch, "master"))
	for _, login := range []string{"alice", "bob"} {
		w.do(w.gh.AddCollaborator(builderRepo, login, "write"))
	}
	_, err := w.gh.As("alice").Push("istio/.github", "master", map[string]string{".github/slipway.yml": triggerPolicy}, "Triggers")
	w.do(err)
	w.settle()
}

// triggers proposes files for the builder's release branch.
func (w *world) triggers(login, title string, files map[string]string) int {
	w.t.Helper()
	w.pushes++
	pr, err := w.gh.As(login).OpenPR(builderRepo, sandbox.PROptions{
		Base: demoBranch, Head: "trigger-" + string(rune('a'+w.pushes)), Title: title, Files: files,
	})
	w.do(err)
	w.settle()
	return pr.Number
}

func (w *world) wantRelease(n int, conclusion, title string) {
	w.t.Helper()
	run, _ := w.gh.CheckRun(builderRepo, w.gh.PR(builderRepo, n).HeadSHA, "slipway/release")
	if run.Conclusion != conclusion || !strings.Contains(run.Title, title) {
		w.t.Errorf("#%d: %s, %q\nwant %s, %q\n%s", n, run.Conclusion, run.Title, conclusion, title, w.log)
	}
}

func TestReleaseCheck(t *testing.T) {
	w := newWorld(t)
	withBuilder(w)
	const build, publish = "release/trigger-build", "release/trigger-publish"
	bad := w.triggers("bob", "Build 1.30", map[string]string{build: "1.30-beta.0\n"})
	w.wantRelease(bad, "failure", "did you mean 1.30.0-beta.0?")
	good := w.triggers("bob", "Build 1.30.0-beta.0", map[string]string{build: "1.30.0-beta.0\n"})
	w.wantRelease(good, "success", "Builds 1.30.0-beta.0, after 1.30.0-alpha.0")
	w.wantRelease(w.triggers("bob", "Notes", map[string]string{"NOTES.md": "x\n"}), "success", "Starts nothing")
	early := w.triggers("bob", "Publish 1.30.0-beta.0", map[string]string{publish: "1.30.0-beta.0\n"})
	w.wantRelease(early, "failure", "Waits for a second release manager") // by hand, too
	w.approves("alice", early)
	w.wantRelease(early, "failure", "Waits for a second release manager") // bob is none
	w.do(w.gh.AddTeamMember("istio", "release-managers-1-30", "dave", "active"))
	w.do(w.gh.AddCollaborator(builderRepo, "dave", "write"))
	w.approves("dave", early)
	w.wantRelease(early, "success", "look before you merge")
	w.again()

	// Once the build is merged, the publish has one, and another build comes after it.
	w.gh.ResetRequests()
	_, err := w.gh.As("alice").Merge(builderRepo, good, "squash")
	w.do(err)
	w.settle()
	w.wantRelease(early, "success", "Publishes 1.30.0-beta.0, after 1.30.0-alpha.0")
	again := w.triggers("bob", "Build", map[string]string{build: "1.30.0-beta.0\n\n"})
	w.wantRelease(again, "success", "Builds 1.30.0-beta.0 again")
	w.do(w.gh.As("bob").EditTitle(builderRepo, again, "Build 1.30.0-beta.1"))
	w.settle()
	w.wantRelease(again, "success", "look before you merge")
	_, err = w.gh.As("bob").PushToPR(builderRepo, bad, map[string]string{build: "1.30.0-beta.1\n"}, "Right")
	w.do(err)
	w.settle()
	w.wantRelease(bad, "success", "Builds 1.30.0-beta.1, after 1.30.0-beta.0")
	w.again()

	// A pull request elsewhere has no such check.
	n := w.openPR("bob", demoBranch, "fix")
	if run, has := w.gh.CheckRun(demoRepo, w.gh.PR(demoRepo, n).HeadSHA, "slipway/release"); has {
		t.Errorf("%+v", run)
	}
}

// TestMergedGetsNoVerdictAnew: the event of a merge comes late, or never, and
// something else has the pull request looked at. What it would start was said.
func TestMergedGetsNoVerdictAnew(t *testing.T) {
	w := newWorld(t)
	withBuilder(w)
	n := w.triggers("bob", "Build 1.30.0-beta.0", map[string]string{"release/trigger-build": "1.30.0-beta.0\n"})
	w.wantRelease(n, "success", "Builds 1.30.0-beta.0, after 1.30.0-alpha.0")
	w.gh.FaultHooks(sandbox.HookFault{Lose: true})
	_, err := w.gh.As("alice").Merge(builderRepo, n, "squash")
	w.do(err)
	w.settle()
	w.gh.ClearHookFaults()
	w.do(w.program.queue.Enqueue(context.Background(), reconcile.Key{Handler: "release", Repo: github.Repo{Owner: "istio", Name: "release-builder"}, ID: fmt.Sprintf("pr/%d", n)}))
	w.settle()
	w.wantRelease(n, "success", "Builds 1.30.0-beta.0, after 1.30.0-alpha.0")
}
