package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// policy replaces the organisation's policy.
func (w *world) policy(text string) {
	w.t.Helper()
	w.do(w.gh.AddCollaborator("istio/.github", "alice", "write"))
	_, err := w.gh.As("alice").Push("istio/.github", "master", map[string]string{".github/slipway.yml": text}, "Policy")
	w.do(err)
	w.settle()
}

const basePolicy = "branches: [\"release-*\"]\nrelease_managers: [\"release-managers-{major}-{minor}\"]\n"

// later lets time pass for the capabilities, and wakes what was to be woken.
func (w *world) later(d time.Duration, ids ...string) {
	w.t.Helper()
	w.clock.advance(d)
	repo := demoRepoName(w.t)
	for _, id := range append(ids, "freezes") {
		w.do(w.program.queue.Enqueue(context.Background(), reconcile.Key{Handler: "freeze", Repo: repo, ID: id}))
	}
	repo.Name = "api"
	w.do(w.program.queue.Enqueue(context.Background(), reconcile.Key{Handler: "freeze", Repo: repo, ID: "freezes"}))
	w.settle()
}

// notices are the bot's comments on an issue that hold a text.
func (w *world) notices(n int, text string) int {
	count := 0
	for _, c := range w.gh.Comments(demoRepo, n) {
		if c.Author == "slipway[bot]" && strings.Contains(c.Body, text) {
			count++
		}
	}
	return count
}

// freezeIssue is the newest freeze issue, open or not.
func (w *world) freezeIssue() sandbox.Issue {
	var last sandbox.Issue
	for _, i := range w.gh.Issues(demoRepo) {
		if !i.IsPR && strings.HasPrefix(i.Title, "Code freeze: ") && i.Number > last.Number {
			last = i
		}
	}
	return last
}

func (w *world) pushTo(login string, n int) {
	w.t.Helper()
	w.pushes++
	name := fmt.Sprintf("more-%d", w.pushes)
	_, err := w.gh.As(login).PushToPR(demoRepo, n, map[string]string{name: name}, name)
	w.do(err)
	w.settle()
}

func TestFreezeEndsByItself(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	if answer := w.says("alice", n, "/release freeze release-1.30 for 1h the CVE"); !strings.Contains(answer, "**Done.** `release-1.30` is frozen until 20") {
		t.Errorf("answer: %s", answer)
	}
	w.wantVerdict(n, "failure")
	issue := w.freezeIssue().Number
	if w.notices(issue, "**The freeze has begun.**") != 1 || w.notices(issue, "#1 Change fix") != 1 {
		t.Errorf("the notice: %+v", w.gh.Comments(demoRepo, issue))
	}
	w.later(59 * time.Minute)
	w.wantVerdict(n, "failure")
	w.later(2 * time.Minute)
	w.wantVerdict(n, "success")
	if got := w.freezeIssue(); got.State != "closed" || !strings.Contains(got.Body, "by itself") {
		t.Errorf("the issue is %s: %s", got.State, got.Body)
	}
	if w.notices(issue, "**The freeze is over**, after 1 hour.") != 1 {
		t.Errorf("the summary: %+v", w.gh.Comments(demoRepo, issue))
	}
	w.again()
}

// TestWakesAtItsInstant waits for the true wake-up job.
func TestWakesAtItsInstant(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	w.says("alice", n, "/release freeze release-1.30 for 1s")
	w.until("the freeze has ended and people were told", func() bool {
		return w.freezeIssue().State == "closed" && w.notices(w.freezeIssue().Number, "**The freeze is over**") == 1
	})
	w.wantVerdict(n, "success")
}

