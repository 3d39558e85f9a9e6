package checklist

import (
	"context"
	"fmt"
	"time"

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

// Looks remembers when a look was let through last.
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
func (h *Handler) due(ctx context.Context, at home, number int) (due, error) {
	every := at.Settings.LookEvery.Std()
	if every <= 0 {
		return due{number: number}, nil
	}
	id := fmt.Sprintf("looked/%s/%d", at.Repo, number)
	raw, ok, err := h.Looks.Get(ctx, id)
	if err != nil {
		return due{}, err
	}
	// One of the future is from before somebody set the clock back.
	if last, err := time.Parse(time.RFC3339Nano, string(raw)); ok && err == nil && !last.After(at.Now) && at.Now.Before(last.Add(every)) {
		return due{number, last.Add(every)}, nil
	}
	return due{number: number}, h.Looks.Put(ctx, id, []byte(at.Now.UTC().Format(time.RFC3339Nano)), every)
}

// soonFacts is when a tracking issue may be looked at.
type soonFacts struct {
	home
	due
}

func (h *Handler) observeSoon(ctx context.Context, repo github.Repo, number int) (s soonFacts, err error) {
	if s.home, err = h.home(ctx, repo); err == nil {
		s.due, err = h.due(ctx, s.home, number)
	}
	return s, err
}

// soon lets a look through, or waits until it may be.
func soon(s soonFacts) reconcile.Plan {
	if !s.from.IsZero() {
		return reconcile.Plan{Why: fmt.Sprintf("#%d was looked at less than %s ago", s.number, s.Settings.LookEvery), Next: s.from}
	}
	return reconcile.Plan{Why: fmt.Sprintf("#%d is to be looked at", s.number), Then: []reconcile.Key{trackerKey(s.Repo, s.number)}}
}

// all is when each tracking issue that isn't over may be looked at.
type allFacts struct {
	Repo github.Repo // the home
	List []due
}

func (h *Handler) observeTrackers(ctx context.Context, repo github.Repo, _ struct{}) (allFacts, error) {
	s := allFacts{Repo: repo}
	at, err := h.home(ctx, repo)
	if err != nil {
		return s, err
	}
	trackers, _, err := h.trackers(ctx, repo)
	for _, t := range trackers {
		if t.Issue.State != github.Open && t.End != nil && t.Told == t.digest() {
			continue
		}
		one, err := h.due(ctx, at, t.Issue.Number)
		if err != nil {
			return s, err
		}
		s.List = append(s.List, one)
	}
	return s, err
}

// observeNudge is the same for what happened in any repository.
func (h *Handler) observeNudge(ctx context.Context, repo github.Repo, id struct{}) (allFacts, error) {
	_, set, err := h.policy(ctx, repo)
	switch {
	case err != nil:
		return allFacts{}, err
	case set.Home == "":
		return allFacts{}, nowhere
	}
	return h.observeTrackers(ctx, set.homeOf(repo), id)
}

// spread names the looks.
func spread(s allFacts) reconcile.Plan {
	p := reconcile.Plan{Why: fmt.Sprintf("%d tracking issues to look at", len(s.List))}
	for _, one := range s.List {
		if one.from.IsZero() {
			p.Then = append(p.Then, trackerKey(s.Repo, one.number))
		} else {
			p.Then = append(p.Then, soonKey(s.Repo, one.number))
		}
	}
	return p
}
