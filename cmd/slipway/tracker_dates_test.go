package main

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// datesPolicy freezes and judges by the dates of the small release's tracking issue.
var datesPolicy = basePolicy + `freeze:
  windows:
  - {name: code freeze, branches: ["release-*"], start: code-freeze, end: release, reason: Blockers only}
releasebranch:
  undated: released
  rules: {frozen: [blocker]}
  blocker_labels: [release-blocker]
` + strings.TrimPrefix(trackerPolicy, demoPolicy)

// seldom has the tracking issue looked at so seldom that what a look costs, which has
// a budget of its own, isn't taken for the cost of something else.
func seldom(policy string) string {
	return strings.Replace(policy, "look_every: 0s", "look_every: 1h", 1)
}

// withDates has alice start release 1.31, 20 days after its cut and 35 before its
// release, with its branch in both repositories and a pull request against it.
func withDates(w *world) (tracker, pr int) {
	w.t.Helper()
	w.do(w.gh.CreateTeam("istio", "release-managers-1-31", "alice"))
	for _, repo := range []string{demoRepo, "istio/api"} {
		w.do(w.gh.As("alice").CreateBranch(repo, "release-1.31", "master"))
	}
	w.policy(datesPolicy)
	pr = w.openPR("bob", "release-1.31", "fix")
	w.wantVerdict(pr, "success")
	ask, err := w.gh.As("alice").OpenIssue(demoRepo, "Plan 1.31", "")
	w.do(err)
	w.settle()
	if answer := w.says("alice", ask, "/release start 1.31 cut="+w.day(-20)+" release="+w.day(35)); !strings.Contains(answer, "**Done.**") {
		w.t.Fatalf("%s\n%s", answer, w.log)
	}
	for _, i := range w.gh.Issues(demoRepo) {
		if i.Title == "Istio 1.31" {
			return i.Number, pr
		}
	}
	w.t.Fatalf("there is no tracking issue\n%s", w.log)
	return 0, 0
}

// apiVerdict is what the freeze's check says in the other repository.
func (w *world) apiVerdict(n int) string {
	run, _ := w.gh.CheckRun("istio/api", w.gh.PR("istio/api", n).HeadSHA, "slipway/freeze")
	return run.Conclusion
}

var (
	aDay     = regexp.MustCompile(`20\d\d-\d\d-\d\d`)
	aTime    = regexp.MustCompile(`\b\d\d:\d\d UTC`)
	anOrigin = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
	aSeal    = regexp.MustCompile(`(?s)<!-- slipway:.*?-->\n*`)
)

// dated is a text with its days in words, for a golden: they change every day.
func (w *world) dated(text string) string {
	today := w.clock.Now().UTC()
	text = aDay.ReplaceAllStringFunc(aSeal.ReplaceAllString(anOrigin.ReplaceAllString(text, "https://github.com"), ""), func(d string) string {
		at, err := time.Parse(time.DateOnly, d)
		w.do(err)
		first, err := time.Parse(time.DateOnly, today.Format(time.DateOnly))
		w.do(err)
		return "DAY" + strconv.FormatInt(int64(at.Sub(first).Hours()/24), 10)
	})
	return aTime.ReplaceAllStringFunc(text, func(t string) string {
		if t == "00:00 UTC" {
			return t
		}
		return "NOW UTC"
	})
}

