package ghclient

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Labelled lists the issues and pull requests with a label that were changed at or after an
// instant, be they open or closed; for the zero instant every open one.
func (c *Client) Labelled(ctx context.Context, repo github.Repo, label string, closedSince time.Time) ([]github.Labelled, error) {
	state := "all"
	if closedSince.IsZero() {
		state = string(github.Open)
	}
	list, err := listed(ctx, c, repo, fmt.Sprintf("list what has the label %s in %s", label, repo), func(g *gh.Client, o gh.ListOptions) ([]*gh.Issue, *gh.Response, error) {
		page, resp, err := g.Issues.ListByRepo(ctx, repo.Owner, repo.Name, &gh.IssueListByRepoOptions{
			State: state, Labels: []string{label}, Since: closedSince, ListOptions: o,
		})
		return page, resp, err
	})
	var all []github.Labelled
	for _, i := range list {
		all = append(all, github.Labelled{
			Number: i.GetNumber(), Title: i.GetTitle(), State: github.State(i.GetState()), IsPullRequest: i.IsPullRequest(),
			Merged: i.GetPullRequestLinks().GetMergedAt() != gh.Timestamp{}, Milestone: i.GetMilestone().GetTitle(), URL: i.GetHTMLURL(), UpdatedAt: i.GetUpdatedAt().Time,
		})
	}
	return all, err
}

// Label reports whether a repository has a label.
func (c *Client) Label(ctx context.Context, repo github.Repo, name string) (found bool, err error) {
	err = c.do(ctx, repo, fmt.Sprintf("read the label %s of %s", name, repo), func(g *gh.Client) error {
		l, _, err := g.Issues.GetLabel(ctx, repo.Owner, repo.Name, url.PathEscape(name)) // a label may hold slashes
		found = strings.EqualFold(l.GetName(), name)
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return found, err
}

// Labels lists the labels of a repository. Unlike that of Label, its answer can be
// revalidated if one isn't there.
func (c *Client) Labels(ctx context.Context, repo github.Repo) ([]string, error) {
	list, err := listed(ctx, c, repo, "list labels of "+repo.String(), func(g *gh.Client, o gh.ListOptions) ([]*gh.Label, *gh.Response, error) {
		return g.Issues.ListLabels(ctx, repo.Owner, repo.Name, &o)
	})
	var names []string
	for _, l := range list {
		names = append(names, l.GetName())
	}
	return names, err
}

// Milestones lists the milestones of a repository, closed ones too.
func (c *Client) Milestones(ctx context.Context, repo github.Repo) ([]github.Milestone, error) {
	list, err := listed(ctx, c, repo, "list milestones of "+repo.String(), func(g *gh.Client, o gh.ListOptions) ([]*gh.Milestone, *gh.Response, error) {
		return g.Issues.ListMilestones(ctx, repo.Owner, repo.Name, &gh.MilestoneListOptions{State: "all", ListOptions: o})
	})
	var all []github.Milestone
	for _, m := range list {
		one := github.Milestone{Number: m.GetNumber(), Title: m.GetTitle(), State: github.State(m.GetState())}
		if due := m.GetDueOn(); !due.IsZero() {
			// GitHub keeps the beginning of the day on its own clocks, in the west.
			one.Due = release.DateOf(due.Time, time.UTC)
		}
		all = append(all, one)
	}
	return all, err
}

// Releases lists the newest releases of a repository, drafts too: a page of them.
func (c *Client) Releases(ctx context.Context, repo github.Repo) ([]github.Release, error) {
	var list []*gh.RepositoryRelease
	err := c.do(ctx, repo, "list releases of "+repo.String(), func(g *gh.Client) (err error) {
		list, _, err = g.Repositories.ListReleases(ctx, repo.Owner, repo.Name, &gh.ListOptions{PerPage: pageSize})
		return err
	})
	var all []github.Release
	for _, r := range list {
		one := github.Release{Tag: r.GetTagName(), Draft: r.GetDraft(), URL: r.GetHTMLURL()}
		for _, a := range r.Assets {
			if a.GetState() == "uploaded" { // "starter" and "open" are files that aren't whole
				one.Assets = append(one.Assets, a.GetName())
			}
		}
		all = append(all, one)
	}
	return all, err
}
