package engine

import (
	"context"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// carry carries out one effect. One that can't be repeated goes through the ledger:
// if it is known there to be done, it isn't looked for again. Whether one that was
// only started came through, the applier finds out by its mark, and by the ledger's
// second row, which is written right before the call itself.
func (e *Engine) carry(ctx context.Context, one effect.Effect) (reconcile.Receipt, error) {
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