func TestSeveralBranches(t *testing.T) {
	w := newWorld(t)
	fix, other := w.openPR("bob", demoBranch, "fix"), w.openPR("bob", "release-1.29", "other")
	if answer := w.says("alice", fix, "/release freeze release-1.30 release-1.29 both"); !strings.Contains(answer, "**Not allowed.**") || !strings.Contains(answer, "`release-managers-1-29`") {
		t.Errorf("answer: %s", answer)
	}
	if answer := w.says("alice", fix, "/release freeze all"); !strings.Contains(answer, "**Not allowed.**") {
		t.Errorf("answer: %s", answer)
	}
	w.do(w.gh.AddTeamMember("istio", "release-managers-1-29", "alice", "active"))
	if answer := w.says("alice", fix, "/release freeze all preview"); !strings.Contains(answer, "would hold back 2 open pull requests") {
		t.Errorf("answer: %s", answer)
	}
	w.wantVerdict(fix, "success")
	if answer := w.says("alice", fix, "/release freeze all both"); !strings.Contains(answer, "All governed branches (those cut later, too) are frozen until it is thawed.") {
		t.Errorf("answer: %s", answer)
	}
	w.wantVerdict(fix, "failure")
	w.wantVerdict(other, "failure")
	if n := len(w.freezes()); n != 1 {
		t.Errorf("%d freeze issues", n)
	}
	w.says("alice", fix, "/release thaw release-1.30")
	w.wantVerdict(fix, "success")
	w.wantVerdict(other, "failure")
	if issue := w.freezeIssue(); issue.State != "open" || w.notices(issue.Number, "**`release-1.30` is thawed** by `alice`") != 1 {
		t.Errorf("%s: %+v", issue.State, w.gh.Comments(demoRepo, issue.Number))
	}
	w.again()
	w.wantAnswer("dave", other, "/release thaw release-1.29", "goes on for the others, also for those cut later. End all of it with `/release thaw all`.")
	w.wantVerdict(other, "success")
	w.again()
	w.wantAnswer("dave", other, "/release thaw all", "**Not allowed.**")
	w.wantAnswer("alice", fix, "/release thaw all", "are thawed")
	if got := w.freezeIssue(); got.State != "closed" {
		t.Errorf("the issue is %s", got.State)
	}
	w.again()
}

func TestOverlappingFreezes(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	w.says("alice", n, "/release freeze release-1.30 for 1h first")
	w.says("alice", n, "/release freeze release-1.30 for 3h second")
	if got := len(w.freezes()); got != 2 {
		t.Fatalf("%d freezes", got)
	}
	w.later(2 * time.Hour)
	w.wantVerdict(n, "failure")
	if got := len(w.freezes()); got != 1 {
		t.Errorf("%d freezes after the first has ended", got)
	}
	w.says("alice", n, "/release thaw release-1.30")
	w.wantVerdict(n, "success")
	w.again()
}

// TestClosedByHand: a release manager's closing thaws, anyone else's is undone,
// also if Slipway was away and its database is lost.
func TestClosedByHand(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	w.says("alice", n, "/release freeze release-1.30")
	issue := w.freezeIssue().Number
	w.do(w.gh.As("bob").Close(demoRepo, issue))
	w.settle()
	w.wantVerdict(n, "failure")
	if got := w.freezeIssue(); got.State != "open" || w.notices(issue, "`bob` is not a release manager") != 1 {
		t.Errorf("%s: %+v", got.State, w.gh.Comments(demoRepo, issue))
	}
	w.again()

	w.stop()
	w.do(w.gh.As("bob").Close(demoRepo, issue))
	w.newDatabase()
	w.start()
	w.wantVerdict(n, "failure")
	if got := w.freezeIssue(); got.State != "open" {
		t.Errorf("the issue is %s", got.State)
	}
	w.do(w.gh.As("alice").Close(demoRepo, issue))
	w.settle()
	w.wantVerdict(n, "success")
	if got := w.freezeIssue(); got.State != "closed" || !strings.Contains(got.Body, "`alice`, who closed this issue") || w.notices(issue, "**The freeze is over**") != 1 {
		t.Errorf("%s: %s", got.State, got.Body)
	}
	w.again()
	// Opened again by hand it is over all the same: what is meant is a command.
	w.do(w.gh.As("alice").Reopen(demoRepo, issue))
	w.settle()
	w.wantVerdict(n, "success")
}

