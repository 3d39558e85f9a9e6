package gate

import (
	"fmt"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// freed is said of a branch that the gate doesn't judge, and may have judged.
func (g One) freed(p config.Loaded, b release.Branch) effect.Verdict {
	if g.texts.Spared != nil && p.Governs(b) {
		return g.texts.Spared(b)
	}
	return g.texts.Freed(b)
}

// inMode is what becomes of a verdict by the mode of the gate's section on a branch: one that
// only reports says the same in a neutral check, and does nothing beside it. A policy that can't be read
// has no mode, so that its gates fail closed.
func (g One) inMode(p config.Loaded, b release.Branch, v Verdict) Verdict {
	if p.Policy.Mode(g.Name, b) != config.ReportOnly {
		return v
	}
	would, title := "would let this through", "would pass"
	if v.State == effect.Block || v.State == effect.Wait {
		would, title = "would hold this back", "would hold back"
	}
	if v.Reason != "" {
		v.Reason = "report only, " + title + ": " + v.Reason
	}
	v.Title = effect.Cut(fmt.Sprintf("Report only, %s: %s", title, v.Title), maxTitle)
	v.Detail = fmt.Sprintf("**This is a report and holds nothing back.** [The policy](%s) has this check report only (%s). Enforced, it %s, and would say:\n\n%s",
		p.URL, effect.Code(p.Policy.ModeKey(g.Name, b)), would, v.Detail)
	v.State, v.Effects = effect.Neutral, nil
	return v
}
