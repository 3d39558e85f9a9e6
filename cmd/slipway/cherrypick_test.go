package main

import (
	"strconv"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// sourcePR opens a pull request against master.
func (w *world) sourcePR(login, head, title string, files map[string]string) int {
	w.t.Helper()
	pr, err := w.gh.As(login).OpenPR(demoRepo, sandbox.PROptions{Base: "master", Head: head, Title: title, Files: files})
	w.do(err)
	w.settle()
	return pr.Number
}

func (w *world) merge(login string, n int, method string) string {
	w.t.Helper()
	sha, err := w.gh.As(login).Merge(demoRepo, n, method)
	w.do(err)
	w.settle()
	return sha
}

// merged is a pull request against master, merged.
func (w *world) merged(name, method string) int {
	w.t.Helper()
	n := w.sourcePR("bob", name, "Fix "+name, map[string]string{name + ".go": "package main\n"})
	w.merge("bob", n, method)
	return n
}

// picks are the pull requests from the branch of a pick, by their numbers.
func (w *world) picks(source int, branch string) []sandbox.PR {
	var found []sandbox.PR
	for _, pr := range w.gh.PRs(demoRepo) {
		if pr.Head == headName(source, branch) {
			found = append(found, pr)
		}
	}
	return found
}

func headName(source int, branch string) string {
	return "cherry-pick-" + itoa(source) + "-to-" + branch
}

func (w *world) onePick(source int, branch string) sandbox.PR {
	w.t.Helper()
	found := w.picks(source, branch)
	if len(found) != 1 {
		w.t.Fatalf("%d pull requests pick #%d onto %s\n%s\n%s", len(found), source, branch, w.status(source), w.log)
	}
	return found[0]
}

// status is the status comment on a source; two of them fail the test.
func (w *world) status(source int) string {
	w.t.Helper()
	var found []string
	for _, c := range w.gh.Comments(demoRepo, source) {
		if c.Author == "slipway[bot]" && strings.Contains(c.Body, "**Cherry-picks of this pull request.**") {
			found = append(found, c.Body)
		}
	}
	if len(found) > 1 {
		w.t.Fatalf("%d status comments on #%d", len(found), source)
	}
	return strings.Join(found, "")
}

func (w *world) wantStatus(source int, parts ...string) {
	w.t.Helper()
	status := w.status(source)
	for _, p := range parts {
		if !strings.Contains(status, p) {
			w.t.Errorf("#%d: the status comment lacks %q:\n%s\n%s", source, p, status, w.log)
		}
	}
}

// branchCheck is what the check slipway/release-branch says of a pull request.
func (w *world) branchCheck(n int) string {
	run, _ := w.gh.CheckRun(demoRepo, w.gh.PR(demoRepo, n).HeadSHA, "slipway/release-branch")
	return run.Conclusion
}

func TestPickOfMergedPR(t *testing.T) {
	w := newWorld(t)
	n := w.merged("leak", "squash")
	answer := w.says("bob", n, "/cherry-pick release-1.30")
	if !strings.Contains(answer, "**Done.**") || !strings.Contains(answer, "`release-1.30`: is being picked.") {
		t.Errorf("answer: %s", answer)
	}
	pick := w.onePick(n, demoBranch)
	if pick.Title != "[release-1.30] Fix leak" || pick.Draft || pick.Author != "slipway[bot]" || pick.Base != demoBranch {
		t.Errorf("%+v", pick)
	}
	w.wantStatus(n, "`release-1.30`", "#"+itoa(pick.Number)+" is **open**")
	if got := w.branchCheck(pick.Number); got != "success" {
		t.Errorf("the check says %q", got)
	}
	w.again()
	w.merge("bob", pick.Number, "squash")
	w.wantStatus(n, "**picked**: #"+itoa(pick.Number)+" is merged.")
	if text, ok := w.gh.File(demoRepo, demoBranch, "leak.go"); !ok || text != "package main\n" {
		t.Errorf("the branch has %q", text)
	}
	w.again()
}

func itoa(n int) string { return strconv.Itoa(n) }
