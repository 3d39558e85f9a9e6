package ghclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// fixesAsked is how many pull requests of an issue are read.
const fixesAsked = 100

// fixesAnswer is what GitHub says to it.
type fixesAnswer struct {
	Data struct {
		Repository map[string]*struct {
			Closers struct {
				TotalCount int
				Nodes      []*struct {
					Number      int
					URL         string
					Merged      bool
					BaseRefName string
					MergeCommit *struct{ OID string }
					Repository  struct{ NameWithOwner string }
				}
			} `json:"closedByPullRequestsReferences"`
		}
	}
	Errors []graphQLError
}

// fixesQuery asks for what the REST API doesn't tell.
// https://docs.github.com/en/graphql/reference/objects#issue
func fixesQuery(numbers []int) string {
	var b strings.Builder
	b.WriteString("query Fixes($owner: String!, $name: String!) { repository(owner: $owner, name: $name) {")
	for _, n := range numbers {
		fmt.Fprintf(&b, " i%d: issue(number: %d) { closedByPullRequestsReferences(first: %d, includeClosedPrs: true) { totalCount nodes { "+
			"number url merged baseRefName mergeCommit { oid } repository { nameWithOwner } } } }", n, n, fixesAsked)
	}
	return b.String() + " } }"
}

// Fixes lists the pull requests that say of issues that they close them, of whatever
// repository, by the issue: of each at most 100. An issue that isn't there has none. Where GitHub doesn't tell,
// it is a *reconcile.RefusedError. What it told of an issue that hasn't changed since is remembered.
func (c *Client) Fixes(ctx context.Context, repo github.Repo, issues []github.Edition) (map[int]github.Fixes, error) {
	if err := reconcile.CheckReach(ctx, repo, reconcile.ReadAccess); err != nil {
		return nil, err
	}
	all := map[int]github.Fixes{}
	var ask []int
	for _, of := range issues {
		have, err := fixesMemo.recall(ctx, c, github.FixesCacheKey(repo, of))
		if err != nil {
			return nil, err
		}
		if all[of.Number] = have.is; !have.ok {
			ask = append(ask, of.Number)
		}
	}
	told, err := c.askFixes(ctx, repo, ask)
	for _, of := range issues {
		if err == nil && slices.Contains(ask, of.Number) {
			all[of.Number] = told[of.Number]
			err = fixesMemo.put(ctx, c, github.FixesCacheKey(repo, of), told[of.Number])
		}
	}
	return all, err
}

func (c *Client) askFixes(ctx context.Context, repo github.Repo, numbers []int) (map[int]github.Fixes, error) {
	if len(numbers) == 0 {
		return nil, nil
	}
	var answer fixesAnswer
	err := c.do(ctx, repo, "read what fixes issues of "+repo.String(), func(g *gh.Client) error {
		answer = fixesAnswer{}
		req, err := g.NewRequest(http.MethodPost, c.opts.GitHub.V4APIURL, map[string]any{
			"query": fixesQuery(numbers), "variables": map[string]string{"owner": repo.Owner, "name": repo.Name},
		})
		if err != nil {
			return err
		}
		_, err = g.Do(ctx, req, &answer)
		return err
	})
	if errors.Is(err, ErrNotFound) { // a server without that API
		return nil, &reconcile.RefusedError{Reason: untoldFixes, Err: err}
	}
	if err != nil {
		return nil, err
	}
	return answer.fixes(numbers)
}

const untoldFixes = "GitHub doesn't tell which pull requests fix an issue"

func (a fixesAnswer) fixes(numbers []int) (map[int]github.Fixes, error) {
	for _, e := range a.Errors {
		switch e.Type {
		case "NOT_FOUND": // it was deleted or moved meanwhile
		case "RATE_LIMITED":
			return nil, errors.New("GitHub's limit on GraphQL: " + e.Message)
		default:
			return nil, &reconcile.RefusedError{Reason: untoldFixes, Said: e.Message}
		}
	}
	all := map[int]github.Fixes{}
	for _, n := range numbers {
		one := a.Data.Repository[fmt.Sprintf("i%d", n)]
		if one == nil {
			continue
		}
		of := github.Fixes{More: one.Closers.TotalCount > len(one.Closers.Nodes)}
		for _, p := range one.Closers.Nodes {
			if p == nil {
				continue
			}
			in, err := github.ParseRepo(p.Repository.NameWithOwner)
			if err != nil {
				return nil, err
			}
			f := github.Fix{Repo: in, Number: p.Number, URL: p.URL, Base: release.Branch(p.BaseRefName), Merged: p.Merged}
			if p.MergeCommit != nil {
				f.Commit = p.MergeCommit.OID
			}
			of.List = append(of.List, f)
		}
		all[n] = of
	}
	return all, nil
}

// Turns lists the labels and milestones that an issue got and lost, the oldest first.
func (c *Client) Turns(ctx context.Context, repo github.Repo, number int) (all []github.IssueTurn, err error) {
	list, err := c.issueEvents(ctx, repo, number)
	for _, e := range list {
		one := github.IssueTurn{ID: e.GetID(), Who: user(e.GetActor())}
		switch e.GetEvent() {
		case "labeled", "unlabeled":
			one.Label, one.Off = e.GetLabel().GetName(), e.GetEvent() == "unlabeled"
		case "milestoned", "demilestoned":
			one.Milestone, one.Off = e.GetMilestone().GetTitle(), e.GetEvent() == "demilestoned"
		default:
			continue
		}
		all = append(all, one)
	}
	return all, err
}

// Holds reports whether a branch holds a commit. That it does stays so, and is remembered.
func (c *Client) Holds(ctx context.Context, repo github.Repo, branch release.Branch, commit string) (bool, error) {
	return holdsMemo.read(ctx, c, github.HoldsCacheKey(repo, branch, commit), func() (held bool, err error) {
		err = c.do(ctx, repo, fmt.Sprintf("compare %s and %.7s of %s", branch, commit, repo), func(g *gh.Client) error {
			is, _, err := g.Repositories.CompareCommits(ctx, repo.Owner, repo.Name, string(branch), commit, &gh.ListOptions{PerPage: 1})
			held = err == nil && (is.GetStatus() == "behind" || is.GetStatus() == "identical")
			return err
		})
		return held, err
	})
}
