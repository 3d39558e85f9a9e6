package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Registry is the explicit, ordered list of capabilities.
type Registry struct {
	list   []Capability
	byName map[string]int
}

// NewRegistry checks that names and commands are unique.
func NewRegistry(list ...Capability) (*Registry, error) {
	r := &Registry{list: list, byName: map[string]int{}}
	commands := map[string]string{}
	for i, c := range list {
		if _, dup := r.byName[c.Name]; dup || slices.Contains([]string{CommandHandler, QuestionHandler, RefusalHandler, ResyncHandler, SweepHandler, SpreadHandler}, c.Name) {
			return nil, fmt.Errorf("capability %q is taken", c.Name)
		}
		r.byName[c.Name] = i
		for _, cmd := range c.Commands {
			if other, dup := commands[cmd.Name]; dup {
				return nil, fmt.Errorf("command /%s of %s is already %s's", cmd.Name, c.Name, other)
			}
			if cmd.Allow == command.ReleaseManager && cmd.Branches == nil {
				return nil, fmt.Errorf("command /%s needs a role and doesn't say for which branches", cmd.Name)
			}
			commands[cmd.Name] = c.Name
		}
	}
	return r, nil
}

// Capabilities returns the list in its order.
func (r *Registry) Capabilities() []Capability { return r.list }

// Find returns the capability of a name.
func (r *Registry) Find(name string) (Capability, bool) {
	i, ok := r.byName[name]
	if !ok {
		return Capability{}, false
	}
	return r.list[i], true
}

// Owner returns the capability that brings a command.
func (r *Registry) Owner(name string) (Capability, command.Command, bool) {
	for _, c := range r.list {
		for _, cmd := range c.Commands {
			if cmd.Name == name {
				return c, cmd, true
			}
		}
	}
	return Capability{}, command.Command{}, false
}

// Commands returns every command in order.
func (r *Registry) Commands() []command.Command {
	var all []command.Command
	for _, c := range r.list {
		all = append(all, c.Commands...)
	}
	return all
}

// Events returns every kind of webhook that some capability wants, sorted.
func (r *Registry) Events() []string {
	var all []string
	for _, c := range r.list {
		all = append(all, c.Events...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// BlockReasons asks every capability that may hold merges back, and returns their
// reasons.
func (r *Registry) BlockReasons(ctx context.Context, repo github.Repo, branch release.Branch) (reasons []string, err error) {
	for _, c := range r.list {
		if c.BlockReason == nil {
			continue
		}
		why, err := c.BlockReason(ctx, repo, branch)
		if err != nil {
			return nil, fmt.Errorf("%s of %s: %w", c.Name, branch, err)
		}
		if why != "" {
			reasons = append(reasons, why)
		}
	}
	return reasons, nil
}

// Applied asks every capability that wants to know what an effect may have
// changed, if anything is new about it.
func (r *Registry) Applied(e effect.Effect, done Receipt) []Key {
	if !done.Changed && !done.Learned {
		return nil
	}
	var keys []Key
	for _, c := range r.list {
		if c.Applied != nil {
			keys = append(keys, c.Applied(e, done)...)
		}
	}
	return keys
}

// Recorded asks every capability that keeps records in comments what one of ours tells.
func (r *Registry) Recorded(repo github.Repo, comment github.Comment) (keys []Key) {
	for _, c := range r.list {
		if c.Recorded != nil {
			keys = append(keys, c.Recorded(repo, comment)...)
		}
	}
	return keys
}

// Keys asks every capability that wants the event. One that panics has no keys,
// and its error is returned beside those of the others; so it is with Stale and Forget.
func (r *Registry) Keys(e github.Event) ([]Key, error) {
	return everyones(r, e, "keys", func(c Capability) func(github.Event) []Key {
		if !slices.Contains(c.Events, e.Kind) {
			return nil
		}
		return c.Keys
	})
}

// Stale lists the ids of the facts that an event makes stale.
func (r *Registry) Stale(e github.Event) ([]string, error) {
	return everyones(r, e, "stale facts", func(c Capability) func(github.Event) []string { return c.Stale })
}

// Forget lists the prefixes of what is remembered and no longer holds after an event.
func (r *Registry) Forget(e github.Event) ([]string, error) {
	return everyones(r, e, "memory", func(c Capability) func(github.Event) []string { return c.Forget })
}

// everyones is what the capabilities say of an event, by what each is asked; nil for
// one that isn't. What people wrote is in the event, and a slip in reading it must not
// lose the delivery for all others.
func everyones[T any](r *Registry, e github.Event, what string, asked func(Capability) func(github.Event) []T) (all []T, err error) {
	ask := func(c Capability, of func(github.Event) []T) (some []T, err error) {
		defer func() {
			if r := recover(); r != nil {
				some, err = nil, fmt.Errorf("the %s of %s for %s.%s: panic: %v", what, c.Name, e.Kind, e.Action, r)
			}
		}()
		return of(e), nil
	}
	for _, c := range r.list {
		if of := asked(c); of != nil {
			some, failed := ask(c, of)
			all, err = append(all, some...), errors.Join(err, failed)
		}
	}
	return all, err
}
