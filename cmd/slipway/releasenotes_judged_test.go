package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// lands merges a pull request into a branch.
func (w *world) lands(base, name, title, body string, files map[string]string) int {
	w.t.Helper()
	n := w.change("bob", sandbox.PROptions{Base: base, Head: name, Title: title, Body: body, Files: files})
	w.merge("bob", n, "squash")
	return n
}

// section is a section of a report, "" for none.
func section(body, title string) string {
	_, text, _ := strings.Cut(body, "\n## "+title)
	text, _, _ = strings.Cut(text, "\n## ")
	return text
}

// wantSection holds a section to naming some pull requests or files, and not others.
func wantSection(t *testing.T, body, title string, want, not []string) {
	t.Helper()
	text := section(body, title)
	for _, one := range want {
		if !strings.Contains(text, one) {
			t.Errorf("%q lacks %q:\n%s", title, one, body)
		}
	}
	for _, one := range not {
		if strings.Contains(text, one) {
			t.Errorf("%q has %q:\n%s", title, one, body)
		}
	}
}

// TestWhatStandsInARelease: a revert, the pick of a revert and what they take back need no note
// if both are of this release; what takes back something of an earlier one does. What was pushed
// without a pull request counts.
func TestWhatStandsInARelease(t *testing.T) {
	w := newWorld(t)
	w.policy(basePolicy + releasePolicy)
	tracker, err := w.gh.As("alice").OpenIssue(demoRepo, "Release 1.30.1", "")
	w.do(err)
	shipped := w.lands(demoBranch, "shipped", "Ship it", "", code("shipped"))
	w.do(w.gh.As("alice").Tag(demoRepo, "1.30.0", demoBranch))

	noteOf := func(name string) map[string]string {
		return with(code(name), "releasenotes/notes/"+name+".yaml", strings.Replace(goodNoteText, "a leak", name, 1))
	}
	source := w.lands("master", "speed", "Speed it up", "", noteOf("speed"))
	back := w.lands("master", "slow", "It was too fast", fmt.Sprintf("Reverts istio/istio#%d", source), code("slow"))
	picked := w.lands(demoBranch, "p1", "[release-1.30] Speed it up", fmt.Sprintf("This is an automated cherry-pick of #%d", source), noteOf("speed"))
	pickedBack := w.lands(demoBranch, "p2", "[release-1.30] Back it out", fmt.Sprintf("This is an automated cherry-pick of #%d", back), code("slow"))
	bad := w.lands(demoBranch, "bad", "Break it", "", code("bad"))
	undone := w.lands(demoBranch, "undo", `Revert "Break it"`, fmt.Sprintf("Reverts istio/istio#%d", bad), code("undo"))
	older := w.lands(demoBranch, "older", `Revert "Ship it"`, fmt.Sprintf("Reverts istio/istio#%d", shipped), code("older"))
	w.do2(w.gh.As("alice").Push(demoRepo, demoBranch, code("direct"), "Straight on the branch"))
	id := w.gh.Branch(demoRepo, demoBranch)
	w.do2(w.gh.As("alice").Push(demoRepo, demoBranch, code("gone"), "Pushed and taken back"))
	w.do2(w.gh.As("alice").Push(demoRepo, demoBranch, code("gone2"), "Out again\n\nThis reverts commit "+w.gh.Branch(demoRepo, demoBranch)+"."))

	answer := w.says("alice", tracker, "/release notes 1.30.1")
	if !strings.Contains(answer, "- changes with neither a note nor a label: 2\n- notes of changes that were taken back: 1\n") {
		t.Errorf("answer: %s", answer)
	}
	body := w.notesPull().Body
	ref := func(n int) string { return fmt.Sprintf("istio/istio#%d ", n) }
	wantSection(t, body, "Changes with neither a note nor a label (2)", []string{ref(older), "- " + id[:7] + " Straight on the branch"},
		[]string{ref(picked), ref(pickedBack), ref(bad), ref(undone), ref(shipped), "Pushed", "Out again"})
	wantSection(t, body, "Notes of changes that were taken back (1)", []string{"speed.yaml`", ref(picked), "taken back by " + ref(pickedBack)}, nil)
	if !strings.Contains(body, "changes: 8 (by the first parents of release-1.30 from ") || !strings.Contains(body, "; 3 of them without a pull request)") {
		t.Errorf("%s", body)
	}
	w.again()
}

