package ghclient

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// Remembered is what is known of a pull request without a request: our check runs
// of these names on its head as we wrote them, its reviews as they were last read,
// and whether it could be merged then.
func (c *Client) Remembered(ctx context.Context, repo github.Repo, pr github.PullRequest, checks []string) (r github.Remembered, err error) {
	for _, name := range checks {
		run, err := runMemo.recall(ctx, c, github.CheckCacheKey(repo, pr.Head, name))
		if err != nil {
			return r, fmt.Errorf("what is remembered of %s#%d: %w", repo, pr.Number, err)
		}
		if run.is.Title != "" {
			r.Runs = append(r.Runs, github.RememberedRun{Name: name, Title: run.is.Title, Holds: run.is.Holds})
		}
	}
	said, err := reviewsMemo.recall(ctx, c, github.ReviewsCacheKey(repo, pr.Number))
	if err != nil {
		return r, fmt.Errorf("what is remembered of %s#%d: %w", repo, pr.Number, err)
	}
	r.Reviews, r.ReviewsKnown = said.is, said.ok
	stands, err := conflictMemo.recall(ctx, c, github.ConflictCacheKey(repo, pr.Number, pr.Head))
	if err != nil {
		return r, fmt.Errorf("what is remembered of %s#%d: %w", repo, pr.Number, err)
	}
	r.Conflicts = stands.is == conflicts
	others, err := namesakeMemo.recall(ctx, c, github.NamesakeCacheKey(repo, pr.Head))
	if err != nil {
		return r, fmt.Errorf("what is remembered of %s#%d: %w", repo, pr.Number, err)
	}
	r.Namesakes = others.is
	return r, nil
}

// LookForNamesakes reads which other Apps report on a commit under names of ours, and
// remembers it.
func (c *Client) LookForNamesakes(ctx context.Context, repo github.Repo, commit string) error {
	list, err := c.checkRuns(ctx, repo, commit)
	if err != nil {
		return err
	}
	var found []github.Namesake
	for _, r := range list {
		one := github.Namesake{Check: r.GetName(), App: r.GetApp().GetName()}
		if r.GetApp().GetID() != c.opts.GitHub.App.IntegrationID && strings.HasPrefix(one.Check, github.OwnChecks) && !slices.Contains(found, one) {
			found = append(found, one)
		}
	}
	return namesakeMemo.put(ctx, c, github.NamesakeCacheKey(repo, commit), found)
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
	return conflictMemo.put(ctx, c, github.ConflictCacheKey(repo, pr.Number, pr.Head), value)
}
