package ghclient

import (
	"context"
	"errors"
	"fmt"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// PolicyFile returns the policy file that governs a repository: its own, else
// its organisation's, else a File that isn't Found. It is read from default
// branches only, and remembered until a push may have changed it.
func (c *Client) PolicyFile(ctx context.Context, repo github.Repo) (github.File, error) {
	f, err := policyMemo.read(ctx, c, github.PolicyCacheKey(repo), func() (github.File, error) { return c.readPolicy(ctx, repo) })
	if err != nil {
		return github.File{}, fmt.Errorf("policy of %s: %w", repo, err)
	}
	return f, nil
}

func (c *Client) readPolicy(ctx context.Context, repo github.Repo) (github.File, error) {
	f, err := c.FileAt(ctx, repo, "", github.PolicyPath)
	if err != nil || f.Found {
		return f, err
	}
	f, err = c.FileAt(ctx, github.Repo{Owner: repo.Owner, Name: github.PolicyRepo}, "", github.PolicyPath)
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrNotInstalled) {
		// The App isn't installed on the organisation's repository.
		return github.File{}, nil
	}
	return f, err
}
