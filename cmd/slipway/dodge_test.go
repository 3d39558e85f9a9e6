package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// This file holds the ways in which somebody might dodge a freeze.

// TestSecondPullRequestOfOneHead: a check belongs to a commit. A second pull
// request from the same branch, against one that isn't frozen, lifts nothing.
func TestSecondPullRequestOfOneHead(t *testing.T) {
	w := newWorld(t)
	fix := w.openPR("bob", demoBranch, "fix")
	w.says("alice", fix, "/release freeze release-1.30")
	second, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: "release-1.29", Head: "fix"})
	w.do(err)
	w.settle()
	w.wantVerdict(fix, "failure")
	run, _ := w.gh.CheckRun(demoRepo, second.HeadSHA, "slipway/freeze")
	if !strings.Contains(run.Summary, "#3 against `release-1.29`") {
		t.Errorf("the check doesn't say whom else it speaks for: %s", run.Summary)
	}
	w.again()
	w.do(w.gh.As("bob").EditBase(demoRepo, second.Number, "master"))
	w.settle()
	w.wantVerdict(fix, "failure")
	w.do(w.gh.As("bob").EditBase(demoRepo, second.Number, "release-1.29"))
	w.do(w.gh.As("bob").Close(demoRepo, fix))
	w.settle()
	w.wantVerdict(second.Number, "success") // the one that was held back is gone
	w.again()
}

// TestExemptionStaysOnItsBranch: the managers of one branch can't let a pull
// request onto another.
func TestExemptionStaysOnItsBranch(t *testing.T) {
	w := newWorld(t)
	w.do(w.gh.AddTeamMember("istio", "release-managers-1-29", "alice", "active"))
	n := w.openPR("bob", "release-1.29", "fix")
	w.says("alice", n, "/release freeze all")
	w.says("dave", n, "/release exempt the fix")
	w.wantVerdict(n, "success")
	w.do(w.gh.As("bob").EditBase(demoRepo, n, demoBranch))
	w.settle()
	w.wantVerdict(n, "failure")
	w.again()
}

// TestDeletedFreezeIssue: a freeze whose issue vanishes goes on in a new one.
func TestDeletedFreezeIssue(t *testing.T) {
	w := newWorld(t)
	fix, other := w.openPR("bob", demoBranch, "fix"), w.openPR("carol", demoBranch, "other")
	w.says("alice", fix, "/release freeze release-1.30")
	w.says("alice", fix, "/release exempt the fix")
	old := w.freezeIssue().Number
	w.do(w.gh.As("alice").DeleteIssue(demoRepo, old))
	w.settle()
	w.wantVerdict(fix, "success") // by its exemption
	w.wantVerdict(other, "failure")
	open := w.freezes()
	if len(open) != 1 || open[0].Number == old || !strings.Contains(open[0].Body, "takes the place of #") {
		t.Errorf("the freezes: %+v", open)
	}
	w.again()
	w.says("alice", fix, "/release thaw release-1.30")
	w.wantVerdict(other, "success")
}

// TestLockedThread: a thread that takes no comment hinders neither what was
// asked for there nor the keeping of the freeze.
func TestLockedThread(t *testing.T) {
	w := newWorld(t)
	n, talk := w.openPR("bob", demoBranch, "fix"), w.openPR("bob", "master", "talk")
	w.do(w.gh.AddCollaborator(demoRepo, "alice", "write"))
	w.do(w.gh.As("bob").Lock(demoRepo, talk))
	if answer := w.says("alice", talk, "/release freeze release-1.30"); answer != "" {
		t.Errorf("answer: %s", answer)
	}
	w.wantVerdict(n, "failure")
	issue := w.freezeIssue().Number
	w.do(w.gh.As("bob").Lock(demoRepo, issue))
	w.do(w.gh.As("bob").Close(demoRepo, issue))
	w.settle()
	w.wantVerdict(n, "failure")
	if got := w.freezeIssue(); got.State != "open" {
		t.Errorf("the issue is %s", got.State)
	}
}

// TestQueueInFlight: what a merge queue has built before a freeze is judged anew
// when it begins, though the queue doesn't ask again.
func TestQueueInFlight(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	sha, err := w.gh.As("bob").EnqueueMergeGroup(demoRepo, demoBranch, n)
	w.do(err)
	w.settle()
	group := func() string {
		run, _ := w.gh.CheckRun(demoRepo, sha, "slipway/freeze")
		return run.Conclusion
	}
	if got := group(); got != "success" {
		t.Fatalf("before: %q", got)
	}
	w.says("alice", n, "/release freeze release-1.30")
	if got := group(); got != "failure" {
		t.Errorf("in the queue when the freeze began: %q", got)
	}
	w.again()
}

