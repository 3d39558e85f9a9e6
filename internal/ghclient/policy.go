package ghclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// policyTTL is how long a policy is believed without an event. A push that may
// touch it forgets it in the very transaction that stores the push, so this
// only bounds what lost webhooks can cost.
const policyTTL = time.Hour

// settling is how long after a push GitHub may still show the file as it was:
// what is read then is believed only as long again.
const settling = time.Minute

func (c *Client) policyTTL(epoch int64) time.Duration {
	if c.justForgotten(epoch) {
		return settling
	}
	return policyTTL
}

// justForgotten reports whether an event has just made something stale.
func (c *Client) justForgotten(epoch int64) bool {
	return c.opts.Now().Sub(time.UnixMicro(epoch)) < settling
}

// PolicyFile returns the policy file that governs a repository: its own, else
// its organisation's, else a File that isn't Found. It is read from default
// branches only, and remembered until a push may have changed it.
func (c *Client) PolicyFile(ctx context.Context, repo github.Repo) (github.File, error) {
	key := github.PolicyCacheKey(repo)
	raw, ok, err := c.opts.Cache.Get(ctx, key)
	if err != nil {
		return github.File{}, err
	}
	var f github.File
	if ok && json.Unmarshal(raw, &f) == nil {
		return f, nil
	}
	epoch, err := c.opts.Cache.Epoch(ctx)
	if err != nil {
		return github.File{}, err
	}
	f, err = c.readPolicy(ctx, repo)
	if err != nil {
		return github.File{}, fmt.Errorf("policy of %s: %w", repo, err)
	}
	if raw, err = json.Marshal(f); err != nil {
		return github.File{}, err
	}
	return f, c.opts.Cache.PutIf(ctx, key, raw, c.policyTTL(epoch), epoch)
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
