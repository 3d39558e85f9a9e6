package sandbox

import (
	"errors"
	"strings"
)

// change is a new content for a path, or its removal.
type change struct {
	data   []byte
	mode   string // 100644 when empty
	sha    string // an existing object in place of data
	remove bool
}

// filesToChanges turns the public form (path to content) into changes. Deleted marks a removal.
func filesToChanges(files map[string]string) map[string]change {
	out := map[string]change{}
	for p, content := range files {
		if content == Deleted {
			out[p] = change{remove: true}
		} else {
			out[p] = change{data: []byte(content)}
		}
	}
	return out
}

// applyChanges writes the tree that results from changes on base ("" for the empty tree).
func (g *gitRepo) applyChanges(base string, changes map[string]change) (string, error) {
	here := map[string]change{}
	below := map[string]map[string]change{}
	for p, c := range changes {
		p = strings.Trim(p, "/")
		if p == "" || strings.Contains("/"+p+"/", "/../") || strings.Contains("/"+p+"/", "/.git/") {
			return "", errors.New("malformed path component")
		}
		dir, rest, nested := strings.Cut(p, "/")
		if !nested {
			here[dir] = c
			continue
		}
		if below[dir] == nil {
			below[dir] = map[string]change{}
		}
		below[dir][rest] = c
	}
	var entries []treeEntry
	old := map[string]treeEntry{}
	if base != "" {
		for _, e := range g.tree(base) {
			old[e.Name] = e
			_, a := here[e.Name]
			_, b := below[e.Name]
			if !a && !b {
				entries = append(entries, e)
			}
		}
	}
	entries, err := g.applyHere(entries, here)
	if err != nil {
		return "", err
	}
	for dir, sub := range below {
		sha := ""
		if e, ok := old[dir]; ok && e.isTree() {
			sha = e.SHA
		}
		t, err := g.applyChanges(sha, sub)
		if err != nil {
			return "", err
		}
		if t != emptyTree { // git keeps no empty directories
			entries = append(entries, treeEntry{Mode: "40000", Name: dir, SHA: t})
		}
	}
	return g.writeTree(entries)
}

const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

func (g *gitRepo) applyHere(entries []treeEntry, here map[string]change) ([]treeEntry, error) {
	for name, c := range here {
		if c.remove {
			continue
		}
		sha, err := c.sha, error(nil)
		if sha == "" {
			if sha, err = g.write("blob", c.data); err != nil {
				return nil, err
			}
		}
		mode := strings.TrimPrefix(c.mode, "0")
		if mode == "" {
			mode = "100644"
		}
		entries = append(entries, treeEntry{Mode: mode, Name: name, SHA: sha})
	}
	return entries, nil
}

// lookup walks a tree to a path; ok is false when nothing is there. The root is a tree entry without a name.
func (g *gitRepo) lookup(tree, path string) (treeEntry, bool) {
	e := treeEntry{Mode: "40000", SHA: tree}
	for _, part := range strings.Split(path, "/") {
		if part == "" {
			continue
		}
		if !e.isTree() {
			return treeEntry{}, false
		}
		found := false
		for _, row := range g.tree(e.SHA) {
			if row.Name == part {
				e, found = row, true
				break
			}
		}
		if !found {
			return treeEntry{}, false
		}
	}
	return e, true
}

// walk lists a tree recursively in git's order; directories come before what is in them.
func (g *gitRepo) walk(tree, prefix string, recursive bool, visit func(path string, e treeEntry)) {
	for _, e := range g.tree(tree) {
		visit(prefix+e.Name, e)
		if recursive && e.isTree() {
			g.walk(e.SHA, prefix+e.Name+"/", true, visit)
		}
	}
}

// changedPaths compares two trees without git, naming each differing file with A, D or M.
func (g *gitRepo) changedPaths(a, b, prefix string, visit func(path, how string)) {
	if a == b {
		return
	}
	old := map[string]treeEntry{}
	if a != "" {
		for _, e := range g.tree(a) {
			old[e.Name] = e
		}
	}
	if b != "" {
		for _, e := range g.tree(b) {
			o, had := old[e.Name]
			delete(old, e.Name)
			g.compareEntry(o, e, had, prefix, visit)
		}
	}
	for _, o := range old {
		if o.isTree() {
			g.changedPaths(o.SHA, "", prefix+o.Name+"/", visit)
		} else {
			visit(prefix+o.Name, "D")
		}
	}
}

func (g *gitRepo) compareEntry(o, e treeEntry, had bool, prefix string, visit func(path, how string)) {
	below := ""
	if had && o.isTree() {
		below = o.SHA
	}
	switch {
	case e.isTree():
		if had && !o.isTree() {
			visit(prefix+e.Name, "D")
		}
		g.changedPaths(below, e.SHA, prefix+e.Name+"/", visit)
	case !had:
		visit(prefix+e.Name, "A")
	case o.isTree():
		g.changedPaths(o.SHA, "", prefix+o.Name+"/", visit)
		visit(prefix+e.Name, "A")
	case o.SHA != e.SHA || o.Mode != e.Mode:
		visit(prefix+e.Name, "M")
	}
}
