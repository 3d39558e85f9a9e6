package ghclient

import (
	"context"
	"encoding/json"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// repoFacts is what is remembered of a repository: for a day, unless an event
// says that it was changed, or that its name may have passed to another.
type repoFacts struct {
	ID      int64
	Default release.Branch
}

// RepoID returns a repository's numeric id, which survives renames and is the
// place that records are sealed to.
func (c *Client) RepoID(ctx context.Context, repo github.Repo) (int64, error) {
	f, err := c.repoFacts(ctx, repo)
	return f.ID, err
}

// DefaultBranch returns the name of a repository's default branch.
func (c *Client) DefaultBranch(ctx context.Context, repo github.Repo) (release.Branch, error) {
	f, err := c.repoFacts(ctx, repo)
	return f.Default, err
}

func (c *Client) repoFacts(ctx context.Context, repo github.Repo) (f repoFacts, err error) {
	raw, ok, err := c.opts.Cache.Get(ctx, github.RepoCacheKey(repo))
	if err != nil || ok && json.Unmarshal(raw, &f) == nil && f.ID != 0 {
		return f, err
	}
	epoch, err := c.opts.Cache.Epoch(ctx)
	if err != nil {
		return f, err
	}
	var r *gh.Repository
	err = c.do(ctx, repo, "read "+repo.String(), func(g *gh.Client) error {
		var err error
		r, _, err = g.Repositories.Get(ctx, repo.Owner, repo.Name)
		return err
	})
	if err != nil {
		return f, err
	}
	return factsOf(r), c.keepRepo(ctx, repo, r, epoch)
}

func factsOf(r *gh.Repository) repoFacts {
	return repoFacts{ID: r.GetID(), Default: release.Branch(r.GetDefaultBranch())}
}

func (c *Client) keepRepo(ctx context.Context, repo github.Repo, r *gh.Repository, epoch int64) error {
	raw, err := json.Marshal(factsOf(r))
	if err != nil {
		return err
	}
	return c.opts.Cache.PutIf(ctx, github.RepoCacheKey(repo), raw, installationTTL, epoch)
}
