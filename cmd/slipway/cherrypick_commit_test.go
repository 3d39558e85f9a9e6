package main

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// pushed is a commit that bob pushes to a branch without a pull request.
func (w *world) pushed(branch, file, text, message string) string {
	w.t.Helper()
	sha, err := w.gh.As("bob").Push(demoRepo, branch, map[string]string{file: text}, message)
	w.do(err)
	w.settle()
	return sha
}

// issue is one that bob opens.
func (w *world) issue(title string) int {
	w.t.Helper()
	n, err := w.gh.As("bob").OpenIssue(demoRepo, title, "It is needed.")
	w.do(err)
	w.settle()
	return n
}

// commitStatus is the status comment about the commits whose picks were asked for somewhere; two of them
// fail the test.
func (w *world) commitStatus(n int) string {
	w.t.Helper()
	var found []string
	for _, c := range w.gh.Comments(demoRepo, n) {
		if c.Author == "slipway[bot]" && strings.HasPrefix(c.Body, "<!-- slipway:picks-of-commits ") {
			found = append(found, c.Body)
		}
	}
	if len(found) > 1 {
		w.t.Fatalf("%d status comments on #%d", len(found), n)
	}
	return strings.Join(found, "")
}

func (w *world) wantCommitStatus(n int, parts ...string) {
	w.t.Helper()
	status := w.commitStatus(n)
	for _, p := range parts {
		if !strings.Contains(status, p) {
			w.t.Errorf("#%d: the status comment lacks %q:\n%s\n%s", n, p, status, w.log)
		}
	}
}

// commitPicks are the pull requests that pick a commit.
func (w *world) commitPicks(sha, branch string) (found []sandbox.PR) {
	for _, pr := range w.gh.PRs(demoRepo) {
		if strings.HasPrefix(pr.Head, "cherry-pick-") && strings.HasSuffix(pr.Head, "-"+sha[:12]+"-to-"+branch) {
			found = append(found, pr)
		}
	}
	return found
}

func (w *world) oneCommitPick(sha, branch string) sandbox.PR {
	w.t.Helper()
	found := w.commitPicks(sha, branch)
	if len(found) != 1 {
		w.t.Fatalf("%d pull requests pick %.12s onto %s\n%s", len(found), sha, branch, w.log)
	}
	return found[0]
}

// commitSays is the author and the message of a branch's last commit.
func (w *world) commitSays(branch string) string {
	w.t.Helper()
	cmd := exec.Command("git", "log", "-1", "--format=%an %B")
	cmd.Dir = w.cloneAs("bob", bobs, demoRepo, branch)
	out, err := cmd.CombinedOutput()
	w.do(err)
	return strings.TrimRight(string(out), "\n") + "\n"
}

// TestPickOfACommit: what was pushed without a pull request is picked where somebody asks for it,
// and followed like any pick.
func TestPickOfACommit(t *testing.T) {
	w := newWorld(t)
	sha := w.pushed("master", "leak.go", "package main\n", "Fix a leak\n\nIt leaked.\n")
	n := w.issue("A leak")
	answer := w.says("carol", n, "/cherry-pick "+sha[:9]+" release-1.30 release-1.29 topic")
	for _, part := range []string{"What comes of the cherry-pick of " + sha[:12] + " is said in the status comment here:",
		"- `release-1.30`: is being picked.", "- `topic`: **can't be picked**: the branch is not governed here"} {
		if !strings.Contains(answer, part) {
			t.Errorf("the answer lacks %q: %s", part, answer)
		}
	}
	pick := w.oneCommitPick(sha, demoBranch)
	if pick.Title != "[release-1.30] Fix a leak" || pick.Base != demoBranch || pick.Draft || !strings.Contains(pick.Body, "This is the cherry-pick of "+sha+" onto `release-1.30`. Asked for by `carol`.") {
		t.Errorf("%q onto %s: %s", pick.Title, pick.Base, pick.Body)
	}
	if got := w.gh.Issue(demoRepo, pick.Number).Assignees; len(got) != 1 || got[0] != "carol" {
		t.Errorf("assigned: %v", got)
	}
	if of, is := w.commitSays("master"), w.commitSays(pick.Head); !strings.HasPrefix(of, "bob ") || is != strings.TrimSpace(of)+"\n\n(cherry picked from commit "+sha+")\n" {
		t.Errorf("%q became %q", of, is)
	}
	w.wantCommitStatus(n, "**Cherry-picks of commits that have no pull request.**", "- "+sha[:12]+" onto `release-1.30`: #"+itoa(pick.Number)+" is **open**.", "- "+sha[:12]+" onto `release-1.29`: #")
	w.again()
	if answer := w.says("bob", n, "/cherry-pick "+sha+" release-1.30"); !strings.Contains(answer, "is open already.") {
		t.Errorf("answer: %s", answer)
	}
	w.again()
	w.merge("bob", pick.Number, "squash")
	w.wantCommitStatus(n, "- "+sha[:12]+" onto `release-1.30`: **picked**: #"+itoa(pick.Number)+" is merged.")
	w.do(w.gh.As("bob").Close(demoRepo, w.oneCommitPick(sha, "release-1.29").Number))
	w.settle()
	w.wantCommitStatus(n, "was closed without being merged. **Next step:** if it is wanted after all, comment `/cherry-pick "+sha[:12]+" release-1.29`.")
	w.again()
}
