package facts

import (
	"context"
	"errors"
	"fmt"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// Unknown is what follows for a check when a fact that it rests on isn't known, as
// people read it.
type Unknown string

const (
	// Retry is for what nobody can do without: the error is the reader's.
	Retry Unknown = "the check stays as it was, and Slipway tries again"
	// Hold is for what may stay unknown for long, so that people have to be told: Of
	// returns a *NotKnown, and package gate tells it.
	Hold Unknown = "the check fails closed, says what isn't known, and looks again in 5 minutes"
	// Wait is for what GitHub tells a moment later: the value has a method Unknown, and
	// package gate looks again while it says so. An error is as with Retry.
	Wait Unknown = "it counts as no, and the check looks again after 1, 5 and 30 minutes, and then hourly"
)

// NotKnown is the error of a fact that holds a pull request back as long as it can't be
// found out.
type NotKnown struct {
	What string // couldn't be done, as a phrase for people
	Err  error  // whose words may be others with each try, so they are for the log
}

// Error implements error.
func (n *NotKnown) Error() string { return n.What + ": " + n.Err.Error() }

// Unwrap returns the cause.
func (n *NotKnown) Unwrap() error { return n.Err }

// Told says what isn't known and what to do about it, in Markdown without full stops:
// where GitHub refuses, people have to; else nothing is needed yet.
func (n *NotKnown) Told() (what, next string, refused bool) {
	if r, ok := errors.AsType[*reconcile.RefusedError](n.Err); ok {
		return n.What + ". " + r.Cause(), r.Mend() + "; this check then looks again by itself", true
	}
	return n.What, "none yet: Slipway tries again in a few minutes. If this stays, whoever runs Slipway finds more in its log", false
}

// hold makes an error one that holds. What says by itself when to try again, or that
// there is nothing to judge, stays what it is.
func hold(what string, err error) error {
	var later *reconcile.RetryAfterError
	var known *NotKnown
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		errors.As(err, &later) || errors.Is(err, reconcile.ErrGone) || errors.As(err, &known) {
		return err
	}
	return &NotKnown{what, err}
}

// found is what has become of reading a fact.
func (f Fact[K, V]) found(k K, v V, err error, waits bool) read {
	switch {
	case f.Unknown == Hold && err != nil:
		err = hold(f.What(k), err)
	case f.Unknown == Wait && err == nil:
		value, is := any(v).(interface{ Unknown() bool })
		if !is {
			err = fmt.Errorf("the fact %q waits, and what it is can't say for what", f.Name)
		}
		waits = waits || is && value.Unknown()
	}
	return read{v, err, waits}
}
