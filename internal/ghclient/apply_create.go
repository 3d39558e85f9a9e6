package ghclient

import (
	"context"
	"slices"
	"time"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// applyNewBranch creates a branch that isn't there. One that somebody creates at
// the same moment makes GitHub refuse; the next try finds it.
func (c *Client) applyNewBranch(ctx context.Context, e effect.NewBranch) (done, error) {
	head, err := c.BranchHead(ctx, e.Repo, e.Branch)
	if err != nil || head != "" {
		return done{}, err
	}
	return wrote("", c.write(ctx, e.Repo, "create branch", e.Key(), func(g *gh.Client) error {
		ref := &gh.Reference{Ref: gh.String(e.Branch.Ref()), Object: &gh.GitObject{SHA: &e.From}}
		_, _, err := g.Git.CreateRef(ctx, e.Repo.Owner, e.Repo.Name, ref)
		return err
	}))
}

func (c *Client) applyNewLabel(ctx context.Context, e effect.NewLabel) (done, error) {
	there, err := c.Label(ctx, e.Repo, e.Name)
	if err != nil || there {
		return done{}, err
	}
	return wrote("", c.write(ctx, e.Repo, "create label", e.Key(), func(g *gh.Client) error {
		_, _, err := g.Issues.CreateLabel(ctx, e.Repo.Owner, e.Repo.Name, &gh.Label{Name: &e.Name})
		return err
	}))
}

func (c *Client) applyNewMilestone(ctx context.Context, e effect.NewMilestone) (done, error) {
	all, err := c.Milestones(ctx, e.Repo)
	if err != nil || slices.ContainsFunc(all, func(m github.Milestone) bool { return m.Title == e.Title }) {
		return done{}, err
	}
	return wrote("", c.write(ctx, e.Repo, "create milestone", e.Key(), func(g *gh.Client) error {
		_, _, err := g.Issues.CreateMilestone(ctx, e.Repo.Owner, e.Repo.Name, &gh.Milestone{Title: &e.Title})
		return err
	}))
}

func (c *Client) applyMilestoneDue(ctx context.Context, e effect.MilestoneDue) (done, error) {
	all, err := c.Milestones(ctx, e.Repo)
	if err != nil {
		return done{}, err
	}
	i := slices.IndexFunc(all, func(m github.Milestone) bool { return m.Title == e.Title })
	if i < 0 || all[i].Due == e.Due {
		return done{}, nil
	}
	return wrote("", c.write(ctx, e.Repo, "write milestone", e.Key(), func(g *gh.Client) error {
		// Noon is the same day wherever GitHub looks at it.
		due := gh.Timestamp{Time: e.Due.Begins(time.UTC).Add(12 * time.Hour)}
		_, _, err := g.Issues.EditMilestone(ctx, e.Repo.Owner, e.Repo.Name, all[i].Number, &gh.Milestone{DueOn: &due})
		return err
	}))
}
