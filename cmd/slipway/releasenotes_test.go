package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

const notesPolicyText = basePolicy + `releasenotes:
  path: releasenotes/notes
  description: '(?m)^- \[[xX]\] No user-facing change'
  exempt:
    paths: ["**/*_test.go"]
  never_waived:
  - name: deprecation
    labels: [kind/deprecation]
    title: '(?i)\bdeprecat'
    actions: [Deprecated]
  schema:
    issues_of: istio/istio
`

// notesWorld is a world whose policy asks for release notes, also on master.
func notesWorld(t *testing.T, change ...string) *world {
	w := newWorld(t)
	w.policy(strings.NewReplacer(append([]string{`["release-*"]`, `["release-*", "master"]`}, change...)...).Replace(notesPolicyText))
	return w
}

const goodNoteText = `apiVersion: release-notes/v2
kind: bug-fix
area: security
issue: [7]
releaseNotes:
- |
  **Fixed** a leak.
`

const notePath = "releasenotes/notes/leak.yaml"

// change opens a pull request with files.
func (w *world) change(login string, o sandbox.PROptions) int {
	w.t.Helper()
	if o.Base == "" {
		o.Base = demoBranch
	}
	pr, err := w.gh.As(login).OpenPR(demoRepo, o)
	w.do(err)
	w.settle()
	return pr.Number
}

func (w *world) push(login string, n int, files map[string]string) {
	w.t.Helper()
	_, err := w.gh.As(login).PushToPR(demoRepo, n, files, "More")
	w.do(err)
	w.settle()
}

func (w *world) notesCheck(n int) sandbox.CheckRun {
	run, _ := w.gh.CheckRun(demoRepo, w.gh.PR(demoRepo, n).HeadSHA, "slipway/release-notes")
	return run
}

func (w *world) wantNotes(n int, conclusion, title string) sandbox.CheckRun {
	w.t.Helper()
	run := w.notesCheck(n)
	if run.Conclusion != conclusion || !strings.Contains(run.Title, title) {
		w.t.Errorf("#%d: the check says %q (%s), want %q (%s)\n%s\n%s", n, run.Conclusion, run.Title, conclusion, title, run.Summary, w.log)
	}
	return run
}

func code(name string) map[string]string { return map[string]string{name + ".go": "package main\n"} }

func with(files map[string]string, path, text string) map[string]string {
	files[path] = text
	return files
}

// TestReleaseNoteIsAskedFor goes through what a contributor does until the check
// is green, each step seen at once.
func TestReleaseNoteIsAskedFor(t *testing.T) {
	w := notesWorld(t)
	n := w.change("bob", sandbox.PROptions{Head: "leak", Title: "Fix a leak", Files: code("leak")})
	run := w.wantNotes(n, "failure", "no release note")
	if !strings.Contains(run.Summary, "/istio/istio/new/leak?filename=releasenotes%2Fnotes%2F") || !strings.Contains(run.Summary, "`release-notes-none`") {
		t.Errorf("the check doesn't say what to do: %s", run.Summary)
	}
	w.push("bob", n, map[string]string{notePath: strings.NewReplacer("issue:", "issues:", "**Fixed**", "Fixed").Replace(goodNoteText)})
	run = w.wantNotes(n, "failure", "2 errors")
	if run.Annotations != 2 || !strings.Contains(run.Summary, `did you mean "issue"?`) {
		t.Errorf("%d annotations, and %s", run.Annotations, run.Summary)
	}
	w.do(w.gh.As("bob").AddLabel(demoRepo, n, "release-notes-none"))
	w.settle()
	w.wantNotes(n, "failure", "2 errors") // the file would stand in the way of the release
	w.push("bob", n, map[string]string{notePath: goodNoteText})
	run = w.wantNotes(n, "success", "it brings a release note")
	if !strings.Contains(run.Summary, "```markdown\n- **Fixed** a leak.\n  ([Issue #7](https://github.com/istio/istio/issues/7))\n```") {
		t.Errorf("the check doesn't show the note: %s", run.Summary)
	}
	w.again()
	w.push("bob", n, map[string]string{notePath: sandbox.Deleted})
	w.wantNotes(n, "success", "waived by the label")
	w.do(w.gh.As("bob").RemoveLabel(demoRepo, n, "release-notes-none"))
	w.settle()
	w.wantNotes(n, "failure", "no release note")
	w.do(w.gh.As("bob").EditBody(demoRepo, n, "<!-- - [x] No user-facing change -->\n- [ ] No user-facing change"))
	w.settle()
	w.wantNotes(n, "failure", "no release note")
	w.do(w.gh.As("bob").EditBody(demoRepo, n, "Hello\n- [x] No user-facing change\n"))
	w.settle()
	w.wantNotes(n, "success", "waived by its description")
	w.do(w.gh.As("bob").EditTitle(demoRepo, n, "Deprecate the leak"))
	w.settle()
	w.wantNotes(n, "failure", "a change of the kind deprecation needs a release note")
	w.do(w.gh.As("bob").AddLabel(demoRepo, n, "release-notes-none"))
	w.settle()
	w.wantNotes(n, "failure", "a change of the kind deprecation")
	w.again()
}

