package gate

import (
	"slices"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file knows which checks GitHub requires where nobody judges.

// maxRuled is of how many branches that nobody judges a look reads what GitHub requires there.
const maxRuled = 20

// readRules looks up what GitHub requires on the branches of pull requests that some gate doesn't
// judge: by each resync and with each change of the policy, so that an event there costs nothing.
func readRules(l *facts.Look, gates []One, policy config.Loaded, open []github.PullRequest) error {
	var branches []release.Branch
	for _, pr := range open {
		if slices.Contains(branches, pr.Base) || len(branches) == maxRuled {
			continue
		}
		for _, g := range gates {
			_, concerned, err := g.judges(l, policy, pr.Base)
			if err != nil {
				return err
			}
			if !concerned {
				branches = append(branches, pr.Base)
				break
			}
		}
	}
	return facts.ReadRules(l, branches)
}

// judged reports whether a gate has judged, or tried to.
func (s *snapshot) judged(g One) bool {
	return slices.ContainsFunc(s.found, func(f found) bool { return f.gate.Name == g.Name && (f.err != nil || len(f.members) > 0) })
}

// notRequired are those of some checks that GitHub doesn't require on a branch, as far as it tells.
func notRequired(l *facts.Look, b release.Branch, checks []string) ([]string, error) {
	rules, err := facts.Rules.Of(l, b)
	return rules.Lacks(checks), err
}
