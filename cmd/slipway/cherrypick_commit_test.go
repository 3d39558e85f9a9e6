package main

import (
	"net/http"
	"os/exec"
	"regexp"
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

// TestPickOfACommitOnAnything: whoever may ask for picks may ask for one of a commit on any issue or pull request,
// open or not, and its commit may be on a release branch. What a merge brought is its mainline change.
func TestPickOfACommitOnAnything(t *testing.T) {
	w := newWorld(t)
	fix := w.pushed("release-1.29", "fix.go", "package main\n", "Fix it there first")
	w.byGit([]string{"checkout", "-q", "-b", "side"}, []string{"commit", "-q", "--allow-empty", "-m", "On the side"}, []string{"checkout", "-q", "master"},
		[]string{"merge", "-q", "--no-ff", "-m", "Merge the side", "side"})
	merge := w.gh.Branch(demoRepo, "master")
	n := w.merged("other", "squash")
	if answer := w.says("mallory", n, "/cherry-pick "+fix+" release-1.30"); !strings.Contains(answer, "**Not allowed.** `mallory` may not") {
		t.Errorf("answer: %s", answer)
	}
	w.says("bob", n, "/cherrypick `"+strings.ToUpper(fix[:10])+"`, release-1.30")
	pick := w.oneCommitPick(fix, demoBranch)
	if pick.Title != "[release-1.30] Fix it there first" {
		t.Error(pick.Title)
	}
	if answer := w.says("bob", n, "/cherry-pick "+fix+" release-1.29"); !strings.Contains(answer, "- `release-1.29`: **can't be picked**: the commit is on that very branch, so there is nothing to do.") {
		t.Errorf("answer: %s", answer)
	}
	w.says("bob", n, "/cherry-pick "+merge+" release-1.30")
	w.wantCommitStatus(n, "- "+merge[:12]+" onto `release-1.30`: **already there.**") // it brought nothing
	if answer := w.says("bob", n, "/cherry-pick release-1.30"); !strings.Contains(answer, "- `release-1.30`: is being picked.") {
		t.Errorf("answer: %s", answer)
	}
	w.onePick(n, demoBranch)
	w.wantStatus(n, "- `release-1.30`: #")
	w.again()
}

// TestPickOfACommitThatCannotBe: each has an answer of its own, and nothing is made.
func TestPickOfACommitThatCannotBe(t *testing.T) {
	w := newWorld(t)
	n := w.issue("A leak")
	away := w.pushed("topic", "x.go", "package main\n", "Not merged")
	pr, err := w.gh.As("mallory").OpenPR(demoRepo, sandbox.PROptions{Fork: true, Head: "evil", Title: "Evil", Files: map[string]string{"evil.go": "package main\n"}})
	w.do(err)
	w.settle()
	both := w.sourcePR("bob", "both", "Two commits", map[string]string{"a.go": "package main\n"})
	w.do2(w.gh.As("bob").PushToPR(demoRepo, both, map[string]string{"b.go": "package main\n"}, "The second"))
	second := w.merge("bob", both, "rebase")
	for said, want := range map[string]string{
		"0123456 release-1.30":                                  "GitHub knows no commit of this repository whose id begins with `0123456`, or more than one.",
		strings.Repeat("01", 20) + " release-1.30":              "GitHub knows no commit `" + strings.Repeat("01", 20) + "` in this repository.",
		away + " release-1.30":                                  away[:7] + " is neither on the branch that changes are picked from nor on one that the policy governs, which are `release-*`",
		w.gh.PR(demoRepo, pr.Number).HeadSHA + " release-1.30":  "is neither on the branch that changes are picked from",
		second + " release-1.30":                                second[:7] + " came with #" + itoa(both) + ", and is only a part of what that changed.",
		second:                                                  "onto which branch? None is named after the commit",
		w.gh.Branch(demoRepo, "master")[:7] + "zz release-1.30": "a pick is of one pull request: comment it there, or name a commit before the branches",
	} {
		if answer := w.says("bob", n, "/cherry-pick "+said); !strings.Contains(answer, want) {
			t.Errorf("%s: the answer lacks %q: %s", said, want, answer)
		}
	}
	if w.commitStatus(n) != "" {
		t.Error(w.commitStatus(n))
	}
	w.again()
}

// TestPickOfACommitOfAPull: a commit that is all of a pull request is that pull request's pick.
func TestPickOfACommitOfAPull(t *testing.T) {
	w := newWorld(t)
	n := w.sourcePR("bob", "leak", "Fix a leak", map[string]string{"leak.go": "package main\n"})
	sha := w.merge("bob", n, "squash")
	at := w.issue("A leak")
	answer := w.says("carol", at, "/cherry-pick "+sha[:8]+" release-1.30")
	for _, part := range []string{sha[:7] + " came with #" + itoa(n) + " and is all that it changed, so this is about that pull request.",
		"What comes of it is said in the status comment on #" + itoa(n) + ":", "- `release-1.30`: is being picked."} {
		if !strings.Contains(answer, part) {
			t.Errorf("the answer lacks %q: %s", part, answer)
		}
	}
	w.onePick(n, demoBranch)
	w.wantStatus(n, "- `release-1.30`: #")
	if w.commitStatus(at) != "" || len(w.commitPicks(sha, demoBranch)) != 0 {
		t.Error("the commit was picked, too")
	}
	w.again()
}

// TestPickOfACommitConflicts: a draft as for any pick, which is made anew, accepted and cancelled alike.
func TestPickOfACommitConflicts(t *testing.T) {
	w := newWorld(t)
	w.pushed("master", "main.go", "package main\n\n// first\n", "First")
	sha := w.pushed("master", "main.go", "package main\n\n// second\n", "Second")
	n := w.issue("Wanted there")
	w.says("carol", n, "/cherry-pick "+sha+" release-1.30")
	pick := w.oneCommitPick(sha, demoBranch)
	if !pick.Draft || !strings.Contains(pick.Body, "**It has conflicts") || !strings.Contains(pick.Body, "comment `/cherry-pick "+sha[:12]+" release-1.30` on #"+itoa(n)) {
		t.Errorf("the draft: %s", pick.Body)
	}
	w.wantCommitStatus(n, "- "+sha[:12]+" onto `release-1.30`: **conflict.** #"+itoa(pick.Number)+" holds the conflict markers")
	w.again()
	w.do2(w.gh.As("bob").Push(demoRepo, demoBranch, map[string]string{"main.go": "package main\n\n// first\n"}, "First"))
	w.settle()
	w.says("carol", n, "/cherry-pick "+sha[:12]+" release-1.30")
	w.wantCommitStatus(n, "#"+itoa(pick.Number)+" is **open**")
	if answer := w.says("carol", n, "/cherry-pick cancel "+sha[:12]+" release-1.30 release-1.29"); !strings.Contains(answer, "- `release-1.30`: withdrawn. #"+itoa(pick.Number)+" is there already and stays open") ||
		!strings.Contains(answer, "- `release-1.29`: nobody has asked for that.") {
		t.Errorf("answer: %s", answer)
	}
	w.again()
	w.do(w.gh.As("bob").Close(demoRepo, pick.Number))
	w.settle()
	w.again()
	w.says("carol", n, "/cherry-pick "+sha[:12]+" release-1.30")
	if found := w.commitPicks(sha, demoBranch); len(found) != 2 || found[1].State != "open" {
		t.Errorf("asked for again it came to %+v", found)
	}
	w.again()
}

// TestPickOfACommitIsLost: lost webhooks, a lost database and answers that never arrive lose no request, and make
// no second pull request.
func TestPickOfACommitIsLost(t *testing.T) {
	for name, path := range map[string]string{
		"push": "/git-receive-pack$", "pull request": "/pulls$", "status": "/issues/1/comments$", "assignee": "/assignees$",
	} {
		t.Run(name+" unanswered", func(t *testing.T) {
			w := newWorld(t)
			sha, n := w.pushed("master", "leak.go", "package main\n", "Fix a leak"), w.issue("A leak")
			w.gh.Fault(sandbox.Fault{Method: http.MethodPost, Path: regexp.MustCompile(path), Times: 1, DropResponseAfterEffect: true})
			w.says("bob", n, "/cherry-pick "+sha+" release-1.30")
			if w.gh.FaultHits() == 0 {
				t.Error("nothing went wrong")
			}
			w.wantCommitStatus(n, "#"+itoa(w.oneCommitPick(sha, demoBranch).Number)+" is **open**")
			w.again()
		})
	}
	for name, refused := range map[string]string{"before the push": "/git-receive-pack$", "before the pull request": "/pulls$"} {
		t.Run("the database is lost "+name, func(t *testing.T) {
			w := newWorld(t)
			sha, n := w.pushed("master", "leak.go", "package main\n", "Fix a leak"), w.issue("A leak")
			w.gh.Fault(sandbox.Fault{Method: http.MethodPost, Path: regexp.MustCompile(refused), Times: 1000, Status: http.StatusBadGateway})
			_, err := w.gh.As("carol").Comment(demoRepo, n, "/cherry-pick "+sha+" release-1.30")
			w.do(err)
			w.settle()
			w.wantCommitStatus(n, "is being picked")
			w.stop()
			w.newDatabase()
			w.gh.ClearFaults()
			w.start()
			pick := w.oneCommitPick(sha, demoBranch)
			if got := w.gh.Issue(demoRepo, pick.Number).Assignees; len(got) != 1 || got[0] != "carol" {
				t.Errorf("assigned: %v", got)
			}
			w.again()
			w.stop()
			w.newDatabase()
			_, err = w.gh.As("bob").Merge(demoRepo, pick.Number, "squash") // nobody hears of it
			w.do(err)
			w.start()
			w.wantCommitStatus(n, "**picked**: #"+itoa(pick.Number)+" is merged.")
			w.again()
		})
	}
	t.Run("webhooks are lost", func(t *testing.T) {
		w := newWorld(t)
		w.gh.FaultHooks(sandbox.HookFault{Drop: true})
		sha, n := w.pushed("master", "leak.go", "package main\n", "Fix a leak"), w.issue("A leak")
		w.says("bob", n, "/cherry-pick "+sha+" release-1.30")
		w.resync()
		pick := w.oneCommitPick(sha, demoBranch)
		w.do(w.gh.As("bob").Close(demoRepo, pick.Number))
		w.resync()
		w.wantCommitStatus(n, "was closed without being merged.")
		w.gh.ClearHookFaults()
		w.again()
	})
}

// TestPickOfACommitStatusByHand: what somebody does to the status comment is mended, and asks for nothing.
func TestPickOfACommitStatusByHand(t *testing.T) {
	w := newWorld(t)
	sha, n := w.pushed("master", "leak.go", "package main\n", "Fix a leak"), w.issue("A leak")
	w.says("bob", n, "/cherry-pick "+sha+" release-1.30")
	pick := w.oneCommitPick(sha, demoBranch)
	id, body := int64(0), w.commitStatus(n)
	for _, c := range w.gh.Comments(demoRepo, n) {
		if c.Body == body {
			id = c.ID
		}
	}
	w.do(w.gh.As("bob").EditComment(demoRepo, id, strings.ReplaceAll(body, "is **open**", "is the best")))
	w.settle()
	w.wantCommitStatus(n, "#"+itoa(pick.Number)+" is **open**")
	w.do(w.gh.As("bob").EditComment(demoRepo, id, strings.ReplaceAll(body, sha[:12], "000000000000")))
	w.resync()
	w.again()
	w.do(w.gh.As("bob").DeleteComment(demoRepo, id))
	w.resync()
	w.wantCommitStatus(n, "#"+itoa(pick.Number)+" is **open**")
	w.again()
	other := w.issue("The same")
	w.says("carol", other, "/cherry-pick "+sha+" release-1.30")
	w.wantCommitStatus(other, "#"+itoa(pick.Number)+", which `slipway[bot]` opened, **is this cherry-pick** already")
	w.oneCommitPick(sha, demoBranch)
	w.again()
}

// TestPickOfACommitTwiceAtOnce: another place asks for a commit, whose pick is opened just before this one is. The later
// one says so.
func TestPickOfACommitTwiceAtOnce(t *testing.T) {
	w := newWorld(t)
	sha := w.pushed("master", "leak.go", "package main\n", "Fix a leak\n")
	n, other := w.issue("A leak"), 0
	w.gh.Fault(sandbox.Fault{Match: func(r *http.Request) bool {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/pulls") && other == 0 {
			pr, err := w.gh.As(slipwayBot).OpenPR(demoRepo, sandbox.PROptions{Base: demoBranch, Head: "cherry-pick-99-" + sha[:12] + "-to-" + demoBranch, Title: "The same",
				Files: map[string]string{"leak.go": "package main\n"}})
			w.do(err)
			other = pr.Number
		}
		return false
	}})
	w.says("carol", n, "/cherry-pick "+sha+" release-1.30")
	picks := w.commitPicks(sha, demoBranch)
	if len(picks) != 2 || other == 0 {
		t.Fatalf("%d picks: this tests nothing\n%s", len(picks), w.log)
	}
	w.wantCommitStatus(n, " is **open**. #"+itoa(other)+", which was asked for elsewhere at the same moment, picks the same commit. **Next step:** close one of them.")
	w.again()
	w.do(w.gh.As("bob").Close(demoRepo, other))
	w.settle()
	if said := w.commitStatus(n); strings.Contains(said, "at the same moment") {
		t.Errorf("it still says %s", said)
	}
	w.again()
}
