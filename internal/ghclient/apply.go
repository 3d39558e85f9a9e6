package ghclient

import (
	"context"
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// change is what an effect comes to after a look at GitHub: what is there, and
// what there is to write. Nothing to write means that it is so already.
type change struct {
	url   string
	write func(context.Context) (url string, err error)
	// learned says that it is remembered only since this look.
	learned bool
}

// Apply carries out one effect: it reads what is there, compares, and writes
// only a difference.
func (c *Client) Apply(ctx context.Context, e effect.Effect) (reconcile.Receipt, error) {
	if turn := turnOf(e); turn != "" {
		unlock, err := c.turn(ctx, turn)
		if err != nil {
			return reconcile.Receipt{}, fmt.Errorf("apply %s: %w", e.Key(), err)
		}
		defer unlock()
	}
	r, todo, err := c.look(ctx, e)
	if err != nil || todo.write == nil {
		return r, err
	}
	if r.URL, err = todo.write(ctx); err != nil {
		return reconcile.Receipt{}, fmt.Errorf("apply %s: %w", e.Key(), err)
	}
	return r, nil
}

// turn waits until nobody else looks at a thing to change it, in this process
// or, if replicas share a database, in another.
func (c *Client) turn(ctx context.Context, name string) (unlock func(), err error) {
	here, err := c.turns.lock(ctx, name)
	if err != nil || c.opts.Turn == nil {
		return here, err
	}
	there, err := c.opts.Turn(ctx, name)
	if err != nil {
		here()
		return nil, err
	}
	return func() { there(); here() }, nil
}

// turnOf names what has to be looked at and changed by one at a time: GitHub
// has no way to change an issue only if it is still what it was.
func turnOf(e effect.Effect) string {
	switch e := e.(type) {
	case effect.Issue:
		if e.Number == 0 {
			return e.Key()
		}
		return strings.ToLower(fmt.Sprintf("%s#%d", e.Repo, e.Number))
	case effect.SharedIssue:
		return turnOf(e.Issue())
	case effect.IssueState:
		return strings.ToLower(fmt.Sprintf("%s#%d", e.Repo, e.Number))
	case effect.Dispatch:
		return e.Key()
	case effect.Section: // its neighbours are in the same comment
		return strings.ToLower(fmt.Sprintf("%s#%d %s", e.Repo, e.Number, e.Comment))
	}
	return "" // check runs have marks of their own (memory.go)
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
	case effect.SharedIssue:
		r.Name = e.Title
		todo, err = c.lookShared(ctx, e)
	case effect.IssueState:
		todo, err = c.lookIssueState(ctx, e)
	case effect.Unlabel:
		todo, err = c.lookUnlabel(ctx, e)
	case effect.Labels:
		todo, err = c.lookLabels(ctx, e)
	case effect.Section:
		todo, err = c.lookSection(ctx, e)
	case effect.PullRequest:
		r.Name = e.Title
		todo, err = c.lookPullRequest(ctx, e)
	case effect.Files:
		todo, err = c.lookFiles(ctx, e)
	case effect.NewBranch:
		todo, err = c.lookNewBranch(ctx, e)
	case effect.NewLabel:
		todo, err = c.lookNewLabel(ctx, e)
	case effect.NewMilestone:
		todo, err = c.lookNewMilestone(ctx, e)
	case effect.MilestoneDue:
		todo, err = c.lookMilestoneDue(ctx, e)
	case effect.Dispatch:
		todo, err = c.lookDispatch(ctx, e)
	case effect.Extras:
		todo, err = c.lookExtras(ctx, e)
	default:
		err = fmt.Errorf("no way to carry out %T", e)
	}
	if err != nil {
		return reconcile.Receipt{}, change{}, fmt.Errorf("apply %s: %w", e.Key(), err)
	}
	r.URL, r.Changed, r.Learned = todo.url, todo.write != nil, todo.learned
	return r, todo, nil
}

// GitHub's limit on a comment and on an issue's text, in characters.
const maxBody = 65536
