package main

import (
	"strings"
	"testing"
	"time"
)

// These conversations are about labels of which GitHub doesn't tell who set them, or not
// whether that one may: they don't count, it says why and what to do, and nobody looks
// each minute without end.

const exemptByLabel = "freeze:\n  exceptions:\n    labels: [freeze-exempt]\n"

// anHour lets an hour go by, minute by minute, and counts the requests to a path.
func (w *world) anHour(path string) (n int) {
	w.t.Helper()
	w.gh.ResetRequests()
	for range 60 {
		w.clock.advance(time.Minute)
		w.settle()
	}
	for _, r := range w.gh.Requests() {
		if strings.Contains(r.Path, path) {
			n++
		}
	}
	return n
}

func (w *world) wantFreeze(n int, conclusion, part string) {
	w.t.Helper()
	w.wantVerdict(n, conclusion)
	run, _ := w.gh.CheckRun(demoRepo, w.gh.PR(demoRepo, n).HeadSHA, "slipway/freeze")
	if !strings.Contains(run.Summary, part) {
		w.t.Errorf("#%d: the check's text lacks %q:\n%s", n, part, run.Summary)
	}
}

// TestLabelWithAnotherName: GitHub's events go on naming a label as it was called.
func TestLabelWithAnotherName(t *testing.T) {
	w := newWorld(t)
	w.policy(basePolicy + exemptByLabel)
	fix := w.openPR("bob", demoBranch, "fix")
	w.says("alice", fix, "/release freeze release-1.30")
	w.do(w.gh.As("alice").AddLabel(demoRepo, fix, "may-merge"))
	w.settle()
	w.wantVerdict(fix, "failure")
	w.do(w.gh.As("alice").RenameLabel(demoRepo, "may-merge", "freeze-exempt"))
	w.settle()
	w.wantFreeze(fix, "failure", "The label `freeze-exempt` doesn't count yet: GitHub doesn't tell who set it, as with a label that has been renamed since. Take it off and set it again.")
	w.again()
	if n := w.anHour("/issues/" + itoa(fix) + "/events"); n > 6 {
		t.Errorf("%d requests in an hour for who set the label", n)
	}
	w.do(w.gh.As("alice").RemoveLabel(demoRepo, fix, "freeze-exempt"))
	w.do(w.gh.As("alice").AddLabel(demoRepo, fix, "freeze-exempt"))
	w.settle()
	w.wantVerdict(fix, "success")
	w.again()
}

// TestManagersWithoutATeam: a team that isn't there is looked for less and less often,
// once for all pull requests.
func TestManagersWithoutATeam(t *testing.T) {
	w := newWorld(t)
	w.policy(basePolicy + exemptByLabel)
	one, two := w.openPR("bob", demoBranch, "one"), w.openPR("bob", demoBranch, "two")
	w.says("alice", one, "/release freeze release-1.30")
	w.policy("branches: [\"release-*\"]\nrelease_managers: [captains]\n" + exemptByLabel)
	for _, n := range []int{one, two} {
		w.do(w.gh.As("alice").AddLabel(demoRepo, n, "freeze-exempt"))
		w.settle()
		w.wantFreeze(n, "failure", "GitHub shows no team `captains`. Found it, or name another in the policy")
	}
	w.again()
	plan, err := w.gh.As("alice").OpenIssue(demoRepo, "Plan", "")
	w.do(err)
	w.settle()
	const missing = "- `captains`, for `release-1.30`"
	if answer := w.says("alice", plan, "/release help"); !strings.Contains(answer, missing) || !strings.Contains(answer, "**Next step:** found the team") {
		t.Errorf("which team is missing isn't told in one place: %s", answer)
	}
	if n := w.anHour("/teams/captains"); n == 0 || n > 32 { // where both pull requests are looked at in the same instant
		t.Errorf("%d requests in an hour, two for each look at one, for a team that isn't there", n)
	}
	w.do(w.gh.CreateTeam("istio", "captains", "alice"))
	w.anHour("") // no event tells of it: the resync looks
	w.wantVerdict(one, "success")
	w.wantVerdict(two, "success")
	if answer := w.says("alice", plan, "/release help"); strings.Contains(answer, "captains") || !strings.Contains(answer, "You are a release manager of") {
		t.Errorf("it is there, and told to be missing: %s", answer)
	}
	w.again()
}
