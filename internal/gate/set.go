package gate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Set is all gates, in the order in which their checks are written.
type Set struct {
	From  *facts.Sources
	Now   func() time.Time
	Gates []One
}

// Checks lists the names of the check runs.
func (s Set) Checks() []string { return checksOf(s.Gates) }

func checksOf(gates []One) (names []string) {
	for _, g := range gates {
		names = append(names, g.Check)
	}
	return names
}

// Asked lists the names of those that the policy asks for on pull requests against a branch, without
// those that only report: nothing waits for them.
func (s Set) Asked(l *facts.Look, b release.Branch) (names []string, err error) {
	p, err := facts.Policy.Of(l, facts.Whole{})
	for _, g := range s.Gates {
		if err != nil {
			return nil, err
		}
		var concerned bool
		if _, concerned, err = g.judges(l, p, b); concerned && p.Policy.Mode(g.Name, b) == config.Enforce {
			names = append(names, g.Check)
		}
	}
	return names, err
}

// OfProposals are those past which what Slipway itself proposes gets as the policy says, less some by their names.
func (s Set) OfProposals(less ...string) Set {
	s.Gates = slices.DeleteFunc(slices.Clone(s.Gates), func(g One) bool { return !g.proposals || slices.Contains(less, g.Name) })
	return s
}

func (s Set) needs() []facts.Need {
	var all []facts.Need
	for _, g := range s.Gates {
		all = append(all, g.Needs...)
	}
	return all
}

// Capability judges pull requests for all gates at once.
func (s Set) Capability() reconcile.Capability {
	needs := s.needs()
	kinds := append(facts.Kinds(needs...), "check_run", "check_suite", "merge_group")
	slices.Sort(kinds)
	return reconcile.Capability{
		Name: Name, Events: slices.Compact(kinds),
		Keys: func(e github.Event) []reconcile.Key {
			var keys []reconcile.Key
			for _, id := range ids(e, needs) {
				keys = append(keys, reconcile.Key{Handler: Name, Repo: e.Repo, ID: id})
			}
			return keys
		},
		Facts:  facts.Rows(needs...),
		Forget: func(e github.Event) []string { return facts.Forgets(e, needs...) },
		Stale:  func(e github.Event) []string { return facts.Stale(e, needs...) },
		Plan:   func(ctx context.Context, k reconcile.Key) (reconcile.Plan, error) { return s.plan(ctx, k, s.Gates) },
		Unworked: func(ctx context.Context, k reconcile.Key, deaths int) (reconcile.Plan, error) {
			return s.plan(ctx, k, unworked(s.Gates, deaths))
		},
		All: s.all,
	}
}

// unworked are gates that read nothing and let nothing through.
func unworked(gates []One, deaths int) []One {
	v := Verdict{Verdict: effect.Verdict{State: effect.Block, Title: "Slipway can't look at this", Detail: fmt.Sprintf(
		"Slipway ended each of the %d times that it looked at this pull request, so it doesn't look for some hours, and this check lets nothing through.\n\n"+
			"**Next step:** make it smaller, or ask whoever runs Slipway: its log says more.", deaths)}}
	gates = slices.Clone(gates)
	for i := range gates {
		gates[i].judge = func(*facts.Look, github.PullRequest) (Verdict, error) { return v, nil }
	}
	return gates
}

