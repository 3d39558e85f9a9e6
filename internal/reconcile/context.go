package reconcile

import (
	"context"
	"time"
)

type asOfKey struct{}

// WriteClass says whose writes go first when GitHub's limits leave only some. Each
// lane has a share of its own, so that none waits behind another: a manager's
// thaw not behind a thousand checks, and the checks not behind refusals that a
// stranger asks for again and again.
type WriteClass string

// The classes. The zero WriteClass is that of what Slipway does by itself.
const (
	Asked   WriteClass = "asked"   // what a command does, and its answer
	Refused WriteClass = "refused" // answers that change nothing: that say no, or tell who asked
)

type laneKey struct{}

// WithWriteClass notes in a context whose writes are made in it.
func WithWriteClass(ctx context.Context, l WriteClass) context.Context {
	return context.WithValue(ctx, laneKey{}, l)
}

// WriteClassOf returns the class of a context.
func WriteClassOf(ctx context.Context) WriteClass {
	l, _ := ctx.Value(laneKey{}).(WriteClass)
	return l
}

// WithReadNoOlderThan notes in a context the instant from which on reads must be new: when
// the work on a key began, after its events so far were counted. An answer that
// GitHub began to make before that may lack what an event told of.
func WithReadNoOlderThan(ctx context.Context, t time.Time) context.Context {
	return context.WithValue(ctx, asOfKey{}, t)
}

// ReadNoOlderThan returns that instant, and whether there is one.
func ReadNoOlderThan(ctx context.Context) (time.Time, bool) {
	t, ok := ctx.Value(asOfKey{}).(time.Time)
	return t, ok
}
