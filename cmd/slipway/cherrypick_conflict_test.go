package main

import (
	"context"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/ghclient"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

const adsFile = "pilot/pkg/xds/ads.go"

// clash merges two changes of the same lines into master, and returns their
// pull requests: the second conflicts on the release branches without the first.
func (w *world) clash() (needed, source int) {
	w.t.Helper()
	needed = w.sourcePR("carol", "needed", "Prepare the push", map[string]string{adsFile: "package xds\n\n// Push sends two.\nfunc Push() { two() }\n"})
	w.merge("carol", needed, "squash")
	source = w.sourcePR("bob", "leak", "Fix the push", map[string]string{adsFile: "package xds\n\n// Push sends three.\nfunc Push() { three() }\n"})
	w.merge("bob", source, "squash")
	return needed, source
}

// TestPickConflict is a conflict from the draft to its end.
func TestPickConflict(t *testing.T) {
	w := newWorld(t)
	needed, n := w.clash()
	w.says("bob", n, "/cherry-pick release-1.30 release-1.29")
	pick := w.onePick(n, demoBranch)
	if !pick.Draft || !strings.Contains(pick.Body, "| `"+adsFile+"` | content: both sides changed the same lines |") ||
		!strings.Contains(pick.Body, "Prepare the push (#"+itoa(needed)+") (#"+itoa(needed)+"): nobody has asked for a pick of it") && !strings.Contains(pick.Body, "(#"+itoa(needed)+"): nobody has asked") ||
		!strings.Contains(pick.Body, "git push origin HEAD:'cherry-pick-"+itoa(n)+"-to-release-1.30'") {
		t.Errorf("%+v", pick)
	}
	if text, _ := w.gh.File(demoRepo, pick.Head, adsFile); !strings.Contains(text, "<<<<<<< release-1.30") {
		t.Errorf("the draft holds %s", text)
	}
	w.wantStatus(n, "- `release-1.30`: **conflict.** #"+itoa(pick.Number)+" holds the conflict markers")
	if got := w.branchCheck(pick.Number); got != "failure" {
		t.Errorf("the check says %q", got)
	}
	w.again()

	w.do2(w.gh.As("bob").PushToPR(demoRepo, pick.Number, map[string]string{adsFile: "package xds\n\n<<<<<<< release-1.30\nfunc Push() {}\n=======\nfunc Push() { three() }\n>>>>>>> x\n"}, "Half of it"))
	if got := w.branchCheck(pick.Number); got != "failure" {
		t.Errorf("half resolved: the check says %q", got)
	}
	w.wantStatus(n, "Somebody has pushed to it.")
	if answer := w.says("bob", n, "/cherry-pick release-1.30"); !strings.Contains(answer, "#"+itoa(pick.Number)+" stays as it is, because somebody has pushed to it.") {
		t.Errorf("answer: %s", answer)
	}
	w.do2(w.gh.As("bob").PushToPR(demoRepo, pick.Number, map[string]string{adsFile: "package xds\n\n// Push sends three.\nfunc Push() { three() }\n"}, "All of it\n\nCherry-pick of #"+itoa(needed)))
	if got := w.branchCheck(pick.Number); got != "success" {
		t.Errorf("resolved: the check says %q", got)
	}
	w.again()
	w.do(w.gh.As("bob").SetDraft(demoRepo, pick.Number, false))
	w.settle()
	w.wantStatus(n, "- `release-1.30`: #"+itoa(pick.Number)+" is **open**. It had a conflict")
	w.merge("bob", pick.Number, "squash")
	w.wantStatus(n, "- `release-1.30`: **picked**: #"+itoa(pick.Number)+" is merged.", "- `release-1.29`: **conflict.**")
	w.again()
}

func (w *world) do2(_ string, err error) {
	w.t.Helper()
	w.do(err)
	w.settle()
}

// TestPickMadeAnew: once what it needs is there, asking again makes the draft anew.
func TestPickMadeAnew(t *testing.T) {
	w := newWorld(t)
	needed, n := w.clash()
	w.says("bob", n, "/cherry-pick release-1.30")
	pick := w.onePick(n, demoBranch)
	w.says("bob", needed, "/cherry-pick release-1.30")
	w.merge("bob", w.onePick(needed, demoBranch).Number, "squash")
	if got := w.gh.PR(demoRepo, pick.Number); got.HeadSHA != pick.HeadSHA {
		t.Error("the draft has changed by itself")
	}
	if answer := w.says("bob", n, "/cherry-pick release-1.30"); !strings.Contains(answer, "which conflicts, is being made anew.") {
		t.Errorf("answer: %s", answer)
	}
	again := w.onePick(n, demoBranch)
	if again.HeadSHA == pick.HeadSHA || strings.Contains(again.Body, "It has conflicts") {
		t.Errorf("%+v", again)
	}
	if again.Draft {
		t.Error("it applies now, and is a draft")
	}
	w.wantStatus(n, "#"+itoa(pick.Number)+" is **open**.")
	if got := w.branchCheck(pick.Number); got != "success" {
		t.Errorf("the check says %q", got)
	}
	w.again()
}

// TestPickRebuildsDrafts: by policy a push to the branch does the same.
func TestPickRebuildsDrafts(t *testing.T) {
	w := newWorld(t)
	w.policy(basePolicy + "cherrypick: {rebuild_drafts: true, on_conflict: both}\n")
	needed, n := w.clash()
	w.says("bob", n, "/cherry-pick release-1.30")
	pick := w.onePick(n, demoBranch)
	w.wantStatus(n, "holds the conflict markers", "Issue #")
	w.again()
	w.do2(w.gh.As("bob").Push(demoRepo, demoBranch, map[string]string{"other.go": "package main\n"}, "Something else"))
	if got := w.onePick(n, demoBranch); got.HeadSHA != pick.HeadSHA {
		t.Error("a push that changes nothing of it made it anew")
	}
	w.says("bob", needed, "/cherry-pick release-1.30")
	w.merge("bob", w.onePick(needed, demoBranch).Number, "squash")
	if got := w.onePick(n, demoBranch); got.HeadSHA == pick.HeadSHA || strings.Contains(got.Body, "It has conflicts") {
		t.Errorf("%+v", got)
	}
	w.again()
}

// TestUpdatedDraftMadeAnew: "Update branch" is nobody's push. A draft that was only updated
// is made anew, when somebody asks or by policy.
func TestUpdatedDraftMadeAnew(t *testing.T) {
	t.Parallel()
	for name, byPolicy := range map[string]bool{"asked again": false, "by policy": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if byPolicy {
				w.policy(basePolicy + "cherrypick: {rebuild_drafts: true}\n")
			}
			needed, n := w.clash()
			w.says("bob", n, "/cherry-pick release-1.30")
			pick := w.onePick(n, demoBranch)
			for _, file := range []string{"pilot/b.go", "pilot/c.go"} {
				w.moveBase(demoBranch, file)
				w.do(w.gh.As("carol").UpdateBranch(demoRepo, pick.Number))
				w.settle()
			}
			updated := w.gh.PR(demoRepo, pick.Number)
			if updated.HeadSHA == pick.HeadSHA {
				t.Fatal("it wasn't updated")
			}
			w.wantGate(pick.Number, "failure", "The conflict is not resolved")
			w.wantStatus(n, "holds the conflict markers, and says how to go on. **Next step:** resolve it there; or")
			w.again()
			w.says("bob", needed, "/cherry-pick release-1.30")
			w.merge("bob", w.onePick(needed, demoBranch).Number, "squash")
			if !byPolicy {
				if answer := w.says("bob", n, "/cherry-pick release-1.30"); !strings.Contains(answer, "which conflicts, is being made anew.") {
					t.Errorf("answer: %s", answer)
				}
			}
			again := w.onePick(n, demoBranch)
			if again.HeadSHA == updated.HeadSHA || strings.Contains(again.Body, "It has conflicts") || w.branchCheck(again.Number) != "success" {
				t.Errorf("%+v", again)
			}
			w.again()
			// What somebody has pushed since isn't.
			w.do2(w.gh.As("bob").PushToPR(demoRepo, pick.Number, map[string]string{"pilot/d.go": "package pilot\n"}, "More"))
			w.moveBase(demoBranch, "pilot/e.go")
			w.do(w.gh.As("carol").UpdateBranch(demoRepo, pick.Number))
			w.settle()
			w.says("bob", n, "/cherry-pick release-1.30")
			if text, _ := w.gh.File(demoRepo, pick.Head, "pilot/d.go"); text == "" {
				t.Error("somebody's push was overwritten")
			}
			w.again()
		})
	}
}