// TestWhatIsNewInARelease: a file of notes that is only moved or copied is no news, one that
// changed stands apart, one note under two names is one, and a label that contradicts a note is told.
func TestWhatIsNewInARelease(t *testing.T) {
	w := newWorld(t)
	w.policy(basePolicy + releasePolicy)
	tracker, err := w.gh.As("alice").OpenIssue(demoRepo, "Release 1.30.1", "")
	w.do(err)
	const dir = "releasenotes/notes/"
	text := func(what string) string { return strings.Replace(goodNoteText, "a leak", what, 1) }
	w.lands(demoBranch, "old", "Old ones", "", map[string]string{dir + "moved.yaml": text("what moved"), dir + "kept.yaml": text("what stays"),
		dir + "words.yaml": text("what was told"), dir + "form.yaml": text("the form")})
	w.do(w.gh.As("alice").Tag(demoRepo, "1.30.0", demoBranch))
	w.lands(demoBranch, "tidy", "Tidy up", "", map[string]string{dir + "moved.yaml": sandbox.Deleted, dir + "deep/moved.yaml": text("what moved"),
		dir + "copy.yaml": text("what stays"), dir + "words.yaml": text("what is told otherwise"),
		dir + "form.yaml": sandbox.Deleted, dir + "reform.yaml": strings.Replace(text("the form"), "issue: [7]", "issue: [7, 8]", 1)})
	both := w.change("bob", sandbox.PROptions{Head: "both", Title: "Say both", Files: with(code("both"), dir+"both.yaml", text("both"))})
	w.do(w.gh.As("bob").AddLabel(demoRepo, both, "release-notes-none"))
	w.settle()
	if run := w.wantNotes(both, "success", "it brings a release note"); !strings.Contains(run.Summary, "The label `release-notes-none` says that users will see nothing of this change, and it brings a note") {
		t.Errorf("the check: %s", run.Summary)
	}
	w.merge("bob", both, "squash")
	w.lands(demoBranch, "twin", "Say it twice", "", map[string]string{dir + "one.yaml": text("twice"), dir + "two.yaml": strings.Replace(text("twice"), "issue: [7]", "issue: [9]", 1)})

	answer := w.says("alice", tracker, "/release notes 1.30.1")
	for _, want := range []string{": notes: 2.", "- notes that stand under several names: 1\n", "- notes of an earlier release that changed since, which are not in: 1\n",
		"- changes with a note and the label that says that they need none: 1\n"} {
		if !strings.Contains(answer, want) {
			t.Errorf("answer lacks %q: %s", want, answer)
		}
	}
	file := w.wantNotesFile("**Fixed** both.", "**Fixed** twice.")
	for _, old := range []string{"what moved", "what stays", "told", "the form"} {
		if strings.Contains(file, old) {
			t.Errorf("%q is in:\n%s", old, file)
		}
	}
	body := w.notesPull().Body
	wantSection(t, body, "Changed since `1.30.0` (1)", []string{"words.yaml`: ", "what is told otherwise"}, nil)
	wantSection(t, body, "Notes that stand under several names (1)", []string{"one.yaml`, also in `releasenotes/notes/two.yaml`"}, nil)
	wantSection(t, body, "Changes with a note and the label that says that they need none (1)", []string{fmt.Sprintf("istio/istio#%d ", both)}, nil)
	if !strings.Contains(body, "(and 2 that only moved)") {
		t.Errorf("%s", body)
	}
	w.again()
}

// TestEndsOfARange: a tag that stands aside of its branch, two tags of one version, versions
// that are skipped and notes of nothing are said, and refuse nothing.
func TestEndsOfARange(t *testing.T) {
	w, tracker := releaseWorld(t)
	// 1.30.1 stands aside, and v1.30.1 elsewhere.
	w.do(w.gh.As("alice").CreateBranch(demoRepo, "aside", demoBranch))
	w.do2(w.gh.As("alice").Push(demoRepo, "aside", code("pin"), "Pin the versions"))
	aside, on := w.gh.Branch(demoRepo, "aside"), w.gh.Branch(demoRepo, demoBranch)
	w.do(w.gh.As("alice").Tag(demoRepo, "1.30.1", "aside"))
	w.do(w.gh.As("alice").DeleteBranch(demoRepo, "aside"))
	w.do(w.gh.As("alice").Tag(demoRepo, "v1.30.1", demoBranch))
	n := w.note("second", "**Added** a second thing.")
	answer := w.says("alice", tracker, "/release notes 1.30.4")
	for _, want := range []string{
		"**Done.** The notes of `1.30.4` since `1.30.1` are proposed", ": notes: 1.",
		"- `istio/istio` has two tags of one version at different commits: `1.30.1` at " + aside[:7] + " and `v1.30.1` at " + on[:7],
		"- `1.30.1` of `istio/istio`, " + aside[:7] + ", isn't on `release-1.30`: it parts from it at " + on[:7],
		"- `1.30.2`, `1.30.3`: never tagged, so what changed for them is in these notes\n",
		"- `1.30.1`: tagged, and `master` has no notes of them. They are not in these. **Next step:** comment `/release notes 1.30.1`",
	} {
		if !strings.Contains(answer, want) {
			t.Errorf("answer lacks %q: %s", want, answer)
		}
	}
	for _, pr := range w.gh.PRs(demoRepo) {
		if pr.Head == "release-notes-1.30.4" && (!strings.Contains(pr.Body, "changes: 1 (") || strings.Contains(pr.Body, fmt.Sprintf("istio/istio#%d ", n)) || !strings.Contains(pr.Body, "isn't on `release-1.30`")) {
			t.Errorf("%s", pr.Body)
		}
	}
	answer = w.says("alice", tracker, "/release notes 1.30.3 from=1.30.0")
	if !strings.Contains(answer, "- `1.30.1`: tagged after `1.30.0`, so their notes are in these, too\n") || !strings.Contains(answer, "- `1.30.2`: never tagged") {
		t.Errorf("answer: %s", answer)
	}
	w.do(w.gh.As("alice").Tag(demoRepo, "1.30.5", demoBranch))
	if answer = w.says("alice", tracker, "/release notes 1.30.6"); !strings.Contains(answer, "**No note is in them:** no note is new from `1.30.5` to `release-1.30`. **Next step:** ") {
		t.Errorf("answer: %s", answer)
	}
	w.again()
}
