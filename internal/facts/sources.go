package facts

import (
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// Sources is where facts are read from.
type Sources struct {
	GitHub   GitHub
	Git      Git
	Policies Policies
	Seen     PullSnapshots
	Owned    Owned
	// Calendars are those at addresses; nil where nothing is fetched.
	Calendars Calendars
	Sealer    effect.Sealer // of what our App wrote
	// Events counts the events of facts that wake who rests on them; nil where nobody is
	// woken.
	Events reconcile.Facts
}

// GitHub is what facts read of GitHub.
type GitHub interface {
	Pulls
	Reviewed
	People
	Origins
	Activity
	Changed
	Labellings
	Records
	Builds
	Seen
	Moving
	Ruled
	Talk
	Beside
}
