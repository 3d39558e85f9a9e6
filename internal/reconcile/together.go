package reconcile

import (
	"context"
	"errors"
	"slices"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// A check belongs to a commit, and not to a pull request. So every check that a
// capability reports has to be true of all the pull requests that the commit is for.

// Heads is what was last seen of open pull requests, without a request.
type Heads interface {
	// OpenSightings lists those with a head that were open when last seen.
	OpenSightings(ctx context.Context, repo github.Repo, head string) ([]github.Sighting, error)
}

// SameHead lists a pull request and those with the same head that were open when
// last seen, by their numbers; those alone that count.
func SameHead(ctx context.Context, from Heads, repo github.Repo, pr github.PullRequest, counts func(github.PullRequest) bool) ([]github.PullRequest, error) {
	seen, err := from.OpenSightings(ctx, repo, pr.Head)
	if err != nil {
		return nil, err
	}
	same := []github.PullRequest{pr}
	for _, one := range seen {
		if one.Number != pr.Number {
			same = append(same, one.PullRequest)
		}
	}
	same = slices.DeleteFunc(same, func(pr github.PullRequest) bool { return pr.State != github.Open || !counts(pr) })
	slices.SortFunc(same, func(a, b github.PullRequest) int { return a.Number - b.Number })
	return same, nil
}

// Queues is what is read of merge queues.
type Queues interface {
	// GroupMembers lists the pull requests between two commits of a merge queue.
	GroupMembers(ctx context.Context, repo github.Repo, base, head string) (numbers []int, complete bool, err error)
}

// EachOfGroup visits each pull request that a merge queue would merge. complete is
// false when some of the group can't be told, or is gone.
func EachOfGroup(ctx context.Context, from Queues, repo github.Repo, g github.MergeGroup, visit func(number int) error) (complete bool, err error) {
	numbers, complete, err := from.GroupMembers(ctx, repo, g.Base, g.Head)
	if err != nil {
		return false, err
	}
	if n := g.Number(); n != 0 && !slices.Contains(numbers, n) {
		numbers = append(numbers, n)
	}
	for _, n := range numbers {
		err := visit(n)
		switch {
		case errors.Is(err, ErrGone):
			complete = false
		case err != nil:
			return false, err
		}
	}
	return complete, nil
}
