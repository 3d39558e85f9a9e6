package reconcile

import (
	"context"
	"time"
)

type asOfKey struct{}

// Lane says whose writes go first when GitHub's limits leave only some. Each
// lane has a share of its own, so that none waits behind another: a manager's
// thaw not behind a thousand checks, and the checks not behind refusals that a
// stranger asks for again and again.
type Lane string

// The lanes. The zero Lane is that of what Slipway does by itself.
const (
	Asked   Lane = "asked"   // what a command does, and its answer
	Refused Lane = "refused" // answers that only say no
)

type laneKey struct{}

// WithLane notes in a context whose writes are made in it.
func WithLane(ctx context.Context, l Lane) context.Context {
	return context.WithValue(ctx, laneKey{}, l)
}

// LaneOf returns the lane of a context.
func LaneOf(ctx context.Context) Lane {
	l, _ := ctx.Value(laneKey{}).(Lane)
	return l
}

// WithAsOf notes in a context the instant from which on reads must be new: when
// the work on a key began, after its events so far were counted. An answer that
// GitHub began to make before that may lack what an event told of.
func WithAsOf(ctx context.Context, t time.Time) context.Context {
	return context.WithValue(ctx, asOfKey{}, t)
}

// AsOf returns that instant, and whether there is one.
func AsOf(ctx context.Context) (time.Time, bool) {
	t, ok := ctx.Value(asOfKey{}).(time.Time)
	return t, ok
}
