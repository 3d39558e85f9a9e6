package freeze

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// withWindows is what freezes and windows come to.
func withWindows(freezes []Freeze, windows []Window, cal release.Calendar, now time.Time) []Freeze {
	return state{Settings: Settings{Windows: windows}, Calendar: cal, Now: now}.withWindows(freezes)
}

// windowsOf are the windows of a policy, each given by its keys but for name and branches.
func windowsOf(t *testing.T, zone string, keys ...string) []Window {
	t.Helper()
	text := "branches: [master, \"release-*\"]\ntimezone: " + zone + "\nfreeze:\n  windows:\n"
	for i, k := range keys {
		if !strings.Contains(k, "branches:") {
			k += ", branches: [\"release-*\"]"
		}
		text += fmt.Sprintf("  - {name: w%d, %s}\n", i, k)
	}
	p, err := config.ParsePolicy("x", []byte(text), config.Declare[Settings](Name))
	if err != nil {
		t.Fatal(err)
	}
	s, err := config.Section[Settings](p, Name)
	if err != nil {
		t.Fatal(err)
	}
	return s.Windows
}

func instantAt(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestOccurrences: which freezes windows come to at an instant, with what they are known by.
func TestOccurrences(t *testing.T) {
	for _, tt := range []struct{ name, zone, window, now, want string }{
		{"before it is announced", "UTC", `every: friday 16:00, to: monday 08:00, announce: 24h`, "2026-08-20T15:59:59Z", ""},
		{"announced", "UTC", `every: friday 16:00, to: monday 08:00, announce: 24h`, "2026-08-20T16:00:00Z", "days/2026-08-21/w0 set 2026-08-21T16:00:00Z to 2026-08-24T08:00:00Z"},
		{"begun", "UTC", `every: friday 16:00, to: monday 08:00, announce: 24h`, "2026-08-21T16:00:00Z", "days/2026-08-21/w0 began 2026-08-21T16:00:00Z to 2026-08-24T08:00:00Z"},
		{"over", "UTC", `every: friday 16:00, to: monday 08:00, announce: 24h`, "2026-08-24T08:00:00Z", ""},
		{"announced before the one before is over", "UTC", `every: friday 16:00, to: monday 08:00, announce: 6d`, "2026-08-23T00:00:00Z",
			"days/2026-08-21/w0 began 2026-08-21T16:00:00Z to 2026-08-24T08:00:00Z; days/2026-08-28/w0 set 2026-08-28T16:00:00Z to 2026-08-31T08:00:00Z"},
		{"its day is that of its zone", "Asia/Tokyo", `every: saturday 01:00, to: saturday 05:00`, "2026-08-21T16:30:00Z", "days/2026-08-22/w0 began 2026-08-21T16:00:00Z to 2026-08-21T20:00:00Z"},
		{"its own zone", "Asia/Tokyo", `every: saturday 01:00, to: saturday 05:00, zone: UTC`, "2026-08-22T01:30:00Z", "days/2026-08-22/w0 began 2026-08-22T01:00:00Z to 2026-08-22T05:00:00Z"},
		{"days", "Australia/Sydney", `days: ["2026-10-04"]`, "2026-10-03T14:00:00Z", "days/2026-10-04/w0 began 2026-10-03T14:00:00Z to 2026-10-04T13:00:00Z"},
		{"days that touch", "UTC", `days: ["2026-12-25", "2026-12-24", "2026-12-26 to 2027-01-01"]`, "2026-12-27T00:00:00Z", "days/2026-12-24/w0 began 2026-12-24T00:00:00Z to 2027-01-02T00:00:00Z"},
		{"days that are over", "UTC", `days: ["2025-12-25"]`, "2026-12-27T00:00:00Z", ""},
		{"from an instant, announced", "UTC", `start: 2026-08-21 16:00, end: 2026-08-22 16:00, announce: 1h`, "2026-08-21T15:00:00Z", "window/w0 set 2026-08-21T16:00:00Z to 2026-08-22T16:00:00Z"},
	} {
		now := instantAt(t, tt.now)
		var got []string
		for _, f := range withWindows(nil, windowsOf(t, tt.zone, tt.window), release.Calendar{}, now) {
			got = append(got, fmt.Sprintf("%s %s %s to %s", f.Asked, f.edge(now), f.Since.Format(time.RFC3339), f.Until.Format(time.RFC3339)))
		}
		if strings.Join(got, "; ") != tt.want {
			t.Errorf("%s: %s", tt.name, strings.Join(got, "; "))
		}
	}
}

// TestDaysAndCalendarAreOne: a stretch of days stays the freeze that it began as, wherever its
// days stand.
func TestDaysAndCalendarAreOne(t *testing.T) {
	windows := windowsOf(t, "UTC", `days: ["2026-12-25"], calendar: a.ics`)
	file := readFile(github.File{Found: true, Text: "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20261224\r\nEND:VEVENT\r\nEND:VCALENDAR"}, windows[0])
	for _, now := range []string{"2026-12-24T12:00:00Z", "2026-12-25T12:00:00Z"} {
		s := state{Settings: Settings{Windows: windows}, Files: map[fileID]calendarFile{windows[0].fileID(): file}, Now: instantAt(t, now)}
		if got := s.withWindows(nil); len(got) != 1 || got[0].Asked != "days/2026-12-24/w0" {
			t.Errorf("at %s: %+v", now, got)
		}
	}
}

// twice is a calendar with two events on one day.
const twice = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20260821T120000Z\r\nDTEND:20260821T130000Z\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nDTSTART:20260821T150000Z\r\nDTEND:20260821T160000Z\r\nEND:VEVENT\r\nEND:VCALENDAR"

// TestSeveralOnOneDay: each is a freeze with an issue of its own, and a thaw of one isn't one of
// the other. Records that are known by the day alone, as once, are that which begins when they do.
func TestSeveralOnOneDay(t *testing.T) {
	windows := windowsOf(t, "UTC", `calendar: a.ics, announce: 4h`)
	files := map[fileID]calendarFile{windows[0].fileID(): readFile(github.File{Found: true, Text: twice}, windows[0])}
	noon := instantAt(t, "2026-08-21T12:00:00Z")
	first := Record{Asked: "days/2026-08-21T12:00:00Z/w0", Window: "w0", Day: "2026-08-21T12:00:00Z", Branches: []string{"release-*"}, Since: noon, Until: noon.Add(time.Hour)}
	old := first
	old.Asked, old.Day = "days/2026-08-21/w0", "2026-08-21"
	ended := func(r Record, by string) Freeze {
		r.End = &Thaw{By: by, At: noon.Add(10 * time.Minute)}
		return Freeze{Record: r, Issue: 45, State: github.Closed}
	}
	for _, tt := range []struct {
		name string
		have []Freeze
		now  string
		want string
	}{
		{"both announced", nil, "11:30", "days/2026-08-21T12:00:00Z/w0 #0; days/2026-08-21T15:00:00Z/w0 #0"},
		{"the first goes on", []Freeze{{Record: first, Issue: 45, State: github.Open}}, "12:30", "days/2026-08-21T12:00:00Z/w0 #45 held; days/2026-08-21T15:00:00Z/w0 #0"},
		{"as does one of the old form", []Freeze{{Record: old, Issue: 45, State: github.Open}}, "12:30", "days/2026-08-21/w0 #45 held; days/2026-08-21T15:00:00Z/w0 #0"},
		{"the first was thawed", []Freeze{ended(first, "alice")}, "12:30", "days/2026-08-21T12:00:00Z/w0 #45; days/2026-08-21T15:00:00Z/w0 #0"},
		{"as was one of the old form", []Freeze{ended(old, "alice")}, "12:30", "days/2026-08-21/w0 #45; days/2026-08-21T15:00:00Z/w0 #0"},
		{"the second comes all the same", []Freeze{ended(old, "alice")}, "15:30", "days/2026-08-21/w0 #45; days/2026-08-21T15:00:00Z/w0 #0 held"},
		{"also when the first is over", []Freeze{ended(old, "")}, "15:30", "days/2026-08-21/w0 #45; days/2026-08-21T15:00:00Z/w0 #0 held"},
	} {
		s := state{Settings: Settings{Windows: windows}, Files: files, Now: instantAt(t, "2026-08-21T"+tt.now+":00Z")}
		var got []string
		for _, f := range s.withWindows(tt.have) {
			one := fmt.Sprintf("%s #%d", f.Asked, f.Issue)
			if f.holds("release-1.30", s.Now) {
				one += " held"
			}
			got = append(got, one)
		}
		if strings.Join(got, "; ") != tt.want {
			t.Errorf("%s: %s", tt.name, strings.Join(got, "; "))
		}
	}
}

// TestOccurrencesGoOn: what becomes of a freeze that has an issue.
func TestOccurrencesGoOn(t *testing.T) {
	weekly := windowsOf(t, "UTC", `every: friday 16:00, to: monday 08:00, announce: 24h`)
	holidays := windowsOf(t, "UTC", `calendar: a.ics`)
	friday := instantAt(t, "2026-08-21T16:00:00Z")
	set := withWindows(nil, weekly, release.Calendar{}, friday.Add(-time.Hour))[0]
	set.Issue, set.State = 45, github.Open
	thawed := with(set, func(f *Freeze) { f.State, f.End = github.Closed, &Thaw{By: "alice", At: friday.Add(-time.Minute)} })
	days := Freeze{Record: Record{Asked: "days/2026-08-21/w0", Window: "w0", Day: "2026-08-21", Branches: []string{"release-*"}, Since: friday, Until: friday.Add(48 * time.Hour)}, Issue: 46, State: github.Open}
	read := map[fileID]calendarFile{holidays[0].fileID(): readFile(github.File{Found: true, Text: "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20260101\r\nEND:VEVENT\r\nEND:VCALENDAR"}, holidays[0])}
	unread := map[fileID]calendarFile{holidays[0].fileID(): readFile(github.File{}, holidays[0])}
	for _, tt := range []struct {
		name    string
		have    Freeze
		windows []Window
		files   map[fileID]calendarFile
		now     time.Time
		frozen  bool
		count   int
		why     string
	}{
		{"announced, begins", set, weekly, nil, friday, true, 1, ""},
		{"announced, and the window goes", set, nil, nil, friday, false, 1, "the policy has no such window any more"},
		{"announced, thawed", thawed, weekly, nil, friday, false, 1, ""},
		{"thawed, a week later", thawed, weekly, nil, friday.Add(7 * 24 * time.Hour), true, 2, ""},
		{"the calendar doesn't have it any more", days, holidays, read, friday.Add(time.Hour), false, 1, "the window has no such time any more"},
		{"the same, when it is over", days, holidays, read, friday.Add(48 * time.Hour), false, 1, ""},
		{"the calendar can't be read", days, holidays, unread, friday.Add(time.Hour), true, 1, ""},
		{"the same, and its end comes", days, holidays, unread, friday.Add(48 * time.Hour), false, 1, ""},
	} {
		s := state{Settings: Settings{Windows: tt.windows}, Files: tt.files, Now: tt.now}
		s.Freezes = s.withWindows([]Freeze{tt.have})
		if frozen := len(holding(s.Freezes, "release-1.30", tt.now)) > 0; frozen != tt.frozen || len(s.Freezes) != tt.count || s.Freezes[0].Why != tt.why {
			t.Errorf("%s: frozen %t, %d freezes, %q", tt.name, frozen, len(s.Freezes), s.Freezes[0].Why)
		}
		if doubts := s.doubts("release-1.30"); len(doubts) > 0 != (tt.files != nil && tt.files[holidays[0].fileID()].Unclear != "") {
			t.Errorf("%s: doubts %v", tt.name, doubts)
		}
	}
}

// TestNextWindow: what was thawed before it begins isn't foretold.
func TestNextWindow(t *testing.T) {
	windows := windowsOf(t, "UTC", `every: friday 16:00, to: monday 08:00, announce: 24h`)
	friday := instantAt(t, "2026-08-21T16:00:00Z")
	set := withWindows(nil, windows, release.Calendar{}, friday.Add(-time.Hour))[0]
	set.Issue, set.State = 45, github.Open
	for name, tt := range map[string]struct {
		have Freeze
		want string
	}{
		"announced":                 {set, "2026-08-21"},
		"thawed":                    {with(set, func(f *Freeze) { f.State, f.End = github.Closed, &Thaw{By: "alice", At: friday.Add(-2 * time.Hour)} }), "2026-08-28"},
		"thawed for this branch":    {with(set, func(f *Freeze) { f.Thaws = []Thaw{{Branch: "release-1.30", By: "alice"}} }), "2026-08-28"},
		"thawed for another branch": {with(set, func(f *Freeze) { f.Thaws = []Thaw{{Branch: "release-1.29", By: "alice"}} }), "2026-08-21"},
	} {
		k := known{PR: github.PullRequest{Base: "release-1.30"}}
		k.state = state{Now: friday.Add(-time.Hour), Settings: Settings{Windows: windows}, Freezes: []Freeze{tt.have}}
		if next, _ := nextWindow(k); next.Day != tt.want {
			t.Errorf("%s: %s", name, next.Day)
		}
	}
}

// TestSourceBranchOccurrences: a window that names the source branch in full holds it by
// each minor release, and by no patch release.
func TestSourceBranchOccurrences(t *testing.T) {
	minor := minorPlan("2026-08-01", "2026-08-26")
	next := minorPlan("2026-11-01", "2026-11-26")
	next.Version.Minor, next.Branch = 31, "release-1.31"
	patch := minorPlan("2026-08-01", "2026-08-26")
	patch.Version.Patch = 4
	closed := minorPlan("2026-08-01", "2026-08-26")
	closed.Version.Minor, closed.Branch, closed.Closed = 29, "release-1.29", true
	var at config.Moment
	if err := at.UnmarshalText([]byte("code-freeze")); err != nil {
		t.Fatal(err)
	}
	var end config.Moment
	if err := end.UnmarshalText([]byte("release")); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ branches, source, want string }{
		{"master", "master", "1.30: master; 1.31: master"},
		{"master release-1.3*", "master", "1.30: release-1.30 master; 1.31: release-1.31 master; 1.30.4: release-1.30"},
		{"master", "main", ""},
		{"*", "master", "1.30: release-1.30; 1.31: release-1.31; 1.30.4: release-1.30"},
		{"master", "", ""},
	} {
		w := Window{Name: "w", Start: at, End: end}
		for b := range strings.FieldsSeq(tt.branches) {
			w.Branches = append(w.Branches, config.BranchPattern(b))
		}
		s := state{Settings: Settings{Windows: []Window{w}}, Calendar: release.Calendar{Plans: []release.Plan{minor, next, patch, closed}}, Source: release.Branch(tt.source)}
		var got []string
		for _, o := range s.occurrences() {
			got = append(got, strings.TrimSuffix(o.Plan.Version.String(), ".0")+": "+strings.Join(o.about, " "))
		}
		if strings.Join(got, "; ") != tt.want {
			t.Errorf("%s on %s: %s", tt.branches, tt.source, strings.Join(got, "; "))
		}
	}
}

