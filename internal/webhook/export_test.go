package webhook

import "github.com/istio-ecosystem/slipway/internal/github"

// Parse is parse, for what a capability sees of a payload.
func Parse(kind, guid string, payload []byte) (github.Event, error) {
	d, err := parse(kind, guid, payload)
	return d.Event, err
}
