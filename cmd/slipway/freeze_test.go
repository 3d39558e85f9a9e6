package main

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

func TestFreezeAndThaw(t *testing.T) {
	w := newWorld(t)
	fix, other := w.openPR("bob", demoBranch, "fix"), w.openPR("bob", "release-1.29", "other")
	w.wantVerdict(fix, "success")
	w.wantVerdict(other, "success")

	answer := w.says("alice", fix, "/release freeze release-1.30 the CVE, @istio/everyone <b>now</b>\n\nThank you!")
	if !strings.Contains(answer, "**Done.** `release-1.30` is frozen") {
		t.Errorf("answer: %s", answer)
	}
	run, _ := w.gh.CheckRun(demoRepo, w.gh.PR(demoRepo, fix).HeadSHA, "slipway/freeze")
	for _, text := range []string{run.Summary, w.freezes()[0].Body} {
		if people := readable(text); !strings.Contains(people, "the CVE, @\u200bistio/everyone &lt;b&gt;now&lt;/b&gt;") {
			t.Errorf("the reason is not inert: %s", text)
		}
	}
	w.wantVerdict(fix, "failure")
	w.wantVerdict(other, "success")
	w.again()

	if answer := w.says("alice", fix, "/release freeze release-1.30 once more"); !strings.Contains(answer, "**Nothing to do.**") {
		t.Errorf("answer: %s", answer)
	}
	if n := len(w.freezes()); n != 1 {
		t.Errorf("%d freeze issues", n)
	}
	late := w.openPR("carol", demoBranch, "late")
	w.wantVerdict(late, "failure")
	_, err := w.gh.As("carol").PushToPR(demoRepo, late, map[string]string{"more.go": "package main\n"}, "More")
	w.do(err)
	w.settle()
	w.wantVerdict(late, "failure") // on the new commit

	if answer := w.says("alice", fix, "/release thaw release-1.30"); !strings.Contains(answer, "**Done.** `release-1.30` is thawed") {
		t.Errorf("answer: %s", answer)
	}
	w.wantVerdict(fix, "success")
	w.wantVerdict(late, "success")
	if answer := w.says("alice", fix, "/release thaw release-1.30"); !strings.Contains(answer, "is not frozen") {
		t.Errorf("answer: %s", answer)
	}
	w.again()
}

func TestWhoMayFreeze(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	for _, login := range []string{"mallory", "bob", "dave"} { // dave manages 1.29
		answer := w.says(login, n, "/release freeze release-1.30")
		if !strings.Contains(answer, "**Not allowed.**") || !strings.Contains(answer, "`release-managers-1-30`") || !strings.Contains(answer, "`"+login+"`") {
			t.Errorf("answer to %s: %s", login, answer)
		}
	}
	w.wantVerdict(n, "success")
	if len(w.freezes()) != 0 {
		t.Error("frozen by somebody who may not")
	}
	// A membership that wasn't accepted yet is none.
	w.do(w.gh.AddTeamMember("istio", "release-managers-1-30", "carol", "pending"))
	if answer := w.says("carol", n, "/release freeze release-1.30"); !strings.Contains(answer, "**Not allowed.**") {
		t.Errorf("answer to a pending member: %s", answer)
	}
	// A team that isn't there has no members.
	w.do(w.gh.CreateBranch(demoRepo, "release-1.31", "master"))
	answer := w.says("alice", n, "/release freeze release-1.31")
	if !strings.Contains(answer, "**Not allowed.**") || !strings.Contains(answer, "names `release-managers-1-31`, but GitHub shows Slipway no such team") {
		t.Errorf("answer without a team: %s", answer)
	}
}

func TestBadCalls(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	w.gh.ResetRequests()
	for text, want := range map[string]string{
		"/release freeze":                  "which branch?",
		"/release freeze --force":          "is not a branch name",
		"/release freeze refs/heads/x":     "give the short name",
		"/release freeze a..b":             "is not a branch name",
		"/release freeze master":           "Not allowed", // nobody manages a branch without numbers
		"/release frezee release-1.30":     "Did you mean `/release freeze",
		"/release freeze release-1.30\n\n": "Done",
	} {
		if answer := w.says("alice", n, text); !strings.Contains(answer, want) {
			t.Errorf("%q: %s, want it to say %q", text, answer, want)
		}
	}
	for _, text := range []string{"> /release thaw release-1.30", "`/release thaw release-1.30`", "Do /release thaw release-1.30", "/retest", "/lgtm"} {
		w.gh.ResetRequests()
		if answer := w.says("alice", n, text); answer != "" {
			t.Errorf("%q was answered: %s", text, answer)
		}
		if got := w.gh.RequestCount(); got != 0 {
			t.Errorf("%q cost %d requests", text, got)
		}
	}
	w.wantVerdict(n, "failure")
}

