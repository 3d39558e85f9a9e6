package freeze

import (
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/release"
)

func TestJudge(t *testing.T) {
	ok, settings := policyOf(t, policyText)
	broken := config.Loaded{Fault: brokenFault(t), URL: ok.URL}
	stale := ok
	stale.Fault, stale.GoodURL = broken.Fault, "https://github.com/istio/istio/blob/abc/.github/slipway.yml"
	docs := github.Files{Paths: []string{"docs/a/b.md", "pkg/x_test.go"}, Complete: true}
	later := noon.Add(time.Hour)
	for name, tc := range map[string]struct {
		change func(*known)
		want   effect.State
		title  string
		next   time.Time
	}{
		"open":                  {func(*known) {}, effect.Pass, "release-1.30 is not frozen", time.Time{}},
		"another branch frozen": {func(f *known) { f.Freezes = []Freeze{aFreeze("release-1.29")} }, effect.Pass, "release-1.30 is not frozen", time.Time{}},
		"frozen":                {func(f *known) { f.Freezes = []Freeze{aFreeze("release-1.30", "release-1.29")} }, effect.Block, "release-1.30 is frozen", time.Time{}},
		"frozen until": {func(f *known) {
			f.Freezes = []Freeze{with(aFreeze("release-1.30"), func(f *Freeze) { f.Until, f.Reason = noon.Add(30*time.Hour), "" })}
		}, effect.Block, "release-1.30 is frozen", time.Time{}},
		"frozen twice": {func(f *known) {
			f.Freezes = []Freeze{with(aFreeze("release-1.30"), func(f *Freeze) { f.Until = later }), with(aFreeze("release-1.30"), func(f *Freeze) { f.Issue = 47 })}
		}, effect.Block, "release-1.30 is frozen", time.Time{}},
		"altered":                 {func(f *known) { f.Freezes = []Freeze{altered("release-1.29")} }, effect.Block, "a freeze record was changed by hand", time.Time{}},
		"altered beyond reading":  {func(f *known) { f.Freezes = []Freeze{altered()} }, effect.Block, "a freeze record was changed by hand", time.Time{}},
		"altered, and truly held": {func(f *known) { f.Freezes = []Freeze{altered(), aFreeze("release-1.30")} }, effect.Block, "release-1.30 is frozen", time.Time{}},
		"last good policy":        {func(f *known) { f.Policy = stale }, effect.Pass, "release-1.30 is not frozen", time.Time{}},

		"automation account": {func(f *known) {
			f.Freezes, f.PR.Author, f.PushedBy = []Freeze{aFreeze("release-1.30")}, github.User{ID: 99, Login: "istio-testing"}, 99
		}, effect.Pass, "release-1.30 is frozen; this may merge by the policy", time.Time{}},
		"account's branch, pushed to by another": {func(f *known) {
			f.Freezes, f.PR.Author, f.PushedBy = []Freeze{aFreeze("release-1.30")}, github.User{ID: 99, Login: "istio-testing"}, bob.ID
		}, effect.Block, "release-1.30 is frozen", time.Time{}},
		"account's branch, nobody knows who pushed": {func(f *known) {
			f.Freezes, f.PR.Author = []Freeze{aFreeze("release-1.30")}, github.User{ID: 99, Login: "istio-testing"}
		}, effect.Block, "release-1.30 is frozen", time.Time{}},
		"exempt on another branch": {func(f *known) {
			one := row(head, later)
			one.Branch = "release-1.29"
			f.Freezes = []Freeze{with(aFreeze("release-1.30"), func(f *Freeze) { f.Exemptions = []Exemption{one} })}
		}, effect.Block, "release-1.30 is frozen", time.Time{}},
		"account of the same name": {func(f *known) {
			f.Freezes, f.PR.Author = []Freeze{aFreeze("release-1.30")}, github.User{ID: 98, Login: "istio-testing"}
		}, effect.Block, "release-1.30 is frozen", time.Time{}},
		"deleted account": {func(f *known) {
			f.Settings.Exceptions.Accounts = append(f.Settings.Exceptions.Accounts, Account{})
			f.Freezes, f.PR.Author = []Freeze{aFreeze("release-1.30")}, github.User{}
		}, effect.Block, "release-1.30 is frozen", time.Time{}},
		"only excepted paths": {func(f *known) { f.Freezes, f.Files = []Freeze{aFreeze("release-1.30")}, docs }, effect.Pass,
			"release-1.30 is frozen; this may merge by the policy", time.Time{}},
		"one other path": {func(f *known) {
			f.Freezes, f.Files = []Freeze{aFreeze("release-1.30")}, github.Files{Paths: []string{"docs/a.md", "pkg/x.go"}, Complete: true}
		}, effect.Block, "release-1.30 is frozen", time.Time{}},
		"paths not all known": {func(f *known) {
			f.Freezes, f.Files = []Freeze{aFreeze("release-1.30")}, github.Files{Paths: docs.Paths}
		}, effect.Block, "release-1.30 is frozen", time.Time{}},
		"no files": {func(f *known) { f.Freezes, f.Files = []Freeze{aFreeze("release-1.30")}, github.Files{Complete: true} }, effect.Block,
			"release-1.30 is frozen", time.Time{}},
		"label by a manager": {func(f *known) {
			f.Freezes, f.Set = []Freeze{aFreeze("release-1.30")}, []labelled{{"freeze-exempt", alice, true, ""}}
		}, effect.Pass, "release-1.30 is frozen; this may merge by the policy", time.Time{}},
		"label by nobody knows whom": {func(f *known) {
			f.Freezes, f.Set = []Freeze{aFreeze("release-1.30")}, []labelled{{"freeze-exempt", github.User{}, false, gate.UnknownSetter}}
		}, effect.Block, "release-1.30 is frozen", time.Time{}},
		"label by another": {func(f *known) {
			f.Freezes, f.Set = []Freeze{aFreeze("release-1.30")}, []labelled{{"freeze-exempt", bob, false, ""}}
		}, effect.Block, "release-1.30 is frozen", time.Time{}},

		"exempt": {func(f *known) {
			f.Freezes = []Freeze{with(aFreeze("release-1.30"), func(f *Freeze) { f.Exemptions = []Exemption{row(head, later)} })}
		}, effect.Pass, "release-1.30 is frozen; aaaaaaa is exempt", later},
		"exempt while Tide is stopped": {func(f *known) {
			f.Settings.MergeBlocker = true
			f.Freezes = []Freeze{with(aFreeze("release-1.30"), func(f *Freeze) { f.Exemptions = []Exemption{row(head, later)} })}
		}, effect.Pass, "release-1.30 is frozen; aaaaaaa is exempt (by hand: Tide is stopped)", later},
		"excepted while Tide is stopped": {func(f *known) {
			f.Settings.MergeBlocker, f.Files = true, docs
			f.Freezes = []Freeze{aFreeze("release-1.30")}
		}, effect.Pass, "release-1.30 is frozen; this may merge by the policy (by hand: Tide is stopped)", time.Time{}},
		"frozen while Tide is stopped": {func(f *known) {
			f.Settings.MergeBlocker, f.Freezes = true, []Freeze{aFreeze("release-1.30")}
		}, effect.Block, "release-1.30 is frozen", time.Time{}},
		"exact revert": {func(f *known) {
			f.Settings.Exceptions.Reverts, f.Undone = true, facts.Undone{Of: []string{"#12", "#11"}}
			f.Freezes = []Freeze{aFreeze("release-1.30")}
		}, effect.Pass, "release-1.30 is frozen; this may merge by the policy", time.Time{}},
		"exact revert, not asked for": {func(f *known) {
			f.Undone, f.Freezes = facts.Undone{Of: []string{"#12"}}, []Freeze{aFreeze("release-1.30")}
		}, effect.Block, "release-1.30 is frozen", time.Time{}},
		"more than a revert": {func(f *known) {
			f.Settings.Exceptions.Reverts, f.Undone = true, facts.Undone{Unproven: "what it changes isn't exactly what #12 did, taken back"}
			f.Freezes = []Freeze{aFreeze("release-1.30")}
		}, effect.Block, "release-1.30 is frozen", time.Time{}},
		"frozen with all others": {func(f *known) {
			f.Freezes = []Freeze{with(aFreeze("release-1.29"), func(f *Freeze) { f.All = true })}
		}, effect.Block, "release-1.30 is frozen", time.Time{}},
		"thawed of all": {func(f *known) {
			f.Freezes = []Freeze{with(aFreeze("release-1.29"), func(f *Freeze) { f.All, f.Thaws = true, []Thaw{{Branch: "release-1.30"}} })}
		}, effect.Pass, "release-1.30 is not frozen", time.Time{}},
		"exemption for another commit": {func(f *known) {
			f.Freezes = []Freeze{with(aFreeze("release-1.30"), func(f *Freeze) { f.Exemptions = []Exemption{row(strings.Repeat("b", 40), later)} })}
		}, effect.Block, "release-1.30 is frozen", time.Time{}},
		"exemption over at this instant": {func(f *known) {
			f.Freezes = []Freeze{with(aFreeze("release-1.30"), func(f *Freeze) { f.Exemptions = []Exemption{row(head, noon)} })}
		}, effect.Block, "release-1.30 is frozen", time.Time{}},
		"exempt from one of two": {func(f *known) {
			f.Freezes = []Freeze{with(aFreeze("release-1.30"), func(f *Freeze) { f.Exemptions = []Exemption{row(head, later)} }),
				with(aFreeze("release-1.30"), func(f *Freeze) { f.Issue = 47 })}
		}, effect.Block, "release-1.30 is frozen", time.Time{}},
		"exempt from both": {func(f *known) {
			f.Freezes = []Freeze{with(aFreeze("release-1.30"), func(f *Freeze) { f.Exemptions = []Exemption{row(head, later.Add(time.Hour))} }),
				with(aFreeze("release-1.30"), func(f *Freeze) { f.Exemptions = []Exemption{row(head, later)} })}
		}, effect.Pass, "release-1.30 is frozen; aaaaaaa is exempt", later},
	} {
		t.Run(name, func(t *testing.T) {
			f := known{state: state{Now: noon, Policy: ok, Settings: settings}, PR: pull("release-1.30")}
			tc.change(&f)
			v, next := judge(f)
			if v.State != tc.want || v.Title != tc.title || !next.Equal(tc.next) {
				t.Errorf("%s %q, next %s", v.State, v.Title, next)
			}
			golden.Check(t, "check "+name+".md", v.Detail+"\n")
		})
	}
	v := brokenPolicy(broken)
	if v.State != effect.Block || v.Title != "the policy can't be read" {
		t.Errorf("under a broken policy: %s %q", v.State, v.Title)
	}
	golden.Check(t, "check broken policy.md", v.Detail+"\n")
}

