package engine

import (
	"context"
	"errors"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// passingTries is at which try GitHub is taken at its word when it goes on to refuse
// what may be refused for a moment only: a minute after the first.
const passingTries = 7

type attemptKey struct{}

func withAttempt(ctx context.Context, a reconcile.Attempt) context.Context {
	return context.WithValue(ctx, attemptKey{}, a)
}

// carry carries out one effect. A refusal that may pass is one for good after some tries.
func (e *Engine) carry(ctx context.Context, one effect.Effect) (reconcile.Receipt, error) {
	r, err := e.carryOnce(ctx, one)
	a, _ := ctx.Value(attemptKey{}).(reconcile.Attempt)
	var passing *reconcile.PassingError
	if errors.As(err, &passing) && a.N >= passingTries {
		err = &reconcile.RefusedError{Reason: passing.Refusal.Reason, Said: passing.Refusal.Said, Next: passing.Refusal.Next, Err: err}
	}
	return r, err
}

// carryOnce carries out one effect. One that can't be repeated goes through the ledger:
// if it is known there to be done, it isn't looked for again. Whether one that was
// only started came through, the applier finds out by its mark, and by the ledger's
// second row, which is written right before the call itself.
func (e *Engine) carryOnce(ctx context.Context, one effect.Effect) (reconcile.Receipt, error) {
	if _, once := one.(effect.NonIdempotent); !once {
		return e.Applier.Apply(ctx, one)
	}
	state, err := e.Ledger.Start(ctx, one.Key())
	if err != nil {
		return reconcile.Receipt{}, err
	}
	if state == reconcile.LedgerFinished {
		return reconcile.Receipt{Effect: one.String()}, nil
	}
	r, err := e.Applier.Apply(reconcile.WithTry(ctx, reconcile.Try{
		Known: state == reconcile.LedgerStarted,
		Sends: func(ctx context.Context) (reconcile.LedgerState, error) {
			return e.Ledger.Start(ctx, one.Key()+" sent")
		},
		Sent: func(ctx context.Context) error {
			return e.Ledger.Finish(ctx, one.Key()+" sent", reconcile.Receipt{Effect: one.String(), Changed: true})
		},
	}), one)
	if err != nil {
		return r, err
	}
	return r, e.Ledger.Finish(ctx, one.Key(), r)
}
