package ghclient

import (
	"context"
	"fmt"
	"strings"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// FullID returns the id of the commit whose id begins so; "" if GitHub knows none, or more
// than one. It knows those of forks, too.
func (c *Client) FullID(ctx context.Context, repo github.Repo, begin string) (id string, err error) {
	err = c.do(ctx, repo, fmt.Sprintf("find commit %.7s of %s", begin, repo), func(g *gh.Client) error {
		id, _, err = g.Repositories.GetCommitSHA1(ctx, repo.Owner, repo.Name, begin, "")
		return err
	})
	if noCommit(err) || err == nil && !strings.HasPrefix(id, begin) { // a branch or a tag may be called so
		return "", nil
	}
	return id, err
}

// Sections returns the parts of a comment of ours, each as it begins with its record.
func (c *Client) Sections(ctx context.Context, repo github.Repo, number int, comment effect.Mark) ([]string, error) {
	body, err := c.partsOf(ctx, repo, number, comment)
	_, parts := sections(body)
	return parts, err
}
