package ghclient

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// StatusChecks lists what others report on a commit: of each check run the latest,
// and of each context the latest status, sorted by name. Our own check runs are
// left out. ref is a commit, a branch or a tag; where there is none, found is false.
// It costs two requests, which are 304 until something is reported.
func (c *Client) StatusChecks(ctx context.Context, repo github.Repo, ref string) (list []github.StatusCheck, found bool, err error) {
	runs, err := c.foreignRuns(ctx, repo, ref)
	if noCommit(err) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	statuses, err := c.statuses(ctx, repo, ref)
	if noCommit(err) {
		return nil, false, nil
	}
	list = append(runs, statuses...)
	slices.SortStableFunc(list, func(a, b github.StatusCheck) int { return strings.Compare(a.Name, b.Name) })
	return list, err == nil, err
}

// noCommit recognises how GitHub says that a ref leads to no commit.
func noCommit(err error) bool {
	var said *gh.ErrorResponse
	return errors.Is(err, ErrNotFound) || errors.As(err, &said) && strings.HasPrefix(said.Message, "No commit found for")
}

// checkRuns lists the newest check runs on a ref, whoever made them.
func (c *Client) checkRuns(ctx context.Context, repo github.Repo, ref string) ([]*gh.CheckRun, error) {
	return listed(ctx, c, repo, fmt.Sprintf("list check runs of %s at %s", repo, ref), func(g *gh.Client, o gh.ListOptions) ([]*gh.CheckRun, *gh.Response, error) {
		page, resp, err := g.Checks.ListCheckRunsForRef(ctx, repo.Owner, repo.Name, ref, &gh.ListCheckRunsOptions{Filter: gh.String("latest"), ListOptions: o})
		if err != nil {
			return nil, resp, err
		}
		return page.CheckRuns, resp, nil
	})
}

// foreignRuns lists the check runs of other Apps.
func (c *Client) foreignRuns(ctx context.Context, repo github.Repo, ref string) ([]github.StatusCheck, error) {
	list, err := c.checkRuns(ctx, repo, ref)
	var all []github.StatusCheck
	for _, r := range list {
		if r.GetApp().GetID() == c.opts.GitHub.App.IntegrationID {
			continue
		}
		at := r.GetCompletedAt().Time
		if at.IsZero() {
			at = r.GetStartedAt().Time
		}
		link := r.GetDetailsURL() // what Prow and Actions point at
		if link == "" {
			link = r.GetHTMLURL()
		}
		all = append(all, github.StatusCheck{
			Name: r.GetName(), State: github.StateOfRun(r.GetStatus(), r.GetConclusion()), Says: r.GetOutput().GetTitle(), URL: link, At: at,
		})
	}
	return all, err
}

// statuses lists the latest status of each context.
func (c *Client) statuses(ctx context.Context, repo github.Repo, ref string) ([]github.StatusCheck, error) {
	list, err := listed(ctx, c, repo, fmt.Sprintf("list statuses of %s at %s", repo, ref), func(g *gh.Client, o gh.ListOptions) ([]*gh.RepoStatus, *gh.Response, error) {
		combined, resp, err := g.Repositories.GetCombinedStatus(ctx, repo.Owner, repo.Name, ref, &o)
		if err != nil {
			return nil, resp, err
		}
		return combined.Statuses, resp, nil
	})
	var all []github.StatusCheck
	for _, s := range list {
		all = append(all, github.StatusCheck{
			Name: s.GetContext(), State: github.StateOfStatus(s.GetState()), Says: s.GetDescription(), URL: s.GetTargetURL(), At: s.GetUpdatedAt().Time,
		})
	}
	return all, err
}
