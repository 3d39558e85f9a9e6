package ghclient

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// FreshPullDetail reads a pull request with its text and what else hangs on it.
func (c *Client) FreshPullDetail(ctx context.Context, repo github.Repo, number int) (one github.PullDetail, err error) {
	err = c.do(ctx, repo, fmt.Sprintf("read %s#%d", repo, number), func(g *gh.Client) error {
		pr, _, err := g.PullRequests.Get(ctx, repo.Owner, repo.Name, number)
		if err == nil {
			one = pullDetail(pr)
		}
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return one, fmt.Errorf("%s#%d: %w", repo, number, reconcile.ErrGone)
	}
	if err == nil {
		err = c.rememberConflict(ctx, repo, one)
	}
	return one, err
}

func pullDetail(p *gh.PullRequest) github.PullDetail {
	d := github.PullDetail{
		Node:        p.GetNodeID(),
		PullRequest: pullRequest(p), Body: p.GetBody(), MergeCommit: p.GetMergeCommitSHA(), Milestone: p.GetMilestone().GetTitle(),
		Files: p.GetChangedFiles(), Commits: p.GetCommits(), Mergeable: p.Mergeable, MergedBy: user(p.MergedBy), ClosedAt: p.GetClosedAt().Time,
	}
	d.RepoNode = p.GetBase().GetRepo().GetNodeID()
	if a := p.AutoMerge; a != nil {
		d.AutoMerge = &github.AutoMerge{By: user(a.EnabledBy), Method: a.GetMergeMethod()}
	}
	for _, u := range p.Assignees {
		d.Assignees = append(d.Assignees, u.GetLogin())
	}
	for _, u := range p.RequestedReviewers {
		d.Reviewers = append(d.Reviewers, u.GetLogin())
	}
	for _, t := range p.RequestedTeams {
		d.Teams = append(d.Teams, t.GetSlug())
	}
	return d
}

// PullsFrom lists the pull requests, open or not, from a branch of the
// repository itself, the newest first.
func (c *Client) PullsFrom(ctx context.Context, repo github.Repo, head release.Branch) ([]github.PullDetail, error) {
	list, err := listed(ctx, c, repo, fmt.Sprintf("list pull requests from %s of %s", head, repo), func(g *gh.Client, o gh.ListOptions) ([]*gh.PullRequest, *gh.Response, error) {
		return g.PullRequests.List(ctx, repo.Owner, repo.Name, &gh.PullRequestListOptions{
			State: "all", Head: repo.Owner + ":" + string(head), ListOptions: o,
		})
	})
	var found []github.PullDetail
	for _, p := range list {
		// The filter knows owners, who may have several repositories of one network.
		d := pullDetail(p)
		if d.HeadRef == head && (d.HeadRepo == github.Repo{} || strings.EqualFold(d.HeadRepo.String(), repo.String())) {
			found = append(found, d)
		}
	}
	return found, err
}

// ClosedPullRequests lists the pull requests that are closed and were changed at
// or after an instant, the most recently active first.
func (c *Client) ClosedPullRequests(ctx context.Context, repo github.Repo, since time.Time) ([]github.PullRequest, error) {
	list, err := listed(ctx, c, repo, "list closed pull requests of "+repo.String(), func(g *gh.Client, o gh.ListOptions) ([]*gh.PullRequest, *gh.Response, error) {
		page, resp, err := g.PullRequests.List(ctx, repo.Owner, repo.Name, &gh.PullRequestListOptions{
			State: "closed", Sort: "updated", Direction: "desc", ListOptions: o,
		})
		if n := len(page); err == nil && n > 0 && page[n-1].GetUpdatedAt().Before(since) {
			resp.NextPage = 0
		}
		return page, resp, err
	})
	var closed []github.PullRequest
	for _, pr := range list {
		if !pr.GetUpdatedAt().Before(since) {
			closed = append(closed, pullRequest(pr))
		}
	}
	return closed, err
}

// CommitOf reads a commit.
func (c *Client) CommitOf(ctx context.Context, repo github.Repo, id string) (one github.Commit, err error) {
	err = c.do(ctx, repo, fmt.Sprintf("read commit %.7s of %s", id, repo), func(g *gh.Client) error {
		commit, _, err := g.Git.GetCommit(ctx, repo.Owner, repo.Name, id)
		if err != nil {
			return err
		}
		one = github.Commit{ID: commit.GetSHA(), Message: commit.GetMessage(), Author: commit.GetAuthor().GetEmail(), Committer: commit.GetCommitter().GetEmail(), Tree: commit.GetTree().GetSHA()}
		// Only GitHub can sign for the address that it commits by; an own GitHub has one of its own.
		one.ByGitHub = commit.GetVerification().GetVerified() && strings.HasPrefix(one.Committer, "noreply@") &&
			strings.HasPrefix(commit.GetCommitter().GetName(), "GitHub")
		for _, p := range commit.Parents {
			one.Parents = append(one.Parents, p.GetSHA())
		}
		return nil
	})
	if err == nil && c.signedFor(one.Committer) {
		_, one.Committer, err = c.Committer(ctx, repo)
	}
	return one, err
}

// Section reads one part of a comment of ours, "" when it isn't there.
func (c *Client) Section(ctx context.Context, repo github.Repo, number int, comment, part effect.Mark) (string, error) {
	body, err := c.partsOf(ctx, repo, number, comment)
	if err != nil {
		return "", err
	}
	_, parts := sections(body)
	for _, one := range parts {
		if part.Begins(one) {
			return one, nil
		}
	}
	return "", nil
}

// partsOf is a comment of ours that has parts, as remembered; "" for none.
func (c *Client) partsOf(ctx context.Context, repo github.Repo, number int, comment effect.Mark) (string, error) {
	return partsMemo.read(ctx, c, github.CommentCacheKey(repo, number, comment.Kind), func() (string, error) {
		have, err := c.ownComment(ctx, effect.Comment{Repo: repo, Number: number, Mark: comment})
		return have.GetBody(), err
	})
}