// TestPartialFreezes: which pull requests one holds that is about some alone.
func TestPartialFreezes(t *testing.T) {
	for _, tt := range []struct {
		name          string
		paths, labels []string
		files         []string
		complete      bool
		carries       []string
		except        Exceptions
		want          effect.State
	}{
		{"changes one", []string{"charts/**"}, nil, []string{"a.go", "charts/x.yaml"}, true, nil, Exceptions{}, effect.Block},
		{"changes none", []string{"charts/**"}, nil, []string{"a.go"}, true, nil, Exceptions{}, effect.Pass},
		{"nobody knows all", []string{"charts/**"}, nil, []string{"a.go"}, false, nil, Exceptions{}, effect.Block},
		{"carries one", nil, []string{"risky"}, nil, false, []string{"Risky"}, Exceptions{}, effect.Block},
		{"carries none", nil, []string{"risky"}, nil, false, []string{"other"}, Exceptions{}, effect.Pass},
		{"carries one, changes none", []string{"charts/**"}, []string{"risky"}, []string{"a.go"}, true, []string{"risky"}, Exceptions{}, effect.Block},
		{"all that it changes is excepted", []string{"charts/**"}, nil, []string{"charts/x.md"}, true, nil, Exceptions{Paths: []config.PathPattern{"**/*.md"}}, effect.Pass},
		{"not all is", []string{"charts/**"}, nil, []string{"charts/x.md", "charts/y"}, true, nil, Exceptions{Paths: []config.PathPattern{"**/*.md"}}, effect.Block},
	} {
		now := instantAt(t, "2026-08-21T16:00:00Z")
		f := Freeze{Record: Record{Window: "w", Branches: []string{"release-1.30"}, Since: now, Paths: tt.paths, Labels: tt.labels}, Exceptions: tt.except}
		k := known{state: state{Now: now, Freezes: []Freeze{f}}, Files: github.Files{Paths: tt.files, Complete: tt.complete}}
		k.PR = github.PullRequest{Number: 7, Base: "release-1.30", Labels: tt.carries}
		if v, _ := judge(k); v.State != tt.want {
			t.Errorf("%s: %s, %s", tt.name, v.State, v.Title)
		}
	}
	if tide := (Record{Branches: []string{"release-1.30"}, Paths: []string{"x"}}).labels(Settings{MergeBlocker: true, Label: "x"}); slices.Contains(tide, "tide/merge-blocker") {
		t.Error("Tide would stop for all")
	}
}

