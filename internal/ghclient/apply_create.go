package ghclient

import (
	"context"
	"slices"
	"time"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// lookNewBranch creates a branch that isn't there. One that somebody creates at
// the same moment makes GitHub refuse; the next try finds it.
func (c *Client) lookNewBranch(ctx context.Context, e effect.NewBranch) (change, error) {
	head, err := c.BranchHead(ctx, e.Repo, e.Branch)
	if err != nil || head != "" {
		return change{}, err
	}
	return change{write: func(ctx context.Context) (string, error) {
		return "", c.write(ctx, e.Repo, "create branch", e.Key(), func(g *gh.Client) error {
			ref := &gh.Reference{Ref: gh.String(e.Branch.Ref()), Object: &gh.GitObject{SHA: &e.From}}
			_, _, err := g.Git.CreateRef(ctx, e.Repo.Owner, e.Repo.Name, ref)
			return err
		})
	}}, nil
}

func (c *Client) lookNewLabel(ctx context.Context, e effect.NewLabel) (change, error) {
	there, err := c.Label(ctx, e.Repo, e.Name)
	if err != nil || there {
		return change{}, err
	}
	return change{write: func(ctx context.Context) (string, error) {
		return "", c.write(ctx, e.Repo, "create label", e.Key(), func(g *gh.Client) error {
			_, _, err := g.Issues.CreateLabel(ctx, e.Repo.Owner, e.Repo.Name, &gh.Label{Name: &e.Name})
			return err
		})
	}}, nil
}

func (c *Client) lookNewMilestone(ctx context.Context, e effect.NewMilestone) (change, error) {
	all, err := c.Milestones(ctx, e.Repo)
	if err != nil || slices.ContainsFunc(all, func(m github.Milestone) bool { return m.Title == e.Title }) {
		return change{}, err
	}
	return change{write: func(ctx context.Context) (string, error) {
		return "", c.write(ctx, e.Repo, "create milestone", e.Key(), func(g *gh.Client) error {
			_, _, err := g.Issues.CreateMilestone(ctx, e.Repo.Owner, e.Repo.Name, &gh.Milestone{Title: &e.Title})
			return err
		})
	}}, nil
}

func (c *Client) lookMilestoneDue(ctx context.Context, e effect.MilestoneDue) (change, error) {
	all, err := c.Milestones(ctx, e.Repo)
	if err != nil {
		return change{}, err
	}
	i := slices.IndexFunc(all, func(m github.Milestone) bool { return m.Title == e.Title })
	if i < 0 || all[i].Due == e.Due {
		return change{}, nil
	}
	return change{write: func(ctx context.Context) (string, error) {
		return "", c.write(ctx, e.Repo, "write milestone", e.Key(), func(g *gh.Client) error {
			// Noon is the same day wherever GitHub looks at it.
			due := gh.Timestamp{Time: e.Due.Begins(time.UTC).Add(12 * time.Hour)}
			_, _, err := g.Issues.EditMilestone(ctx, e.Repo.Owner, e.Repo.Name, all[i].Number, &gh.Milestone{DueOn: &due})
			return err
		})
	}}, nil
}
