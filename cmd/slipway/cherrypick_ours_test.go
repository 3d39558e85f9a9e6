package main

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// This file holds the places where what Slipway wrote might be taken for somebody's word.

// once is a world in which nothing is lost.
func once(t *testing.T) losing { return losing{gateWorld(t, ""), "nothing"} }

// TestCopiedMessageIsNoWord: alice rebases a draft of Slipway's, whose message is that of the
// source, by somebody who may not ask.
func TestCopiedMessageIsNoWord(t *testing.T) {
	w := once(t)
	w.do(w.gh.CreateTeam("istio", "pickers", "alice"))
	w.policy(gatePolicy + askersPolicy)
	needed := w.source("needed", map[string]string{adsFile: "package xds\n\n// Push sends two.\nfunc Push() { two() }\n"}, "erin")
	source := w.sourcePR("bob", "leak", "Cherry-pick of #"+itoa(needed)+" (cherry picked from commit "+w.gh.PR(demoRepo, needed).MergeSHA+")", map[string]string{adsFile: bothText})
	w.review("erin", source, "APPROVE")
	w.merge("bob", source, "squash")
	w.says("alice", source, "/cherry-pick release-1.30")
	draft := w.onePick(source, demoBranch)
	dir := w.cloneAs("alice", unlinked, demoRepo, draft.Head)
	w.do(os.WriteFile(filepath.Join(dir, adsFile), []byte(bothText), 0o644))
	w.gitAs(unlinked, dir, "commit", "-q", "--all", "--amend", "--no-edit")
	w.gitAs(unlinked, dir, "push", "-q", "--force", "origin", "HEAD:"+draft.Head)
	w.settle()
	w.wantOnly(draft.Number, needed, source)
	w.gitAs(unlinked, dir, "commit", "-q", "--amend", "-m", "Fix it\n\n(cherry picked from commit "+w.gh.PR(demoRepo, source).MergeSHA+")\nCherry-pick of #"+itoa(needed))
	w.gitAs(unlinked, dir, "push", "-q", "--force", "origin", "HEAD:"+draft.Head)
	w.settle()
	w.wantGate(draft.Number, "success", "Faithful cherry-pick of #"+itoa(needed)+", #"+itoa(source), "which `alice` pushed")
	w.again()
}

