package replay

import (
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/git"
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/release"
)

func commit(id string, at string, message string) git.Commit {
	return git.Commit{ID: id, Parents: []string{"before-" + id}, Author: "Ann <7+ann@users.noreply.github.com> 1 +0000", Committer: "GitHub <noreply@github.com> " + at + " +0000", Message: message}
}

// TestEvents: by time, but a branch in its own order, and no number twice.
func TestEvents(t *testing.T) {
	h := History{Repo: "istio/istio", Source: "master", Watched: map[string]bool{"s2": true},
		Merged: []git.Commit{commit("s1", "100", "One (#1)"), commit("s2", "300", "Trigger (#2)")},
		Branches: []Line{{Branch: "release-1.30", From: "s0", Commits: []git.Commit{commit("b1", "200", "Two (#1) (#3)\n\nText"), commit("b2", "150", "Again (#1)"),
			commit("b3", "400", "Merge pull request #4 from bob/fix\n\nFix it")}}, {Branch: "release-1.31"}},
		Tags: []git.Tag{{Name: "1.30.0", Commit: "b2", Made: time.Unix(250, 0)}},
	}
	var got strings.Builder
	for _, e := range Events(nil, h) {
		got.WriteString(strings.TrimSpace(strings.Join([]string{e.At.UTC().Format("04:05"), string(e.Kind), string(e.Branch), e.Commit, e.Tag, e.Title}, " ")) + "\n")
		if e.Kind == Merge && e.Commit != "b2" && e.Number == 0 || e.Commit == "b2" && e.Number != 0 {
			t.Errorf("%s is #%d", e.Commit, e.Number)
		}
		if e.Kind != Tag && e.Kind != Cut && e.Author.Login != "ann" {
			t.Errorf("%s is by %+v", e.Commit, e.Author)
		}
	}
	want := `01:40 source master s1  One
02:20 cut release-1.30 s0
03:20 merge release-1.30 b1  Two (#1)
03:20 merge release-1.30 b2  Again
04:10 tag  b2 1.30.0
05:00 merge master s2  Trigger
06:40 merge release-1.30 b3  Fix it
`
	if got.String() != want {
		t.Errorf("%s\nwant\n%s", got.String(), want)
	}
}

func TestAuthors(t *testing.T) {
	for text, want := range map[string]string{
		"Ann <7+ann@users.noreply.github.com> 1 +0000": "ann", "Bo <bo@users.noreply.github.com> 1 +0000": "bo", "D <49+dependabot[bot]@users.noreply.github.com> 1 +0000": "dependabot[bot]",
		"Petr <petr.mc@gmail.com> 1 +0000": "petr-mc", "x <@> 1 +0000": "somebody", "nothing": "somebody", "E <../e@users.noreply.github.com> 1 +0000": "e",
	} {
		if got := author(git.Commit{Author: text}).Login; got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

// TestPlans: a minor is planned two weeks before its cut, a patch a week before, none before the one before it is out; one that isn't out yet stays open.
func TestPlans(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 5, n, 18, 0, 0, 0, time.UTC) }
	cut := commit("b1", "0", "First")
	cut.Committer = "GitHub <noreply@github.com> " + "1777658400" + " +0000" // 2026-05-01 18:00
	h := History{Repo: "istio/istio", Branches: []Line{{Branch: "release-1.30", Commits: []git.Commit{cut}}, {Branch: "release-1.31", Commits: []git.Commit{cut}}, {Branch: "release-1.28"}},
		Tags: []git.Tag{{Name: "1.30.0-beta.0", Made: day(5)}, {Name: "1.30.0", Made: day(10)}, {Name: "1.30.2", Made: day(28)}, {Name: "1.30.1", Made: day(14)}, {Name: "1.31.0-alpha.0", Made: day(20)}, {Name: "1.28.7", Made: day(20)}}}
	var got strings.Builder
	for _, e := range Plans(h, time.UTC) {
		got.WriteString(e.At.UTC().Format("01-02 15:04 ") + e.Tag + " " + e.Title + "\n")
	}
	want := `04-17 17:59 1.30 /release start 1.30 cut=2026-05-01 release=2026-05-10
05-11 18:00 1.30 /release close It is out
05-10 19:00 1.30.1 /release start 1.30.1 release=2026-05-14
05-15 18:00 1.30.1 /release close It is out
05-21 18:00 1.30.2 /release start 1.30.2 release=2026-05-28
05-29 18:00 1.30.2 /release close It is out
04-17 17:59 1.31 /release start 1.31 cut=2026-05-01 release=2026-06-24
`
	if got.String() != want {
		t.Errorf("%s\nwant\n%s", got.String(), want)
	}
}

