package main

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// trackerPolicy is the demo's, with a small release.
const trackerPolicy = demoPolicy + `checklist:
  home: istio
  look_every: 0s
  product: Istio
  repositories: [istio, api]
  blockers: {label: release-blocker, milestone: "{major}.{minor}"}
  templates:
  - kind: minor
    schedule:
      - {name: branch-cut, at: cut, phase: open}
      - {name: features-closed, at: cut+14d, phase: closing}
      - {name: code-freeze, at: release-7d, phase: frozen}
      - {name: release, at: release, phase: released}
    steps:
      - {phase: Before the cut, id: announce, title: "Announce {release}"}
      - {phase: Before the cut, id: team, title: Make the team, probe: {team: "release-managers-{major}-{minor}"}}
      - {phase: Branch cut, id: branches, title: "Create {branch}", needs: [announce], due: cut, probe: {branch: "{branch}"}}
      - {phase: Branch cut, id: makefile, title: Pin the Makefile, probe: {file: Makefile, match: "UPDATE_BRANCH \\?= {branch}", in: [istio]}}
      - {phase: Branch cut, id: next, title: "Make the milestone {major}.{next}", probe: {milestone: "{major}.{next}", in: [istio]}}
      - {phase: Release, id: docs, title: Write the docs, owners: docs, probe: {merged: true, in: [istio]}}
      - {phase: Release, id: tag, title: "Tag {version}", probe: {tag: "{version}", in: [istio]}}
      - {phase: Release, id: blockers, title: No blocker is open, probe: {no_blockers: true}}
  - kind: patch
    schedule: [{name: release, at: release}]
    steps: [{phase: Release, id: tag, title: "Tag {version}", probe: {tag: "{version}"}}]
`

// day is a day some days from now.
func (w *world) day(days int) string {
	return w.clock.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly)
}

// withTracker has alice start release 1.31, and returns its tracking issue.
func withTracker(w *world) int {
	w.t.Helper()
	w.do(w.gh.CreateTeam("istio", "release-managers-1-31", "alice"))
	w.do(w.gh.CreateTeam("istio", "docs", "carol"))
	_, err := w.gh.As("alice").Push("istio/.github", "master", map[string]string{".github/slipway.yml": trackerPolicy}, "Tracker")
	w.do(err)
	ask, err := w.gh.As("alice").OpenIssue(demoRepo, "Plan 1.31", "")
	w.do(err)
	w.settle()
	answer := w.says("alice", ask, "/release start 1.31 cut="+w.day(1)+" release="+w.day(35)+" managers=@alice")
	if !strings.Contains(answer, "**Done.** Istio 1.31 has a tracking issue: 8 steps") {
		w.t.Fatalf("%s\n%s", answer, w.log)
	}
	for _, i := range w.gh.Issues(demoRepo) {
		if i.Title == "Istio 1.31" {
			return i.Number
		}
	}
	w.t.Fatal("there is no tracking issue")
	return 0
}

// wantBody fails unless the body of an issue has these texts.
func (w *world) wantBody(n int, texts ...string) {
	w.t.Helper()
	body := w.gh.Issue(demoRepo, n).Body
	for _, text := range texts {
		if !strings.Contains(body, text) {
			w.t.Errorf("#%d lacks %q:\n%s\n%s", n, text, body, w.log)
		}
	}
}

// edits has somebody change a text within an issue's body.
func (w *world) edits(login string, n int, old, new string) {
	w.t.Helper()
	body := w.gh.Issue(demoRepo, n).Body
	if !strings.Contains(body, old) {
		w.t.Fatalf("#%d lacks %q:\n%s", n, old, body)
	}
	w.do(w.gh.As(login).EditBody(demoRepo, n, strings.Replace(body, old, new, 1)))
	w.settle()
}