// TestNotesOfDeletedAndRenamedFiles: what counts is a note that is new or changed.
func TestNotesOfDeletedAndRenamedFiles(t *testing.T) {
	w := notesWorld(t)
	deprecated := strings.Replace(goodNoteText, "**Fixed**", "**Deprecated**", 1)
	base := w.change("bob", sandbox.PROptions{Base: "master", Head: "base", Files: with(with(code("base"), notePath, goodNoteText), "releasenotes/notes/old.yaml", deprecated)})
	w.wantNotes(base, "success", "2 files")
	w.merge("bob", base, "squash")

	n := w.change("bob", sandbox.PROptions{Base: "master", Head: "rename", Files: with(map[string]string{notePath: sandbox.Deleted}, "releasenotes/notes/new.yaml", goodNoteText)})
	if run := w.wantNotes(n, "failure", "no release note"); !strings.Contains(run.Summary, "`releasenotes/notes/new.yaml` is renamed and otherwise the same") {
		t.Errorf("%s", run.Summary)
	}
	w.push("bob", n, map[string]string{"releasenotes/notes/new.yaml": strings.Replace(goodNoteText, "leak", "big leak", 1)})
	w.wantNotes(n, "success", "it brings a release note")

	n = w.change("bob", sandbox.PROptions{Base: "master", Head: "delete", Files: map[string]string{"releasenotes/notes/old.yaml": sandbox.Deleted}})
	w.do(w.gh.As("bob").AddLabel(demoRepo, n, "release-notes-none"))
	w.settle()
	w.wantNotes(n, "failure", "a change of the kind deprecation")
	n = w.change("bob", sandbox.PROptions{Base: "master", Head: "away", Files: with(map[string]string{"releasenotes/notes/old.yaml": sandbox.Deleted}, "old/old.yaml", deprecated)})
	w.do(w.gh.As("bob").AddLabel(demoRepo, n, "release-notes-none"))
	w.settle()
	w.wantNotes(n, "failure", "a change of the kind deprecation") // renamed out of the folder
	n = w.change("bob", sandbox.PROptions{Base: "master", Head: "delete2", Files: map[string]string{notePath: sandbox.Deleted}})
	w.wantNotes(n, "failure", "no release note")
	w.do(w.gh.As("bob").AddLabel(demoRepo, n, "release-notes-none"))
	w.settle()
	w.wantNotes(n, "success", "waived by the label")
	n = w.change("bob", sandbox.PROptions{Base: "master", Head: "test", Files: map[string]string{"pkg/a_test.go": "package a\n"}})
	w.wantNotes(n, "success", "none of its files needs")
	w.again()
}

