package main

import (
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// TestNoNotesInASingleRepository: the organisation's policy asks for notes, but not in the
// repository that has none.
func TestNoNotesInASingleRepository(t *testing.T) {
	w := newWorld(t)
	w.policy(basePolicy + releasePolicy)
	pr, err := w.gh.As("bob").OpenPR("istio/api", sandbox.PROptions{Base: demoBranch, Head: "bare", Title: "Change it", Files: code("bare")})
	w.do(err)
	w.settle()
	want := func(repo, sha, conclusion string) {
		t.Helper()
		if run, _ := w.gh.CheckRun(repo, sha, "slipway/release-notes"); run.Conclusion != conclusion {
			t.Errorf("%s: %q, want %q\n%s", repo, run.Conclusion, conclusion, w.log)
		}
	}
	want("istio/api", pr.HeadSHA, "failure")
	w.policy(basePolicy + "repositories: {api: {releasenotes: off}}\n" + releasePolicy)
	want("istio/api", pr.HeadSHA, "neutral")
	other, err := w.gh.As("bob").OpenPR("istio/api", sandbox.PROptions{Base: demoBranch, Head: "more", Title: "Change more", Files: code("more")})
	w.do(err)
	w.settle()
	want("istio/api", other.HeadSHA, "")
	n := w.change("bob", sandbox.PROptions{Head: "here", Title: "Change it here", Files: code("here")})
	w.wantNotes(n, "failure", "no release note")
	issue, err := w.gh.As("alice").OpenIssue("istio/api", "Release 1.30.1", "")
	w.do(err)
	_, err = w.gh.As("alice").Comment("istio/api", issue, "/release notes 1.30.1")
	w.do(err)
	w.settle()
	said := ""
	for _, c := range w.gh.Comments("istio/api", issue) {
		said += c.Body
	}
	if !strings.Contains(said, "the policy says nowhere where the notes of a release go") {
		t.Errorf("%s", said)
	}
	w.newDatabase()
	w.again()
}
