package main

import (
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// This file is about windows as people have them: each week, on holidays, for some pull
// requests, with owners, beside a policy that is shared.

// atWeek is an instant as a window's time of the week, in UTC.
func atWeek(t time.Time) string { return strings.ToLower(t.UTC().Format("Monday 15:04")) }

// window is the base policy with one window.
func window(text string) string { return basePolicy + "freeze:\n  windows:\n    - {" + text + "}\n" }

// summary is the text of the freeze's check.
func (w *world) summary(n int) string {
	w.t.Helper()
	run, _ := w.gh.CheckRun(demoRepo, w.gh.PR(demoRepo, n).HeadSHA, "slipway/freeze")
	return run.Summary
}

// wantText fails the test when a text lacks a part.
func (w *world) wantText(text string, parts ...string) {
	w.t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			w.t.Errorf("%q is not in:\n%s\n%s", p, text, w.log)
		}
	}
}

func TestWindowEachWeek(t *testing.T) {
	w := newWorld(t)
	fix, other := w.openPR("bob", demoBranch, "fix"), w.openPR("bob", "release-1.29", "other")
	start := w.clock.Now().UTC().Truncate(time.Minute).Add(3 * time.Hour)
	w.policy(window(fmt.Sprintf("name: weekend, branches: [release-1.30], every: %q, to: %q, announce: 1h, reason: Nobody is there",
		atWeek(start), atWeek(start.Add(2*time.Hour)))))
	w.wantVerdict(fix, "success")
	w.wantText(w.summary(fix), "The next freeze, `weekend`, begins at "+start.Format("2006-01-02 15:04 UTC"))
	if len(w.freezes()) != 0 {
		t.Error("it is announced too early")
	}

	w.later(130 * time.Minute)
	w.wantVerdict(fix, "success")
	first := w.freezeIssue().Number
	if len(w.freezes()) != 1 || w.notices(first, "**A freeze is set.** `release-1.30` is open until "+start.Format("2006-01-02 15:04 UTC")) != 1 {
		t.Fatalf("it isn't announced: %+v\n%s", w.gh.Comments(demoRepo, first), w.log)
	}
	w.again()

	w.later(time.Hour)
	w.wantVerdict(fix, "failure")
	w.wantVerdict(other, "success")
	w.wantText(w.summary(fix), "| Frozen by | the policy's window `weekend` |", "| Until | "+start.Add(2*time.Hour).Format("2006-01-02 15:04 UTC"),
		"the members of `release-managers-1-30`", "`/release exempt REASON`")
	if w.freezeIssue().Number != first || w.notices(first, "**The freeze has begun.**") != 1 {
		t.Errorf("its issue: %+v", w.gh.Comments(demoRepo, first))
	}
	w.stop()
	w.newDatabase()
	w.start()
	w.wantVerdict(fix, "failure")

	w.later(2 * time.Hour)
	w.wantVerdict(fix, "success")
	if len(w.freezes()) != 0 || w.notices(first, "**The freeze is over**") != 1 {
		t.Errorf("it isn't over: %+v", w.gh.Comments(demoRepo, first))
	}

	// The next week is another freeze. A thaw ends it for this time alone.
	w.clock.reach(start.Add(7*24*time.Hour + time.Minute))
	w.later(0)
	w.wantVerdict(fix, "failure")
	second := w.freezeIssue().Number
	if second == first {
		t.Fatalf("it has the issue of the week before\n%s", w.log)
	}
	if answer := w.says("alice", fix, "/release thaw release-1.30"); !strings.Contains(answer, "**Done.** `release-1.30` is thawed") {
		t.Errorf("answer: %s", answer)
	}
	w.wantVerdict(fix, "success")
	w.again()
	w.wantVerdict(fix, "success")
	w.clock.reach(start.Add(14*24*time.Hour + time.Minute))
	w.later(0)
	w.wantVerdict(fix, "failure")

	// Thawed when it is only announced, it doesn't begin.
	w.clock.reach(start.Add(21*24*time.Hour - 30*time.Minute))
	w.later(0)
	if answer := w.says("alice", fix, "/release thaw release-1.30"); !strings.Contains(answer, "**Done.**") {
		t.Errorf("answer: %s", answer)
	}
	w.later(time.Hour)
	w.wantVerdict(fix, "success")
	w.again()
}