// TestWhoMayWaive: the label of somebody who may not counts for nothing.
func TestWhoMayWaive(t *testing.T) {
	t.Parallel()
	for by, may := range map[string]string{"writers": "bob", "release_managers": "alice"} {
		t.Run(by, func(t *testing.T) {
			w := notesWorld(t, "  description: '(?m)^- \\[[xX]\\] No user-facing change'\n", "  label_by: "+by+"\n")
			w.do(w.gh.AddCollaborator(demoRepo, "triager", "triage"))
			n := w.change("bob", sandbox.PROptions{Head: "fix", Files: code("fix")})
			w.do(w.gh.As("triager").AddLabel(demoRepo, n, "release-notes-none"))
			w.settle()
			if run := w.wantNotes(n, "failure", "no release note"); !strings.Contains(run.Summary, "doesn't count: triager, who set it, may not;") {
				t.Errorf("%s", run.Summary)
			}
			w.do(w.gh.As(may).RemoveLabel(demoRepo, n, "release-notes-none"))
			w.do(w.gh.As(may).AddLabel(demoRepo, n, "release-notes-none"))
			w.settle()
			w.wantNotes(n, "success", "waived by the label")
			w.again()
		})
	}
}

// TestPickInheritsItsNote: a pick takes over the notes of what it picks.
func TestPickInheritsItsNote(t *testing.T) {
	w := notesWorld(t)
	noted := w.sourcePR("bob", "noted", "Fix a leak", with(code("noted"), notePath, goodNoteText))
	w.merge("bob", noted, "squash")
	w.says("bob", noted, "/cherry-pick release-1.30")
	w.wantNotes(w.onePick(noted, demoBranch).Number, "success", "it brings a release note")

	manual := w.change("bob", sandbox.PROptions{Head: "manual", Title: fmt.Sprintf("manual cherry-pick of #%d", noted), Files: code("noted")})
	if run := w.wantNotes(manual, "success", fmt.Sprintf("it has the note of #%d", noted)); !strings.Contains(run.Summary, "doesn't bring `"+notePath+"`") {
		t.Errorf("%s", run.Summary)
	}
	failed, err := w.gh.As("bob").OpenIssue(demoRepo, "[release-1.30] Fix a leak", fmt.Sprintf("The cherry-pick of #%d failed.", noted))
	w.do(err)
	byIssue := w.change("bob", sandbox.PROptions{Head: "by-issue", Title: fmt.Sprintf("Cherry-pick of #%d", failed), Files: with(code("noted"), "by-issue_test.go", "package main\n")})
	w.wantNotes(byIssue, "success", fmt.Sprintf("it has the note of #%d", noted))
	bare := w.merged("bare", "squash")
	both := w.change("bob", sandbox.PROptions{Head: "both", Title: fmt.Sprintf("[release-1.30] Cherry-picks of #%d and #%d", noted, bare), Files: with(code("noted"), "bare.go", "package main\n")})
	run := w.wantNotes(both, "failure", fmt.Sprintf("no release note for #%d", bare))
	if !strings.Contains(run.Summary, fmt.Sprintf("- #%d has a release note", noted)) {
		t.Errorf("%s", run.Summary)
	}
	w.do(w.gh.As("bob").AddLabel(demoRepo, bare, "release-notes-none"))
	w.settle()
	w.wantNotes(both, "success", fmt.Sprintf("it has the note of #%d; no other of the 2", noted))
	// Plain words in the description say it, too, and a mention of another doesn't disturb.
	plain := w.change("bob", sandbox.PROptions{Head: "plain", Title: "Fix a leak", Body: fmt.Sprintf("After #%d and #%d.\n\nThis is a cherry-pick of #%d.", bare, failed, noted), Files: code("noted")})
	w.wantNotes(plain, "success", fmt.Sprintf("it has the note of #%d", noted))
	// Naming a source is not picking it.
	foreign := w.change("bob", sandbox.PROptions{Head: "foreign", Title: fmt.Sprintf("Add a thing (#%d)", noted), Files: code("foreign")})
	if run := w.wantNotes(foreign, "failure", fmt.Sprintf("no release note for #%d", noted)); !strings.Contains(run.Summary, "isn't what this changes") {
		t.Errorf("%s", run.Summary)
	}
	open := w.change("bob", sandbox.PROptions{Base: "master", Head: "open", Files: with(code("open"), "releasenotes/notes/open.yaml", goodNoteText)})
	n := w.change("bob", sandbox.PROptions{Head: "eager", Title: fmt.Sprintf("Cherry-pick of #%d", open), Files: code("eager")})
	w.wantNotes(n, "failure", fmt.Sprintf("no release note for #%d", open))
	w.again()
}

