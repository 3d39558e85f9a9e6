package facts

import (
	"context"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Ruled is what GitHub's rules of a branch ask of a merge.
type Ruled interface {
	// RememberedRules is what a branch asked of a merge when RememberRules read it last.
	RememberedRules(ctx context.Context, repo github.Repo, branch release.Branch) (github.MergeRules, error)
	RememberRules(ctx context.Context, repo github.Repo, branch release.Branch) error
}

// Rules are what a branch asks of a merge, as far as GitHub tells, where it was looked up by
// ReadRules. No event that every App may have tells of them.
var Rules = Fact[release.Branch, github.MergeRules]{
	Name: "merge rules", Fresh: github.RulesMemo, Unknown: Retry,
	Read: func(l *Look, b release.Branch) (github.MergeRules, error) {
		return l.from.GitHub.RememberedRules(l.ctx, l.Repo, b)
	},
}

// ReadRules looks up what branches ask of a merge.
func ReadRules(l *Look, branches []release.Branch) error {
	for _, b := range branches {
		if err := l.from.GitHub.RememberRules(l.ctx, l.Repo, b); err != nil {
			return err
		}
	}
	return nil
}
