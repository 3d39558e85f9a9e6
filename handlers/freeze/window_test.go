package freeze

import (
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/release"
)

const milestonePolicy = policyText + `  windows:
    - {name: code freeze, branches: ["release-1.3*"], start: code-freeze 17:00, end: release, reason: Blockers only}
`

func day(text string) release.Date {
	d, err := release.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

// minorPlan is 1.30 with the days of its code freeze and its release.
func minorPlan(freeze, out string) release.Plan {
	return release.Plan{
		Version: release.Version{Major: 1, Minor: 30, Stage: release.Final}, Branch: "release-1.30",
		Title: "Istio 1.30", URL: "https://github.com/istio/istio/issues/3",
		Schedule: release.Schedule{Release: day(out), Moved: map[string]release.Date{"code-freeze": day(freeze)}, Milestones: []release.Milestone{
			{Name: "code-freeze", At: release.Offset{From: release.Release, Days: -7}}, {Name: "release", At: release.Offset{From: release.Release}},
		}},
	}
}

// patchPlan is 1.30.4, whose schedule has no code freeze.
func patchPlan() release.Plan {
	return release.Plan{
		Version: release.Version{Major: 1, Minor: 30, Patch: 4, Stage: release.Final}, Branch: "release-1.30", Title: "Istio 1.30.4",
		Schedule: release.Schedule{Release: day("2026-08-20"), Milestones: []release.Milestone{{Name: "release", At: release.Offset{From: release.Release}}}},
	}
}

// TestMilestoneWindows goes through what dates that move come to.
func TestMilestoneWindows(t *testing.T) {
	p, settings := milestones(t)
	edge := time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC).Add(17*time.Hour + 7*time.Hour) // 17:00 in Los Angeles
	inForce := release.Calendar{Plans: []release.Plan{minorPlan("2026-08-01", "2026-08-26"), patchPlan()}}
	now := edge.Add(time.Hour)
	opened := withWindows(nil, settings.Windows, inForce, now)[0]
	opened.Issue, opened.URL, opened.State, opened.Noticed, opened.Opened = 45, "https://github.com/istio/istio/issues/45", github.Open, Began, edge
	plans := func(list ...release.Plan) release.Calendar { return release.Calendar{Plans: list} }
	closed := minorPlan("2026-08-01", "2026-08-26")
	closed.Closed = true
	unread := release.Calendar{Unclear: "the tracking issues in `istio/istio` can't be read"}
	thawed := with(opened, func(f *Freeze) { f.State, f.End = github.Closed, &Thaw{By: "alice", At: now} })
	ended := with(opened, func(f *Freeze) { f.State, f.End = github.Closed, &Thaw{At: now, Why: "it was moved"} })
	for _, tt := range []struct {
		name   string
		have   []Freeze
		cal    release.Calendar
		now    time.Time
		frozen bool
		count  int
		ends   bool // upkeep ends the one with the issue
	}{
		{"before its instant", nil, inForce, edge.Add(-time.Second), false, 0, false},
		{"at its instant", nil, inForce, edge, true, 1, false},
		{"at the release", nil, inForce, time.Date(2026, 8, 26, 7, 0, 0, 0, time.UTC), false, 0, false},
		{"no tracking issue", nil, plans(), now, false, 0, false},
		{"a patch release alone", nil, plans(patchPlan()), now, false, 0, false},
		{"as it was", []Freeze{opened}, inForce, now, true, 1, false},
		{"moved earlier", []Freeze{opened}, plans(minorPlan("2026-07-20", "2026-08-26")), now, true, 1, false},
		{"moved later", []Freeze{opened}, plans(minorPlan("2026-08-03", "2026-08-26")), now, false, 1, true},
		{"the release moved later", []Freeze{opened}, plans(minorPlan("2026-08-01", "2026-09-09")), time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC), true, 1, false},
		{"the release moved to today", []Freeze{opened}, plans(minorPlan("2026-08-01", "2026-08-01")), now, false, 1, true},
		{"the tracking issue is closed", []Freeze{opened}, plans(closed), now, false, 1, true},
		{"the tracking issue is gone", []Freeze{opened}, plans(patchPlan()), now, true, 1, false},
		{"it can't be read", []Freeze{opened}, unread, now, true, 1, false},
		{"gone, and its time is over", []Freeze{opened}, plans(), time.Date(2026, 8, 26, 7, 0, 0, 0, time.UTC), false, 1, true},
		{"thawed", []Freeze{thawed}, inForce, now.Add(time.Hour), false, 1, false},
		{"thawed, then moved later", []Freeze{thawed}, plans(minorPlan("2026-08-03", "2026-08-26")), edge.AddDate(0, 0, 3), true, 2, false},
		{"ended by a move, and back", []Freeze{ended}, inForce, now.Add(time.Hour), true, 2, false},
	} {
		freezes := withWindows(tt.have, settings.Windows, tt.cal, tt.now)
		if got := len(holding(freezes, "release-1.30", tt.now)) > 0; got != tt.frozen || len(freezes) != tt.count {
			t.Errorf("%s: frozen %t, %d freezes", tt.name, got, len(freezes))
		}
		if len(holding(freezes, "release-1.31", tt.now)) > 0 {
			t.Errorf("%s: release-1.31 is frozen, which has no such release", tt.name)
		}
		s := state{Repo: repo, Now: tt.now, Policy: p, Settings: settings, RepoID: 5, Freezes: freezes, Calendar: tt.cal}
		plan := upkeep(upkeepFacts{state: s})
		if got := wrote(plan.Effects) == "45 closed"; got != tt.ends {
			t.Errorf("%s: wrote %q", tt.name, wrote(plan.Effects))
		}
		if wrote(plan.Effects) != "" {
			golden.Check(t, "milestones "+tt.name+".md", texts(plan.Effects))
		}
	}
}

