package main

import (
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

// TestPickShapes: in whatever way a pull request came to its base, its pick holds all of its
// change and nothing else; or nobody can tell what it was, and Slipway says so.
func TestPickShapes(t *testing.T) {
	both := []string{"leak.go", "more.go"} // what the pull request changes
	for name, tc := range map[string]struct {
		land  func(w *world, n int)
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