// TestPickOfWhatWasNotLetOff: a source's label counts as one of the pick's own
// would, and its note only if it is a good one.
func TestPickOfWhatWasNotLetOff(t *testing.T) {
	w := notesWorld(t, "  description: '(?m)^- \\[[xX]\\] No user-facing change'\n", "  label_by: writers\n")
	w.do(w.gh.AddCollaborator(demoRepo, "triager", "triage"))
	bare := w.merged("bare", "squash")
	w.do(w.gh.As("triager").AddLabel(demoRepo, bare, "release-notes-none"))
	n := w.change("bob", sandbox.PROptions{Head: "pick", Title: fmt.Sprintf("Cherry-pick of #%d", bare), Files: code("bare")})
	if run := w.wantNotes(n, "failure", fmt.Sprintf("no release note for #%d", bare)); !strings.Contains(run.Summary, "doesn't count: triager, who set it, may not") {
		t.Errorf("%s", run.Summary)
	}
	w.do(w.gh.As("bob").RemoveLabel(demoRepo, bare, "release-notes-none"))
	w.do(w.gh.As("bob").AddLabel(demoRepo, bare, "release-notes-none"))
	w.settle()
	w.wantNotes(n, "success", fmt.Sprintf("#%d, which it picks, needed no note", bare))

	wrong := w.sourcePR("bob", "wrong", "Fix wrongly", with(code("wrong"), notePath, strings.Replace(goodNoteText, "**Fixed**", "Fixed", 1)))
	w.merge("bob", wrong, "squash")
	n = w.change("bob", sandbox.PROptions{Head: "pick2", Title: fmt.Sprintf("Cherry-pick of #%d", wrong), Files: code("wrong")})
	w.wantNotes(n, "failure", fmt.Sprintf("no release note for #%d", wrong))
	w.again()
}

// TestMoreNotesThanAreRead: the label lets them through, as the check says.
func TestMoreNotesThanAreRead(t *testing.T) {
	w := notesWorld(t)
	files := code("many")
	for i := range 41 {
		files[fmt.Sprintf("releasenotes/notes/%d.yaml", i)] = goodNoteText
	}
	n := w.change("bob", sandbox.PROptions{Head: "many", Title: "Bring many", Files: files})
	w.wantNotes(n, "failure", "more than 40 note files")
	w.do(w.gh.As("bob").AddLabel(demoRepo, n, "release-notes-none"))
	w.settle()
	w.wantNotes(n, "success", "")
	w.again()
}

// TestNotesOnOtherBranches: what was reported is taken back, and a policy that
// can't be read holds back.
func TestNotesOnOtherBranches(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	if run := w.notesCheck(n); run.Name != "" {
		t.Errorf("a check where the policy asks for none: %+v", run)
	}
	w.policy(notesPolicyText)
	w.wantNotes(n, "failure", "no release note")
	w.do(w.gh.As("bob").EditBase(demoRepo, n, "master"))
	w.settle()
	w.wantNotes(n, "neutral", "master is not governed")
	w.do(w.gh.As("bob").EditBase(demoRepo, n, demoBranch))
	w.settle()
	w.wantNotes(n, "failure", "no release note")
	w.rerun = true
	w.do(w.gh.As("bob").Rerequest(demoRepo, w.notesCheck(n).ID))
	w.settle()
	w.wantNotes(n, "failure", "no release note")
	w.stop()
	w.newDatabase()
	w.start()
	w.again()
	w.wantNotes(n, "failure", "no release note")

	// Switched off, it is taken back, and switched on asked for again.
	w.policy(basePolicy)
	w.wantNotes(n, "neutral", "no release notes are asked for")
	w.again()
	w.policy(notesPolicyText)
	w.wantNotes(n, "failure", "no release note")
	w.again()
}

