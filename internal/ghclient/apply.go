package ghclient

import (
	"context"
	"fmt"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// change is what an effect comes to after a look at GitHub: what is there, and
// what there is to write. Nothing to write means that it is so already.
type change struct {
	url   string
	write func(context.Context) (url string, err error)
}

// Apply carries out one effect: it reads what is there, compares, and writes
// only a difference.
func (c *Client) Apply(ctx context.Context, e effect.Effect) (reconcile.Receipt, error) {
	r, todo, err := c.look(ctx, e)
	if err != nil || todo.write == nil {
		return r, err
	}
	if r.URL, err = todo.write(ctx); err != nil {
		return reconcile.Receipt{}, fmt.Errorf("apply %s: %w", e.Key(), err)
	}
	return r, nil
}

// Preview is the Applier that only looks: its receipts say what Apply would do.
type Preview struct{ Client *Client }

// Apply implements reconcile.Applier and writes nothing.
func (p Preview) Apply(ctx context.Context, e effect.Effect) (reconcile.Receipt, error) {
	r, _, err := p.Client.look(ctx, e)
	return r, err
}

// look compares an effect with what is on GitHub.
func (c *Client) look(ctx context.Context, e effect.Effect) (reconcile.Receipt, change, error) {
	r := reconcile.Receipt{Effect: e.String()}
	var todo change
	var err error
	switch e := e.(type) {
	case effect.CheckRun:
		todo, err = c.lookCheckRun(ctx, e)
	case effect.Comment:
		todo, err = c.lookComment(ctx, e)
	case effect.Issue:
		r.Name = e.Title
		todo, err = c.lookIssue(ctx, e)
	case effect.IssueState:
		todo, err = c.lookIssueState(ctx, e)
	default:
		err = fmt.Errorf("no way to carry out %T", e)
	}
	if err != nil {
		return reconcile.Receipt{}, change{}, fmt.Errorf("apply %s: %w", e.Key(), err)
	}
	r.URL, r.Changed = todo.url, todo.write != nil
	return r, todo, nil
}

// GitHub's limits on the parts of a check run and of a comment, in characters.
const (
	maxCheckTitle   = 255
	maxCheckSummary = 65535
	maxBody         = 65536
)

// lookCheckRun reports on the commit that the verdict was made for. When the
// head has moved on, the run stays with the old commit, where it is true.
func (c *Client) lookCheckRun(ctx context.Context, e effect.CheckRun) (change, error) {
	have, err := c.checkRun(ctx, e)
	if err != nil || have == nil && e.IfPresent {
		return change{}, err
	}
	status, conclusion := outcome(e.Verdict.State)
	title, summary := effect.Cut(e.Verdict.Title, maxCheckTitle), effect.Cut(e.Verdict.Detail, maxCheckSummary)
	if !e.Fresh && have != nil && have.GetStatus() == status && have.GetConclusion() == conclusion &&
		have.GetOutput().GetTitle() == title && have.GetOutput().GetSummary() == summary {
		return change{url: have.GetHTMLURL()}, nil
	}
	w := checkWrite{
		client: c, effect: e, status: status, output: &gh.CheckRunOutput{Title: &title, Summary: &summary},
		external: fmt.Sprintf("pr/%d", e.Number),
	}
	if conclusion != "" {
		w.conclusion, w.at = &conclusion, &gh.Timestamp{Time: c.opts.Now().UTC().Truncate(second)}
	}
	// A completed run can't go back to being in progress: a newer one replaces it.
	if have != nil && !e.Fresh && !(status != "completed" && have.GetStatus() == "completed") {
		w.id = have.GetID()
	}
	return change{url: have.GetHTMLURL(), write: w.write}, nil
}

// checkWrite is one write of a check run; id 0 makes a new one.
type checkWrite struct {
	client     *Client
	effect     effect.CheckRun
	id         int64
	status     string
	conclusion *string
	at         *gh.Timestamp
	output     *gh.CheckRunOutput
	external   string
}

func (w checkWrite) write(ctx context.Context) (url string, err error) {
	e := w.effect
	err = w.client.write(ctx, e.Repo, "write check run", e.Key(), func(g *gh.Client) error {
		var run *gh.CheckRun
		var err error
		if w.id == 0 {
			run, _, err = g.Checks.CreateCheckRun(ctx, e.Repo.Owner, e.Repo.Name, gh.CreateCheckRunOptions{
				Name: e.Name, HeadSHA: e.Commit, ExternalID: &w.external,
				Status: &w.status, Conclusion: w.conclusion, CompletedAt: w.at, Output: w.output,
			})
		} else {
			run, _, err = g.Checks.UpdateCheckRun(ctx, e.Repo.Owner, e.Repo.Name, w.id, gh.UpdateCheckRunOptions{
				Name: e.Name, ExternalID: &w.external,
				Status: &w.status, Conclusion: w.conclusion, CompletedAt: w.at, Output: w.output,
			})
		}
		url = run.GetHTMLURL()
		return err
	})
	return url, err
}

// checkRun returns our newest run of a name on a commit, or nil.
func (c *Client) checkRun(ctx context.Context, e effect.CheckRun) (*gh.CheckRun, error) {
	var found *gh.CheckRun
	err := c.do(ctx, e.Repo, "read check runs", func(g *gh.Client) error {
		list, _, err := g.Checks.ListCheckRunsForRef(ctx, e.Repo.Owner, e.Repo.Name, e.Commit, &gh.ListCheckRunsOptions{
			CheckName: &e.Name, AppID: &c.opts.GitHub.App.IntegrationID, Filter: gh.String("latest"),
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
