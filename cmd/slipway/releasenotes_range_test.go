package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// TestNotesOfTheSourceBranch: picks come from the branch that the policy names.
func TestNotesOfTheSourceBranch(t *testing.T) {
	w := notesWorld(t, "releasenotes:\n", "releasebranch:\n  source_branch: next\nreleasenotes:\n")
	w.do(w.gh.As("carol").CreateBranch(demoRepo, "next", "master"))
	source := func(base, name string) int {
		n := w.change("bob", sandbox.PROptions{Base: base, Head: name, Title: "Fix " + name, Files: with(code(name), "releasenotes/notes/"+name+".yaml", goodNoteText)})
		w.merge("bob", n, "squash")
		return n
	}
	next, master := source("next", "on-next"), source("master", "on-master")
	n := w.change("bob", sandbox.PROptions{Head: "pick", Title: fmt.Sprintf("Cherry-pick of #%d", next), Files: code("on-next")})
	w.wantNotes(n, "success", fmt.Sprintf("it has the note of #%d", next))
	n = w.change("bob", sandbox.PROptions{Head: "pick2", Title: fmt.Sprintf("Cherry-pick of #%d", master), Files: code("on-master")})
	if run := w.wantNotes(n, "failure", fmt.Sprintf("no release note for #%d", master)); !strings.Contains(run.Summary, "was merged into `next`") {
		t.Errorf("%s", run.Summary)
	}
}

// TestOwnNotesNeedNone: the pull request that brings the notes of a release needs
// no note, as long as it brings nothing else.
func TestOwnNotesNeedNone(t *testing.T) {
	w, tracker := releaseWorld(t)
	w.policy(strings.Replace(basePolicy, `["release-*"]`, `["release-*", "master"]`, 1) + releasePolicy)
	w.says("alice", tracker, "/release notes 1.30.1")
	n := w.notesPull().Number
	w.wantNotes(n, "success", "it brings the notes of a release")
	w.push("carol", n, map[string]string{notesFile: "# Notes\n"})
	w.wantNotes(n, "success", "it brings the notes of a release")
	w.push("carol", n, code("smuggled"))
	w.wantNotes(n, "failure", "no release note")
	forged := w.change("bob", sandbox.PROptions{Base: "master", Head: "release-notes-1.30.2", Files: map[string]string{"releases/1.30.2/releaseNotes.md": "x"}})
	w.wantNotes(forged, "failure", "no release note")
}

// TestDeletedNotesStayOut: what a person takes out of the pull request doesn't
// come back with the next notes.
func TestDeletedNotesStayOut(t *testing.T) {
	w, tracker := releaseWorld(t)
	w.says("alice", tracker, "/release notes 1.30.1")
	const minor = "releases/1.30.1/minorReleaseNotes.md"
	_, err := w.gh.As("carol").Push(demoRepo, notesHead, map[string]string{minor: sandbox.Deleted}, "Not this")
	w.do(err)
	w.settle()
	w.note("second", "**Added** a second thing.") // refreshes the rest
	w.wantNotesFile("- **Added** a second thing.")
	answer := w.says("alice", tracker, "/release notes 1.30.1")
	if !strings.Contains(answer, "stay out:**\n\n- `"+minor+"`") || !strings.Contains(w.notesPull().Body, "- `"+minor+"`") {
		t.Errorf("it isn't said: %s\n%s", answer, w.notesPull().Body)
	}
	if text, found := w.gh.File(demoRepo, notesHead, minor); found {
		t.Errorf("it came back: %s", text)
	}
	if text, _ := w.gh.File(demoRepo, notesHead+"-generated", minor); !strings.Contains(text, "**Added** a second thing.") {
		t.Errorf("as generated: %s", text)
	}
	w.again()
}

// TestNotesOfAMinorRelease: what came by the default branch since the release
// before left it is in the report, and what came before or after isn't.
func TestNotesOfAMinorRelease(t *testing.T) {
	w, tracker := releaseWorld(t)
	w.do(w.gh.CreateTeam("istio", "release-managers-1-31", "alice"))
	master := func(name string, labels ...string) int {
		n := w.change("bob", sandbox.PROptions{Base: "master", Head: name, Title: "Change " + name, Files: code(name)})
		if len(labels) > 0 {
			w.do(w.gh.As("bob").AddLabel(demoRepo, n, labels...))
		}
		w.merge("bob", n, "squash")
		return n
	}
	before, waived := master("before"), master("waived", "release-notes-none")
	w.do(w.gh.As("alice").CreateBranch(demoRepo, "release-1.31", "master"))
	after := master("after")
	on := w.change("bob", sandbox.PROptions{Base: "release-1.31", Head: "on", Title: "Change on", Files: code("on")})
	w.merge("bob", on, "squash")
	answer := w.says("alice", tracker, "/release notes 1.31.0")
	if !strings.Contains(answer, "- changes with neither a note nor a label: 2\n") {
		t.Errorf("answer: %s", answer)
	}
	report := func() (body string) {
		for _, pr := range w.gh.PRs(demoRepo) {
			if pr.Head == "release-notes-1.31.0" {
				body = pr.Body
			}
		}
		return body
	}
	body := report()
	for n, want := range map[int]bool{before: true, on: true, waived: false, after: false} {
		if got := strings.Contains(body, fmt.Sprintf("istio/istio#%d ", n)); got != want {
			t.Errorf("#%d is told: %v\n%s", n, got, body)
		}
	}
	if !strings.Contains(body, "changes: 3 (by the first parents of release-1.31 from ") || !strings.Contains(body, ", and of master from ") {
		t.Errorf("%s", body)
	}
	// What begins on the branch itself has nothing from before, and not what it begins after.
	w.says("alice", tracker, "/release notes 1.31.0 from="+w.gh.Branch(demoRepo, "release-1.31"))
	if body := report(); !strings.Contains(body, "changes: 0\n") || strings.Contains(body, "of master") {
		t.Errorf("%s", body)
	}
	w.again()
}

