package release

import (
	"strings"
	"testing"
	"time"
)

// TestReadSpoken holds wordings that people used, on a Wednesday in Los Angeles.
func TestReadSpoken(t *testing.T) {
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 8, 19, 10, 0, 0, 0, zone)
	for _, c := range []struct{ text, from, until, rest string }{
		{"", "", "", ""},
		{"waiting for the fix of CVE-2026-1234", "", "", "waiting for the fix of CVE-2026-1234"},
		{"for the CVE", "", "", "for the CVE"},
		{"until 2026-08-26T17:00:00Z", "", "2026-08-26 17:00", ""},
		{"until 2026-08-26 17:00 code freeze", "", "2026-08-27 00:00", "code freeze"},
		{"Until: 2026-08-26 17:00", "", "2026-08-27 00:00", ""},
		{"CVE fix until 2026-08-26 17:00", "", "2026-08-27 00:00", "CVE fix"},
		{"CVE fix (until 2026-08-26 17:00)", "", "2026-08-27 00:00", "CVE fix"},
		{"CVE fix, till 2026-08-26 17:00.", "", "2026-08-27 00:00", "CVE fix"},
		{"to 2026-08-26 17:00 CVE fix", "", "2026-08-27 00:00", "CVE fix"},
		{"from 2026-08-20 09:00 until 2026-08-26 17:00 code freeze", "2026-08-20 16:00", "2026-08-27 00:00", "code freeze"},
		{"from 2026-08-20 until 2026-08-26 17:00", "2026-08-20 07:00", "2026-08-27 00:00", ""},
		{"2026-08-20 09:00 - 2026-08-26 17:00 code freeze", "2026-08-20 16:00", "2026-08-27 00:00", "code freeze"},
		{"between 2026-08-20 09:00 and 2026-08-26 17:00", "2026-08-20 16:00", "2026-08-27 00:00", ""},
		{"on 2026-08-20 09:00", "2026-08-20 16:00", "", ""},
		{"on 2026-08-20 until 2026-08-26 17:00", "2026-08-20 07:00", "2026-08-27 00:00", ""},
		{"at 17:00", "2026-08-20 00:00", "", ""},
		{"starting 2026-08-20", "2026-08-20 07:00", "", ""},
		{"starting now until tomorrow 17:00", "", "2026-08-21 00:00", ""},
		{"in 2h for 24h", "2026-08-19 19:00", "2026-08-20 19:00", ""},
		{"in 2 repositories", "", "", "in 2 repositories"},
		{"until tomorrow 17:00", "", "2026-08-21 00:00", ""},
		{"until tomorrow at 5pm", "", "2026-08-21 00:00", ""},
		{"until 5 p.m. tomorrow", "", "2026-08-21 00:00", ""},
		{"until 17:00 on friday", "", "2026-08-22 00:00", ""},
		{"until Friday, August 21st, 17:00", "", "2026-08-22 00:00", ""},
		{"until Aug 26 17:00", "", "2026-08-27 00:00", ""},
		{"until 26 August 2026 17:00 UTC", "", "2026-08-26 17:00", ""},
		{"until Jan 5 17:00 UTC", "", "2027-01-05 17:00", ""},
		{"until 2026-08-26 17:00 PDT", "", "2026-08-27 00:00", ""},
		{"until 2026-12-26 17:00 PST holidays", "", "2026-12-27 01:00", "holidays"},
		{"until 2026-08-26 17:00 Europe/Berlin", "", "2026-08-26 15:00", ""},
		{"until 2026-08-26 17:00 UTC+2", "", "2026-08-26 15:00", ""},
		{"until 2026-08-26 17:00+02:00", "", "2026-08-26 15:00", ""},
		{"for two weeks", "", "2026-09-02 17:00", ""},
		{"code freeze for 2 weeks", "", "2026-09-02 17:00", "code freeze"},
		{"for the next 1d12h", "", "2026-08-21 05:00", ""},
		{"for 1 day and 12 hours: CVE", "", "2026-08-21 05:00", "CVE"},
		{"for an hour", "", "2026-08-19 18:00", ""},
		{"until further notice", "", "", "until further notice"},
		{`"as of 2026-08-01 it is broken"`, "", "", `"as of 2026-08-01 it is broken"`},
		{"1.30.2 is coming", "", "", "1.30.2 is coming"},
	} {
		s, err := ReadSpoken(c.text, now, zone)
		show := func(at time.Time) string {
			if at.IsZero() {
				return ""
			}
			return at.UTC().Format("2006-01-02 15:04")
		}
		if err != nil || show(s.From) != c.from || show(s.Until) != c.until || s.Rest != c.rest {
			t.Errorf("%q: from %q until %q, rest %q, %v; want %q %q %q", c.text, show(s.From), show(s.Until), s.Rest, err, c.from, c.until, c.rest)
		}
	}
}

