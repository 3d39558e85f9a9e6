package reconcile

import (
	"context"
	"sync"

	"github.com/istio-ecosystem/slipway/internal/effect"
)

// Recorder is the Applier that changes nothing: `slipway plan`, shadow mode and
// tests use it in place of the one that writes to GitHub.
type Recorder struct {
	mu      sync.Mutex
	effects []effect.Effect
}

// Apply implements Applier.
func (r *Recorder) Apply(_ context.Context, e effect.Effect) (Receipt, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.effects = append(r.effects, e)
	return Receipt{Effect: e.String()}, nil
}

// Effects returns what would have been carried out, in order.
func (r *Recorder) Effects() []effect.Effect {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]effect.Effect(nil), r.effects...)
}
