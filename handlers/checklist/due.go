package checklist

import (
	"context"
	"fmt"
	"time"

	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// Much happens in the repositories of a release, and each of it may change a
// count. A look at all of it for each would cost forty requests every time. So an
// event lets a look through if the last one that was let through is long enough ago,
// and else leads to the key `soon/N`, which asks to be worked again when it is.
// Every event comes before the look that follows it, so none is lost: neither when
// the program dies between the two, for the instant stands in the job's own
// transaction, nor when the memory is lost, for then the look comes at once.

// Looks remembers when a look was let through last, and what it found.
type Looks interface {
	Get(ctx context.Context, key string) (value []byte, ok bool, err error)
	Put(ctx context.Context, key string, value []byte, ttl time.Duration) error
}

// due is a tracking issue to look at, and from which instant on; zero for now.
type due struct {
	number int
	from   time.Time
}

// due finds out from which instant on the next look may come, and notes it if that
// is now.
func (h *Handler) due(at home, number int) (due, error) {
	every := at.Settings.LookEvery.Std()
	if every <= 0 {
		return due{number: number}, nil
	}
	id := fmt.Sprintf("looked/%s/%d", at.Repo, number)
	last, err := h.when(at.look, id)
	if err != nil {
		return due{}, err
	}
	// One of the future is from before somebody set the clock back.
	if !last.After(at.Now) && at.Now.Before(last.Add(every)) {
		return due{number, last.Add(every)}, nil
	}
	return due{number: number}, h.noteNow(at.look, id, every)
}

// when is the instant that was noted; zero for none.
func (h *Handler) when(l *facts.Look, id string) (time.Time, error) {
	raw, ok, err := h.Looks.Get(l.Context(), id)
	if err != nil || !ok {
		return time.Time{}, err
	}
	at, err := time.Parse(time.RFC3339Nano, string(raw))
	if err != nil {
		return time.Time{}, nil // as good as forgotten
	}
	return at, nil
}

func (h *Handler) noteNow(l *facts.Look, id string, ttl time.Duration) error {
	return h.Looks.Put(l.Context(), id, []byte(l.Now.UTC().Format(time.RFC3339Nano)), ttl)
}

// lookingKey is where the beginning of the last look is noted.
func lookingKey(home github.Repo, number int) string {
	return fmt.Sprintf("looking/%s/%d", home, number)
}

// looksDue are tracking issues, and when each may be looked at.
type looksDue struct {
	Repo github.Repo // the home
	List []due
}

// observeTrackers is for whatever may change something in each of them.
func (h *Handler) observeTrackers(l *facts.Look, _ struct{}) (looksDue, error) {
	at, err := homeFrom(l)
	if err != nil {
		return looksDue{}, err
	}
	trackers, _, err := h.trackers(at.look)
	if err != nil {
		return looksDue{}, err
	}
	return h.looksAt(at, trackers, func(t Tracker) (bool, error) {
		return t.Issue.State == github.Open || t.End == nil || t.Told != t.digest(), nil
	})
}

// looksAt finds out when those of the tracking issues may be looked at that have to be.
func (h *Handler) looksAt(at home, trackers []Tracker, has func(Tracker) (bool, error)) (looksDue, error) {
	s := looksDue{Repo: at.Repo}
	for _, t := range trackers {
		is, err := has(t)
		if err == nil && is {
			var one due
			one, err = h.due(at, t.Issue.Number)
			s.List = append(s.List, one)
		}
		if err != nil {
			return s, err
		}
	}
	return s, nil
}

// spread names the looks.
func spread(s looksDue) reconcile.Plan {
	p := reconcile.Plan{Reason: fmt.Sprintf("%d tracking issues to look at", len(s.List))}
	for _, one := range s.List {
		if one.from.IsZero() {
			p.Enqueue = append(p.Enqueue, trackerKey(s.Repo, one.number))
		} else {
			p.Enqueue = append(p.Enqueue, soonKey(s.Repo, one.number))
		}
	}
	return p
}

// observeSoon is for one of them, and soon lets its look through, or waits until it
// may be.
func (h *Handler) observeSoon(l *facts.Look, number int) (looksDue, error) {
	at, err := homeAt(l)
	if err != nil {
		return looksDue{}, err
	}
	one, err := h.due(at, number)
	return looksDue{l.Repo, []due{one}}, err
}

func soon(s looksDue) reconcile.Plan {
	if one := s.List[0]; !one.from.IsZero() {
		return reconcile.Plan{Reason: fmt.Sprintf("#%d was looked at just now", one.number), RequeueAt: one.from}
	}
	return spread(s)
}