// calendarOf is an iCalendar file with an all-day event on each of some days.
func calendarOf(days ...time.Time) string {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\n")
	for i, d := range days {
		fmt.Fprintf(&b, "BEGIN:VEVENT\r\nUID:%d\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;VALUE=DATE:%s\r\nSUMMARY:Holiday %d\r\nEND:VEVENT\r\n", i, d.Format("20060102"), i)
	}
	return b.String() + "END:VCALENDAR\r\n"
}

func TestWindowOfHolidays(t *testing.T) {
	w := newWorld(t)
	fix, other := w.openPR("bob", demoBranch, "fix"), w.openPR("bob", "release-1.29", "other")
	push := func(text string) {
		t.Helper()
		w.do(w.gh.AddCollaborator("istio/.github", "alice", "write"))
		_, err := w.gh.As("alice").Push("istio/.github", "master", map[string]string{"holidays.ics": text}, "Holidays")
		w.do(err)
		w.settle()
	}
	w.policy(window("name: holidays, branches: [release-1.30], calendar: holidays.ics"))
	w.wantVerdict(fix, "failure") // it isn't there: nobody knows
	w.wantVerdict(other, "success")
	w.wantText(w.summary(fix), "there is no calendar `istio/.github:holidays.ics`")
	if answer := w.says("alice", fix, "/release exempt it is urgent"); !strings.Contains(answer, "there is no calendar") {
		t.Errorf("answer: %s", answer)
	}

	midnight := w.clock.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 10)
	push(calendarOf(midnight, midnight.AddDate(0, 0, 1)))
	w.wantVerdict(fix, "success")
	w.wantText(w.summary(fix), "The next freeze, `holidays`, begins at "+midnight.Format("2006-01-02 15:04 UTC"))
	w.clock.reach(midnight.Add(time.Minute))
	w.later(0)
	w.wantVerdict(fix, "failure")
	w.wantText(w.summary(fix), "| Reason | Holiday 0, Holiday 1 |", "| Until | "+midnight.AddDate(0, 0, 2).Format("2006-01-02 15:04 UTC"))
	w.again()

	// Broken, the file changes nothing: the last good one stands, whatever is forgotten, and the check says so.
	push("BEGIN:VCALENDAR\r\n<html>")
	w.wantVerdict(fix, "failure")
	w.wantVerdict(other, "success")
	w.wantText(w.summary(fix), "**The calendar of the window `holidays` is broken since ", "can't be read: it is no iCalendar file", "[The last good one](http")
	if len(w.freezes()) != 1 {
		t.Errorf("the freezes: %+v", w.freezes())
	}
	w.stop()
	w.newDatabase()
	w.start()
	w.clock.reach(midnight.AddDate(0, 0, 2).Add(time.Minute))
	w.later(0)
	w.wantVerdict(fix, "success")
	w.wantText(w.summary(fix), "is broken since ")
	push(calendarOf(midnight, midnight.AddDate(0, 0, 1)))
	w.wantVerdict(fix, "success")
	if text := w.summary(fix); strings.Contains(text, "is broken") {
		t.Errorf("it is mended: %s", text)
	}
	w.again()
}

