package main

import (
	"strings"
	"testing"
)

// reports has the builder's job report on the commit that its branch is at.
func (w *world) reports(state string) {
	w.t.Helper()
	w.do(w.gh.As("dave").SetStatus(builderRepo, w.gh.Branch(builderRepo, "release-1.31"), "release_postsubmit", state))
	w.settle()
}

// follows returns the comment that follows a version on a tracking issue; there is
// at most one.
func (w *world) follows(n int, version string) string {
	w.t.Helper()
	found := ""
	for _, c := range w.gh.Comments(demoRepo, n) {
		if strings.HasPrefix(c.Body, "<!-- slipway:version "+version+" -->") {
			if found != "" {
				w.t.Errorf("there are two comments about %s", version)
			}
			found = c.Body
		}
	}
	return found
}

func (w *world) wantFollows(n int, version string, want ...string) {
	w.t.Helper()
	got := w.follows(n, version)
	for _, one := range want {
		if !strings.Contains(got, one) {
			w.t.Errorf("the comment about %s lacks %q:\n%s\n%s", version, one, got, w.log)
		}
	}
}

// TestVersionIsFollowed plays a version from the merge of its build until it is
// public. All along there is one comment, and it says how far things are.
func TestVersionIsFollowed(t *testing.T) {
	w := newWorld(t)
	n := withRelease(w)
	const v = "1.31.0-beta.0"
	w.says("alice", n, "/release build "+v)
	if got := w.follows(n, v); got != "" {
		t.Errorf("before the merge it is said:\n%s", got)
	}
	w.merges("[release-1.31] Trigger build "+v, "release/trigger-build", v+"\n")
	w.wantFollows(n, v, v+": building", "nothing is reported on it yet", "which `alice` merged", "this comment follows it")
	w.reports("pending")
	w.wantFollows(n, v, v+": building", "running", "`release_postsubmit` pending")
	w.reports("error")
	w.wantFollows(n, v, v+": build failed", "`release_postsubmit` failed", "/release rebuild "+v)

	// Once more; the database is lost meanwhile.
	w.says("alice", n, "/release rebuild "+v)
	w.merges("[release-1.31] Trigger build "+v, "release/trigger-build", v+"\n\n")
	w.wantFollows(n, v, v+": building", "build number 2")
	w.newDatabase()
	_, err := w.gh.ForeignCheck(builderRepo, w.gh.Branch(builderRepo, "release-1.31"), "build-warning", "completed", "failure")
	w.do(err)
	w.reports("success")
	w.wantFollows(n, v, v+": built", "fails by design", "/release publish "+v)

	w.says("alice", n, "/release publish "+v)
	pr := w.proposals()["[release-1.31] Trigger publish "+v]
	_, err = w.gh.As("dave").Review(builderRepo, pr.Number, "APPROVE", "")
	w.do(err)
	w.settle()
	w.merges("[release-1.31] Trigger publish "+v, "release/trigger-publish", v+"\n")
	w.wantFollows(n, v, v+": publishing", "**Tags:** none yet in `istio`", "**Release on GitHub:** none yet")
	w.reports("success")
	w.wantFollows(n, v, v+": published, its tags are missing")
	w.do(w.gh.As("alice").CreateBranch(demoRepo, "release-1.31", "master"))
	w.do(w.gh.As("alice").Tag(demoRepo, v, "release-1.31"))
	w.do(w.gh.As("alice").Draft(demoRepo, v, "release-1.31", "istio-"+v+"-osx.tar.gz"))
	w.settle()
	w.wantFollows(n, v, "its release on GitHub is a draft", "with 1 file", "make it public")
	w.do(w.gh.As("alice").PublishRelease(demoRepo, v))
	w.settle()
	w.wantFollows(n, v, v+": published", "nothing; it is out")
	w.again()
}

// TestVersionsOfManyKinds: a version that somebody started by a push is followed, one
// of another release isn't, and a closed tracking issue follows nothing.
func TestVersionsOfManyKinds(t *testing.T) {
	w := newWorld(t)
	n := withRelease(w)
	push := func(text string) {
		_, err := w.gh.As("alice").Push(builderRepo, "release-1.31", map[string]string{"release/trigger-build": text}, "Build")
		w.do(err)
		w.settle()
	}
	push("1.31.0-beta.0\n")
	w.wantFollows(n, "1.31.0-beta.0", "a push of", "without a pull request")
	push("1.31.1\n") // a patch release has a tracking issue of its own
	push("nonsense\n")
	if got := w.follows(n, "1.31.1"); got != "" {
		t.Errorf("it follows another release's version:\n%s", got)
	}
	w.says("alice", n, "/release close done")
	push("1.31.0-beta.1\n")
	if got := w.follows(n, "1.31.0-beta.1"); got != "" {
		t.Errorf("closed, it follows\n%s", got)
	}
	w.again()
}
