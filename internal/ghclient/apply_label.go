package ghclient

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// applyUnlabel takes a label off. Somebody may do so at the same time, or delete
// the whole label: then there is nothing left to do.
func (c *Client) applyUnlabel(ctx context.Context, e effect.Unlabel) (done, error) {
	have, err := c.labelsOf(ctx, e.Repo, e.Number)
	has := slices.ContainsFunc(have, func(l string) bool { return strings.EqualFold(l, e.Label) })
	if err != nil || !has {
		return done{}, err
	}
	err = c.write(ctx, e.Repo, "remove label", e.Key(), func(g *gh.Client) error {
		_, err := g.Issues.RemoveLabelForIssue(ctx, e.Repo.Owner, e.Repo.Name, e.Number, url.PathEscape(e.Label))
		return err
	})
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return wrote("", err)
}

// applyLabels adds the labels that are missing.
func (c *Client) applyLabels(ctx context.Context, e effect.Labels) (done, error) {
	have, err := c.labelsOf(ctx, e.Repo, e.Number)
	missing := lacking(have, e.Labels)
	if err != nil || len(missing) == 0 {
		return done{}, err
	}
	return wrote("", c.addLabels(ctx, e.Repo, github.Issue{Number: e.Number, IsPullRequest: true}, missing))
}

func (c *Client) labelsOf(ctx context.Context, repo github.Repo, number int) ([]string, error) {
	list, err := listed(ctx, c, repo, fmt.Sprintf("list labels of %s#%d", repo, number), func(g *gh.Client, o gh.ListOptions) ([]*gh.Label, *gh.Response, error) {
		return g.Issues.ListLabelsByIssue(ctx, repo.Owner, repo.Name, number, &o)
	})
	if errors.Is(err, ErrNotFound) {
		return nil, fmt.Errorf("%s#%d: %w", repo, number, reconcile.ErrGone)
	}
	return labels(list), err
}
