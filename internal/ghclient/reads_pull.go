package ghclient

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// maxFiles is how many files of a pull request GitHub lists at most. It doesn't
// say that it left some out.
const maxFiles = 3000

// Files lists the paths that a pull request changes at a head, also those that
// it renames away: those of Changes.
func (c *Client) Files(ctx context.Context, repo github.Repo, number int, head string) (github.Files, error) {
	changes, err := c.Changes(ctx, repo, number, head)
	if err != nil {
		return github.Files{}, err
	}
	return github.Files{Paths: changes.Paths(), Complete: changes.Complete}, nil
}

// Changes lists the files that a pull request changes at a head. They are
// remembered, so they cost requests once for each head and base. A head that is
// no longer the pull request's is an error.
func (c *Client) Changes(ctx context.Context, repo github.Repo, number int, head string) (github.Changes, error) {
	what := fmt.Sprintf("files of %s#%d", repo, number)
	pr, err := c.CachedPull(ctx, repo, number)
	if err != nil {
		return github.Changes{}, fmt.Errorf("%s: %w", what, err)
	}
	return changesMemo.read(ctx, c, github.FilesCacheKey(repo, number, head, pr.Base), func() (github.Changes, error) {
		if pr.Head != head {
			return github.Changes{}, fmt.Errorf("%s: its head is %.7s and no longer %.7s", what, pr.Head, head)
		}
		return c.listFiles(ctx, repo, number, head)
	})
}

func (c *Client) listFiles(ctx context.Context, repo github.Repo, number int, head string) (github.Changes, error) {
	what := fmt.Sprintf("list files of %s#%d", repo, number)
	list, err := listed(ctx, c, repo, what, func(g *gh.Client, o gh.ListOptions) ([]*gh.CommitFile, *gh.Response, error) {
		return g.PullRequests.ListFiles(ctx, repo.Owner, repo.Name, number, &o)
	})
	changes := github.Changes{Complete: len(list) < maxFiles}
	for _, f := range list {
		if !isOf(f, head) {
			return github.Changes{}, fmt.Errorf("%s: the head is no longer %.7s", what, head)
		}
		changes.Files = append(changes.Files, changedFile(f))
	}
	return changes, err
}

func changedFile(f *gh.CommitFile) github.ChangedFile {
	status := f.GetStatus()
	blob := f.GetSHA()
	if status == "removed" {
		blob = "" // GitHub names what was there
	}
	return github.ChangedFile{
		Blob: blob,
		Path: f.GetFilename(), Was: f.GetPreviousFilename(), Gone: status == "removed",
		// An empty file that is added has no lines either.
		Same: f.GetChanges() == 0 && (status == "renamed" || status == "changed" || status == "unchanged"),
	}
}

// isOf reports whether a listed file is of a head. The list is of the head that
// there is now; only the addresses in it say which that is.
func isOf(f *gh.CommitFile, head string) bool {
	u, err := url.Parse(f.GetContentsURL())
	return err != nil || !u.Query().Has("ref") || u.Query().Get("ref") == head
}

// LabelledBy returns the newest event of a label on a pull request or issue: who set
// it. It is not found when that event took the label off, or there is none.
func (c *Client) LabelledBy(ctx context.Context, repo github.Repo, number int, label string) (l github.Labelling, found bool, err error) {
	list, err := c.Labellings(ctx, repo, number)
	for _, e := range list {
		if strings.EqualFold(e.Label, label) && e.ID > l.ID { // ids only rise
			l, found = e, !e.Off
		}
	}
	return l, found, err
}

// Labellings lists how labels were set on a pull request or issue, and taken off.
func (c *Client) Labellings(ctx context.Context, repo github.Repo, number int) (all []github.Labelling, err error) {
	list, err := c.issueEvents(ctx, repo, number)
	for _, e := range list {
		if of := e.GetEvent(); of == "labeled" || of == "unlabeled" {
			all = append(all, github.Labelling{ID: e.GetID(), Label: e.GetLabel().GetName(), Off: of == "unlabeled", Who: user(e.GetActor()), At: e.GetCreatedAt().Time})
		}
	}
	return all, err
}

// issueEvents lists what happened to an issue or pull request, oldest first.
func (c *Client) issueEvents(ctx context.Context, repo github.Repo, number int) ([]*gh.IssueEvent, error) {
	return listed(ctx, c, repo, fmt.Sprintf("list events of %s#%d", repo, number), func(g *gh.Client, o gh.ListOptions) ([]*gh.IssueEvent, *gh.Response, error) {
		return g.Issues.ListIssueEvents(ctx, repo.Owner, repo.Name, number, &o)
	})
}

// MergedPullRequests lists the pull requests that were merged into a branch at
// or after an instant, the most recently active first.
func (c *Client) MergedPullRequests(ctx context.Context, repo github.Repo, base release.Branch, since time.Time) ([]github.PullRequest, error) {
	began := c.readBegins(ctx)
	list, err := c.mergedSince(ctx, repo, base, since)
	if err != nil {
		return nil, err
	}
	var merged []github.PullRequest
	var seen []github.PullSnapshot
	for _, pr := range list {
		one := pullRequest(pr)
		merged, seen = append(merged, one), append(seen, github.PullSnapshot{Repo: repo, PullRequest: one, ReadAt: began})
	}
	// The branch's push may be told of before the merge is.
	return merged, c.opts.Seen.Remember(ctx, seen)
}

func (c *Client) mergedSince(ctx context.Context, repo github.Repo, base release.Branch, since time.Time) (merged []*gh.PullRequest, err error) {
	list, err := listed(ctx, c, repo, fmt.Sprintf("list pull requests merged into %s of %s", base, repo), func(g *gh.Client, o gh.ListOptions) ([]*gh.PullRequest, *gh.Response, error) {
		page, resp, err := g.PullRequests.List(ctx, repo.Owner, repo.Name, &gh.PullRequestListOptions{
			State: "closed", Base: string(base), Sort: "updated", Direction: "desc", ListOptions: o,
		})
		// Nothing is merged after it was last changed: the rest is older still.
		if n := len(page); err == nil && n > 0 && page[n-1].GetUpdatedAt().Before(since) {
			resp.NextPage = 0
		}
		return page, resp, err
	})
	seen := map[int]bool{}
	for _, pr := range list {
		if pr.MergedAt != nil && !pr.GetMergedAt().Before(since) && !seen[pr.GetNumber()] {
			seen[pr.GetNumber()] = true
			merged = append(merged, pr)
		}
	}
	return merged, err
}
