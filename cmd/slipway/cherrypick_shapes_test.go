package main

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// byGit has bob do something in a clone of master, with the heads of all branches, and push it there.
func (w *world) byGit(commands ...[]string) {
	w.t.Helper()
	const bob = "Bob <bob@example.com>"
	dir := w.cloneAs("bob", bob, demoRepo, "master")
	for _, c := range commands {
		w.gitAs(bob, dir, c...)
	}
	w.gitAs(bob, dir, "push", "-q", "origin", "HEAD:master")
	w.settle()
}

// queued has a merge queue merge pull requests into master, in one push.
func (w *world) queued(method string, numbers ...int) {
	w.t.Helper()
	w.do(w.gh.ProtectBranch(demoRepo, "master", &sandbox.Protection{Queue: method}))
	sha, err := w.gh.As("bob").EnqueueMergeGroup(demoRepo, "master", numbers...)
	w.do(err)
	w.settle()
	w.do(w.gh.As("bob").FinishMergeGroup(demoRepo, sha))
	w.settle()
}

// madeOnSite adds a commit that GitHub made and signed, and fast-forwards master.
func madeOnSite(w *world, _ int) {
	w.do2(w.gh.As("bob").EditOnSite(demoRepo, "leak", map[string]string{"site.go": "package main\n"}, "Create site.go"))
	w.byGit([]string{"merge", "-q", "--ff-only", "origin/leak"})
}