func TestExemption(t *testing.T) {
	w := newWorld(t)
	fix, other := w.openPR("bob", demoBranch, "fix"), w.openPR("carol", demoBranch, "other")
	if answer := w.says("alice", fix, "/release exempt early"); !strings.Contains(answer, "is not frozen") {
		t.Errorf("answer: %s", answer)
	}
	w.says("alice", fix, "/release freeze release-1.30")
	if answer := w.says("bob", fix, "/release exempt mine"); !strings.Contains(answer, "**Not allowed.**") {
		t.Errorf("answer: %s", answer)
	}
	w.wantVerdict(fix, "failure")
	if answer := w.says("alice", fix, "/release exempt for 1h fixes the blocker"); !strings.Contains(answer, "**Done.** The commit") {
		t.Errorf("answer: %s", answer)
	}
	w.wantVerdict(fix, "success")
	w.wantVerdict(other, "failure")
	if body := w.freezeIssue().Body; !strings.Contains(body, "| #1 | ") || !strings.Contains(body, "fixes the blocker") {
		t.Errorf("the issue says %s", body)
	}
	w.again()
	w.stop()
	w.newDatabase()
	w.start()
	w.wantVerdict(fix, "success") // GitHub is the record

	w.pushTo("bob", fix)
	w.wantVerdict(fix, "failure")
	w.says("alice", fix, "/release exempt for 1h still fixes it")
	w.wantVerdict(fix, "success")
	w.later(2*time.Hour, "pr/1")
	w.wantVerdict(fix, "failure")
	w.wantVerdict(other, "failure")
	w.again()
	w.says("alice", fix, "/release thaw release-1.30")
	if issue := w.freezeIssue().Number; w.notices(issue, "Exemptions that were given") != 1 {
		t.Errorf("the summary: %+v", w.gh.Comments(demoRepo, issue))
	}
}

func TestExceptionsOfThePolicy(t *testing.T) {
	w := newWorld(t)
	w.policy(basePolicy + "freeze:\n  exceptions:\n    labels: [freeze-exempt]\n    paths: [\"docs/**\"]\n")
	fix := w.openPR("bob", demoBranch, "fix")
	docs, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: demoBranch, Head: "docs", Files: map[string]string{"docs/a.md": "a"}})
	w.do(err)
	w.settle()
	w.says("alice", fix, "/release freeze release-1.30")
	w.wantVerdict(fix, "failure")
	w.wantVerdict(docs.Number, "success")
	w.again()
	_, err = w.gh.As("bob").PushToPR(demoRepo, docs.Number, map[string]string{"main.go": "package main\n"}, "More")
	w.do(err)
	w.settle()
	w.wantVerdict(docs.Number, "failure")

	w.do(w.gh.As("bob").AddLabel(demoRepo, fix, "freeze-exempt"))
	w.settle()
	w.wantVerdict(fix, "failure")
	if labels := w.gh.PR(demoRepo, fix).Labels; len(labels) != 0 || w.notices(fix, "`bob` is not one of them, and it was taken away") != 1 {
		t.Errorf("labels %v, %+v", labels, w.gh.Comments(demoRepo, fix))
	}
	w.again()
	w.do(w.gh.As("alice").AddLabel(demoRepo, fix, "freeze-exempt"))
	w.settle()
	w.wantVerdict(fix, "success")
	w.again()
	w.do(w.gh.As("bob").RemoveLabel(demoRepo, fix, "freeze-exempt"))
	w.settle()
	w.wantVerdict(fix, "failure")
}