// TestMarkersOfTheSource: a fixture that holds markers on the source branch holds no pick
// up; markers that the source doesn't have do, in the same file, too.
func TestMarkersOfTheSource(t *testing.T) {
	const fixture = "<<<<<<< HEAD\none\n=======\ntwo\n>>>>>>> topic\n"
	w := newWorld(t)
	n := w.sourcePR("bob", "fixture", "A fixture", map[string]string{"testdata/merge.txt": "first\n" + fixture})
	w.merge("bob", n, "squash")
	n = w.sourcePR("bob", "leak", "Fix a leak", map[string]string{"testdata/merge.txt": "changed\n" + fixture, "leak.go": "package leak\n"})
	w.merge("bob", n, "squash")
	w.says("bob", n, "/cherry-pick release-1.30")
	pick := w.onePick(n, demoBranch)
	w.wantGate(pick.Number, "failure", "The conflict is not resolved")
	push := func(text string) {
		w.do2(w.gh.As("bob").PushToPR(demoRepo, pick.Number, map[string]string{"testdata/merge.txt": text}, "Resolved"))
	}
	push("resolved\n" + fixture)
	if run := w.gate(pick.Number); !strings.Contains(run.Summary, "| Conflict markers | ✅ | None remain. |") {
		t.Errorf("the source's own: %s", run.Summary)
	}
	w.again()
	push("<<<<<<< release-1.30\nours\n=======\n" + fixture + ">>>>>>> x\n")
	w.wantGate(pick.Number, "failure", "Conflict markers in 1 file")
	w.again()
}

