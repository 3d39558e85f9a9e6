package main

import (
	"os"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// project is one repository whose releases are built, tagged and noted by it alone. It says how
// versions are called, and nothing else differs.
func project(t *testing.T, branches, versions string) (w *world, ask int) {
	return released(t, "branches: ["+branches+"]\nrelease_managers: [releasers]\nproposals: pass\nversions: {"+versions+`}
checklist:
  home: istio
  look_every: 0s
  product: Hello
  repositories: [istio]
  templates:
  - {kind: minor, schedule: [{name: release, at: release}], steps: [{phase: Release, id: tag, title: "Tag {tag}", probe: {tag: "{tag}"}}]}
  - {kind: patch, schedule: [{name: release, at: release}], steps: [{phase: Release, id: tag, title: "Tag {tag}", probe: {tag: "{tag}"}}]}
release: {triggers: {repository: istio, unbuilt: refuse}}
releasenotes: {path: releasenotes/notes, release: {path: "releases/{version}", since: previous}}
`)
}

// released is a repository with a policy, whose releasers are alice and dave, and an issue to ask in.
func released(t *testing.T, policy string) (w *world, ask int) {
	w = newWorld(t)
	w.do(w.gh.CreateTeam("istio", "releasers", "alice", "dave"))
	w.do(w.gh.AddCollaborator(demoRepo, "dave", "write"))
	w.policy(policy)
	ask, err := w.gh.As("alice").OpenIssue(demoRepo, "Plan", "")
	w.do(err)
	w.settle()
	return w, ask
}

// trackerOf is the tracking issue with a title.
func (w *world) trackerOf(title string) int {
	w.t.Helper()
	for _, i := range w.gh.Issues(demoRepo) {
		if i.Title == title {
			return i.Number
		}
	}
	w.t.Fatalf("there is no tracking issue %q\n%s", title, w.log)
	return 0
}

// goes has alice ask for a build or a publish, dave approve it, and the job report on its merge.
func (w *world) goes(n int, purpose, said, branch, version string) {
	w.t.Helper()
	w.wantAnswer("alice", n, "/release "+purpose+" "+said, "is proposed")
	for _, pr := range w.gh.PRs(demoRepo) {
		if pr.State == "open" && pr.Title == "["+branch+"] Trigger "+purpose+" "+version {
			w.do2ID(w.gh.As("dave").Review(demoRepo, pr.Number, "APPROVE", ""))
			w.merge("alice", pr.Number, "squash")
			w.do(w.gh.As("dave").SetStatus(demoRepo, w.gh.Branch(demoRepo, branch), "release", "success"))
			w.settle()
			return
		}
	}
	w.t.Fatalf("no %s of %s is proposed on %s\n%s", purpose, version, branch, w.log)
}

// noted merges a change with its note.
func (w *world) noted(branch, name string) {
	w.t.Helper()
	n := w.change("bob", sandbox.PROptions{Base: branch, Head: name, Title: "Change " + name, Files: map[string]string{
		name + ".go": "package main\n", "releasenotes/notes/" + name + ".yaml": strings.Replace(goodNoteText, "a leak", name, 1)}})
	w.merge("bob", n, "squash")
}

// comesOut has a version tagged and out, and dave asks for it once more.
func (w *world) comesOut(n int, branch, version, tag string) {
	w.t.Helper()
	w.do(w.gh.As("alice").Tag(demoRepo, tag, branch))
	w.do(w.gh.As("alice").Draft(demoRepo, tag, branch, "hello.tar.gz"))
	w.do(w.gh.As("alice").PublishRelease(demoRepo, tag))
	w.settle()
	w.wantFollows(n, version, version+": published", "nothing; it is out")
	w.wantAnswer("dave", n, "/release build "+version, version+" is tagged already")
	w.wantAnswer("dave", n, "/release publish "+tag, version+" is tagged already")
}

// notesOf has the notes of a version proposed, and returns them.
func (w *world) notesOf(n int, said, version, want string) string {
	w.t.Helper()
	w.wantAnswer("dave", n, "/release notes "+said, want)
	text, _ := w.gh.File(demoRepo, "release-notes-"+version, "releases/"+version+"/releaseNotes.md")
	return text
}

// TestOneBranch: a project that tags v1.2.3 on its one branch, from the start to what comes next. Another
// product's tag is none of its own.
func TestOneBranch(t *testing.T) {
	w, ask := project(t, "master", `tag: "v{version}", branch: master`)
	w.do(w.gh.As("alice").Tag(demoRepo, "v1.2.2", "master"))
	w.do(w.gh.As("alice").Tag(demoRepo, "1.2.3", "master"))
	w.noted("master", "before")
	w.wantAnswer("alice", ask, "/release start v1.2.3", "Hello 1.2.3 has a tracking issue")
	n := w.trackerOf("Hello 1.2.3")
	w.goes(n, "build", "v1.2.3", "master", "1.2.3")
	w.goes(n, "publish", "1.2.3", "master", "1.2.3")
	w.comesOut(n, "master", "1.2.3", "v1.2.3")
	w.wantBody(n, "[x]")
	w.noted("master", "after")
	if text := w.notesOf(n, "v1.2.3", "1.2.3", "notes: 1."); !strings.Contains(text, "**Fixed** before") || strings.Contains(text, "after") {
		t.Errorf("the notes don't end at the tag: %s", text)
	}

	w.says("dave", n, "/release close it is out")
	w.wantAnswer("alice", ask, "/release start v1.2.3", "`/release start 1.2.4`")
	w.wantAnswer("alice", ask, "/release start 1.3.0 cut="+w.day(1), "all versions come from `master`")
	w.wantAnswer("alice", ask, "/release start v1.3", "Hello 1.3 has a tracking issue")
	next := w.trackerOf("Hello 1.3")
	w.wantAnswer("alice", next, "/release build 1.3.0-rc.1", "build 1.2.4 or 1.3.0 or 2.0.0")
	w.goes(next, "build", "v1.3.0", "master", "1.3.0")
	w.again()
}

// TestPythonVersions: 5.2rc1 and 5.2 are built from 5.2.x, and nobody has to know another form of them.
func TestPythonVersions(t *testing.T) {
	w, ask := project(t, `"[0-9]*.x"`, `scheme: pep440, tag: "{version}", branch: "{major}.{minor}.x"`)
	w.do(w.gh.As("alice").Tag(demoRepo, "5.1.4", "master"))
	w.do(w.gh.As("alice").CreateBranch(demoRepo, "5.2.x", "master"))
	w.wantAnswer("alice", ask, "/release start 5.2rc1 cut="+w.day(1)+" release="+w.day(9), "5.2rc1 is on the way to 5.2")
	w.wantAnswer("alice", ask, "/release start 5.2 cut="+w.day(1)+" release="+w.day(9), "Hello 5.2 has a tracking issue")
	n := w.trackerOf("Hello 5.2")
	w.wantAnswer("alice", n, "/release build 5.2.0-rc.1", "did you mean 5.2rc1?")
	w.noted("5.2.x", "before")
	w.goes(n, "build", "5.2rc1", "5.2.x", "5.2rc1")
	w.wantAnswer("alice", n, "/release build 5.2rc3", "build 5.2rc2 or 5.2")
	w.goes(n, "publish", "5.2rc1", "5.2.x", "5.2rc1")
	w.comesOut(n, "5.2.x", "5.2rc1", "5.2rc1")
	w.goes(n, "build", "5.2", "5.2.x", "5.2")
	w.goes(n, "publish", "5.2", "5.2.x", "5.2")
	w.comesOut(n, "5.2.x", "5.2", "5.2")
	w.noted("5.2.x", "after")
	if text := w.notesOf(n, "5.2", "5.2", "notes: 1."); !strings.Contains(text, "**Fixed** before") || strings.Contains(text, "after") {
		t.Errorf("the notes don't end at the tag: %s", text)
	}
	w.says("dave", n, "/release close it is out")
	w.wantAnswer("alice", ask, "/release start 5.2 cut="+w.day(1)+" release="+w.day(9), "`/release start 5.2.1`")
	w.again()
}

// TestDatedTrain: the policy that ships for versions by date takes a train from its start to published.
func TestDatedTrain(t *testing.T) {
	text, err := os.ReadFile("../../config/examples/calendar.yml")
	if err != nil {
		t.Fatal(err)
	}
	policy := strings.NewReplacer("home: metro", "home: istio\n  look_every: 0s", "metro", "istio", "[release-managers]", "[releasers]", "releasenotes/releases/{version}", "releases/{version}").Replace(string(text))
	w, ask := released(t, policy)
	w.do(w.gh.As("alice").Tag(demoRepo, "v2026.10", "master"))
	w.wantAnswer("alice", ask, "/release start 2026.13 cut="+w.day(1)+" release="+w.day(22), "has no month 13")
	w.wantAnswer("alice", ask, "/release start v2026.11 cut="+w.day(1)+" release="+w.day(22), "Metro 2026.11 has a tracking issue")
	n := w.trackerOf("Metro 2026.11")
	w.says("alice", n, "/release step branch run")
	const branch = "release-2026.11"
	w.noted(branch, "before")
	w.goes(n, "build", "2026.11", branch, "2026.11")
	w.goes(n, "publish", "v2026.11", branch, "2026.11")
	w.comesOut(n, branch, "2026.11", "v2026.11")
	w.noted(branch, "after")
	if text := w.notesOf(n, "2026.11", "2026.11", "notes: 1."); !strings.Contains(text, "**Fixed** before") || strings.Contains(text, "after") {
		t.Errorf("the notes don't end at the tag: %s", text)
	}
	w.wantBody(n, "[x] `tag`: Tag v2026.11")
	w.says("dave", n, "/release close it is out")
	w.wantAnswer("alice", ask, "/release start 2026.11 cut="+w.day(1)+" release="+w.day(22), "`/release start 2026.11.1`")
	w.again()
}
