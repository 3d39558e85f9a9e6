package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// published has a publish of 1.31.0-beta.0 that is open and approved, and returns the tracking
// issue and the publish's pull request.
func (w *world) published() (n, publish int) {
	w.t.Helper()
	n = withRelease(w)
	w.says("alice", n, "/release build 1.31.0-beta.0")
	w.merges("[release-1.31] Trigger build 1.31.0-beta.0", "release/trigger-build", "1.31.0-beta.0\n")
	w.reports("success")
	w.says("alice", n, "/release publish 1.31.0-beta.0")
	publish = w.proposals()["[release-1.31] Trigger publish 1.31.0-beta.0"].Number
	_, err := w.gh.As("dave").Review(builderRepo, publish, "APPROVE", "")
	w.do(err)
	w.settle()
	w.wantRelease(publish, "success", "Publishes 1.31.0-beta.0")
	return n, publish
}

// blocks has bob open a blocker of a milestone.
func (w *world) blocks(repo string, milestone int) int {
	w.t.Helper()
	bug, err := w.gh.As("bob").OpenIssue(repo, "It crashes", "", "release-blocker")
	w.do(err)
	if milestone != 0 {
		w.do(w.gh.As("alice").SetMilestone(repo, bug, milestone))
	}
	w.settle()
	return bug
}

// milestones makes those of 1.31 and 1.32.
func (w *world) milestones() (is, next int) {
	w.t.Helper()
	is, err := w.gh.As("alice").CreateMilestone(demoRepo, "1.31")
	w.do(err)
	next, err = w.gh.As("alice").CreateMilestone(demoRepo, "1.32")
	w.do(err)
	return is, next
}

// saidOf counts our comments on an issue that say something.
func (w *world) saidOf(n int, what string) (times int) {
	for _, c := range w.gh.Comments(demoRepo, n) {
		if c.Author == "slipway[bot]" && strings.Contains(c.Body, what) {
			times++
		}
	}
	return times
}

// TestBlockerTakenOff: a blocker leaves by a release manager's word. Whoever else takes it off
// is named, once, and it still counts; also after a lost webhook and a lost database.
func TestBlockerTakenOff(t *testing.T) {
	w := newWorld(t)
	n, publish := w.published()
	is, next := w.milestones()
	bug := w.blocks(demoRepo, is)
	w.wantRelease(publish, "failure", "1 blocker of 1.31.0 is open")
	w.wantBody(n, fmt.Sprintf("**Blockers:** #%d It crashes\n", bug))

	// Moved by somebody who manages nothing.
	w.lost(func() { w.do(w.gh.As("bob").SetMilestone(demoRepo, bug, next)) })
	w.wantRelease(publish, "failure", "1 blocker of 1.31.0 is open")
	moved := fmt.Sprintf("#%d It crashes: `bob` moved it from the milestone `1.31` to `1.32`, and doesn't manage the release, so it still counts", bug)
	w.wantBody(n, "**Blockers:** "+moved)
	if got := w.saidOf(n, moved+".\n\n**Next step:** a release manager comments `/release unblock #"+itoa(bug)+" REASON`"); got != 1 {
		t.Errorf("told %d times that it was moved", got)
	}
	w.wantAnswer("alice", n, "/release publish 1.31.0-beta.0", "It is proposed already")
	w.stop()
	w.newDatabase()
	w.start()
	w.again()
	w.wantRelease(publish, "failure", "1 blocker of 1.31.0 is open")
	if got := w.saidOf(n, moved); got != 1 {
		t.Errorf("with a lost database told %d times that it was moved", got)
	}

	// Put back, and taken off in another way.
	w.do(w.gh.As("bob").SetMilestone(demoRepo, bug, is))
	w.settle()
	w.wantBody(n, fmt.Sprintf("**Blockers:** #%d It crashes\n", bug))
	w.do(w.gh.As("bob").RemoveLabel(demoRepo, bug, "release-blocker"))
	w.settle()
	w.wantRelease(publish, "failure", "1 blocker of 1.31.0 is open")
	if got := w.saidOf(n, "`bob` took the label `release-blocker` off, and doesn't manage the release"); got != 1 {
		t.Errorf("told %d times that the label was taken off", got)
	}

	// A release manager's own hand is a word, and so is the command.
	w.do(w.gh.As("bob").AddLabel(demoRepo, bug, "release-blocker"))
	w.settle()
	w.do(w.gh.As("alice").RemoveLabel(demoRepo, bug, "release-blocker"))
	w.settle()
	w.wantRelease(publish, "success", "Publishes 1.31.0-beta.0")
	w.wantBody(n, "**Blockers:** none")
	w.again()
}