// TestAcceptDraft: who may ask for picks takes a draft without markers as it is. An update
// on GitHub changes nothing of that, a push undoes it.
func TestAcceptDraft(t *testing.T) {
	w := newWorld(t)
	n := w.sourcePR("bob", "leak", "Fix a leak", map[string]string{"pilot/gone.go": "package pilot\n\nfunc Gone() {}\n"})
	w.merge("bob", n, "squash")
	m := w.sourcePR("bob", "more", "Fix another", map[string]string{"pilot/gone.go": "package pilot\n\nfunc Gone() { all() }\n"})
	w.merge("bob", m, "squash")
	w.says("bob", m, "/cherry-pick release-1.30")
	pick := w.onePick(m, demoBranch)
	if answer := w.says("mallory", pick.Number, "/cherry-pick accept"); !strings.Contains(answer, "may") {
		t.Errorf("a stranger: %s", answer)
	}
	w.wantGate(pick.Number, "failure", "The conflict is not resolved")
	if answer := w.says("bob", m, "/cherry-pick accept"); !strings.Contains(answer, "comment it on the draft itself") {
		t.Errorf("on the source: %s", answer)
	}
	if answer := w.says("bob", pick.Number, "/cherry-pick accept"); !strings.Contains(answer, "`bob` accepts this draft as it is, at `"+pick.HeadSHA[:7]) {
		t.Errorf("answer: %s", answer)
	}
	accepted := func(when string) {
		t.Helper()
		run := w.gate(pick.Number)
		if !strings.Contains(run.Summary, "| Conflict markers | ✅ | None remain, and the rest of the conflict was accepted by `bob` as #"+itoa(pick.Number)+" has it, at `"+pick.HeadSHA[:7]) {
			t.Errorf("%s: %s: %s", when, run.Title, run.Summary)
		}
		w.wantStatus(m, "is **open**. It had a conflict, and was accepted as it is.", "`release-1.30`: accepted by `bob`")
		w.again()
	}
	accepted("accepted")
	if answer := w.says("bob", m, "/cherry-pick release-1.30"); !strings.Contains(answer, "is open already") {
		t.Errorf("asked again: %s", answer)
	}
	w.moveBase(demoBranch, "pilot/b.go")
	w.do(w.gh.As("carol").UpdateBranch(demoRepo, pick.Number))
	w.settle()
	accepted("updated")
	w.stop()
	w.newDatabase()
	w.start()
	accepted("after the database was lost")
	w.do2(w.gh.As("bob").PushToPR(demoRepo, pick.Number, map[string]string{"pilot/gone.go": "<<<<<<< x\n"}, "More"))
	w.wantGate(pick.Number, "failure", "Conflict markers in 1 file")
	w.again()
}

