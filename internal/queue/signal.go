package queue

import (
	"context"
	"sync"
	"time"

	"github.com/riverqueue/river/riverdriver"

	"github.com/istio-ecosystem/slipway/internal/store"
)

// signal tells whoever watches it that something has changed.
type signal struct {
	mu   sync.Mutex
	next chan struct{}
}

// watch returns a channel that is closed with the next change.
func (s *signal) watch() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next == nil {
		s.next = make(chan struct{})
	}
	return s.next
}

func (s *signal) ring() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next != nil {
		close(s.next)
		s.next = nil
	}
}

// update is the store's, and tells River and those who wait for idleness that
// there is news. Everything that changes what is to be worked goes through it.
func (q *Queue) update(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	err := q.store.Update(ctx, fn)
	q.Wake()
	return err
}

// Wake looks at once for what is due: when jobs were inserted, and when the
// clock was moved.
func (q *Queue) Wake() {
	q.changed.ring()
	select {
	case q.bell <- struct{}{}:
	default: // it is rung already
	}
}

// Changed returns a channel that is closed once this process has changed what is to
// be worked, or has worked something.
func (q *Queue) Changed() <-chan struct{} { return q.changed.watch() }

// now is the clock of the queue.
func (q *Queue) now() time.Time {
	if q.opts.Now != nil {
		return q.opts.Now()
	}
	return time.Now()
}

// Now implements rivertype.TimeGenerator.
func (q *Queue) Now() time.Time { return q.now() }

// NowOrNil implements rivertype.TimeGenerator: nil means the database's clock.
func (q *Queue) NowOrNil() *time.Time {
	if q.opts.Now == nil {
		return nil
	}
	now := q.opts.Now()
	return &now
}

// listener implements riverdriver.Listener over the bell.
type listener <-chan struct{}

func (listener) Close(context.Context) error            { return nil }
func (listener) Connect(context.Context) error          { return nil }
func (listener) Listen(context.Context, string) error   { return nil }
func (listener) Unlisten(context.Context, string) error { return nil }
func (listener) Ping(context.Context) error             { return nil }
func (listener) Schema() string                         { return "" }
func (listener) SetAfterConnectExec(string)             {}

// WaitForNotification waits until the bell rings.
func (l listener) WaitForNotification(ctx context.Context) (*riverdriver.Notification, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-l:
		return &riverdriver.Notification{Topic: "river_insert", Payload: `{"queue":"default"}`}, nil
	}
}
