package checklist

import (
	"fmt"
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// A review, or a check of ours on a new head, may change what a pull request waits
// for, and nothing else that a tracking issue shows. Mostly it says what it said of
// the head before. Whoever looks at this one pull request, by what is remembered,
// spares the look at all of the release.

// observeReview reads the reviews of a pull request that a release counts, so that
// they are remembered as they are now. It is a request for each review.
func (h *Handler) observeReview(l *facts.Look, r said[string]) (looksDue, error) {
	of, err := h.counting(l)
	if err != nil || !slices.ContainsFunc(of.trackers, of.counts(release.Branch(r.what))) {
		return looksDue{Repo: of.Repo}, err
	}
	if _, err := facts.Reviews.Of(l.About(r.number), r.number); err != nil {
		return looksDue{}, err
	}
	return h.waitsOther(l, of, r.number)
}

// observeCheck is for the pull request that a check was made for, and for others that
// have the same head.
func (h *Handler) observeCheck(l *facts.Look, number int) (looksDue, error) {
	of, err := h.counting(l)
	if err != nil || len(of.trackers) == 0 {
		return looksDue{Repo: of.Repo}, err
	}
	pr, err := facts.Pull.Of(l, number)
	if err != nil {
		return looksDue{}, err
	}
	same, err := facts.WithHead.Of(l, pr.Head)
	if err != nil {
		return looksDue{}, err
	}
	numbers := []int{number}
	for _, s := range same {
		numbers = append(numbers, s.Number)
	}
	return h.waitsOther(l, of, numbers...)
}

// counting are the tracking issues that count pull requests of a repository.
type counting struct {
	home
	trackers []Tracker
}

func (h *Handler) counting(l *facts.Look) (c counting, err error) {
	if c.home, err = homeFrom(l); err == nil && c.Settings.lists(l.Repo) {
		c.trackers, _, err = h.trackers(c.look)
	}
	return c, err
}

// counts tells the tracking issues that count pull requests against a branch.
func (c counting) counts(base release.Branch) func(Tracker) bool {
	return func(t Tracker) bool { return t.Issue.State == github.Open && c.Settings.branchOf(t.Version) == base }
}

// lookTakes is longer than a look takes from its first read to its write. While one
// may be under way, nobody knows what the issue is going to show.
const lookTakes = 2 * time.Minute

// waitsOther names the tracking issues that don't show what pull requests wait for.
func (h *Handler) waitsOther(l *facts.Look, of counting, numbers ...int) (looksDue, error) {
	return h.looksAt(of.home, of.trackers, func(t Tracker) (bool, error) {
		shown, err := h.shows(l, of, t, numbers)
		return !shown, err
	})
}

// shows reports whether a tracking issue shows of each of those pull requests that it
// counts what it waits for.
func (h *Handler) shows(l *facts.Look, of counting, t Tracker, numbers []int) (bool, error) {
	began, err := h.when(l, lookingKey(of.Repo, t.Issue.Number))
	if err != nil {
		return false, err
	}
	for _, n := range numbers {
		pr, err := facts.Pull.Of(l, n)
		if err != nil {
			return false, err
		}
		if pr.State != github.Open || !of.counts(pr.Base)(t) {
			continue
		}
		seen, err := h.From.GitHub.Remembered(l.Context(), l.Repo, pr, h.Checks)
		if err != nil || !of.Now.After(began.Add(lookTakes)) || !waitOf(pr, seen).shownIn(t, fmt.Sprintf("%s#%d", l.Repo, pr.Number)) {
			return false, err
		}
	}
	return true, nil
}

// waits names the looks at what shows something else of a pull request.
func waits(s looksDue) reconcile.Plan {
	if len(s.List) == 0 {
		return reconcile.Plan{Reason: "no tracking issue shows anything else of it"}
	}
	return spread(s)
}
