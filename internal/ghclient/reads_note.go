package ghclient

import (
	"context"
	"fmt"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// OwnComments lists the comments that Slipway itself has written on an issue or a
// pull request, the oldest first.
func (c *Client) OwnComments(ctx context.Context, repo github.Repo, number int) ([]github.Comment, error) {
	bot, err := c.bot(ctx, repo)
	if err != nil {
		return nil, err
	}
	var list []*gh.IssueComment
	err = c.do(ctx, repo, fmt.Sprintf("list comments of %s#%d", repo, number), func(g *gh.Client) (err error) {
		list, err = pages(func(o gh.ListOptions) ([]*gh.IssueComment, *gh.Response, error) {
			return g.Issues.ListComments(ctx, repo.Owner, repo.Name, number, &gh.IssueListCommentsOptions{ListOptions: o})
		})
		return err
	})
	var own []github.Comment
	for _, one := range list {
		if one.GetUser().GetID() == bot.ID {
			own = append(own, comment(one))
		}
	}
	return own, err
}
