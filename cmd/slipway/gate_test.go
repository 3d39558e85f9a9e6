package main

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// The experts of the gate's conversations: erin owns everything but security/,
// which is sam's.
const gateOwners = "* @istio/wg-networking\n/security/ @istio/wg-security\n/odd/ @istio/wg-gone\n/none/\n"

const gatePolicy = basePolicy + "releasebranch:\n  codeowners: true\n  tests: [\"**/*_test.go\"]\n"

const caFile = "security/ca.go"

// gateWorld is a world with experts.
func gateWorld(t *testing.T, section string) *world {
	t.Helper()
	w := newWorld(t)
	w.do(w.gh.CreateTeam("istio", "wg-security", "sam"))
	w.do(w.gh.AddTeamRepo("istio", "wg-security", demoRepo, "push"))
	_, err := w.gh.As("alice").Push(demoRepo, "master", map[string]string{"CODEOWNERS": gateOwners}, "Owners")
	w.do(err)
	w.policy(gatePolicy + section)
	return w
}

// gate is the check slipway/release-branch of a pull request.
func (w *world) gate(n int) sandbox.CheckRun {
	w.t.Helper()
	run, _ := w.gh.CheckRun(demoRepo, w.gh.PR(demoRepo, n).HeadSHA, "slipway/release-branch")
	return run
}

func (w *world) wantGate(n int, conclusion, title string, parts ...string) {
	w.t.Helper()
	run := w.gate(n)
	if run.Conclusion != conclusion || run.Title != title {
		w.t.Errorf("#%d: the gate says %q (%s), want %q (%s)\n%s\n%s", n, run.Conclusion, run.Title, conclusion, title, run.Summary, w.log)
	}
	for _, p := range parts {
		if !strings.Contains(run.Summary, p) {
			w.t.Errorf("#%d: the gate's text lacks %q:\n%s", n, p, run.Summary)
		}
	}
}

func (w *world) review(login string, n int, state string) int64 {
	w.t.Helper()
	id, err := w.gh.As(login).Review(demoRepo, n, state, "said by "+login)
	w.do(err)
	w.settle()
	return id
}

// source is a merged change to a file, approved by somebody unless that is "".
func (w *world) source(name string, files map[string]string, approver string) int {
	w.t.Helper()
	n := w.sourcePR("bob", name, "Fix "+name, files)
	if approver != "" {
		w.review(approver, n, "APPROVE")
	}
	w.merge("bob", n, "squash")
	return n
}

// TestGateFaithfulPick: a faithful pick rests on the approval of its source.
func TestGateFaithfulPick(t *testing.T) {
	w := gateWorld(t, "")
	n := w.source("leak", map[string]string{caFile: "package security\n"}, "sam")
	w.says("carol", n, "/cherry-pick release-1.30")
	pick := w.onePick(n, demoBranch)
	w.wantGate(pick.Number, "success", "Faithful cherry-pick of #"+itoa(n), "An exact cherry-pick of #"+itoa(n), "Rests on the approval of `sam`", "Slipway made this cherry-pick")
	w.again()

	n = w.source("other", map[string]string{caFile: "package security\n\nfunc A() {}\n"}, "erin") // not security's
	w.says("carol", n, "/cherry-pick release-1.30 release-1.29")
	pick = w.onePick(n, "release-1.29")
	w.wantGate(pick.Number, "failure", "The conflict is not resolved") // there is no ca.go on 1.29
	w.again()
}

// TestGateAdaptedPick is a pick that was resolved by hand, and whose difference
// an expert has to approve.
func TestGateAdaptedPick(t *testing.T) {
	w := gateWorld(t, "")
	long := "package xds\n\n// Push sends three.\nfunc Push() { three() }\n\n// Ack takes an answer.\nfunc Ack() {\n\tone()\n\ttwo()\n\tthree()\n}\n"
	needed := w.source("needed", map[string]string{adsFile: "package xds\n\n// Push sends two.\nfunc Push() { two() }\n"}, "erin")
	n := w.source("leak", map[string]string{adsFile: long}, "erin")
	w.says("bob", n, "/cherry-pick release-1.30")
	pick := w.onePick(n, demoBranch)
	w.wantGate(pick.Number, "failure", "The conflict is not resolved", "### The conflict is not resolved")
	// The resolution holds both. What our draft lists as lacking is no claim: bob has to make it.
	w.do2(w.gh.As("bob").PushToPR(demoRepo, pick.Number, map[string]string{adsFile: strings.Replace(long, "sends three", "sends me", 1)}, "Resolve"))
	w.wantGate(pick.Number, "failure", "Waits for the experts of wg-networking", "### How it differs from #"+itoa(n)+"\n")
	of := "#" + itoa(needed) + ", #" + itoa(n)
	w.do2(w.gh.As("bob").PushToPR(demoRepo, pick.Number, map[string]string{adsFile: strings.Replace(long, "sends three", "sends it", 1)}, "Resolve\n\nCherry-pick of #"+itoa(needed)))
	w.wantGate(pick.Number, "failure", "Waits for the experts of wg-networking", "that was adapted: 1 line beyond its sources", "### How it differs from "+of)
	if got := w.gh.PR(demoRepo, pick.Number); len(got.RequestedTeams) != 0 {
		t.Errorf("a draft asks %v", got.RequestedTeams)
	}
	w.do(w.gh.As("bob").SetDraft(demoRepo, pick.Number, false))
	w.settle()
	if got := w.gh.PR(demoRepo, pick.Number); !slices.Equal(got.RequestedTeams, []string{"wg-networking"}) {
		t.Errorf("asked are %v\n%s", got.RequestedTeams, w.log)
	}
	w.again()
	w.review("bob", pick.Number, "COMMENT")
	w.review("erin", pick.Number, "APPROVE")
	w.wantGate(pick.Number, "success", "Adapted cherry-pick of "+of+", approved", "Approved by `erin`")
	w.again()
}

