package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// adsText is the file that clash changes, as somebody has it push.
func adsText(what string) map[string]string {
	return map[string]string{adsFile: "package xds\n\n// Push sends " + what + ".\nfunc Push() { " + what + "() }\n"}
}

// wantNoPick fails if anything but comments was made for a source.
func (w *world) wantNoPick(source int, branch string) {
	w.t.Helper()
	if len(w.picks(source, branch)) != 0 || w.gh.Branch(demoRepo, headName(source, branch)) != "" || len(w.gh.PR(demoRepo, source).Labels) != 0 {
		w.t.Errorf("something was made for #%d: %v, labels %v", source, w.picks(source, branch), w.gh.PR(demoRepo, source).Labels)
	}
}

func (w *world) wantNoStatus(source int, part string) {
	w.t.Helper()
	if status := w.status(source); strings.Contains(status, part) {
		w.t.Errorf("#%d: the status comment has %q:\n%s", source, part, status)
	}
}

// TestDryRun: what a pick of an open pull request would come to is told before it is asked
// for, and kept up to date with pushes to either side, until it is asked for.
func TestDryRun(t *testing.T) {
	w := newWorld(t)
	n := w.sourcePR("bob", "leak", "Fix the push", adsText("three"))
	answer := w.says("carol", n, "/cherry-pick --dry-run 1.30 release-1.29")
	if !strings.Contains(answer, "A dry run picks nothing.") || !strings.Contains(answer, "- `release-1.30`: is being looked at.") {
		t.Errorf("answer: %s", answer)
	}
	head := w.gh.PR(demoRepo, n).HeadSHA
	w.wantStatus(n, "- `release-1.30`: **dry run**, asked for by `carol`: at `"+w.gh.Branch(demoRepo, demoBranch)[:7]+"` it would be **clean**. Its head `"+head[:7]+"` was taken as one change",
		"- `release-1.29`: **dry run**", "**Next step:** to have it picked, comment `/cherry-pick release-1.30`.")
	w.wantNoPick(n, demoBranch)
	w.again()

	// The branch moves, and changes the same lines.
	w.do2(w.gh.As("alice").Push(demoRepo, demoBranch, adsText("four"), "Another push"))
	w.wantStatus(n, "- `release-1.30`: **dry run**, asked for by `carol`: at `"+w.gh.Branch(demoRepo, demoBranch)[:7]+"` it would **conflict** in `"+adsFile+"` (content).", "- `release-1.29`: **dry run**, asked for by `carol`: at `"+w.gh.Branch(demoRepo, "release-1.29")[:7]+"` it would be **clean**.")
	w.again()
	// The pull request moves, and is what the branch has.
	w.do2(w.gh.As("bob").PushToPR(demoRepo, n, adsText("four"), "The same"))
	w.wantStatus(n, "- `release-1.30`: **dry run**, asked for by `carol`: at `"+w.gh.Branch(demoRepo, demoBranch)[:7]+"` it would change nothing, because the branch has it **already**.")
	w.again()
	w.do2(w.gh.As("bob").PushToPR(demoRepo, n, adsText("three"), "Back"))
	// Merged, it is what was merged; nobody has asked for the pick.
	w.merge("bob", n, "squash")
	w.wantStatus(n, "- `release-1.30`: **dry run**, asked for by `carol`: at `"+w.gh.Branch(demoRepo, demoBranch)[:7]+"` it would **conflict** in `"+adsFile+"` (content).")
	w.wantNoStatus(n, "was taken as one change")
	w.wantNoPick(n, demoBranch)
	w.again()
	w.says("bob", n, "/cherry-pick release-1.29")
	w.wantStatus(n, "- `release-1.30`: **dry run**", "- `release-1.29`: #"+itoa(w.onePick(n, "release-1.29").Number)+" is **open**.")
	w.wantNoStatus(n, "`release-1.29`: **dry run**")
	w.again()
}

// TestDryRunWaiting: a pick that waits for the merge says the same in its line.
func TestDryRunWaiting(t *testing.T) {
	w := newWorld(t)
	needed := w.sourcePR("carol", "needed", "Prepare the push", adsText("two"))
	w.merge("carol", needed, "squash")
	n := w.sourcePR("bob", "leak", "Fix the push", adsText("three"))
	w.do(w.gh.As("bob").AddLabel(demoRepo, n, "cherrypick/release-1.30"))
	w.settle()
	w.wantStatus(n, "- `release-1.30`: **waits for the merge** of this pull request, and will be picked then. Asked for by `bob`. Now it would **conflict** in `"+adsFile+"` (content). "+
		"The branch lacks what touches the same lines: #"+itoa(needed)+" (nobody has asked for a pick of it).")
	w.again()
	for _, r := range w.gh.Requests() { // what is known of two commits stays so
		if r.Git {
			t.Errorf("git is asked again: %s", r.Path)
		}
	}
	if answer := w.says("bob", n, "/cherry-pick release-1.30 --dry-run"); !strings.Contains(answer, "- `release-1.30`: was asked for already, and its line says what it would come to.") {
		t.Errorf("answer: %s", answer)
	}
	w.says("bob", needed, "/cherry-pick release-1.30")
	w.merge("bob", w.onePick(needed, demoBranch).Number, "squash")
	w.wantStatus(n, "Asked for by `bob`. Now it would be **clean**.")
	w.again()
	w.lost(func() {
		w.do2(w.gh.As("bob").PushToPR(demoRepo, n, map[string]string{adsFile: sandbox.Deleted, "x.go": "package x\n"}, "Gone"))
	})
	w.wantStatus(n, "Now it would be **clean**.")
	w.lost(func() { w.do2(w.gh.As("alice").Push(demoRepo, demoBranch, adsText("five"), "Other")) })
	w.wantStatus(n, "Now it would **conflict** in `"+adsFile+"` (modify/delete).")
	w.again()
	w.stop()
	w.newDatabase()
	w.do(func() error { _, err := w.gh.As("bob").PushToPR(demoRepo, n, adsText("six"), "Six"); return err }())
	w.start()
	w.wantStatus(n, "Now it would **conflict** in `"+adsFile+"` (content).")
	w.again()
}

