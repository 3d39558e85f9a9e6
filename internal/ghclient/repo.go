package ghclient

import (
	"context"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// repoFacts is what is remembered of a repository.
type repoFacts struct {
	ID      int64
	Default release.Branch
	Name    github.Repo // as it is called now; zero where an older version remembered it
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

func (c *Client) repoFacts(ctx context.Context, repo github.Repo) (repoFacts, error) {
	return repositoryMemo.read(ctx, c, github.RepoCacheKey(repo), func() (f repoFacts, err error) {
		err = c.do(ctx, repo, "read "+repo.String(), func(g *gh.Client) error {
			r, _, err := g.Repositories.Get(ctx, repo.Owner, repo.Name)
			f = factsOf(r)
			return err
		})
		return f, err
	})
}

func factsOf(r *gh.Repository) repoFacts {
	name, _ := github.ParseRepo(r.GetFullName()) // zero for none
	return repoFacts{ID: r.GetID(), Default: release.Branch(r.GetDefaultBranch()), Name: name}
}
