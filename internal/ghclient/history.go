package ghclient

import (
	"context"
	"errors"
	"fmt"
	"slices"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// FileAt reads a file at a ref: a branch, a tag or a commit id; "" is the head
// of the default branch. One that isn't there is a File that isn't Found, and one of
// more than github.MaxFileBytes is Unread. From 1 MB on GitHub gives no contents with the
// path, so the blob is read. See
// https://docs.github.com/en/rest/repos/contents?apiVersion=2022-11-28#get-repository-content
func (c *Client) FileAt(ctx context.Context, repo github.Repo, ref, path string) (github.File, error) {
	f := github.File{Repo: repo, Path: path}
	what := fmt.Sprintf("read %s of %s", path, repo)
	var opts *gh.RepositoryContentGetOptions
	if ref != "" {
		what += " at " + ref
		opts = &gh.RepositoryContentGetOptions{Ref: ref}
	}
	blob := ""
	err := c.do(ctx, repo, what, func(g *gh.Client) error {
		content, _, _, err := g.Repositories.GetContents(ctx, repo.Owner, repo.Name, path, opts)
		if err != nil {
			return err
		}
		if content == nil { // a folder of that name
			return nil
		}
		f.Size, f.URL = content.GetSize(), content.GetHTMLURL()
		if f.Size > github.MaxFileBytes {
			f.Found = true
			return nil
		}
		if content.GetEncoding() == "none" {
			blob = content.GetSHA()
			return nil
		}
		f.Text, err = content.GetContent()
		f.Found = err == nil
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return f, nil
	}
	if err == nil && blob != "" {
		f.Text, err = c.BlobText(ctx, repo, blob)
		f.Found = err == nil
	}
	return f, err
}

// historyPages bounds how far back the history of a policy is looked for, in
// pages of commits of the default branch.
const historyPages = 3

// PolicyHistory lists at most max versions of a file that stood at the head of
// the default branch, the newest (the present one) first; where the file was
// deleted, a File that isn't Found. It is for a policy that is broken, to find
// what held before, and remembered like the policy, or like a file that a policy
// refers to.
//
// Only the default branch's own line counts, from each commit to its first
// parent. The commits of a pull request that was merged as they were are part of
// the history too; but what only stood in one of those was never in force, and
// nobody reviewed it as it was.
func (c *Client) PolicyHistory(ctx context.Context, repo github.Repo, path string, max int) ([]github.File, error) {
	ctx = reconcile.BeforeReach(ctx)
	kind := historyMemo
	if path != github.PolicyPath {
		kind.Kept = referredMemo.Kept // no push makes it forgotten
	}
	return kind.read(ctx, c, github.PolicyCacheKey(repo)+fmt.Sprintf("history/%d/%s", max, path), func() ([]github.File, error) {
		return c.readHistory(ctx, repo, path, max)
	})
}

func (c *Client) readHistory(ctx context.Context, repo github.Repo, path string, max int) (versions []github.File, err error) {
	touching, err := c.commits(ctx, repo, path, 1)
	if err != nil {
		return nil, err
	}
	all, err := c.commits(ctx, repo, "", historyPages)
	if err != nil {
		return nil, err
	}
	for _, sha := range changesOf(all, touching) {
		if len(versions) == max {
			break
		}
		f, err := c.FileAt(ctx, repo, sha, path)
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(all, func(one *gh.RepositoryCommit) bool { return one.GetSHA() == sha }); i >= 0 {
			f.At = all[i].GetCommit().GetCommitter().GetDate().UTC()
		}
		versions = append(versions, f) // also one that is not there: it was deleted then
	}
	return versions, nil
}

// commits lists the newest commits of the default branch, or those that touch a
// path, up to a number of pages.
func (c *Client) commits(ctx context.Context, repo github.Repo, path string, most int) ([]*gh.RepositoryCommit, error) {
	what := "list commits of " + repo.String()
	if path != "" {
		what += " to " + path
	}
	return listed(ctx, c, repo, what, func(g *gh.Client, o gh.ListOptions) ([]*gh.RepositoryCommit, *gh.Response, error) {
		page, resp, err := g.Repositories.ListCommits(ctx, repo.Owner, repo.Name, &gh.CommitsListOptions{Path: path, ListOptions: o})
		if err == nil && max(o.Page, 1) >= most {
			resp.NextPage = 0
		}
		return page, resp, err
	})
}

// changesOf returns the commits of a branch's own line, the newest first, that
// brought one of the touching commits into it: those themselves, or the merges
// of branches that they were made on. all is the branch's history, its head first.
func changesOf(all, touching []*gh.RepositoryCommit) []string {
	known, wanted := map[string]*gh.RepositoryCommit{}, map[string]bool{}
	for _, commit := range all {
		known[commit.GetSHA()] = commit
	}
	for _, commit := range touching {
		wanted[commit.GetSHA()] = true
	}
	var line []string
	if len(all) > 0 {
		for at := all[0]; at != nil; {
			line = append(line, at.GetSHA())
			if len(at.Parents) == 0 {
				break
			}
			at = known[at.Parents[0].GetSHA()]
		}
	}
	// From the oldest on, whatever is reached for the first time came in there.
	reached := map[string]bool{}
	var found []string
	for i := len(line) - 1; i >= 0; i-- {
		brought, todo := false, []string{line[i]}
		for len(todo) > 0 {
			sha := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			if reached[sha] || known[sha] == nil {
				continue
			}
			reached[sha] = true
			brought = brought || wanted[sha]
			for _, parent := range known[sha].Parents {
				todo = append(todo, parent.GetSHA())
			}
		}
		if brought {
			found = append([]string{line[i]}, found...)
		}
	}
	return found
}

// FileHistory lists at most max texts that a file has had on a branch, the newest
// first, each with the commit that gave it; "" where a commit deleted it. whole
// says that there are no more. It costs one request, and one for each text that
// wasn't read before.
func (c *Client) FileHistory(ctx context.Context, repo github.Repo, branch release.Branch, path string, max int) (texts []github.FileText, whole bool, err error) {
	var list []*gh.RepositoryCommit
	err = c.do(ctx, repo, fmt.Sprintf("list commits of %s to %s on %s", repo, path, branch), func(g *gh.Client) (err error) {
		var resp *gh.Response
		list, resp, err = g.Repositories.ListCommits(ctx, repo.Owner, repo.Name, &gh.CommitsListOptions{
			SHA: string(branch), Path: path, ListOptions: gh.ListOptions{PerPage: min(max, pageSize)},
		})
		whole = resp != nil && resp.NextPage == 0
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return nil, true, nil // there is no such branch
	}
	for _, commit := range list {
		text, err := c.textAt(ctx, repo, commit.GetSHA(), path)
		if err != nil {
			return nil, false, err
		}
		texts = append(texts, github.FileText{Commit: commit.GetSHA(), At: commit.GetCommit().GetCommitter().GetDate().Time, Text: text})
	}
	return texts, whole, err
}

// textAt reads a file at a commit, once.
func (c *Client) textAt(ctx context.Context, repo github.Repo, commit, path string) (string, error) {
	key := github.TextCacheKey(repo, commit, path)
	have, err := textMemo.recall(ctx, c, key)
	if err != nil || have.ok {
		return have.is, err
	}
	f, err := c.FileAt(ctx, repo, commit, path)
	if err != nil || !f.Found { // "not found" right after a push may only be late
		return "", err
	}
	return f.Text, textMemo.put(ctx, c, key, f.Text)
}
