package config

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/rs/zerolog"
)

// shown is a value as it may be printed.
func (l leaf) shown() string {
	text := l.text()
	switch {
	case !l.Secret || text == "":
		return text
	case l.url:
		// Scheme, host and path tell one database from another; the user, the
		// password and the options stay out.
		if u, err := url.Parse(text); err == nil && u.Scheme != "" && u.Opaque == "" {
			return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
		}
	}
	return "[redacted]"
}

// String lists every key that has a value, without the secret ones' values.
func (s Settings) String() string {
	var b strings.Builder
	for _, l := range leavesOf(&s) {
		if text := l.shown(); text != "" {
			fmt.Fprintf(&b, "%s=%s ", l.Key, text)
		}
	}
	return strings.TrimSpace(b.String())
}

// Format implements fmt.Formatter, so that no verb gets around String.
func (s Settings) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// MarshalText implements encoding.TextMarshaler; JSON and YAML encoders use it.
func (s Settings) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalZerologObject implements zerolog.LogObjectMarshaler.
func (s Settings) MarshalZerologObject(e *zerolog.Event) {
	for _, l := range leavesOf(&s) {
		if text := l.shown(); text != "" {
			e.Str(l.Key, text)
		}
	}
}
