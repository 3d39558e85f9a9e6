package ghclient

import (
	"context"
	"errors"
	"fmt"
	"time"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// Apply carries out one effect: it reads what is there, compares, and writes
// only a difference.
func (c *Client) Apply(ctx context.Context, e effect.Effect) (reconcile.Receipt, error) {
	r := reconcile.Receipt{Effect: e.String()}
	var err error
	switch e := e.(type) {
	case effect.CheckRun:
		r.Changed, r.URL, err = c.applyCheckRun(ctx, e)
	case effect.Comment:
		r.Changed, r.URL, err = c.applyComment(ctx, e)
	case effect.Issue:
		r.Name = e.Title
		r.Changed, r.URL, err = c.applyIssue(ctx, e)
	default:
		err = fmt.Errorf("no way to carry out %T", e)
	}
	if err != nil {
		return reconcile.Receipt{}, fmt.Errorf("apply %s: %w", e.Key(), err)
	}
	return r, nil
}

// GitHub's limits on the parts of a check run and of a comment, in characters.
const (
	maxCheckTitle   = 255
	maxCheckSummary = 65535
	maxBody         = 65536
)

// applyCheckRun reports on the commit that the verdict was made for. When the
// head has moved on, the run stays with the old commit, where it is true.
func (c *Client) applyCheckRun(ctx context.Context, e effect.CheckRun) (changed bool, url string, err error) {
	have, err := c.checkRun(ctx, e.Repo, e.Commit, e.Name)
	if err != nil {
		return false, "", err
	}
	status, conclusion := outcome(e.Verdict.State)
	title, summary := effect.Cut(e.Verdict.Title, maxCheckTitle), effect.Cut(e.Verdict.Detail, maxCheckSummary)
	if have != nil && have.GetStatus() == status && have.GetConclusion() == conclusion &&
		have.GetOutput().GetTitle() == title && have.GetOutput().GetSummary() == summary {
		return false, have.GetHTMLURL(), nil
	}
	output := &gh.CheckRunOutput{Title: &title, Summary: &summary}
	var at *gh.Timestamp
	var concluded *string
	if conclusion != "" {
		at, concluded = &gh.Timestamp{Time: c.opts.Now().UTC().Truncate(time.Second)}, &conclusion
	}
	external := fmt.Sprintf("pr/%d", e.Number)
	var run *gh.CheckRun
	err = c.write(ctx, e.Repo, "write check run", e.Key(), func(g *gh.Client) (err error) {
		if have == nil || status != "completed" && have.GetStatus() == "completed" {
			// A completed run can't go back to being in progress: a newer one replaces it.
			run, _, err = g.Checks.CreateCheckRun(ctx, e.Repo.Owner, e.Repo.Name, gh.CreateCheckRunOptions{
				Name: e.Name, HeadSHA: e.Commit, ExternalID: &external,
				Status: &status, Conclusion: concluded, CompletedAt: at, Output: output,
			})
			return err
		}
		run, _, err = g.Checks.UpdateCheckRun(ctx, e.Repo.Owner, e.Repo.Name, have.GetID(), gh.UpdateCheckRunOptions{
			Name: e.Name, ExternalID: &external,
			Status: &status, Conclusion: concluded, CompletedAt: at, Output: output,
		})
		return err
	})
	return err == nil, run.GetHTMLURL(), err
}

// checkRun returns our newest run of a name on a commit, or nil.
func (c *Client) checkRun(ctx context.Context, repo github.Repo, commit, name string) (*gh.CheckRun, error) {
	var found *gh.CheckRun
	err := c.do(ctx, repo, "read check runs", func(g *gh.Client) error {
		list, _, err := g.Checks.ListCheckRunsForRef(ctx, repo.Owner, repo.Name, commit, &gh.ListCheckRunsOptions{
			CheckName: &name, AppID: &c.opts.GitHub.App.IntegrationID, Filter: gh.String("latest"),
		})
		if err != nil {
			return err
		}
		for _, run := range list.CheckRuns {
			if run.GetID() > found.GetID() {
				found = run
			}
		}
		return nil
	})
	return found, err
}

// outcome maps a verdict to GitHub's words. Only success, neutral and skipped
// let a required check pass, so Wait is a run that is still in progress.
func outcome(s effect.State) (status, conclusion string) {
	switch s {
	case effect.Pass:
		return "completed", "success"
	case effect.Neutral:
		return "completed", "neutral"
	case effect.Wait:
		return "in_progress", ""
	default: // fail closed
		return "completed", "failure"
	}
}

// applyComment keeps one comment. Since bounds where it looks for the earlier
// one, so that a long thread isn't read from its beginning.
func (c *Client) applyComment(ctx context.Context, e effect.Comment) (changed bool, url string, err error) {
	body := effect.Cut(e.Mark.String()+"\n"+e.Body, maxBody)
	bot, err := c.BotID(ctx, e.Repo)
	if err != nil {
		return false, "", err
	}
	have, err := c.ownComment(ctx, e, bot)
	if err != nil {
		return false, "", err
	}
	if have.GetBody() == body {
		return false, have.GetHTMLURL(), nil
	}
	var out *gh.IssueComment
	err = c.write(ctx, e.Repo, "write comment", e.Key(), func(g *gh.Client) (err error) {
		if have == nil {
			out, _, err = g.Issues.CreateComment(ctx, e.Repo.Owner, e.Repo.Name, e.Number, &gh.IssueComment{Body: &body})
		} else {
			out, _, err = g.Issues.EditComment(ctx, e.Repo.Owner, e.Repo.Name, have.GetID(), &gh.IssueComment{Body: &body})
		}
		return err
	})
	if errors.Is(err, ErrNotFound) { // the thread was deleted: nobody is left to tell
		return false, "", fmt.Errorf("%s#%d: %w", e.Repo, e.Number, reconcile.ErrGone)
	}
	return err == nil, out.GetHTMLURL(), err
}

func (c *Client) ownComment(ctx context.Context, e effect.Comment, bot int64) (found *gh.IssueComment, err error) {
	var since *time.Time
	if !e.Since.IsZero() {
		since = &e.Since
	}
	err = c.do(ctx, e.Repo, fmt.Sprintf("list comments of %s#%d", e.Repo, e.Number), func(g *gh.Client) error {
		list, err := pages(func(o gh.ListOptions) ([]*gh.IssueComment, *gh.Response, error) {
			return g.Issues.ListComments(ctx, e.Repo.Owner, e.Repo.Name, e.Number, &gh.IssueListCommentsOptions{Since: since, ListOptions: o})
		})
		for _, one := range list {
			if found == nil && one.GetUser().GetID() == bot && e.Mark.In(one.GetBody()) {
				found = one
			}
		}
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return nil, fmt.Errorf("%s#%d: %w", e.Repo, e.Number, reconcile.ErrGone)
	}
	return found, err
}