// TestNotesInAMergeGroup: each pull request of a group is looked at.
func TestNotesInAMergeGroup(t *testing.T) {
	w := notesWorld(t)
	noted := w.change("bob", sandbox.PROptions{Head: "noted", Files: with(code("noted"), notePath, goodNoteText)})
	bare := w.change("bob", sandbox.PROptions{Head: "bare", Files: code("bare")})
	for want, members := range map[string][]int{"success": {noted}, "failure": {noted, bare}} {
		sha, err := w.gh.As("bob").EnqueueMergeGroup(demoRepo, demoBranch, members...)
		w.do(err)
		w.settle()
		run, _ := w.gh.CheckRun(demoRepo, sha, "slipway/release-notes")
		if run.Conclusion != want || !strings.Contains(run.Summary, fmt.Sprintf("- #%d: it brings a release note", noted)) ||
			strings.Contains(run.Summary, fmt.Sprintf("- #%d: no release note", bare)) != (want == "failure") {
			t.Errorf("%v: %+v", members, run)
		}
	}
}

// TestLinkForANote: GitHub follows a link where it shows a file, and what makes
// the notes of a release doesn't.
func TestLinkForANote(t *testing.T) {
	w := notesWorld(t)
	base := w.change("bob", sandbox.PROptions{Base: "master", Head: "base", Files: with(code("base"), "real.yaml", goodNoteText)})
	head := w.gh.PR(demoRepo, base).HeadSHA
	tree := w.object("bob", "trees", fmt.Sprintf(`{"base_tree":%q,"tree":[{"path":%q,"mode":"120000","type":"blob","content":"../../real.yaml"}]}`, head, notePath))
	commit := w.object("bob", "commits", fmt.Sprintf(`{"message":"Link","tree":%q,"parents":[%q]}`, tree, head))
	w.object("bob", "refs", fmt.Sprintf(`{"ref":"refs/heads/linked","sha":%q}`, commit))
	n := w.change("bob", sandbox.PROptions{Base: "master", Head: "linked"})
	if run := w.wantNotes(n, "failure", "a release note has an error"); run.Annotations != 1 || !strings.Contains(run.Summary, "this is a symbolic link") {
		t.Errorf("%d annotations, %s", run.Annotations, run.Summary)
	}
}

// object makes one of git's objects, or a ref to one, and returns its id.
func (w *world) object(login, kind, body string) (sha string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.gh.URL()+"/api/v3/repos/"+demoRepo+"/git/"+kind, strings.NewReader(body))
	w.do(err)
	req.Header.Set("Authorization", "Bearer "+w.gh.As(login).Token())
	resp, err := http.DefaultClient.Do(req)
	w.do(err)
	defer resp.Body.Close()
	var made struct{ SHA string }
	w.do(json.NewDecoder(resp.Body).Decode(&made))
	if resp.StatusCode != http.StatusCreated {
		w.t.Fatalf("%s: %s", kind, resp.Status)
	}
	return made.SHA
}

// TestNotesPolicyFaults: mistakes in the section are told at their lines.
func TestNotesPolicyFaults(t *testing.T) {
	w := newWorld(t)
	w.ownPolicy(notesPolicyText)
	text := strings.NewReplacer("exempt:", "exemt:", "(?i)", "(?i").Replace(notesPolicyText)
	run := w.policyCheck(w.proposal("bob", text, false))
	for _, want := range []string{`did you mean "exempt"?`, "is not a regular expression"} {
		if !strings.Contains(run.Summary, want) {
			t.Errorf("%q isn't told: %s", want, run.Summary)
		}
	}
}

const releasePolicy = `releasenotes:
  path: releasenotes/notes
  release:
    path: releases/{version}
    refresh: true
`

// releaseWorld has a release 1.30.0, and notes on its branch since then.
func releaseWorld(t *testing.T) (w *world, tracker int) {
	w = newWorld(t)
	w.policy(basePolicy + releasePolicy)
	w.do(w.gh.As("alice").Tag(demoRepo, "1.30.0", demoBranch))
	tracker, err := w.gh.As("alice").OpenIssue(demoRepo, "Release 1.30.1", "")
	w.do(err)
	w.note("leak", "**Fixed** a leak.")
	return w, tracker
}

// note merges a pull request with a note into the release's branch.
func (w *world) note(name, text string) int {
	w.t.Helper()
	n := w.change("bob", sandbox.PROptions{Head: name, Title: "Change " + name, Files: with(code(name), "releasenotes/notes/"+name+".yaml",
		strings.Replace(goodNoteText, "**Fixed** a leak.", text, 1))})
	w.merge("bob", n, "squash")
	return n
}