func TestTrackerDatesFreeze(t *testing.T) {
	w := newWorld(t)
	n, pr := withDates(w)
	other := w.openPR("bob", demoBranch, "other") // release-1.30 has no tracking issue
	api, err := w.gh.As("bob").OpenPR("istio/api", sandbox.PROptions{Base: "release-1.31", Head: "fix", Title: "Fix", Files: map[string]string{"x.go": "package x\n"}})
	w.do(err)
	w.settle()
	w.wantVerdict(pr, "success")
	w.wantBody(n, "| `code-freeze` | "+w.day(28))
	w.wantGate(pr, w.gate(pr).Conclusion, w.gate(pr).Title, "The branch is `closing` until "+w.day(28)+" 00:00 UTC, and `frozen` from then on, by the dates of the [tracking issue of Istio 1.31](")
	w.wantGate(other, w.gate(other).Conclusion, w.gate(other).Title, "The branch is `released`, as [the policy](")
	w.again()

	// Earlier: frozen at once, in both repositories, and no other branch.
	w.says("alice", n, "/release date code-freeze "+w.day(0))
	w.wantVerdict(pr, "failure")
	w.wantVerdict(other, "success")
	if got := w.apiVerdict(api.Number); got != "failure" {
		t.Errorf("istio/api: %q\n%s", got, w.log)
	}
	w.wantGate(pr, "failure", w.gate(pr).Title, "The branch is `frozen`, by the dates of", "only release blockers merge")
	open := w.freezes()
	if len(open) != 1 || open[0].Title != "Code freeze: release-1.31, code freeze" || w.notices(open[0].Number, "**The freeze has begun.** `release-1.31` is frozen until "+w.day(35)) != 1 {
		t.Fatalf("the freezes: %+v\n%s", open, w.log)
	}
	first := open[0].Number
	golden.Check(t, "dates-issue.md", w.dated(open[0].Body))
	run, _ := w.gh.CheckRun(demoRepo, w.gh.PR(demoRepo, pr).HeadSHA, "slipway/freeze")
	golden.Check(t, "dates-check.md", w.dated(run.Summary))
	w.again()

	// The release is put off: the issue shows it.
	w.says("alice", n, "/release date release "+w.day(40))
	if body := w.gh.Issue(demoRepo, first).Body; !strings.Contains(body, "| Until | "+w.day(40)+" 00:00 UTC |") {
		t.Errorf("the issue: %s\n%s", body, w.log)
	}
	w.wantVerdict(pr, "failure")

	// Later: green again, with a word why.
	w.says("alice", n, "/release date code-freeze "+w.day(3))
	w.wantVerdict(pr, "success")
	if got := w.apiVerdict(api.Number); got != "success" {
		t.Errorf("istio/api: %q\n%s", got, w.log)
	}
	why := "`code-freeze` of [Istio 1.31]("
	if w.notices(first, "**The freeze is over**") != 1 || w.notices(first, "It ended now because "+why) != 1 || w.gh.Issue(demoRepo, first).State != "closed" {
		t.Errorf("the freeze: %+v\n%s", w.gh.Comments(demoRepo, first), w.log)
	}
	golden.Check(t, "dates-moved.md", w.dated(w.gh.Issue(demoRepo, first).Body))
	w.wantGate(pr, w.gate(pr).Conclusion, w.gate(pr).Title, "The branch is `closing` until "+w.day(3))
	run, _ = w.gh.CheckRun(demoRepo, w.gh.PR(demoRepo, pr).HeadSHA, "slipway/freeze")
	golden.Check(t, "dates-next.md", w.dated(run.Summary))
	w.again()

	// By hand: the same.
	w.edits("bob", n, "| `code-freeze` | "+w.day(3), "| `code-freeze` | "+w.day(0))
	w.wantVerdict(pr, "success")
	w.edits("alice", n, "| `code-freeze` | "+w.day(3), "| `code-freeze` | "+w.day(-1))
	w.wantVerdict(pr, "failure")
	second := w.freezes()
	if len(second) != 1 || second[0].Number == first {
		t.Fatalf("the freezes: %+v\n%s", second, w.log)
	}
	w.again()

	// The tracking issue is closed: nothing follows it any more.
	w.says("alice", n, "/release close 1.31.0 is out")
	w.wantVerdict(pr, "success")
	w.wantGate(pr, w.gate(pr).Conclusion, w.gate(pr).Title, "The branch is `released`: the [tracking issue of Istio 1.31](")
	if len(w.freezes()) != 0 || w.notices(second[0].Number, "It ended now because [Istio 1.31](") != 1 {
		t.Errorf("the freezes: %+v\n%s", w.freezes(), w.log)
	}
	w.again()
	w.newDatabase()
	w.stop()
	w.start()
	w.again()
}

