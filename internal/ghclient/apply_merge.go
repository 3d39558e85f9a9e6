package ghclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

const (
	enableAutoMerge  = `mutation Enable($input: EnablePullRequestAutoMergeInput!) { enablePullRequestAutoMerge(input: $input) { pullRequest { number } } }`
	disableAutoMerge = `mutation Disable($input: DisablePullRequestAutoMergeInput!) { disablePullRequestAutoMerge(input: $input) { pullRequest { number } } }`
	readyForReview   = `mutation Ready($input: MarkPullRequestReadyForReviewInput!) { markPullRequestReadyForReview(input: $input) { pullRequest { isDraft } } }`
	updateRefs       = `mutation Delete($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }`
)

// applyAutoMerge asks GitHub to merge a pull request once it may be, or takes that back. A
// head or a base that the decision didn't see is an error: the next look decides anew.
func (c *Client) applyAutoMerge(ctx context.Context, e effect.AutoMerge) (done, error) {
	bot, err := c.bot(ctx, e.Repo)
	if err != nil {
		return done{}, err
	}
	pr, err := c.FreshPullDetail(ctx, e.Repo, e.Number)
	if err != nil {
		return done{}, err
	}
	have := pr.AutoMerge
	switch {
	case !e.On && (have == nil || have.By.ID != bot.ID), pr.State != github.Open:
		return done{url: pr.URL}, nil
	case !e.On:
		err := c.mutate(ctx, e.Repo, "take back auto-merge", e.Key()+" off", disableAutoMerge, map[string]any{"pullRequestId": e.Node})
		if err != nil { // also a refusal: what comes after it, as a push, must not happen under it
			err = errors.New(err.Error())
		}
		return wrote(pr.URL, err)
	case have != nil && (have.By.ID != bot.ID || have.Method == e.Method):
		return done{url: pr.URL}, nil
	case pr.Head != e.Commit || pr.Base != e.Base || pr.Draft:
		return done{}, fmt.Errorf("#%d has changed since it was looked at", e.Number)
	}
	err = c.mutate(ctx, e.Repo, "ask for auto-merge", e.Key()+" on", enableAutoMerge,
		map[string]any{"pullRequestId": e.Node, "mergeMethod": strings.ToUpper(e.Method), "expectedHeadOid": e.Commit})
	var no *reconcile.RefusedError
	if errors.As(err, &no) && strings.Contains(strings.ToLower(no.Said), "in clean status") {
		err = c.mergeNow(ctx, e)
	}
	return done{url: pr.URL, wrote: err == nil}, c.declined(ctx, github.DeclinedCacheKey(e.Repo, e.Number, e.Wish()), err)
}

// mergeNow merges a pull request that GitHub takes no auto-merge for, since nothing holds it
// back any more. That GitHub says so isn't enough: whoever may pass by the rules of a branch is let
// through by them. So each required check has to have succeeded at the commit that was judged.
func (c *Client) mergeNow(ctx context.Context, e effect.AutoMerge) error {
	rules, err := c.MergeRules(ctx, e.Repo, e.Base)
	if err != nil {
		return err
	}
	waits, err := c.notGreen(ctx, e, rules)
	if err != nil {
		return err
	}
	if waits != "" {
		return &reconcile.RefusedError{Reason: waits, Next: "merge it by hand, or wait; Slipway looks again within the hour", Err: errors.New(waits)}
	}
	return c.write(ctx, e.Repo, "merge", e.Key()+" now", func(g *gh.Client) error {
		pr, _, err := g.PullRequests.Get(ctx, e.Repo.Owner, e.Repo.Name, e.Number)
		switch {
		case err != nil:
			return err
		case pr.GetMerged():
			return nil
		case pr.GetHead().GetSHA() != e.Commit || pr.GetBase().GetRef() != string(e.Base) || pr.GetMergeableState() != "clean":
			return fmt.Errorf("#%d has changed since it was looked at", e.Number)
		}
		_, _, err = g.PullRequests.Merge(ctx, e.Repo.Owner, e.Repo.Name, e.Number, "", &gh.PullRequestOptions{SHA: e.Commit, MergeMethod: e.Method})
		if status(err) == http.StatusMethodNotAllowed {
			said := saidBy(err.(*gh.ErrorResponse))
			return &reconcile.RefusedError{Reason: "GitHub doesn't merge it", Said: said, Next: "merge it by hand", Err: err}
		}
		return err
	})
}