// TestDraftWithMarkersIsNotAccepted: what has markers is work that is left.
func TestDraftWithMarkersIsNotAccepted(t *testing.T) {
	w := newWorld(t)
	_, n := w.clash()
	w.says("bob", n, "/cherry-pick release-1.30")
	pick := w.onePick(n, demoBranch)
	if answer := w.says("bob", pick.Number, "/cherry-pick accept"); !strings.Contains(answer, "conflict markers remain") {
		t.Errorf("answer: %s", answer)
	}
	w.wantGate(pick.Number, "failure", "The conflict is not resolved")
	w.again()
}

// TestPickByAttributes: the branch says by merge=union how a file is merged. The pick is
// clean, and the check merges it in the same way.
func TestPickByAttributes(t *testing.T) {
	w := gateWorld(t, "")
	w.do2(w.gh.As("bob").Push(demoRepo, "master", map[string]string{"CHANGES.md": "# Changes\n"}, "Changes"))
	w.do2(w.gh.As("bob").Push(demoRepo, demoBranch, map[string]string{"CHANGES.md": "# Changes\n- Ours\n", ".gitattributes": "CHANGES.md merge=union\n"}, "Ours"))
	n := w.sourcePR("bob", "leak", "Fix a leak", map[string]string{"CHANGES.md": "# Changes\n- Theirs\n", "leak.go": "package leak\n"})
	w.review("alice", n, "APPROVE")
	w.merge("bob", n, "squash")
	w.says("bob", n, "/cherry-pick release-1.30")
	pick := w.onePick(n, demoBranch)
	if text, _ := w.gh.File(demoRepo, pick.Head, "CHANGES.md"); pick.Draft || text != "# Changes\n- Ours\n- Theirs\n" {
		t.Errorf("draft %t, it holds %q", pick.Draft, text)
	}
	if run := w.gate(pick.Number); !strings.Contains(run.Summary, "| Origin | ✅ | An exact cherry-pick of #"+itoa(n)) {
		t.Errorf("%s: %s", run.Title, run.Summary)
	}
	w.again()
}

// TestDraftWithEditedText: a conflict that leaves no markers stays one though the draft's
// text doesn't say so any more.
func TestDraftWithEditedText(t *testing.T) {
	w := newWorld(t)
	n := w.sourcePR("bob", "leak", "Fix a leak", map[string]string{"pilot/gone.go": "package pilot\n\nfunc Gone() {}\n"})
	w.merge("bob", n, "squash")
	m := w.sourcePR("bob", "more", "Fix another", map[string]string{"pilot/gone.go": "package pilot\n\nfunc Gone() { all() }\n"})
	w.merge("bob", m, "squash")
	w.says("bob", m, "/cherry-pick release-1.30")
	pick := w.onePick(m, demoBranch)
	w.do(w.gh.As("bob").EditBody(demoRepo, pick.Number, "Mine."))
	w.settle()
	w.wantGate(pick.Number, "failure", "The conflict is not resolved")
	w.moveBase(demoBranch, "pilot/b.go")
	w.do(w.gh.As("bob").UpdateBranch(demoRepo, pick.Number))
	w.settle()
	w.wantGate(pick.Number, "failure", "The conflict is not resolved")
	w.again()
}

// TestPickConflictIssue: by policy an issue in the place of the draft.
func TestPickConflictIssue(t *testing.T) {
	w := newWorld(t)
	w.policy(basePolicy + "cherrypick: {on_conflict: issue}\n")
	_, n := w.clash()
	w.says("bob", n, "/cherry-pick release-1.30")
	if len(w.picks(n, demoBranch)) != 0 {
		t.Error("there holds the conflict markers")
	}
	var found []sandbox.Issue
	for _, i := range w.gh.Issues(demoRepo) {
		if !i.IsPR && i.Title == "[release-1.30] Fix the push" {
			found = append(found, i)
		}
	}
	if len(found) != 1 || strings.Join(found[0].Assignees, " ") != "bob" || !strings.Contains(found[0].Body, "git cherry-pick -x ") {
		t.Fatalf("%+v", found)
	}
	w.wantStatus(n, "**conflict.** Issue #"+itoa(found[0].Number)+" says how")
	w.again()
	w.do(w.gh.As("bob").EditBody(demoRepo, found[0].Number, "I am at it.\n\n"+found[0].Body))
	w.settle()
	w.wantVerdict(w.openPR("bob", demoBranch, "other"), "success") // edited by hand it is no torn freeze either
	w.again()
	w.says("alice", n, "/release freeze release-1.30") // the issue is no freeze
	if len(w.freezes()) != 1 {
		t.Errorf("%d freezes", len(w.freezes()))
	}
	w.again()
}

