package release

import (
	"cmp"
	"slices"
	"time"
)

// Span is a stretch of time, from its start on and no longer from its end on.
type Span struct {
	Start, End time.Time
	Names      []string // what people call its parts, if anything
}

// Spans puts stretches of time in order, and makes one of those that touch or overlap.
func Spans(list []Span) []Span {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b Span) int { return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End)) })
	var out []Span
	for _, s := range list {
		last := len(out) - 1
		if last < 0 || s.Start.After(out[last].End) {
			out = append(out, Span{s.Start, s.End, slices.Clone(s.Names)})
			continue
		}
		if s.End.After(out[last].End) {
			out[last].End = s.End
		}
		for _, name := range s.Names {
			if !slices.Contains(out[last].Names, name) {
				out[last].Names = append(out[last].Names, name)
			}
		}
	}
	return out
}

// First is the first instant of the day at which the clocks of a zone show so long after
// midnight. Of a time that they show twice it is the earlier, and of one that they skip the
// moment at which they do.
func (d Date) First(clock time.Duration, zone *time.Location) time.Time {
	found, near := wallInstants(d.at.Add(clock), zone)
	if len(found) > 0 {
		return found[0]
	}
	return jumpNear(near)
}

// Last is the same, but the later of two.
func (d Date) Last(clock time.Duration, zone *time.Location) time.Time {
	found, near := wallInstants(d.at.Add(clock), zone)
	if len(found) > 0 {
		return found[len(found)-1]
	}
	return jumpNear(near)
}

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.at.Weekday() }

// Days is a day, or several in a row.
type Days struct{ First, Last Date }

// DaysWanted is what a policy may write for days.
const DaysWanted = "a day like 2026-12-24, or days like 2026-12-24 to 2027-01-01, the last included"

// Span is from the first moment of the first day to the end of the last, in a zone.
func (d Days) Span(zone *time.Location) Span {
	return Span{Start: d.First.First(0, zone), End: d.Last.Plus(1).First(0, zone)}
}