func status(err error) int {
	if resp, ok := err.(*gh.ErrorResponse); ok && resp.Response != nil {
		return resp.Response.StatusCode
	}
	return 0
}

// notGreen names what hasn't succeeded of what has to be, as a phrase; "" for nothing.
func (c *Client) notGreen(ctx context.Context, e effect.AutoMerge, rules github.MergeRules) (string, error) {
	if rules.Unclear != "" {
		return rules.Unclear, nil
	}
	if lacks := rules.Lacks(e.Checks); len(lacks) > 0 {
		return lacks[0] + " isn't required any more", nil
	}
	if rules.Queue { // whoever may pass by it is told that nothing is in the way
		return "it has to go through the merge queue", nil
	}
	switch waits, err := c.reviewsWait(ctx, e.Repo, e.Number); {
	case err != nil:
		return "", err
	case waits:
		return "GitHub doesn't say that it needs no review any more", nil
	}
	runs, err := c.checkRuns(ctx, e.Repo, e.Commit)
	if err != nil {
		return "", err
	}
	reported, err := c.statuses(ctx, e.Repo, e.Commit)
	if err != nil {
		return "", err
	}
	for _, need := range rules.Checks {
		green := slices.ContainsFunc(runs, func(r *gh.CheckRun) bool {
			return need.Fits(r.GetName(), r.GetApp().GetID()) && github.StateOfRun(r.GetStatus(), r.GetConclusion()) == github.CheckSucceeded
		})
		red := slices.ContainsFunc(runs, func(r *gh.CheckRun) bool {
			return need.Fits(r.GetName(), r.GetApp().GetID()) && github.StateOfRun(r.GetStatus(), r.GetConclusion()) != github.CheckSucceeded
		})
		for _, s := range reported {
			if s.Name == need.Name && need.App == 0 {
				green, red = green || s.State == github.CheckSucceeded, red || s.State != github.CheckSucceeded
			}
		}
		if !green || red {
			return need.Name + " isn't seen to be green", nil
		}
	}
	return "", nil
}

// applyReady marks a draft as ready for review; REST can't.
func (c *Client) applyReady(ctx context.Context, e effect.Ready) (done, error) {
	pr, err := c.FreshPullDetail(ctx, e.Repo, e.Number)
	switch {
	case err != nil:
		return done{}, err
	case !pr.Draft || pr.State != github.Open:
		return done{url: pr.URL}, nil
	case pr.Head != e.Commit:
		return done{}, fmt.Errorf("#%d has changed since it was looked at", e.Number)
	}
	err = c.mutate(ctx, e.Repo, "mark as ready", e.Key(), readyForReview, map[string]any{"pullRequestId": e.Node})
	return done{url: pr.URL, wrote: err == nil}, c.declined(ctx, github.DeclinedCacheKey(e.Repo, e.Number, e.Wish()), err)
}

const noCommitAtAll = "0000000000000000000000000000000000000000"

// applyNoBranch deletes a branch. REST would delete it wherever it is by then; GraphQL compares.
func (c *Client) applyNoBranch(ctx context.Context, e effect.NoBranch) (done, error) {
	at, err := c.BranchHead(ctx, e.Repo, e.Branch)
	if err != nil || at != e.Commit {
		return done{}, err
	}
	from, err := c.PullsFrom(ctx, e.Repo, e.Branch) // somebody may have opened it again meanwhile
	if err != nil || slices.ContainsFunc(from, func(pr github.PullDetail) bool { return pr.State == github.Open }) {
		return done{}, err
	}
	err = c.mutate(ctx, e.Repo, "delete branch", e.Key(), updateRefs, map[string]any{"repositoryId": e.RepoNode,
		"refUpdates": []map[string]any{{"name": e.Branch.Ref(), "beforeOid": e.Commit, "afterOid": noCommitAtAll}}})
	var no *reconcile.RefusedError
	if errors.As(err, &no) { // it may have moved, or somebody else was quicker
		if at, herr := c.BranchHead(ctx, e.Repo, e.Branch); herr != nil || at != e.Commit {
			return done{}, herr
		}
	}
	return done{wrote: err == nil}, c.declined(ctx, github.DeclinedCacheKey(e.Repo, 0, e.Wish()), err)
}