// TestPickKinds: what each way to merge put on the base is what is picked.
func TestPickKinds(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"squash", "rebase", "merge"} {
		t.Run(method, func(t *testing.T) {
			w := newWorld(t)
			n := w.sourcePR("bob", "leak", "Fix a leak", map[string]string{"a.go": "package main\n"})
			w.do2(w.gh.As("bob").PushToPR(demoRepo, n, map[string]string{"b.go": "package main\n"}, "Second"))
			w.do2(w.gh.As("bob").PushToPR(demoRepo, n, map[string]string{"a.go": "package a\n"}, "Third"))
			w.do2(w.gh.As("carol").Push(demoRepo, "master", map[string]string{"unrelated.go": "package main\n"}, "Unrelated"))
			w.merge("bob", n, method)
			w.says("bob", n, "/cherry-pick release-1.30")
			pick := w.onePick(n, demoBranch)
			if pick.Draft {
				t.Errorf("%+v", pick)
			}
			want := map[string]int{"squash": 1, "rebase": 3, "merge": 1}[method]
			out, err := exec.Command("git", "-C", w.gh.GitDir(demoRepo), "log", "--format=%an|%s", demoBranch+".."+pick.Head).CombinedOutput()
			w.do(err)
			if lines := strings.Count(string(out), "\n"); lines != want {
				t.Errorf("%d commits, want %d: %s", lines, want, out)
			}
			if method == "rebase" && !strings.HasPrefix(string(out), "bob|Third\nbob|Second\nbob|") {
				t.Errorf("the commits: %s", out)
			}
			for file, text := range map[string]string{"a.go": "package a\n", "b.go": "package main\n", "unrelated.go": ""} {
				if got, _ := w.gh.File(demoRepo, pick.Head, file); got != text {
					t.Errorf("%s holds %q, want %q", file, got, text)
				}
			}
			w.again()
		})
	}
}

// TestPickAfterCrash: whatever answer never arrived, there is one pull request.
func TestPickAfterCrash(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{
		"push": "/git-receive-pack$", "pull request": "/pulls$", "status": "/issues/1/comments$", "assignee": "/assignees$",
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			n := w.merged("leak", "squash")
			w.gh.Fault(sandbox.Fault{Method: http.MethodPost, Path: regexp.MustCompile(path), Times: 1, DropResponseAfterEffect: true})
			w.says("bob", n, "/cherry-pick release-1.30")
			if w.gh.FaultHits() == 0 {
				t.Error("nothing went wrong")
			}
			pick := w.onePick(n, demoBranch)
			w.wantStatus(n, "#"+itoa(pick.Number)+" is **open**")
			w.again()
		})
	}
}

// TestPickBranchOfSomebodyElse: it is never overwritten.
func TestPickBranchOfSomebodyElse(t *testing.T) {
	w := newWorld(t)
	n := w.merged("leak", "squash")
	w.do2(w.gh.As("carol").Push(demoRepo, headName(n, demoBranch), map[string]string{"x.go": "package main\n"}, "By hand"))
	tip := w.gh.Branch(demoRepo, headName(n, demoBranch))
	w.says("bob", n, "/cherry-pick release-1.30")
	w.wantStatus(n, "**not picked**, because somebody has pushed to the branch")
	pr, err := w.gh.As("carol").OpenPR(demoRepo, sandbox.PROptions{Base: demoBranch, Head: headName(n, demoBranch), Title: "By hand"})
	w.do(err)
	w.settle()
	w.says("bob", n, "/cherry-pick release-1.30")
	w.wantStatus(n, "**not picked**, because #"+itoa(pr.Number)+", which somebody else opened")
	if got := w.gh.Branch(demoRepo, headName(n, demoBranch)); got != tip {
		t.Error("the branch was overwritten")
	}
	w.again()
}

