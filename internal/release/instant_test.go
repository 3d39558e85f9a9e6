package release

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the same zones on every machine
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestParseInstant(t *testing.T) {
	for _, tc := range []struct{ text, zone, want string }{
		{"2026-08-19T17:00:00Z", "America/New_York", "2026-08-19T17:00:00Z"},
		{"2026-08-19T17:00:00+02:00", "UTC", "2026-08-19T15:00:00Z"},
		{"2026-08-19 17:00-07:00", "UTC", "2026-08-20T00:00:00Z"},
		{"2026-08-19 17:00", "UTC", "2026-08-19T17:00:00Z"},
		{"2026-08-19T17:00", "Europe/Berlin", "2026-08-19T15:00:00Z"},
		{"2026-01-19 17:00:30", "Europe/Berlin", "2026-01-19T16:00:30Z"},
		{"2024-02-29 00:00", "Asia/Kathmandu", "2024-02-28T18:15:00Z"},
		// The last and the first moment on each side of both changes.
		{"2026-03-29 01:59:59", "Europe/Berlin", "2026-03-29T00:59:59Z"},
		{"2026-03-29 03:00", "Europe/Berlin", "2026-03-29T01:00:00Z"},
		{"2026-10-25 01:59:59", "Europe/Berlin", "2026-10-24T23:59:59Z"},
		{"2026-10-25 03:00", "Europe/Berlin", "2026-10-25T02:00:00Z"},
		{"2026-03-08 01:59", "America/New_York", "2026-03-08T06:59:00Z"},
		{"2026-03-08 03:00", "America/New_York", "2026-03-08T07:00:00Z"},
		{"2026-11-01 02:00", "America/New_York", "2026-11-01T07:00:00Z"},
		{"2026-10-04 03:00", "Australia/Sydney", "2026-10-03T16:00:00Z"},
		// With an offset nothing is ambiguous, and nothing is missing.
		{"2026-10-25T02:30:00+02:00", "Europe/Berlin", "2026-10-25T00:30:00Z"},
		{"2026-10-25T02:30:00+01:00", "Europe/Berlin", "2026-10-25T01:30:00Z"},
		// A zone whose clocks moved by half an hour, and one far from any change.
		{"2026-04-05 02:00", "Australia/Lord_Howe", "2026-04-04T15:30:00Z"},
		{"2026-12-31 23:59", "Asia/Tokyo", "2026-12-31T14:59:00Z"},
	} {
		got, err := ParseInstant(tc.text, zone(t, tc.zone))
		if err != nil || got.UTC().Format(time.RFC3339) != tc.want {
			t.Errorf("%s in %s: %v, %v, want %s", tc.text, tc.zone, got.UTC(), err, tc.want)
		}
	}
}