// TestUnblock: a blocker that isn't one for some versions, by a release manager's word, which is
// shown and can be taken back.
func TestUnblock(t *testing.T) {
	w := newWorld(t)
	n, publish := w.published()
	is, _ := w.milestones()
	bug := w.blocks(demoRepo, is)
	w.wantRelease(publish, "failure", "1 blocker of 1.31.0 is open")
	unblock := fmt.Sprintf("/release unblock #%d ", bug)
	w.wantAnswer("bob", n, unblock+"it works for me", "release-managers-1-31")
	for say, want := range map[string]string{
		unblock: "Needs a reason", "/release unblock": "which issue?", unblock + "later until Friday": "behind `until` stands a version of this release",
		unblock + "later until 1.30.0-rc.1": "behind `until` stands a version of this release", "/release unblock it works": "`it` names no issue",
		"/release unblock #1 it works": "#1 doesn't hold this release back. A blocker has the label `release-blocker` and the milestone `1.31`.",
		"/release block #1":            "#1 wasn't let go",
	} {
		if got := w.says("alice", n, say); !strings.Contains(strings.ToLower(got), strings.ToLower(want)) {
			t.Errorf("%s: %s\nwant %s", say, got, want)
		}
	}
	w.wantRelease(publish, "failure", "1 blocker of 1.31.0 is open")
	w.wantAnswer("alice", n, unblock+"the fix needs a week until rc.1", fmt.Sprintf("#%d holds back no version before `1.31.0-rc.1`", bug))
	w.wantRelease(publish, "success", "Publishes 1.31.0-beta.0")
	run, _ := w.gh.CheckRun(builderRepo, w.gh.PR(builderRepo, publish).HeadSHA, "slipway/release")
	word := fmt.Sprintf("#%d by `alice` before `1.31.0-rc.1`: the fix needs a week", bug)
	if !strings.Contains(run.Summary, "by a release manager's word: "+word) {
		t.Errorf("the check doesn't say who let it go:\n%s", run.Summary)
	}
	w.wantBody(n, fmt.Sprintf("**Blockers:** #%d It crashes\n", bug), "by a release manager's word:** "+word)
	w.again()

	w.wantAnswer("alice", n, fmt.Sprintf("/release block #%d", bug), "holds the release back again")
	w.wantRelease(publish, "failure", "1 blocker of 1.31.0 is open")
	w.wantAnswer("alice", n, unblock+"only docs", "holds back no version of this release any more")
	w.wantBody(n, "**Blockers:** none", fmt.Sprintf("word:** #%d by `alice`: only docs", bug))
	w.wantRelease(publish, "success", "Publishes 1.31.0-beta.0")
	w.stop()
	w.newDatabase()
	w.start()
	w.again()
	w.wantRelease(publish, "success", "Publishes 1.31.0-beta.0")
}