func TestTracker(t *testing.T) {
	w := newWorld(t)
	n := withTracker(w)
	w.wantBody(n, "| `code-freeze` | "+w.day(28), "- [ ] `announce`: Announce 1.31 <!--", "- [x] `team`: Make the team ([the team is there](", "🟢 **green**",
		"35 days left, 0 pull requests to go", "**Blockers:** none", "**Next:** `announce`", "- [x] `blockers`: No blocker is open ([no blocker is open](")
	w.again()

	if answer := w.says("alice", n, "/release start 1.31 cut="+w.day(1)+" release="+w.day(35)); !strings.Contains(answer, "has a tracking issue already: [#") {
		t.Error(answer)
	}
	if answer := w.says("bob", n, "/release date code-freeze "+w.day(30)); !strings.Contains(answer, "release-managers-1-31") {
		t.Error(answer)
	}
	if answer := w.says("alice", n, "/release date code-freeze "+w.day(30)); !strings.Contains(answer, "`code-freeze`: "+w.day(30)+", and no longer "+w.day(28)) {
		t.Error(answer)
	}
	w.wantBody(n, "| `code-freeze` | "+w.day(30)+" | the branch is `frozen`; set by hand |")
	w.says("alice", n, "/release date release "+w.day(42))
	w.wantBody(n, "| `code-freeze` | "+w.day(30), "| `release` | "+w.day(42), "42 days left")

	// The cut, by evidence; a step that it needs is still open.
	for _, repo := range []string{"istio/istio", "istio/api"} {
		w.do(w.gh.As("alice").CreateBranch(repo, "release-1.31", "master"))
	}
	w.settle()
	w.wantBody(n, "- [x] `branches`: Create release-1.31 ([the branch is there in 2 repositories](", "⚠️ before `announce`")
	w.says("alice", n, "/release step announce done")
	w.wantBody(n, "- [x] `announce`: Announce 1.31 (`alice`)", ") <!-- slipway-step:branches -->")
	_, err := w.gh.As("alice").CreateMilestone(demoRepo, "1.32")
	w.do(err)
	_, err = w.gh.As("alice").CreateMilestone(demoRepo, "1.31")
	w.do(err)
	w.do(w.gh.As("alice").Tag(demoRepo, "1.31.0", "release-1.31"))
	_, err = w.gh.As("alice").Push(demoRepo, "release-1.31", map[string]string{"Makefile": "UPDATE_BRANCH ?= release-1.31\n"}, "Pin")
	w.do(err)
	w.do(w.gh.As("alice").DeleteBranch("istio/api", "release-1.31"))
	w.settle()
	w.wantBody(n, "- [ ] `branches`: Create release-1.31", "open again: no longer so that the branch is there", "not in api", "- [x] `tag`", "- [x] `next`", "- [x] `makefile`")
	if !strings.Contains(w.log.String(), "the milestone 1.31 of istio/istio is due on "+w.day(42)) {
		t.Errorf("the milestone's day doesn't follow:\n%s", w.log)
	}
	w.again()
}

func TestTrackerByHand(t *testing.T) {
	w := newWorld(t)
	n := withTracker(w)
	// People write where they like, and nobody touches that.
	w.edits("bob", n, "### Branch cut\n", "### Branch cut\n\nMeet at noon.\n- [ ] bring cake\n")
	w.edits("bob", n, "- [ ] `docs`", "    * [ ] `docs`")
	w.edits("alice", n, "- [ ] `announce`", "- [X] `announce`")
	w.wantBody(n, "- [X] `announce`: Announce 1.31 (`alice`)", "Meet at noon.\n- [ ] bring cake\n", "    * [ ] `docs`: Write the docs <!--")
	w.edits("carol", n, "[ ] `docs`", "[x] `docs`") // an owner
	w.wantBody(n, "    * [x] `docs`: Write the docs (`carol`)")

	w.wantAnswer("bob", n, "/release step docs reopen", "**Not allowed.** That takes a release manager of the release's branch, or for this step an owner of it. **Who may:** the members of `release-managers-1-31`, `docs`")
	w.wantAnswer("carol", n, "/release step tag skip", "**Not allowed.**")
	w.wantAnswer("carol", n, "/release step docs reopen", "The step `docs` is open again")
	w.wantAnswer("carol", n, "/release step docs run", "only release managers may have it run")
	w.wantAnswer("carol", n, "/release step docs done", "The step `docs` is done")

	w.edits("bob", n, "- [ ] `tag`", "- [x] `tag`")
	w.wantBody(n, "- [ ] `tag`: Tag 1.31.0 <!--")
	w.wantSaid(n, "The step `tag` was ticked by `bob`, who may not do that")
	w.edits("bob", n, "- [X] `announce`: Announce 1.31 (`alice`) <!-- slipway-step:announce -->\n", "")
	w.wantBody(n, "- [x] `announce`: Announce 1.31 (`alice`)")
	w.edits("alice", n, "- [ ] `next`: Make the milestone 1.32 <!-- slipway-step:next -->\n", "")
	if strings.Contains(w.gh.Issue(demoRepo, n).Body, "slipway-step:next") {
		t.Errorf("a step that alice deleted is back:\n%s", w.gh.Issue(demoRepo, n).Body)
	}

	// Dates, by hand, with the line ends of a browser.
	w.do(w.gh.As("alice").EditBody(demoRepo, n, strings.ReplaceAll(strings.Replace(w.gh.Issue(demoRepo, n).Body, "| `code-freeze` | "+w.day(28), "| `code-freeze` | "+w.day(29), 1), "\n", "\r\n")))
	w.settle()
	w.wantBody(n, "| `code-freeze` | "+w.day(29)+" | the branch is `frozen`; set by hand |\r\n")
	w.edits("bob", n, "| `code-freeze` | "+w.day(29), "| `code-freeze` | "+w.day(2))
	w.wantBody(n, "| `code-freeze` | "+w.day(29)+" | the branch is `frozen`; set by hand |\r\n")
	w.wantSaid(n, "The dates were edited by `bob`")
	w.edits("alice", n, "| `code-freeze` | "+w.day(29), "| `code-freeze` | soon")
	w.wantBody(n, "| `code-freeze` | "+w.day(29))
	w.wantSaid(n, "can't be taken over")

	// The record itself.
	w.edits("bob", n, `"version":"1.31.0"`, `"version":"1.30.0"`)
	w.wantBody(n, `"version":"1.31.0"`)
	w.again()
}

