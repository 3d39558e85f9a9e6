package freeze

import (
	"cmp"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// This file says which pull requests an edge reaches first. GitHub lets few checks be
// written a minute, so the last of many waits long: those come first that somebody could
// merge meanwhile. It only orders; each of them is looked at whatever is known here.

// observeReadiness finds what is remembered of pull requests: a look at each would cost a
// request for each, before any is reached.
func (h *Handler) observeReadiness(l *facts.Look, open []github.PullRequest) (map[int]github.Remembered, error) {
	seen := make(map[int]github.Remembered, len(open))
	for _, pr := range open {
		one, err := h.From.GitHub.Remembered(l.Context(), l.Repo, pr, h.Checks)
		if err != nil {
			return nil, err
		}
		seen[pr.Number] = one
	}
	return seen, nil
}

// fewPulls is how many pull requests one person's forks have open before the others come
// after everybody's: whoever can't push to the repository can still open hundreds, and
// approve them with other accounts.
const fewPulls = 5

// urgentFirst orders pull requests, given the most recently active first: those that could
// be merged as far as anybody knows, then those of which nothing is known, then those that
// something holds back; and after them, in the same order, a stranger's many.
func urgentFirst(repo github.Repo, open []github.PullRequest, seen map[int]github.Remembered) []github.PullRequest {
	first := slices.Clone(open)
	slices.SortStableFunc(first, func(a, b github.PullRequest) int {
		return cmp.Compare(readinessOf(a, seen[a.Number]), readinessOf(b, seen[b.Number]))
	})
	var last []github.PullRequest
	opened := map[int64]int{}
	first = slices.DeleteFunc(first, func(pr github.PullRequest) bool {
		if pr.Author.Bot || strings.EqualFold(pr.HeadRepo.String(), repo.String()) {
			return false // only who has been let in can open it
		}
		opened[pr.Author.ID]++
		many := opened[pr.Author.ID] > fewPulls
		if many {
			last = append(last, pr)
		}
		return many
	})
	return append(first, last...)
}

// readiness is how near to its merge a pull request is, the nearest first.
type readiness int

const (
	ready readiness = iota // somebody approved it, and nothing is known to hold it back
	maybeReady
	heldBack
)

// readinessOf tells it of one, apart from the freeze itself: that begins or ends just now.
func readinessOf(pr github.PullRequest, seen github.Remembered) readiness {
	holds := func(run github.RememberedRun) bool { return run.Holds && run.Name != CheckName }
	if pr.Draft || seen.Conflicts || slices.ContainsFunc(seen.Runs, holds) {
		return heldBack
	}
	is := maybeReady
	for _, r := range github.LatestReviews(seen.Reviews) {
		switch {
		case r.Author.ID == pr.Author.ID:
		case r.State == github.ChangesRequested:
			return heldBack
		case r.State == github.Approved:
			is = ready
		}
	}
	return is
}
