package build

import (
	"fmt"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// unsureWait is when it is looked again whether blockers are open, after nobody
// could tell.
const unsureWait = 5 * time.Minute

// maxBlockers is how many blockers a text names.
const maxBlockers = 10

// unsure reports a pull request of whose release nobody could tell the blockers.
func (f pullFacts) unsure() bool {
	for _, c := range f.Changes {
		if c.Blockers.Unknown {
			return true
		}
	}
	return false
}

// ofBlockers holds a publish to the blockers of its release. What can't be counted
// is no zero.
func ofBlockers(c change, v release.Version, s Triggers) Remark {
	grade := Grade(s.Blocked)
	if grade == "" {
		grade = Refuse // fail closed
	}
	switch n := len(c.Blockers.Open); {
	case c.Purpose != Publish:
	case c.Blockers.Unknown:
		return Remark{grade, fmt.Sprintf("whether a blocker of %s is open is unknown, because they couldn't be counted", v.Final()),
			"This check looks again in a few minutes."}
	case n > 0:
		return Remark{grade, fmt.Sprintf("%s of %s %s open", effect.Count(n, "blocker", "blockers"), v.Final(), areIs(n)),
			"Close them, or take their label or their milestone off; this check then runs again by itself."}
	}
	return Remark{}
}

func areIs(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// shownBlockers are those that a text names.
func shownBlockers(b release.Blockers) []string {
	if len(b.Open) <= maxBlockers {
		return b.Open
	}
	return append(b.Open[:maxBlockers:maxBlockers], fmt.Sprintf("and %d more", len(b.Open)-maxBlockers))
}

// openBlockers says of a call for a publish that blockers are open, or that nobody
// can tell; "" while none is.
func (f askFacts) openBlockers() string {
	switch n := len(f.Blockers.Open); {
	case f.Blockers.Unknown:
		return "Whether a blocker is open is unknown, because they couldn't be counted."
	case n > 0:
		return fmt.Sprintf("%s %s open: %s.", effect.Count(n, "blocker", "blockers"), areIs(n), strings.Join(shownBlockers(f.Blockers), ", "))
	}
	return ""
}

// blockedBy answers a call for a publish that blockers hold back; "" for none.
func (f askFacts) blockedBy() string {
	open := f.openBlockers()
	switch {
	case open == "" || f.Settings.Triggers.Blocked == Warning:
		return ""
	case f.Blockers.Unknown:
		return open + " **Next step:** ask again in a few minutes."
	}
	return open + " **Next step:** close them, or take their label or their milestone off."
}
