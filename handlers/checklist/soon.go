package checklist

import (
	"context"
	"fmt"
	"time"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// Much happens in the repositories of a release, and each of it may change a
// count. A look at all of it for each would cost forty requests every time. So an
// event leads to the key `soon/N`, which lets a look through if the last one that
// it let through is long enough ago, and else asks to be worked again when it is.
// Every event comes before the look that follows it, so none is lost: neither when
// the program dies between the two, for the instant stands in the job's own
// transaction, nor when the memory is lost, for then the look comes at once.

// Looks remembers when a look was let through last.
type Looks interface {
	Get(ctx context.Context, key string) (value []byte, ok bool, err error)
	Put(ctx context.Context, key string, value []byte, ttl time.Duration) error
}

// observeSoon finds out from which instant on the next look may come, and notes it
// if that is now.
func (h *Handler) observeSoon(ctx context.Context, s *Snapshot) error {
	every := s.Settings.LookEvery.Std()
	if every <= 0 {
		return nil
	}
	id := fmt.Sprintf("looked/%s/%d", s.Key.Repo, s.Subject.number)
	raw, ok, err := h.Looks.Get(ctx, id)
	if err != nil {
		return err
	}
	// One of the future is from before somebody set the clock back.
	if last, err := time.Parse(time.RFC3339Nano, string(raw)); ok && err == nil && !last.After(s.Now) && s.Now.Before(last.Add(every)) {
		s.From = last.Add(every)
		return nil
	}
	return h.Looks.Put(ctx, id, []byte(s.Now.UTC().Format(time.RFC3339Nano)), every)
}

// soon lets a look through, or waits until it may be.
func soon(s Snapshot) reconcile.Plan {
	if !s.From.IsZero() {
		return reconcile.Plan{Why: fmt.Sprintf("#%d was looked at less than %s ago", s.Subject.number, s.Settings.LookEvery), Next: s.From}
	}
	return reconcile.Plan{Why: fmt.Sprintf("#%d is to be looked at", s.Subject.number), Then: []reconcile.Key{trackerKey(s.Key.Repo, s.Subject.number)}}
}
