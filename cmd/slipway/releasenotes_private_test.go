package main

import (
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// wantUntold holds all that anybody may read of istio/istio to not telling something.
func (w *world) wantUntold(words ...string) {
	w.t.Helper()
	for _, pr := range w.gh.PRs(demoRepo) {
		text := pr.Title + pr.Body
		for _, branch := range []string{pr.Head, pr.Head + "-generated"} {
			for _, name := range []string{"releaseNotes.md", "minorReleaseNotes.md", "upgradeNotes.md"} {
				file, _ := w.gh.File(demoRepo, branch, "releases/1.30.1/"+name)
				text += file
			}
		}
		for _, c := range w.gh.Comments(demoRepo, pr.Number) {
			text += c.Body
		}
		for _, word := range words {
			if strings.Contains(text, word) {
				w.t.Errorf("#%d tells %q:\n%s", pr.Number, word, text)
			}
		}
	}
}

// TestNotesOfAPrivateHome: both policies agree that the releases of a public repository stand
// in a private one. Its dates may be told then; its notes and its changes may not.
func TestNotesOfAPrivateHome(t *testing.T) {
	w, tracker := releaseWorld(t)
	w.do(w.gh.CreateRepo("istio", "secret", sandbox.RepoOptions{Private: true, Files: map[string]string{"README.md": "# Secret\n"}}))
	w.policy(basePolicy + "checklist: {home: secret, repositories: [istio, secret]}\n" +
		strings.Replace(releasePolicy, "  release:\n", "  release:\n    repositories: [secret]\n", 1))
	w.do(w.gh.As("alice").CreateBranch("istio/secret", demoBranch, "master"))
	w.do(w.gh.As("alice").Tag("istio/secret", "1.30.0", "master"))
	w.noteIn("istio/secret", "hole", "**Fixed** the hole that nobody knows.")
	pr, err := w.gh.As("bob").OpenPR("istio/secret", sandbox.PROptions{Base: demoBranch, Head: "quiet", Title: "Close the gap", Files: code("quiet")})
	w.do(err)
	w.do2(w.gh.As("bob").Merge("istio/secret", pr.Number, "squash"))
	answer := w.says("alice", tracker, "/release notes 1.30.1")
	if !strings.Contains(answer, "**Done.**") || !strings.Contains(answer, "- of `istio/secret`: it isn't there, Slipway isn't installed on it, or nothing of it may be told here. **Next step:** ") {
		t.Errorf("answer: %s", answer)
	}
	w.wantNotesFile("- **Fixed** a leak.")
	w.note("second", "**Added** a second thing.") // refreshes them
	w.wantNotesFile("- **Added** a second thing.")
	w.wantUntold("nobody knows", "hole", "the gap")
	w.again()
}

// TestNotesOfARepositoryMadePrivate: what becomes private tells nothing any more, also in the
// minutes in which Slipway hasn't heard of it.
func TestNotesOfARepositoryMadePrivate(t *testing.T) {
	w, tracker := releaseWorld(t)
	w.policy(basePolicy + strings.Replace(releasePolicy, "  release:\n", "  release:\n    repositories: [api]\n", 1))
	w.do(w.gh.As("alice").Tag("istio/api", "1.30.0", "master"))
	w.noteIn("istio/api", "open", "**Added** to the API.")
	w.says("alice", tracker, "/release notes 1.30.1")
	w.wantNotesFile("- **Fixed** a leak.", "- **Added** to the API.")
	w.gh.FaultHooks(sandbox.HookFault{Drop: true})
	w.do(w.gh.SetVisibility("istio/api", "private"))
	w.noteIn("istio/api", "hole", "**Fixed** the hole that nobody knows.")
	w.gh.ClearHookFaults()
	if answer := w.says("alice", tracker, "/release notes 1.30.1"); !strings.Contains(answer, "- of `istio/api`: it isn't there, Slipway isn't installed on it, or nothing of it may be told here") {
		t.Errorf("answer: %s", answer)
	}
	w.wantUntold("nobody knows", "hole")
	w.newDatabase()
	w.wantUntold("nobody knows", "hole")
	w.again()
}