// TestPickWithLostDatabase: GitHub is the record.
func TestPickWithLostDatabase(t *testing.T) {
	w := newWorld(t)
	n := w.sourcePR("bob", "leak", "Fix a leak", map[string]string{"leak.go": "package main\n"})
	w.says("carol", n, "/cherry-pick release-1.30")
	w.stop()
	w.newDatabase()
	if _, err := w.gh.As("bob").Merge(demoRepo, n, "squash"); err != nil { // nobody hears of it
		t.Fatal(err)
	}
	w.start()
	pick := w.onePick(n, demoBranch)
	if got := w.gh.Issue(demoRepo, pick.Number).Assignees; len(got) != 1 || got[0] != "carol" {
		t.Errorf("assigned: %v", got)
	}
	w.again()
	w.stop()
	w.newDatabase()
	w.start()
	w.onePick(n, demoBranch)
	w.again()
}

// TestPickWebhooksInAnyOrder: doubled and reordered, there is one pull request.
func TestPickWebhooksInAnyOrder(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sandbox.HookFault{"doubled": {Double: true}, "reordered": {Swap: true}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.gh.FaultHooks(fault)
			pr, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: "master", Head: "leak", Files: map[string]string{"leak.go": "package main\n"}})
			w.do(err)
			w.do(w.gh.As("bob").AddLabel(demoRepo, pr.Number, "cherrypick/release-1.30"))
			_, err = w.gh.As("bob").Merge(demoRepo, pr.Number, "squash")
			w.do(err)
			_, err = w.gh.As("bob").Comment(demoRepo, pr.Number, "/cherry-pick release-1.30")
			w.do(err)
			w.gh.ClearHookFaults()
			w.openPR("bob", "release-1.29", "flush") // releases what is held back
			w.do(w.program.queue.Enqueue(context.Background(), reconcile.SweepKey()))
			w.settle()
			w.onePick(pr.Number, demoBranch)
			w.again()
		})
	}
}

// TestPickRefusedPush: what GitHub doesn't let Slipway push is said plainly.
func TestPickRefusedPush(t *testing.T) {
	w := newWorld(t)
	n := w.sourcePR("bob", "ci", "Faster CI", map[string]string{".github/workflows/ci.yml": "on: push\n"})
	w.merge("bob", n, "squash")
	w.says("bob", n, "/cherry-pick release-1.30")
	w.wantStatus(n, "**not picked**, because it changes files in `.github/workflows`, and the App lacks the permission *Workflows: read and write*.")
	w.again()
	m := w.merged("leak", "squash")
	w.do(w.gh.ProtectBranch(demoRepo, headName(m, demoBranch), &sandbox.Protection{}))
	w.says("bob", m, "/cherry-pick release-1.30")
	w.wantStatus(m, "**not picked**: a rule of this repository forbids Slipway")
	w.do(w.gh.ProtectBranch(demoRepo, headName(m, demoBranch), nil))
	w.says("bob", m, "/cherry-pick release-1.30")
	w.onePick(m, demoBranch)
	w.again()
}

// TestPickElsewhere: private repositories, branches with slashes, a base that was
// deleted or renamed meanwhile.
func TestPickElsewhere(t *testing.T) {
	w := newWorld(t)
	w.do(w.gh.CreateBranch(demoRepo, "release/1.31", "master"))
	w.do(w.gh.CreateBranch(demoRepo, "feature", "master"))
	w.policy("branches: [\"release-*\", \"release/*\"]\nrelease_managers: [release-managers-1-30]\n")
	pr, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: "feature", Head: "leak", Title: "Fix", Files: map[string]string{"leak.go": "package main\n"}})
	w.do(err)
	w.settle()
	w.says("bob", pr.Number, "/cherry-pick release/1.31")
	w.merge("bob", pr.Number, "squash")
	w.onePick(pr.Number, "release/1.31")
	w.do(w.gh.As("bob").DeleteBranch(demoRepo, "feature"))
	w.settle()
	w.says("bob", pr.Number, "/cherry-pick release-1.30")
	w.onePick(pr.Number, "release-1.30")
	w.again()
	w.do(w.gh.As("bob").DeleteBranch(demoRepo, "release/1.31"))
	w.settle()
	w.wantStatus(pr.Number, "- `release/1.31`: **not picked**: #")
	w.again()
}