// TestPickShapes: in whatever way a pull request came to its base, its pick holds all of its
// change and nothing else; or nobody can tell what it was, and Slipway says so.
func TestPickShapes(t *testing.T) {
	t.Parallel()
	both := []string{"leak.go", "more.go"} // what the pull request changes
	for name, tc := range map[string]struct {
		land  func(w *world, n int)
		late  bool     // GitHub's record doesn't show the merge yet
		files []string // nil: refused
		why   string
	}{
		"a rebase that ends in an update": {files: both, land: func(w *world, n int) {
			w.moveBase("master", "elsewhere.go")
			w.do(w.gh.As("bob").UpdateBranch(demoRepo, n))
			w.merge("bob", n, "rebase")
		}},
		"a rebase that ends in nothing": {files: both, land: func(w *world, n int) {
			const bob = "Bob <bob@example.com>"
			dir := w.cloneAs("bob", bob, demoRepo, "leak")
			w.gitAs(bob, dir, "commit", "-q", "--allow-empty", "-m", "Run the tests again")
			w.gitAs(bob, dir, "push", "-q", "origin", "HEAD:leak")
			w.merge("bob", n, "rebase")
		}},
		"a squash of several": {files: both, land: func(w *world, n int) { w.merge("bob", n, "squash") }},
		"fast-forwarded":      {files: both, land: func(w *world, _ int) { w.byGit([]string{"merge", "-q", "--ff-only", "origin/leak"}) }},
		"merged with git": {files: both, land: func(w *world, _ int) {
			w.moveBase("master", "elsewhere.go")
			w.byGit([]string{"merge", "-q", "--no-edit", "origin/leak"})
		}},
		"fast-forwarded, with a merge of master": {why: "which ends in the merge", land: func(w *world, n int) {
			w.moveBase("master", "elsewhere.go")
			w.do(w.gh.As("bob").UpdateBranch(demoRepo, n))
			w.settle()
			w.byGit([]string{"merge", "-q", "--ff-only", "origin/leak"})
		}},
		"an octopus": {why: "merges several branches at once", land: func(w *world, _ int) {
			w.sourcePR("carol", "other", "Other", map[string]string{"other.go": "package main\n"})
			w.moveBase("master", "elsewhere.go")
			w.byGit([]string{"merge", "-q", "--no-edit", "origin/leak", "origin/other"})
		}},
		"made on the site, and fast-forwarded":                {files: []string{"leak.go", "more.go", "site.go"}, land: madeOnSite},
		"made on the site, fast-forwarded, and not shown yet": {late: true, why: "GitHub keeps no record of where `master` was before", land: madeOnSite},
		"a squash right before a push": {files: both, land: func(w *world, n int) {
			w.merge("bob", n, "squash")
			w.moveBase("master", "elsewhere.go")
		}},
		"a squash that isn't shown, before a push": {late: true, files: both, land: func(w *world, n int) {
			w.moveBase("master", "before.go")
			w.merge("bob", n, "squash")
			w.moveBase("master", "elsewhere.go")
		}},
		"a rebase that isn't shown, between pushes": {late: true, files: both, land: func(w *world, n int) {
			w.moveBase("master", "before.go")
			w.merge("bob", n, "rebase")
			w.byGit([]string{"commit", "-q", "--allow-empty", "-m", "Nothing"}, []string{"commit", "-q", "--allow-empty", "-m", "Nothing more"})
		}},
		"a rebase that isn't shown, of which a part was there": {late: true, why: "GitHub keeps no record of where `master` was before", land: func(w *world, n int) {
			w.moveBase("master", "elsewhere.go")
			w.do2(w.gh.As("alice").Push(demoRepo, "master", map[string]string{"more.go": "package main\n"}, "A part of it"))
			w.merge("bob", n, "rebase")
		}},
		"a squash before master got another line": {files: both, land: func(w *world, n int) {
			w.merge("bob", n, "squash")
			w.moveBase("master", "elsewhere.go")
			other := w.sourcePR("carol", "other", "Other", map[string]string{"other.go": "package main\n"})
			w.merge("carol", other, "squash")
			w.sourcePR("carol", "line", "Line", map[string]string{"line.go": "package main\n"})
			w.moveBase("master", "later.go")
			w.byGit([]string{"checkout", "-q", "origin/line"}, []string{"merge", "-q", "--no-edit", "origin/master"})
		}},
		"merged with git, onto something older": {why: "GitHub keeps no record", land: func(w *world, n int) {
			w.moveBase("master", "elsewhere.go")
			w.do2("", w.gh.As("bob").UpdateBranch(demoRepo, n))
			w.byGit([]string{"checkout", "-q", "origin/master~1"}, []string{"merge", "-q", "--no-ff", "--no-edit", "origin/leak"})
		}},
		"merged the other way round": {why: "GitHub keeps no record", land: func(w *world, _ int) {
			w.moveBase("master", "elsewhere.go")
			w.byGit([]string{"checkout", "-q", "origin/leak"}, []string{"merge", "-q", "--no-edit", "origin/master"})
		}},
		"squashed by a queue, with others": {files: both, land: func(w *world, n int) {
			before := w.sourcePR("carol", "before", "Before", map[string]string{"before.go": "package main\n"})
			after := w.sourcePR("carol", "after", "After", map[string]string{"after.go": "package main\n"})
			w.queued("squash", before, n, after)
		}},
		"rebased by a queue, with others": {files: both, land: func(w *world, n int) {
			before := w.sourcePR("carol", "before", "Before", map[string]string{"before.go": "package main\n"})
			after := w.sourcePR("carol", "after", "After", map[string]string{"after.go": "package main\n"})
			w.queued("rebase", before, n, after)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			n := w.sourcePR("bob", "leak", "Fix a leak", map[string]string{"leak.go": "package main\n"})
			w.do2(w.gh.As("bob").PushToPR(demoRepo, n, map[string]string{"more.go": "package main\n"}, "More"))
			w.settle()
			tc.land(w, n)
			if tc.late {
				w.do(w.gh.HideMoves(demoRepo, w.gh.PR(demoRepo, n).MergeSHA))
			}
			w.says("bob", n, "/cherry-pick release-1.30")
			if tc.files == nil {
				w.wantStatus(n, "can't be picked", "can't be told with certainty", tc.why, "**Next step:** pick by hand")
				if list := w.picks(n, demoBranch); len(list) > 0 {
					t.Errorf("it was picked: %+v", list)
				}
				w.again()
				return
			}
			pick := w.onePick(n, demoBranch)
			out, err := exec.Command("git", "-C", w.gh.GitDir(demoRepo), "diff", "--name-only", demoBranch+"..."+pick.Head).Output()
			w.do(err)
			if changed := strings.Fields(string(out)); !slices.Equal(changed, tc.files) {
				t.Errorf("the pick changes %v, want %v", changed, tc.files)
			}
			of := "#" + itoa(n)
			if name == "merged with git" { // somebody may have put more into that than was reviewed
				of = w.gh.Branch(demoRepo, "master")[:7]
			}
			w.wantGate(pick.Number, "success", "Faithful cherry-pick of "+of)
			w.again()
		})
	}
}