func TestReadCheck(t *testing.T) {
	c := ReadCheck("slipway/release-branch", "failure", "Names no issue", "| Rule | | |\n|---|---|---|\n| Origin | ✅ | An exact pick |\n| Issue | ❌ | It names none | nor two |\n- ❌ wrong\n- ⚠️ odd\n- listed\n")
	if !c.Holds() || len(c.Failed) != 2 || c.Failed[0] != (Rule{"Issue", "It names none | nor two"}) || c.Failed[1].Text != "wrong" || len(c.Warned) != 1 || c.Warned[0] != "odd" {
		t.Errorf("%+v", c)
	}
	if c := ReadCheck("x", "failure", "", "It is:\n\n- one\n- two\n\nNotes:\n- no\n"); len(c.Failed) != 2 {
		t.Errorf("%+v", c)
	}
	if c := ReadCheck("x", "success", "", "- one\n"); c.Holds() || len(c.Failed) != 0 {
		t.Errorf("%+v", c)
	}
}

// TestReport: a figure for each thing that is told, and nothing of a title is more than text.
func TestReport(t *testing.T) {
	at := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	change := func(n int, branch release.Branch, title string) Event {
		return Event{Kind: Merge, Repo: "istio/istio", Branch: branch, Number: n, Commit: strings.Repeat("a", 40), Title: title, At: at.Add(time.Duration(n) * time.Hour)}
	}
	pass := []Check{{Name: "slipway/freeze", Conclusion: "success", Title: "release-1.30 is not frozen"}}
	frozen := []Check{{Name: "slipway/freeze", Conclusion: "failure", Title: "release-1.30 is frozen"}}
	notes := []Check{{Name: "slipway/release-notes", Conclusion: "failure", Title: "a release note has an error", Failed: []Rule{{Text: "`a.yaml`, line 3: a dash"}}}}
	trigger := []Check{{Name: "slipway/release", Conclusion: "failure", Title: "not a version"}}
	day := func(text string) release.Date {
		d, err := release.ParseDate(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	known := change(6, "release-1.30", "Build")
	known.Repo, known.Commit = "istio/builder", strings.Repeat("e", 40)
	other := change(7, "release-1.30", "Build it with more")
	other.Repo, other.Commit = "istio/builder", strings.Repeat("f", 40)
	issue := []Check{{Name: "slipway/release-branch", Conclusion: "failure", Title: "Names no issue", Failed: []Rule{{Issue, "It names none."}}}}
	r := Result{Histories: []History{{Repo: "istio/istio"}, {Repo: "istio/builder"}},
		Outcomes: []Outcome{
			{Event: change(1, "release-1.30", "Fix"), Asked: Nobody, Opened: pass, Final: pass, Origin: Origin{Verdict: provenance.Exact, Waited: 30 * time.Hour}, Requests: Requests{Reads: 10, Writes: 2, Unchanged: 30}},
			{Event: change(2, "release-1.30", "[release-1.30] Backport <script>alert(1)</script> \x1b[31m"), Asked: Manager, Opened: issue, Final: []Check{{Name: "slipway/release", Conclusion: "success", Warned: []string{"the title names another"}}}, Origin: Origin{Verdict: provenance.Unrelated}, Requests: Requests{Reads: 20}},
			{Event: change(0, "release-1.30", "Late"), Asked: Held, Opened: frozen, Final: issue, Origin: Origin{Verdict: provenance.Unrelated}, Doubled: []string{"comment"}},
			{Event: change(4, "release-1.30", "A note"), Asked: Held, Opened: notes, Final: notes, Origin: Origin{Verdict: provenance.Unrelated}},
			{Event: known, Asked: Held, Opened: trigger, Final: trigger, Origin: Origin{Verdict: provenance.Unrelated}},
			{Event: other, Asked: Held, Opened: trigger, Final: trigger, Origin: Origin{Verdict: provenance.Unrelated}},
		},
		Hours:    map[time.Time]Requests{at: {Reads: 30, Writes: 2, Unchanged: 30, Git: 4}, at.Add(time.Hour): {Reads: 5}},
		Trackers: []Tracker{{Version: "1.30", At: at, Evidence: []string{"beta", "rc"}, Open: []string{"toc"}, Closed: true}, {Version: "1.31", At: at, Unanswered: "no"}},
		Records: []Record{{Kind: "Malformed trigger files", Repo: "istio/builder", Branch: "release-1.15", Commit: strings.Repeat("b", 40), Day: day("2022-08-08"), Refused: true, Why: "1.15-beta.0: not a version"},
			{Kind: "Publishes without a build", Repo: "istio/builder", Branch: "release-1.29", Commit: strings.Repeat("c", 40), Day: day("2026-03-10"), Why: "1.29.1: no build"},
			{Kind: "Publishes without a build", Repo: "istio/builder", Branch: "release-1.30", Commit: strings.Repeat("e", 40), Number: 5, Day: day("2026-05-01"), Refused: true, Why: "1.30.1: no build"}},
		Trouble: []string{"something failed"},
	}
	report := Figures(r)
	golden.Check(t, "report.txt", Text(report))
	page, err := Page(report)
	if err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "report.html", string(page))
	if strings.Contains(string(page), "<script>") || strings.Contains(Text(report), "\x1b") {
		t.Error("a title is more than text")
	}
	if empty := Text(Figures(Result{})); !strings.Contains(empty, "Nothing was merged") {
		t.Error(empty)
	}
}
