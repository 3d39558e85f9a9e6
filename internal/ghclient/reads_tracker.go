package ghclient

import (
	"context"
	"fmt"
	"time"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Tip is the commit that a branch is at, "" when there is no such branch. Unlike
// that of BranchHead, its answer that there is none can be revalidated: it is for
// what is looked at often.
func (c *Client) Tip(ctx context.Context, repo github.Repo, branch release.Branch) (commit string, err error) {
	list, err := listed(ctx, c, repo, fmt.Sprintf("list branches like %s of %s", branch, repo), func(g *gh.Client, o gh.ListOptions) ([]*gh.Reference, *gh.Response, error) {
		o.PerPage = 0 // as in Branches
		return g.Git.ListMatchingRefs(ctx, repo.Owner, repo.Name, &gh.ReferenceListOptions{Ref: "heads/" + string(branch), ListOptions: o})
	})
	for _, ref := range list {
		if ref.GetRef() == "refs/heads/"+string(branch) { // others only begin like it
			commit = ref.GetObject().GetSHA()
		}
	}
	return commit, err
}

// PullRequestsOn lists the open pull requests against a branch, and those that
// were merged into it at or after an instant: with one list, unless there are more
// closed ones on it than are worth reading.
func (c *Client) PullRequestsOn(ctx context.Context, repo github.Repo, base release.Branch, since time.Time) (open, merged []github.PullRequest, err error) {
	whole := true
	list, err := listed(ctx, c, repo, fmt.Sprintf("list pull requests against %s of %s", base, repo), func(g *gh.Client, o gh.ListOptions) ([]*gh.PullRequest, *gh.Response, error) {
		page, resp, err := g.PullRequests.List(ctx, repo.Owner, repo.Name, &gh.PullRequestListOptions{
			State: "all", Base: string(base), Sort: "updated", Direction: "desc", ListOptions: o,
		})
		// Nothing is merged after it was last changed; but an open one may be older.
		if n := len(page); err == nil && n > 0 && resp.NextPage != 0 && page[n-1].GetUpdatedAt().Before(since) {
			resp.NextPage, whole = 0, false
		}
		return page, resp, err
	})
	if err != nil {
		return nil, nil, err
	}
	seen := map[int]bool{}
	for _, pr := range list {
		switch {
		case seen[pr.GetNumber()]: // a page shifts when something changes meanwhile
		case pr.GetState() == string(github.Open):
			open = append(open, pullRequest(pr))
		case pr.MergedAt != nil && !pr.GetMergedAt().Before(since):
			merged = append(merged, pullRequest(pr))
		}
		seen[pr.GetNumber()] = true
	}
	if !whole {
		open, err = c.OpenPullRequests(ctx, repo, base)
	}
	return open, merged, err
}

// FileAtCommit is FileAt for a commit's id: what was read once is remembered, also
// that there is no such file. Unless it may be read anew, what isn't remembered is
// not known.
func (c *Client) FileAtCommit(ctx context.Context, repo github.Repo, commit, path string, anew bool) (f github.File, known bool, err error) {
	key := github.FileCacheKey(repo, commit, path)
	if !anew {
		have, err := fileMemo.recall(ctx, c, key)
		return have.is, have.ok, err
	}
	f, err = fileMemo.read(ctx, c, key, func() (github.File, error) { return c.FileAt(ctx, repo, commit, path) })
	return f, err == nil, err
}
