package reconcile

import (
	"context"
	"time"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Keyed is a capability apart from its kinds of key.
type Keyed interface {
	// Name is the job kind, log field, policy section and metric label.
	Name() string
	// Events are the kinds of webhook that it wants.
	Events() []string
	// Keys tells, without I/O, what an event may have changed.
	Keys(github.Event) []Key
}

// Commander is a handler with commands.
type Commander interface {
	Commands() []command.Command
	// After tells, without I/O, what a call that came out Done may have changed.
	After(command.Call) []Key
}

// Resyncer is a handler that can name every key there is, from GitHub alone.
type Resyncer interface {
	All(ctx context.Context, repo github.Repo) ([]Key, error)
}

// Recorder is a handler that keeps what people asked of it in comments of ours alone.
type Recorder interface {
	// Recorded tells, without I/O, which keys a comment of ours has a record of.
	Recorded(github.Repo, github.Comment) []Key
}

// MergeBlocker is a handler that may hold merges back.
type MergeBlocker interface {
	// Reason says why no merge into a branch is possible now, as a phrase like
	// "`release-1.30` is frozen until ..."; "" when it is.
	Reason(ctx context.Context, repo github.Repo, branch release.Branch) (why string, err error)
}

// AppliedObserver is a handler that tells what others' effects come to.
type AppliedObserver interface {
	// Applied tells, without I/O, what an effect may have changed that was carried
	// out, or found to be so where nobody knew.
	Applied(effect.Effect, Receipt) []Key
}

// Plan is a decision.
type Plan struct {
	Reason              string // one line: the reason, for the log and for `slipway plan`
	Effects             []effect.Effect
	Enqueue             []Key        // keys to work after it, enqueued as the job completes
	RequeueAt           time.Time    // when to look again without an event; zero for never
	Stale               []string     // as Finish has them
	Dependencies        []Dependency // as Finish has them
	ReplaceDependencies bool
}

// FactRow tells of a fact how old it may be, what follows if it isn't known, which events make it stale, as
// "labels pull_request.labeled", and which facts it is made of.
type FactRow struct {
	Name         string
	Fresh        github.Memo
	Unknown      string
	Events, From []string
}

// Capability is all that a handler does; what its kinds of key decide on is hidden, so
// that capabilities stand in one list.
type Capability struct {
	Name   string
	Events []string
	Keys   func(github.Event) []Key
	// Stale tells, without I/O, which facts an event makes stale; nil for none.
	Stale func(github.Event) []string
	// Facts are those that the plans rest on, for people.
	Facts []FactRow
	// Forget tells, without I/O, the prefixes of what is remembered and no longer holds
	// after an event; nil for none.
	Forget func(github.Event) []string
	// Plan observes, then decides. What it plans counts also with an error, which is
	// then about the rest.
	Plan func(context.Context, Key) (Plan, error)
	// Unworked plans what is told of a key that isn't worked for now, because so many processes
	// ended while they did; nil is nothing. It must not read what the key's work would.
	Unworked func(ctx context.Context, k Key, deaths int) (Plan, error)
	Commands []command.Command
	After    func(command.Call) []Key
	All      func(context.Context, github.Repo) ([]Key, error) // nil without Resyncer
	// Recorded is nil without Recorder.
	Recorded func(github.Repo, github.Comment) []Key
	// BlockReason is nil without MergeBlocker.
	BlockReason func(context.Context, github.Repo, release.Branch) (why string, err error)
	// Applied is nil without AppliedObserver.
	Applied func(effect.Effect, Receipt) []Key
}

// extend adds what a handler does beside planning.
func extend(h Keyed, plan func(context.Context, Key) (Plan, error)) Capability {
	c := Capability{Name: h.Name(), Events: h.Events(), Keys: h.Keys, Plan: plan, After: func(command.Call) []Key { return nil }}
	if r, ok := h.(Resyncer); ok {
		c.All = r.All
	}
	if r, ok := h.(Recorder); ok {
		c.Recorded = r.Recorded
	}
	if w, ok := h.(MergeBlocker); ok {
		c.BlockReason = w.Reason
	}
	if w, ok := h.(AppliedObserver); ok {
		c.Applied = w.Applied
	}
	if m, ok := h.(Commander); ok {
		c.Commands, c.After = m.Commands(), m.After
	}
	return c
}

// Sooner is the earlier of two instants at which to look again; zero is never.
func Sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