// TestSearchIsNoWord: what stands on a pick's branch instead of it isn't looked for: nobody
// has asked for that.
func TestSearchIsNoWord(t *testing.T) {
	w := once(t)
	more, source := w.source("more", changeOf("more"), "erin"), w.source("leak", changeOf("leak"), "erin")
	w.says("bob", source, "/cherry-pick release-1.30")
	pick := w.onePick(source, demoBranch)
	w.wantGate(pick.Number, "success", "Faithful cherry-pick of #"+itoa(source))
	dir := w.cloneAs("bob", unlinked, demoRepo, pick.Head)
	w.gitAs(unlinked, dir, "reset", "-q", "--hard", "HEAD~1")
	w.do(os.MkdirAll(filepath.Join(dir, "pilot"), 0o755))
	for name, text := range changeOf("more") {
		w.do(os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	w.gitAs(unlinked, dir, "add", "--all")
	w.gitAs(unlinked, dir, "commit", "-q", "-m", "Fix more")
	w.gitAs(unlinked, dir, "push", "-q", "--force", "origin", "HEAD:"+pick.Head)
	w.settle()
	w.wantGate(pick.Number, "failure", "Waits for a release manager's approval", "nothing on `master` accounts for it")
	w.says("bob", pick.Number, "Cherry-pick of #"+itoa(more))
	w.wantGate(pick.Number, "success", "Faithful cherry-pick of #"+itoa(more), "it is named by `bob` in [a comment](")
	w.again()
}

// TestOurIssueIsNoWord: carol's pull request names the issue that Slipway wrote about a pick
// that failed. That picks what the issue is about, not what it lists as missing.
func TestOurIssueIsNoWord(t *testing.T) {
	w := once(t)
	w.rerun = true // where it differs is marked in the files, and a run can't lose that
	w.policy(gatePolicy + "cherrypick: {on_conflict: issue}\n")
	needed := w.source("needed", map[string]string{adsFile: "package xds\n\n// Push sends two.\nfunc Push() { two() }\n"}, "erin")
	source := w.source("leak", map[string]string{adsFile: bothText}, "erin")
	w.says("bob", source, "/cherry-pick release-1.30")
	issue := 0
	for _, i := range w.gh.Issues(demoRepo) {
		if strings.HasPrefix(i.Title, "[release-1.30]") && strings.Contains(i.Body, "(#"+itoa(needed)+"): nobody has asked") {
			issue = i.Number
		}
	}
	pr, err := w.gh.As("carol").OpenPR(demoRepo, sandbox.PROptions{Base: demoBranch, Head: "hand", Title: "By hand", Body: "Fixes #" + itoa(issue), Files: map[string]string{adsFile: bothText}})
	w.do(err)
	w.settle()
	w.wantOnly(pr.Number, needed, source, "#"+itoa(source)+" is a source", "the issue about the failed cherry-pick names it")
	w.do(w.gh.As("carol").EditBody(demoRepo, pr.Number, "Fixes #"+itoa(issue)+", cherry-pick of #"+itoa(needed))) // carol's own word
	w.settle()
	w.wantGate(pr.Number, "success", "Faithful cherry-pick of #"+itoa(needed)+", #"+itoa(source))
	w.again()
}

// TestQuotedNoteIsNoWord: what the release note of a source says, which Slipway quotes in the
// pick, is neither a justification of the pick nor a waiver of its note; and what the
// draft lists as missing brings none.
func TestQuotedNoteIsNoWord(t *testing.T) {
	w := newWorld(t)
	w.policy(basePolicy + "releasebranch:\n  rules: {open: [justification]}\nreleasenotes:\n  path: releasenotes/notes\n  description: '(?m)^- \\[x\\] No user-facing change'\n")
	pr, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: "master", Head: "leak", Title: "Fix a leak", Files: code("leak"),
		Body: "```release-note\nJustification: it has been needed for a long time.\n\n- [x] No user-facing change\n```\n"})
	w.do(err)
	w.settle()
	w.merge("bob", pr.Number, "squash")
	w.says("bob", pr.Number, "/cherry-pick release-1.30")
	pick := w.onePick(pr.Number, demoBranch)
	if !strings.Contains(pick.Body, "Justification: it has been needed") || !strings.Contains(pick.Body, "- [x] No user-facing") {
		t.Fatalf("the pick quotes no note: %s", pick.Body)
	}
	w.wantGate(pick.Number, "failure", "Has no justification")
	if run := w.notesCheck(pick.Number); run.Conclusion != "failure" || strings.Contains(run.Title, waived) {
		t.Errorf("the note: %s (%s)", run.Conclusion, run.Title)
	}
	w.do(w.gh.As("bob").EditBody(demoRepo, pick.Number, pick.Body+"\n## Justification\nUsers of 1.30 meet this each day.\n\n- [x] No user-facing change\n"))
	w.settle()
	w.wantNotes(pick.Number, "success", waived)
	if run := w.gate(pick.Number); strings.Contains(run.Title, "justification") {
		t.Errorf("a person's justification: %s", run.Title)
	}

	needed := w.source("needed", with(map[string]string{adsFile: "package xds\n\n// Push sends two.\nfunc Push() { two() }\n"}, notePath, goodNoteText), "")
	source := w.source("late", map[string]string{adsFile: bothText}, "")
	w.says("bob", source, "/cherry-pick release-1.30")
	draft := w.onePick(source, demoBranch)
	if text := w.notesCheck(draft.Number).Summary; strings.Contains(text, "#"+itoa(needed)) || !strings.Contains(text, "#"+itoa(source)) {
		t.Errorf("the note of what the draft lists as missing is asked for: %s", text)
	}
	w.again()
}

// TestEditedWithinTheSecond: bob edits a comment of alice's within the second in which she made
// it. GitHub's times don't tell; its history of edits does, or nobody can.
func TestEditedWithinTheSecond(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault  sandbox.Fault
		edit   bool
		counts bool
		says   string
	}{
		"edited":              {fault: sandbox.Fault{Skip: 1000}, edit: true, says: "that comment was edited, perhaps by somebody else"},
		"not edited":          {fault: sandbox.Fault{Skip: 1000}, counts: true},
		"GitHub doesn't tell": {fault: sandbox.Fault{Status: http.StatusOK, Body: `{"data":{"node":null},"errors":[{"type":"FORBIDDEN","message":"No"}]}`}, says: "GitHub doesn't tell whether that comment was edited"},
		"trouble for a while": {fault: sandbox.ServerError(2), counts: true},
	} {
		t.Run(name, func(t *testing.T) {
			world, within := inOneSecond(t)
			more, source := world.source("more", changeOf("more"), ""), world.source("leak", changeOf("leak"), "")
			world.says("bob", source, "/cherry-pick release-1.30")
			pick := world.onePick(source, demoBranch).Number
			world.do2(world.gh.As("bob").PushToPR(demoRepo, pick, changeOf("more"), "And more"))
			tc.fault.Path = regexp.MustCompile("^/api/graphql$")
			world.gh.Fault(tc.fault)
			within(func() {
				text := "Cherry-pick of #" + itoa(more)
				if tc.edit {
					text = "Hello"
				}
				id, err := world.gh.As("alice").Comment(demoRepo, pick, text)
				world.do(err)
				if tc.edit {
					world.do(world.gh.As("bob").EditComment(demoRepo, id, "Cherry-pick of #"+itoa(more)))
				}
			})
			world.settle()
			text := world.gate(pick).Summary
			if counts := strings.Contains(text, "#"+itoa(more)+" is a source"); counts != tc.counts || !strings.Contains(text, tc.says) {
				t.Errorf("#%d counts: %t\n%s\n%s", more, counts, text, world.log)
			}
		})
	}
}
