package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// signedPolicy has GitHub sign the commits of picks.
const signedPolicy = basePolicy + "cherrypick: {sign_commits: github}\n"

// slipwayAddress is how commits name the App's account.
func (w *world) slipwayAddress() string {
	return itoa(int(w.gh.App().BotID)) + "+slipway[bot]@users.noreply."
}

// wantSigned holds the commits of a pick, from its head to its branch, to what GitHub makes
// for an App.
func (w *world) wantSigned(pick sandbox.PR, commits int) (head sandbox.Commit) {
	w.t.Helper()
	head = w.gh.CommitAt(demoRepo, pick.HeadSHA)
	one := head
	for range commits {
		if !one.Verified || one.Committer != "noreply@github.com" || !strings.HasPrefix(one.Author, w.slipwayAddress()) {
			w.t.Errorf("%+v", one)
		}
		for _, line := range []string{"(cherry picked from commit ", "Co-authored-by: bob <", "Cherry-picked-onto: " + pick.Base + "\n"} {
			if !strings.Contains(one.Message+"\n", line) {
				w.t.Errorf("the message lacks %q:\n%s", line, one.Message)
			}
		}
		one = w.gh.CommitAt(demoRepo, one.Parents[0])
	}
	if at := w.gh.Branch(demoRepo, pick.Base); one.SHA != at {
		w.t.Errorf("it is onto %s, and the branch at %s", one.SHA, at)
	}
	w.wantNoThrowaway()
	return head
}

func (w *world) wantNoThrowaway() {
	w.t.Helper()
	if left := w.gh.Refs(demoRepo, "refs/slipway/"); len(left) > 0 {
		w.t.Errorf("left: %v", left)
	}
}

// needSignatures has a rule of the repository demand them of every branch.
func (w *world) needSignatures() {
	w.t.Helper()
	_, err := w.gh.AddRuleset(demoRepo, sandbox.Ruleset{Refs: []string{"refs/heads/*"}, Signatures: true})
	w.do(err)
}

// TestSignedPick: where signatures are required, a pick is refused until the policy has
// GitHub sign it.
func TestSignedPick(t *testing.T) {
	w := newWorld(t)
	n := w.merged("leak", "squash")
	w.needSignatures()
	w.says("bob", n, "/cherry-pick release-1.30")
	w.wantStatus(n, "a rule of this repository demands commits with verified signatures", "`cherrypick: {sign_commits: github}`")
	w.policy(signedPolicy)
	w.says("bob", n, "/cherry-pick release-1.30 release-1.29")
	pick := w.onePick(n, demoBranch)
	w.wantSigned(pick, 1)
	other := w.onePick(n, "release-1.29")
	w.wantSigned(other, 1)
	w.wantStatus(n, "#"+itoa(pick.Number)+" is **open**")
	if got := w.branchCheck(pick.Number); got != "success" {
		t.Errorf("the check says %q", got)
	}
	w.again()
	w.merge("bob", pick.Number, "squash")
	w.wantStatus(n, "**picked**: #"+itoa(pick.Number)+" is merged.")
	w.again()
}

// TestSignedPickOfSeveral: each commit of a rebased range is made, in order.
func TestSignedPickOfSeveral(t *testing.T) {
	w := newWorld(t)
	w.policy(signedPolicy)
	n := w.sourcePR("bob", "leak", "Fix a leak", map[string]string{"leak.go": "package main\n"})
	w.do2(w.gh.As("bob").PushToPR(demoRepo, n, map[string]string{"more.go": "package main\n"}, "More of it"))
	w.merge("bob", n, "rebase")
	w.says("bob", n, "/cherry-pick release-1.30")
	pick := w.onePick(n, demoBranch)
	if head := w.wantSigned(pick, 2); !strings.HasPrefix(head.Message, "More of it\n") {
		t.Errorf("the head is %q", head.Message)
	}
	w.again()
}

