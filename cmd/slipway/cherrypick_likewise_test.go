package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

const olderBranch = "release-1.29"

// resolves has bob resolve a draft by a push, and alice merge it.
func (w *world) resolves(pick sandbox.PR, files map[string]string, method string) {
	w.t.Helper()
	w.do2(w.gh.As("bob").PushToPR(demoRepo, pick.Number, files, "Resolved"))
	w.do(w.gh.As("bob").SetDraft(demoRepo, pick.Number, false))
	w.settle()
	w.merge("alice", pick.Number, method)
}

// wantProposed fails unless a draft proposes what another one was merged as.
func (w *world) wantProposed(n, of int, like sandbox.PR) sandbox.PR {
	w.t.Helper()
	pick := w.onePick(of, olderBranch)
	text, _ := w.gh.File(demoRepo, pick.Head, adsFile)
	switch {
	case n != 0 && pick.Number != n:
		w.t.Errorf("#%d in the place of #%d", pick.Number, n)
	case !pick.Draft || strings.Contains(text, "<<<<<<<") || !strings.Contains(text, "resolved"):
		w.t.Errorf("draft %t, it holds\n%s\n%s", pick.Draft, text, w.log)
	case !strings.Contains(pick.Body, "**It conflicts, and is proposed to be resolved as on `release-1.30`**, in #"+itoa(like.Number)+", which `alice` merged."),
		!strings.Contains(pick.Body, "-<<<<<<< release-1.29\n"), !strings.Contains(pick.Body, "+func Push() { resolved() }\n"):
		w.t.Errorf("it says\n%s", pick.Body)
	}
	w.wantStatus(of, "- `release-1.29`: **conflict.** #"+itoa(pick.Number)+" proposes to resolve it as #"+itoa(like.Number)+" did on `release-1.30`. **Next step:** look at it, and do as it says.")
	return pick
}

// TestPickLikewise: what people made of a conflict on one branch is proposed on the next, at the first try
// or once that is merged. It is believed no more than what anybody pushes.
func TestPickLikewise(t *testing.T) {
	t.Parallel()
	for name, both := range map[string]bool{"asked for later": false, "asked for at once": true} {
		t.Run(name, func(t *testing.T) {
			w := gateWorld(t, "")
			_, n := w.clash()
			ask := "/cherry-pick release-1.30"
			if both {
				ask += " release-1.29"
			}
			w.says("bob", n, ask)
			first, old := w.onePick(n, demoBranch), 0
			if both {
				old = w.onePick(n, olderBranch).Number
			}
			w.resolves(first, adsText("resolved"), "squash")
			if !both {
				w.says("bob", n, "/cherry-pick release-1.29")
			}
			pick := w.wantProposed(old, n, first)
			w.wantGate(pick.Number, "failure", "Nobody has accepted the proposed resolution")
			if told := w.told(n); both && !strings.Contains(told[len(told)-1], "proposes to resolve it as") {
				t.Errorf("told %q", told)
			}
			w.again()
			// Who may ask takes it, and the check judges it by what it is.
			if answer := w.says("bob", pick.Number, "/cherry-pick accept"); !strings.Contains(answer, "accepts this draft as it is") {
				t.Errorf("answer: %s", answer)
			}
			accepted := w.gate(pick.Number)
			w.do2(w.gh.As("bob").PushToPR(demoRepo, pick.Number, map[string]string{"x.txt": "x\n"}, "More"))
			w.do2(w.gh.As("bob").PushToPR(demoRepo, pick.Number, map[string]string{"x.txt": ""}, "Less"))
			if accepted.Conclusion != "failure" || accepted.Title != w.gate(pick.Number).Title {
				t.Errorf("accepted it says %q: %s\nresolved by hand %q", accepted.Title, accepted.Summary, w.gate(pick.Number).Title)
			}
			w.again()
		})
	}
}

