package ghclient

import (
	"context"
	"fmt"
	"time"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// applyIssue brings an issue of ours to the given form. A new one takes two
// writes, because its record is sealed to the number that the first one gets;
// killed between them, the next try finds it by its mark and seals it.
func (c *Client) applyIssue(ctx context.Context, e effect.Issue) (changed bool, url string, err error) {
	repoID, err := c.RepoID(ctx, e.Repo)
	if err != nil {
		return false, "", err
	}
	have, err := c.findIssue(ctx, e)
	if err != nil {
		return false, "", err
	}
	if have == nil {
		if have, err = c.openIssue(ctx, e); err != nil {
			return false, "", err
		}
		changed = true
	}
	line, err := c.opts.Sealer.Seal(effect.Place{Repo: repoID, Number: have.Number}, e.Mark, e.Record)
	if err != nil {
		return changed, "", err
	}
	body := effect.Cut(line+"\n\n"+e.Text, maxBody)
	if have.Title == e.Title && have.Body == body && have.State == e.State {
		return changed, have.URL, nil
	}
	err = c.write(ctx, e.Repo, "write issue", e.Key()+" seal", func(g *gh.Client) error {
		req := &gh.IssueRequest{Title: &e.Title, Body: &body}
		if have.State != e.State {
			req.State = gh.String(string(e.State))
			if e.State == github.Closed {
				req.StateReason = gh.String("completed")
			}
		}
		_, _, err := g.Issues.Edit(ctx, e.Repo.Owner, e.Repo.Name, have.Number, req)
		return err
	})
	return true, have.URL, err
}

// findIssue returns the issue that an effect means: the one it names, else the
// open one of ours with its mark, the oldest if there are several.
func (c *Client) findIssue(ctx context.Context, e effect.Issue) (*github.Issue, error) {
	if e.Number != 0 {
		var one github.Issue
		err := c.do(ctx, e.Repo, fmt.Sprintf("read issue %s#%d", e.Repo, e.Number), func(g *gh.Client) error {
			i, _, err := g.Issues.Get(ctx, e.Repo.Owner, e.Repo.Name, e.Number)
			if err == nil {
				one = issue(i)
			}
			return err
		})
		return &one, err
	}
	own, err := c.OwnIssues(ctx, e.Repo, e.Labels[0], "open", time.Time{})
	if err != nil {
		return nil, err
	}
	var oldest *github.Issue
	for i := range own {
		if e.Mark.In(own[i].Body) && (oldest == nil || own[i].Number < oldest.Number) {
			oldest = &own[i]
		}
	}
	return oldest, nil
}

func (c *Client) openIssue(ctx context.Context, e effect.Issue) (*github.Issue, error) {
	body := effect.Cut(e.Mark.String()+"\n\n"+e.Text, maxBody)
	var made github.Issue
	err := c.write(ctx, e.Repo, "open issue", e.Key(), func(g *gh.Client) error {
		i, _, err := g.Issues.Create(ctx, e.Repo.Owner, e.Repo.Name, &gh.IssueRequest{Title: &e.Title, Body: &body, Labels: &e.Labels})
		if err == nil {
			made = issue(i)
		}
		return err
	})
	return &made, err
}
