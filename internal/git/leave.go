package git

import (
	"bytes"
	"context"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// leftOut reports whether a path fits one of the patterns, which are those of config.PathPattern.
func leftOut(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, err := doublestar.Match(p, name)
		return ok && err == nil
	})
}

// leaves tells what is left out; nil where nothing is.
func (p Pick) leaves() func(path string) bool {
	if len(p.out) == 0 {
		return nil
	}
	return func(name string) bool { return leftOut(p.out, name) }
}

// leaves tells which paths a source may have changed in vain: those that a pick leaves out by
// the policy. One that the change touches all the same is compared like any other.
func (p *proof) leaves() func(path string) bool {
	if len(p.q.LeaveOut) == 0 {
		return nil
	}
	return func(name string) bool {
		_, touched := p.change.at[name]
		return !touched && leftOut(p.q.LeaveOut, name)
	}
}

// leaveMerged leaves what a merge comes to as the target has it where that is left out: what the
// source does to a file may have followed it to where the target has moved it.
func (r *Repository) leaveMerged(ctx context.Context, m merged, ours string, out func(path string) bool) (merged, []string, error) {
	tree, left, err := r.leave(ctx, ours, m.tree, out)
	if err != nil || out == nil {
		return m, nil, err
	}
	m.tree = tree
	m.conflicts = slices.DeleteFunc(slices.Clone(m.conflicts), func(c Conflict) bool { return out(c.Path) })
	return m, left, nil
}

// leaving is a tree that has at some paths what it had before.
type leaving struct {
	r   *Repository
	out func(path string) bool
	put []string // the paths at which it has what was there before, sorted
}

// leave is the tree that a tree is if what fits the patterns is as it was in another, and
// the paths that differed there.
func (r *Repository) leave(ctx context.Context, before, now string, out func(path string) bool) (tree string, left []string, err error) {
	if out == nil || before == now {
		return now, nil, nil
	}
	l := leaving{r: r, out: out}
	if tree, err = l.tree(ctx, before, now, ""); err != nil {
		return "", nil, err
	}
	if tree == "" {
		if tree, err = r.emptyTree(), r.putEmpty(r.emptyTree()); err != nil {
			return "", nil, err
		}
	}
	slices.Sort(l.put)
	return tree, slices.Compact(l.put), nil
}

// tree is what a directory becomes, "" for an empty one: git has none of these.
func (l *leaving) tree(ctx context.Context, before, now, dir string) (string, error) {
	if before == now {
		return now, nil
	}
	old, err := l.r.tree(ctx, before)
	if err != nil {
		return "", err
	}
	made, err := l.r.tree(ctx, now)
	if err != nil {
		return "", err
	}
	names := maps.Clone(old)
	maps.Copy(names, made)
	result, changed := maps.Clone(made), false
	if result == nil {
		result = map[string]entry{}
	}
	for name := range names {
		was, is := old[name], made[name]
		if was == is {
			continue
		}
		becomes, err := l.entry(ctx, was, is, strings.TrimPrefix(dir+"/"+name, "/"))
		if err != nil {
			return "", err
		}
		changed = changed || becomes != is
		if result[name] = becomes; becomes == (entry{}) {
			delete(result, name)
		}
	}
	switch {
	case len(result) == 0:
		return "", nil
	case !changed:
		return now, nil
	}
	return l.r.putTree(result)
}

// entry is what becomes of one name.
func (l *leaving) entry(ctx context.Context, was, is entry, path string) (entry, error) {
	files := was.file() != entry{} || is.file() != entry{}
	if files && l.out(path) {
		l.put = append(l.put, path)
		return was, nil
	}
	if !was.isTree() && !is.isTree() {
		return is, nil
	}
	kept := len(l.put)
	id, err := l.tree(ctx, subtree(was), subtree(is), path)
	switch {
	case err != nil:
		return entry{}, err
	case files && len(l.put) > kept: // a file against a directory with something left out: only one can stand there
		l.put = append(l.put, path)
		return was, nil
	case is.file() != entry{}:
		return is, nil
	case id == "":
		return entry{}, nil
	}
	return entry{mode: entryTree, id: id}, nil
}

// Touches reports whether a step of a pick changes anything below a directory.
func (r *Repository) Touches(ctx context.Context, p Pick, dir string) (bool, error) {
	for _, s := range p.Steps {
		before, err := r.dirOf(ctx, s.ours, dir)
		if err != nil {
			return false, err
		}
		after, err := r.dirOf(ctx, s.Tree, dir)
		if err != nil || before != after {
			return err == nil, err
		}
	}
	return false, nil
}

// entryTree is the mode of a directory in a tree.
const entryTree = "40000"

// putTree stores a tree, its names in git's order: a directory's as if a slash ended it.
func (r *Repository) putTree(entries map[string]entry) (string, error) {
	sorted := slices.SortedFunc(maps.Keys(entries), func(a, b string) int {
		if entries[a].isTree() {
			a += "/"
		}
		if entries[b].isTree() {
			b += "/"
		}
		return strings.Compare(a, b)
	})
	var body bytes.Buffer
	for _, name := range sorted {
		id, err := hex.DecodeString(entries[name].id)
		if err != nil {
			return "", err
		}
		body.WriteString(entries[name].mode + " " + name + "\x00")
		body.Write(id)
	}
	return r.format.put(r.write, "tree", body.Bytes())
}