// TestOptionsOfPicks: what is no option is answered by name, and nothing is done then.
func TestOptionsOfPicks(t *testing.T) {
	w := newWorld(t)
	n := w.merged("leak", "squash")
	for line, want := range map[string]string{
		"/cherry-pick release-1.30 --dryrun":         "there is no option `--dryrun`. Did you mean `--dry-run`?",
		"/cherry-pick --force release-1.30":          "there is no option `--force`. There are `--dry-run`, `--with-needed`",
		"/cherry-pick release-1.30 -n":               "there is no option `-n`",
		"/cherry-pick --dry-run":                     "which branch? None is named",
		"/cherry-pick cancel release-1.30 --dry-run": "there is no option `--dry-run` here",
		"/cherry-pick --upload-pack=sh release-1.30": "there is no option `--upload-pack=sh`",
	} {
		if answer := w.says("bob", n, line); !strings.Contains(answer, want) {
			t.Errorf("%s: %s", line, answer)
		}
	}
	w.wantNoPick(n, demoBranch)
	if answer := w.says("mallory", n, "/cherry-pick release-1.30 --dry-run"); !strings.Contains(answer, "**Not allowed.**") {
		t.Errorf("a stranger: %s", answer)
	}
	// A telephone makes one dash of two.
	w.says("bob", n, "/cherry-pick \u2014Dry-Run release-1.30")
	w.wantStatus(n, "- `release-1.30`: **dry run**, asked for by `bob`", "it would be **clean**")
	w.wantNoPick(n, demoBranch)
	w.again()
	if answer := w.says("bob", n, "/cherry-pick cancel release-1.30"); !strings.Contains(answer, "- `release-1.30`: the dry run is over.") {
		t.Errorf("answer: %s", answer)
	}
	w.wantNoStatus(n, "dry run")
	w.again()
}

// TestDryRunOfAFork: a stranger's change is laid onto the branch, and nothing in it has a say.
func TestDryRunOfAFork(t *testing.T) {
	w := newWorld(t)
	w.do2(w.gh.As("alice").Push(demoRepo, "master", map[string]string{"CHANGES.md": "# Changes\n"}, "Changes"))
	w.do2(w.gh.As("alice").Push(demoRepo, demoBranch, map[string]string{"CHANGES.md": "# Changes\n- Ours\n"}, "Ours"))
	pr, err := w.gh.As("mallory").OpenPR(demoRepo, sandbox.PROptions{Fork: true, Head: "leak", Title: "Fix @everybody",
		Files: map[string]string{"CHANGES.md": "# Changes\n- Theirs\n", ".gitattributes": "* merge=union\n*.md filter=x diff=y\n", "a`b|/x": "x\n"}})
	w.do(err)
	w.settle()
	w.says("bob", pr.Number, "/cherry-pick release-1.30 --dry-run")
	w.wantStatus(pr.Number, "it would **conflict** in `CHANGES.md` (content).")
	// The branch's own attributes do.
	w.do2(w.gh.As("alice").Push(demoRepo, demoBranch, map[string]string{".gitattributes": "CHANGES.md merge=union\n"}, "Attributes"))
	w.wantStatus(pr.Number, "it would **conflict** in `.gitattributes` (add/add).")
	w.do2(w.gh.As("mallory").PushToPR(demoRepo, pr.Number, map[string]string{".gitattributes": sandbox.Deleted}, "None"))
	w.wantStatus(pr.Number, "it would be **clean**.")
	w.wantNoPick(pr.Number, demoBranch)
	w.again()
}