// all names every open pull request: also of those that concern nobody, something
// may have been reported while they did. One that was closed unseen is named once more,
// since it holds back those that share its head as long as nobody reads it.
func (s Set) all(ctx context.Context, repo github.Repo) ([]reconcile.Key, error) {
	l := facts.NewLook(ctx, s.From, repo, s.Now())
	policy, err := facts.Policy.Of(l, facts.Whole{})
	if err != nil {
		return nil, err
	}
	seen, err := facts.WithHead.Of(l, "")
	if err != nil {
		return nil, err
	}
	if !policy.Exists() {
		return s.heldStill(l, repo, seen)
	}
	open, err := facts.Open.Of(l, "")
	if err != nil {
		return nil, err
	}
	if err := readRules(l, s.Gates, policy, open); err != nil {
		return nil, err
	}
	var keys []reconcile.Key
	for _, pr := range open {
		keys = append(keys, PullKey(repo, pr.Number))
	}
	for _, one := range seen {
		if key := PullKey(repo, one.Number); !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// heldStill names those pull requests of a repository without a policy, which it may have had, that
// something of ours is remembered to hold back. It costs no request where nothing of ours is.
func (s Set) heldStill(l *facts.Look, repo github.Repo, seen []github.PullSnapshot) (keys []reconcile.Key, err error) {
	var ours []github.PullRequest
	for _, one := range seen {
		have, _, err := facts.Reported(l, one.PullRequest, s.Checks())
		if err != nil {
			return nil, err
		}
		if len(have) > 0 {
			ours = append(ours, one.PullRequest)
		}
		if slices.ContainsFunc(have, func(run github.RememberedRun) bool { return run.Holds }) {
			keys = append(keys, PullKey(repo, one.Number))
		}
	}
	return keys, readRules(l, s.Gates, config.Loaded{}, ours)
}

// plan observes what a key names, and decides.
func (s Set) plan(ctx context.Context, k reconcile.Key, gates []One) (reconcile.Plan, error) {
	l := facts.NewLook(ctx, s.From, k.Repo, s.Now())
	found, err := observe(l, k, gates)
	if err != nil {
		return reconcile.Plan{}, fmt.Errorf("observe %s: %w", k, err)
	}
	plan, err := decide(found)
	if err != nil {
		err = fmt.Errorf("observe %s: %w", k, err)
	}
	// Whatever else judged it, this key has all gates look again.
	plan.Dependencies, plan.ReplaceDependencies = l.Dependencies(), k.Handler == Name && found.subject.kind == Pull
	return plan, err
}

// Joined is a gate's own capability: the keys that concern it alone, and what else
// its handler does under its name. A gate without a handler has the zero Capability.
func (s Set) Joined(name string, c reconcile.Capability) reconcile.Capability {
	g := s.Gates[slices.IndexFunc(s.Gates, func(g One) bool { return g.Name == name })]
	keys, plan := c.Keys, c.Plan
	c.Name = name
	c.Events = append(slices.Clone(c.Events), "check_run")
	slices.Sort(c.Events)
	c.Events = slices.Compact(c.Events)
	c.Keys = func(e github.Event) []reconcile.Key {
		var all []reconcile.Key
		if keys != nil {
			all = keys(e)
		}
		if id, ok := rerunID(e, g.Check); ok {
			all = append(all, reconcile.Key{Handler: name, Repo: e.Repo, ID: id})
		}
		return all
	}
	c.Plan = func(ctx context.Context, k reconcile.Key) (reconcile.Plan, error) {
		if about, _ := parse(k.ID); about.kind != "" || plan == nil {
			return s.plan(ctx, k, []One{g})
		}
		return plan(ctx, k)
	}
	return c
}

// Preview is a gate as the policy's check asks it: what it would say if another
// policy were in force.
type Preview struct {
	set  Set
	gate One
}

// Previews are those of the gates that can be asked about many pull requests.
func (s Set) Previews() []Preview {
	var all []Preview
	for _, g := range s.Gates {
		if g.foresee != nil {
			all = append(all, Preview{s, g})
		}
	}
	return all
}

// Name is the gate's.
func (p Preview) Name() string { return p.gate.Name }

// Verdicts says of open pull requests, by their numbers, what the check would say
// under a policy, as things stand now. Those that it wouldn't judge have none.
func (p Preview) Verdicts(ctx context.Context, repo github.Repo, policy config.Loaded, prs []github.PullRequest) (map[int]effect.Verdict, error) {
	verdicts := map[int]effect.Verdict{}
	if !policy.Exists() {
		return verdicts, nil
	}
	policy = policy.For(repo)
	l := facts.NewLook(ctx, p.set.From, repo, p.set.Now()).Under("a proposal", policy)
	for _, pr := range prs {
		_, concerned, err := p.gate.judges(l, policy, pr.Base)
		if err != nil {
			return nil, err
		}
		if !concerned {
			continue
		}
		v, err := p.gate.foresee(l, pr)
		if errors.Is(err, reconcile.ErrGone) {
			continue // closed or deleted meanwhile
		}
		if err != nil {
			return nil, err
		}
		verdicts[pr.Number] = p.gate.inMode(policy, pr.Base, v).Verdict
	}
	return verdicts, nil
}
