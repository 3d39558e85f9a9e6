package ghclient

import (
	"context"
	"fmt"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// FirstParents lists the commits that one has and another lacks, by its first parents alone
// and the newest first: with squash merges, one for each pull request. complete is false when
// GitHub didn't show the whole way.
func (c *Client) FirstParents(ctx context.Context, repo github.Repo, base, head string) (list []github.ComparedCommit, complete bool, err error) {
	total := 0
	all, err := listed(ctx, c, repo, fmt.Sprintf("compare %.7s and %.7s of %s", base, head, repo), func(g *gh.Client, o gh.ListOptions) ([]*gh.RepositoryCommit, *gh.Response, error) {
		page, resp, err := g.Repositories.CompareCommits(ctx, repo.Owner, repo.Name, base, head, &o)
		if err != nil {
			return nil, nil, err
		}
		total = page.GetTotalCommits()
		return page.Commits, resp, nil
	})
	if err != nil {
		return nil, false, err
	}
	commits := map[string]*gh.RepositoryCommit{}
	for _, commit := range all {
		commits[commit.GetSHA()] = commit
	}
	for at := commits[head]; at != nil; {
		list = append(list, comparedCommit(at))
		delete(commits, at.GetSHA()) // a commit is on the way once
		if len(at.Parents) == 0 {
			break
		}
		at = commits[at.Parents[0].GetSHA()]
	}
	return list, len(all) >= total, nil
}

// CommitChanges lists the files that a commit changes, against its first parent.
func (c *Client) CommitChanges(ctx context.Context, repo github.Repo, commit string) (github.Changes, error) {
	list, err := listed(ctx, c, repo, fmt.Sprintf("files of %.7s of %s", commit, repo), func(g *gh.Client, o gh.ListOptions) ([]*gh.CommitFile, *gh.Response, error) {
		o.PerPage = 0 // they have pages of their own
		one, resp, err := g.Repositories.GetCommit(ctx, repo.Owner, repo.Name, commit, &o)
		if err != nil {
			return nil, nil, err
		}
		return one.Files, resp, nil
	})
	changes := github.Changes{Complete: len(list) < maxFiles}
	for _, f := range list {
		changes.Files = append(changes.Files, changedFile(f))
	}
	return changes, err
}