// TestPickOnceTheRecordShows: what GitHub's record didn't show yet is picked once it does, and
// somebody asks again.
func TestPickOnceTheRecordShows(t *testing.T) {
	w := newWorld(t)
	n := w.sourcePR("bob", "leak", "Fix a leak", map[string]string{"leak.go": "package main\n"})
	madeOnSite(w, n)
	w.do(w.gh.HideMoves(demoRepo, w.gh.Branch(demoRepo, "master")))
	w.says("bob", n, "/cherry-pick release-1.30")
	w.wantStatus(n, "can't be picked")
	w.do(w.gh.ShowMoves(demoRepo))
	w.says("bob", n, "/cherry-pick release-1.30")
	w.wantGate(w.onePick(n, demoBranch).Number, "success", "Faithful cherry-pick of #"+itoa(n))
	w.again()
}

// TestPickOfManyCommits: GitHub lists 250 commits of a pull request, and all 260 are picked.
func TestPickOfManyCommits(t *testing.T) {
	const many = 260
	w := newWorld(t)
	dir := w.cloneAs("bob", bobs, demoRepo, "master")
	var commits strings.Builder
	for i := range many {
		fmt.Fprintf(&commits, "commit refs/heads/many\ncommitter %s %d +0000\ndata 4\nMore\n", bobs, 1_700_000_000+i)
		if i == 0 {
			commits.WriteString("from refs/heads/master\n")
		}
		fmt.Fprintf(&commits, "M 644 inline many/%03d\ndata 2\n.\n\n", i)
	}
	fast := exec.Command("git", "-C", dir, "fast-import", "--quiet")
	fast.Stdin = strings.NewReader(commits.String())
	if out, err := fast.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	w.gitAs(bobs, dir, "push", "-q", "origin", "many")
	pr, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: "master", Head: "many", Title: "Many"})
	w.do(err)
	w.gitAs(bobs, dir, "push", "-q", "origin", "many:master")
	w.settle()
	w.says("bob", pr.Number, "/cherry-pick release-1.30")
	pick := w.onePick(pr.Number, demoBranch)
	out, err := exec.Command("git", "-C", w.gh.GitDir(demoRepo), "diff", "--name-only", demoBranch+"..."+pick.Head).Output()
	w.do(err)
	if changed := strings.Fields(string(out)); len(changed) != many || changed[0] != "many/000" || changed[many-1] != "many/259" {
		t.Errorf("the pick changes %d files", len(changed))
	}
	w.wantGate(pick.Number, "failure", "Too large to be looked at", "It has 260 commits.", "have a release manager override this check") // it holds what it can't see all of
	w.again()
}

// TestPickOfClosedViaACommit: a commit that says so closes a pull request, which isn't merged by that.
func TestPickOfClosedViaACommit(t *testing.T) {
	t.Parallel()
	for _, asked := range []string{"before", "after"} {
		t.Run(asked, func(t *testing.T) {
			w := newWorld(t)
			n := w.sourcePR("bob", "leak", "Fix a leak", map[string]string{"leak.go": "package main\n"})
			if asked == "before" {
				w.says("bob", n, "/cherry-pick release-1.30")
			}
			w.do2(w.gh.As("alice").Push(demoRepo, "master", map[string]string{"leak.go": "package main\n\n// By alice.\n"}, "Fix it another way\n\nFixes #"+itoa(n)))
			if pr := w.gh.PR(demoRepo, n); pr.State != "closed" || pr.Merged {
				t.Fatalf("%+v", pr)
			}
			if asked == "after" {
				answer := w.says("bob", n, "/cherry-pick release-1.30")
				for _, part := range closedViaParts {
					if !strings.Contains(answer, part) {
						t.Errorf("the answer lacks %q: %s", part, answer)
					}
				}
			} else {
				w.wantStatus(n, closedViaParts...)
			}
			if list := w.picks(n, demoBranch); len(list) > 0 {
				t.Errorf("it was picked: %+v", list)
			}
			w.again()
		})
	}
}

// closedViaParts are what has to be said of a pull request that a commit closed.
var closedViaParts = []string{"closed without being merged", "**Next step:**", "`git cherry-pick -x COMMIT`"}