// TestBlockerFixedElsewhere: what was merged to fix a blocker closes it, and counts once it is on the
// release's branch.
func TestBlockerFixedElsewhere(t *testing.T) {
	w := newWorld(t)
	n, publish := w.published()
	is, _ := w.milestones()
	bug := w.blocks(demoRepo, is)
	before, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: "master", Head: "early", Title: "Early", Body: fmt.Sprintf("Fixes #%d", bug), Files: map[string]string{"early.go": "package main\n"}})
	w.do(err)
	w.merge("bob", before.Number, "squash")
	w.do(w.gh.As("alice").CreateBranch(demoRepo, "release-1.31", "master"))
	w.settle()
	w.wantRelease(publish, "failure", "1 blocker of 1.31.0 is open")
	w.do(w.gh.As("bob").Close(demoRepo, bug))
	w.settle()
	w.wantRelease(publish, "success", "Publishes 1.31.0-beta.0") // it was merged before the cut

	late := w.blocks(demoRepo, is)
	fix, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: "master", Head: "fix", Title: "Fix it", Body: fmt.Sprintf("Fixes #%d", late), Files: map[string]string{"fix.go": "package main\n"}})
	w.do(err)
	w.merge("bob", fix.Number, "squash")
	w.do(w.gh.As("bob").Close(demoRepo, late)) // as GitHub does
	w.settle()
	w.wantRelease(publish, "failure", "The fix of 1 blocker of 1.31.0 isn't known to be on release-1.31")
	w.wantBody(n, fmt.Sprintf("**Blockers:** #%d It crashes: fixed by [#%d](", late, fix.Number), "which isn't on `release-1.31` yet; no pick of it is asked for: comment `/cherry-pick release-1.31` there")
	w.says("bob", fix.Number, "/cherry-pick release-1.31")
	pick := w.onePick(fix.Number, "release-1.31").Number
	w.wantRelease(publish, "failure", "The fix of 1 blocker of 1.31.0 isn't known to be on release-1.31")
	w.wantBody(n, fmt.Sprintf("its pick [#%d](", pick), ") is open")
	run, _ := w.gh.CheckRun(builderRepo, w.gh.PR(builderRepo, publish).HeadSHA, "slipway/release")
	if !strings.Contains(run.Summary, fmt.Sprintf("its pick [istio/istio#%d](", pick)) && !strings.Contains(run.Summary, fmt.Sprintf("its pick [#%d](", pick)) {
		t.Errorf("the check doesn't name the pick:\n%s\n%s", run.Summary, w.log)
	}
	w.merge("bob", pick, "squash")
	w.wantRelease(publish, "success", "Publishes 1.31.0-beta.0")
	w.wantBody(n, "**Blockers:** none")
	w.again()
}

// TestBlockersElsewhere: the policy says in which repositories blockers are, and whether one
// without a milestone counts.
func TestBlockersElsewhere(t *testing.T) {
	w := newWorld(t)
	n, publish := w.published()
	w.milestones()
	bug := w.blocks(demoRepo, 0)
	w.wantRelease(publish, "success", "Publishes 1.31.0-beta.0") // of no release
	policy := strings.Replace(trackerPolicy, `milestone: "{major}.{minor}"}`, `milestone: "{major}.{minor}", without_milestone: true, repositories: [api]}`, 1)
	_, err := w.gh.As("alice").Push("istio/.github", "master",
		map[string]string{".github/slipway.yml": policy + "release:\n  triggers: {repository: release-builder, unbuilt: refuse}\n"}, "More")
	w.do(err)
	w.settle()
	w.wantRelease(publish, "failure", "1 blocker of 1.31.0 is open")
	there := w.blocks("istio/api", 0)
	w.wantRelease(publish, "failure", "2 blockers of 1.31.0 are open")
	w.wantBody(n, fmt.Sprintf("**Blockers:** #%d It crashes, istio/api#%d It crashes\n", bug, there))
	w.do(w.gh.As("alice").Close(demoRepo, bug))
	w.settle()
	w.wantRelease(publish, "failure", "1 blocker of 1.31.0 is open")
	w.wantAnswer("alice", n, fmt.Sprintf("/release unblock api#%d it works", there), fmt.Sprintf("api#%d holds back no version", there))
	w.wantRelease(publish, "success", "Publishes 1.31.0-beta.0")
	w.wantBody(n, "**Blockers:** none", fmt.Sprintf("word:** api#%d by `alice`: it works", there))

	// A pull request may be one, too.
	fix := w.openPR("bob", "master", "fix")
	w.do(w.gh.As("bob").AddLabel(demoRepo, fix, "release-blocker"))
	w.settle()
	w.wantRelease(publish, "failure", "1 blocker of 1.31.0 is open")
	w.do(w.gh.As("bob").Close(demoRepo, fix))
	w.settle()
	w.wantRelease(publish, "success", "Publishes 1.31.0-beta.0")
	w.again()
}

// TestQuietBlocker: an open blocker counts however long nobody has touched it.
func TestQuietBlocker(t *testing.T) {
	w := newWorld(t)
	is, _ := w.milestones()
	bug := w.blocks(demoRepo, is)
	w.later(60 * 24 * time.Hour)
	n := withRelease(w)
	w.wantBody(n, fmt.Sprintf("**Blockers:** #%d It crashes\n", bug))
	w.again()
}
