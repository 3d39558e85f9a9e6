package ghclient

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// applyFiles compares the files of a branch with those that it is to hold, by
// the names that git gives their contents, and makes one commit of those that
// differ.
func (c *Client) applyFiles(ctx context.Context, e effect.Files) (done, error) {
	if err := e.Check(); err != nil {
		return done{}, err
	}
	head, err := c.BranchHead(ctx, e.Repo, e.Branch)
	if err != nil {
		return done{}, err
	}
	onto := head
	if head == "" {
		onto = e.From
	}
	rows, tree, err := c.differing(ctx, e, onto)
	if err != nil {
		return done{}, err
	}
	switch {
	case len(rows) == 0 && head != "":
		return done{}, nil
	case head != "" && head != e.From:
		return done{}, fmt.Errorf("%s is at %.7s by now and no longer at %.7s", e.Branch, head, e.From)
	}
	return wrote("", c.writeFiles(ctx, e, head == "", tree, rows))
}

// differing lists the files that are not yet as wanted at a commit, with the
// commit's tree.
func (c *Client) differing(ctx context.Context, e effect.Files, commit string) (rows []*gh.TreeEntry, tree string, err error) {
	err = c.do(ctx, e.Repo, fmt.Sprintf("read commit %.7s of %s", commit, e.Repo), func(g *gh.Client) error {
		one, _, err := g.Git.GetCommit(ctx, e.Repo.Owner, e.Repo.Name, commit)
		tree = one.GetTree().GetSHA()
		return err
	})
	if err != nil {
		return nil, "", err
	}
	read := map[string][]*gh.TreeEntry{}
	for _, p := range e.Paths() {
		have, err := c.entryAt(ctx, e.Repo, tree, p, read)
		if err != nil {
			return nil, "", err
		}
		content, mode := e.Files[p], "100644"
		switch {
		case have.GetType() == "blob" && have.GetSHA() == github.BlobID(content) && have.GetMode() != "120000":
			continue
		case have.GetMode() == "100755":
			mode = have.GetMode()
		}
		rows = append(rows, &gh.TreeEntry{Path: gh.String(p), Mode: &mode, Type: gh.String("blob"), Content: &content})
	}
	return rows, tree, nil
}

// entryAt finds what stands at a path below a tree, nil for nothing. Trees are
// read one by one and each once: a whole listing of a large repository is long,
// and GitHub may cut it off.
func (c *Client) entryAt(ctx context.Context, repo github.Repo, tree, p string, read map[string][]*gh.TreeEntry) (*gh.TreeEntry, error) {
	name, rest, nested := strings.Cut(p, "/")
	entries, known := read[tree]
	if !known {
		err := c.do(ctx, repo, fmt.Sprintf("read tree %.7s of %s", tree, repo), func(g *gh.Client) error {
			t, _, err := g.Git.GetTree(ctx, repo.Owner, repo.Name, tree, false)
			if err == nil && t.GetTruncated() {
				return errors.New("GitHub shows only a part of it")
			}
			if err == nil {
				entries = t.Entries
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		read[tree] = entries
	}
	for _, one := range entries {
		switch {
		case one.GetPath() != name:
		case !nested:
			return one, nil
		case one.GetType() == "tree":
			return c.entryAt(ctx, repo, one.GetSHA(), rest, read)
		}
	}
	return nil, nil
}

// writeFiles makes the tree and the commit, which nobody sees, and then moves
// the branch to it, if it is still where it was. The three are one write to the
// pacer: only the last is anything to anybody. Author and committer are left to
// GitHub, which then signs the commit for the App.
func (c *Client) writeFiles(ctx context.Context, e effect.Files, begin bool, base string, rows []*gh.TreeEntry) error {
	owner, name := e.Repo.Owner, e.Repo.Name
	return c.write(ctx, e.Repo, "write "+path.Join(e.Repo.String(), string(e.Branch)), e.Key(), func(g *gh.Client) error {
		tree := &gh.Tree{SHA: &base}
		if len(rows) > 0 {
			var err error
			if tree, _, err = g.Git.CreateTree(ctx, owner, name, base, rows); err != nil {
				return err
			}
		}
		at := e.From
		if len(rows) > 0 {
			commit, _, err := g.Git.CreateCommit(ctx, owner, name, &gh.Commit{
				Message: &e.Message, Tree: tree, Parents: []*gh.Commit{{SHA: &e.From}},
			}, nil)
			if err != nil {
				return err
			}
			at = commit.GetSHA()
		}
		ref := &gh.Reference{Ref: gh.String("refs/heads/" + string(e.Branch)), Object: &gh.GitObject{SHA: &at}}
		var err error
		if begin {
			_, _, err = g.Git.CreateRef(ctx, owner, name, ref)
		} else {
			_, _, err = g.Git.UpdateRef(ctx, owner, name, ref, false)
		}
		return err
	})
}
