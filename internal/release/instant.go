package release

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// TimeFault is what is wrong with a time or a duration that a person wrote, in
// two parts: what it is, and what was wanted.
type TimeFault struct{ What, Want string }

// Error implements error.
func (f *TimeFault) Error() string { return f.What + ": want " + f.Want }

// InstantWanted is what a person may write for a point in time.
const InstantWanted = "a time like 2026-08-19T17:00:00Z, or 2026-08-19 17:00 in the time zone that applies"

// InstantPattern is the form of an instant, as a regular expression. A text
// that fits it may still name a day that no calendar has.
const InstantPattern = `^[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?$`

var instantForm = lazy.Regexp(InstantPattern)

// ParseInstant reads a point in time that a person wrote: RFC 3339, or local
// time in zone without an offset. Seconds may be left out, and a space may
// stand for the T.
//
// Twice a year a local time is not one instant. When the clocks go forward some
// don't exist, and when they go back some happen twice. Both are refused, with
// the gap or the two candidates: whoever froze a branch until half past two
// meant one of them, and a freeze that ends an hour early can't be taken back.
func ParseInstant(text string, zone *time.Location) (time.Time, error) {
	if !instantForm().MatchString(text) {
		return time.Time{}, &TimeFault{fmt.Sprintf("%s is not a time", shown(text)), InstantWanted}
	}
	layout := "2006-01-02T15:04"
	if len(text) > len(layout) && text[len(layout)] == ':' {
		layout += ":05"
	}
	local := len(text) == len(layout)
	if !local {
		layout += "Z07:00"
	}
	t, err := time.Parse(layout, strings.Replace(text, " ", "T", 1))
	if err != nil { // the form is right, so it is the day
		return time.Time{}, &TimeFault{fmt.Sprintf("%s names a day that the calendar doesn't have", shown(text)), InstantWanted}
	}
	if !local {
		return t, nil
	}
	return fromWall(t, zone)
}

// fromWall finds the instant at which the clocks of a zone show what wall shows.
func fromWall(wall time.Time, zone *time.Location) (time.Time, error) {
	found, near := wallInstants(wall, zone)
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return time.Time{}, inGap(wall, near, zone)
	}
	return time.Time{}, &TimeFault{
		What: fmt.Sprintf("%s happens twice in %s, where the clocks go back", showWall(wall), zone),
		Want: found[0].Format(time.RFC3339) + " or " + found[1].Format(time.RFC3339),
	}
}

// wallInstants lists, in order, the instants at which the clocks of a zone show
// what wall shows, and one that is close to it.
func wallInstants(wall time.Time, zone *time.Location) (found []time.Time, near time.Time) {
	near = time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, zone)
	// A wrong guess is off by one change of the clocks at most, so the right
	// offset is that of near's own period or of the one before or after it.
	start, end := near.ZoneBounds()
	for _, in := range []time.Time{start.Add(-time.Second), near, end} {
		_, offset := in.In(zone).Zone()
		at := time.Unix(wall.Unix()-int64(offset), 0).In(zone)
		if _, real := at.Zone(); real == offset && !slices.ContainsFunc(found, at.Equal) {
			found = append(found, at)
		}
	}
	slices.SortFunc(found, time.Time.Compare)
	return found, near
}

// inGap is the fault of a local time that the clocks jump over.
func inGap(wall, near time.Time, zone *time.Location) error {
	jump := jumpNear(near)
	_, before := jump.Add(-time.Second).In(zone).Zone()
	from := time.Unix(jump.Unix()+int64(before), 0).UTC()
	_, after := jump.In(zone).Zone()
	to := time.Unix(jump.Unix()+int64(after), 0).UTC()
	return &TimeFault{
		What: fmt.Sprintf("%s doesn't exist in %s, where the clocks go from %s to %s", showWall(wall), zone, showWall(from), showWall(to)),
		Want: fmt.Sprintf("a time before %s or from %s on", showWall(from), showWall(to)),
	}
}

// jumpNear is the change of the clocks of its zone that is closest to an instant.
func jumpNear(near time.Time) time.Time {
	// It lies close to the jump, on one side of it; which, Go leaves open.
	start, end := near.ZoneBounds()
	if !end.IsZero() && (start.IsZero() || end.Sub(near) < near.Sub(start)) {
		return end
	}
	return start
}

func showWall(t time.Time) string {
	if t.Second() != 0 {
		return t.Format("2006-01-02 15:04:05")
	}
	return t.Format("2006-01-02 15:04")
}

// shown quotes what somebody wrote, cut short.
func shown(text string) string {
	if r := []rune(text); len(r) > 60 {
		text = string(r[:59]) + "…"
	}
	return fmt.Sprintf("%q", text)
}