// TestDryRunEnds: it is looked at while somebody may want to know, whatever is lost, and no longer.
func TestDryRunEnds(t *testing.T) {
	w := newWorld(t)
	n := w.sourcePR("bob", "leak", "Fix the push", adsText("three"))
	w.says("carol", n, "/cherry-pick release-1.30 --dry-run")
	at := func() string { return "at `" + w.gh.Branch(demoRepo, demoBranch)[:7] + "` it would " }
	move := func(what string) { w.do2(w.gh.As("alice").Push(demoRepo, demoBranch, adsText(what), "Moved")) }
	w.lost(func() { move("four") })
	w.wantStatus(n, at()+"**conflict**")
	w.lost(func() { w.do2(w.gh.As("bob").PushToPR(demoRepo, n, adsText("four"), "The same")) })
	w.wantStatus(n, at()+"change nothing")
	w.again()
	w.stop()
	w.newDatabase()
	_, err := w.gh.As("alice").Push(demoRepo, demoBranch, adsText("five"), "Nobody hears of it")
	w.do(err)
	w.start()
	w.wantStatus(n, at()+"**conflict**")
	w.again()
	// Closed and open again.
	w.do(w.gh.As("bob").Close(demoRepo, n))
	w.settle()
	w.wantStatus(n, "asked for by `carol`: this pull request was closed without being merged")
	w.again()
	w.do(w.gh.As("bob").Reopen(demoRepo, n))
	w.settle()
	w.wantStatus(n, at()+"**conflict**")
	// What somebody wrote into it is believed no more.
	w.do(w.gh.As("bob").EditComment(demoRepo, w.statusID(n), strings.ReplaceAll(w.status(n), `"by":"carol"`, `"by":"alice"`)))
	w.settle()
	move("six")
	w.wantNoStatus(n, "dry run")
	w.says("carol", n, "/cherry-pick release-1.30 --dry-run")
	w.wantStatus(n, at()+"**conflict**")
	last := w.status(n)
	w.clock.advance(15 * 24 * time.Hour)
	w.settle()
	move("three")
	if w.status(n) != last {
		t.Errorf("it is still looked at: %s", w.status(n))
	}
	w.again()
}

// TestDryRunUnknown: what can't be told is said to be unknown, and why; the request stands.
func TestDryRunUnknown(t *testing.T) {
	w := newWorld(t)
	n := w.sourcePR("bob", "leak", "Fix the push", adsText("three"))
	w.gh.Fault(sandbox.Fault{Path: regexp.MustCompile("/git-upload-pack$"), Status: http.StatusInternalServerError})
	w.do(w.gh.As("bob").AddLabel(demoRepo, n, "cherrypick/release-1.30"))
	w.settle()
	w.wantStatus(n, "**waits for the merge** of this pull request, and will be picked then. Asked for by `bob`. What it would come to now is unknown, because looking at it failed; that is tried again within the hour.")
	w.gh.ClearFaults()
	w.clock.advance(time.Hour)
	w.settle()
	w.wantStatus(n, "Now it would be **clean**.")
	w.again()
	w.do(w.gh.As("bob").AddLabel(demoRepo, n, "cherrypick/release-1.31"))
	w.settle()
	w.wantStatus(n, "- `release-1.31`: **waits for the merge** of this pull request, and will be picked then. Asked for by `bob`. What it would come to now is unknown, because there is no such branch in this repository yet.")
	w.again()
	w.do(w.gh.As("alice").CreateBranch(demoRepo, "release-1.31", demoBranch))
	w.settle()
	w.wantStatus(n, "- `release-1.31`: **waits for the merge** of this pull request, and will be picked then. Asked for by `bob`. Now it would be **clean**.")
	w.again()
}

// TestDryRunAfterCrash: whatever answer never arrived, there is one line.
func TestDryRunAfterCrash(t *testing.T) {
	for name, fault := range map[string]sandbox.Fault{
		"the comment":    {Method: http.MethodPost, Path: regexp.MustCompile("/issues/1/comments$"), DropResponseAfterEffect: true},
		"no comment":     {Method: http.MethodPost, Path: regexp.MustCompile("/issues/1/comments$"), Drop: true},
		"its edit":       {Method: http.MethodPatch, Path: regexp.MustCompile("/issues/comments/"), DropResponseAfterEffect: true},
		"no edit":        {Method: http.MethodPatch, Path: regexp.MustCompile("/issues/comments/"), Drop: true},
		"the comparison": {Path: regexp.MustCompile("/compare/"), Drop: true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			n := w.sourcePR("bob", "leak", "Fix the push", adsText("three"))
			fault.Times = 1
			w.gh.Fault(fault)
			w.says("bob", n, "/cherry-pick release-1.30 --dry-run")
			if w.gh.FaultHits() == 0 {
				t.Error("nothing went wrong")
			}
			w.clock.advance(time.Hour)
			w.settle()
			w.wantStatus(n, "it would be **clean**")
			if got := strings.Count(w.status(n), "dry run"); got != 1 {
				t.Errorf("%d lines: %s", got, w.status(n))
			}
			w.gh.Fault(sandbox.Fault{Method: http.MethodPatch, Path: regexp.MustCompile("/issues/comments/"), Skip: 1, Times: 1, Drop: true})
			w.says("bob", n, "/cherry-pick release-1.30")
			w.wantStatus(n, "Now it would be **clean**.")
			w.wantNoStatus(n, "dry run")
			w.again()
		})
	}
}