const (
	notesHead = "release-notes-1.30.1"
	notesFile = "releases/1.30.1/releaseNotes.md"
)

func (w *world) notesPull() sandbox.PR {
	w.t.Helper()
	var found []sandbox.PR
	for _, pr := range w.gh.PRs(demoRepo) {
		if pr.Head == notesHead {
			found = append(found, pr)
		}
	}
	if len(found) != 1 {
		w.t.Fatalf("%d pull requests with notes\n%s", len(found), w.log)
	}
	return found[0]
}

func (w *world) wantNotesFile(want ...string) string {
	w.t.Helper()
	text, _ := w.gh.File(demoRepo, notesHead, notesFile)
	for _, one := range want {
		if strings.Count(text, one) != 1 {
			w.t.Errorf("%q isn't once in the notes:\n%s\n%s", one, text, w.log)
		}
	}
	return text
}

// TestNotesOfARelease proposes the notes of a release, has people edit them, and
// lets more land.
func TestNotesOfARelease(t *testing.T) {
	w, tracker := releaseWorld(t)
	silent := w.change("bob", sandbox.PROptions{Head: "silent", Title: "Say nothing to @everyone", Files: code("silent")})
	w.do(w.gh.As("bob").AddLabel(demoRepo, silent, "release-notes-none"))
	w.settle()
	w.merge("bob", silent, "squash")
	bare := w.change("bob", sandbox.PROptions{Head: "bare", Title: "Change @everyone", Files: code("bare")})
	w.merge("bob", bare, "squash")
	answer := w.says("alice", tracker, "/release notes 1.30.1")
	if !strings.Contains(answer, "**Done.** The notes of `1.30.1` since `1.30.0` are proposed in a pull request from `release-notes-1.30.1`: notes: 1.") ||
		!strings.Contains(answer, "- changes with neither a note nor a label: 1") {
		t.Errorf("answer: %s", answer)
	}
	pr := w.notesPull()
	if pr.Title != "Release notes of 1.30.1" || pr.Base != "master" || pr.Author != "slipway[bot]" {
		t.Errorf("%+v", pr)
	}
	if body := pr.Body; !strings.Contains(body, fmt.Sprintf("- istio/istio#%d Change @\u200beveryone", bare)) || strings.Contains(body, "Say nothing") {
		t.Errorf("the report: %s", body)
	}
	w.wantNotesFile("- **Fixed** a leak.", "# 1.30.1")
	w.again()

	// People edit a line; a push to the release's branch refreshes the rest.
	text := w.wantNotesFile()
	_, err := w.gh.As("carol").Push(demoRepo, notesHead, map[string]string{notesFile: strings.Replace(text, "# 1.30.1", "# Istio 1.30.1, at last", 1)}, "Words")
	w.do(err)
	w.settle()
	w.note("second", "**Added** a second thing.")
	w.wantNotesFile("- **Fixed** a leak.", "# Istio 1.30.1, at last", "- **Added** a second thing.")
	w.again()

	// Both change the same line: the person's stays, and it is said.
	text = w.wantNotesFile()
	_, err = w.gh.As("carol").Push(demoRepo, notesHead, map[string]string{notesFile: strings.Replace(text, "**Fixed** a leak.", "**Fixed** a terrible leak.", 1)}, "More words")
	w.do(err)
	w.settle()
	_, err = w.gh.As("bob").Push(demoRepo, demoBranch, map[string]string{"releasenotes/notes/leak.yaml": strings.Replace(goodNoteText, "a leak", "a small leak", 1)}, "Reword")
	w.do(err)
	w.settle()
	w.wantNotesFile("**Fixed** a terrible leak.", "# Istio 1.30.1, at last")
	answer = w.says("alice", tracker, "/release notes 1.30.1")
	if !strings.Contains(answer, fmt.Sprintf("are brought up to date in #%d", pr.Number)) || !strings.Contains(answer, "was edited by hand, and that stays") {
		t.Errorf("answer: %s", answer)
	}
	if body := w.notesPull().Body; !strings.Contains(body, "Generated lines that aren't in as they are") || !strings.Contains(body, "a small leak") {
		t.Errorf("it isn't said what isn't in: %s", body)
	}
	w.again()

	// Merged, there is nothing new to say.
	w.merge("alice", pr.Number, "squash")
	if answer := w.says("alice", tracker, "/release notes 1.30.1"); !strings.Contains(answer, "Nothing was changed") {
		t.Errorf("answer: %s", answer)
	}
	w.again()
}