// TestTrackerDatesBudget: whose dates a pull request follows costs it nothing, also
// where it stands in another repository than the tracking issue.
func TestTrackerDatesBudget(t *testing.T) {
	w := newWorld(t)
	n, pr := withDates(w)
	w.policy(seldom(datesPolicy))
	api, err := w.gh.As("bob").OpenPR("istio/api", sandbox.PROptions{Base: "release-1.31", Head: "fix", Title: "Fix", Files: map[string]string{"x.go": "package x\n"}})
	w.do(err)
	w.settle()
	w.pushTo("bob", pr)
	push := func(what string) {
		t.Helper()
		w.gh.ResetRequests()
		w.pushTo("bob", pr)
		if s := w.spent(); s.reads+s.writes > 6 || s.writes > 2 {
			t.Errorf("%s, a push: %+v, at most 6 and of these 2 writes\n%v", what, s, w.gh.Requests())
		}
		w.gh.ResetRequests()
		_, err := w.gh.As("bob").PushToPR("istio/api", api.Number, map[string]string{what: what}, what)
		w.do(err)
		w.settle()
		if s := w.spent(); s.reads+s.writes > 6 || s.writes > 2 {
			t.Errorf("%s, a push in istio/api: %+v, at most 6 and of these 2 writes\n%v", what, s, w.gh.Requests())
		}
	}
	push("open")
	w.says("alice", n, "/release date code-freeze "+w.day(0))
	push("frozen")
}

// TestTrackerDatesByThemselves: a day comes, and nobody does anything.
func TestTrackerDatesByThemselves(t *testing.T) {
	w := newWorld(t)
	_, pr := withDates(w)
	w.later(27 * 24 * time.Hour)
	w.wantVerdict(pr, "success")
	w.later(24*time.Hour, "pr/"+strconv.Itoa(pr))
	w.wantVerdict(pr, "failure")
	gate := reconcile.Key{Handler: "releasebranch", Repo: demoRepoName(t), ID: "pr/" + strconv.Itoa(pr)}
	w.do(w.program.queue.Enqueue(context.Background(), gate))
	w.settle()
	w.wantGate(pr, "failure", w.gate(pr).Title, "The branch is `frozen`, by the dates of")

	// The day of the release alone opens nothing: the release has to be out.
	w.later(30 * 24 * time.Hour)
	w.do(w.program.queue.Enqueue(context.Background(), gate))
	w.settle()
	w.wantGate(pr, w.gate(pr).Conclusion, w.gate(pr).Title, "The branch is `frozen`, by the dates of")
	w.do(w.gh.As("alice").Tag(demoRepo, "1.31.0", "release-1.31"))
	w.settle()
	w.wantGate(pr, w.gate(pr).Conclusion, w.gate(pr).Title, "The branch is `released`")
}

// TestTrackerDatesThawed: a thaw is for this time, and holds as long as the dates
// are the same; moved to a later day, the window is one that nobody has lifted.
func TestTrackerDatesThawed(t *testing.T) {
	w := newWorld(t)
	n, pr := withDates(w)
	w.says("alice", n, "/release date code-freeze "+w.day(0))
	w.wantVerdict(pr, "failure")
	if answer := w.says("alice", pr, "/release thaw release-1.31"); !strings.Contains(answer, "`release-1.31` is thawed") {
		t.Error(answer)
	}
	w.wantVerdict(pr, "success")
	if got := w.freezeIssue(); got.State != "closed" || !strings.Contains(got.Body, "by `alice`") {
		t.Errorf("the issue is %s: %s", got.State, got.Body)
	}
	w.again()
	w.says("alice", n, "/release date release "+w.day(36))
	w.wantVerdict(pr, "success")
	w.says("alice", n, "/release date code-freeze "+w.day(2))
	w.later(47 * time.Hour)
	w.later(time.Hour)
	w.later(time.Hour)
	w.wantVerdict(pr, "failure")
	if len(w.freezes()) != 1 {
		t.Errorf("the freezes: %+v\n%s", w.freezes(), w.log)
	}
}