func TestSeveralCommandsOneReply(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	answer := w.says("alice", n, "/release freeze release-1.30 first\n/release freeze release-1.29\n/release thaw release-1.30")
	if strings.Count(answer, "**Done.**") != 2 || strings.Count(answer, "**Not allowed.**") != 1 {
		t.Errorf("answer: %s", answer)
	}
	w.wantVerdict(n, "success")
}

func TestCommandsFromOtherTexts(t *testing.T) {
	w := newWorld(t)
	pr, err := w.gh.As("alice").OpenPR(demoRepo, sandbox.PROptions{Base: demoBranch, Head: "x", Body: "Urgent.\n\n/release freeze release-1.30 see above", Files: map[string]string{"x": "x"}})
	w.do(err)
	w.settle()
	w.wantVerdict(pr.Number, "failure")
	_, err = w.gh.As("alice").Review(demoRepo, pr.Number, "COMMENT", "/release thaw release-1.30")
	w.do(err)
	w.settle()
	w.wantVerdict(pr.Number, "success")
	id, err := w.gh.As("alice").Comment(demoRepo, pr.Number, "nothing")
	w.do(err)
	w.do(w.gh.As("alice").EditComment(demoRepo, id, "/release freeze release-1.30"))
	w.settle()
	w.wantVerdict(pr.Number, "success") // an edit is no command
}

func TestUngovernedCostsNothing(t *testing.T) {
	w := newWorld(t)
	w.openPR("bob", demoBranch, "warm")
	w.gh.ResetRequests()
	n := w.openPR("carol", "master", "feature")
	_, err := w.gh.As("carol").PushToPR(demoRepo, n, map[string]string{"y": "y"}, "y")
	w.do(err)
	w.settle()
	if got := w.gh.RequestCount(); got != 0 {
		t.Errorf("%d requests: %v", got, w.gh.Requests())
	}
	// Moved onto a governed branch, it is looked at; moved away, its check says
	// that it no longer matters.
	w.says("alice", n, "/release freeze release-1.30")
	w.do(w.gh.As("carol").EditBase(demoRepo, n, demoBranch))
	w.settle()
	w.wantVerdict(n, "failure")
	w.do(w.gh.As("carol").EditBase(demoRepo, n, "master"))
	w.settle()
	w.wantVerdict(n, "neutral")
}

// TestHandEdits changes a freeze issue in every way that write access allows.
// What Slipway wrote last is in force all the time, and put back.
func TestHandEdits(t *testing.T) {
	w := newWorld(t)
	fix, other := w.openPR("bob", demoBranch, "fix"), w.openPR("bob", "release-1.29", "other")
	w.says("alice", fix, "/release freeze release-1.30")
	old := w.freezes()[0]
	w.says("alice", fix, "/release exempt the fix")
	issue := w.freezes()[0]
	for name, body := range map[string]string{
		"another branch":   strings.ReplaceAll(issue.Body, "1.30", "1.28"),
		"no seal":          "<!-- slipway:freeze release-1.28 -->",
		"nothing":          "",
		"a line more":      issue.Body + "\n\nLGTM",
		"an older version": old.Body,
	} {
		w.do(w.gh.As("bob").EditBody(demoRepo, issue.Number, body))
		w.settle()
		w.wantVerdict(fix, "success") // by the exemption
		w.wantVerdict(other, "success")
		now := w.freezes()[0]
		if readable(now.Body) != readable(issue.Body) {
			t.Errorf("%s: not put back: %s", name, now.Body)
		}
	}
	if got := w.notices(issue.Number, "This issue was edited by hand."); got != 5 {
		t.Errorf("%d answers to 5 edits", got)
	}
	w.do(w.gh.As("bob").EditTitle(demoRepo, issue.Number, "Go on"))
	w.do(w.gh.As("bob").RemoveLabel(demoRepo, issue.Number, "code-freeze"))
	w.settle()
	if now := w.freezes(); len(now) != 1 || now[0].Title != issue.Title || len(now[0].Labels) != 1 {
		t.Errorf("title and label: %+v", now)
	}
	w.again()
	// Somebody else's issue that looks like a freeze is none.
	_, err := w.gh.As("bob").OpenIssue(demoRepo, "Code freeze: release-1.29", strings.ReplaceAll(issue.Body, "1.30", "1.29"), "code-freeze")
	w.do(err)
	w.settle()
	w.wantVerdict(other, "success")
}