// TestReadSpokenRefuses holds what has two meanings, has passed, or is left over.
func TestReadSpokenRefuses(t *testing.T) {
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 8, 19, 10, 0, 0, 0, zone)
	for text, want := range map[string]string{
		"until 2026-08-26":                             "is a whole day",
		"until tomorrow":                               "is a whole day",
		"until friday":                                 "is a whole day",
		"until wednesday 17:00":                        "today is Wednesday",
		"until Thursday 2026-08-26 17:00":              "is a Wednesday",
		"on 2026-08-20":                                "that day alone, or from then on",
		"on tuesday":                                   "that day alone, or from then on",
		"until 2026-08-26 17:00 PST":                   "PST isn't in use there at that time, but PDT",
		"until 2026-08-26 17:00 CST":                   "the name of several time zones",
		"until 2026-02-30 17:00":                       "names a day that the calendar doesn't have",
		"until 2026-08-26 25:00":                       "is not a time of day",
		"until 12 am tomorrow":                         "is read in two ways",
		"until 09:00":                                  "09:00 has passed today",
		"until 2026-08-18 17:00":                       "is not in the future",
		"from 2025-08-19 17:00":                        "has passed",
		"from 2026-08-26 17:00 until 2026-08-20 17:00": "is not after the beginning",
		"until 2026-11-01 01:30":                       "happens twice",
		"until 2027-03-14 02:30":                       "doesn't exist",
		"until 1.31.0 is out":                          "is no time",
		"for 24h until 2026-08-26 17:00":               "two ends",
		"until 2026-08-26 17:00 for 24h":               "two ends",
		"from 2026-08-20 10:00 from 2026-08-21 10:00":  "two beginnings",
		"for a month":                                  "is not always as long",
		"for 3 business days":                          "business days",
		"for 99999999d":                                "is a time that can't be told",
		"through 2026-08-26 17:00":                     "leaves open",
		"2026-08-26 17:00":                             "can't be told to be a beginning or an end",
		"tomorrow 17:00 code freeze":                   "can't be told",
		"code freeze tomorrow":                         "can't be told",
		"24h":                                          "can't be told",
		"two weeks":                                    "can't be told",
		"a couple of days":                             "can't be told",
		"code freeze, 08/26/2026":                      "can't be told",
		"until the end of the week":                    "is no time",
		"back next week":                               "can't be told",
		"until 26.08.2026 17:00":                       "is no time",
		"freeze Aug 26":                                "can't be told",
		"1.5 days":                                     "can't be told",
	} {
		s, err := ReadSpoken(text, now, zone)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %+v, %v; want %q", text, s, err, want)
		}
	}
}

func TestReadDay(t *testing.T) {
	now := time.Date(2026, 8, 19, 10, 0, 0, 0, time.UTC) // a Wednesday
	for text, want := range map[string]string{
		"2026-08-26": "2026-08-26", "2026/8/26": "2026-08-26", "to Aug 26": "2026-08-26", "August 26th, 2027": "2027-08-26", "tomorrow": "2026-08-20", "friday": "2026-08-21",
		"Jan 2": "2027-01-02", "wednesday": "", "2026-02-30": "", "8/9/2026": "", "2026-08-26 17:00": "", "": "", "soon": "", "Aug 26 or 27": "",
	} {
		if d, err := ReadDay(text, now, nil); d.String() != want || (err == nil) != (want != "") {
			t.Errorf("%q: %s, %v; want %s", text, d, err, want)
		}
	}
}

// FuzzReadSpoken: what is taken for a reason holds no time.
func FuzzReadSpoken(f *testing.F) {
	for _, text := range []string{"from 2026-08-20 until friday 17:00 PST \"x\" for 2h", "in until 2026-08-26 17:00 2h", "“until", "for a 1st of may 5 pm-to Europe/Berlin"} {
		f.Add(text)
	}
	now := time.Date(2026, 8, 19, 10, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ReadSpoken(text, now, nil)
		if err != nil {
			return
		}
		if again, err := ReadSpoken(s.Rest, now, nil); err != nil || !again.From.IsZero() || !again.Until.IsZero() {
			t.Errorf("%q: of the rest %q is left %+v, %v", text, s.Rest, again, err)
		}
		if !s.Until.IsZero() && !s.Until.After(now) || !s.From.IsZero() && !s.From.After(now) {
			t.Errorf("%q: %+v", text, s)
		}
	})
}

// TestReadSpokenTooLong: what a stranger writes costs little.
func TestReadSpokenTooLong(t *testing.T) {
	if _, err := ReadSpoken(strings.Repeat("mon ", maxSpoken), time.Now(), nil); err == nil || !strings.Contains(err.Error(), "at most 2000") {
		t.Error(err)
	}
}
