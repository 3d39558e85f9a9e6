package ghclient

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// BranchHead returns the commit that a branch is at, or "" when there is no such
// branch.
func (c *Client) BranchHead(ctx context.Context, repo github.Repo, branch release.Branch) (commit string, err error) {
	err = c.do(ctx, repo, fmt.Sprintf("read branch %s of %s", branch, repo), func(g *gh.Client) error {
		ref, _, err := g.Git.GetRef(ctx, repo.Owner, repo.Name, "heads/"+string(branch))
		commit = ref.GetObject().GetSHA()
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return commit, err
}

// RecentRepos lists the repositories of a repository's owner that its
// installation reaches, the most recently pushed first. Those that are more
// private than it are left out: their names are not for its readers.
func (c *Client) RecentRepos(ctx context.Context, of github.Repo) ([]github.Repo, error) {
	list, err := c.reposBeside(ctx, of)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b *gh.Repository) int { return b.GetPushedAt().Compare(a.GetPushedAt().Time) })
	here := github.Public
	for _, r := range list {
		if strings.EqualFold(r.GetOwner().GetLogin(), of.Owner) && strings.EqualFold(r.GetName(), of.Name) {
			here = secluded(r)
		}
	}
	var repos []github.Repo
	for _, r := range list {
		if !r.GetArchived() && !r.GetDisabled() && secluded(r) <= here {
			repos = append(repos, github.Repo{Owner: r.GetOwner().GetLogin(), Name: r.GetName()})
		}
	}
	return repos, nil
}

// reposBeside lists the repositories that the installation of one reaches.
func (c *Client) reposBeside(ctx context.Context, of github.Repo) ([]*gh.Repository, error) {
	return listed(ctx, c, of, "list repositories beside "+of.String(), func(g *gh.Client, o gh.ListOptions) ([]*gh.Repository, *gh.Response, error) {
		page, resp, err := g.Apps.ListRepos(ctx, &o)
		if err != nil {
			return nil, nil, err
		}
		return page.Repositories, resp, nil
	})
}
