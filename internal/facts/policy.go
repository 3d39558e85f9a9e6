package facts

import (
	"context"
	"fmt"
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

// Beside is what is read of the files that a policy names.
type Beside interface {
	// FileBeside reads a file of the repository where the policy of another stands.
	FileBeside(ctx context.Context, of, in github.Repo, path string) (github.File, error)
	// BesideBefore lists versions of it, the newest first: at most max.
	BesideBefore(ctx context.Context, of, in github.Repo, path string, max int) ([]github.File, error)
}

// Named is a file that the policy names by its path.
type Named struct {
	Path string
	Own  bool // it stands beside the repository's own part of a policy that it extends
}

// String implements fmt.Stringer.
func (n Named) String() string { return fmt.Sprintf("%t:%s", n.Own, n.Path) }

// BesidePolicy is a file in the repository where the policy stands, on its default branch.
var BesidePolicy = Fact[Named, github.File]{
	Name: "beside the policy", Fresh: github.BesideMemo, Unknown: Retry, From: []Need{Policy},
	Read: func(l *Look, n Named) (github.File, error) {
		in, err := n.in(l)
		if err != nil || in == (github.Repo{}) {
			return github.File{}, err
		}
		return l.from.GitHub.FileBeside(l.ctx, l.Repo, in, n.Path)
	},
}

// BesideBefore are the versions that such a file has had, the newest first: read only where the
// newest is no good.
var BesideBefore = Fact[Named, []github.File]{
	Name: "beside the policy before", Fresh: github.BesideMemo, Unknown: Retry, From: []Need{Policy},
	Read: func(l *Look, n Named) ([]github.File, error) {
		in, err := n.in(l)
		if err != nil || in == (github.Repo{}) {
			return nil, err
		}
		return l.from.GitHub.BesideBefore(l.ctx, l.Repo, in, n.Path, maxBefore)
	},
}

// maxBefore is how many versions are looked at.
const maxBefore = 8

// in is the repository that the file stands in; zero without a policy.
func (n Named) in(l *Look) (github.Repo, error) {
	loaded, err := Policy.Of(l, Whole{})
	switch {
	case err != nil || loaded.Policy == nil:
		return github.Repo{}, err
	case n.Own:
		return loaded.Policy.OwnIn, nil
	}
	return loaded.Policy.In, nil
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