// TestFilesMatter: they cost a request, which only some verdicts are worth.
func TestFilesMatter(t *testing.T) {
	ok, settings := policyOf(t, policyText)
	f := known{state: state{Now: noon, Policy: ok, Settings: settings}, PR: pull("release-1.30")}
	if f.filesMatter() {
		t.Error("of a branch that isn't frozen")
	}
	f.Freezes = []Freeze{aFreeze("release-1.30")}
	if !f.filesMatter() {
		t.Error("not of one that is")
	}
	f.Settings.Exceptions.Paths = nil
	if f.filesMatter() {
		t.Error("without a path that is excepted")
	}
	f.Settings.Exceptions.Paths, f.PR.Author.ID, f.PushedBy = settings.Exceptions.Paths, 99, 99
	if f.filesMatter() {
		t.Error("of a pull request that may merge anyhow")
	}
}

// windowPolicy freezes over the night in which the clocks of Los Angeles go back,
// and that in which they go forward.
const windowPolicy = `branches: ["release-*"]
timezone: America/Los_Angeles
freeze:
  windows:
    - {name: autumn, branches: ["release-1.3*"], start: "2026-10-31 23:00", end: "2026-11-01 03:00", reason: winter time}
    - {name: spring, branches: ["release-1.3*"], start: "2026-03-07 23:00", end: "2026-03-08 03:00"}
    - {name: berlin, branches: ["release-1.3*"], start: "2026-12-01 09:00", end: "2026-12-01 10:00", zone: Europe/Berlin}
    - {name: utc, branches: ["release-1.3*"], start: "2026-12-01T08:30:00Z", end: "2026-12-01T09:30:00Z"}
`

