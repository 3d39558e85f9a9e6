package ghclient

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// TestPaceStaysUnderEveryWindow drives 700 writes, each coming back at the time
// it was told, and counts what went through in any minute and hour.
func TestPaceStaysUnderEveryWindow(t *testing.T) {
	now := time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)
	p := newPacer(Pace{PerMinute: 80, PerHour: 500, Interval: time.Second}, func() time.Time { return now })
	type waiting struct {
		key  string
		at   time.Time
		lane lane
	}
	lanes := []reconcile.WriteClass{"", "", "", "", "", "", "", reconcile.Asked, reconcile.Asked, reconcile.Refused}
	var queue []waiting
	for i := range 700 {
		queue = append(queue, waiting{fmt.Sprint("effect ", i), now, lane{1, lanes[i%len(lanes)]}})
	}
	var went []time.Time
	last := map[lane]time.Time{}
	for len(queue) > 0 {
		next := 0
		for i := range queue {
			if queue[i].at.Before(queue[next].at) {
				next = i
			}
		}
		w := queue[next]
		queue = append(queue[:next], queue[next+1:]...)
		if w.at.After(now) {
			now = w.at
		}
		err := p.take(w.lane, w.key)
		var later *reconcile.RetryAfterError
		switch {
		case err == nil:
			went = append(went, now)
			if before, ok := last[w.lane]; ok && now.Sub(before) < time.Second {
				t.Fatalf("%v wrote twice within %s", w.lane, now.Sub(before))
			}
			last[w.lane] = now
		case errors.As(err, &later) && later.At.After(now):
			queue = append(queue, waiting{w.key, later.At, w.lane})
		default:
			t.Fatalf("%s at %s: %v", w.key, now, err)
		}
	}
	for window, limit := range map[time.Duration]int{time.Minute: 80, time.Hour: 500} {
		for i := range went {
			n := 0
			for _, at := range went[i:] {
				if at.Sub(went[i]) < window {
					n++
				}
			}
			if n > limit {
				t.Fatalf("%d writes within %s from %s, the limit is %d", n, window, went[i], limit)
			}
		}
	}
	if took := went[len(went)-1].Sub(went[0]); took > 3*time.Hour {
		t.Errorf("700 writes took %s", took)
	}
}

func TestPaceIsPerInstallation(t *testing.T) {
	now := time.Now()
	p := newPacer(Pace{Interval: time.Hour}, func() time.Time { return now })
	if err := p.take(lane{installation: 1}, "a"); err != nil {
		t.Fatal(err)
	}
	if err := p.take(lane{installation: 1}, "b"); err == nil {
		t.Error("a second write of the same installation went at once")
	}
	if err := p.take(lane{installation: 2}, "c"); err != nil {
		t.Errorf("another installation waits: %v", err)
	}
}

// TestLanesDoNotWaitForEachOther: a thousand checks reserve their slots, a
// stranger asks for refusals without end, and a manager's thaw goes at once.
func TestLanesDoNotWaitForEachOther(t *testing.T) {
	now := time.Now()
	p := newPacer(Pace{PerMinute: 80, PerHour: 500, Interval: time.Second}, func() time.Time { return now })
	for i := range 1000 {
		_ = p.take(lane{installation: 1}, fmt.Sprint("check ", i))
		_ = p.take(lane{1, reconcile.Refused}, fmt.Sprint("refusal ", i))
	}
	if err := p.take(lane{1, reconcile.Asked}, "thaw"); err != nil {
		t.Errorf("a thaw waits: %v", err)
	}
}

func TestLRUKeepsItsBudget(t *testing.T) {
	l := newLRU(100)
	for i := range 10 {
		l.Set(fmt.Sprint("k", i), make([]byte, 20))
		l.Get("k0")
	}
	if l.used > 100 {
		t.Errorf("holds %d bytes", l.used)
	}
	if _, ok := l.Get("k0"); !ok {
		t.Error("what was used last was dropped")
	}
	if _, ok := l.Get("k1"); ok {
		t.Error("what was used longest ago was kept")
	}
	l.Set("big", make([]byte, 1000))
	if _, ok := l.Get("big"); ok || l.used > 100 {
		t.Error("a value over the budget was kept")
	}
	l.Delete("k0")
	if _, ok := l.Get("k0"); !ok {
		t.Error("an answer other than 200 made the cache forget a good one")
	}
}