// TestGateApprovalIsBoundToContent: a push revokes an approval only where that
// area's files change.
func TestGateApprovalIsBoundToContent(t *testing.T) {
	w := gateWorld(t, "  hand_made: {experts_over: 0}\n")
	pr, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: demoBranch, Head: "fix", Title: "By hand", Files: map[string]string{"pilot/a.go": "package a\n"}})
	w.do(err)
	w.settle()
	w.wantGate(pr.Number, "failure", "Waits for the experts of wg-networking", "No cherry-pick")
	w.review("erin", pr.Number, "APPROVE")
	w.wantGate(pr.Number, "success", "No cherry-pick, approved")

	w.do2(w.gh.As("bob").PushToPR(demoRepo, pr.Number, map[string]string{caFile: "package security\n"}, "More"))
	w.wantGate(pr.Number, "failure", "Waits for the experts of wg-security", "Approved by `erin`")
	w.review("sam", pr.Number, "APPROVE")
	w.wantGate(pr.Number, "success", "No cherry-pick, approved")

	// The branch moves, and is merged into the pull request's.
	_, err = w.gh.As("alice").Push(demoRepo, demoBranch, map[string]string{"pilot/b.go": "package b\n"}, "Another change")
	w.do(err)
	w.settle()
	w.do(w.gh.As("erin").UpdateBranch(demoRepo, pr.Number))
	w.settle()
	w.wantGate(pr.Number, "success", "No cherry-pick, approved", "Approved by `erin`", "Approved by `sam`")
	w.again()

	w.do2(w.gh.As("bob").PushToPR(demoRepo, pr.Number, map[string]string{"pilot/a.go": "package a\n\nfunc Evil() {}\n"}, "Later"))
	w.wantGate(pr.Number, "failure", "Waits for the experts of wg-networking", "`erin` approved it before `pilot/a.go` was changed", "Approved by `sam`")
	w.again()
}

// TestGateHandMade: what is no pick needs a release manager, or an override.
func TestGateHandMade(t *testing.T) {
	w := gateWorld(t, "")
	n := w.openPR("bob", demoBranch, "fix")
	w.wantGate(n, "failure", "Waits for a release manager's approval", "nothing on `master` accounts for it", "the members of `release-managers-1-30`")
	w.review("dave", n, "APPROVE") // manages 1.29
	w.wantGate(n, "failure", "Waits for a release manager's approval")
	id := w.review("alice", n, "APPROVE")
	w.wantGate(n, "success", "No cherry-pick, approved", "Approved by `alice`")
	w.do(w.gh.As("dave").DismissReview(demoRepo, n, id))
	w.settle()
	w.wantGate(n, "failure", "Waits for a release manager's approval")
	id = w.review("erin", n, "REQUEST_CHANGES")
	w.review("alice", n, "APPROVE")
	w.wantGate(n, "failure", "Changes were requested by erin", "| Changes requested | ❌ | `erin` [requested changes]")
	w.do(w.gh.As("bob").DismissReview(demoRepo, n, id)) // who may push, and no more
	w.settle()
	w.wantGate(n, "failure", "Changes were requested by erin", "`bob` dismissed that")
	id = w.review("erin", n, "REQUEST_CHANGES")
	w.do(w.gh.As("alice").DismissReview(demoRepo, n, id))
	w.settle()
	w.wantGate(n, "success", "No cherry-pick, approved")
	w.review("alice", n, "REQUEST_CHANGES")
	w.wantGate(n, "failure", "Waits for a release manager's approval", "| Changes requested | ❌ | `alice` [requested changes]")

	if answer := w.says("bob", n, "/release override release-branch I want it"); !strings.Contains(answer, "release-managers-1-30") {
		t.Errorf("answer: %s", answer)
	}
	w.wantGate(n, "failure", "Waits for a release manager's approval")
	if answer := w.says("alice", n, "/release override release-branch agreed with @all, see the thread"); !strings.Contains(answer, "may merge past `slipway/release-branch`") {
		t.Errorf("answer: %s", answer)
	}
	w.wantGate(n, "success", "Overridden by alice", "agreed with @\u200ball")
	w.again()
	w.do2(w.gh.As("bob").PushToPR(demoRepo, n, map[string]string{"more.go": "package main\n"}, "More"))
	w.wantGate(n, "failure", "Waits for a release manager's approval")
	w.says("alice", n, "/release override slipway/release-branch fine")
	w.wantGate(n, "success", "Overridden by alice")
	granted := w.overrides(n)
	w.says("alice", n, "/release override revoke release-branch")
	w.wantGate(n, "failure", "Waits for a release manager's approval")
	w.do(w.gh.As("bob").EditComment(demoRepo, granted.ID, granted.Body)) // he puts it back
	w.settle()
	w.wantGate(n, "failure", "Waits for a release manager's approval")
	w.again()

	w.stop()
	w.newDatabase()
	w.start()
	w.wantGate(n, "failure", "Waits for a release manager's approval")
	w.again()
}

