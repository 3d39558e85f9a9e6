package ghclient

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// mergedSeen is what is remembered of a repository's merged pull requests.
type mergedSeen struct {
	Until time.Time // when the newest of those that were read was last changed
	Kept  []keptPull
}

// keptPull is a pull request with its text, which is kept of none but these.
type keptPull struct {
	github.PullRequest
	Text string
}

// pulls are those that are kept.
func (s mergedSeen) pulls() (all []github.PullRequest) {
	for _, one := range s.Kept {
		pr := one.PullRequest
		pr.Body = one.Text
		all = append(all, pr)
	}
	return all
}

// MergedForSteps lists, of the pull requests that were merged into any branch at or
// after an instant, those that may name the step of a release or take another back;
// all others are left out. A repository merges hundreds while a release is under way,
// so after the first time only those are read that were changed since.
func (c *Client) MergedForSteps(ctx context.Context, repo github.Repo, since time.Time) ([]github.PullRequest, error) {
	key := github.StepMergesCacheKey(repo, since)
	have, err := stepsMemo.only(func(s mergedSeen) bool { return !s.Until.Before(since) }).recall(ctx, c, key)
	if err != nil {
		return nil, err
	}
	was := have.is
	if !have.ok {
		was.Until = since
	}
	list, err := c.closedSince(ctx, repo, was.Until)
	if err != nil {
		return nil, err
	}
	is := was.with(list, since)
	if string(stepsMemo.form(is)) != string(have.raw) {
		err = stepsMemo.put(ctx, c, key, is)
	}
	return is.pulls(), err
}

// closedSince lists the closed pull requests that were changed at or after an
// instant, and some that weren't.
func (c *Client) closedSince(ctx context.Context, repo github.Repo, since time.Time) ([]*gh.PullRequest, error) {
	return listed(ctx, c, repo, fmt.Sprintf("list pull requests of %s that were closed", repo), func(g *gh.Client, o gh.ListOptions) ([]*gh.PullRequest, *gh.Response, error) {
		page, resp, err := g.PullRequests.List(ctx, repo.Owner, repo.Name, &gh.PullRequestListOptions{
			State: "closed", Sort: "updated", Direction: "desc", ListOptions: o,
		})
		if n := len(page); err == nil && n > 0 && page[n-1].GetUpdatedAt().Before(since) {
			resp.NextPage = 0 // the rest is older still
		}
		return page, resp, err
	})
}

// with is what is known after a list: what it shows anew takes the place of what was
// known of it.
func (s mergedSeen) with(list []*gh.PullRequest, since time.Time) mergedSeen {
	is := mergedSeen{Until: s.Until}
	read := map[int]bool{}
	for _, p := range list {
		if read[p.GetNumber()] {
			continue
		}
		read[p.GetNumber()] = true
		if at := p.GetUpdatedAt().Time; at.After(is.Until) {
			is.Until = at
		}
		if pr := pullRequest(p); p.MergedAt != nil && !pr.MergedAt.Before(since) && aboutSteps(pr) {
			is.Kept = append(is.Kept, keptPull{pr, pr.Body})
		}
	}
	for _, one := range s.Kept {
		if !read[one.Number] {
			is.Kept = append(is.Kept, one)
		}
	}
	slices.SortFunc(is.Kept, func(a, b keptPull) int { return b.Number - a.Number })
	return is
}

// aboutSteps reports a pull request whose text or title may name a step, or that may
// take back another. What it says exactly others find out.
func aboutSteps(pr github.PullRequest) bool {
	title := strings.ToLower(pr.Title)
	return strings.HasPrefix(title, "[release-") || strings.HasPrefix(title, "revert") || strings.HasPrefix(string(pr.HeadRef), "revert-") ||
		strings.Contains(strings.ToLower(pr.Body), "release-step:") || strings.Contains(pr.Body, "Reverts ")
}
