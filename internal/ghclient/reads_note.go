package ghclient

import (
	"context"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// OwnComments lists the comments that Slipway itself has written on an issue or a
// pull request, the oldest first.
func (c *Client) OwnComments(ctx context.Context, repo github.Repo, number int) ([]github.Comment, error) {
	list, err := c.ownComments(ctx, repo, number, time.Time{})
	var own []github.Comment
	for _, one := range list {
		own = append(own, comment(one))
	}
	return own, err
}
