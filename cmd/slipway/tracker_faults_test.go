package main

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// TestTrackerWrittenByTwo has bob, who opened the text before, save all of it at
// the very moment at which Slipway has written: his words stay, and so do the
// parts that are Slipway's.
func TestTrackerWrittenByTwo(t *testing.T) {
	edits := &between{after: true}
	w := newWorld(t, edits.options)
	n := withTracker(w)
	stale := w.gh.Issue(demoRepo, n).Body
	edits.at(savesIssue, func() {
		text := strings.Replace(stale, "## Checklist\n", "## Checklist\n\nbob was here\n", 1)
		if err := w.gh.As("bob").EditBody(demoRepo, n, strings.Replace(text, "- [ ] `docs`", "- [x] `docs`", 1)); err != nil {
			t.Error(err)
		}
	})
	_, err := w.gh.As("alice").Comment(demoRepo, n, "/release date code-freeze "+w.day(30))
	w.do(err)
	w.settle()
	w.wantBody(n, "| `code-freeze` | "+w.day(30), "bob was here\n", "- [ ] `docs`")
	w.wantSaid(n, "The step `docs` was ticked by `bob`, who may not do that")
	w.again()
}

// TestTrackerAnswersThatNeverArrive lets GitHub do each write and cuts the
// connection before it says so.
func TestTrackerAnswersThatNeverArrive(t *testing.T) {
	w := newWorld(t)
	drop := func(path string) {
		w.gh.Fault(sandbox.Fault{Match: func(r *http.Request) bool { return r.Method != http.MethodGet },
			Path: regexp.MustCompile(path), Times: 1, DropResponseAfterEffect: true})
	}
	drop(`/issues$`)
	drop(`/issues/\d+$`)
	n := withTracker(w)
	if w.gh.FaultHits() < 2 {
		t.Errorf("only %d faults were met", w.gh.FaultHits())
	}
	for _, say := range []string{"/release date code-freeze " + w.day(30), "/release step announce skip", "/release close enough"} {
		drop(`/issues/\d+$`)
		drop(`/comments$`)
		w.says("alice", n, say)
	}
	w.wantBody(n, "| `code-freeze` | "+w.day(30), "skipped by `alice`")
	trackers := 0
	for _, i := range w.gh.Issues(demoRepo) {
		if i.Title == "Istio 1.31" {
			trackers++
		}
	}
	if trackers != 1 || w.gh.Issue(demoRepo, n).State != "closed" {
		t.Errorf("%d tracking issues, #%d is %s", trackers, n, w.gh.Issue(demoRepo, n).State)
	}
	w.again()
}

// TestTrackerWithoutDatabase deletes the database in the middle of a release.
func TestTrackerWithoutDatabase(t *testing.T) {
	w := newWorld(t)
	n := withTracker(w)
	w.edits("alice", n, "- [ ] `announce`", "- [x] `announce`")
	before := w.gh.Issue(demoRepo, n).Body
	w.stop()
	w.newDatabase()
	w.start()
	if now := w.gh.Issue(demoRepo, n).Body; now != before {
		t.Errorf("it became\n%s\nfrom\n%s", now, before)
	}
	w.says("alice", n, "/release step docs done")
	w.wantBody(n, "- [x] `announce`: Announce 1.31 (`alice`)", "- [x] `docs`: Write the docs (`alice`)")
	w.again()
}

// bigPolicy is a release of 60 steps over 10 repositories.
func bigPolicy() string {
	var b strings.Builder
	b.WriteString(demoPolicy + "checklist:\n  home: istio\n  look_every: 0s\n  product: Istio\n  blockers: {label: release-blocker}\n  repositories: [istio, api")
	for i := range 8 {
		fmt.Fprintf(&b, ", r%d", i)
	}
	b.WriteString("]\n  templates:\n  - kind: minor\n    schedule: [{name: cut, at: cut}]\n    steps:\n")
	for i := range 60 {
		probe := ""
		switch i % 6 {
		case 0:
			probe = `, probe: {branch: "{branch}"}`
		case 1:
			probe = fmt.Sprintf(", probe: {tag: \"{version}-rc.%d\", in: [istio, r%d]}", i, i%4)
		case 2:
			probe = ", probe: {merged: true, in: [istio]}"
		case 3:
			probe = ", probe: {no_blockers: true}"
		}
		fmt.Fprintf(&b, "      - {phase: P%d, id: s%d, title: Step %d, due: cut%s}\n", i/10, i, i, probe)
	}
	return b.String()
}

// TestTrackerBudget: a tracking issue of 60 steps over 10 repositories.
func TestTrackerBudget(t *testing.T) {
	w := newWorld(t)
	for i := range 8 {
		w.do(w.gh.CreateRepo("istio", fmt.Sprintf("r%d", i), sandbox.RepoOptions{Files: map[string]string{"x": "x"}}))
	}
	w.do(w.gh.CreateTeam("istio", "release-managers-1-31", "alice"))
	_, err := w.gh.As("alice").Push("istio/.github", "master", map[string]string{".github/slipway.yml": bigPolicy()}, "Tracker")
	w.do(err)
	ask, err := w.gh.As("alice").OpenIssue(demoRepo, "Plan", "")
	w.do(err)
	w.settle()
	w.says("alice", ask, "/release start 1.31 cut="+w.day(1)+" release="+w.day(35))
	look := func() spent {
		w.gh.ResetRequests()
		w.do(w.program.queue.Enqueue(context.Background(), reconcile.Key{Handler: "checklist", Repo: demoRepoName(t), ID: "tracker/2"}))
		w.settle()
		return w.spent()
	}
	if s := look(); s.reads+s.writes > 0 || s.unchanged > 40 {
		t.Errorf("unchanged: %+v, want at most 40 that are all 304\n%v", s, w.gh.Requests())
	}
	w.gh.ResetRequests()
	w.edits("alice", 2, "- [ ] `s4`", "- [x] `s4`")
	if s := w.spent(); s.writes > 2 {
		t.Errorf("a tick by hand: %+v", s)
	}
	w.newDatabase()
	w.stop()
	w.start()
	if s := look(); s.reads+s.unchanged > 40 || s.writes > 0 {
		t.Errorf("with a new database: %+v\n%v", s, w.gh.Requests())
	}
}

// TestTrackerTickedByTwo: two people tick at the same moment, and each tick is
// judged by who made it.
func TestTrackerTickedByTwo(t *testing.T) {
	w := newWorld(t)
	n := withTracker(w)
	tick := func(login, step string) {
		body := w.gh.Issue(demoRepo, n).Body
		w.do(w.gh.As(login).EditBody(demoRepo, n, strings.Replace(body, "- [ ] `"+step+"`", "- [x] `"+step+"`", 1)))
	}
	tick("alice", "announce")
	tick("bob", "tag")
	tick("carol", "docs")
	w.settle()
	w.wantBody(n, "- [x] `announce`: Announce 1.31 (`alice`)", "- [x] `docs`: Write the docs (`carol`)", "- [ ] `tag`")
	w.wantSaid(n, "The step `tag` was ticked by `bob`")
	w.again()
}