// TestClosedByAMerge: GitHub closes an issue in the name of whoever merges what
// says that it fixes it. That ends no freeze, whoever merged.
func TestClosedByAMerge(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	w.says("alice", n, "/release freeze release-1.30")
	issue := w.freezeIssue().Number
	pr, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: "master", Head: "trick", Body: "Fixes #2", Files: map[string]string{"x": "x"}})
	w.do(err)
	_, err = w.gh.As("alice").Merge(demoRepo, pr.Number, "squash")
	w.do(err)
	if w.freezeIssue().State == "open" {
		w.do(w.gh.As("alice").Close(demoRepo, issue)) // as GitHub does, in her name
	}
	w.settle()
	w.wantVerdict(n, "failure")
	if got := w.freezeIssue(); got.State != "open" || w.notices(issue, "not by hand") != 1 {
		t.Errorf("%s: %+v", got.State, w.gh.Comments(demoRepo, issue))
	}
}

// TestFloodOfRefusals: a stranger who asks again and again holds nobody up.
func TestFloodOfRefusals(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	for range 30 {
		_, err := w.gh.As("mallory").Comment(demoRepo, n, "/release thaw release-1.30")
		w.do(err)
	}
	_, err := w.gh.As("alice").Comment(demoRepo, n, "/release freeze release-1.30")
	w.do(err)
	w.settle()
	w.wantVerdict(n, "failure")
	if got := w.notices(n, "**Done.**"); got != 1 {
		t.Errorf("alice has %d answers", got)
	}
	if got := w.notices(n, "`mallory` is not one of them"); got != 10 {
		t.Errorf("mallory was told %d times", got)
	}
}

// TestFloodOfQuestions: who asks for help again and again holds nobody up either, within
// GitHub's limits. A manager's freeze, written after all of it, waits for none of the answers.
func TestFloodOfQuestions(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	w.stop()
	w.env = append(w.env, "SLIPWAY_PACING_PER_MINUTE=80", "SLIPWAY_PACING_PER_HOUR=500")
	w.start()
	for i := range 60 {
		text := "/release help"
		if i%4 == 3 {
			text += "\n/release thaw release-1.30" // beside what isn't his
		}
		_, err := w.gh.As("mallory").Comment(demoRepo, n, text)
		w.do(err)
	}
	_, err := w.gh.As("alice").Comment(demoRepo, n, "/release freeze release-1.30")
	w.do(err)
	w.idle() // the clock stands: nothing waits that long for its slot
	w.wantVerdict(n, "failure")
	if got := w.notices(n, "**Done.**"); got != 1 {
		t.Errorf("alice has %d answers", got)
	}
	w.settle()
	if got := w.notices(n, "Here you may use"); got != 10 {
		t.Errorf("mallory was told %d times", got)
	}
	if got := w.notices(n, "**This is the last such answer for an hour.**"); got != 1 {
		t.Errorf("that it is the last answer is told %d times", got)
	}
}

// TestFloodOfForks: however many pull requests a stranger opens, and lets a friend approve,
// a freeze reaches those first that would be merged else. GitHub lets few checks be written
// at once, so the others wait.
func TestFloodOfForks(t *testing.T) {
	w := newWorld(t)
	approved, unseen := w.openPR("bob", demoBranch, "fix"), w.openPR("bob", demoBranch, "wip")
	w.review("alice", approved, "APPROVE")
	var many []int
	for i := range 12 {
		pr, err := w.gh.As("mallory").OpenPR(demoRepo, sandbox.PROptions{
			Base: demoBranch, Head: fmt.Sprintf("flood-%d", i), Fork: true, Files: map[string]string{fmt.Sprintf("flood-%d.go", i): "package main\n"},
		})
		w.do(err)
		many = append(many, pr.Number)
	}
	w.settle()
	w.stop()
	w.env = append(w.env, "SLIPWAY_PACING_PER_MINUTE=40", "SLIPWAY_WORKERS=1")
	w.start()
	_, err := w.gh.As("alice").Comment(demoRepo, unseen, "/release freeze release-1.30") // which is now the most recently active
	w.do(err)
	w.idle() // the clock stands: what is written is what needn't wait
	w.wantVerdict(approved, "failure")
	w.wantVerdict(unseen, "failure")
	reached := 0
	for _, n := range many {
		if got, _ := w.verdict(n); got == "failure" {
			reached++
		}
	}
	if reached > 5 {
		t.Errorf("%d of the stranger's %d were reached at once", reached, len(many))
	}
	w.settle()
	for _, n := range many {
		w.wantVerdict(n, "failure")
	}
	w.again()
}

// TestEdgesWhileAway: what began or ended while Slipway was down holds when it
// is up again.
func TestEdgesWhileAway(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	w.says("alice", n, "/release freeze release-1.30 for 1h")
	w.stop()
	w.clock.advance(2 * time.Hour)
	w.start()
	w.wantVerdict(n, "success")
	if got := w.freezeIssue(); got.State != "closed" || w.notices(got.Number, "**The freeze is over**") != 1 {
		t.Errorf("the issue is %s: %+v", got.State, w.gh.Comments(demoRepo, got.Number))
	}
	w.again()
}
