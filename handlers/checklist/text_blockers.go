package checklist

import (
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/release"
)

func blockersText(s look) string {
	b := s.Counts.Blockers
	if b.Unknown {
		why := "they couldn't be counted"
		if b.Why != "" {
			why = effect.Inert(b.Why, maxReason)
		}
		return "unknown, because " + why
	}
	return orNone(first(s.blocking(), func(one facts.Blocker) string { return one.AtHome() }))
}

// sparedText names what a release manager has let go.
func sparedText(r Record) string {
	if len(r.Freed) == 0 {
		return ""
	}
	return "- **No blockers, by a release manager's word:** " + strings.Join(first(r.Freed, facts.Freed.Line), "; ") + "\n"
}

// takenOffText tells that somebody took a blocker off who doesn't manage the release.
func takenOffText(b facts.Blocker, branch release.Branch) string {
	next := fmt.Sprintf("a release manager comments %s, or whoever may puts it back", effect.Code("/release unblock "+b.Name()+" REASON"))
	if b.Off.Event == eventGone {
		next = fmt.Sprintf("a release manager comments %s", effect.Code("/release unblock "+b.Name()+" REASON"))
	}
	return fmt.Sprintf("%s.\n\n**Next step:** %s. Closed, it holds nothing back once its fix is on %s.", b.AtHome(), next, effect.Code(string(branch)))
}

// freedReply answers that something is let go, of which b is what is known.
func freedReply(one facts.Freed, b facts.BlockerList) string {
	text := one.Name() + " holds back no version of this release any more"
	if one.Until != "" {
		text = fmt.Sprintf("%s holds back no version before %s; that one and all after it wait for it", one.Name(), effect.Code(one.Until))
	}
	if slices.ContainsFunc(b.All, func(o facts.Blocker) bool { return one.Is(o) && !o.Open }) {
		text += fmt.Sprintf(". It is closed, and its fix isn't known to be on %s", effect.Code(string(b.Branch)))
	}
	text += "."
	return fmt.Sprintf("%s The issue itself stays as it is. %s takes this back.", text, effect.Code("/release block "+one.Name()))
}
