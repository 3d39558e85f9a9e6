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
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// lookUnlabel takes a label off. Somebody may do so at the same time, or delete
// the whole label: then there is nothing left to do.
func (c *Client) lookUnlabel(ctx context.Context, e effect.Unlabel) (change, error) {
	var list []*gh.Label
	err := c.do(ctx, e.Repo, fmt.Sprintf("list labels of %s#%d", e.Repo, e.Number), func(g *gh.Client) (err error) {
		list, err = pages(func(o gh.ListOptions) ([]*gh.Label, *gh.Response, error) {
			return g.Issues.ListLabelsByIssue(ctx, e.Repo.Owner, e.Repo.Name, e.Number, &o)
		})
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return change{}, fmt.Errorf("%s#%d: %w", e.Repo, e.Number, reconcile.ErrGone)
	}
	has := slices.ContainsFunc(labels(list), func(l string) bool { return strings.EqualFold(l, e.Label) })
	if err != nil || !has {
		return change{}, err
	}
	return change{write: func(ctx context.Context) (string, error) {
		err := c.write(ctx, e.Repo, "remove label", e.Key(), func(g *gh.Client) error {
			_, err := g.Issues.RemoveLabelForIssue(ctx, e.Repo.Owner, e.Repo.Name, e.Number, url.PathEscape(e.Label))
			return err
		})
		if errors.Is(err, ErrNotFound) {
			err = nil
		}
		return "", err
	}}, nil
}
