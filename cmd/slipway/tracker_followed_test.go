package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestTrackerOfTwo: a release was closed, started anew, and its first tracking issue is
// opened again. It is closed with a link: two would both say what is so.
func TestTrackerOfTwo(t *testing.T) {
	w := newWorld(t)
	n := withTracker(w)
	w.says("alice", n, "/release close it was a mistake")
	w.says("alice", n, "/release start 1.31 cut="+w.day(2)+" release="+w.day(36))
	second := 0
	for _, i := range w.gh.Issues(demoRepo) {
		if i.Title == "Istio 1.31" && i.Number != n {
			second = i.Number
		}
	}
	if second == 0 {
		t.Fatalf("there is no second one\n%s", w.log)
	}
	for range 2 {
		w.do(w.gh.As("bob").Reopen(demoRepo, n))
		w.settle()
		if one, two := w.gh.Issue(demoRepo, n).State, w.gh.Issue(demoRepo, second).State; one != "closed" || two != "open" {
			t.Errorf("the first is %s, the second %s\n%s", one, two, w.log)
		}
	}
	said := 0
	for _, c := range w.said(n) {
		if strings.Contains(c, fmt.Sprintf("Istio 1.31 goes on in [#%d](", second)) {
			said++
		}
	}
	if said != 2 {
		t.Errorf("it is said %d times: %q", said, w.said(n))
	}
	w.again()
	// Nobody was told: it is found by looking.
	w.lostIn(true, func() { w.do(w.gh.As("bob").Reopen(demoRepo, n)) })
	if one := w.gh.Issue(demoRepo, n).State; one != "closed" {
		t.Errorf("the first is %s\n%s", one, w.log)
	}
	// Where the second is over, the first one goes on.
	w.says("alice", second, "/release close the first one is the one")
	w.do(w.gh.As("alice").Reopen(demoRepo, n))
	w.settle()
	if one := w.gh.Issue(demoRepo, n).State; one != "open" {
		t.Errorf("the first is %s\n%s", one, w.log)
	}
	w.again()
}

// TestTrackerOfAChangedTemplate: the policy calls one step otherwise, and has another no
// more. Their lines say so, and can be dropped.
func TestTrackerOfAChangedTemplate(t *testing.T) {
	w := newWorld(t)
	n := withTracker(w)
	w.says("alice", n, "/release step announce done")
	changed := strings.NewReplacer(
		`id: announce, title: "Announce {release}"`, `id: announcement, title: "Announce {release}"`, "needs: [announce]", "needs: [announcement]",
		`      - {phase: Release, id: docs, title: Write the docs, owners: docs, probe: {merged: true, in: [istio]}}`+"\n", "").Replace(trackerPolicy)
	_, err := w.gh.As("alice").Push("istio/.github", "master", map[string]string{".github/slipway.yml": changed}, "Other steps")
	w.do(err)
	w.settle()
	w.later(11*time.Minute, "freezes") // a line that is missing may have been deleted just now
	w.says("alice", n, "/release step tag reopen")
	w.wantBody(n, "- [x] `announce`: Announce 1.31 (`alice`) ⚠️ The policy has no such step any more, unless it is now called `announcement`. `/release step announce drop` takes this line away.",
		"- [ ] `docs`: Write the docs ⚠️ The policy has no such step any more. `/release step docs drop` takes this line away.", "- [ ] `announcement`: Announce 1.31")
	w.again()
	w.wantAnswer("carol", n, "/release step docs drop", "**Not allowed.**")
	w.wantAnswer("alice", n, "/release step docs drop", "The step `docs` is dropped")
	w.edits("alice", n, "`announce`: Announce 1.31 (`alice`)", "`announce`: done before")
	w.wantAnswer("alice", n, "/release step announce drop", "The step `announce` is dropped")
	w.lacksBody(n, "slipway-step:docs", "slipway-step:announce ")
	w.wantAnswer("alice", n, "/release step next drop", "The step `next` is dropped")
	w.lacksBody(n, "slipway-step:next")
	w.wantAnswer("alice", n, "/release step next reopen", "The step `next` is open again")
	w.wantBody(n, "slipway-step:next")
	w.again()
}

// TestTrackerLight: the light is the worst of all that holds a release back, and says
// what that is; and that no blocker is open counts only after what it needs.
func TestTrackerLight(t *testing.T) {
	w := newWorld(t)
	n := withTracker(w)
	late := strings.NewReplacer("id: blockers, title: No blocker is open,", "id: blockers, title: No blocker is open, needs: [announce, tag],").Replace(trackerPolicy)
	_, err := w.gh.As("alice").Push("istio/.github", "master", map[string]string{".github/slipway.yml": late}, "Needs")
	w.do(err)
	w.settle()
	w.says("alice", n, "/release step docs skip none")
	w.wantBody(n, "🟢 **green** on "+w.day(0)+": ", "- [ ] `blockers`: No blocker is open (open again: it counts only once announce, tag is done)")
	w.says("alice", n, "/release step announce done")
	w.says("alice", n, "/release step tag done")
	w.wantBody(n, "- [x] `blockers`: No blocker is open ([no blocker is open](")
	milestone, err := w.gh.As("alice").CreateMilestone(demoRepo, "1.31")
	w.do(err)
	for i := range 3 {
		bug, err := w.gh.As("bob").OpenIssue(demoRepo, fmt.Sprint("It crashes ", i), "", "release-blocker")
		w.do(err)
		w.do(w.gh.As("alice").SetMilestone(demoRepo, bug, milestone))
	}
	w.settle()
	w.wantBody(n, "🔴 **red** on "+w.day(0)+", because 3 blockers are open: 35 days left", "- [ ] `blockers`")
	w.again()
}