// TestWindowAtAnAddress: a calendar is fetched where the deployment lists its address, and nowhere else.
func TestWindowAtAnAddress(t *testing.T) {
	w := newWorld(t)
	fix := w.openPR("bob", demoBranch, "fix")
	midnight := w.clock.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 10)
	var text atomic.Value
	text.Store(calendarOf(midnight))
	host := httptest.NewTLSServer(http.HandlerFunc(func(to http.ResponseWriter, _ *http.Request) { fmt.Fprint(to, text.Load()) }))
	t.Cleanup(host.Close)
	w.stop()
	w.env, w.roots = append(w.env, "SLIPWAY_CALENDARS="+host.URL+"/below/"), x509.NewCertPool()
	w.roots.AddCert(host.Certificate())
	w.start()
	at := func(address string) string {
		return window("name: holidays, branches: [release-1.30], calendar: " + address)
	}
	w.ownPolicy(at(host.URL + "/below/a.ics"))
	w.wantVerdict(fix, "success")
	w.wantText(w.summary(fix), "The next freeze, `holidays`, begins at "+midnight.Format("2006-01-02 15:04 UTC"))
	pr := w.proposal("alice", at(host.URL+"/elsewhere.ics"), false)
	if run := w.policyCheck(pr); run.Conclusion != "failure" || run.Annotations != 1 || !strings.Contains(run.Summary, "is not on this deployment's list of addresses") {
		t.Errorf("%+v", run)
	}
	w.do(w.gh.As("alice").Close(demoRepo, pr.Number))

	// What it has by now is no calendar: the last good one stands.
	text.Store("<html>")
	w.clock.reach(midnight.Add(time.Minute))
	w.later(0)
	w.wantVerdict(fix, "failure")
	w.wantText(w.summary(fix), "| Reason | Holiday 0 |", "**The calendar of the window `holidays` is broken since ", "it is no iCalendar file", "The last good one stands")
	text.Store(calendarOf(midnight.AddDate(0, 0, 20)))
	w.later(time.Hour)
	w.wantVerdict(fix, "success")
	w.again()
	w.ownPolicy(at(host.URL + "/elsewhere.ics")) // in force, it counts as unknown
	w.wantVerdict(fix, "failure")
	w.wantText(w.summary(fix), "is not on this deployment's list of addresses, the setting `calendars`")
}

func TestWindowForSome(t *testing.T) {
	w := newWorld(t)
	_, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: demoBranch, Head: "chart", Title: "Chart", Files: map[string]string{"charts/a.yaml": "a: 1\n"}})
	w.do(err)
	w.settle()
	chart, code := 1, w.openPR("bob", demoBranch, "code")
	now := w.clock.Now().UTC()
	w.policy(window(fmt.Sprintf("name: charts, branches: [release-1.30], start: %q, end: %q, paths: [\"charts/**\"], labels: [risky], exceptions: {labels: [let-it]}",
		now.Add(-time.Minute).Format(time.RFC3339), now.Add(3*time.Hour).Format(time.RFC3339))))
	w.wantVerdict(chart, "failure")
	w.wantVerdict(code, "success")
	w.wantText(w.summary(chart), "| Holds | only what changes `charts/**` or carries a label of `risky` |", "**What the window `charts` lets through besides:** the labels `let-it`")
	w.wantText(w.summary(code), "is not about this pull request")
	if _, title := w.verdict(code); title != "release-1.30 is frozen for other pull requests" {
		t.Errorf("the title: %s", title)
	}
	w.do(w.gh.As("bob").AddLabel(demoRepo, code, "risky"))
	w.settle()
	w.wantVerdict(code, "failure")
	w.do(w.gh.As("alice").AddLabel(demoRepo, code, "let-it"))
	w.settle()
	w.wantVerdict(code, "success")
	w.do(w.gh.As("bob").AddLabel(demoRepo, chart, "let-it"))
	w.settle()
	w.wantVerdict(chart, "failure") // bob manages nothing
	_, err = w.gh.As("bob").PushToPR(demoRepo, code, map[string]string{"charts/b.yaml": "b: 1\n"}, "More")
	w.do(err)
	w.settle()
	w.wantVerdict(code, "success")
	w.again()
}

