package ghclient

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"path"
	"strings"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// Revision finds the commit that a ref leads to: a tag, a branch or an id. One
// that isn't there is not found.
func (c *Client) Revision(ctx context.Context, repo github.Repo, ref string) (r github.Revision, found bool, err error) {
	err = c.do(ctx, repo, fmt.Sprintf("read %s of %s", ref, repo), func(g *gh.Client) error {
		one, _, err := g.Repositories.GetCommit(ctx, repo.Owner, repo.Name, ref, &gh.ListOptions{PerPage: 1})
		r = github.Revision{ID: one.GetSHA(), Tree: one.GetCommit().GetTree().GetSHA(), At: one.GetCommit().GetCommitter().GetDate().Time,
			Pull: mergedBy(one.GetCommit().GetMessage())}
		return err
	})
	if noCommit(err) {
		return github.Revision{}, false, nil
	}
	return r, err == nil, err
}

// Tags lists the tags whose names begin so. An answer that there is none can be
// revalidated, which that about a single tag can't.
func (c *Client) Tags(ctx context.Context, repo github.Repo, prefix string) ([]string, error) {
	list, err := listed(ctx, c, repo, fmt.Sprintf("list tags like %s* of %s", prefix, repo), func(g *gh.Client, o gh.ListOptions) ([]*gh.Reference, *gh.Response, error) {
		o.PerPage = 0 // as in Branches
		return g.Git.ListMatchingRefs(ctx, repo.Owner, repo.Name, &gh.ReferenceListOptions{Ref: "tags/" + prefix, ListOptions: o})
	})
	var tags []string
	for _, ref := range list {
		if name, ok := strings.CutPrefix(ref.GetRef(), "refs/tags/"); ok {
			tags = append(tags, name)
		}
	}
	return tags, err
}

// VersionTags lists the tags that begin in one of these ways.
func (c *Client) VersionTags(ctx context.Context, repo github.Repo, begin []string) (all []string, err error) {
	for _, prefix := range begin {
		list, err := c.Tags(ctx, repo, prefix)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

// FilesBelow lists the files in and below a folder of a tree, none if there is
// no such folder. What stands there instead of a file is among them.
func (c *Client) FilesBelow(ctx context.Context, repo github.Repo, tree, dir string) ([]github.Blob, error) {
	at, err := c.entryAt(ctx, repo, tree, dir, map[string][]*gh.TreeEntry{})
	if err != nil || at.GetType() != "tree" {
		return nil, err
	}
	var list *gh.Tree
	err = c.do(ctx, repo, fmt.Sprintf("list %s of %s", dir, repo), func(g *gh.Client) (err error) {
		list, _, err = g.Git.GetTree(ctx, repo.Owner, repo.Name, at.GetSHA(), true)
		if err == nil && list.GetTruncated() {
			err = errors.New("GitHub shows only a part of it")
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	var files []github.Blob
	for _, e := range list.Entries {
		if e.GetType() != "tree" {
			files = append(files, blob(path.Join(dir, e.GetPath()), e))
		}
	}
	return files, nil
}

// FilesAt lists what stands at paths at a ref, as the tree has it: a link is not
// followed. What isn't there, or is a folder, is left out, and everything is at a
// ref that isn't there.
func (c *Client) FilesAt(ctx context.Context, repo github.Repo, ref string, paths []string) (files []github.Blob, err error) {
	tree := ref // GitHub takes a commit's id for that of its tree
	if !commitID().MatchString(ref) {
		at, found, err := c.Revision(ctx, repo, ref)
		if err != nil || !found {
			return nil, err
		}
		tree = at.Tree
	}
	read := map[string][]*gh.TreeEntry{}
	for _, p := range paths {
		e, err := c.entryAt(ctx, repo, tree, p, read)
		if errors.Is(err, ErrNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if e != nil && e.GetType() != "tree" {
			files = append(files, blob(p, e))
		}
	}
	return files, nil
}

var commitID = lazy.Regexp(`^[0-9a-f]{40}(?:[0-9a-f]{24})?$`)

func blob(name string, e *gh.TreeEntry) github.Blob {
	b := github.Blob{Path: name, ID: e.GetSHA(), Size: e.GetSize()}
	switch e.GetMode() {
	case "120000":
		b.Other = "a symbolic link"
	case "160000":
		b.Other = "a submodule"
	}
	return b
}

// BlobText reads a file's content by its id.
func (c *Client) BlobText(ctx context.Context, repo github.Repo, id string) (text string, err error) {
	err = c.do(ctx, repo, fmt.Sprintf("read blob %.7s of %s", id, repo), func(g *gh.Client) error {
		b, _, err := g.Git.GetBlob(ctx, repo.Owner, repo.Name, id)
		if err != nil {
			return err
		}
		if text = b.GetContent(); b.GetEncoding() == "base64" {
			raw, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(text, "\n", ""))
			text = string(raw)
			return err
		}
		return nil
	})
	return text, err
}
