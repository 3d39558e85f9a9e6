package ghclient

import (
	"context"
	"errors"
	"fmt"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// PolicyFile returns the policy file that governs a repository: its own, else
// its organisation's, else a File that isn't Found. It is read from default
// branches only, and remembered until a push may have changed it.
func (c *Client) PolicyFile(ctx context.Context, repo github.Repo) (github.File, error) {
	ctx = reconcile.BeforeReach(ctx)
	f, err := policyMemo.read(ctx, c, github.PolicyCacheKey(repo), func() (github.File, error) { return c.readPolicy(ctx, repo) })
	if err != nil {
		return github.File{}, fmt.Errorf("policy of %s: %w", repo, err)
	}
	return f, nil
}

func (c *Client) readPolicy(ctx context.Context, repo github.Repo) (github.File, error) {
	f, err := c.ownPolicy(ctx, repo)
	if err != nil || f.Found {
		return f, err
	}
	owners := github.Repo{Owner: repo.Owner, Name: github.PolicyRepo}
	f, err = c.ownPolicy(ctx, owners)
	if errors.Is(err, ErrNotInstalled) { // not on the organisation's repository
		return github.File{}, c.lacksRepo(ctx, repo, owners)
	}
	return f, err
}

// ownPolicy reads the policy file of a repository. That there is none has to be borne out.
func (c *Client) ownPolicy(ctx context.Context, repo github.Repo) (github.File, error) {
	f, err := c.FileAt(ctx, repo, "", github.PolicyPath)
	switch {
	case err != nil:
	case f.Found:
		err = c.forgetNone(ctx, repo)
	default:
		err = c.lacksFile(ctx, repo, github.PolicyPath)
	}
	return f, err
}
