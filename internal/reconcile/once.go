package reconcile

import "context"

// Try is what the ledger knows of a Once effect that is being carried out.
type Try struct {
	// Known says that this database saw an earlier try begin. One that was lost since
	// knows nothing of it, whatever stands on GitHub.
	Known bool
	// Sends notes that the call which can't be repeated is made now, and reports
	// what is known of one that was made before: New for none, Finished if it came
	// through, Started if nobody knows.
	Sends func(ctx context.Context) (LedgerState, error)
	// Sent notes that the call came through.
	Sent func(ctx context.Context) error
}

type tryKey struct{}

// WithTry tells the applier what the ledger knows.
func WithTry(ctx context.Context, t Try) context.Context {
	return context.WithValue(ctx, tryKey{}, t)
}

// TryOf is what the ledger knows. Without a ledger that is nothing.
func TryOf(ctx context.Context) Try {
	t, ok := ctx.Value(tryKey{}).(Try)
	if !ok {
		t.Sends = func(context.Context) (LedgerState, error) { return LedgerNew, nil }
		t.Sent = func(context.Context) error { return nil }
	}
	return t
}