func TestWindows(t *testing.T) {
	ok, settings := policyOf(t, windowPolicy)
	at := func(text string) time.Time {
		v, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for name, tc := range map[string]struct {
		now    string
		branch string
		frozen string // names of the windows that hold
		next   string
	}{
		"long before":                       {"2026-01-01T00:00:00Z", "release-1.30", "", "2026-03-08T07:00:00Z"},
		"a second before the start":         {"2026-11-01T05:59:59Z", "release-1.30", "", "2026-11-01T06:00:00Z"},
		"the start itself":                  {"2026-11-01T06:00:00Z", "release-1.30", "autumn", "2026-11-01T11:00:00Z"},
		"in the hour that comes twice":      {"2026-11-01T09:30:00Z", "release-1.30", "autumn", "2026-11-01T11:00:00Z"},
		"a second before the end":           {"2026-11-01T10:59:59Z", "release-1.30", "autumn", "2026-11-01T11:00:00Z"},
		"the end itself":                    {"2026-11-01T11:00:00Z", "release-1.30", "", "2026-12-01T08:00:00Z"},
		"another branch":                    {"2026-11-01T06:00:00Z", "release-1.29", "", "2026-11-01T11:00:00Z"},
		"three hours on the clock, in fact": {"2026-03-08T09:59:59Z", "release-1.30", "spring", "2026-03-08T10:00:00Z"},
		"after the jump":                    {"2026-03-08T10:00:00Z", "release-1.30", "", "2026-11-01T06:00:00Z"},
		"a zone of its own":                 {"2026-12-01T08:00:00Z", "release-1.30", "berlin", "2026-12-01T08:30:00Z"},
		"two at once":                       {"2026-12-01T08:45:00Z", "release-1.30", "berlin utc", "2026-12-01T09:00:00Z"},
		"one of them over":                  {"2026-12-01T09:00:00Z", "release-1.30", "utc", "2026-12-01T09:30:00Z"},
		"all over":                          {"2026-12-01T09:30:00Z", "release-1.30", "", ""},
	} {
		now := at(tc.now)
		freezes := withWindows(nil, settings.Windows, release.Calendar{}, now)
		var names []string
		for _, f := range holding(freezes, pull(tc.branch).Base, now) {
			names = append(names, f.Window)
		}
		if got := strings.Join(names, " "); got != tc.frozen {
			t.Errorf("%s: frozen by %q, want %q", name, got, tc.frozen)
		}
		got := ""
		if next := nextEdge(freezes, state{Settings: settings, Now: now}.occurrences(), now); !next.IsZero() {
			got = next.UTC().Format(time.RFC3339)
		}
		if got != tc.next {
			t.Errorf("%s: looks again at %q, want %q", name, got, tc.next)
		}
		v, _ := judge(known{state: state{Now: now, Policy: ok, Settings: settings, Freezes: freezes}, PR: pull(tc.branch)})
		if (v.State == effect.Block) != (tc.frozen != "") {
			t.Errorf("%s: the check says %s", name, v.State)
		}
		if name == "in the hour that comes twice" || name == "long before" {
			golden.Check(t, "window "+name+".md", v.Detail+"\n")
		}
	}
}

// TestWindowsChange edits the policy while a window holds, and what its issue says.
func TestWindowsChange(t *testing.T) {
	_, settings := policyOf(t, windowPolicy)
	now := settings.Windows[0].Start.Time().Add(time.Hour)
	opened := withWindows(nil, settings.Windows, release.Calendar{}, now)[0]
	opened.Issue, opened.State = 45, github.Open
	ended := func(by string, at time.Time) Freeze {
		return with(opened, func(f *Freeze) { f.State, f.End = github.Closed, &Thaw{By: by, At: at} })
	}
	moved := func(change func(*Window)) []Window {
		w := settings.Windows[0]
		change(&w)
		return []Window{w}
	}
	var earlier config.Moment
	if err := earlier.UnmarshalText([]byte("2026-11-01T06:30:00Z")); err != nil {
		t.Fatal(err)
	}
	other := []config.BranchPattern{"release-1.29"}
	for name, tc := range map[string]struct {
		have    []Freeze
		windows []Window
		b30     bool
		b29     bool
		freezes int
	}{
		"as it was":                       {[]Freeze{opened}, settings.Windows, true, false, 1},
		"other branches":                  {[]Freeze{opened}, moved(func(w *Window) { w.Branches = other }), false, true, 1},
		"an earlier end":                  {[]Freeze{opened}, moved(func(w *Window) { w.End = earlier }), false, false, 1},
		"taken out of the policy":         {[]Freeze{opened}, nil, false, false, 1},
		"renamed":                         {[]Freeze{opened}, moved(func(w *Window) { w.Name = "fall" }), true, false, 2},
		"thawed by a person":              {[]Freeze{ended("alice", now)}, settings.Windows, false, false, 1},
		"ended by itself, end then moved": {[]Freeze{ended("", now)}, settings.Windows, true, false, 2},
		"thawed in an earlier year":       {[]Freeze{ended("alice", now.AddDate(-1, 0, 0))}, settings.Windows, true, false, 2},
		"one branch thawed":               {[]Freeze{with(opened, func(f *Freeze) { f.Thaws = []Thaw{{Branch: "release-1.30", By: "alice", At: now}} })}, settings.Windows, false, false, 1},
	} {
		freezes := withWindows(tc.have, tc.windows, release.Calendar{}, now)
		if got := len(holding(freezes, "release-1.30", now)) > 0; got != tc.b30 {
			t.Errorf("%s: release-1.30 frozen %t", name, got)
		}
		if got := len(holding(freezes, "release-1.29", now)) > 0; got != tc.b29 {
			t.Errorf("%s: release-1.29 frozen %t", name, got)
		}
		if len(freezes) != tc.freezes {
			t.Errorf("%s: %d freezes, want %d", name, len(freezes), tc.freezes)
		}
	}
}

// TestOpenedBeforeTheEdge: a pull request that came a second before the freeze
// and is looked at a second after is held back: the time of the look counts.
func TestOpenedBeforeTheEdge(t *testing.T) {
	ok, settings := policyOf(t, windowPolicy)
	start := settings.Windows[0].Start.Time()
	pr := pull("release-1.30")
	pr.CreatedAt, pr.UpdatedAt = start.Add(-time.Second), start.Add(-time.Second)
	for now, want := range map[time.Time]effect.State{start.Add(-time.Second): effect.Pass, start: effect.Block, start.Add(time.Second): effect.Block} {
		v, _ := judge(known{state: state{Now: now, Policy: ok, Settings: settings, Freezes: withWindows(nil, settings.Windows, release.Calendar{}, now)}, PR: pr})
		if v.State != want {
			t.Errorf("at %s: %s", now, v.State)
		}
	}
}

func TestHolds(t *testing.T) {
	until := noon.Add(time.Hour)
	for name, tc := range map[string]struct {
		f    Freeze
		now  time.Time
		want bool
	}{
		"its branch":              {aFreeze("release-1.30"), noon, true},
		"another branch":          {aFreeze("release-1.29"), noon, false},
		"no end":                  {aFreeze("release-1.30"), noon.AddDate(5, 0, 0), true},
		"before its end":          {with(aFreeze("release-1.30"), func(f *Freeze) { f.Until = until }), until.Add(-1), true},
		"its end":                 {with(aFreeze("release-1.30"), func(f *Freeze) { f.Until = until }), until, false},
		"its branch thawed":       {with(aFreeze("release-1.30", "x"), func(f *Freeze) { f.Thaws = []Thaw{{Branch: "release-1.30"}} }), noon, false},
		"another thawed":          {with(aFreeze("release-1.30", "x"), func(f *Freeze) { f.Thaws = []Thaw{{Branch: "x"}} }), noon, true},
		"ended":                   {with(aFreeze("release-1.30"), func(f *Freeze) { f.End = &Thaw{} }), noon, false},
		"closed by hand, not yet": {with(aFreeze("release-1.30"), func(f *Freeze) { f.State = github.Closed }), noon, true},
		"altered":                 {altered("release-1.29"), noon, true},
		"the clock is behind":     {aFreeze("release-1.30"), noon.Add(-time.Minute), true},
	} {
		if got := tc.f.holds("release-1.30", tc.now); got != tc.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestSettings(t *testing.T) {
	for text, want := range map[string]string{
		"label: a,b": `"a,b" contains a comma`,
		"windows: [{name: x, branches: [r], start: 2026-01-02T00:00:00Z, end: 2026-01-01T00:00:00Z}]":                                                                                   "is not after the start",
		"windows: [{name: x, branches: [r], start: 2026-01-02T00:00:00Z, end: 2026-01-02T00:00:00Z}]":                                                                                   "is not after the start",
		"windows: [{name: x, branches: [r], start: 2026-03-29 02:30, end: 2026-04-01T00:00:00Z, zone: Europe/Berlin}]":                                                                  "doesn't exist in Europe/Berlin",
		"windows: [{name: x, branches: [r], start: 2026-10-25 02:30, end: 2026-11-01T00:00:00Z, zone: Europe/Berlin}]":                                                                  "happens twice in Europe/Berlin",
		"windows: [{name: x, branches: [r], start: 2026-01-01T00:00:00Z}]":                                                                                                              "end",
		"windows: [{name: x, branches: [], start: 2026-01-01T00:00:00Z, end: 2026-01-02T00:00:00Z}]":                                                                                    "branches",
		"windows: [{name: x, branches: [r], start: 2026-01-01T00:00:00Z, end: 2026-01-02T00:00:00Z, reson: y}]":                                                                         `did you mean "reason"?`,
		"windows: [{name: x, branches: [r], start: 2026-01-01T00:00:00Z, end: 2026-01-02T00:00:00Z}, {name: x, branches: [r], start: 2026-01-01T00:00:00Z, end: 2026-01-02T00:00:00Z}]": "another window's name already",
		"windows: [{name: x, branches: [r, rr], start: 2026-01-01T00:00:00Z, end: 2026-01-02T00:00:00Z}]":                                                                               `"rr" fits none of the policy's branches`,
		"exceptions: {accounts: [{login: bot}]}": "id",
		"exceptions: {paths: [/docs]}":           "without a slash",
		"exempt_for: 0h":                         "exempt_for",
		"exempt_for: 8d":                         "less than exempt_for",
	} {
		_, err := config.ParsePolicy("x", []byte("branches: [r]\nfreeze:\n  "+text+"\n"), config.Declare[Settings](Name))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want it to say %s", text, err, want)
		}
	}
	_, s := policyOf(t, "branches: [r]\n")
	if s.Label != "code-freeze" || s.ExemptFor.Std() != 24*time.Hour || s.ExemptAtMost.Std() != 7*24*time.Hour {
		t.Errorf("the defaults are %+v", s)
	}
}