// TestNotesOfAReleaseRefused: who may not, and what can't be understood.
func TestNotesOfAReleaseRefused(t *testing.T) {
	w, tracker := releaseWorld(t)
	for text, want := range map[string]string{
		"bob /release notes 1.30.1":                   "**Not allowed.**",
		"alice /release notes":                        "of which release",
		"alice /release notes soon":                   "`soon` is not a version",
		"alice /release notes 1.30.1 from=a..b":       "is not a revision to begin from",
		"alice /release notes 1.30.1 from=nowhere":    "there is no revision `nowhere` in `istio/istio`",
		"dave /release notes 1.29.7":                  "there is no tag of a release before `1.29.7`",
		"alice /release notes 1.30.1 from=--upload=x": "is not a revision to begin from",
	} {
		who, command, _ := strings.Cut(text, " ")
		if answer := w.says(who, tracker, command); !strings.Contains(answer, want) {
			t.Errorf("%s: %s", text, answer)
		}
	}
	for _, b := range w.gh.Branches(demoRepo) {
		if strings.HasPrefix(b, "release-notes-") {
			t.Errorf("there is a branch %s", b)
		}
	}
	w.policy(basePolicy)
	if answer := w.says("alice", tracker, "/release notes 1.30.1"); !strings.Contains(answer, "`releasenotes.release.path`") {
		t.Errorf("answer: %s", answer)
	}
}

// TestNotesBranchesOfOthers: a branch that isn't ours, or is left over, is not
// gone on with.
func TestNotesBranchesOfOthers(t *testing.T) {
	w, tracker := releaseWorld(t)
	const branch = "release-notes-1.30.1"
	w.do(w.gh.As("carol").CreateBranch(demoRepo, branch, "master"))
	before := w.gh.Branch(demoRepo, branch)
	if answer := w.says("alice", tracker, "/release notes 1.30.1"); !strings.Contains(answer, "there is a branch `"+branch+"` that isn't Slipway's") {
		t.Errorf("answer: %s", answer)
	}
	if got := w.gh.Branch(demoRepo, branch); got != before || w.gh.Branch(demoRepo, branch+"-generated") != "" {
		t.Errorf("carol's branch moved from %s to %s", before, got)
	}
	w.do(w.gh.As("carol").DeleteBranch(demoRepo, branch))
	w.settle()
	w.says("alice", tracker, "/release notes 1.30.1")
	w.merge("bob", w.notesPull().Number, "squash")
	if answer := w.says("alice", tracker, "/release notes 1.30.1"); !strings.Contains(answer, "is left from #") {
		t.Errorf("answer: %s", answer)
	}
	w.again()
}

// TestNotesThatNobodyConfirmed lets each write of a proposal be done, and cuts
// the answer off.
func TestNotesThatNobodyConfirmed(t *testing.T) {
	w, tracker := releaseWorld(t)
	for _, path := range []string{`/git/trees$`, `/git/commits$`, `/git/refs$`, `/pulls$`} {
		w.gh.Fault(sandbox.Fault{Method: "POST", Path: regexp.MustCompile(path), Times: 1, DropResponseAfterEffect: true})
	}
	if answer := w.says("alice", tracker, "/release notes 1.30.1"); !strings.Contains(answer, "**Done.**") {
		t.Errorf("answer: %s", answer)
	}
	if w.gh.FaultHits() != 4 {
		t.Errorf("%d faults were met", w.gh.FaultHits())
	}
	w.notesPull()
	w.wantNotesFile("- **Fixed** a leak.")
	w.again()
}