// TestTrackerDatesUnreadable: what nobody can read holds back, and a tracking
// issue that is gone ends no freeze that has begun.
func TestTrackerDatesUnreadable(t *testing.T) {
	w := newWorld(t)
	n, pr := withDates(w)
	w.stop()
	w.newDatabase() // nobody remembers what the record said, and GitHub doesn't tell either
	w.gh.Fault(sandbox.Fault{Path: regexp.MustCompile("^/api/graphql$"), Status: 404, Body: `{"message":"Not Found"}`, Times: 50})
	whole := w.gh.Issue(demoRepo, n).Body
	w.do(w.gh.As("bob").EditBody(demoRepo, n, strings.Replace(whole, `"version":"1.31.0"`, `"version":"1.30.0"`, 1)))
	w.start()
	api, err := w.gh.As("bob").OpenPR("istio/api", sandbox.PROptions{Base: "release-1.31", Head: "fix", Title: "Fix", Files: map[string]string{"x.go": "package x\n"}})
	w.do(err)
	w.settle()
	run, _ := w.gh.CheckRun("istio/api", w.gh.PR("istio/api", api.Number).HeadSHA, "slipway/freeze")
	if run.Conclusion != "failure" || run.Title != "it can't be told whether release-1.31 is frozen" {
		t.Errorf("%s: %s\n%s", run.Conclusion, run.Title, w.log)
	}
	golden.Check(t, "dates-unreadable.md", w.dated(run.Summary))
	run, _ = w.gh.CheckRun("istio/api", w.gh.PR("istio/api", api.Number).HeadSHA, "slipway/release-branch")
	if run.Conclusion != "failure" || !strings.Contains(run.Summary, "Which phase the branch is in can't be told, because the record in [istio/istio#"+strconv.Itoa(n)+"](") {
		t.Errorf("%s: %s\n%s", run.Conclusion, run.Summary, w.log)
	}
	w.again()
	w.do(w.gh.As("bob").EditBody(demoRepo, n, whole))
	w.settle()
	for _, handler := range []string{"freeze", "releasebranch"} { // which look again in five minutes
		k := reconcile.Key{Handler: handler, Repo: github.Repo{Owner: "istio", Name: "api"}, ID: "pr/" + strconv.Itoa(api.Number)}
		w.do(w.program.queue.Enqueue(context.Background(), k))
	}
	w.settle()
	if got := w.apiVerdict(api.Number); got != "success" {
		t.Errorf("istio/api: %q\n%s", got, w.log)
	}

	w.says("alice", n, "/release date code-freeze "+w.day(0))
	w.wantVerdict(pr, "failure")
	w.do(w.gh.As("alice").DeleteIssue(demoRepo, n))
	w.settle()
	w.do(w.program.queue.Enqueue(context.Background(), reconcile.ResyncAllKey()))
	w.settle()
	w.wantVerdict(pr, "failure")
	if len(w.freezes()) != 1 {
		t.Errorf("the freezes: %+v\n%s", w.freezes(), w.log)
	}
}

// TestTrackerDatesPolicy: who proposes such a window reads when it freezes.
func TestTrackerDatesPolicy(t *testing.T) {
	w := newWorld(t)
	w.do(w.gh.AddCollaborator("istio/.github", "alice", "write"))
	pr, err := w.gh.As("alice").OpenPR("istio/.github", sandbox.PROptions{Base: "master", Head: "windows", Title: "Windows", Files: map[string]string{".github/slipway.yml": datesPolicy}})
	w.do(err)
	w.settle()
	run, _ := w.gh.CheckRun("istio/.github", w.gh.PR("istio/.github", pr.Number).HeadSHA, "slipway/policy")
	if run.Conclusion != "success" || !strings.Contains(run.Summary, "**Worth knowing:**\n\n- freeze.windows: \"code freeze\": what follows milestones freezes a branch only while ") {
		t.Errorf("%s: %s\n%s", run.Conclusion, run.Summary, w.log)
	}
}
