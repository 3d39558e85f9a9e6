package main

import (
	"strings"
	"testing"
	"time"
)

// TestFreezesAddUp: each manager's freeze has an end of its own, and a thaw that another still
// holds back says so.
func TestFreezesAddUp(t *testing.T) {
	w := newWorld(t)
	w.do(w.gh.AddTeamMember("istio", "release-managers-1-30", "carol", "active"))
	n := w.openPR("bob", demoBranch, "fix")
	w.says("alice", n, "/release freeze release-1.30 for 48h the release")
	w.wantAnswer("carol", n, "/release freeze release-1.30 for 24h the audit", "Other freezes go on beside it")
	if got := len(w.freezes()); got != 2 {
		t.Fatalf("%d freezes\n%s", got, w.log)
	}
	w.wantAnswer("alice", n, "/release thaw release-1.30", "What else was asked for goes on:\n\n- [issue #")
	w.wantVerdict(n, "failure")
	w.again()
	w.clock.advance(25 * time.Hour)
	w.settle()
	w.wantVerdict(n, "success")
	w.again()
}

// TestThawNamesTheOthers: who asked for none of several freezes names the one that is to end.
func TestThawNamesTheOthers(t *testing.T) {
	w := newWorld(t)
	for _, login := range []string{"carol", "bob"} {
		w.do(w.gh.AddTeamMember("istio", "release-managers-1-30", login, "active"))
	}
	n := w.openPR("bob", demoBranch, "fix")
	w.says("carol", n, "/release freeze release-1.30 the audit")
	w.says("bob", n, "/release freeze release-1.30 the release")
	w.wantAnswer("alice", n, "/release thaw release-1.30", "you asked for none of them. Nothing was changed.")
	w.wantVerdict(n, "failure")
	for _, f := range w.freezes() {
		w.says("alice", n, "/release thaw release-1.30 #"+itoa(f.Number))
	}
	w.wantVerdict(n, "success")
	w.again()
}

// TestFreezeSetForLater begins and ends by itself, can be taken back, and is said on the checks
// before.
func TestFreezeSetForLater(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	w.wantAnswer("alice", n, "/release freeze release-1.30 code freeze, in 2h for 1 day", "will be frozen from")
	w.wantVerdict(n, "success")
	if run, _ := w.gh.CheckRun(demoRepo, w.gh.PR(demoRepo, n).HeadSHA, "slipway/freeze"); !strings.Contains(run.Summary, "A freeze is set for it: from ") {
		t.Error(run.Summary)
	}
	w.again()
	w.clock.advance(2*time.Hour + time.Second)
	w.settle()
	w.wantVerdict(n, "failure")
	comments := w.gh.Comments(demoRepo, w.freezes()[0].Number)
	if len(comments) != 2 || !strings.Contains(comments[0].Body, "**A freeze is set.**") || !strings.Contains(comments[1].Body, "**The freeze has begun.**") {
		t.Errorf("told: %+v", comments)
	}
	w.again()
	w.clock.advance(24 * time.Hour)
	w.settle()
	w.wantVerdict(n, "success")
	w.again()

	w.says("alice", n, "/release freeze release-1.30 in 2h")
	w.wantAnswer("alice", n, "/release thaw release-1.30", "is thawed")
	w.clock.advance(3 * time.Hour)
	w.settle()
	w.wantVerdict(n, "success")
	w.again()
}

// TestFreezeSetForLaterWithoutADatabase: the issue is the record.
func TestFreezeSetForLaterWithoutADatabase(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	w.says("alice", n, "/release freeze release-1.30 in 2h")
	w.newDatabase()
	w.settle()
	w.wantVerdict(n, "success")
	w.clock.advance(2*time.Hour + time.Second)
	w.settle()
	w.wantVerdict(n, "failure")
	w.again()
}

// TestFreezeWordings: what isn't understood freezes nothing, and says how to write it.
func TestFreezeWordings(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	for line, want := range map[string]string{
		"release-1.30 relaese-1.29":   "looks like a branch",
		"release-1.30 tomorrow 17:00": "can't be told to be a beginning or an end",

		"release-1.30 until the CVE is fixed":     "is no time",
		"release-1.30 CVE 2 weeks":                "can't be told to be a beginning or an end",
		"release-1.30 until 2099-01-01 12:00 CST": "several time zones",
	} {
		w.wantAnswer("alice", n, "/release freeze "+line, want)
	}
	if len(w.freezes()) != 0 {
		t.Errorf("%d freezes", len(w.freezes()))
	}
	w.wantVerdict(n, "success")
	w.says("alice", n, "/release freeze release-1.30, the audit (until tomorrow 17:00 UTC)")
	f := w.freezes()
	if len(f) != 1 || !strings.Contains(f[0].Title, "release-1.30") || !strings.Contains(f[0].Body, " 17:00 UTC |") || !strings.Contains(f[0].Body, "| Reason | the audit |") {
		t.Errorf("%+v", f)
	}
	w.again()
}

// TestFreezeAllHoldsWhatIsCutLater: it isn't about the branches of that moment alone. One of them
// can be thawed by itself, and all of it ends with /release thaw all.
func TestFreezeAllHoldsWhatIsCutLater(t *testing.T) {
	w := newWorld(t)
	w.policy(basePolicy + "freeze: {merge_blocker: true}\n")
	w.do(w.gh.AddTeamMember("istio", "release-managers-1-29", "alice", "active"))
	w.do(w.gh.CreateTeam("istio", "release-managers-1-31", "alice"))
	n := w.openPR("bob", demoBranch, "fix")
	w.wantAnswer("alice", n, "/release freeze all the move", "All governed branches (those cut later, too) are frozen")
	w.wantVerdict(n, "failure")
	w.wantAnswer("alice", n, "/release freeze release-1.30", "frozen already")
	w.again()

	w.do(w.gh.As("alice").CreateBranch(demoRepo, "release-1.31", "master"))
	w.settle()
	later := w.openPR("bob", "release-1.31", "later")
	w.wantVerdict(later, "failure")
	w.again()
	if f := w.freezes(); len(f) != 1 || !strings.Contains(f[0].Title, "all governed branches branch:release-1.29 branch:release-1.30 branch:release-1.31") {
		t.Errorf("%+v", f)
	}

	w.says("alice", n, "/release thaw release-1.30")
	w.wantVerdict(n, "success")
	w.wantVerdict(later, "failure")
	w.newDatabase()
	w.again()
	w.wantAnswer("alice", n, "/release thaw all", "are thawed")
	w.wantVerdict(later, "success")
	if f := w.freezes(); len(f) != 0 {
		t.Errorf("%+v", f)
	}
	w.again()
}
