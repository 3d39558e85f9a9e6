package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Moment is a point in time, or a milestone of a release's schedule,
// with a time of day: `code-freeze 17:00`. Its day is that which the release's
// tracking issue shows now, so it moves with `/release date`. Without a time of
// day it is the beginning of that day. The time is that of the same zone as of
// local times; one that the clocks skip counts as one close to it, and of one
// that they repeat the first counts.
//
// What begins with a digit is a time.
type Moment struct {
	instant   Instant
	milestone string
	clock     time.Duration // since the day began, as clocks show it
	text      string
	zone      Zone
}

// momentPattern is the form of a milestone with a time of day. Names that begin
// with a digit would be taken for times.
const momentPattern = `[a-z][a-z0-9-]{0,39}( ([01][0-9]|2[0-3]):[0-5][0-9])?`

var momentForm = lazy.Regexp(`^` + momentPattern + `$`)

// Form implements Scalar.
func (Moment) Form() Form {
	instant := strings.TrimSuffix(strings.TrimPrefix(release.InstantPattern, "^"), "$")
	return Form{
		Name:     "moment",
		Want:     release.InstantWanted + ", or a milestone like code-freeze or code-freeze 17:00",
		Pattern:  `^(` + instant + `|` + momentPattern + `)$`,
		Examples: []string{"2026-08-19 17:00", "code-freeze", "code-freeze 17:00"},
	}
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *Moment) UnmarshalText(text []byte) error {
	s := string(text)
	*m = Moment{text: s}
	if s != "" && s[0] >= '0' && s[0] <= '9' {
		return m.instant.UnmarshalText(text)
	}
	if !momentForm().MatchString(s) {
		w := &Wrong{What: quote(s) + " is neither a time nor a milestone", Want: m.Form().Want}
		if lower := strings.ToLower(strings.Join(strings.Fields(s), " ")); momentForm().MatchString(lower) {
			w.DidYouMean = lower
		}
		return w
	}
	name, clock, _ := strings.Cut(s, " ")
	m.milestone = name
	if clock != "" {
		at, err := time.Parse("15:04", clock)
		if err != nil {
			return &Wrong{What: quote(clock) + " is not a time of day", Want: "one like 17:00"}
		}
		m.clock = time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute
	}
	return nil
}

// settle works an instant out in its zone, which a milestone's time is in, too.
func (m *Moment) settle(zone Zone) error {
	m.zone = zone
	return m.instant.settle(zone)
}

// Given reports whether there is a moment.
func (m Moment) Given() bool { return m.text != "" }

// Milestone is the name of the milestone; "" of a point in time.
func (m Moment) Milestone() string { return m.milestone }

// Time is the point in time; the zero time of a milestone.
func (m Moment) Time() time.Time { return m.instant.Time() }

// On is the moment when its milestone is on a day; of a point in time itself.
func (m Moment) On(day release.Date) time.Time {
	if m.milestone == "" {
		return m.Time()
	}
	return day.At(m.clock, m.zone.Location())
}

// String is the moment as it was written.
func (m Moment) String() string { return m.text }

// Equal reports whether two moments are the same.
func (m Moment) Equal(o Moment) bool {
	return m.instant.Equal(o.instant) && m.milestone == o.milestone && m.clock == o.clock
}

// Check reports a milestone that isn't among those known.
func (m Moment) Check(known []string) error {
	switch {
	case m.milestone == "" || slices.Contains(known, m.milestone):
		return nil
	case len(known) == 0:
		return &Wrong{What: fmt.Sprintf("%s names a milestone, and the policy has no schedule with milestones, under checklist.templates", quote(m.text)),
			Want: release.InstantWanted}
	}
	return unknown("milestone", m.milestone, known)
}