// TestPickLikewiseMerged: however it was merged, and whoever signs the commits; a forward port, too.
func TestPickLikewiseMerged(t *testing.T) {
	t.Parallel()
	for name, section := range map[string]string{"rebase": "", "merge": "", "squash signed": "cherrypick: {sign_commits: github}\n", "squash chained": "cherrypick: {chain: true}\n"} {
		t.Run(name, func(t *testing.T) {
			method, _, _ := strings.Cut(name, " ")
			w := newWorld(t)
			w.policy(basePolicy + section)
			_, n := w.clash()
			w.says("bob", n, "/cherry-pick release-1.30 release-1.29")
			first, old := w.onePick(n, demoBranch), 0
			for _, one := range w.picks(n, olderBranch) { // none in a chain
				old = one.Number
			}
			w.moveBase(demoBranch, "pilot/between.go")
			w.resolves(first, adsText("resolved"), method)
			w.wantProposed(old, n, first)
			w.again()
		})
	}
	t.Run("forward", func(t *testing.T) {
		w := newWorld(t)
		w.do2(w.gh.As("alice").Push(demoRepo, "master", adsText("two"), "Another"))
		w.do2(w.gh.As("alice").Push(demoRepo, olderBranch, adsText("two"), "Another"))
		n := w.openPR("bob", demoBranch, "fix")
		w.do2(w.gh.As("bob").PushToPR(demoRepo, n, adsText("three"), "Fix the push"))
		w.merge("alice", n, "squash")
		w.says("bob", n, "/cherry-pick master release-1.29")
		first := w.onePick(n, olderBranch)
		w.resolves(first, adsText("resolved"), "squash")
		pick := w.onePick(n, "master")
		text, _ := w.gh.File(demoRepo, pick.Head, adsFile)
		if !pick.Draft || strings.Contains(text, "<<<<<<<") || !strings.Contains(pick.Body, "only that it is a draft holds it back. **Next step:** look at *Proposed* below.") {
			t.Errorf("draft %t, it holds\n%s\nand says\n%s", pick.Draft, text, pick.Body)
		}
		w.again()
	})
}

// TestPickNotLikewise: another conflict, a draft that somebody has pushed to, what isn't merged, and a repository that
// doesn't want it.
func TestPickNotLikewise(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(w *world, n int){
		"another conflict": func(w *world, n int) {
			w.do2(w.gh.As("alice").Push(demoRepo, olderBranch, adsText("another"), "Another"))
		},
		"pushed to": func(w *world, n int) {
			w.says("bob", n, "/cherry-pick release-1.29")
			w.do2(w.gh.As("carol").PushToPR(demoRepo, w.onePick(n, olderBranch).Number, map[string]string{"x.txt": "x\n"}, "Begun"))
		},
		"not merged": func(w *world, n int) {
			w.says("bob", n, "/cherry-pick release-1.30")
			w.do2(w.gh.As("carol").PushToPR(demoRepo, w.onePick(n, demoBranch).Number, adsText("resolved"), "Resolved"))
			w.says("bob", n, "/cherry-pick release-1.29")
			pick := w.onePick(n, olderBranch)
			if text, _ := w.gh.File(demoRepo, pick.Head, adsFile); !strings.Contains(text, "<<<<<<<") || strings.Contains(pick.Body, "proposed") {
				w.t.Errorf("it holds\n%s\nand says\n%s", text, pick.Body)
			}
			w.do(w.gh.As("bob").Close(demoRepo, w.onePick(n, demoBranch).Number))
			w.settle()
			w.again()
		},
		"by policy": func(w *world, n int) { w.policy(basePolicy + "cherrypick: {reuse_resolutions: false}\n") },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			_, n := w.clash()
			do(w, n)
			if name != "not merged" {
				w.says("bob", n, "/cherry-pick release-1.30")
				w.resolves(w.onePick(n, demoBranch), adsText("resolved"), "squash")
			}
			w.says("bob", n, "/cherry-pick release-1.29")
			pick := w.onePick(n, olderBranch)
			text, _ := w.gh.File(demoRepo, pick.Head, adsFile)
			if !strings.Contains(text, "<<<<<<<") || strings.Contains(pick.Body, "proposed") || strings.Contains(w.status(n), "proposes") {
				t.Errorf("it holds\n%s\nand says\n%s", text, pick.Body)
			}
			w.again()
		})
	}
}