func TestWindowWithOwners(t *testing.T) {
	w := newWorld(t)
	w.do(w.gh.CreateTeam("istio", "security", "carol"))
	fix := w.openPR("bob", demoBranch, "fix")
	now := w.clock.Now().UTC()
	w.policy(window(fmt.Sprintf("name: embargo, branches: [release-1.30], start: %q, end: %q, owners: [security]",
		now.Add(-time.Minute).Format(time.RFC3339), now.Add(8*time.Hour).Format(time.RFC3339))))
	w.wantVerdict(fix, "failure")
	w.wantText(w.summary(fix), "| Decided by | a member of `security` |", "ask those who decide: the members of `security`.")
	for _, line := range []string{"/release exempt it is urgent", "/release thaw release-1.30"} {
		if answer := w.says("alice", fix, line); !strings.Contains(answer, "**Not allowed.**") || !strings.Contains(answer, "the members of `security`") {
			t.Errorf("%s: %s", line, answer)
		}
	}
	issue := w.freezeIssue().Number
	w.do(w.gh.As("alice").Close(demoRepo, issue))
	w.settle()
	if len(w.freezes()) != 1 {
		t.Error("a release manager ended what the owners decide about")
	}
	if answer := w.says("carol", fix, "/release exempt for 1h it is the fix"); !strings.Contains(answer, "**Done.**") {
		t.Errorf("answer: %s", answer)
	}
	w.wantVerdict(fix, "success")

	// Each decides about their own.
	if answer := w.says("alice", fix, "/release freeze release-1.30 for 6h the release"); !strings.Contains(answer, "**Done.**") {
		t.Errorf("answer: %s", answer)
	}
	w.wantVerdict(fix, "failure")
	if answer := w.says("carol", fix, "/release freeze release-1.30 for 1h me too"); !strings.Contains(answer, "**Not allowed.**") {
		t.Errorf("answer: %s", answer)
	}
	answer := w.says("carol", fix, "/release exempt for 2h it is the fix")
	w.wantText(answer, "**Done.**", "**It can't merge yet**", "`alice`", "the members of `release-managers-1-30`", "ask one of them to comment the same line")
	w.wantVerdict(fix, "failure")
	w.wantText(w.says("alice", fix, "/release exempt for 2h it is the fix"), "**Done.**", "**It can't merge yet**")
	w.wantVerdict(fix, "success") // carol's exemption and alice's
	w.wantText(w.says("carol", fix, "/release thaw release-1.30"), "**Done.**", "goes on")
	w.wantVerdict(fix, "success")
	w.again()
}

// TestOwnersOfAWindowDecideAboutThatAlone: not about another freeze of its branch, be it that theirs
// isn't about the pull request, and nobody else ends theirs from another repository.
func TestOwnersOfAWindowDecideAboutThatAlone(t *testing.T) {
	w := newWorld(t)
	w.do(w.gh.CreateTeam("istio", "security", "carol"))
	fix := w.openPR("bob", demoBranch, "fix")
	now := w.clock.Now().UTC()
	w.policy(window(fmt.Sprintf("name: charts, branches: [release-1.30], start: %q, end: %q, owners: [security], paths: [charts/**]",
		now.Add(-time.Minute).Format(time.RFC3339), now.Add(8*time.Hour).Format(time.RFC3339))))
	w.says("alice", fix, "/release freeze release-1.30 the release")
	w.wantVerdict(fix, "failure")
	if answer := w.says("carol", fix, "/release exempt it is mine"); strings.Contains(answer, "**Done.**") {
		t.Errorf("answer: %s", answer)
	}
	w.wantVerdict(fix, "failure")
	w.says("alice", fix, "/release thaw release-1.30")
	w.wantVerdict(fix, "success")
	before := len(w.freezes())
	w.says("alice", fix, "/release thaw release-1.30 in istio")
	if got := len(w.freezes()); got != before {
		t.Errorf("%d freezes, and before that %d", got, before)
	}
	w.again()
}

