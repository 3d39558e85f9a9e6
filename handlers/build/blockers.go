package build

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
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
	switch says := c.Blockers.Says(v, " of "+v.Final().String()); {
	case c.Purpose != Publish:
	case c.Blockers.Unknown:
		return Remark{WithBlocker, grade, fmt.Sprintf("whether a blocker of %s is open is unknown, because %s", v.Final(), uncounted(c.Blockers)),
			"This check looks again in a few minutes."}
	case says != "":
		return Remark{WithBlocker, grade, says, lift(unblock) + ". This check then runs again by itself."}
	}
	return Remark{}
}

// uncounted says why blockers are unknown, as a phrase.
func uncounted(b facts.BlockerList) string { return cmp.Or(b.Why, "they couldn't be counted") }

// lift is what to do about blockers, with the command as it is to be shown.
func lift(command string) string {
	return "Close each, and have its fix on the branch; or a release manager lets it go, on the tracking issue: " + command
}

const unblock = "/release unblock #N REASON"

// shownBlockers are those of a version that a text names.
func shownBlockers(b facts.BlockerList, v release.Version) (lines []string) {
	if b.Unknown {
		return nil
	}
	all := b.Blocking(v)
	for _, one := range all[:min(len(all), maxBlockers)] {
		lines = append(lines, one.Line())
	}
	if more := len(all) - maxBlockers; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return lines
}

// sparedBlockers are the words by which something doesn't hold a version back.
func sparedBlockers(b facts.BlockerList, v release.Version) (lines []string) {
	for _, f := range b.Spared(v) {
		if len(lines) < maxBlockers {
			lines = append(lines, f.Line())
		}
	}
	return lines
}

// openBlockers says of a call for a publish that blockers hold it back, or that nobody
// can tell; "" while none does.
func (f askFacts) openBlockers() string {
	switch says := f.Blockers.Says(f.Version, ""); {
	case f.Blockers.Unknown:
		return fmt.Sprintf("Whether a blocker is open is unknown, because %s.", effect.Inert(uncounted(f.Blockers), maxFault))
	case says != "":
		return fmt.Sprintf("%s: %s.", effect.Inert(sentence(says), maxFault), strings.Join(shownBlockers(f.Blockers, f.Version), "; "))
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
	next := lift(effect.Code(unblock))
	return open + " **Next step:** " + strings.ToLower(next[:1]) + next[1:] + "."
}