// TestPickLikewiseInPart: of two files in conflict, one is as it was resolved, and markers stay in the other.
func TestPickLikewiseInPart(t *testing.T) {
	w := newWorld(t)
	const other = "pilot/other.go"
	files := func(what string) map[string]string {
		all := adsText(what)
		all[other] = "package pilot\n\n// " + what + "\n"
		return all
	}
	for branch, text := range map[string]string{"master": "base", demoBranch: "base", olderBranch: "older"} {
		w.do2(w.gh.As("alice").Push(demoRepo, branch, map[string]string{other: "package pilot\n\n// " + text + "\n"}, "Begin"))
	}
	w.merge("carol", w.sourcePR("carol", "needed", "Prepare the push", files("two")), "squash")
	n := w.sourcePR("bob", "leak", "Fix the push", files("three"))
	w.merge("bob", n, "squash")
	w.says("bob", n, "/cherry-pick release-1.30 release-1.29")
	first := w.onePick(n, demoBranch)
	w.resolves(first, files("resolved"), "squash")
	pick := w.onePick(n, olderBranch)
	one, _ := w.gh.File(demoRepo, pick.Head, adsFile)
	two, _ := w.gh.File(demoRepo, pick.Head, other)
	if strings.Contains(one, "<<<<<<<") || !strings.Contains(two, "<<<<<<< release-1.29\n// older\n=======\n// three\n>>>>>>> ") {
		t.Errorf("they hold\n%s\n%s", one, two)
	}
	if !strings.Contains(pick.Body, "**A part is proposed to be resolved as on `release-1.30`**, in #"+itoa(first.Number)) ||
		!strings.Contains(pick.Body, "; **resolved as in #"+itoa(first.Number)+"** |") || !strings.Contains(pick.Body, "# '"+other+"' has conflict markers\n") {
		t.Errorf("it says\n%s", pick.Body)
	}
	w.wantStatus(n, "#"+itoa(pick.Number)+" holds what is left of it, and says how to go on. The rest is proposed to be resolved as #"+itoa(first.Number)+" did on `release-1.30`.")
	if got := w.branchCheck(pick.Number); got != "failure" {
		t.Errorf("the check says %q", got)
	}
	if answer := w.says("bob", pick.Number, "/cherry-pick accept"); !strings.Contains(answer, "conflict markers remain") {
		t.Errorf("answer: %s", answer)
	}
	w.again()
	w.do2(w.gh.As("bob").PushToPR(demoRepo, pick.Number, map[string]string{other: files("resolved")[other]}, "The rest"))
	w.wantStatus(n, "- `release-1.29`: **conflict.** #"+itoa(pick.Number), "Somebody has pushed to it.")
	w.again()
}

// TestPickLikewiseAfterCrash: with answers lost, webhooks lost and the database lost, the same draft comes of it.
func TestPickLikewiseAfterCrash(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]*sandbox.Fault{
		"push":         {Method: http.MethodPost, Path: regexp.MustCompile("/git-receive-pack$"), Times: 1, DropResponseAfterEffect: true},
		"refused push": {Method: http.MethodPost, Path: regexp.MustCompile("/git-receive-pack$"), Times: 1, Drop: true},
		"text":         {Method: http.MethodPatch, Path: regexp.MustCompile("/pulls/"), Times: 1, Drop: true},
		"status":       {Method: http.MethodPatch, Path: regexp.MustCompile("/issues/comments/"), Times: 2, Drop: true},
		"webhooks":     nil,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			_, n := w.clash()
			w.says("bob", n, "/cherry-pick release-1.30 release-1.29")
			first, old := w.onePick(n, demoBranch), w.onePick(n, olderBranch).Number
			w.do2(w.gh.As("bob").PushToPR(demoRepo, first.Number, adsText("resolved"), "Resolved"))
			w.do(w.gh.As("bob").SetDraft(demoRepo, first.Number, false))
			w.settle()
			if fault == nil {
				w.stop()
				w.newDatabase()
				w.do2lost("alice", first.Number)
				w.start()
			} else {
				w.gh.Fault(*fault)
				w.merge("alice", first.Number, "squash")
				w.gh.ClearFaults()
				w.resync()
			}
			w.wantProposed(old, n, first)
			w.again()
		})
	}
}

// do2lost merges a pull request while nobody hears of it.
func (w *world) do2lost(login string, n int) {
	w.t.Helper()
	_, err := w.gh.As(login).Merge(demoRepo, n, "squash")
	w.do(err)
}
