package git

import (
	"bytes"
	"context"
	"errors"
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
	return r.dirOf(ctx, c.Tree, dir)
}

// dirOf is DirOf for a tree.
func (r *Repository) dirOf(ctx context.Context, id, dir string) (string, error) {
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
	err = r.differing(ctx, from, to, strings.Trim(dir, "/"), func(path string, s sides) error {
		if c := (Changed{Path: path, Old: fileID(s.old), New: fileID(s.new), Other: otherThanFile(s.new)}); c.Old != c.New || c.Other != "" {
			list = append(list, c)
		}
		if len(list) > max {
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, false, err
	}
	slices.SortFunc(list, func(a, b Changed) int { return strings.Compare(a.Path, b.Path) })
	return list, len(list) <= max, nil
}

var errEnough = errors.New("enough")

// sides is what became of one path from one tree to another, renames not followed.
type sides struct{ old, new entry }

// differing calls fn for each path, below dir, that isn't the same in two trees;
// an id may be "" for no tree.
func (r *Repository) differing(ctx context.Context, from, to, dir string, fn func(path string, s sides) error) error {
	if from == to {
		return nil
	}
	old, now, err := r.twoTrees(ctx, from, to)
	if err != nil {
		return err
	}
	one := func(name string, a, b entry) error {
		path := strings.TrimPrefix(dir+"/"+name, "/")
		if a.isTree() || b.isTree() {
			if err := r.differing(ctx, subtree(a), subtree(b), path, fn); err != nil {
				return err
			}
		}
		if s := (sides{a.file(), b.file()}); s.old != s.new {
			return fn(path, s)
		}
		return nil
	}
	for name, a := range old {
		if b := now[name]; a != b {
			if err := one(name, a, b); err != nil {
				return err
			}
		}
	}
	for name, b := range now {
		if _, known := old[name]; !known {
			if err := one(name, entry{}, b); err != nil {
				return err
			}
		}
	}
	return nil
}

// twoTrees are the entries of two trees but for those, at the begin and at the
// end, that both have alike: of a large directory most.
func (r *Repository) twoTrees(ctx context.Context, from, to string) (old, now map[string]entry, err error) {
	var both [2][][]byte
	for i, id := range []string{from, to} {
		body, err := r.treeBody(ctx, id)
		if err != nil {
			return nil, nil, err
		}
		if both[i], err = treeEntries(body, int(r.format)); err != nil {
			return nil, nil, err
		}
	}
	a, b := both[0], both[1]
	for len(a) > 0 && len(b) > 0 && bytes.Equal(a[0], b[0]) {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && bytes.Equal(a[len(a)-1], b[len(b)-1]) {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return parseEntries(a, int(r.format)), parseEntries(b, int(r.format)), nil
}

// file is an entry that isn't a directory, with the mode that git takes it for.
func (e entry) file() entry {
	switch {
	case e.isTree():
		return entry{}
	case strings.HasPrefix(e.mode, "100") && len(e.mode) == 6 && e.mode[3]%2 == 1: // the owner may run it
		e.mode = "100755"
	case strings.HasPrefix(e.mode, "100"):
		e.mode = "100644"
	}
	return e
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
	o, err := r.objects.begin(ctx, id, max)
	return o.body, err
}

// FirstParents lists the commits that a branch got between two commits, the
// newest first, following first parents alone: with squash merges, one for each
// pull request. More than max are cut off: complete is false then.
func (r *Repository) FirstParents(ctx context.Context, from, to string, max int) (list []Commit, complete bool, err error) {
	if !isID(from) || !isID(to) {
		return nil, false, fmt.Errorf("%q or %q is not a commit's id", from, to)
	}
	w, err := r.walk(ctx, to, from)
	if err != nil {
		return nil, false, err
	}
	list, _ = w.firstParents(to, max+1)
	return list[:min(len(list), max)], len(list) <= max, nil
}
