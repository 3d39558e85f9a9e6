package main

import (
	"fmt"
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

	manual := w.change("bob", sandbox.PROptions{Head: "manual", Title: fmt.Sprintf("manual cherry-pick of #%d", noted), Files: code("manual")})
	if run := w.wantNotes(manual, "success", fmt.Sprintf("it has the note of #%d", noted)); !strings.Contains(run.Summary, "doesn't bring `"+notePath+"`") {
		t.Errorf("%s", run.Summary)
	}
	bare := w.merged("bare", "squash")
	both := w.change("bob", sandbox.PROptions{Head: "both", Title: fmt.Sprintf("[release-1.30] Cherry-picks of #%d and #%d", noted, bare), Files: code("both")})
	run := w.wantNotes(both, "failure", fmt.Sprintf("no release note for #%d", bare))
	if !strings.Contains(run.Summary, fmt.Sprintf("- #%d has a release note", noted)) {
		t.Errorf("%s", run.Summary)
	}
	w.do(w.gh.As("bob").AddLabel(demoRepo, bare, "release-notes-none"))
	w.settle()
	w.again0()
	w.wantNotes(both, "success", "it has the notes of 2 picked pull requests")
	open := w.change("bob", sandbox.PROptions{Base: "master", Head: "open", Files: with(code("open"), "releasenotes/notes/open.yaml", goodNoteText)})
	n := w.change("bob", sandbox.PROptions{Head: "eager", Title: fmt.Sprintf("Cherry-pick of #%d", open), Files: code("eager")})
	w.wantNotes(n, "failure", fmt.Sprintf("no release note for #%d", open))
	w.again()
}

// again0 works everything once more, which may write.
func (w *world) again0() {
	w.t.Helper()
	for _, pr := range w.gh.PRs(demoRepo) {
		if pr.State == "open" {
			w.do(w.gh.As("bob").EditBody(demoRepo, pr.Number, "touched"))
		}
	}
	w.settle()
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
	sha, err := w.gh.As("bob").EnqueueMergeGroup(demoRepo, demoBranch, n)
	w.do(err)
	w.settle()
	if run, _ := w.gh.CheckRun(demoRepo, sha, "slipway/release-notes"); run.Conclusion != "success" {
		t.Errorf("the merge group: %+v", run)
	}
	w.stop()
	w.newDatabase()
	w.start()
	w.again()
	w.wantNotes(n, "failure", "no release note")
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