func TestWindow(t *testing.T) {
	w := newWorld(t)
	fix, other := w.openPR("bob", demoBranch, "fix"), w.openPR("bob", "release-1.29", "other")
	now := w.clock.Now().UTC()
	window := func(start, end time.Duration) string {
		return basePolicy + fmt.Sprintf("freeze:\n  windows:\n    - {name: 1.30 freeze, branches: [release-1.30], start: %q, end: %q, reason: the release}\n",
			now.Add(start).Format(time.RFC3339), now.Add(end).Format(time.RFC3339))
	}
	w.policy(window(time.Hour, 3*time.Hour))
	w.wantVerdict(fix, "success")
	if len(w.freezes()) != 0 {
		t.Error("frozen before the window begins")
	}
	w.later(90 * time.Minute)
	w.wantVerdict(fix, "failure")
	w.wantVerdict(other, "success")
	w.until("the window's issue is there and people were told", func() bool {
		return len(w.freezes()) == 1 && w.notices(w.freezeIssue().Number, "**The freeze has begun.**") == 1
	})
	for _, repo := range []string{"istio/.github"} { // it has no such branch
		if n := len(w.gh.Issues(repo)); n != 0 {
			t.Errorf("%s has %d issues", repo, n)
		}
	}
	w.again()
	if answer := w.says("alice", fix, "/release exempt for 2h the fix"); !strings.Contains(answer, "**Done.**") {
		t.Errorf("answer: %s", answer)
	}
	w.wantVerdict(fix, "success")
	w.policy(window(time.Hour, 5*time.Hour)) // while it holds
	w.later(2 * time.Hour)                   // past the end as it was
	w.later(0, "pr/1")
	w.wantVerdict(fix, "failure")
	if answer := w.says("alice", fix, "/release thaw release-1.30"); !strings.Contains(answer, "**Done.** `release-1.30` is thawed") {
		t.Errorf("answer: %s", answer)
	}
	w.wantVerdict(fix, "success")
	w.later(2 * time.Hour)
	if got := w.freezeIssue(); got.State != "closed" {
		t.Errorf("the window is over, its issue %s", got.State)
	}
	w.again()
}

func TestMergeQueue(t *testing.T) {
	w := newWorld(t)
	fix, other := w.openPR("bob", demoBranch, "fix"), w.openPR("carol", demoBranch, "other")
	queue := func(numbers ...int) string {
		t.Helper()
		sha, err := w.gh.As("bob").EnqueueMergeGroup(demoRepo, demoBranch, numbers...)
		w.do(err)
		w.settle()
		run, _ := w.gh.CheckRun(demoRepo, sha, "slipway/freeze")
		return run.Conclusion
	}
	if got := queue(fix, other); got != "success" {
		t.Errorf("open branch: %q", got)
	}
	w.says("alice", fix, "/release freeze release-1.30")
	w.says("alice", fix, "/release exempt the fix")
	if got := queue(fix); got != "success" {
		t.Errorf("an exempt pull request: %q", got)
	}
	if got := queue(fix, other); got != "failure" {
		t.Errorf("with one that isn't: %q", got)
	}
	w.again()
}

func TestHelp(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	if answer := w.says("mallory", n, "/release help"); strings.Contains(answer, "freeze <branch") || !strings.Contains(answer, "`release-managers-1-30`") {
		t.Errorf("to a stranger: %s", answer)
	}
	if answer := w.says("alice", n, "/release help"); !strings.Contains(answer, "You are a release manager of `release-1.30`") || !strings.Contains(answer, "/release exempt") {
		t.Errorf("to a manager: %s", answer)
	}
}

func TestMergeBlocker(t *testing.T) {
	w := newWorld(t)
	w.policy(basePolicy + "freeze:\n  merge_blocker: true\n")
	n := w.openPR("bob", demoBranch, "fix")
	w.says("alice", n, "/release freeze release-1.30")
	got := w.freezeIssue()
	if got.Title != "Code freeze: release-1.30 branch:release-1.30" || strings.Join(got.Labels, " ") != "code-freeze tide/merge-blocker" {
		t.Errorf("%s %v", got.Title, got.Labels)
	}
	w.do(w.gh.As("bob").RemoveLabel(demoRepo, got.Number, "tide/merge-blocker"))
	w.settle()
	if labels := w.freezeIssue().Labels; len(labels) != 2 {
		t.Errorf("labels %v", labels)
	}
	w.again()
}

func TestBranchesWithSlashes(t *testing.T) {
	w := newWorld(t)
	w.do(w.gh.CreateBranch(demoRepo, "release/1.31", "master"))
	w.policy("branches: [\"release/*\"]\nrelease_managers: [release-managers-1-30]\n")
	n := w.openPR("bob", "release/1.31", "fix")
	w.says("alice", n, "/release freeze release/1.31")
	w.wantVerdict(n, "failure")
	w.says("alice", n, "/release thaw all")
	w.wantVerdict(n, "success")
	w.again()
}
