package release

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// Date is a day of the calendar. A schedule is kept in days; when a day begins
// is for a time zone to say.
type Date struct{ at time.Time } // midnight of the day in UTC

// DateWanted is what a person may write for a day.
const DateWanted = "a day like 2026-08-19"

// DatePattern is the form of a day, as a regular expression.
const DatePattern = `^[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`

var dateForm = lazy.Regexp(DatePattern)

// ParseDate reads a day. The error is a *TimeFault.
func ParseDate(text string) (Date, error) {
	if !dateForm().MatchString(text) {
		return Date{}, &TimeFault{fmt.Sprintf("%s is not a day", shown(text)), DateWanted}
	}
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return Date{}, &TimeFault{fmt.Sprintf("%s names a day that the calendar doesn't have", shown(text)), DateWanted}
	}
	return Date{at}, nil
}

// DateOf is the day of an instant in a zone.
func DateOf(t time.Time, zone *time.Location) Date {
	y, m, d := t.In(zone).Date()
	return Date{time.Date(y, m, d, 0, 0, 0, 0, time.UTC)}
}

// String is the form that ParseDate reads; "" of the zero Date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.at.Format(time.DateOnly)
}

// IsZero reports whether there is no day.
func (d Date) IsZero() bool { return d.at.IsZero() }

// Plus is the day some days later, or earlier.
func (d Date) Plus(days int) Date { return Date{d.at.AddDate(0, 0, days)} }

// Sub is how many days a day is after another.
func (d Date) Sub(e Date) int { return int(d.at.Sub(e.at) / Day) }

// Compare orders days.
func (d Date) Compare(e Date) int { return d.at.Compare(e.at) }

// Begins is the first instant of the day in a zone.
func (d Date) Begins(zone *time.Location) time.Time {
	y, m, day := d.at.Date()
	return time.Date(y, m, day, 0, 0, 0, 0, zone)
}

// At is the instant of the day at which the clocks of a zone show so long after
// midnight. Of a time that they show twice it is the first, and of one that they
// skip one close to it: a day that people move may come to lie on such a time,
// and has to be some instant.
func (d Date) At(clock time.Duration, zone *time.Location) time.Time {
	found, near := wallInstants(d.at.Add(clock), zone)
	if len(found) > 0 {
		return found[0]
	}
	return near
}

// MarshalText implements encoding.TextMarshaler.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Date) UnmarshalText(text []byte) (err error) {
	*d = Date{}
	if len(text) > 0 {
		*d, err = ParseDate(string(text))
	}
	return err
}

// The two days that all others of a schedule are counted from.
const (
	Cut     = "cut"     // the branch is cut
	Release = "release" // the version is out
)

// Offset is a day of a schedule, counted from one of the two.
type Offset struct {
	From string // Cut or Release
	Days int
}

// OffsetWanted is what a policy may write for an offset.
const OffsetWanted = "cut or release, with days before or after it, like release-7d or cut+14d"

// OffsetPattern is the form of an offset, as a regular expression.
const OffsetPattern = `^(cut|release)([+-][0-9]{1,3}d)?$`

var offsetForm = lazy.Regexp(OffsetPattern)

// ParseOffset reads an offset, such as release-7d. The error is a *TimeFault.
func ParseOffset(text string) (Offset, error) {
	m := offsetForm().FindStringSubmatch(text)
	if m == nil {
		return Offset{}, &TimeFault{fmt.Sprintf("%s is not a day of a schedule", shown(text)), OffsetWanted}
	}
	days, _ := strconv.Atoi(strings.TrimSuffix(m[2], "d")) // "" is 0 days
	return Offset{m[1], days}, nil
}

// String is the form that ParseOffset reads.
func (o Offset) String() string {
	if o.Days == 0 {
		return o.From
	}
	return fmt.Sprintf("%s%+dd", o.From, o.Days)
}

// Milestone is a day of a policy's schedule.
type Milestone struct {
	Name string
	At   Offset
	// Phase begins that day, if it is not empty.
	Phase Phase
}

// Schedule is a policy's milestones with the days of one release.
type Schedule struct {
	Milestones []Milestone
	Cut        Date // zero for a patch release, whose branch is there
	Release    Date
	// Moved are the days of milestones that were set by themselves.
	Moved map[string]Date
}

// Dated is a milestone on its day.
type Dated struct {
	Milestone
	Day   Date
	Moved bool // it was set by itself, and doesn't move with the others
}

// Dates lists the milestones that have a day, in the order of their days.
func (s Schedule) Dates() []Dated {
	var dates []Dated
	for _, m := range s.Milestones {
		if day, moved := s.day(m); !day.IsZero() {
			dates = append(dates, Dated{m, day, moved})
		}
	}
	slices.SortStableFunc(dates, func(a, b Dated) int { return a.Day.Compare(b.Day) })
	return dates
}

func (s Schedule) day(m Milestone) (day Date, moved bool) {
	if day, moved = s.Moved[m.Name]; moved {
		return day, true
	}
	from := s.Release
	if m.At.From == Cut {
		from = s.Cut
	}
	if from.IsZero() {
		return Date{}, false
	}
	return from.Plus(m.At.Days), false
}

// Day is the day of a milestone; zero when it has none.
func (s Schedule) Day(name string) Date {
	for _, d := range s.Dates() {
		if d.Name == name {
			return d.Day
		}
	}
	return Date{}
}

// Reached is what no calendar knows of a release.
type Reached struct {
	Candidate bool // a release candidate is out
	Out       bool // the release itself is
}

// Phase is the phase on a day: the last that has begun by then. With a release
// candidate that is the phase between the freeze and the release, whatever the day.
// And on the day of a minor release nothing opens by itself: it is released once it is
// out, and until then what was before goes on.
func (s Schedule) Phase(on Date, reached Reached) Phase {
	phase := Planned
	if s.Cut.IsZero() {
		phase = ReleasedPhase // a patch release
	}
	for _, d := range s.Dates() {
		if d.Phase != "" && d.Day.Compare(on) <= 0 && phase.Before(d.Phase) && !s.awaited(d.Phase, reached) {
			phase = d.Phase
		}
	}
	if reached.Candidate && slices.Contains([]Phase{OpenPhase, ClosingPhase, FrozenPhase}, phase) {
		return CandidatePhase
	}
	return phase
}

// awaited reports a phase that doesn't begin by its day.
func (s Schedule) awaited(p Phase, reached Reached) bool {
	return p == ReleasedPhase && !reached.Out && !s.Cut.IsZero()
}

// Fault says what is wrong with the days, as a sentence's beginning; "" if
// nothing is. Milestones that begin phases have to come in the phases' order, or
// a phase would be over before it began.
func (s Schedule) Fault() string {
	if !s.Cut.IsZero() && !s.Release.IsZero() && s.Release.Compare(s.Cut) <= 0 {
		return fmt.Sprintf("the release, %s, is not after the cut, %s", s.Release, s.Cut)
	}
	last := Dated{}
	for _, d := range s.Dates() {
		if d.Phase == "" {
			continue
		}
		if last.Name != "" && d.Phase.Before(last.Phase) {
			return fmt.Sprintf("%s, %s, comes before %s, %s", last.Name, last.Day, d.Name, d.Day)
		}
		last = d
	}
	return ""
}
