package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// Ledger implements reconcile.Ledger.
type Ledger struct{ s *Store }

var _ reconcile.Ledger = Ledger{}

// Ledger returns the store's ledger.
func (s *Store) Ledger() Ledger { return Ledger{s} }

// Start records, durably, that an effect is about to be carried out, and
// reports what an earlier attempt left. Of two that start at once, one gets New.
func (l Ledger) Start(ctx context.Context, effectKey string) (reconcile.LedgerState, error) {
	var state reconcile.LedgerState
	err := l.s.Update(ctx, func(ctx context.Context, tx Tx) error {
		n, err := tx.exec(ctx, "INSERT INTO ledger (key, state, started_at) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING",
			text(effectKey), string(reconcile.LedgerStarted), l.s.now().UnixMicro())
		if err != nil || n == 1 {
			state = reconcile.LedgerNew
			return err
		}
		var was string
		if _, err := tx.row(ctx, "SELECT state FROM ledger WHERE key = ?", []any{text(effectKey)}, &was); err != nil {
			return err
		}
		state = reconcile.LedgerState(was)
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("ledger: start %s: %w", effectKey, err)
	}
	return state, nil
}

// Finish records that an effect was carried out. Finishing what was not
// started is allowed: its marker was found on GitHub.
func (l Ledger) Finish(ctx context.Context, effectKey string, r reconcile.Receipt) error {
	receipt, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("ledger: finish %s: %w", effectKey, err)
	}
	now := l.s.now().UnixMicro()
	err = l.s.Update(ctx, func(ctx context.Context, tx Tx) error {
		_, err := tx.exec(ctx, `INSERT INTO ledger (key, state, receipt, started_at, finished_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (key) DO UPDATE SET state = excluded.state, receipt = excluded.receipt, finished_at = excluded.finished_at`,
			text(effectKey), string(reconcile.LedgerFinished), string(receipt), now, now)
		return err
	})
	if err != nil {
		return fmt.Errorf("ledger: finish %s: %w", effectKey, err)
	}
	return nil
}