// TestLastGoodCalendar: which version of a calendar stands, and since when the newest is no good.
func TestLastGoodCalendar(t *testing.T) {
	w := windowsOf(t, "UTC", `calendar: a.ics`)[0]
	version := func(i int, text string) github.File {
		return github.File{Found: text != "", Text: text, URL: fmt.Sprintf("v%d", i), At: noon.Add(-time.Duration(i) * time.Hour)}
	}
	for _, tt := range []struct{ name, versions, want string }{
		{"no version at all", "", " broken since never"},
		{"none is good", "bb", " broken since 1"},
		{"the one before", "bg", "v1 stands since 0"},
		{"broken twice", "bbg", "v2 stands since 1"},
		{"deleted now", "-g", "v1 stands since 0"},
		{"deleted before", "b-g", " broken since 0"},
		{"mended meanwhile", "gb", "v0 stands since never"},
	} {
		var versions []github.File
		for i, kind := range tt.versions {
			versions = append(versions, version(i, map[rune]string{'g': twice, 'b': "<html>", '-': ""}[kind]))
		}
		broken := calendarFile{Unclear: "it is no iCalendar file"}
		c := lastGood(broken, versions, func(f github.File) calendarFile { return readFile(f, w) })
		since, how := "never", "stands"
		if !c.Since.IsZero() {
			since = fmt.Sprint(noon.Sub(c.Since).Hours())
		}
		if c.Unclear != "" {
			how = "broken"
		}
		if got := fmt.Sprintf("%s %s since %s", c.GoodURL, how, since); got != tt.want || how == "stands" && c.Broken != broken.Unclear {
			t.Errorf("%s: %s, %+v", tt.name, got, c)
		}
	}
}

