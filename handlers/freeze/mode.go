package freeze

import (
	"slices"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// enforces reports whether a freeze of a branch holds merges back: it is governed, and the policy
// has the check neither off nor report only there.
func (s state) enforces(b release.Branch) bool {
	return s.Policy.Governs(b) && s.Settings.On(b) == config.Enforce
}

// modeText says that a freeze holds nothing back on some of its branches, by the policy's mode; "" where it does.
func modeText(r Record, p config.Loaded) string {
	var watched, keys []string
	soft := false
	for _, name := range r.patterns() {
		switch {
		case p.Policy == nil || r.End != nil:
		case isPattern(name) || name == anyBranch:
			s, err := config.Section[Settings](p.Policy, Name)
			soft = soft || err == nil && s.Softened()
		case p.Policy.Mode(Name, release.Branch(name)) != config.Enforce:
			watched, keys = append(watched, name), append(keys, p.Policy.ModeKey(Name, release.Branch(name)))
		}
	}
	slices.Sort(watched)
	slices.Sort(keys)
	switch {
	case len(watched) > 0:
		return "\n\n**On " + effect.Codes(watched) + " it holds nothing back**: the policy has " + effect.Codes(slices.Compact(keys)) + "."
	case soft:
		return "\n\nIt holds nothing back where the policy has " + effect.Code(Name+".mode") + " as " + effect.Code(string(config.ReportOnly)) + " or " + effect.Code(string(config.Off)) + "."
	}
	return ""
}
