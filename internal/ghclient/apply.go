package ghclient

import (
	"context"
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// done is what carrying out an effect came to.
type done struct {
	url     string
	wrote   bool // false: it was so already
	learned bool // that it was so is remembered only since this look
	made    bool // what was written wasn't there; told of check runs alone
}

// wrote is what a write came to.
func wrote(url string, err error) (done, error) { return done{url: url, wrote: true}, err }

// Apply carries out one effect: it finds what is there, compares, and writes only
// a difference. So it may be repeated, whatever became of an earlier try: one that
// died between two writes, or whose answer never came, is found by what it left,
// which is what carries its mark among what is ours, or what GitHub has only one of.
func (c *Client) Apply(ctx context.Context, e effect.Effect) (reconcile.Receipt, error) {
	r := reconcile.Receipt{Effect: e.String()}
	d, err := c.applyInTurn(ctx, e, &r.Name)
	if err != nil {
		return reconcile.Receipt{}, fmt.Errorf("apply %s: %w", e.Key(), err)
	}
	r.URL, r.Changed, r.Learned, r.Made = d.url, d.wrote, d.learned, d.made
	return r, nil
}

func (c *Client) applyInTurn(ctx context.Context, e effect.Effect, name *string) (done, error) {
	if turn := turnOf(e); turn != "" {
		unlock, err := c.turn(ctx, turn)
		if err != nil {
			return done{}, err
		}
		defer unlock()
	}
	switch e := e.(type) {
	case effect.CheckRun:
		return c.applyCheckRun(ctx, e)
	case effect.Comment:
		return c.applyComment(ctx, e)
	case effect.Issue:
		*name = e.Title
		return c.applyIssue(ctx, e)
	case effect.SharedIssue:
		*name = e.Title
		return c.applyShared(ctx, e)
	case effect.IssueState:
		return c.applyIssueState(ctx, e)
	case effect.Unlabel:
		return c.applyUnlabel(ctx, e)
	case effect.Labels:
		return c.applyLabels(ctx, e)
	case effect.Section:
		return c.applySection(ctx, e)
	case effect.PullRequest:
		*name = e.Title
		return c.applyPullRequest(ctx, e)
	case effect.Files:
		return c.applyFiles(ctx, e)
	case effect.NewBranch:
		return c.applyNewBranch(ctx, e)
	case effect.NewLabel:
		return c.applyNewLabel(ctx, e)
	case effect.NewMilestone:
		return c.applyNewMilestone(ctx, e)
	case effect.MilestoneDue:
		return c.applyMilestoneDue(ctx, e)
	case effect.Dispatch:
		return c.applyDispatch(ctx, e)
	case effect.DropThrowaway:
		return c.applyDropThrowaway(ctx, e)
	case effect.Extras:
		return c.applyExtras(ctx, e)
	case effect.AutoMerge:
		return c.applyAutoMerge(ctx, e)
	case effect.Ready:
		return c.applyReady(ctx, e)
	case effect.NoBranch:
		return c.applyNoBranch(ctx, e)
	}
	return done{}, fmt.Errorf("no way to carry out %T", e)
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
	return "" // check runs have marks of their own (memory.go), and a turn to make one
}

// GitHub's limit on a comment and on an issue's text, in characters.
const maxBody = 65536
