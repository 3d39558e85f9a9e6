package reconcile

import (
	"context"
	"time"
)

type asOfKey struct{}

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