func TestParseInstantFaults(t *testing.T) {
	for _, tc := range []struct{ text, zone, want string }{
		{"2026-03-29 02:00", "Europe/Berlin", "2026-03-29 02:00 doesn't exist in Europe/Berlin, where the clocks go from 2026-03-29 02:00 to 2026-03-29 03:00: want a time before 2026-03-29 02:00 or from 2026-03-29 03:00 on"},
		{"2026-03-29 02:59:59", "Europe/Berlin", "2026-03-29 02:59:59 doesn't exist"},
		{"2026-03-08 02:30", "America/New_York", "go from 2026-03-08 02:00 to 2026-03-08 03:00"},
		{"2026-03-08 02:01", "America/New_York", "go from 2026-03-08 02:00 to 2026-03-08 03:00"},
		{"2026-10-04 02:15", "Australia/Sydney", "go from 2026-10-04 02:00 to 2026-10-04 03:00"},
		{"2026-10-04 02:15", "Australia/Lord_Howe", "go from 2026-10-04 02:00 to 2026-10-04 02:30"},
		{"2011-12-30 12:00", "Pacific/Apia", "go from 2011-12-30 00:00 to 2011-12-31 00:00"},
		{"2026-10-25 02:00", "Europe/Berlin", "2026-10-25 02:00 happens twice in Europe/Berlin, where the clocks go back: want 2026-10-25T02:00:00+02:00 or 2026-10-25T02:00:00+01:00"},
		{"2026-10-25 02:59:59", "Europe/Berlin", "want 2026-10-25T02:59:59+02:00 or 2026-10-25T02:59:59+01:00"},
		{"2026-11-01 01:30", "America/New_York", "want 2026-11-01T01:30:00-04:00 or 2026-11-01T01:30:00-05:00"},
		{"2026-04-05 01:45", "Australia/Lord_Howe", "want 2026-04-05T01:45:00+11:00 or 2026-04-05T01:45:00+10:30"},
		{"2026-02-30 12:00", "UTC", `"2026-02-30 12:00" names a day that the calendar doesn't have`},
		{"2026-13-01 12:00", "UTC", `"2026-13-01 12:00" is not a time: want a time like`},
		{"2026-08-19", "UTC", "is not a time"},
		{"2026-08-19 24:00", "UTC", "is not a time"},
		{"2026-08-19 17:00 CEST", "UTC", "is not a time"},
		{"19.8.2026 17:00", "UTC", "is not a time"},
		{"2026-08-19T17:00:00.5Z", "UTC", "is not a time"},
		{"", "UTC", `"" is not a time`},
		{strings.Repeat("x", 1000), "UTC", "…\" is not a time"},
	} {
		got, err := ParseInstant(tc.text, zone(t, tc.zone))
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s in %s: %v, %v\nwant %s", tc.text, tc.zone, got, err, tc.want)
		}
	}
}

// TestEveryMinuteAroundEveryChange holds ParseInstant to the clocks themselves:
// what they show at an instant leads back to it, or is told to be ambiguous.
func TestEveryMinuteAroundEveryChange(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/St_Johns", "Africa/Casablanca", "Europe/Dublin"} {
		z := zone(t, name)
		seen := map[string][]time.Time{}
		edge := time.Date(2026, 1, 1, 0, 0, 0, 0, z)
		for {
			if _, edge = edge.ZoneBounds(); edge.IsZero() || edge.Year() > 2027 {
				break
			}
			for minute := -200; minute < 200; minute++ {
				at := edge.Add(time.Duration(minute) * time.Minute).In(z)
				seen[showWall(at)] = append(seen[showWall(at)], at)
			}
		}
		for text, instants := range seen {
			got, err := ParseInstant(text, z)
			if len(instants) == 1 && (err != nil || !got.Equal(instants[0])) {
				t.Fatalf("%s in %s: %v, %v, want %s", text, name, got, err, instants[0])
			}
			if len(instants) > 1 && (err == nil || !strings.Contains(err.Error(), "twice")) {
				t.Fatalf("%s in %s: %v, %v, want it to be ambiguous", text, name, got, err)
			}
		}
	}
}

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"24h": Day, "7d": 7 * Day, "90m": 90 * time.Minute, "1d12h": 36 * time.Hour, "30s": 30 * time.Second, "0s": 0,
		"12h1d": 36 * time.Hour, "3650d": MaxDuration,
	} {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"": "is not a duration: want a duration like 90m, 24h or 7d", "7": "is not", "1.5h": "is not", "-1h": "is not", "1w": "is not",
		"7 d": "is not", "3 days": "is not", "3651d": "is too long: want at most 3650d", "9999999d": "too long",
		"3650d1s": "too long", "99999999h": "is not a duration", strings.Repeat("1s", 40): "is not",
	} {
		if got, err := ParseDuration(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v, want %s", text, got, err, want)
		}
	}
	for want, d := range map[string]time.Duration{
		"7d": 7 * Day, "36h": 36 * time.Hour, "24h": Day, "2d12h": 60 * time.Hour, "1h30m": 90 * time.Minute, "0s": 0, "45s": 45 * time.Second, "-1h": -time.Hour,
	} {
		if got := FormatDuration(d); got != want {
			t.Errorf("%v is written %s, want %s", d, got, want)
		}
	}
}