// overrides is our comment about the overrides on a pull request.
func (w *world) overrides(n int) sandbox.Comment {
	w.t.Helper()
	var ours sandbox.Comment
	for _, c := range w.gh.Comments(demoRepo, n) {
		if strings.Contains(c.Body, "slipway:overrides") {
			ours = c
		}
	}
	return ours
}

// TestGateOverrideIsNotToBeWritten: people can edit our comment, and it grants
// nothing then.
func TestGateOverrideIsNotToBeWritten(t *testing.T) {
	w := gateWorld(t, "")
	n := w.openPR("bob", demoBranch, "fix")
	w.says("alice", n, "/release override release-branch fine")
	w.wantGate(n, "success", "Overridden by alice")
	ours := w.overrides(n)
	w.do2(w.gh.As("bob").PushToPR(demoRepo, n, map[string]string{"more.go": "package main\n"}, "More"))
	head := w.gh.PR(demoRepo, n).HeadSHA
	w.do(w.gh.As("bob").EditComment(demoRepo, ours.ID, regexp.MustCompile(`"commit":"[0-9a-f]+"`).ReplaceAllString(ours.Body, `"commit":"`+head+`"`)))
	w.settle()
	w.wantGate(n, "failure", "Waits for a release manager's approval")
	w.again()
}

// TestGateManualPick: a pick that a person made, found by what it says and by what
// it is.
func TestGateManualPick(t *testing.T) {
	w := gateWorld(t, "")
	fix := map[string]string{"pilot/fix.go": "package pilot\n\n// Fix mends it.\nfunc Fix() {}\n"}
	n := w.source("fix", fix, "erin")
	open := func(head, title, body string) int {
		pr, err := w.gh.As("carol").OpenPR(demoRepo, sandbox.PROptions{Base: demoBranch, Head: head, Title: title, Body: body, Files: fix})
		w.do(err)
		w.settle()
		return pr.Number
	}
	for head, tt := range map[string]struct{ title, body, found string }{
		"a": {"[release-1.30] Manual cherrypick of #" + itoa(n), "", "it is named"},
		"b": {"Fix fix", "Text.", "it has the same title"},
		"c": {"Something", "", "it has the same patch"},
	} {
		pick := open(head, tt.title, tt.body)
		w.wantGate(pick, "success", "Faithful cherry-pick of #"+itoa(n), tt.found, "Rests on the approval of `erin`")
	}
	issue, err := w.gh.As("dave").OpenIssue(demoRepo, "[release-1.30] Fix fix", "Manual cherrypick required.\n\n#"+itoa(n)+" failed to apply on top of branch \"release-1.30\".")
	w.do(err)
	w.settle()
	pick := open("d", "manual cherry pick for issue "+itoa(issue), "See #"+itoa(issue))
	w.wantGate(pick, "success", "Faithful cherry-pick of #"+itoa(n), "the issue about the failed cherry-pick names it")
	w.again()

	// What isn't merged is no source.
	later := w.sourcePR("bob", "later", "Later", map[string]string{"pilot/later.go": "package pilot\n"})
	pr, err := w.gh.As("carol").OpenPR(demoRepo, sandbox.PROptions{Base: demoBranch, Head: "e", Title: "Pick of #" + itoa(later), Files: map[string]string{"pilot/later.go": "package pilot\n"}})
	w.do(err)
	w.settle()
	w.wantGate(pr.Number, "failure", "Waits for a release manager's approval", "#"+itoa(later)+", which is named, doesn't count: it isn't merged yet.")
	w.again()
}

