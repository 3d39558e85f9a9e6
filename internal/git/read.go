package git

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Changed is a file that differs between two commits. A renamed file is one that
// is gone and one that is new, as git-diff-tree sees it without -M.
type Changed struct {
	Path string
	Old  string // the id of its content before; "" of a new one
	New  string // and after; "" of one that is gone
	// Other says what stands there now that is no file: "a symbolic link" or "a
	// submodule"; "" else.
	Other string
}

// DirOf is the id of a directory's tree at a commit, "" when there is none. The
// empty name is the root.
func (r *Repository) DirOf(ctx context.Context, commit, dir string) (string, error) {
	c, err := r.Commit(ctx, commit)
	if err != nil {
		return "", err
	}
	id := c.Tree
	for name := range strings.SplitSeq(strings.Trim(dir, "/"), "/") {
		if name == "" {
			continue
		}
		t, err := r.tree(ctx, id)
		if err != nil {
			return "", err
		}
		e, ok := t[name]
		if !ok || !e.isTree() {
			return "", nil
		}
		id = e.id
	}
	return id, nil
}

// Differing lists the files that differ between two trees, whose ids may be ""
// for none, in the order of their paths, below dir. With more than max of them
// it stops: complete is false then.
func (r *Repository) Differing(ctx context.Context, from, to, dir string, max int) (list []Changed, complete bool, err error) {
	d := differ{repo: r, max: max}
	if err := d.walk(ctx, from, to, strings.Trim(dir, "/")); err != nil {
		return nil, false, err
	}
	slices.SortFunc(d.found, func(a, b Changed) int { return strings.Compare(a.Path, b.Path) })
	return d.found, len(d.found) <= max, nil
}

type differ struct {
	repo  *Repository
	max   int
	found []Changed
}

func (d *differ) walk(ctx context.Context, from, to, dir string) error {
	if from == to || len(d.found) > d.max {
		return nil
	}
	old, err := d.repo.tree(ctx, from)
	if err != nil {
		return err
	}
	now, err := d.repo.tree(ctx, to)
	if err != nil {
		return err
	}
	names := map[string]bool{}
	for n := range old {
		names[n] = true
	}
	for n := range now {
		names[n] = true
	}
	for n := range names {
		a, b := old[n], now[n]
		if a == b {
			continue
		}
		path := strings.TrimPrefix(dir+"/"+n, "/")
		if a.isTree() || b.isTree() {
			if err := d.walk(ctx, treeID(a), treeID(b), path); err != nil {
				return err
			}
		}
		if c := (Changed{Path: path, Old: fileID(a), New: fileID(b), Other: otherThanFile(b)}); c.Old != c.New || c.Other != "" {
			d.found = append(d.found, c)
		}
	}
	return nil
}

func treeID(e entry) string {
	if e.isTree() {
		return e.id
	}
	return ""
}

// fileID is the id of a regular file's content: a link or a submodule has none.
func fileID(e entry) string {
	if strings.HasPrefix(e.mode, "100") {
		return e.id
	}
	return ""
}

func otherThanFile(e entry) string {
	switch {
	case e.mode == "120000":
		return "a symbolic link"
	case e.isLink():
		return "a submodule"
	}
	return ""
}

// Content reads a file's content by its id. One of more than max bytes is cut
// there.
func (r *Repository) Content(ctx context.Context, id string, max int) ([]byte, error) {
	about, err := r.objects.stat(ctx, id)
	if err != nil {
		return nil, err
	}
	if about.kind != "blob" {
		return nil, fmt.Errorf("%s is a %s, not a file", id, about.kind)
	}
	o, err := r.objects.read(ctx, id)
	return o.body[:min(len(o.body), max)], err
}

// FirstParents lists the commits that a branch got between two commits, the
// newest first, following first parents alone: with squash merges, one for each
// pull request. More than max are cut off: complete is false then.
func (r *Repository) FirstParents(ctx context.Context, from, to string, max int) (list []Commit, complete bool, err error) {
	if !isID(from) || !isID(to) {
		return nil, false, fmt.Errorf("%q or %q is not a commit's id", from, to)
	}
	out, err := r.local(ctx, nil, "rev-list", "--first-parent", fmt.Sprintf("--max-count=%d", max+1), to, "^"+from)
	if err != nil {
		return nil, false, err
	}
	ids := strings.Fields(string(out))
	for _, id := range ids[:min(len(ids), max)] {
		c, err := r.Commit(ctx, id)
		if err != nil {
			return nil, false, err
		}
		list = append(list, c)
	}
	return list, len(ids) <= max, nil
}