// TestPickStatusByHand: an edited status comment is put right, and nothing in it
// is believed.
func TestPickStatusByHand(t *testing.T) {
	w := newWorld(t)
	n := w.sourcePR("bob", "leak", "Fix a leak", map[string]string{"leak.go": "package main\n"})
	w.says("bob", n, "/cherry-pick release-1.30")
	for _, c := range w.gh.Comments(demoRepo, n) {
		if strings.HasPrefix(c.Body, "<!-- slipway:picks ") {
			w.do(w.gh.As("carol").EditComment(demoRepo, c.ID, strings.ReplaceAll(c.Body, `"by":"bob"`, `"by":"mallory"`)))
		}
	}
	w.settle()
	w.merge("bob", n, "squash")
	pick := w.onePick(n, demoBranch)
	if got := w.gh.Issue(demoRepo, pick.Number).Assignees; len(got) != 0 {
		t.Errorf("assigned: %v", got)
	}
	w.again()
}

// TestPickInPrivateRepository: git reads and pushes with the App's own token.
func TestPickInPrivateRepository(t *testing.T) {
	w := newWorld(t)
	const repo = "istio/private"
	w.do(w.gh.CreateRepo("istio", "private", sandbox.RepoOptions{Private: true, Files: map[string]string{"README.md": "# Private\n"}}))
	w.do(w.gh.CreateBranch(repo, demoBranch, "master"))
	w.do(w.gh.AddCollaborator(repo, "bob", "write"))
	pr, err := w.gh.As("bob").OpenPR(repo, sandbox.PROptions{Base: "master", Head: "leak", Title: "Fix", Files: map[string]string{"leak.go": "package main\n"}})
	w.do(err)
	w.do(w.gh.As("bob").AddLabel(repo, pr.Number, "cherrypick/release-1.30"))
	w.settle()
	w.do2(w.gh.As("bob").Merge(repo, pr.Number, "squash"))
	var found []sandbox.PR
	for _, one := range w.gh.PRs(repo) {
		if one.Head == headName(pr.Number, demoBranch) {
			found = append(found, one)
		}
	}
	if len(found) != 1 {
		t.Errorf("%+v\n%s", w.gh.PRs(repo), w.log)
	}
	w.again()
}

// TestPickInRepositoryWithoutPolicy: there the command may be another bot's.
func TestPickInRepositoryWithoutPolicy(t *testing.T) {
	w := newWorld(t)
	const repo = "acme/rocket"
	w.do(w.gh.CreateOrg("acme", "bob"))
	w.do(w.gh.CreateRepo("acme", "rocket", sandbox.RepoOptions{Files: map[string]string{"README.md": "# Rocket\n"}}))
	_, err := w.gh.Install("acme", sandbox.InstallOptions{Permissions: ghclient.Permissions()})
	w.do(err)
	w.do(w.gh.CreateBranch(repo, demoBranch, "master"))
	pr, err := w.gh.As("bob").OpenPR(repo, sandbox.PROptions{Base: "master", Head: "leak", Files: map[string]string{"leak.go": "package main\n"}})
	w.do(err)
	w.do2(w.gh.As("bob").Merge(repo, pr.Number, "squash"))
	_, err = w.gh.As("bob").Comment(repo, pr.Number, "/cherry-pick release-1.30")
	w.do(err)
	w.do(w.gh.As("bob").AddLabel(repo, pr.Number, "cherrypick/release-1.30"))
	w.settle()
	if got := len(w.gh.Comments(repo, pr.Number)); got != 1 {
		t.Errorf("%d comments", got)
	}
	w.again()
}

