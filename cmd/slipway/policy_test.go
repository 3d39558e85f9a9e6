package main

import (
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// proposal opens a pull request that changes the policy of istio/istio.
func (w *world) proposal(login, text string, fork bool) sandbox.PR {
	w.t.Helper()
	w.pushes++
	pr, err := w.gh.As(login).OpenPR(demoRepo, sandbox.PROptions{
		Base: "master", Head: "policy-" + string(rune('a'+w.pushes)), Fork: fork, Title: "Policy", Files: map[string]string{".github/slipway.yml": text},
	})
	w.do(err)
	w.settle()
	return pr
}

func (w *world) policyCheck(pr sandbox.PR) sandbox.CheckRun {
	w.t.Helper()
	run, _ := w.gh.CheckRun(demoRepo, w.gh.PR(demoRepo, pr.Number).HeadSHA, "slipway/policy")
	return run
}

// ownPolicy gives istio/istio a policy of its own.
func (w *world) ownPolicy(text string) {
	w.t.Helper()
	_, err := w.gh.As("alice").Push(demoRepo, "master", map[string]string{".github/slipway.yml": text}, "Policy")
	w.do(err)
	w.settle()
}

func TestPolicyCheck(t *testing.T) {
	w := newWorld(t)
	fix := w.openPR("bob", demoBranch, "fix")
	w.says("alice", fix, "/release freeze release-1.30")
	w.ownPolicy(basePolicy)
	w.wantVerdict(fix, "failure")

	bad := w.proposal("mallory", "branches: [\"release-*\", \"[\"]\nrelease_mangers: [x]\n", true)
	if run := w.policyCheck(bad); run.Conclusion != "failure" || run.Annotations != 2 || !strings.Contains(run.Summary, "`release_managers`") && !strings.Contains(run.Summary, "release\\_managers") {
		t.Errorf("%+v", run)
	}
	good := w.proposal("alice", "branches: [release-1.29]\nrelease_managers: [release-managers-1-29]\n", false)
	run := w.policyCheck(good)
	if run.Conclusion != "success" || !strings.Contains(run.Summary, "#1") {
		t.Errorf("what would change for the open pull requests isn't said: %+v", run)
	}
	other, err := w.gh.As("carol").OpenPR(demoRepo, sandbox.PROptions{Base: "master", Head: "other", Files: map[string]string{"x.go": "package x\n"}})
	w.do(err)
	w.settle()
	if run := w.policyCheck(other); run.Name != "" {
		t.Errorf("a pull request that leaves the policy alone has the check: %+v", run)
	}
	w.again()
	_, err = w.gh.As("alice").PushToPR(demoRepo, good.Number, map[string]string{".github/slipway.yml": basePolicy + "timezone: Europe/Berln\n"}, "More")
	w.do(err)
	w.settle()
	if run := w.policyCheck(good); run.Conclusion != "failure" || !strings.Contains(run.Summary, "Europe/Berlin") {
		t.Errorf("%+v", run)
	}
}

// TestFirstPolicyFromAFork: nobody tells of a push to a fork, and the repository has no policy file
// yet; the pull request gets its check all the same, with every push.
func TestFirstPolicyFromAFork(t *testing.T) {
	w := newWorld(t)
	first := w.proposal("mallory", "branches: [\"release-*\"]\nrelease_mangers: [x]\n", true)
	if run := w.policyCheck(first); run.Conclusion != "failure" {
		t.Errorf("%+v", run)
	}
	_, err := w.gh.As("mallory").PushToPR(demoRepo, first.Number, map[string]string{".github/slipway.yml": basePolicy}, "Mended")
	w.do(err)
	w.settle()
	if run := w.policyCheck(first); run.Conclusion != "success" {
		t.Errorf("%+v", run)
	}
	w.pushTo("mallory", first.Number) // leaves the file alone
	if run := w.policyCheck(first); run.Conclusion != "success" {
		t.Errorf("%+v", run)
	}
	other, err := w.gh.As("mallory").OpenPR(demoRepo, sandbox.PROptions{Base: "master", Head: "other", Fork: true, Files: map[string]string{"x.go": "package x\n"}})
	w.do(err)
	w.settle()
	if run := w.policyCheck(other); run.Name != "" {
		t.Errorf("a pull request that leaves the policy alone has the check: %+v", run)
	}
	w.again()
}

// TestLastGoodPolicy breaks the merged policy: what was good before stays in
// force, and every check says so.
func TestLastGoodPolicy(t *testing.T) {
	w := newWorld(t)
	fix := w.openPR("bob", demoBranch, "fix")
	w.ownPolicy(basePolicy)
	w.says("alice", fix, "/release freeze release-1.30")
	w.wantVerdict(fix, "failure")
	w.ownPolicy(basePolicy + "freze: {}\n")
	run, _ := w.gh.CheckRun(demoRepo, w.gh.PR(demoRepo, fix).HeadSHA, "slipway/freeze")
	if run.Conclusion != "failure" || run.Title != "release-1.30 is frozen" || !strings.Contains(run.Summary, "the last good one") {
		t.Errorf("%+v", run)
	}
	if answer := w.says("alice", fix, "/release thaw release-1.30"); !strings.Contains(answer, "**Done.**") {
		t.Errorf("answer: %s", answer)
	}
	w.wantVerdict(fix, "success")
	w.stop()
	w.newDatabase() // nothing but the history of the file says what was good
	w.start()
	w.wantVerdict(fix, "success")
	w.again()
	w.ownPolicy(basePolicy)
	run, _ = w.gh.CheckRun(demoRepo, w.gh.PR(demoRepo, fix).HeadSHA, "slipway/freeze")
	if strings.Contains(run.Summary, "the last good one") {
		t.Errorf("it is mended, and the check says %s", run.Summary)
	}
}

func TestPolicyByReference(t *testing.T) {
	w := newWorld(t)
	fix := w.openPR("bob", demoBranch, "fix")
	w.do(w.gh.CreateRepo("istio", "community", sandbox.RepoOptions{Files: map[string]string{"policies/slipway.yml": "branches: [release-1.29]\n"}}))
	w.do(w.gh.CreateRepo("istio", "secret", sandbox.RepoOptions{Private: true, Files: map[string]string{".github/slipway.yml": "branches: [release-1.30]\nsecret: [x]\n"}}))
	w.settle()
	w.ownPolicy("extends: istio/community:policies/slipway.yml\n")
	late := w.openPR("bob", "release-1.29", "late")
	w.wantVerdict(late, "success")
	w.ownPolicy("extends: istio/secret\n")
	run, _ := w.gh.CheckRun(demoRepo, w.gh.PR(demoRepo, late).HeadSHA, "slipway/freeze")
	if strings.Contains(run.Summary, "secret: ") || strings.Contains(run.Summary, "unknown key") {
		t.Errorf("a public check quotes a private file: %s", run.Summary)
	}
	w.wantVerdict(fix, "success") // last good: the community's
}
