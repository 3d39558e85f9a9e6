package facts

import (
	"context"
	"slices"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// Policies is where policies come from.
type Policies interface {
	Policy(ctx context.Context, repo github.Repo) (config.Loaded, error)
}

// Policy is the policy in force in a repository, with what is wrong with the newest.
var Policy = Fact[Whole, config.Loaded]{
	Name: policyName, Fresh: github.PolicyMemo, Unknown: Retry,
	Stale: []On{{Kind: "push", Touches: func(e github.Event) []Touch {
		if e.Push == nil || !e.Push.TouchesPolicy {
			return nil
		}
		return []Touch{{All: true}}
	}}, newDefault},
	Forget: func(e github.Event, _ Touch) string {
		switch {
		case e.Kind == newDefault.Kind && !e.NewDefault:
			return ""
		case e.Repo.Name == github.PolicyRepo: // all those that it governs
			return github.PolicyCacheKey(github.Repo{Owner: e.Repo.Owner})
		}
		return github.PolicyCacheKey(e.Repo)
	},
	Read: func(l *Look, _ Whole) (config.Loaded, error) {
		if l.under != nil {
			return l.under.policy.For(l.Repo), nil
		}
		return l.from.Policies.Policy(l.ctx, l.Repo)
	},
}

// underPolicy is a policy that a look takes for the one in force.
type underPolicy struct {
	name   string
	policy config.Loaded
}

// Under is the same look as if another policy were in force, known by a name; what
// it reads of GitHub is read once for both only where it doesn't rest on the policy.
func (l *Look) Under(name string, policy config.Loaded) *Look {
	under := *l
	under.under = &underPolicy{name, policy}
	return &under
}

// Section is a section of the policy in force; zero where no policy can be read.
func Section[S config.Validator](l *Look, name string) (s S, err error) {
	loaded, err := Policy.Of(l, Whole{})
	if err != nil || loaded.Policy == nil {
		return s, err
	}
	return config.Section[S](loaded.Policy, name)
}

func (f Fact[K, V]) restsOnPolicy() bool {
	return slices.ContainsFunc(Closure(f), func(a About) bool { return a.Name == policyName })
}

// policyName is what the policy is called among the facts.
const policyName = "policy"
