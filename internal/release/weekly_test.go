package release

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParseWeekly(t *testing.T) {
	week := []time.Weekday{1, 2, 3, 4, 5}
	for text, want := range map[string]Weekly{
		"friday 16:00":              {[]time.Weekday{5}, 16 * time.Hour},
		"Fri 4pm":                   {[]time.Weekday{5}, 16 * time.Hour},
		"Fri 4 pm":                  {[]time.Weekday{5}, 16 * time.Hour},
		"Fridays at 16:30":          {[]time.Weekday{5}, 16*time.Hour + 30*time.Minute},
		"mon, wed and thurs 18:00":  {[]time.Weekday{1, 3, 4}, 18 * time.Hour},
		"tues 08:00":                {[]time.Weekday{2}, 8 * time.Hour},
		"saturday":                  {[]time.Weekday{6}, 0},
		"saturday noon":             {[]time.Weekday{6}, 12 * time.Hour},
		"every sunday and saturday": {[]time.Weekday{0, 6}, 0},
		"weekdays 18:00":            {week, 18 * time.Hour},
		"day 22:00":                 {[]time.Weekday{0, 1, 2, 3, 4, 5, 6}, 22 * time.Hour},
		"06:00":                     {nil, 6 * time.Hour},
	} {
		got, err := ParseWeekly(text)
		if err != nil || !slices.Equal(got.Days, want.Days) || got.Clock != want.Clock {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"":                 "no day of a week",
		"fryday 16:00":     `"fryday" in "fryday 16:00" is neither a weekday nor a time of day`,
		"friday 25:00":     "not a time of day",
		"friday 12pm":      "read in two ways",
		"friday 16:00 PST": "a zone stands in `zone`",
		"friday 16:00Z":    "a zone stands in `zone`",
		"friday day 16:00": "names a weekday and every day",
		"weekend":          "doesn't say when the weekend begins",
		"2026-08-21 16:00": "neither a weekday",
		"friday" + strings.Repeat(" and friday", 20): "no day of a week",
	} {
		if got, err := ParseWeekly(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

func weeklyOf(t *testing.T, text string) Weekly {
	t.Helper()
	w, err := ParseWeekly(text)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestWeeklySpans goes over changes of the clocks in both hemispheres.
func TestWeeklySpans(t *testing.T) {
	for _, tt := range []struct{ name, every, to, zone, now, want string }{
		{"an ordinary weekend", "friday 16:00", "monday 08:00", "America/Los_Angeles", "2026-08-20T00:00:00Z", "2026-08-21T23:00:00Z to 2026-08-24T15:00:00Z"},
		{"within it", "friday 16:00", "monday 08:00", "America/Los_Angeles", "2026-08-23T00:00:00Z",
			"2026-08-21T23:00:00Z to 2026-08-24T15:00:00Z, 2026-08-28T23:00:00Z to 2026-08-31T15:00:00Z"},
		{"at its end", "friday 16:00", "monday 08:00", "America/Los_Angeles", "2026-08-24T15:00:00Z", "2026-08-28T23:00:00Z to 2026-08-31T15:00:00Z"},
		{"clocks go forward within, north", "friday 16:00", "monday 08:00", "Europe/Berlin", "2026-03-26T00:00:00Z", "2026-03-27T15:00:00Z to 2026-03-30T06:00:00Z"},
		{"clocks go back within, north", "friday 16:00", "monday 08:00", "Europe/Berlin", "2026-10-22T00:00:00Z", "2026-10-23T14:00:00Z to 2026-10-26T07:00:00Z"},
		{"clocks go forward within, south", "friday 16:00", "monday 08:00", "Australia/Sydney", "2026-10-01T00:00:00Z", "2026-10-02T06:00:00Z to 2026-10-04T21:00:00Z"},
		{"clocks go back within, south", "friday 16:00", "monday 08:00", "Australia/Sydney", "2026-04-02T00:00:00Z", "2026-04-03T05:00:00Z to 2026-04-05T22:00:00Z"},
		{"its start is skipped", "sunday 02:30", "sunday 12:00", "Europe/Berlin", "2026-03-28T00:00:00Z", "2026-03-29T01:00:00Z to 2026-03-29T10:00:00Z"},
		{"its end is skipped", "saturday 12:00", "sunday 02:30", "Europe/Berlin", "2026-03-28T00:00:00Z", "2026-03-28T11:00:00Z to 2026-03-29T01:00:00Z"},
		{"its start comes twice", "sunday 02:30", "sunday 12:00", "Europe/Berlin", "2026-10-24T00:00:00Z", "2026-10-25T00:30:00Z to 2026-10-25T11:00:00Z"},
		{"its end comes twice", "saturday 12:00", "sunday 02:30", "Europe/Berlin", "2026-10-24T00:00:00Z", "2026-10-24T10:00:00Z to 2026-10-25T01:30:00Z"},
		{"its start is skipped, south", "sunday 02:30", "sunday 12:00", "Australia/Sydney", "2026-10-03T00:00:00Z", "2026-10-03T16:00:00Z to 2026-10-04T01:00:00Z"},
		{"half an hour, Lord Howe", "sunday 01:45", "sunday 12:00", "Australia/Lord_Howe", "2026-04-04T00:00:00Z", "2026-04-04T14:45:00Z to 2026-04-05T01:30:00Z"},
		{"all of it is skipped", "sunday 02:15", "sunday 02:45", "Europe/Berlin", "2026-03-28T00:00:00Z", "2026-04-05T00:15:00Z to 2026-04-05T00:45:00Z"},
		{"nights of workdays", "weekdays 18:00", "08:00", "UTC", "2026-08-21T12:00:00Z", "2026-08-21T18:00:00Z to 2026-08-22T08:00:00Z"},
		{"days that touch are one", "saturday and sunday", "00:00", "UTC", "2026-08-21T12:00:00Z", "2026-08-22T00:00:00Z to 2026-08-24T00:00:00Z"},
		{"midnight is skipped", "saturday", "monday", "Africa/Cairo", "2026-04-23T12:00:00Z", "2026-04-24T21:00:00Z to 2026-04-26T21:00:00Z"},
		{"the day begins at one", "friday", "saturday", "Africa/Cairo", "2026-04-23T12:00:00Z", "2026-04-23T22:00:00Z to 2026-04-24T21:00:00Z"},
	} {
		zone, err := time.LoadLocation(tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		now, err := time.Parse(time.RFC3339, tt.now)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range WeeklySpans(weeklyOf(t, tt.every), weeklyOf(t, tt.to), zone, now, 0) {
			got = append(got, s.Start.UTC().Format(time.RFC3339)+" to "+s.End.UTC().Format(time.RFC3339))
		}
		if strings.Join(got, ", ") != tt.want {
			t.Errorf("%s: %s", tt.name, strings.Join(got, ", "))
		}
	}
}

func TestEndless(t *testing.T) {
	for _, tt := range []struct {
		every, to string
		want      bool
	}{
		{"friday 16:00", "monday 08:00", false},
		{"friday 16:00", "friday 16:00", true},
		{"friday 16:00", "friday 15:59", false},
		{"day 00:00", "00:00", true},
		{"day 00:00", "23:59", false},
		{"weekdays 00:00", "00:00", false},
		{"monday and thursday", "monday", true},
	} {
		if got := Endless(weeklyOf(t, tt.every), weeklyOf(t, tt.to)); got != tt.want {
			t.Errorf("%s to %s: %t", tt.every, tt.to, got)
		}
	}
}

func TestDaysSpan(t *testing.T) {
	for _, tt := range []struct{ first, last, zone, want string }{
		{"2026-12-24", "2026-12-24", "UTC", "2026-12-24T00:00:00Z to 2026-12-25T00:00:00Z"},
		{"2026-12-24", "2027-01-01", "Asia/Tokyo", "2026-12-23T15:00:00Z to 2027-01-01T15:00:00Z"},
		{"2026-03-29", "2026-03-29", "Europe/Berlin", "2026-03-28T23:00:00Z to 2026-03-29T22:00:00Z"},
		{"2026-10-04", "2026-10-04", "Australia/Sydney", "2026-10-03T14:00:00Z to 2026-10-04T13:00:00Z"},
	} {
		zone, err := time.LoadLocation(tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		first, _ := ParseDate(tt.first)
		last, _ := ParseDate(tt.last)
		s := Days{first, last}.Span(zone)
		if got := s.Start.UTC().Format(time.RFC3339) + " to " + s.End.UTC().Format(time.RFC3339); got != tt.want {
			t.Errorf("%s to %s in %s: %s", tt.first, tt.last, tt.zone, got)
		}
	}
}
