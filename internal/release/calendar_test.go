package release

import (
	"testing"
	"time"
)

// TestCalendar: two releases of one branch, of which the minor one decides.
func TestCalendar(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	days := Schedule{Cut: date(t, "2026-07-22"), Release: date(t, "2026-08-26"), Milestones: []Milestone{
		{"branch-cut", Offset{Cut, 0}, OpenPhase}, {"first-candidate", Offset{Release, -12}, ""}, {"code-freeze", Offset{Release, -7}, FrozenPhase},
		{"release", Offset{Release, 0}, ReleasedPhase}, {"end", Offset{Release, 240}, EndOfLife},
	}}
	minor := Plan{Version: Version{Major: 1, Minor: 31, Stage: Final}, Branch: "release-1.31", Schedule: days}
	patch := Plan{Version: Version{Major: 1, Minor: 31, Patch: 4, Stage: Final}, Branch: "release-1.31",
		Schedule: Schedule{Release: date(t, "2026-11-11"), Milestones: []Milestone{{"release", Offset{Release, 0}, ReleasedPhase}}}}
	over, out := minor, minor
	over.Closed, out.Out = true, true
	for _, tt := range []struct {
		name string
		plan Plan
		rc   bool
		at   string
		want PhaseSpan
	}{
		{"before the cut", minor, false, "2026-07-01T00:00:00Z", PhaseSpan{Planned, at(t, "2026-07-21T22:00:00Z"), OpenPhase}},
		{"a second before the freeze, there", minor, false, "2026-08-18T21:59:59Z", PhaseSpan{OpenPhase, at(t, "2026-08-18T22:00:00Z"), FrozenPhase}},
		{"the freeze", minor, false, "2026-08-18T22:00:00Z", PhaseSpan{Phase: FrozenPhase}},
		{"a candidate", minor, true, "2026-08-15T00:00:00Z", PhaseSpan{Phase: CandidatePhase}},
		{"late", minor, true, "2026-09-01T00:00:00Z", PhaseSpan{Phase: CandidatePhase}},
		{"released", out, true, "2026-09-01T00:00:00Z", PhaseSpan{ReleasedPhase, at(t, "2027-04-22T22:00:00Z"), EndOfLife}},
		{"closed early", over, false, "2026-08-01T00:00:00Z", PhaseSpan{ReleasedPhase, at(t, "2027-04-22T22:00:00Z"), EndOfLife}},
		{"the end, though closed", over, false, "2027-05-01T00:00:00Z", PhaseSpan{Phase: EndOfLife}},
	} {
		tt.plan.Candidate = tt.rc
		c := Calendar{Plans: []Plan{patch, tt.plan}, Zone: berlin}
		m := c.Minor("release-1.31")
		if m == nil || m.Version != minor.Version {
			t.Fatalf("%s: %+v decides", tt.name, m)
		}
		got := c.PhaseAt(*m, at(t, tt.at))
		if got.Phase != tt.want.Phase || got.Next != tt.want.Next || !got.Until.Equal(tt.want.Until) {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
	c := Calendar{Plans: []Plan{patch}}
	if c.Minor("release-1.31") != nil || c.Minor("release-1.30") != nil || c.Plan("1.31.4") == nil || c.Plan("1.31.0") != nil {
		t.Error("a patch release decides a phase, or is unknown")
	}
	open := minor
	open.URL = "open"
	if m := (Calendar{Plans: []Plan{over, open}}).Minor("release-1.31"); m == nil || m.URL != "open" {
		t.Errorf("of two %+v decides", m)
	}
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
