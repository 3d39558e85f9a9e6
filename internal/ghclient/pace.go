package ghclient

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// Pace is how fast one installation may create content. GitHub's documented
// limits are 80 such requests a minute and 500 an hour, and it asks for a
// second between them. A zero field lifts that limit.
type Pace struct {
	PerMinute int
	PerHour   int
	Interval  time.Duration
	Scale     int // divides the minute, the hour and Interval; 0 is 1
}

// pacer gives each write of an installation its slot. A write whose slot is not
// now waits as a snoozed job, not in a worker: so one installation's limit
// never delays another's work. The slot stays reserved under the effect's key.
type pacer struct {
	pace Pace
	now  func() time.Time

	mu       sync.Mutex
	limiters map[lane][]*rate.Limiter
	slots    map[string]time.Time
}

// lane is one installation's share for one purpose.
type lane struct {
	installation int64
	of           reconcile.WriteClass
}

// shares is what the limits are divided into.
const shares = 16

// share is how much of the limits a lane has; all of them together have the whole.
func (l lane) share() int {
	switch l.of {
	case reconcile.Asked:
		return 3
	case reconcile.Refused:
		return 1
	}
	return shares - 3 - 1
}

// slotKept is how long after its time an unused slot is remembered.
const slotKept = 10 * time.Minute

func newPacer(p Pace, now func() time.Time) *pacer {
	return &pacer{pace: p, now: now, limiters: map[lane][]*rate.Limiter{}, slots: map[string]time.Time{}}
}

// waitInPlace is the longest a worker waits for its slot itself. Two writes of
// one job follow each other so; a longer queue is waited for as a snoozed job.
const waitInPlace = 1500 * time.Millisecond

// wait returns nil when the write may go, else a *reconcile.RetryAfterError.
func (p *pacer) wait(ctx context.Context, installation int64, effectKey string) error {
	err := p.take(lane{installation, reconcile.WriteClassOf(ctx)}, effectKey)
	var later *reconcile.RetryAfterError
	if !errors.As(err, &later) {
		return err
	}
	short := later.At.Sub(p.now())
	if short > waitInPlace {
		return err
	}
	// By the machine's clock: it is GitHub that must not be asked too fast.
	timer := time.NewTimer(short)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.slots, effectKey)
		return nil
	}
}

// take returns nil when the slot is now, else a *reconcile.RetryAfterError.
func (p *pacer) take(l lane, effectKey string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	at, reserved := p.slots[effectKey]
	if !reserved {
		at = now
		for _, limiter := range p.of(l) {
			if t := now.Add(limiter.ReserveN(now, 1).DelayFrom(now)); t.After(at) {
				at = t
			}
		}
	}
	if !at.After(now) {
		delete(p.slots, effectKey)
		return nil
	}
	p.slots[effectKey] = at
	p.expire(now)
	return &reconcile.RetryAfterError{At: at, Err: errors.New("writes are paced")}
}

func (p *pacer) of(which lane) []*rate.Limiter {
	if l, ok := p.limiters[which]; ok {
		return l
	}
	var l []*rate.Limiter
	scale := time.Duration(max(1, p.pace.Scale))
	if p.pace.Interval > 0 {
		l = append(l, rate.NewLimiter(rate.Every(p.pace.Interval/scale), 1))
	}
	for window, limit := range map[time.Duration]int{time.Minute: p.pace.PerMinute, time.Hour: p.pace.PerHour} {
		if limit > 0 {
			l = append(l, within(max(1, limit*which.share()/shares), window/scale))
		}
	}
	p.limiters[which] = l
	return l
}

// within returns a limiter that never lets more than limit through in any
// window of that length: a quarter at once, the rest spread over the window.
func within(limit int, window time.Duration) *rate.Limiter {
	burst := max(1, limit/4)
	return rate.NewLimiter(rate.Limit(float64(max(1, limit-burst))/window.Seconds()), burst)
}

// expire forgets slots whose work never came back for them.
func (p *pacer) expire(now time.Time) {
	for key, at := range p.slots {
		if now.Sub(at) > slotKept {
			delete(p.slots, key)
		}
	}
}
