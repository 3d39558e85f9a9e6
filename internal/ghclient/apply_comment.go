package ghclient

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// applyComment keeps one comment. Since bounds where it looks for the earlier
// one, so that a long thread isn't read from its beginning.
func (c *Client) applyComment(ctx context.Context, e effect.Comment) (done, error) {
	body := effect.FitCharacters(e.Mark.String()+"\n"+e.Body, maxBody)
	have, err := c.ownComment(ctx, e)
	if err != nil {
		return done{}, err
	}
	if have.GetBody() == body || have == nil && e.IfPresent {
		return done{url: have.GetHTMLURL()}, nil
	}
	out, err := c.putComment(ctx, e, e.Key(), have, body)
	return wrote(out.GetHTMLURL(), err)
}

// ownComment finds a comment of ours by its mark; nil for none.
func (c *Client) ownComment(ctx context.Context, e effect.Comment) (*gh.IssueComment, error) {
	own, err := c.ownComments(ctx, e.Repo, e.Number, e.Since)
	for _, one := range own {
		if err == nil && e.Mark.Begins(one.GetBody()) {
			return one, nil
		}
	}
	return nil, nobodyToTell(e, err)
}

// ownComments lists our comments on a number since an instant (zero: all of them),
// the oldest first.
func (c *Client) ownComments(ctx context.Context, repo github.Repo, number int, since time.Time) ([]*gh.IssueComment, error) {
	bot, err := c.bot(ctx, repo)
	if err != nil {
		return nil, err
	}
	opts := gh.IssueListCommentsOptions{}
	if !since.IsZero() {
		opts.Since = &since
	}
	list, err := listed(ctx, c, repo, fmt.Sprintf("list comments of %s#%d", repo, number), func(g *gh.Client, o gh.ListOptions) ([]*gh.IssueComment, *gh.Response, error) {
		opts.ListOptions = o
		return g.Issues.ListComments(ctx, repo.Owner, repo.Name, number, &opts)
	})
	return slices.DeleteFunc(list, func(one *gh.IssueComment) bool { return one.GetUser().GetID() != bot.ID }), err
}

// putComment makes a comment of ours, or edits the one that there is.
func (c *Client) putComment(ctx context.Context, e effect.Comment, key string, have *gh.IssueComment, body string) (out *gh.IssueComment, err error) {
	err = c.write(ctx, e.Repo, "write comment", key, func(g *gh.Client) (err error) {
		if have == nil {
			out, _, err = g.Issues.CreateComment(ctx, e.Repo.Owner, e.Repo.Name, e.Number, &gh.IssueComment{Body: &body})
		} else {
			out, _, err = g.Issues.EditComment(ctx, e.Repo.Owner, e.Repo.Name, have.GetID(), &gh.IssueComment{Body: &body})
		}
		return err
	})
	return out, nobodyToTell(e, err)
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
