package facts

import (
	"context"
	"slices"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// Reviewed is what is read of how pull requests were reviewed.
type Reviewed interface {
	// Reviews lists the reviews of a pull request, oldest first.
	Reviews(ctx context.Context, repo github.Repo, number int) ([]github.Review, error)
	PullHistory(ctx context.Context, repo github.Repo, number int) (github.PullHistory, error)
	// PullCommits lists the commits of a pull request, oldest first.
	PullCommits(ctx context.Context, repo github.Repo, number int) ([]github.ComparedCommit, error)
}

// Reviews are what each reviewer of a pull request says now.
var Reviews = Fact[int, []github.Review]{
	Name: "reviews", Fresh: EachLook, Unknown: Retry, Stale: []On{{Kind: "pull_request_review", Touches: thePull}},
	Read: func(l *Look, n int) ([]github.Review, error) {
		all, err := l.from.GitHub.Reviews(l.ctx, l.Repo, n)
		return github.LatestReviews(all), err
	},
}

// Past is what happened to a pull request, as far as the word of reviews depends on it:
// whose was dismissed by whom, and since when it has its base. That somebody is asked to
// review changes no review's word, so its event is left out: it is ours, mostly.
var Past = Fact[int, github.PullHistory]{
	Name: "past", Fresh: EachLook, Unknown: Retry, Stale: slices.Concat(Reviews.Stale, []On{moved}), From: []Need{Reviews, Pull},
	Read: func(l *Look, n int) (github.PullHistory, error) { return l.from.GitHub.PullHistory(l.ctx, l.Repo, n) },
}

// Commits are those of a pull request that was merged, oldest first. They stay so.
var Commits = Fact[int, []github.ComparedCommit]{
	Name: "commits", Fresh: EachLook, Unknown: Retry,
	Read: func(l *Look, n int) ([]github.ComparedCommit, error) {
		return l.from.GitHub.PullCommits(l.ctx, l.Repo, n)
	},
}
