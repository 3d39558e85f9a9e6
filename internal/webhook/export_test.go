package webhook

import "github.com/istio-ecosystem/slipway/internal/github"

// Parse is parse, for what a capability sees of a payload.
func Parse(kind, guid string, payload []byte) (github.Event, error) {
	e, _, err := ParseOdd(kind, guid, payload)
	return e, err
}

// ParseOdd is Parse with the names of the fields that were passed over.
func ParseOdd(kind, guid string, payload []byte) (github.Event, []string, error) {
	d, err := parse(kind, guid, payload)
	return d.Event, d.odd, err
}
