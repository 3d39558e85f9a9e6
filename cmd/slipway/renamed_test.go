package main

import (
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// answersIn has somebody comment in a repository, and returns what Slipway last said there.
func (w *world) answersIn(repo, login string, n int, text string) (answer string) {
	w.t.Helper()
	_, err := w.gh.As(login).Comment(repo, n, text)
	w.do(err)
	w.settle()
	for _, c := range w.gh.Comments(repo, n) {
		if c.Author == "slipway[bot]" {
			answer = c.Body
		}
	}
	return answer
}

// TestTrackerOfARenamedRepository: the home is called otherwise now, and the policy names
// it as it was called. The issue goes on, also if no webhook told of that.
func TestTrackerOfARenamedRepository(t *testing.T) {
	for _, lost := range []string{"told", "lost"} {
		t.Run(lost, func(t *testing.T) {
			w := newWorld(t)
			n := withTracker(w)
			const mesh = "istio/mesh"
			if lost == "lost" {
				w.gh.FaultHooks(sandbox.HookFault{Drop: true})
			}
			w.do(w.gh.RenameRepo(demoRepo, "mesh"))
			w.settle()
			w.gh.ClearHookFaults()
			if answer := w.answersIn(mesh, "alice", n, "/release step announce done"); !strings.Contains(answer, "**Done.**") {
				t.Errorf("a dead end: %s", answer)
			}
			w.do(w.gh.As("carol").EditBody(mesh, n, strings.Replace(w.gh.Issue(mesh, n).Body, "[ ] `docs`", "[x] `docs`", 1)))
			w.settle()
			body := w.gh.Issue(mesh, n).Body
			for _, want := range []string{"- [x] `announce`: Announce 1.31 (`alice`)", "- [x] `docs`: Write the docs (`carol`)", "| `istio` | none | none | none |", "| `api` | none | none | none |"} {
				if !strings.Contains(body, want) {
					t.Errorf("it lacks %q:\n%s", want, body)
				}
			}
			w.do(w.gh.As("alice").CreateBranch(mesh, "release-1.31", "master"))
			w.settle()
			pr, err := w.gh.As("bob").OpenPR("istio/api", sandbox.PROptions{Base: "master", Head: "fix", Title: "Fix", Files: map[string]string{"x.go": "package x\n"}})
			w.do(err)
			w.settle()
			if answer := w.answersIn("istio/api", "alice", pr.Number, "/release start 1.32"); lost == "told" && !strings.Contains(answer, "tracking issues stand in `istio/mesh`") {
				t.Errorf("elsewhere: %s", answer)
			}
		})
	}
}

// TestGateWithoutItsSourceBranch: the policy's source branch isn't there any more, since
// it is called main now: that is a fact, and nothing that a few minutes mend.
func TestGateWithoutItsSourceBranch(t *testing.T) {
	w := newWorld(t)
	w.do(w.gh.CreateRepo("istio", "tool", sandbox.RepoOptions{Files: map[string]string{"a.go": "package a\n"}, DefaultBranch: "main"}))
	w.do(w.gh.CreateBranch("istio/tool", demoBranch, "main"))
	w.do(w.gh.AddCollaborator("istio/tool", "bob", "write"))
	w.policy(basePolicy + "releasebranch:\n  source_branch: master\n")
	pr, err := w.gh.As("bob").OpenPR("istio/tool", sandbox.PROptions{Base: demoBranch, Head: "fix", Title: "Fix", Files: map[string]string{"fix.go": "package a\n"}})
	w.do(err)
	w.settle()
	run, _ := w.gh.CheckRun("istio/tool", pr.HeadSHA, "slipway/release-branch")
	if strings.Contains(run.Summary, "tries again in a few minutes") || !strings.Contains(run.Summary, "there is no branch `master`, which the policy names under `releasebranch.source_branch`. The default branch is main.") {
		t.Errorf("%s, %s\n%s", run.Conclusion, run.Title, run.Summary)
	}
	// Once it is there the check looks again by itself.
	w.do(w.gh.As("bob").CreateBranch("istio/tool", "master", "main"))
	w.settle()
	run, _ = w.gh.CheckRun("istio/tool", pr.HeadSHA, "slipway/release-branch")
	if strings.Contains(run.Summary, "releasebranch.source_branch") {
		t.Errorf("%s, %s\n%s", run.Conclusion, run.Title, run.Summary)
	}
	w.again()
}
