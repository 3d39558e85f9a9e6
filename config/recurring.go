package config

import (
	"errors"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Weekly is a time of day on days of the week: `friday 16:00`, `monday and
// wednesday 18:00`, `weekdays 18:00`, `day 22:00`; a day without a time is its
// first moment. It is the time of the closest zone around it. A beginning that the
// clocks show twice is the earlier, an end the later, and what they skip is the
// moment at which they do.
type Weekly struct {
	release.Weekly
	text string
	zone Zone
}

// Form implements Scalar.
func (Weekly) Form() Form {
	return Form{Name: "time of the week", Want: release.WeeklyWanted, Pattern: `\S`, Examples: []string{"friday 16:00", "monday and wednesday 18:00", "weekdays 18:00"}, Max: 120}
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (w *Weekly) UnmarshalText(text []byte) (err error) {
	read, err := release.ParseWeekly(string(text))
	if f, ok := errors.AsType[*release.TimeFault](err); ok {
		return &Wrong{What: f.What, Want: release.WeeklyWanted + "; an end may be a time of day alone"}
	}
	*w = Weekly{Weekly: read, text: string(text)}
	return err
}

func (w *Weekly) settle(zone Zone) error {
	w.zone = zone
	return nil
}

// Spans are what begins at w and ends at end, see release.WeeklySpans.
func (w Weekly) Spans(end Weekly, now time.Time, ahead time.Duration) []release.Span {
	return release.WeeklySpans(w.Weekly, end.Weekly, w.zone.Location(), now, ahead)
}

// Zone is that of its times.
func (w Weekly) Zone() *time.Location { return w.zone.Location() }

// Given reports whether there is one.
func (w Weekly) Given() bool { return w.text != "" }

// String is the time as it was written.
func (w Weekly) String() string { return w.text }

// Equal reports whether two are the same.
func (w Weekly) Equal(o Weekly) bool { return w.text == o.text }

// Days is a day or several in a row, the last included: `2026-12-24`, `2026-12-24 to
// 2027-01-01`. They begin and end at midnight in the closest zone around them.
type Days struct {
	release.Days
	text string
	zone Zone
}

// Form implements Scalar.
func (Days) Form() Form {
	return Form{Name: "days", Want: release.DaysWanted, Pattern: daysPattern, Examples: []string{"2026-12-24", "2026-12-24 to 2027-01-01"}}
}

// daysPattern is the form of days, as a regular expression.
const daysPattern = `^[12][0-9]{3}-[0-9]{2}-[0-9]{2}( (to|until|-) [12][0-9]{3}-[0-9]{2}-[0-9]{2})?$`

var daysForm = lazy.Regexp(daysPattern)

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Days) UnmarshalText(text []byte) (err error) {
	s := string(text)
	*d = Days{text: s}
	if !daysForm().MatchString(s) {
		return &Wrong{What: quote(s) + " is neither a day nor days", Want: release.DaysWanted}
	}
	words := strings.Fields(s)
	if d.First, err = release.ParseDate(words[0]); err == nil {
		d.Last, err = release.ParseDate(words[len(words)-1])
	}
	switch {
	case err != nil:
		return wrongTime(err)
	case d.Last.Compare(d.First) < 0:
		return &Wrong{What: quote(s) + " ends before it begins", Want: release.DaysWanted}
	case d.Last.Sub(d.First) > maxDays:
		return &Wrong{What: quote(s) + " is longer than a year", Want: release.DaysWanted}
	}
	return nil
}

func (d *Days) settle(zone Zone) error {
	d.zone = zone
	return nil
}

// Span is from the first moment of the first day to the end of the last.
func (d Days) Span() release.Span { return d.Days.Span(d.zone.Location()) }

// Zone is that of its midnights.
func (d Days) Zone() *time.Location { return d.zone.Location() }

// maxDays is how many days one entry may have.
const maxDays = 366

// String is the days as they were written.
func (d Days) String() string { return d.text }

// Equal reports whether two are the same.
func (d Days) Equal(o Days) bool { return d.text == o.text }
