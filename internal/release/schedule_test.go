package release

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

func date(t *testing.T, text string) Date {
	t.Helper()
	d, err := ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// istioLike is a minor release's schedule as projects keep it.
func istioLike(t *testing.T) Schedule {
	t.Helper()
	s := Schedule{Cut: date(t, "2026-07-22"), Release: date(t, "2026-08-26"), Moved: map[string]Date{}}
	for _, m := range []struct {
		name, at string
		phase    Phase
	}{
		{"branch-cut", "cut", OpenPhase}, {"announce", "cut-14d", ""}, {"features-closed", "cut+14d", ClosingPhase},
		{"code-freeze", "release-7d", FrozenPhase}, {"release", "release", ReleasedPhase}, {"end-of-life", "release+180d", EndOfLife},
	} {
		at, err := ParseOffset(m.at)
		if err != nil {
			t.Fatal(err)
		}
		s.Milestones = append(s.Milestones, Milestone{m.name, at, m.phase})
	}
	return s
}

func TestDates(t *testing.T) {
	for _, tc := range []struct{ name, cut, moved, day, want string }{
		{"as offsets", "2026-07-22", "", "", "announce 2026-07-08, branch-cut 2026-07-22, features-closed 2026-08-05, code-freeze 2026-08-19, release 2026-08-26, end-of-life 2027-02-22"},
		{"one moved", "2026-07-22", "code-freeze", "2026-08-01", "announce 2026-07-08, branch-cut 2026-07-22, code-freeze 2026-08-01*, features-closed 2026-08-05, release 2026-08-26, end-of-life 2027-02-22"},
		{"no cut", "", "", "", "code-freeze 2026-08-19, release 2026-08-26, end-of-life 2027-02-22"},
	} {
		s := istioLike(t)
		if s.Cut = (Date{}); tc.cut != "" {
			s.Cut = date(t, tc.cut)
		}
		if tc.moved != "" {
			s.Moved[tc.moved] = date(t, tc.day)
		}
		var got []string
		for _, d := range s.Dates() {
			star := ""
			if d.Moved {
				star = "*"
			}
			got = append(got, fmt.Sprintf("%s %s%s", d.Name, d.Day, star))
		}
		if strings.Join(got, ", ") != tc.want {
			t.Errorf("%s: %s", tc.name, strings.Join(got, ", "))
		}
	}
}

func TestPhase(t *testing.T) {
	s := istioLike(t)
	for _, tc := range []struct {
		day       string
		candidate bool
		want      Phase
	}{
		{"2026-07-10", false, Planned}, {"2026-07-21", true, Planned},
		{"2026-07-22", false, OpenPhase}, {"2026-08-04", false, OpenPhase}, {"2026-08-05", false, ClosingPhase},
		{"2026-08-18", false, ClosingPhase}, {"2026-08-19", false, FrozenPhase}, {"2026-08-20", true, CandidatePhase},
		{"2026-08-12", true, CandidatePhase}, {"2026-08-26", true, CandidatePhase}, {"2026-09-26", false, FrozenPhase}, {"2027-02-22", false, EndOfLife},
	} {
		if got := s.Phase(date(t, tc.day), Reached{Candidate: tc.candidate}); got != tc.want {
			t.Errorf("%s, candidate %t: %s, want %s", tc.day, tc.candidate, got, tc.want)
		}
	}
	for day, want := range map[string]Phase{"2026-08-25": CandidatePhase, "2026-08-26": ReleasedPhase} {
		if got := s.Phase(date(t, day), Reached{Candidate: true, Out: true}); got != want {
			t.Errorf("%s, and it is out: %s, want %s", day, got, want)
		}
	}
	s.Cut = Date{}
	if got := s.Phase(date(t, "2026-08-01"), Reached{}); got != ReleasedPhase {
		t.Errorf("a patch release is in the phase %s", got)
	}
}

func TestScheduleFault(t *testing.T) {
	s := istioLike(t)
	if f := s.Fault(); f != "" {
		t.Errorf("nothing is wrong, but: %s", f)
	}
	s.Moved["code-freeze"] = date(t, "2026-08-01")
	if f := s.Fault(); f != "code-freeze, 2026-08-01, comes before features-closed, 2026-08-05" {
		t.Error(f)
	}
	s.Release = date(t, "2026-07-22")
	if f := s.Fault(); f != "the release, 2026-07-22, is not after the cut, 2026-07-22" {
		t.Error(f)
	}
}

func TestParseDates(t *testing.T) {
	for text, want := range map[string]string{
		"2026-02-30": "names a day that the calendar doesn't have: want a day like", "2026-8-1": "is not a day: want", "": `"" is not a day`,
		"2026-08-19 17:00": "is not a day", "19.8.2026": "is not a day", "0026-08-19": "is not a day",
	} {
		if d, err := ParseDate(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v", text, d, err)
		}
	}
	for text, want := range map[string]string{"cut": "cut", "release-7d": "release-7d", "cut+14d": "cut+14d", "release-0d": "release"} {
		if o, err := ParseOffset(text); err != nil || o.String() != want {
			t.Errorf("%s: %s, %v", text, o, err)
		}
	}
	for _, text := range []string{"", "now", "cut14d", "cut+14", "release-1000d", "release - 7d", "cut+7h", "Cut"} {
		if o, err := ParseOffset(text); err == nil || !strings.Contains(err.Error(), "is not a day of a schedule: want cut or release") {
			t.Errorf("%q: %s, %v", text, o, err)
		}
	}
}

func TestDateArithmetic(t *testing.T) {
	ny := zone(t, "America/New_York")
	d := DateOf(time.Date(2026, 3, 8, 3, 0, 0, 0, time.UTC), ny)
	if d.String() != "2026-03-07" || d.Plus(-7).String() != "2026-02-28" || d.Sub(date(t, "2026-02-27")) != 8 {
		t.Errorf("%s, %s, %d", d, d.Plus(-7), d.Sub(date(t, "2026-02-27")))
	}
	if got := date(t, "2026-03-09").Begins(ny).UTC().Format(time.RFC3339); got != "2026-03-09T04:00:00Z" {
		t.Error(got)
	}
	raw, err := json.Marshal(map[string]Date{"a": d, "b": {}})
	if err != nil || string(raw) != `{"a":"2026-03-07","b":""}` {
		t.Errorf("%s, %v", raw, err)
	}
	var back map[string]Date
	if err := json.Unmarshal(raw, &back); err != nil || back["a"] != d || !back["b"].IsZero() {
		t.Errorf("%v, %v", back, err)
	}
}
