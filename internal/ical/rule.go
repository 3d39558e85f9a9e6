package ical

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/release"
)

// yearly is a day of every year: 25 December, or the fourth Thursday of November.
type yearly struct {
	month time.Month
	day   int          // of the month; 0 for one by the weekday
	nth   int          // that weekday of the month, from its end if below 0
	on    time.Weekday // with nth
	until release.Date // its last day may be this; zero: for ever
}

// rules is what a rule may be.
const rules = "FREQ=YEARLY, with UNTIL or COUNT, and BYMONTH with BYMONTHDAY or with one BYDAY like 4TH"

// readRule reads an RRULE of an event that is on a day first.
func readRule(text string, first release.Date) (*yearly, error) {
	refused := fmt.Errorf("recurs by RRULE %.80q: want %s", text, rules)
	date, err := time.Parse(time.DateOnly, first.String())
	if err != nil {
		return nil, refused
	}
	r := &yearly{month: date.Month(), day: date.Day()}
	given, count := map[string]string{}, 0
	for part := range strings.SplitSeq(strings.TrimSuffix(text, ";"), ";") {
		name, value, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(part)), "=")
		if given[name] != "" || value == "" {
			return nil, refused
		}
		given[name] = value
	}
	for name, value := range given {
		ok := true
		switch name {
		case "FREQ":
			ok = value == "YEARLY"
		case "INTERVAL":
			ok = value == "1"
		case "WKST":
		case "COUNT":
			count, err = strconv.Atoi(value)
			ok = err == nil && count > 0
		case "UNTIL":
			until, err := time.Parse("20060102", value[:min(8, len(value))])
			r.until, ok = release.DateOf(until, time.UTC), err == nil
		case "BYMONTH":
			ok = value == strconv.Itoa(int(r.month))
		case "BYMONTHDAY":
			ok = value == strconv.Itoa(r.day) && given["BYDAY"] == ""
		case "BYDAY":
			ok = given["BYMONTH"] != "" && r.byDay(value)
		default:
			ok = false
		}
		if !ok {
			return nil, refused
		}
	}
	if begins, ok := r.in(date.Year()); given["FREQ"] == "" || !ok || begins != first {
		return nil, refused // its first day isn't one of the rule's: readers disagree about such
	}
	if last := r.last(date.Year(), count); r.until.IsZero() || !last.IsZero() && last.Compare(r.until) < 0 {
		r.until = last
	}
	return r, nil
}

// maxCount is how many years a COUNT is counted: one that goes on then goes on for ever.
const maxCount = 400

// last is the day on which it has come so many times, from a year on. It is counted once, as the
// file is read; zero for ever.
func (r *yearly) last(year, count int) (day release.Date) {
	for n := 0; n < maxCount && count > 0; n++ {
		if one, ok := r.in(year + n); ok {
			day = one
			count--
		}
		if count == 0 {
			return day
		}
	}
	return release.Date{}
}

// byDay reads "4TH" or "-1MO".
func (r *yearly) byDay(text string) bool {
	names := []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}
	cut := max(0, len(text)-2)
	nth, err := strconv.Atoi(strings.TrimPrefix(text[:cut], "+"))
	on := slices.Index(names, text[cut:])
	r.day, r.nth, r.on = 0, nth, time.Weekday(on)
	return err == nil && on >= 0 && nth != 0 && nth >= -5 && nth <= 5
}

// in is its day in a year, if that has it: 29 February is not in every one.
func (r *yearly) in(year int) (release.Date, bool) {
	at := time.Date(year, r.month, r.day, 0, 0, 0, 0, time.UTC)
	switch {
	case r.nth > 0:
		at = time.Date(year, r.month, 1, 0, 0, 0, 0, time.UTC)
		at = at.AddDate(0, 0, (int(r.on-at.Weekday())+7)%7+7*(r.nth-1))
	case r.nth < 0:
		at = time.Date(year, r.month+1, 0, 0, 0, 0, 0, time.UTC)
		at = at.AddDate(0, 0, -(int(at.Weekday()-r.on)+7)%7+7*(r.nth+1))
	}
	return release.DateOf(at, time.UTC), at.Month() == r.month
}