// TestDoubtfulWindows: a window of which nobody knows when it holds holds back what it may hold, and no more.
func TestDoubtfulWindows(t *testing.T) {
	for _, tt := range []struct {
		name, window string
		files        []string
		labels       []string
		want         effect.State
	}{
		{"all of the branch", `calendar: a.ics`, []string{"a.go"}, nil, effect.Block},
		{"what changes its paths", `calendar: a.ics, paths: ["charts/**"]`, []string{"charts/a"}, nil, effect.Block},
		{"what changes none", `calendar: a.ics, paths: ["charts/**"]`, []string{"a.go"}, nil, effect.Pass},
		{"what carries its label", `calendar: a.ics, labels: [risky]`, []string{"a.go"}, []string{"risky"}, effect.Block},
		{"what doesn't", `calendar: a.ics, labels: [risky]`, []string{"a.go"}, nil, effect.Pass},
		{"what the window lets through", `calendar: a.ics, exceptions: {paths: ["docs/**"]}`, []string{"docs/a"}, nil, effect.Pass},
		{"and nothing more", `calendar: a.ics, exceptions: {paths: ["docs/**"]}`, []string{"docs/a", "a.go"}, nil, effect.Block},
		{"another branch", `calendar: a.ics, branches: ["master"]`, []string{"a.go"}, nil, effect.Pass},
	} {
		windows := windowsOf(t, "UTC", tt.window)
		k := known{Files: github.Files{Paths: tt.files, Complete: true}}
		k.state = state{Now: noon, Settings: Settings{Windows: windows}, Files: map[fileID]calendarFile{windows[0].fileID(): readFile(github.File{}, windows[0])}}
		k.PR = github.PullRequest{Number: 7, Base: "release-1.30", Labels: tt.labels}
		v, next := judge(k)
		if v.State != tt.want || (v.State == effect.Block) != next.Equal(noon.Add(unclearWait)) {
			t.Errorf("%s: %s, %s, next %s", tt.name, v.State, v.Title, next)
		}
	}
}