// TestPickWithoutDrafts: not every plan of GitHub's has drafts in private
// repositories. The check holds the pull request back all the same.
func TestPickWithoutDrafts(t *testing.T) {
	w := newWorld(t)
	_, n := w.clash()
	w.gh.Fault(sandbox.Fault{Method: http.MethodPost, Path: regexp.MustCompile("/pulls$"), Times: 1, Status: http.StatusUnprocessableEntity,
		Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}},
		Body:   `{"message":"Validation Failed","errors":[{"resource":"PullRequest","code":"custom","message":"Draft pull requests are not supported in this repository."}],"documentation_url":"https://docs.github.com/rest"}`})
	w.says("bob", n, "/cherry-pick release-1.30")
	pick := w.onePick(n, demoBranch)
	if pick.Draft || w.branchCheck(pick.Number) != "failure" {
		t.Errorf("%+v, %s", pick, w.branchCheck(pick.Number))
	}
	w.wantStatus(n, "**conflict.** #"+itoa(pick.Number))
	w.again()
	w.do2(w.gh.As("bob").PushToPR(demoRepo, pick.Number, map[string]string{adsFile: "package xds\n"}, "Resolved"))
	w.wantStatus(n, "is **open**. It had a conflict")
	w.again()
}

// TestPickWithoutPermission: an installation that hasn't granted what the App
// has come to need.
func TestPickWithoutPermission(t *testing.T) {
	w := newWorld(t)
	n := w.merged("leak", "squash")
	less := ghclient.Permissions()
	less["contents"] = "read"
	w.do(w.gh.SetPermissions(installationOf(t, w), less))
	w.says("bob", n, "/cherry-pick release-1.30")
	w.wantStatus(n, "**not picked**, because Slipway gets no access to push to this repository. The App lacks a permission. GitHub says: `The permissions requested are not granted to this installation.`. **Next step:** have an owner")
	w.again()
	w.do(w.gh.SetPermissions(installationOf(t, w), ghclient.Permissions()))
	w.settle()
	w.says("bob", n, "/cherry-pick release-1.30")
	w.onePick(n, demoBranch)
	w.again()
}

// TestPickAskedInDescription: a description may ask, too.
func TestPickAskedInDescription(t *testing.T) {
	w := newWorld(t)
	pr, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: "master", Head: "leak", Title: "Fix", Body: "Fixes it.\n\n/cherry-pick release-1.30\n",
		Files: map[string]string{"leak.go": "package main\n"}})
	w.do(err)
	w.settle()
	w.wantStatus(pr.Number, "**waits for the merge**")
	w.merge("bob", pr.Number, "squash")
	w.onePick(pr.Number, demoBranch)
	w.again()
}

// TestReleaseBranchCheck: it is on every pull request of a governed branch, and
// on what a merge queue builds of them.
func TestReleaseBranchCheck(t *testing.T) {
	w := newWorld(t)
	n, other := w.openPR("bob", demoBranch, "fix"), w.openPR("bob", "master", "other")
	if got := w.branchCheck(n); got != "failure" {
		t.Errorf("by hand: the check says %q", got)
	}
	w.review("alice", n, "APPROVE")
	if got := w.branchCheck(n); got != "success" {
		t.Errorf("approved: the check says %q", got)
	}
	if got := w.branchCheck(other); got != "" {
		t.Errorf("ungoverned: the check says %q", got)
	}
	sha, err := w.gh.As("bob").EnqueueMergeGroup(demoRepo, demoBranch, n)
	w.do(err)
	w.settle()
	if run, _ := w.gh.CheckRun(demoRepo, sha, "slipway/release-branch"); run.Conclusion != "success" {
		t.Errorf("the group's check says %q", run.Conclusion)
	}
	w.again()
}

// TestSecondPullRequestFromAPick: a check is a commit's, so a second pull request
// from the branch of a pick that conflicts doesn't turn it green.
func TestSecondPullRequestFromAPick(t *testing.T) {
	w := newWorld(t)
	_, n := w.clash()
	w.says("bob", n, "/cherry-pick release-1.30")
	pick := w.onePick(n, demoBranch)
	second, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: "release-1.29", Head: pick.Head, Title: "Mine"})
	w.do(err)
	w.settle()
	if got := w.branchCheck(pick.Number); got != "failure" {
		t.Errorf("the check says %q", got)
	}
	w.again()
	w.do(w.gh.As("bob").Close(demoRepo, pick.Number))
	w.settle()
	if run := w.gate(second.Number); strings.Contains(run.Title, "conflict") {
		t.Errorf("alone: the check says %q", run.Title)
	}
	w.again()
}