// TestSignedPickAfterCrash: whatever didn't arrive, people see one pick.
func TestSignedPickAfterCrash(t *testing.T) {
	for name, at := range map[string]struct {
		method, path string
		skip         int
	}{
		"throwaway ref":         {"POST", "/git-receive-pack$", 0},
		"commit":                {"POST", "/git/commits$", 0},
		"deletion of the ref":   {"DELETE", "/git/refs/slipway/", 0},
		"fetch of what is made": {"POST", "/git-upload-pack$", 2},
		"branch":                {"POST", "/git-receive-pack$", 1},
		"pull request":          {"POST", "/pulls$", 0},
	} {
		for _, drop := range []bool{true, false} {
			t.Run(name+map[bool]string{true: ", before it", false: ", after it"}[drop], func(t *testing.T) {
				w := newWorld(t)
				w.policy(signedPolicy)
				n := w.merged("leak", "squash")
				w.gh.Fault(sandbox.Fault{Method: at.method, Path: regexp.MustCompile(at.path), Skip: at.skip, Times: 1, Drop: drop, DropResponseAfterEffect: !drop})
				w.says("bob", n, "/cherry-pick release-1.30")
				if w.gh.FaultHits() == 0 {
					t.Error("nothing went wrong")
				}
				pick := w.onePick(n, demoBranch)
				w.wantSigned(pick, 1)
				w.wantStatus(n, "#"+itoa(pick.Number)+" is **open**")
				w.again()
			})
		}
	}
}

// TestSignedDraft: a draft with conflicts is known for ours, made anew, and left alone once
// somebody has pushed to it.
func TestSignedDraft(t *testing.T) {
	w := newWorld(t)
	w.policy(basePolicy + "cherrypick: {sign_commits: github, rebuild_drafts: true}\n")
	needed, n := w.clash()
	w.says("bob", n, "/cherry-pick release-1.30")
	pick := w.onePick(n, demoBranch)
	w.wantSigned(pick, 1)
	if got := w.branchCheck(pick.Number); got != "failure" || !pick.Draft {
		t.Errorf("the check says %q of %+v", got, pick)
	}
	w.wantStatus(n, "**conflict.**")
	w.again()
	w.do2(w.gh.As("bob").Push(demoRepo, demoBranch, map[string]string{"other.go": "package main\n"}, "Something else"))
	if got := w.onePick(n, demoBranch); got.HeadSHA != pick.HeadSHA {
		t.Error("a push that changes nothing of it made it anew")
	}
	w.says("bob", needed, "/cherry-pick release-1.30")
	w.merge("bob", w.onePick(needed, demoBranch).Number, "squash")
	again := w.onePick(n, demoBranch)
	if again.HeadSHA == pick.HeadSHA || strings.Contains(again.Body, "It has conflicts") {
		t.Errorf("%+v", again)
	}
	w.wantSigned(again, 1)
	if got := w.branchCheck(pick.Number); got != "success" {
		t.Errorf("the check says %q", got)
	}
	w.again()
	w.do2(w.gh.As("bob").PushToPR(demoRepo, pick.Number, map[string]string{"x.go": "package main\n"}, "More"))
	w.says("bob", n, "/cherry-pick release-1.30")
	if got := w.gh.CommitAt(demoRepo, w.onePick(n, demoBranch).HeadSHA); got.Message != "More" {
		t.Errorf("bob's push was overwritten by %+v", got)
	}
	w.again()
}

// TestSignedApplied: an open pick that applied follows its branch into a conflict, in two
// steps, and no check is green between them.
func TestSignedApplied(t *testing.T) {
	w := newWorld(t)
	w.policy(signedPolicy)
	n := w.sourcePR("bob", "leak", "Fix the push", map[string]string{adsFile: "package xds\n\n// Push sends three.\nfunc Push() { three() }\n"})
	w.merge("bob", n, "squash")
	w.says("bob", n, "/cherry-pick release-1.30")
	first := w.onePick(n, demoBranch)
	w.wantStatus(n, "is **open**")
	w.gh.Fault(sandbox.Fault{Method: http.MethodPatch, Path: regexp.MustCompile(`/pulls/\d+$`), Times: 1, DropResponseAfterEffect: true})
	w.do2(w.gh.As("alice").Push(demoRepo, demoBranch, map[string]string{adsFile: "package xds\n\nfunc Push() { zero() }\n"}, "Zero"))
	now := w.onePick(n, demoBranch)
	if now.HeadSHA == first.HeadSHA || !strings.Contains(now.Body, "It has conflicts") {
		t.Errorf("%+v", now)
	}
	w.wantSigned(now, 1)
	w.wantStatus(n, "**conflict.**")
	if got := w.branchCheck(now.Number); got != "failure" {
		t.Errorf("the check says %q", got)
	}
	w.again()
}

