package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

const signPicks = "cherrypick: {sign_commits: github}\n"

// TestSignedIsNoAutomation: a pick is no automation's, though the policy takes the App for one:
// the App is no person, and who wrote the change is its author.
func TestSignedIsNoAutomation(t *testing.T) {
	eachLoss(t, "", func(w losing) {
		account := "[{id: " + itoa(int(w.gh.App().BotID)) + "}]"
		w.policy(gatePolicy + "  ignored_accounts: " + account + "\n  automation: [{name: ours, accounts: " + account + ", approval: nobody}]\n" + signPicks)
		n := w.source("leak", map[string]string{caFile: "package ca\n\nvar fixed = true\n"}, "")
		w.unheard(func() { w.says("bob", n, "/cherry-pick release-1.30") })
		w.between()
		pick := w.onePick(n, demoBranch)
		w.wantSigned(pick, 1)
		run := w.gate(pick.Number)
		if run.Conclusion != "failure" || !strings.Contains(run.Summary, "so it counts as made by hand") ||
			w.what == "nothing" && !strings.Contains(run.Summary, "is somebody else's") {
			t.Errorf("the gate says %q (%s)\n%s", run.Conclusion, run.Title, run.Summary)
		}
		w.again()
	})
}

// TestSignedAuthor: who made the change approves no pick of it, whoever opened its source, and also
// once somebody has amended the pick.
func TestSignedAuthor(t *testing.T) {
	eachLoss(t, "", func(w losing) {
		w.policy(gatePolicy + signPicks)
		sam := fmt.Sprintf("sam <%d+sam@users.noreply.github.com>", w.accountOf("sam"))
		dir := w.cloneAs("sam", sam, demoRepo, "master")
		w.do(os.MkdirAll(filepath.Join(dir, filepath.Dir(caFile)), 0o755))
		w.do(os.WriteFile(filepath.Join(dir, caFile), []byte("package ca\n\nvar fixed = true\n"), 0o644))
		w.gitAs(sam, dir, "add", "--all")
		w.gitAs(sam, dir, "commit", "-q", "-m", "Fix it")
		w.gitAs(sam, dir, "push", "-q", "origin", "HEAD:leak")
		pr, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: "master", Head: "leak", Title: "Fix it"})
		w.do(err)
		w.settle()
		w.merge("bob", pr.Number, "rebase")
		w.unheard(func() { w.says("bob", pr.Number, "/cherry-pick release-1.30") })
		w.between()
		pick := w.onePick(pr.Number, demoBranch)
		if head := w.gh.CommitAt(demoRepo, pick.HeadSHA); !head.Verified || !strings.Contains(head.Message, "Co-authored-by: sam <") {
			t.Errorf("%+v", head)
		}
		w.unheard(func() { w.review("sam", pick.Number, "APPROVE") })
		w.clock.advance(resyncEvery)
		w.settle()
		if run := w.gate(pick.Number); run.Conclusion != "failure" || !strings.Contains(run.Summary, "made commits of it") {
			t.Errorf("the gate says %q (%s)\n%s", run.Conclusion, run.Title, run.Summary)
		}
		w.again()
	})
}

// TestSignedAuthorUntold: while GitHub doesn't tell whose the addresses are, nothing passes.
func TestSignedAuthorUntold(t *testing.T) {
	w := gateWorld(t, signPicks)
	n := w.source("leak", map[string]string{caFile: "package ca\n\nvar fixed = true\n"}, "sam")
	w.gh.Fault(sandbox.Fault{Method: http.MethodPost, Path: regexp.MustCompile("/graphql$"), Times: 1000, Status: http.StatusOK,
		Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}},
		Body:   `{"data":{"repository":null},"errors":[{"type":"NOT_FOUND","message":"Could not resolve to a Repository"}]}`})
	w.says("bob", n, "/cherry-pick release-1.30")
	pick := w.onePick(n, demoBranch)
	if run := w.gate(pick.Number); run.Conclusion != "failure" || !strings.Contains(run.Summary, "co-authors") {
		t.Errorf("the gate says %q (%s)\n%s", run.Conclusion, run.Title, run.Summary)
	}
	w.gh.ClearFaults()
	w.clock.advance(resyncEvery)
	w.settle()
	if got := w.branchCheck(pick.Number); got != "success" {
		t.Errorf("the check says %q\n%s", got, w.gate(pick.Number).Summary)
	}
	w.again()
}

// TestSignedMessageIsNoWord: the message of a pick that GitHub made is the source's, and names
// nothing.
func TestSignedMessageIsNoWord(t *testing.T) {
	w := gateWorld(t, signPicks)
	needed := w.source("needed", map[string]string{"needed.go": "package main\n"}, "")
	source := w.sourcePR("bob", "leak", "Fix it. Cherry-pick of #"+itoa(needed), map[string]string{"leak.go": "package main\n"})
	w.merge("bob", source, "squash")
	w.says("bob", source, "/cherry-pick release-1.30")
	pick := w.onePick(source, demoBranch)
	if run := w.gate(pick.Number); strings.Contains(strings.ReplaceAll(run.Summary, `\#`, ""), "#"+itoa(needed)) {
		t.Errorf("%s", run.Summary)
	}
	w.again()
}
