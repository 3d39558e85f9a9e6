package ghclient

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// lookedKept is how long it is remembered how a pull request stood when somebody
// looked at it. Whoever decides on it reads it anew; this is for telling of it.
const lookedKept = 7 * 24 * time.Hour

// Remembered is what is known of a pull request without a request: our check runs
// of these names on its head as we wrote them, its reviews as they were last read,
// and whether it could be merged then.
func (c *Client) Remembered(ctx context.Context, repo github.Repo, pr github.PullRequest, checks []string) (r github.Remembered, err error) {
	for _, name := range checks {
		run, err := c.recallRun(ctx, github.CheckCacheKey(repo, pr.Head, name))
		if err != nil {
			return r, fmt.Errorf("what is remembered of %s#%d: %w", repo, pr.Number, err)
		}
		if run.sure && run.Title != "" {
			r.Runs = append(r.Runs, github.RememberedRun{Name: name, Title: run.Title, Holds: run.Holds})
		}
	}
	raw, ok, err := c.opts.Cache.Get(ctx, github.ReviewsCacheKey(repo, pr.Number))
	if err != nil {
		return r, fmt.Errorf("what is remembered of %s#%d: %w", repo, pr.Number, err)
	}
	r.ReviewsKnown = ok && json.Unmarshal(raw, &r.Reviews) == nil
	raw, ok, err = c.opts.Cache.Get(ctx, github.ConflictCacheKey(repo, pr.Number, pr.Head))
	if err != nil {
		return r, fmt.Errorf("what is remembered of %s#%d: %w", repo, pr.Number, err)
	}
	r.Conflicts = ok && string(raw) == conflicts
	return r, nil
}

// rememberReviews keeps what a read showed. Every event of a review makes the
// gates read them anew, so what is kept is as new as their last look.
func (c *Client) rememberReviews(ctx context.Context, repo github.Repo, number int, reviews []github.Review) error {
	raw, err := json.Marshal(reviews)
	if err != nil {
		return err
	}
	return c.opts.Cache.Put(ctx, github.ReviewsCacheKey(repo, number), raw, lookedKept)
}

// conflicts and merges are what is kept of whether a head could be merged.
const (
	conflicts = "conflicts"
	merges    = "merges"
)

// rememberConflict keeps whether a head could be merged, once GitHub has found out.
func (c *Client) rememberConflict(ctx context.Context, repo github.Repo, pr github.PullDetail) error {
	if pr.Mergeable == nil || pr.State != github.Open {
		return nil
	}
	value := merges
	if !*pr.Mergeable {
		value = conflicts
	}
	return c.opts.Cache.Put(ctx, github.ConflictCacheKey(repo, pr.Number, pr.Head), []byte(value), lookedKept)
}
