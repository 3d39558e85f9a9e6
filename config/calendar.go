package config

import (
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// CalendarFile is an iCalendar file: the path of one in the repository where the policy
// stands, from its root (`.github/holidays.ics`), or the https address of one that the
// settings of the deployment list (`calendars`).
//
// Its all-day events are days of the closest zone around it.
type CalendarFile struct {
	text string
	zone Zone
}

const (
	calendarPath    = `[A-Za-z0-9._-]+(/[A-Za-z0-9._ -]+)*\.ics`
	calendarPattern = `^(` + calendarPath + `|https://[^\s"]+)$`
)

var calendarForm = lazy.Regexp(`^` + calendarPath + `$`)

// Form implements Scalar.
func (CalendarFile) Form() Form {
	return Form{
		Name:    "calendar",
		Want:    `the path of an iCalendar file in the repository where the policy stands, like ".github/holidays.ics", or an https address that the deployment lists`,
		Pattern: calendarPattern, Examples: []string{".github/holidays.ics", "https://calendar.example.org/holidays.ics"}, Max: maxAddress,
	}
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (c *CalendarFile) UnmarshalText(text []byte) error {
	s := string(text)
	want := CalendarFile{}.Form().Want
	switch {
	case addressForm().MatchString(s): // it may hold a secret, so that no message quotes it
		if why := addressFault(s); why != "" {
			return &Wrong{What: "is an address that " + why, Want: want}
		}
	case !calendarForm().MatchString(s), path.Clean(s) != s, strings.HasPrefix(s, "../"), len(s) > maxPattern:
		return &Wrong{What: quote(s) + " is not the path of a calendar", Want: want}
	}
	c.text = s
	return nil
}

func (c *CalendarFile) settle(zone Zone) error {
	c.zone = zone
	return nil
}

// Given reports whether there is one.
func (c CalendarFile) Given() bool { return c.text != "" }

// String is its path, or its address.
func (c CalendarFile) String() string { return c.text }

// Host is that of its address; "" of a path.
func (c CalendarFile) Host() string {
	if !addressForm().MatchString(c.text) {
		return ""
	}
	u, err := url.Parse(c.text)
	if err != nil {
		return ""
	}
	return u.Host
}

// Zone is that of its days.
func (c CalendarFile) Zone() *time.Location { return c.zone.Location() }

// Equal reports whether two are the same.
func (c CalendarFile) Equal(o CalendarFile) bool { return c.text == o.text }

// addressForm is that of what a person would take for an address.
var addressForm = lazy.Regexp(`^[a-zA-Z][a-zA-Z0-9+.-]*:(//)?`)

// How long an address may be, and how many a deployment may list.
const (
	maxAddress   = 400
	maxAddresses = 100
)

// addressFault says what is wrong with an address, as a phrase behind "that"; "" for nothing. It has to be
// in the one form that it has on the way, so that nothing can look like what is listed and lead elsewhere.
func addressFault(s string) string {
	u, err := url.Parse(s)
	switch {
	case len(s) > maxAddress:
		return "is too long"
	case err != nil || u.Host == "" || u.Hostname() == "" || u.Opaque != "":
		return "can't be read"
	case u.Scheme != "https":
		return "isn't one of https"
	case u.User != nil:
		return "holds a name or a password"
	case u.Fragment != "" || strings.Contains(s, "#"):
		return "has a part behind #"
	case u.String() != s || strings.ToLower(u.Host) != u.Host || u.Path == "":
		return "isn't written as it is on the way: in small letters up to its path, which begins with /, with nothing left to escape"
	case strings.Contains(u.Path, "\\") || strings.Contains(u.Path, "//") || strings.Contains(strings.ToLower(u.EscapedPath()), "%2f") ||
		slices.ContainsFunc(strings.Split(u.Path, "/"), func(part string) bool { return part == "." || part == ".." }):
		return "has . or .. or an empty part in its path"
	}
	return ""
}

// Addresses are those that a deployment lets policies name: each one whole, or the beginning of
// several, which ends in /.
type Addresses []string

// addressesOf reads a list with spaces or commas between; ok is false if one isn't good.
func addressesOf(text string) (list Addresses, ok bool) {
	list = strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' || r == '\r' })
	return list, (len(list) > 0 || text == "") && len(list) <= maxAddresses && !slices.ContainsFunc(list, func(a string) bool {
		return addressFault(a) != "" || strings.HasSuffix(a, "/") && strings.Contains(a, "?")
	})
}

// Has reports whether an address is listed. Below a beginning stands none with a query: that could ask the
// host for anything.
func (a Addresses) Has(address string) bool {
	return addressFault(address) == "" && slices.ContainsFunc(a, func(one string) bool {
		return one == address || strings.HasSuffix(one, "/") && strings.HasPrefix(address, one) && !strings.Contains(address, "?")
	})
}

// Deployed is what a policy may rest on and the settings of the deployment say.
type Deployed struct{ Calendars Addresses }

// Deployed is that of a deployment.
func (s Settings) Deployed() Deployed {
	list, _ := addressesOf(s.Calendars)
	return Deployed{Calendars: list}
}

// DeployedValidator is what a section's type may bring besides, to check what it names against what
// the deployment lets it. A policy with such a fault is in force all the same: what it names in vain counts
// as unknown.
type DeployedValidator interface{ ValidateDeployed(d Deployed) error }
