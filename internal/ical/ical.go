package ical

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/istio-ecosystem/slipway/internal/release"
)

// How much a calendar may hold.
const (
	MaxSize   = 512 << 10 // bytes
	MaxEvents = 2000
	maxDays   = 366 // of one event
)

// Calendar is what a file says.
type Calendar struct {
	events []event
	known  *known
}

// known is what a calendar came to when it was last asked.
type known struct {
	mu    sync.Mutex
	year  int
	spans []release.Span
}

// event is one that is on certain days, or every year.
type event struct {
	name       string
	first      release.Date
	start, end time.Duration // after midnight, as clocks show it
	days       int           // from the first day to that of its end
	zone, till *time.Location
	rule       *yearly
	except     []release.Date
}

// Read reads a calendar. zone is that of all-day events, and of times that name none. The
// error says in a phrase for people what isn't right, and what was wanted.
func Read(text string, zone *time.Location) (c Calendar, err error) {
	defer func() {
		if r := recover(); r != nil { // of the library, over a file that anybody wrote
			c, err = Calendar{}, fmt.Errorf("it is no iCalendar file: %v", r)
		}
	}()
	if len(text) > MaxSize {
		return Calendar{}, fmt.Errorf("it has %d bytes: want at most %d", len(text), MaxSize)
	}
	file, err := ics.ParseCalendar(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	if err != nil {
		return Calendar{}, fmt.Errorf("it is no iCalendar file: %w", err)
	}
	all := file.Events()
	switch {
	case !strings.HasSuffix(strings.ToUpper(strings.TrimSpace(text)), "END:VCALENDAR") && len(all) > 0:
		return Calendar{}, fmt.Errorf("it is cut off: want END:VCALENDAR at its end")
	case len(all) == 0:
		return Calendar{}, fmt.Errorf("it has no event: want an iCalendar file with a VEVENT for each")
	case len(all) > MaxEvents:
		return Calendar{}, fmt.Errorf("it has %d events: want at most %d", len(all), MaxEvents)
	}
	for _, one := range all {
		e := event{name: valueOf(one, ics.ComponentPropertySummary)}
		if strings.EqualFold(valueOf(one, ics.ComponentPropertyStatus), "CANCELLED") {
			continue
		}
		if err := e.read(one, zone); err != nil {
			return Calendar{}, fmt.Errorf("its event %s: %w", e.title(one), err)
		}
		c.events = append(c.events, e)
	}
	c.known = &known{}
	return c, nil
}

// title names an event for people.
func (e event) title(one *ics.VEvent) string {
	name := []rune(e.name)
	if len(name) > 60 {
		name = append(name[:59], '…')
	}
	return strings.TrimSpace(fmt.Sprintf("%q of %s", string(name), valueOf(one, ics.ComponentPropertyDtStart)))
}

func valueOf(one *ics.VEvent, name ics.ComponentProperty) string {
	if p := one.GetProperty(name); p != nil {
		return strings.TrimSpace(ics.FromText(p.Value))
	}
	return ""
}

func (e *event) read(one *ics.VEvent, zone *time.Location) error {
	for _, other := range []ics.ComponentProperty{ics.ComponentPropertyRdate, ics.ComponentPropertyRecurrenceId, "DURATION"} {
		if one.GetProperty(other) != nil {
			return fmt.Errorf("has %s, which Slipway doesn't read: want DTSTART with DTEND, and every year by RRULE", other)
		}
	}
	start, err := at(one.GetProperty(ics.ComponentPropertyDtStart), zone)
	if err != nil {
		return fmt.Errorf("its DTSTART %w", err)
	}
	e.first, e.start, e.zone, e.till, e.days = start.day, start.clock, start.zone, start.zone, 1
	if p := one.GetProperty(ics.ComponentPropertyDtEnd); p != nil {
		end, err := at(p, zone)
		if err != nil {
			return fmt.Errorf("its DTEND %w", err)
		}
		if end.whole != start.whole {
			return fmt.Errorf("begins or ends with a time, and not both")
		}
		e.days, e.end, e.till = end.day.Sub(start.day), end.clock, end.zone
	} else if !start.whole {
		return fmt.Errorf("has no DTEND")
	}
	if s := e.on(e.first); !s.End.After(s.Start) || e.days > maxDays {
		return fmt.Errorf("ends before it begins, or lasts longer than a year")
	}
	if list := one.GetProperties(ics.ComponentPropertyRrule); len(list) > 1 {
		return fmt.Errorf("has several RRULEs")
	} else if len(list) == 1 {
		if e.rule, err = readRule(list[0].Value, e.first); err != nil {
			return err
		}
	}
	for _, p := range one.GetProperties(ics.ComponentPropertyExdate) {
		for day := range strings.SplitSeq(p.Value, ",") {
			out, err := at(&ics.IANAProperty{BaseProperty: ics.BaseProperty{Value: day, ICalParameters: p.ICalParameters}}, zone)
			if err != nil {
				return fmt.Errorf("its EXDATE %w", err)
			}
			e.except = append(e.except, out.day)
		}
	}
	return nil
}

// moment is a DTSTART or a DTEND.
type moment struct {
	day   release.Date
	clock time.Duration
	zone  *time.Location
	whole bool // a day, without a time
}

func at(p *ics.IANAProperty, zone *time.Location) (m moment, err error) {
	if p == nil {
		return m, fmt.Errorf("is missing")
	}
	text := strings.TrimSpace(p.Value)
	m.zone = zone
	if id := p.ICalParameters["TZID"]; len(id) > 0 {
		if m.zone, err = time.LoadLocation(strings.Trim(id[0], `"`)); err != nil || id[0] == "Local" {
			return m, fmt.Errorf("is in the zone %q, which nobody knows: want a name like Europe/Berlin", id[0])
		}
	}
	local, utc := strings.CutSuffix(text, "Z")
	if utc {
		m.zone = time.UTC
	}
	t, err := time.Parse("20060102T150405", local)
	if m.whole = len(text) == len("20060102"); m.whole {
		t, err = time.Parse("20060102", text)
		m.zone = zone
	}
	if err != nil || t.Year() < 1900 {
		return m, fmt.Errorf("%q is no time: want one like 20261224 or 20261224T170000Z", text)
	}
	m.day = release.DateOf(t, time.UTC)
	m.clock = time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second
	return m, nil
}

// on is the event where it begins on a day.
func (e event) on(day release.Date) release.Span {
	s := release.Span{Start: day.First(e.start, e.zone), End: day.Plus(e.days).Last(e.end, e.till)}
	if e.end == 0 {
		s.End = day.Plus(e.days).First(0, e.till)
	}
	if e.name != "" {
		s.Names = []string{e.name}
	}
	return s
}

// Spans lists the events of about two years before and after an instant, in order; those that
// touch are one. It is worked out once a year, and not to be changed.
func (c Calendar) Spans(now time.Time) []release.Span {
	if c.known == nil {
		return nil
	}
	c.known.mu.Lock()
	defer c.known.mu.Unlock()
	if year := now.UTC().Year(); c.known.year != year {
		c.known.year, c.known.spans = year, release.Spans(c.around(year))
	}
	return c.known.spans
}

func (c Calendar) around(year int) (all []release.Span) {
	from, to := year-2, year+2
	for _, e := range c.events {
		for _, day := range e.begins(from, to) {
			if on := yearOf(day); on >= from && on <= to && !slices.Contains(e.except, day) {
				all = append(all, e.on(day))
			}
		}
	}
	return all
}

// begins lists the days on which the event begins within some years. It walks these alone,
// however long ago the event was first: each look at a pull request asks.
func (e event) begins(from, to int) (days []release.Date) {
	if e.rule == nil {
		return []release.Date{e.first}
	}
	for _, year := range e.years(from, to) {
		if day, ok := e.rule.in(year); ok && day.Compare(e.first) >= 0 && (e.rule.until.IsZero() || day.Compare(e.rule.until) <= 0) {
			days = append(days, day)
		}
	}
	return days
}

// years are those of some in which an event that comes every year may be.
func (e event) years(from, to int) (years []int) {
	from = max(from, yearOf(e.first))
	if !e.rule.until.IsZero() {
		to = min(to, yearOf(e.rule.until))
	}
	for year := from; year <= to; year++ {
		years = append(years, year)
	}
	return years
}

func yearOf(d release.Date) int {
	year, _ := strconv.Atoi(d.String()[:4])
	return year
}