// TestNotesInAnotherRepository: the policy says where they go, within its owner.
func TestNotesInAnotherRepository(t *testing.T) {
	w, tracker := releaseWorld(t)
	w.policy(basePolicy + strings.Replace(releasePolicy, "    path: releases", "    repository: istio/api\n    path: releases", 1))
	if answer := w.says("alice", tracker, "/release notes 1.30.1"); !strings.Contains(answer, "**Done.**") {
		t.Errorf("answer: %s", answer)
	}
	text, _ := w.gh.File("istio/api", "release-notes-istio-1.30.1", notesFile)
	if len(w.gh.PRs("istio/api")) != 1 || !strings.Contains(text, "- **Fixed** a leak.") {
		t.Errorf("%v: %s", w.gh.PRs("istio/api"), text)
	}
	w.note("second", "**Added** a second thing.") // refreshes it
	if text, _ = w.gh.File("istio/api", "release-notes-istio-1.30.1", notesFile); !strings.Contains(text, "- **Added** a second thing.") {
		t.Errorf("%s\n%s", text, w.log)
	}
	w.again()
	for repository, want := range map[string]string{"mallory/api": "is not a repository of `istio`", "istio/nowhere": "the notes can't go to `istio/nowhere`: it isn't there"} {
		w.policy(basePolicy + strings.Replace(releasePolicy, "    path: releases", "    repository: "+repository+"\n    path: releases", 1))
		if answer := w.says("alice", tracker, "/release notes 1.30.1"); !strings.Contains(answer, want) {
			t.Errorf("%s: %s", repository, answer)
		}
	}
	w.again()
}

// TestNotesBesideEdits: what people have changed stays, in the pull request and after
// its merge, and what is new goes in right beside it.
func TestNotesBesideEdits(t *testing.T) {
	w, tracker := releaseWorld(t)
	w.note("zeta", "**Fixed** zeta.")
	w.says("alice", tracker, "/release notes 1.30.1")
	pr := w.notesPull()
	text := strings.Replace(w.wantNotesFile("- **Fixed** zeta."), "**Fixed** zeta.", "**Fixed** zeta for good.", 1)
	_, err := w.gh.As("carol").Push(demoRepo, notesHead, map[string]string{notesFile: strings.Replace(text, "# 1.30.1", "# Istio 1.30.1, at last", 1)}, "Words")
	w.do(err)
	w.settle()
	w.note("middle", "**Fixed** middle.") // it is sorted right before what was edited
	w.wantNotesFile("- **Fixed** middle.", "- **Fixed** zeta for good.", "# Istio 1.30.1, at last")

	// With its record gone, nobody guesses another range.
	w.do(w.gh.As("carol").EditBody(demoRepo, pr.Number, "Please read this."))
	w.settle()
	if answer := w.says("alice", tracker, "/release notes 1.30.1"); !strings.Contains(answer, "from which revision its notes are made") {
		t.Errorf("answer: %s", answer)
	}
	if answer := w.says("alice", tracker, "/release notes 1.30.1 from=1.30.0"); !strings.Contains(answer, "**Done.**") {
		t.Errorf("answer: %s", answer)
	}

	// Merged, and its branch deleted: the next pull request begins on what was merged.
	w.merge("alice", pr.Number, "squash")
	w.do(w.gh.As("alice").DeleteBranch(demoRepo, notesHead))
	w.settle()
	w.note("last", "**Fixed** the last thing.")
	w.says("alice", tracker, "/release notes 1.30.1")
	w.wantNotesFile("- **Fixed** the last thing.", "- **Fixed** zeta for good.", "# Istio 1.30.1, at last")
	w.again()
}

// TestSourceLabelledByManagers: where release managers alone may let off, a label that
// one of the pick's branch has set on its source counts; the source branch has none.
func TestSourceLabelledByManagers(t *testing.T) {
	t.Parallel()
	for login, want := range map[string]string{"bob": "failure", "alice": "success"} {
		t.Run(login, func(t *testing.T) {
			w := notesWorld(t, "  description: '(?m)^- \\[[xX]\\] No user-facing change'\n", "  label_by: release_managers\n")
			bare := w.merged("bare", "squash")
			w.do(w.gh.As(login).AddLabel(demoRepo, bare, "release-notes-none"))
			w.settle()
			pick := w.change("bob", sandbox.PROptions{Head: "pick", Title: fmt.Sprintf("manual cherry-pick of #%d", bare), Files: code("bare")})
			w.wantNotes(pick, want, "")
		})
	}
}
