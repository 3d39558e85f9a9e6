package engine

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// door is GitHub's record of deliveries to a door that is open or closed.
type door struct {
	*house
	t      *testing.T
	closed bool
	now    time.Duration // since noon
	asked  map[time.Duration][]int64
	fresh  []int64 // deliveries of the last five minutes
}

func newDoor(t *testing.T) *door {
	d := &door{house: newHouse(t), t: t, closed: true, asked: map[time.Duration][]int64{}}
	d.house.Now = func() time.Time { return noon.Add(d.now) }
	return d
}

// sweep works one, five minutes after the one before.
func (d *door) sweep() (why string) {
	d.t.Helper()
	d.house.lost = nil
	if d.closed {
		for _, id := range append(d.redeliver, d.fresh...) { // an attempt keeps the delivery's id here
			d.house.lost = append(d.house.lost, github.Lost{GUID: string(rune('a' + id)), Attempt: id})
		}
	}
	d.redeliver, d.fresh = nil, nil
	f, err := d.Work(context.Background(), reconcile.SweepKey(), reconcile.Attempt{N: 1})
	if err != nil {
		d.t.Fatal(err)
	}
	if len(d.redeliver) > 0 {
		d.asked[d.now] = d.redeliver
	}
	d.now += 5 * time.Minute
	return f.Reason
}

// TestSweepGivesNothingUp: a door that is closed for two days loses nothing. It is knocked
// at less and less often, and once something comes all is asked for.
func TestSweepGivesNothingUp(t *testing.T) {
	d := newDoor(t)
	d.fresh = []int64{1}
	for d.now < 4*time.Hour {
		d.sweep()
	}
	m := time.Minute
	want := map[time.Duration][]int64{0: {1}, 10 * m: {1}, 25 * m: {1}, 50 * m: {1}, 95 * m: {1}, 160 * m: {1}, 225 * m: {1}}
	if diff := cmp.Diff(want, d.asked); diff != "" {
		t.Errorf("asked for: %s", diff)
	}
	for d.now < 48*time.Hour {
		if d.now == 30*time.Hour {
			d.fresh = []int64{2, 3}
		}
		d.sweep()
	}
	d.closed, d.asked = false, map[time.Duration][]int64{}
	opened := d.now
	for d.now < opened+3*time.Hour {
		d.sweep()
	}
	got := map[int64]int{}
	for _, ids := range d.asked {
		for _, id := range ids {
			got[id]++
		}
	}
	if got[1] == 0 && got[2] == 0 || len(got) < 2 {
		t.Errorf("asked for once it was open: %v", d.asked)
	}
	for at, ids := range d.asked {
		if at > opened+lastPause+10*time.Minute {
			t.Errorf("what has come is asked for at %s: %v", at-opened, ids)
		}
	}
	if why := d.sweep(); why != "0 deliveries asked for again" {
		t.Errorf("in the end: %s", why)
	}
}

// TestSweepEnds: after three days GitHub can't deliver again, and doesn't need to be asked.
func TestSweepEnds(t *testing.T) {
	d := newDoor(t)
	d.fresh = []int64{1}
	for d.now < sweepReach+2*time.Hour {
		d.sweep()
	}
	d.asked = map[time.Duration][]int64{}
	for range 24 {
		d.redeliver = nil
		if why := d.sweep(); why != "0 deliveries asked for again" || len(d.asked) > 0 {
			t.Fatalf("after three days: %s, %v", why, d.asked)
		}
	}
}

// TestSweepGoesOnAfterARefusal: one delivery that GitHub doesn't find keeps no other back,
// and is asked for again: GitHub may have been wrong. A limit loses nothing.
func TestSweepGoesOnAfterARefusal(t *testing.T) {
	d := newDoor(t)
	d.fresh = []int64{1, 2, 3}
	d.refuse = map[int64]error{1: &reconcile.RefusedError{Reason: "GitHub doesn't find it"}}
	if why := d.sweep(); why != "2 deliveries asked for again, 1 can't be had from GitHub now" {
		t.Error(why)
	}
	d.refuse, d.closed = nil, false
	d.sweep()
	if diff := cmp.Diff([]int64{1}, d.asked[5*time.Minute]); diff != "" {
		t.Errorf("after a refusal: %s", diff)
	}
	limited := newDoor(t)
	limited.fresh = []int64{1, 2}
	limited.refuse = map[int64]error{2: errors.New("a limit")}
	limited.house.lost = []github.Lost{{GUID: "a", Attempt: 1}, {GUID: "b", Attempt: 2}}
	if _, err := limited.Work(context.Background(), reconcile.SweepKey(), reconcile.Attempt{N: 1}); err == nil {
		t.Error("a limit is no error")
	}
	limited.refuse, limited.redeliver = nil, nil
	limited.now += 5 * time.Minute
	limited.house.lost = nil
	if _, err := limited.Work(context.Background(), reconcile.SweepKey(), reconcile.Attempt{N: 2}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{2}, limited.redeliver); diff != "" {
		t.Errorf("after a limit: %s", diff)
	}
}

// TestSweepIsBounded: of a flood that was missed a part is asked for at a time, and what
// isn't remembered is listed again.
func TestSweepIsBounded(t *testing.T) {
	lost := make([]github.Lost, mostWaiting+5)
	for i := range lost {
		lost[i] = github.Lost{GUID: time.Duration(i).String(), Attempt: int64(i)}
	}
	was := swept{Until: noon.Add(-time.Hour)}
	if s := was.after(lost, noon); len(s.Waiting) != mostWaiting || !s.Until.Equal(was.Until) {
		t.Errorf("remembers %d, listed until %s", len(s.Waiting), s.Until)
	}
	h := newHouse(t)
	h.lost = lost[:mostAsked+1]
	f, err := h.Work(context.Background(), reconcile.SweepKey(), reconcile.Attempt{N: 1})
	if err != nil || len(h.redeliver) != mostAsked || f.Reason != "300 deliveries asked for again, 1 wait for their turn" {
		t.Errorf("%v: %s", err, f.Reason)
	}
}

// TestCommentsSince: a resync reads as far back as nobody has read.
func TestCommentsSince(t *testing.T) {
	h := newHouse(t)
	day := noon.Truncate(24 * time.Hour)
	for _, tc := range []struct {
		after time.Duration
		want  time.Time
	}{
		{0, day.Add(-24 * time.Hour)},
		{time.Hour, day.Add(-24 * time.Hour)},
		{10 * 24 * time.Hour, day}, // away since noon
		{10*24*time.Hour + time.Hour, day.Add(9 * 24 * time.Hour)},
	} {
		h.Now = func() time.Time { return noon.Add(tc.after) }
		if _, err := h.Work(context.Background(), reconcile.ResyncKey(github.Repo{Owner: "istio", Name: "istio"}), reconcile.Attempt{N: 1}); err != nil {
			t.Fatal(err)
		}
		if !h.since.Equal(tc.want) {
			t.Errorf("after %s comments are read since %s, want %s", tc.after, h.since, tc.want)
		}
	}
}
