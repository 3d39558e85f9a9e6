package ghclient

import (
	"context"
	"errors"
	"fmt"
	"time"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// Repos lists every repository that the App is installed on, leaving out
// suspended installations, and remembers which installation reaches each.
func (c *Client) Repos(ctx context.Context) ([]github.Repo, error) {
	installations, err := pages(func(o gh.ListOptions) ([]*gh.Installation, *gh.Response, error) {
		return c.app().Apps.ListInstallations(ctx, &o)
	})
	if err != nil {
		return nil, fmt.Errorf("list installations: %w", c.classify(err))
	}
	var all []github.Repo
	for _, in := range installations {
		if in.SuspendedAt != nil {
			continue
		}
		repos, err := c.reposOf(ctx, in.GetID())
		if err != nil {
			return nil, fmt.Errorf("list repositories of installation %d: %w", in.GetID(), c.classify(err))
		}
		all = append(all, repos...)
	}
	return all, nil
}

func (c *Client) reposOf(ctx context.Context, installation int64) ([]github.Repo, error) {
	client := c.installed(installation)
	at, err := installationMemo.begin(ctx, c)
	if err != nil {
		return nil, err
	}
	list, err := pages(func(o gh.ListOptions) ([]*gh.Repository, *gh.Response, error) {
		page, resp, err := client.Apps.ListRepos(ctx, &o)
		if err != nil {
			return nil, nil, err
		}
		return page.Repositories, resp, nil
	})
	if unauthorized(err) {
		c.renew(installation, client)
	}
	if err != nil {
		return nil, err
	}
	var repos []github.Repo
	for _, r := range list {
		if r.GetArchived() || r.GetDisabled() {
			continue
		}
		repo := github.Repo{Owner: r.GetOwner().GetLogin(), Name: r.GetName()}
		repos = append(repos, repo)
		err := errors.Join(installationMemo.keep(ctx, c, github.InstallationCacheKey(repo), installation, at),
			repositoryMemo.keep(ctx, c, github.RepoCacheKey(repo), factsOf(r), at)) // which is kept as long
		if err != nil {
			return nil, err
		}
	}
	return repos, nil
}

// Undelivered lists the deliveries since an instant of which no attempt has
// succeeded, oldest first: for each GUID the newest attempt's id.
func (c *Client) Undelivered(ctx context.Context, since time.Time) ([]github.Lost, error) {
	newest, delivered := map[string]int64{}, map[string]bool{}
	var order []string
	opts := &gh.ListCursorOptions{PerPage: pageSize}
	for {
		page, resp, err := c.app().Apps.ListHookDeliveries(ctx, opts)
		if err != nil {
			return nil, fmt.Errorf("list deliveries: %w", c.classify(err))
		}
		old := false
		for _, d := range page { // newest first
			if d.GetDeliveredAt().Before(since) {
				old = true
				break
			}
			if _, seen := newest[d.GetGUID()]; !seen {
				newest[d.GetGUID()] = d.GetID()
				order = append(order, d.GetGUID())
			}
			if code := d.GetStatusCode(); code >= 200 && code < 300 {
				delivered[d.GetGUID()] = true
			}
		}
		if old || resp.Cursor == "" {
			break
		}
		opts.Cursor = resp.Cursor
	}
	var lost []github.Lost
	for i := len(order) - 1; i >= 0; i-- {
		if guid := order[i]; !delivered[guid] {
			lost = append(lost, github.Lost{GUID: guid, Attempt: newest[guid]})
		}
	}
	return lost, nil
}

// Redeliver asks GitHub to deliver once more.
func (c *Client) Redeliver(ctx context.Context, id int64) error {
	_, _, err := c.app().Apps.RedeliverHookDelivery(ctx, id)
	if _, accepted := err.(*gh.AcceptedError); accepted {
		return nil // 202 is how GitHub says yes here
	}
	if err != nil {
		return fmt.Errorf("redeliver %d: %w", id, c.classify(err))
	}
	return nil
}