// wantSaid fails unless Slipway has said something on an issue, once.
func (w *world) wantSaid(n int, text string) {
	w.t.Helper()
	said := 0
	for _, c := range w.gh.Comments(demoRepo, n) {
		if c.Author == "slipway[bot]" && strings.Contains(c.Body, text) {
			said++
		}
	}
	if said != 1 {
		w.t.Errorf("#%d: %q is said %d times\n%s", n, text, said, w.log)
	}
}

func TestTrackerCountsAndCloses(t *testing.T) {
	w := newWorld(t)
	n := withTracker(w)
	w.do(w.gh.As("alice").CreateBranch(demoRepo, "release-1.31", "master"))
	fix := w.openPR("bob", "release-1.31", "fix")
	feature := w.openPR("carol", "master", "feature")
	w.do(w.gh.As("bob").AddLabel(demoRepo, feature, "cherrypick/release-1.31"))
	milestone, err := w.gh.As("alice").CreateMilestone(demoRepo, "1.31")
	w.do(err)
	bug, err := w.gh.As("bob").OpenIssue(demoRepo, "It crashes @everybody", "", "release-blocker")
	w.do(err)
	w.do(w.gh.As("alice").SetMilestone(demoRepo, bug, milestone))
	w.do(w.gh.As("bob").AddLabel(demoRepo, bug, "kind/bug"))
	w.settle()
	w.wantBody(n, "2 pull requests to go", "| `istio` | istio/istio#"+strconv.Itoa(fix)+" | istio/istio#"+strconv.Itoa(feature)+" | none |", "| `api` | none | none | none |",
		"**Blockers:** #"+strconv.Itoa(bug)+" It crashes @\u200beverybody", "- [ ] `blockers`: No blocker is open (open again: no longer so that no blocker is open)")

	// What can't be counted is unknown.
	w.gh.Fault(sandbox.Fault{Path: regexp.MustCompile(`/repos/istio/api/issues$`), Status: 403, Body: `{"message":"Resource not accessible by integration"}`, Times: 50})
	if answer := w.says("mallory", n, "/release status 1.31"); !strings.Contains(answer, "| `api` | unknown | unknown | unknown |") || !strings.Contains(answer, "⚪ **unknown**") {
		t.Error(answer)
	}
	w.gh.ClearFaults()

	// Closed too early.
	w.do(w.gh.As("bob").Close(demoRepo, n))
	w.settle()
	if w.gh.Issue(demoRepo, n).State != "open" {
		t.Errorf("it stays closed\n%s", w.log)
	}
	w.wantSaid(n, "**Istio 1.31 is open again.** It was closed by `bob`")
	if answer := w.says("alice", n, "/release close"); !strings.Contains(answer, "needs a reason") {
		t.Error(answer)
	}
	if answer := w.says("alice", n, "/release close 1.31 is given up"); !strings.Contains(answer, "Istio 1.31 is closed") {
		t.Error(answer)
	}
	if w.gh.Issue(demoRepo, n).State != "closed" {
		t.Error("it is open")
	}
	w.again()
	w.newDatabase()
	w.stop()
	w.start()
	w.again()
	if answer := w.says("bob", n, "/release status"); !strings.Contains(answer, "was closed by `alice`: 1.31 is given up") {
		t.Error(answer)
	}
}
