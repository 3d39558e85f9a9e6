package main

import (
	"maps"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/ghclient"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

const (
	workflowFile = ".github/workflows/ci.yml"
	leaveCI      = basePolicy + "cherrypick: {leave_out: [\".github/workflows/**\"]}\n"
)

// grantWorkflows has an owner accept the permission.
func (w *world) grantWorkflows() {
	w.t.Helper()
	more := maps.Clone(ghclient.Permissions())
	maps.Copy(more, ghclient.Optional())
	w.do(w.gh.SetPermissions(installationOf(w.t, w), more))
	w.settle()
}

// ciChange merges a change of a workflow, and of a file beside it.
func (w *world) ciChange(files map[string]string) int {
	w.t.Helper()
	n := w.sourcePR("bob", "ci", "Faster CI", files)
	w.merge("bob", n, "squash")
	return n
}

// TestPickOfWorkflows: a pick that changes workflows waits for a permission, and is pushed once
// that is granted. Nothing else is done with it.
func TestPickOfWorkflows(t *testing.T) {
	w := newWorld(t)
	n := w.ciChange(map[string]string{workflowFile: "on: push\n"})
	w.says("bob", n, "/cherry-pick release-1.30")
	w.wantStatus(n, "and the App lacks the permission *Workflows: read and write*. **Next step:** either an owner of the organisation accepts")
	w.wantAskerTold(n, "Workflows: read and write")
	w.again()
	w.grantWorkflows()
	w.gh.ResetRequests()
	other := w.merged("leak", "squash")
	w.says("bob", other, "/cherry-pick release-1.30")
	w.onePick(other, demoBranch)
	for _, r := range w.gh.Requests() {
		if strings.HasSuffix(r.Path, demoRepo+"/installation") {
			t.Errorf("for a pick without workflows it was asked whether they may be written")
		}
	}
	w.says("bob", n, "/cherry-pick release-1.30")
	pick := w.onePick(n, demoBranch)
	if got, _ := w.gh.File(demoRepo, pick.HeadSHA, workflowFile); got != "on: push\n" {
		t.Errorf("%s holds %q", workflowFile, got)
	}
	w.again()
}

// TestPickLeavesOut: what the policy names stays as the branch has it, in all of its life: the
// pull request, the status comment and the check say so.
func TestPickLeavesOut(t *testing.T) {
	w := gateWorld(t, "")
	w.policy(leaveCI)
	w.do2(w.gh.As("alice").Push(demoRepo, demoBranch, map[string]string{workflowFile: "on: release\n"}, "Its own workflow")) // it would conflict
	n := w.ciChange(map[string]string{workflowFile: "on: push\n", "pilot/leak.go": "package pilot\n"})
	w.says("bob", n, "/cherry-pick release-1.30")
	pick := w.onePick(n, demoBranch)
	const left = "**Left out**, since the policy lists them under `cherrypick.leave_out`: what the source changes in `" + workflowFile + "`. `release-1.30` keeps what it has there."
	if pick.Draft || !strings.Contains(pick.Body, left) {
		t.Errorf("draft %t: %s", pick.Draft, pick.Body)
	}
	if got, _ := w.gh.File(demoRepo, pick.HeadSHA, workflowFile); got != "on: release\n" {
		t.Errorf("%s holds %q", workflowFile, got)
	}
	w.wantStatus(n, "is **open**. **Left out** by the policy: `"+workflowFile+"`.")
	if run, _ := w.gh.CheckRun(demoRepo, pick.HeadSHA, onBranch); !strings.Contains(run.Summary, "An exact cherry-pick of #"+itoa(n)) ||
		!strings.Contains(run.Summary, "Left out, as the policy says under `cherrypick.leave_out`: `"+workflowFile+"`.") {
		t.Errorf("%s: %s", run.Title, run.Summary)
	}
	w.again()
	w.stop()
	w.newDatabase()
	w.start()
	w.onePick(n, demoBranch)
	w.wantStatus(n, "**Left out** by the policy")
	w.policy(basePolicy) // without the setting it lacks something
	if run, _ := w.gh.CheckRun(demoRepo, pick.HeadSHA, onBranch); !strings.Contains(run.Summary, "A cherry-pick of #"+itoa(n)+" that was adapted: 1 line of its source left out") {
		t.Errorf("%s: %s", run.Title, run.Summary)
	}
	w.policy(leaveCI)
	w.merge("alice", pick.Number, "squash")
	w.wantStatus(n, "**picked**: #"+itoa(pick.Number)+" is merged. **Left out** by the policy")
	w.again()
}

// TestPickLeavesAllOut: there is nothing to pick then, which is no failure of anybody's.
func TestPickLeavesAllOut(t *testing.T) {
	w := newWorld(t)
	w.policy(leaveCI)
	n := w.ciChange(map[string]string{workflowFile: "on: push\n"})
	w.lost(func() { w.do(w.gh.As("bob").AddLabel(demoRepo, n, "cherrypick/release-1.30")) })
	w.wantStatus(n, "**nothing to pick.** The source changes nothing but `"+workflowFile+"`, which picks leave out")
	w.wantAskerTold(n, "**nothing to pick.**")
	if got := w.picks(n, demoBranch); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	w.again()
	w.policy(basePolicy)
	w.grantWorkflows()
	w.says("bob", n, "/cherry-pick release-1.30")
	w.onePick(n, demoBranch)
	w.again()
}

// TestPickLeavesOutOfAConflict: a draft is about the rest alone.
func TestPickLeavesOutOfAConflict(t *testing.T) {
	w := newWorld(t)
	w.policy(leaveCI)
	w.do2(w.gh.As("alice").Push(demoRepo, demoBranch, map[string]string{workflowFile: "on: release\n", "leak.go": "package other\n"}, "Its own"))
	n := w.ciChange(map[string]string{workflowFile: "on: push\n", "leak.go": "package main\n"})
	w.says("bob", n, "/cherry-pick release-1.30")
	pick := w.onePick(n, demoBranch)
	if !pick.Draft || !strings.Contains(pick.Body, "| `leak.go` | add/add") || strings.Contains(pick.Body, "| `"+workflowFile) || !strings.Contains(pick.Body, "**Left out**") {
		t.Errorf("draft %t: %s", pick.Draft, pick.Body)
	}
	w.wantStatus(n, "**conflict.** #"+itoa(pick.Number), "**Left out** by the policy: `"+workflowFile+"`")
	w.again()
}

// TestManualPickLeavesOut: who picks by hand may leave out the same, or not.
func TestManualPickLeavesOut(t *testing.T) {
	w := gateWorld(t, "")
	w.policy(leaveCI)
	source := w.ciChange(map[string]string{workflowFile: "on: push\n", "pilot/leak.go": "package pilot\n"})
	for name, files := range map[string]map[string]string{
		"without":  {"pilot/leak.go": "package pilot\n"},
		"with":     {"pilot/leak.go": "package pilot\n", workflowFile: "on: push\n"},
		"its own":  {"pilot/leak.go": "package pilot\n", workflowFile: "on: tag\n"},
		"too much": {workflowFile: "on: push\n"},
	} {
		n := w.change("bob", sandbox.PROptions{Head: "hand-" + strings.ReplaceAll(name, " ", "-"), Title: "By hand", Body: "Cherry-pick of #" + itoa(source), Files: files})
		run, _ := w.gh.CheckRun(demoRepo, w.gh.PR(demoRepo, n).HeadSHA, onBranch)
		faithfully := strings.Contains(run.Summary, "An exact cherry-pick of #"+itoa(source))
		if faithfully != (name == "with" || name == "without") || strings.Contains(run.Summary, "Left out, as") != (name == "without") {
			t.Errorf("%s: %s: %s", name, run.Title, run.Summary)
		}
	}
	w.again()
}