// TestSignedLost: with a webhook lost, and with the database, the pick is the same.
func TestSignedLost(t *testing.T) {
	w := newWorld(t)
	w.policy(signedPolicy)
	_, n := w.clash()
	w.says("bob", n, "/cherry-pick release-1.30")
	pick := w.onePick(n, demoBranch)
	w.stop()
	w.newDatabase()
	w.start()
	if now := w.onePick(n, demoBranch); now.HeadSHA != pick.HeadSHA {
		t.Error("it was made anew")
	}
	if got := w.branchCheck(pick.Number); got != "failure" {
		t.Errorf("the check says %q", got)
	}
	w.again()
}

// TestThrowawayLeft: a ref that a killed process left is deleted by the resync.
func TestThrowawayLeft(t *testing.T) {
	w := newWorld(t)
	w.policy(signedPolicy)
	w.do(w.gh.CreateRef(demoRepo, "refs/slipway/cherry-pick-7-to-release-1.30", demoBranch))
	w.clock.advance(resyncEvery)
	w.settle()
	w.wantNoThrowaway()
	w.again()
}

// TestSignedRefused: every refusal of GitHub's has an answer, and the next request tries again.
func TestSignedRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		fault sandbox.Fault
		rule  *sandbox.Ruleset
		says  []string
	}{
		"no permission": {fault: sandbox.Fault{Method: http.MethodPost, Path: regexp.MustCompile("/git/commits$"), Status: http.StatusForbidden,
			Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}},
			Body:   `{"message":"Resource not accessible by integration","documentation_url":"https://docs.github.com/rest"}`},
			says: []string{"because no signed commits could be made of it", "the App probably lacks a permission"}},
		"the trees never come": {fault: sandbox.Refusal(1000, http.MethodPost, "/git/commits$", "Tree SHA does not exist"),
			says: []string{"GitHub doesn't know the files of the commit", "ask again in some minutes"}},
		"a rule about the throwaway ref": {rule: &sandbox.Ruleset{Refs: []string{"refs/slipway/*"}, Creation: true},
			says: []string{"GitHub doesn't take the files of the pick", "let the App push refs below `refs/slipway/`"}},
		"a rule about the branch": {rule: &sandbox.Ruleset{Refs: []string{"refs/heads/cherry-pick-*"}, Creation: true},
			says: []string{"a rule of this repository forbids Slipway to push the pick's branch"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.policy(signedPolicy)
			n := w.merged("leak", "squash")
			if tt.rule != nil {
				_, err := w.gh.AddRuleset(demoRepo, *tt.rule)
				w.do(err)
			} else {
				w.gh.Fault(tt.fault)
			}
			w.says("bob", n, "/cherry-pick release-1.30")
			w.wantStatus(n, tt.says...)
			w.wantAskerTold(n, tt.says[0])
			w.wantNoThrowaway()
			w.gh.ClearFaults()
			w.do(w.gh.RemoveRulesets(demoRepo))
			w.says("bob", n, "/cherry-pick release-1.30")
			w.wantSigned(w.onePick(n, demoBranch), 1)
			w.again()
		})
	}
}

// TestSignedMoment: GitHub may not know at once what was pushed to it.
func TestSignedMoment(t *testing.T) {
	w := newWorld(t)
	w.policy(signedPolicy)
	n := w.merged("leak", "squash")
	w.gh.Fault(sandbox.Refusal(2, http.MethodPost, "/git/commits$", "Tree SHA does not exist"))
	w.says("bob", n, "/cherry-pick release-1.30")
	w.wantSigned(w.onePick(n, demoBranch), 1)
	w.again()
}

// TestNotSignedByServer: an Enterprise Server may sign nothing. Then nothing is pushed.
func TestNotSignedByServer(t *testing.T) {
	w := newWorld(t, func(o *sandbox.Options) { o.Profile = sandbox.Enterprise })
	w.policy(signedPolicy)
	n := w.merged("leak", "squash")
	w.says("bob", n, "/cherry-pick release-1.30")
	w.wantStatus(n, "GitHub made the commit of the pick and didn't sign it")
	if len(w.picks(n, demoBranch)) != 0 || w.gh.Branch(demoRepo, headName(n, demoBranch)) != "" {
		t.Error("it was pushed")
	}
	w.wantNoThrowaway()
	w.again()
}
