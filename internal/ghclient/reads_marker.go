package ghclient

import (
	"context"
	"fmt"
	"strings"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// Marked lists the files of a pull request in which lines that it adds look like
// what git writes around a conflict. It is remembered for the head, which it
// must still have.
func (c *Client) Marked(ctx context.Context, repo github.Repo, pr github.PullRequest) (github.Marked, error) {
	return markedMemo.read(ctx, c, github.MarkedCacheKey(repo, pr.Number, pr.Head, pr.Base), func() (github.Marked, error) { return c.findMarked(ctx, repo, pr) })
}

func (c *Client) findMarked(ctx context.Context, repo github.Repo, pr github.PullRequest) (m github.Marked, err error) {
	list, err := listed(ctx, c, repo, fmt.Sprintf("list files of %s#%d", repo, pr.Number), func(g *gh.Client, o gh.ListOptions) ([]*gh.CommitFile, *gh.Response, error) {
		return g.PullRequests.ListFiles(ctx, repo.Owner, repo.Name, pr.Number, &o)
	})
	if err != nil {
		return m, err
	}
	m.Complete = len(list) < maxFiles
	for _, f := range list {
		if !isOf(f, pr.Head) {
			return github.Marked{}, fmt.Errorf("files of %s#%d: the head is no longer %.7s", repo, pr.Number, pr.Head)
		}
		text := f.GetPatch()
		if text == "" && f.GetChanges() > 0 && f.GetStatus() != "removed" { // too large to be shown
			if text, err = c.fileLines(ctx, repo, f.GetSHA()); err != nil {
				m.Unseen = append(m.Unseen, f.GetFilename())
				continue
			}
		}
		sides, middle := markers(text)
		if sides {
			m.Sides = append(m.Sides, f.GetFilename())
		}
		if middle {
			m.Middle = append(m.Middle, f.GetFilename())
		}
	}
	return m, nil
}

// fileLines reads a whole file as if each of its lines were added.
func (c *Client) fileLines(ctx context.Context, repo github.Repo, blob string) (string, error) {
	var raw []byte
	err := c.do(ctx, repo, fmt.Sprintf("read file %.7s of %s", blob, repo), func(g *gh.Client) (err error) {
		raw, _, err = g.Git.GetBlobRaw(ctx, repo.Owner, repo.Name, blob)
		return err
	})
	return "+" + strings.ReplaceAll(string(raw), "\n", "\n+"), err
}

// markers looks at the lines that a patch adds.
func markers(patch string) (sides, middle bool) {
	for line := range strings.Lines(patch) {
		line, added := strings.CutPrefix(strings.TrimRight(line, "\r\n"), "+")
		side, between := github.Marker(line)
		sides = sides || added && side
		middle = middle || added && between
	}
	return sides, middle
}
