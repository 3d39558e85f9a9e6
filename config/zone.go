package config

import (
	_ "embed"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // a container has no zones of its own

	"github.com/istio-ecosystem/slipway/internal/release"
	"github.com/istio-ecosystem/slipway/internal/spell"
)

// zonesText lists the zones that may be named. Which zones a machine has
// differs; by the list, what `slipway validate` accepts on a laptop the service
// accepts as well. internal/laws holds it to Go's own table of zones.
//
//go:embed zones.txt
var zonesText string

// Zones lists the names of all IANA time zones, in order.
var Zones = sync.OnceValue(func() []string { return strings.Fields(zonesText) })

// Zone is an IANA time zone such as `Europe/Berlin`.
//
// The zero Zone is not given: it stands for the policy's timezone, and there for
// UTC.
type Zone struct{ location *time.Location }

// Form implements Scalar.
func (Zone) Form() Form {
	return Form{
		Name:     "time zone",
		Want:     `an IANA time zone like "Europe/Berlin"`,
		Values:   Zones(),
		Examples: []string{"Europe/Berlin", "America/Los_Angeles", "UTC"},
	}
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (z *Zone) UnmarshalText(text []byte) error {
	name := string(text)
	if _, known := slices.BinarySearch(Zones(), name); known {
		if l, err := time.LoadLocation(name); err == nil {
			z.location = l
			return nil
		}
	}
	return &Wrong{What: quote(name) + " is not a time zone", Want: z.Form().Want, DidYouMean: nearestZone(name)}
}

// nearestZone also finds a city without its continent, and names with spaces.
func nearestZone(name string) string {
	name = strings.ReplaceAll(strings.TrimSpace(name), " ", "_")
	if z := nearest(name, Zones()); z != "" {
		return z
	}
	city := name[strings.LastIndex(name, "/")+1:]
	best := ""
	for _, z := range Zones() {
		at := strings.LastIndex(z, "/")
		switch {
		case at < 0 || city == "":
		case strings.EqualFold(z[at+1:], city):
			return z
		case best == "" && spell.Distance(strings.ToLower(city), strings.ToLower(z[at+1:]), 1) == 1:
			best = z
		}
	}
	return best
}

// Given reports whether the zone was named.
func (z Zone) Given() bool { return z.location != nil }

// Location is the zone for package time; that of a zone not given is UTC.
func (z Zone) Location() *time.Location {
	if z.location == nil {
		return time.UTC
	}
	return z.location
}

// String is the zone's name.
func (z Zone) String() string { return z.Location().String() }

// Equal reports whether two zones are the same by name.
func (z Zone) Equal(o Zone) bool { return z.Given() == o.Given() && z.String() == o.String() }

// Instant is a point in time: RFC 3339 as in `2026-08-19T17:00:00Z`, or local
// time as in `2026-08-19 17:00`. Local time is that of the closest time zone
// around it, a key beside it or further out, else of the policy's `timezone`. A
// local time that the clocks skip or repeat, where summer time begins and ends,
// is refused; with an offset it is clear.
//
// ParsePolicy works local times out, when all of the file is read.
type Instant struct {
	text string
	at   time.Time
}

// Form implements Scalar.
func (Instant) Form() Form {
	return Form{
		Name:     "time",
		Want:     release.InstantWanted,
		Pattern:  release.InstantPattern,
		Examples: []string{"2026-08-19T17:00:00Z", "2026-08-19 17:00", "2026-08-19T17:00:00+02:00"},
	}
}

// UnmarshalText implements encoding.TextUnmarshaler. Until its zone is known,
// local time is taken for UTC, which has every local time once.
func (i *Instant) UnmarshalText(text []byte) error {
	at, err := release.ParseInstant(string(text), time.UTC)
	if err != nil {
		return wrongTime(err)
	}
	*i = Instant{text: string(text), at: at}
	return nil
}

// settle works the instant out in its zone.
func (i *Instant) settle(zone Zone) error {
	if i.text == "" {
		return nil
	}
	at, err := release.ParseInstant(i.text, zone.Location())
	if err != nil {
		return wrongTime(err)
	}
	i.at = at
	return nil
}

// Given reports whether there is an instant.
func (i Instant) Given() bool { return i.text != "" }

// Time is the instant; the zero time when it was not given.
func (i Instant) Time() time.Time { return i.at }

// String is the instant as it was written.
func (i Instant) String() string { return i.text }

// Equal reports whether two instants are the same.
func (i Instant) Equal(o Instant) bool { return i.Given() == o.Given() && i.at.Equal(o.at) }

// Duration is a length of time in days, hours, minutes and seconds: `7d`, `24h`,
// `1d12h`. A day is 24 hours.
type Duration time.Duration

// Form implements Scalar.
func (Duration) Form() Form {
	return Form{
		Name:     "duration",
		Want:     release.DurationWanted,
		Pattern:  release.DurationPattern,
		Examples: []string{"24h", "7d", "90m"},
	}
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := release.ParseDuration(string(text))
	if err != nil {
		return wrongTime(err)
	}
	*d = Duration(v)
	return nil
}

// Std is the duration for package time.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// String is the duration as it would be written.
func (d Duration) String() string { return release.FormatDuration(time.Duration(d)) }

// wrongTime gives a fault of package release the form of this one.
func wrongTime(err error) error {
	if f, ok := errors.AsType[*release.TimeFault](err); ok {
		return &Wrong{What: f.What, Want: f.Want}
	}
	return err
}
