package ical

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/release"
)

// file is a calendar with events, each of its lines.
func file(events ...string) string {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\n")
	for i, e := range events {
		fmt.Fprintf(&b, "BEGIN:VEVENT\r\nUID:%d\r\nDTSTAMP:20260101T000000Z\r\n%s\r\nEND:VEVENT\r\n", i, strings.ReplaceAll(e, " ", "\r\n"))
	}
	b.WriteString("END:VCALENDAR\r\n")
	return b.String()
}

func TestSpans(t *testing.T) {
	for _, tt := range []struct{ name, zone, now, want string }{
		{"DTSTART;VALUE=DATE:20261224 SUMMARY:Eve", "UTC", "2026-12-01", "2026-12-24T00:00:00Z to 2026-12-25T00:00:00Z Eve"},
		{"DTSTART;VALUE=DATE:20261224 DTEND;VALUE=DATE:20261227", "Asia/Tokyo", "2026-12-01", "2026-12-23T15:00:00Z to 2026-12-26T15:00:00Z"},
		{"DTSTART;VALUE=DATE:20261004 SUMMARY:Labour\\,day", "Australia/Sydney", "2026-09-01", "2026-10-03T14:00:00Z to 2026-10-04T13:00:00Z Labour,day"},
		{"DTSTART;VALUE=DATE:20101225 RRULE:FREQ=YEARLY", "America/New_York", "2026-12-25", "2026-12-25T05:00:00Z to 2026-12-26T05:00:00Z"},
		{"DTSTART;VALUE=DATE:20101225 RRULE:FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25", "UTC", "2026-12-26", "2027-12-25T00:00:00Z to 2027-12-26T00:00:00Z"},
		{"DTSTART;VALUE=DATE:20251127 RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", "UTC", "2026-11-01", "2026-11-26T00:00:00Z to 2026-11-27T00:00:00Z"},
		{"DTSTART;VALUE=DATE:20260525 RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO", "UTC", "2027-01-01", "2027-05-31T00:00:00Z to 2027-06-01T00:00:00Z"},
		{"DTSTART;VALUE=DATE:20240229 RRULE:FREQ=YEARLY", "UTC", "2026-01-01", "2028-02-29T00:00:00Z to 2028-03-01T00:00:00Z"},
		{"DTSTART;VALUE=DATE:20250101 RRULE:FREQ=YEARLY;COUNT=2", "UTC", "2026-01-02", ""},
		{"DTSTART;VALUE=DATE:20250101 RRULE:FREQ=YEARLY;COUNT=3", "UTC", "2026-01-02", "2027-01-01T00:00:00Z to 2027-01-02T00:00:00Z"},
		{"DTSTART;VALUE=DATE:20200229 RRULE:FREQ=YEARLY;COUNT=2", "UTC", "2023-01-01", "2024-02-29T00:00:00Z to 2024-03-01T00:00:00Z"},
		{"DTSTART;VALUE=DATE:20200229 RRULE:FREQ=YEARLY;COUNT=2", "UTC", "2026-03-01", ""},
		{"DTSTART;VALUE=DATE:19000101 RRULE:FREQ=YEARLY;COUNT=1000000000", "UTC", "2026-01-02", "2027-01-01T00:00:00Z to 2027-01-02T00:00:00Z"},
		{"DTSTART;VALUE=DATE:20250101 RRULE:FREQ=YEARLY;COUNT=9;UNTIL=20260101", "UTC", "2026-01-02", ""},
		{"DTSTART;VALUE=DATE:20250101 RRULE:FREQ=YEARLY;UNTIL=20270101", "UTC", "2026-01-02", "2027-01-01T00:00:00Z to 2027-01-02T00:00:00Z"},
		{"DTSTART;VALUE=DATE:20250101 RRULE:FREQ=YEARLY EXDATE;VALUE=DATE:20260101", "UTC", "2025-12-01", "2027-01-01T00:00:00Z to 2027-01-02T00:00:00Z"},
		{"DTSTART:20261224T120000Z DTEND:20261224T180000Z", "Asia/Tokyo", "2026-12-01", "2026-12-24T12:00:00Z to 2026-12-24T18:00:00Z"},
		{"DTSTART;TZID=Europe/Berlin:20260329T023000 DTEND;TZID=Europe/Berlin:20260329T120000", "UTC", "2026-03-01", "2026-03-29T01:00:00Z to 2026-03-29T10:00:00Z"},
		{"DTSTART:20261224T120000 DTEND:20261225T000000", "Europe/Berlin", "2026-12-01", "2026-12-24T11:00:00Z to 2026-12-24T23:00:00Z"},
		{"DTSTART;VALUE=DATE:20261224 STATUS:CANCELLED", "UTC", "2026-12-01", ""},
	} {
		zone, err := time.LoadLocation(tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		now, err := time.Parse(time.DateOnly, tt.now)
		if err != nil {
			t.Fatal(err)
		}
		c, err := Read(file(tt.name), zone)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		got := ""
		if list := release.Upcoming(c.Spans(now), now, 0); len(list) > 0 {
			s := list[len(list)-1]
			got = strings.TrimSpace(s.Start.UTC().Format(time.RFC3339) + " to " + s.End.UTC().Format(time.RFC3339) + " " + strings.Join(s.Names, "; "))
		}
		if got != tt.want {
			t.Errorf("%s: %s", tt.name, got)
		}
	}
}

// TestYearsThatAreWalked: those that are asked for, however long ago the event was first.
func TestYearsThatAreWalked(t *testing.T) {
	for _, tt := range []struct{ name, want string }{
		{"DTSTART:19700101 RRULE:FREQ=YEARLY", "[2024 2025 2026 2027 2028]"},
		{"DTSTART:19000101 RRULE:FREQ=YEARLY;COUNT=127", "[2024 2025 2026]"},
		{"DTSTART:19700101 RRULE:FREQ=YEARLY;UNTIL=20250101", "[2024 2025]"},
		{"DTSTART:19700101 RRULE:FREQ=YEARLY;COUNT=5", "[]"},
		{"DTSTART:20270101 RRULE:FREQ=YEARLY", "[2027 2028]"},
	} {
		c, err := Read(file(tt.name), time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(c.events[0].years(2024, 2028)); got != tt.want {
			t.Errorf("%s: %s", tt.name, got)
		}
	}
}

func TestDaysThatTouchAreOne(t *testing.T) {
	c, err := Read(file("DTSTART;VALUE=DATE:20261225 SUMMARY:One", "DTSTART;VALUE=DATE:20261226 SUMMARY:Two", "DTSTART;VALUE=DATE:20261225 SUMMARY:One"), time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	got := c.Spans(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))
	if later := c.Spans(time.Date(2030, 12, 1, 0, 0, 0, 0, time.UTC)); len(later) != 0 {
		t.Errorf("years later: %v", later)
	}
	if len(got) != 1 || got[0].End.Day() != 27 || strings.Join(got[0].Names, ",") != "One,Two" {
		t.Errorf("%v", got)
	}
}

func TestFaults(t *testing.T) {
	for text, want := range map[string]string{
		"": "it has no event",
		strings.TrimSuffix(file("DTSTART:20261224"), "END:VCALENDAR\r\n"): "it is cut off",
		"<!DOCTYPE html>\n":              "it is no iCalendar file",
		file():                           "it has no event",
		file("SUMMARY:x"):                `its event "x" of: its DTSTART is missing`,
		file("DTSTART:soon"):             `its DTSTART "soon" is no time`,
		file("DTSTART:20261324"):         `its DTSTART "20261324" is no time`,
		file("DTSTART:20261224T120000Z"): "has no DTEND",
		file("DTSTART:20261224T120000Z DURATION:PT1H"):                     "has DURATION, which Slipway doesn't read",
		file("DTSTART:20261224 DTEND:20261224T120000Z"):                    "begins or ends with a time, and not both",
		file("DTSTART:20261224 DTEND:20261224"):                            "ends before it begins",
		file("DTSTART:20261224 DTEND:20281224"):                            "lasts longer than a year",
		file("DTSTART;TZID=Nowhere:20261224T000000 DTEND:20261225T000000"): `is in the zone "Nowhere"`,
		file("DTSTART:20261224 RRULE:FREQ=WEEKLY"):                         `recurs by RRULE "FREQ=WEEKLY": want FREQ=YEARLY`,
		file("DTSTART:20261224 RRULE:FREQ=YEARLY;INTERVAL=2"):              "recurs by RRULE",
		file("DTSTART:20261224 RRULE:FREQ=YEARLY;BYMONTH=11"):              "recurs by RRULE",
		file("DTSTART:20261224 RRULE:FREQ=YEARLY;BYDAY=MO"):                "recurs by RRULE",
		file("DTSTART:20261224 RRULE:FREQ=YEARLY;BYMONTH=12;BYDAY=4TU"):    "recurs by RRULE",
		file("DTSTART:20261224 RDATE:20261231"):                            "has RDATE",
		file("DTSTART:20261224 RECURRENCE-ID:20261231"):                    "has RECURRENCE-ID",
		file("DTSTART:20261224 EXDATE:never RRULE:FREQ=YEARLY"):            "its EXDATE",
		strings.Repeat("x", MaxSize+1):                                     "want at most 524288",
		strings.Repeat("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", 999):         "it is no iCalendar file",
	} {
		if c, err := Read(text, time.UTC); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.200q: %v, %v", text, c, err)
		}
	}
	many := make([]string, MaxEvents+1)
	for i := range many {
		many[i] = "DTSTART:20261224"
	}
	if _, err := Read(file(many...), time.UTC); err == nil || !strings.Contains(err.Error(), "want at most 2000") {
		t.Error(err)
	}
}