func TestWindowBesideExtends(t *testing.T) {
	w := newWorld(t)
	fix, other := w.openPR("bob", demoBranch, "fix"), w.openPR("bob", "release-1.29", "other")
	now := w.clock.Now().UTC()
	lasts := func(d time.Duration) string {
		return fmt.Sprintf("start: %q, end: %q", now.Add(-time.Minute).Format(time.RFC3339), now.Add(d).Format(time.RFC3339))
	}
	own := func(text string) {
		t.Helper()
		_, err := w.gh.As("alice").Push(demoRepo, "master", map[string]string{".github/slipway.yml": text}, "Own")
		w.do(err)
		w.settle()
	}
	w.policy(window("name: all of us, branches: [release-1.30], reason: Everybody, " + lasts(3*time.Hour)))
	own("extends: istio/.github\nfreeze:\n  windows:\n    - {name: ours, branches: [\"release-1.2*\"], reason: Just we, " + lasts(5*time.Hour) + "}\n")
	w.wantVerdict(fix, "failure")
	w.wantVerdict(other, "failure")
	w.wantText(w.summary(fix), "the policy's window `all of us`")
	w.wantText(w.summary(other), "the policy's window `ours`", "Just we")
	w.again()

	// It adds, and takes nothing away: neither by a name, nor by another key.
	own("extends: istio/.github\nfreeze:\n  windows:\n    - {name: all of us, branches: [release-1.29], " + lasts(-time.Second) + "}\n")
	w.wantVerdict(fix, "failure")
	w.wantVerdict(other, "failure") // the last good one stays in force
	w.wantText(w.summary(other), `"all of us" is the name of a window of the policy already`)
	own("extends: istio/.github\nfreeze: {exceptions: {paths: [\"**\"]}}\n")
	w.wantVerdict(fix, "failure")
	w.wantText(w.summary(fix), `"freeze.exceptions" stands beside extends: want extends alone or with freeze.windows`)

	own("extends: istio/.github\n")
	w.wantVerdict(fix, "failure")
	w.wantVerdict(other, "success")
	w.again()
}

// TestWindowOnTheSourceBranch: master freezes by the milestones of the release that is being
// prepared there.
func TestWindowOnTheSourceBranch(t *testing.T) {
	w := newWorld(t)
	w.do(w.gh.CreateTeam("istio", "release-managers-1-31", "alice"))
	w.do(w.gh.CreateTeam("istio", "leads", "alice"))
	w.policy(strings.Replace(basePolicy, "[\"release-*\"]\nrelease_managers: [", "[master, \"release-*\"]\nrelease_managers: [leads, ", 1) +
		"freeze:\n  windows:\n  - {name: code freeze, branches: [master, \"release-*\"], start: code-freeze, end: release, reason: Blockers only}\n" +
		strings.TrimPrefix(trackerPolicy, demoPolicy))
	pr := w.openPR("bob", "master", "fix")
	w.wantVerdict(pr, "success")
	ask, err := w.gh.As("alice").OpenIssue(demoRepo, "Plan 1.31", "")
	w.do(err)
	w.settle()
	w.wantText(w.says("alice", ask, "/release start 1.31 cut="+w.day(-20)+" release="+w.day(35)), "**Done.**")
	n := 0
	for _, i := range w.gh.Issues(demoRepo) {
		if i.Title == "Istio 1.31" {
			n = i.Number
		}
	}
	w.wantVerdict(pr, "success")
	w.says("alice", n, "/release date code-freeze "+w.day(0))
	w.wantVerdict(pr, "failure")
	w.wantText(w.summary(pr), "| Branches | `release-1.31`, `master` |", "from `code-freeze` to `release`, by the [tracking issue of Istio 1.31](")
	w.again()
	w.says("alice", n, "/release date code-freeze "+w.day(5))
	w.wantVerdict(pr, "success")
	w.wantText(w.summary(pr), "The next freeze, `code freeze`, begins at "+w.day(5))
}
