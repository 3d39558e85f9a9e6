package main

import (
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// TestNotesOnIstiosPolicy: the policy that we ship says where the notes of a release go, and
// those of a minor release begin at the minor before.
func TestNotesOnIstiosPolicy(t *testing.T) {
	w := newWorld(t)
	note := func(repo, base, name, text string) {
		pr, err := w.gh.As("bob").OpenPR(repo, sandbox.PROptions{Base: base, Head: name, Title: "Change " + name,
			Files: with(code(name), "releasenotes/notes/"+name+".yaml", strings.Replace(goodNoteText, "**Fixed** a leak.", text, 1))})
		w.do(err)
		w.do2(w.gh.As("bob").Merge(repo, pr.Number, "squash"))
	}
	tag := func(branch, tag string) {
		for _, repo := range []string{demoRepo, "istio/api"} {
			w.do(w.gh.As("alice").Tag(repo, tag, branch))
		}
	}
	tag("master", "1.30.0")
	note(demoRepo, "master", "first", "**Added** the first.")
	note(demoRepo, demoBranch, "patched", "**Fixed** what was picked.")
	note(demoRepo, "master", "picked", "**Fixed** what was picked.")
	tag(demoBranch, "1.30.1")
	note(demoRepo, "master", "last", "**Added** the last.")
	note("istio/api", "master", "field", "**Added** a field.")
	withIstio(w)
	for _, repo := range []string{demoRepo, "istio/api"} {
		w.do(w.gh.As("alice").CreateBranch(repo, "release-1.31", "master"))
	}
	ask := issueNumber(w, "Istio 1.31")
	answer := w.says("alice", ask, "/release notes 1.31.0")
	if !strings.Contains(answer, "**Done.** The notes of `1.31.0` since `1.30.0` are proposed in a pull request from `release-notes-1.31.0`: notes: 4.") {
		t.Errorf("answer: %s", answer)
	}
	text, _ := w.gh.File(demoRepo, "release-notes-1.31.0", "releasenotes/releases/1.31.0/releaseNotes.md")
	for _, want := range []string{"**Added** the first.", "**Fixed** what was picked.", "**Added** the last.", "**Added** a field."} {
		if strings.Count(text, want) != 1 {
			t.Errorf("%q isn't once in\n%s", want, text)
		}
	}
	w.again()
}

// TestNotesSincePrevious: a policy may have them begin at the last release, whichever that is.
func TestNotesSincePrevious(t *testing.T) {
	w, tracker := releaseWorld(t)
	w.policy(basePolicy + releasePolicy + "    since: previous\n")
	w.do(w.gh.CreateTeam("istio", "release-managers-1-31", "alice"))
	w.do(w.gh.As("alice").Tag(demoRepo, "1.30.1", demoBranch))
	w.do(w.gh.As("alice").CreateBranch(demoRepo, "release-1.31", "master"))
	if answer := w.says("alice", tracker, "/release notes 1.31.0"); !strings.Contains(answer, "The notes of `1.31.0` since `1.30.1` are proposed") {
		t.Errorf("answer: %s", answer)
	}
	w.policy(basePolicy + releasePolicy)
	for _, pr := range w.gh.PRs(demoRepo) {
		if pr.Head == "release-notes-1.31.0" {
			w.do(w.gh.As("alice").Close(demoRepo, pr.Number))
		}
	}
	w.do(w.gh.As("alice").DeleteBranch(demoRepo, "release-notes-1.31.0"))
	w.settle()
	if answer := w.says("alice", tracker, "/release notes v1.31.0"); !strings.Contains(answer, "The notes of `1.31.0` since `1.30.0`") {
		t.Errorf("answer: %s", answer)
	}
	w.again()
}
