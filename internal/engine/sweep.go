package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

const (
	sweptKey = "swept"
	// sweepReach is how long GitHub keeps deliveries and takes redeliveries:
	// https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks
	sweepReach = 3 * 24 * time.Hour
	// sweepOverlap covers deliveries that were still under way at the last sweep.
	sweepOverlap = 10 * time.Minute
	// firstPause and lastPause bound how long a delivery waits that failed again: one
	// that we can't take (it is malformed, say) fails each time.
	firstPause, lastPause = 5 * time.Minute, time.Hour
	// mostAsked is how many are asked for in one sweep, each of which is a request.
	mostAsked = 300
	// mostWaiting bounds what is remembered. Beyond it the next sweep lists them again.
	mostWaiting = 10_000
)

// swept is what is known of the deliveries that no attempt got through.
type swept struct {
	Until   time.Time // all before it has been listed
	Waiting []waiting // the oldest first
}

// waiting is a delivery that isn't known to have come.
type waiting struct {
	GUID    string
	Attempt int64     // its newest
	Since   time.Time // when it was first seen here
	Failed  int       // how often it failed when it was asked for
	Next    time.Time // when to ask for it
	Asked   bool      // at the last sweep: it has come if it isn't lost again
}

// failed has the delivery wait, longer each time.
func (w *waiting) failed(now time.Time) {
	w.Next = now.Add(min(firstPause<<min(w.Failed, 10), lastPause))
	w.Failed++
}

// from is the instant from which on deliveries are listed.
func (s swept) from(now time.Time) time.Time {
	reach, since := now.Add(-sweepReach), s.Until.Add(-sweepOverlap)
	if since.After(reach) {
		return since
	}
	return reach
}

// after is what is known once the lost deliveries have been listed. Nothing is given up as
// long as GitHub can deliver it; and when one comes again, the door is open, so the others
// are asked for at once.
func (s swept) after(lost []github.Lost, now time.Time) swept {
	next, opened := swept{Until: now}, false
	have := map[string]bool{}
	for _, w := range s.Waiting {
		have[w.GUID] = true
		i := slices.IndexFunc(lost, func(l github.Lost) bool { return l.GUID == w.GUID })
		switch {
		case i < 0 && w.Asked:
			opened = true
			continue
		case now.Sub(w.Since) > sweepReach:
			continue
		case i >= 0 && w.Asked:
			w.Attempt, w.Asked = lost[i].Attempt, false
			w.failed(now)
		}
		next.Waiting = append(next.Waiting, w)
	}
	for _, l := range lost {
		if have[l.GUID] {
			continue
		}
		if len(next.Waiting) >= mostWaiting {
			next.Until = s.Until
			break
		}
		next.Waiting = append(next.Waiting, waiting{GUID: l.GUID, Attempt: l.Attempt, Since: now, Next: now})
	}
	if opened {
		for i := range next.Waiting {
			next.Waiting[i].Next = now
		}
	}
	return next
}

// sweep asks for every delivery that no attempt of GitHub's got through. GitHub
// itself never tries again. A redelivery keeps its GUID, so one that did
// arrive changes nothing.
func (e *Engine) sweep(ctx context.Context) (reconcile.Finish, error) {
	now := e.Now()
	var s swept
	if _, err := e.recall(ctx, sweptKey, &s); err != nil {
		return reconcile.Finish{}, fmt.Errorf("sweep: %w", err)
	}
	lost, err := e.Hooks.Undelivered(ctx, s.from(now))
	if err != nil {
		return reconcile.Finish{}, fmt.Errorf("sweep: %w", err)
	}
	s = s.after(lost, now)
	asked, gone, failed := e.askFor(ctx, &s, now)
	f := reconcile.Finish{Reason: fmt.Sprintf("%d deliveries asked for again", asked)}
	if left := len(s.Waiting) - asked - gone; left > 0 {
		f.Reason += fmt.Sprintf(", %d wait for their turn", left)
	}
	if gone > 0 {
		f.Reason += fmt.Sprintf(", %d can't be had from GitHub now", gone)
	}
	if err := errors.Join(failed, e.remember(ctx, sweptKey, s, sweepReach)); err != nil {
		return f, fmt.Errorf("sweep: %w", err)
	}
	return f, nil
}

// askFor has GitHub deliver what is due, as many as one sweep may. What GitHub refuses to
// deliver waits like what fails: on a bad day it says 404 of what is there.
func (e *Engine) askFor(ctx context.Context, s *swept, now time.Time) (asked, gone int, err error) {
	var left []waiting
	for i, w := range s.Waiting {
		if w.Next.After(now) || asked+gone >= mostAsked {
			left = append(left, w)
			continue
		}
		err := e.Hooks.Redeliver(ctx, w.Attempt)
		_, refused := errors.AsType[*reconcile.RefusedError](err)
		switch {
		case refused || errors.Is(err, reconcile.ErrGone):
			gone++
			w.failed(now)
			left = append(left, w)
			continue
		case err != nil:
			s.Waiting = append(left, s.Waiting[i:]...)
			return asked, gone, err
		}
		w.Asked = true
		left, asked = append(left, w), asked+1
	}
	s.Waiting = left
	return asked, gone, nil
}