// noteIn merges a pull request with a note into the release's branch of another repository.
func (w *world) noteIn(repo, name, text string) {
	w.t.Helper()
	pr, err := w.gh.As("bob").OpenPR(repo, sandbox.PROptions{Base: demoBranch, Head: name, Title: "Change " + name,
		Files: with(code(name), "releasenotes/notes/"+name+".yaml", strings.Replace(goodNoteText, "**Fixed** a leak.", text, 1))})
	w.do(err)
	_, err = w.gh.As("bob").Merge(repo, pr.Number, "squash")
	w.do(err)
	w.settle()
}

// TestNotesOfSeveralRepositories: they go into one pull request, each once, and
// what isn't there is said by name.
func TestNotesOfSeveralRepositories(t *testing.T) {
	w, tracker := releaseWorld(t)
	w.policy(basePolicy + strings.Replace(releasePolicy, "  release:\n", "  release:\n    repositories: [api, istio, nowhere]\n", 1))
	w.noteIn("istio/api", "leak", "**Fixed** a leak.")
	answer := w.says("alice", tracker, "/release notes 1.30.1")
	if !strings.Contains(answer, "**Done.**") || !strings.Contains(answer, "- there is no revision `1.30.0` in `istio/api`\n- of `istio/nowhere`: it isn't there, Slipway isn't installed on it") {
		t.Errorf("answer: %s", answer)
	}
	if body := w.notesPull().Body; !strings.Contains(body, "- there is no revision `1.30.0` in `istio/api`") {
		t.Errorf("%s", body)
	}
	w.wantNotesFile("- **Fixed** a leak.")
	w.do(w.gh.As("alice").Tag("istio/api", "v1.30.0", "master"))
	answer = w.says("alice", tracker, "/release notes 1.30.1")
	if strings.Contains(answer, "in `istio/api`") || !strings.Contains(answer, "- notes that several repositories bring: 1") {
		t.Errorf("answer: %s", answer)
	}
	w.wantNotesFile("- **Fixed** a leak.\n  ([Issue #7](https://github.com/istio/istio/issues/7)),([Issue api/7](https://github.com/istio/api/issues/7))")
	w.noteIn("istio/api", "second", "**Added** to the API.") // refreshes it
	w.wantNotesFile("- **Fixed** a leak.", "- **Added** to the API.\n  ([Issue api/7](https://github.com/istio/api/issues/7))")
	w.again()
}

// TestNotesOfTwoInOneTarget: two repositories that write the notes of one version
// into a third don't share a branch.
func TestNotesOfTwoInOneTarget(t *testing.T) {
	w, tracker := releaseWorld(t)
	w.do(w.gh.CreateRepo("istio", "istio.io", sandbox.RepoOptions{Files: map[string]string{"README.md": "# Site\n"}}))
	w.policy(basePolicy + strings.Replace(releasePolicy, "    path: releases", "    repository: istio/istio.io\n    path: releases", 1))
	w.do(w.gh.As("alice").Tag("istio/api", "1.30.0", "master"))
	w.noteIn("istio/api", "api", "**Added** to the API.")
	other, err := w.gh.As("alice").OpenIssue("istio/api", "Release 1.30.1", "")
	w.do(err)
	w.says("alice", tracker, "/release notes 1.30.1")
	_, err = w.gh.As("alice").Comment("istio/api", other, "/release notes 1.30.1")
	w.do(err)
	w.settle()
	for head, want := range map[string]string{"release-notes-istio-1.30.1": "**Fixed** a leak.", "release-notes-api-1.30.1": "**Added** to the API."} {
		if text, _ := w.gh.File("istio/istio.io", head, notesFile); !strings.Contains(text, want) {
			t.Errorf("%s: %s", head, text)
		}
	}
	if pulls := w.gh.PRs("istio/istio.io"); len(pulls) != 2 {
		t.Errorf("%v", pulls)
	}
	w.again()
}