// TestTornRecord edits a freeze while nobody remembers how it was: all governed
// branches are held back until a release manager says it anew.
func TestTornRecord(t *testing.T) {
	w := newWorld(t)
	fix, other := w.openPR("bob", demoBranch, "fix"), w.openPR("bob", "release-1.29", "other")
	w.says("alice", fix, "/release freeze release-1.30")
	issue := w.freezes()[0]
	w.stop()
	w.do(w.gh.As("bob").EditBody(demoRepo, issue.Number, strings.ReplaceAll(issue.Body, "1.30", "1.28")))
	w.newDatabase()
	w.start()
	for _, n := range []int{fix, other} {
		if got, title := w.verdict(n); got != "failure" || !strings.Contains(title, "changed by hand") {
			t.Errorf("#%d says %s, %q", n, got, title)
		}
	}
	if w.notices(issue.Number, "What is frozen is unknown now") != 1 {
		t.Errorf("the notice: %+v", w.gh.Comments(demoRepo, issue.Number))
	}
	w.again()
	if answer := w.says("alice", fix, "/release freeze release-1.30 sealed anew"); !strings.Contains(answer, "**Done.**") {
		t.Errorf("answer: %s", answer)
	}
	// Nobody knows what the torn record froze besides: saying it anew holds the
	// other branches too, until somebody who may thaw them does.
	w.wantVerdict(fix, "failure")
	w.wantVerdict(other, "failure")
	w.says("dave", other, "/release thaw release-1.29")
	w.wantVerdict(fix, "failure")
	w.wantVerdict(other, "success")
	if n := len(w.freezes()); n != 1 {
		t.Errorf("%d freeze issues", n)
	}
	w.again()
}

func TestPolicyChanges(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	push := func(repo, text string) {
		t.Helper()
		_, err := w.gh.As("alice").Push(repo, "master", map[string]string{".github/slipway.yml": text}, "Policy")
		w.do(err)
		w.settle()
	}
	w.do(w.gh.AddCollaborator("istio/.github", "alice", "write"))
	push("istio/istio", "branchs: [release-*]\n")
	w.wantVerdict(n, "failure")
	if _, title := w.verdict(n); title != "the policy can't be read" {
		t.Errorf("title %q", title)
	}
	if answer := w.says("alice", n, "/release freeze release-1.30"); !strings.Contains(answer, "The policy has faults") {
		t.Errorf("answer: %s", answer)
	}
	push("istio/istio", "branches: [release-1.30]\nrelease_managers: [release-managers-1-29]\n")
	w.wantVerdict(n, "success")
	if answer := w.says("dave", n, "/release freeze release-1.30"); !strings.Contains(answer, "**Done.**") {
		t.Errorf("answer: %s", answer)
	}
	w.wantVerdict(n, "failure")
	push("istio/istio", "branches: [release-1.30]\nrelease_managers: [release-managers-1-29]\nfreeze:\n  label: halt\n")
	w.wantVerdict(n, "failure") // the label is for people
}

func TestOrganisationPolicyReachesEveryRepository(t *testing.T) {
	w := newWorld(t)
	pr, err := w.gh.As("bob").OpenPR("istio/api", sandbox.PROptions{Base: "master", Head: "x", Files: map[string]string{"x": "x"}})
	w.do(err)
	w.settle()
	if runs := w.gh.CheckRuns("istio/api", pr.HeadSHA); len(runs) != 0 {
		t.Errorf("an ungoverned branch has %d checks", len(runs))
	}
	w.do(w.gh.AddCollaborator("istio/.github", "alice", "write"))
	_, err = w.gh.As("alice").Push("istio/.github", "master", map[string]string{".github/slipway.yml": "branches: [master]\n"}, "Govern master")
	w.do(err)
	w.settle()
	if run, ok := w.gh.CheckRun("istio/api", pr.HeadSHA, "slipway/freeze"); !ok || run.Conclusion != "success" {
		t.Errorf("the branch is governed now, its check says %q\n%s", run.Conclusion, w.log)
	}
}