func milestones(t *testing.T) (config.Loaded, Settings) {
	t.Helper()
	p, err := config.ParsePolicy("istio/istio:.github/slipway.yml", []byte(milestonePolicy+"other: {}\n"), config.Declare[Settings](Name), config.Declare[other]("other"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := config.Section[Settings](p, Name)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Notes) != 1 || !strings.Contains(p.Notes[0], `"code freeze": what follows milestones freezes a branch only while`) {
		t.Errorf("the notes: %q", p.Notes)
	}
	return config.Loaded{Policy: p, URL: "https://github.com/istio/istio/blob/master/.github/slipway.yml"}, s
}

// other is a section with schedules: those of minor and of patch releases.
type other struct{}

func (other) Validate() error { return nil }

func (other) Milestones() [][]release.Milestone {
	return [][]release.Milestone{minorPlan("2026-08-01", "2026-08-26").Schedule.Milestones, patchPlan().Schedule.Milestones,
		{{Name: "testing", At: release.Offset{From: release.Cut, Days: 3}}, {Name: "late", At: release.Offset{From: release.Release}}}}
}

// TestUnclearWindows: what nobody can tell holds back, but for what no freeze would.
func TestUnclearWindows(t *testing.T) {
	p, settings := milestones(t)
	cal := release.Calendar{Unclear: "the tracking issues in `istio/istio` can't be read"}
	f := known{state: state{Now: noon, Policy: p, Settings: settings, Calendar: cal}, PR: pull("release-1.30")}
	v, next := judge(f)
	if v.State != effect.Block || !next.Equal(noon.Add(unclearWait)) {
		t.Errorf("%s %q, next %s", v.State, v.Title, next)
	}
	golden.Check(t, "check unclear.md", v.Detail+"\n")
	for name, change := range map[string]func(*known){
		"a branch that no window follows": func(f *known) { f.PR.Base = "release-1.29" },
		"windows by instants alone":       func(f *known) { f.Settings.Windows = nil },
	} {
		g := f
		change(&g)
		if v, next := judge(g); v.State != effect.Pass || !next.IsZero() {
			t.Errorf("%s: %s %q", name, v.State, v.Title)
		}
	}
	f.Freezes = []Freeze{with(aFreeze("release-1.30"), func(f *Freeze) { f.Exemptions = []Exemption{row(head, noon.Add(time.Hour))} })}
	if v, _ := judge(f); v.State != effect.Block {
		t.Errorf("exempt from the one that is known: %s %q", v.State, v.Title)
	}
	f.Set = []labelled{{"freeze-exempt", alice, true, ""}}
	if v, _ := judge(f); v.State != effect.Pass {
		t.Errorf("excepted: %s %q", v.State, v.Title)
	}
}

func TestMilestoneFaults(t *testing.T) {
	for window, want := range map[string]string{
		"start: code-freze, end: release":                                `freeze.windows[0].start: unknown milestone "code-freze"; did you mean "code-freeze"?`,
		"start: code-freeze, end: relaese 17:00":                         `did you mean "release"?`,
		"start: vacation, end: release":                                  `unknown milestone "vacation"; known are code-freeze, release, testing, late`,
		"start: release, end: code-freeze":                               "freeze.windows[0].end: code-freeze is not after the start, release",
		"start: release 17:00, end: release 16:00":                       "is not after the start",
		"start: testing, end: release":                                   `no schedule has both "testing" and "release", so the window would freeze nothing`,
		"start: code-freeze 25:00, end: release":                         "is neither a time nor a milestone",
		"start: Code-Freeze, end: release":                               `did you mean "code-freeze"?`,
		"start: testing, end: late":                                      "",
		"start: code-freeze, end: 2026-08-26 17:00":                      "",
		"start: 2026-08-19 17:00, end: release":                          "",
		"start: release 09:00, end: release 17:00, zone: Europe/Berlin":  "",
		"start: 2026-03-29 02:30, end: release, zone: Europe/Berlin":     "doesn't exist in Europe/Berlin",
		"start: code-freeze, end: 2026-10-25 02:30, zone: Europe/Berlin": "happens twice in Europe/Berlin",
	} {
		text := "branches: [r]\nother: {}\nfreeze:\n  windows: [{name: x, branches: [r], " + window + "}]\n"
		_, err := config.ParsePolicy("x", []byte(text), config.Declare[Settings](Name), config.Declare[other]("other"))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want it to say %q", window, err, want)
		}
	}
	_, err := config.ParsePolicy("x", []byte("branches: [r]\nfreeze:\n  windows: [{name: x, branches: [r], start: code-freeze, end: release}]\n"), config.Declare[Settings](Name))
	if err == nil || !strings.Contains(err.Error(), "names a milestone, and the policy has no schedule with milestones, under checklist.templates") {
		t.Errorf("without schedules: %v", err)
	}
}