// TestGateMovedBase: a pull request is judged anew when its base is edited.
func TestGateMovedBase(t *testing.T) {
	w := gateWorld(t, "")
	n := w.openPR("bob", demoBranch, "fix")
	w.do(w.gh.As("bob").EditBase(demoRepo, n, "master"))
	w.settle()
	w.wantGate(n, "neutral", "master is not governed")
	w.do(w.gh.As("bob").EditBase(demoRepo, n, demoBranch))
	w.settle()
	w.wantGate(n, "failure", "Waits for a release manager's approval")
	w.again()

	// An override is for a branch, whoever manages the other.
	w.says("alice", n, "/release override release-branch fine")
	w.wantGate(n, "success", "Overridden by alice")
	w.do(w.gh.As("bob").EditBase(demoRepo, n, "release-1.29"))
	w.settle()
	w.wantGate(n, "failure", "Waits for a release manager's approval")
	w.again()
}

// TestGateFailsClosed: what can't be found out lets nothing pass, and is named.
func TestGateFailsClosed(t *testing.T) {
	w := gateWorld(t, "")
	for path, want := range map[string][2]string{
		"odd/x.go":  {"Waits for the experts of wg-gone", "GitHub shows no team `wg-gone`."},
		"none/x.go": {"Files without an owner", "line 4 of `CODEOWNERS`"},
	} {
		n := w.source(strings.ReplaceAll(path, "/", "-"), map[string]string{path: "package x\n"}, "erin")
		w.says("carol", n, "/cherry-pick release-1.30")
		w.wantGate(w.onePick(n, demoBranch).Number, "failure", want[0], want[1])
	}
	n := w.source("leak", map[string]string{caFile: "package security\n"}, "sam")
	w.gh.Fault(sandbox.Fault{Method: http.MethodGet, Path: regexp.MustCompile("/teams/wg-security/members"), Times: 1, Status: http.StatusBadGateway})
	w.says("carol", n, "/cherry-pick release-1.30")
	pick := w.onePick(n, demoBranch)
	w.wantGate(pick.Number, "failure", "Not all can be found out", "The members of `wg-security` couldn't be read")
	w.do(w.program.queue.Enqueue(t.Context(), reconcile.Key{Handler: "releasebranch", Repo: demoRepoName(t), ID: "pr/" + itoa(pick.Number)}))
	w.settle()
	w.wantGate(pick.Number, "success", "Faithful cherry-pick of #"+itoa(n))
	w.again()
	_, err := w.gh.As("alice").Push(demoRepo, "master", map[string]string{"CODEOWNERS": "/security/ not-an-owner\n"}, "Break it")
	w.do(err)
	w.settle()
	w.wantGate(pick.Number, "failure", "Files without an owner", "line 1 of `CODEOWNERS` has a fault")
	w.again()
}

// TestGateMergeGroup: each pull request that a queue would merge is judged.
func TestGateMergeGroup(t *testing.T) {
	w := gateWorld(t, "")
	n := w.source("leak", map[string]string{caFile: "package security\n"}, "sam")
	w.says("carol", n, "/cherry-pick release-1.30")
	pick, hand := w.onePick(n, demoBranch), w.openPR("bob", demoBranch, "fix")
	for _, tt := range []struct {
		members    []int
		conclusion string
	}{{[]int{pick.Number}, "success"}, {[]int{pick.Number, hand}, "failure"}} {
		sha, err := w.gh.As("bob").EnqueueMergeGroup(demoRepo, demoBranch, tt.members...)
		w.do(err)
		w.settle()
		if run, _ := w.gh.CheckRun(demoRepo, sha, "slipway/release-branch"); run.Conclusion != tt.conclusion {
			t.Errorf("%v: the group's check says %q: %s\n%s", tt.members, run.Conclusion, run.Title, run.Summary)
		}
	}
	w.again()
}

// TestRerunSeesALostReview: a review's event never came, and who runs the check again
// is told of the review at once.
func TestRerunSeesALostReview(t *testing.T) {
	w := gateWorld(t, "")
	n := w.openPR("bob", demoBranch, "fix")
	w.wantGate(n, "failure", "Waits for a release manager's approval")
	for _, r := range []struct{ state, conclusion, title string }{
		{"APPROVE", "success", "No cherry-pick, approved"}, {"REQUEST_CHANGES", "failure", "Waits for a release manager's approval"},
	} {
		w.gh.FaultHooks(sandbox.HookFault{Drop: true})
		w.review("alice", n, r.state)
		w.gh.ClearHookFaults()
		w.do(w.gh.As("bob").Rerequest(demoRepo, w.gate(n).ID))
		w.settle()
		w.wantGate(n, r.conclusion, r.title)
	}
}