func TestForksAndHostileTitles(t *testing.T) {
	w := newWorld(t)
	pr, err := w.gh.As("mallory").OpenPR(demoRepo, sandbox.PROptions{
		Base: demoBranch, Head: "release-1.30", Fork: true, Files: map[string]string{"x": "x"},
		Title: "`$(rm -rf /)` <!-- slipway:freeze release-1.29 --> @istio/everyone\u202e \x00 /release freeze release-1.30",
		Body:  strings.Repeat("\n/release freeze release-1.30", 5),
	})
	w.do(err)
	w.settle()
	w.wantVerdict(pr.Number, "success")
	if len(w.freezes()) != 0 {
		t.Error("a stranger's title or text froze a branch")
	}
	run, _ := w.gh.CheckRun(demoRepo, pr.HeadSHA, "slipway/freeze")
	w.says("alice", pr.Number, "/release freeze release-1.30")
	w.rerun = true
	w.do(w.gh.As("mallory").Rerequest(demoRepo, run.ID))
	w.settle()
	w.wantVerdict(pr.Number, "failure")
	if fresh, _ := w.gh.CheckRun(demoRepo, pr.HeadSHA, "slipway/freeze"); fresh.ID == run.ID {
		t.Error("GitHub waits for a run that was asked for again")
	}
	w.do(w.gh.DeleteRepo("mallory/istio")) // the pull request's head is gone
	w.says("alice", pr.Number, "/release thaw release-1.30")
	w.wantVerdict(pr.Number, "success")
	w.do(w.gh.DeleteUser("mallory"))
	w.again()
}

func TestStaleAndClosed(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	w.do(w.gh.As("bob").Close(demoRepo, n))
	w.says("alice", n, "/release freeze release-1.30") // on a closed pull request
	w.wantVerdict(n, "success")                        // and its check is let be
	w.do(w.gh.As("bob").Reopen(demoRepo, n))
	w.settle()
	w.wantVerdict(n, "failure")
	w.do(w.gh.As("alice").DeleteBranch(demoRepo, demoBranch))
	w.settle()
	if answer := w.says("alice", n, "/release thaw release-1.30"); !strings.Contains(answer, "**Done.**") {
		t.Errorf("a deleted branch can't be thawed: %s", answer)
	}
	if answer := w.says("alice", n, "/release freeze release-1.30"); !strings.Contains(answer, "There is no branch") {
		t.Errorf("answer: %s", answer)
	}
}

func TestPlanSaysAndWritesNothing(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	w.says("alice", n, "/release freeze release-1.30 the CVE")
	w.gh.ResetRequests()
	ctx, cancel := context.WithTimeout(context.Background(), settleWithin)
	defer cancel()
	out := runProgram(ctx, t, w.env, 0, "plan", "freeze", "istio/istio", fmt.Sprintf("pr/%d", n))
	for _, want := range []string{"why:   #1 against release-1.30: release-1.30 is frozen", "would: check slipway/freeze", "| Reason | the CVE |"} {
		if !strings.Contains(out, want) {
			t.Errorf("plan says\n%s\nwant %q in it", out, want)
		}
	}
	if got := w.writes(); got != 0 {
		t.Errorf("plan wrote %d times", got)
	}
	if out := runProgram(ctx, t, w.env, 0, "plan", "freeze", "istio/istio", "branches"); !strings.Contains(out, "then:  freeze istio/istio pr/1") {
		t.Errorf("plan of all branches: %s", out)
	}
	for _, bad := range [][]string{{"freeze"}, {"thaw istio/istio pr/1"}, {"freeze istio pr/1"}, {"freeze istio/istio pr/x"}, {"freeze istio/istio pr/999"}} {
		if out := runProgram(ctx, t, w.env, 1, append([]string{"plan"}, bad...)...); strings.Count(out, "\n") != 1 {
			t.Errorf("plan %q: %s", bad, out)
		}
	}
}
