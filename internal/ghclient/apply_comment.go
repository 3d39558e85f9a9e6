package ghclient

import (
	"context"
	"errors"
	"fmt"
	"time"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// lookComment keeps one comment. Since bounds where it looks for the earlier
// one, so that a long thread isn't read from its beginning.
func (c *Client) lookComment(ctx context.Context, e effect.Comment) (change, error) {
	body := effect.Cut(e.Mark.String()+"\n"+e.Body, maxBody)
	have, err := c.ownComment(ctx, e)
	if err != nil {
		return change{}, err
	}
	if have.GetBody() == body || have == nil && e.IfPresent {
		return change{url: have.GetHTMLURL()}, nil
	}
	write := func(ctx context.Context) (url string, err error) {
		err = c.write(ctx, e.Repo, "write comment", e.Key(), func(g *gh.Client) error {
			url, err = putComment(ctx, g, e, have, body)
			return err
		})
		return url, nobodyToTell(e, err)
	}
	return change{url: have.GetHTMLURL(), write: write}, nil
}

func (c *Client) ownComment(ctx context.Context, e effect.Comment) (found *gh.IssueComment, err error) {
	bot, err := c.bot(ctx, e.Repo)
	if err != nil {
		return nil, err
	}
	var since *time.Time
	if !e.Since.IsZero() {
		since = &e.Since
	}
	err = c.do(ctx, e.Repo, fmt.Sprintf("list comments of %s#%d", e.Repo, e.Number), func(g *gh.Client) error {
		list, err := pages(func(o gh.ListOptions) ([]*gh.IssueComment, *gh.Response, error) {
			return g.Issues.ListComments(ctx, e.Repo.Owner, e.Repo.Name, e.Number, &gh.IssueListCommentsOptions{Since: since, ListOptions: o})
		})
		for _, one := range list {
			if found == nil && one.GetUser().GetID() == bot.ID && e.Mark.Begins(one.GetBody()) {
				found = one
			}
		}
		return err
	})
	return found, nobodyToTell(e, err)
}

// nobodyToTell recognises a thread that was deleted or locked: GitHub takes no
// comment of an App there, now or later.
func nobodyToTell(e effect.Comment, err error) error {
	switch {
	case errors.Is(err, ErrNotFound):
		return fmt.Errorf("%s#%d is not there: %w", e.Repo, e.Number, reconcile.ErrGone)
	case locked(err):
		return fmt.Errorf("%s#%d is locked: %w", e.Repo, e.Number, reconcile.ErrGone)
	}
	return err
}
