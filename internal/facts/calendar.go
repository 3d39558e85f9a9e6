package facts

import (
	"context"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/ical"
)

// Calendars is where the calendars at addresses come from.
type Calendars interface {
	// Calendar tells what is known of one. That the address has none, or can't be reached, is part
	// of that; an error is about trying again.
	Calendar(ctx context.Context, address string) (ical.Copy, error)
}

// CalendarAt is a calendar at an address that a policy names. No event tells that it has changed:
// whoever reads it asks again when it is too old.
var CalendarAt = Fact[string, ical.Copy]{
	Name: "calendar at", Fresh: github.CalendarMemo, Unknown: Retry,
	Read: func(l *Look, address string) (ical.Copy, error) {
		if l.from.Calendars == nil {
			return ical.Copy{Unlisted: true}, nil
		}
		return l.from.Calendars.Calendar(l.ctx, address)
	},
}
