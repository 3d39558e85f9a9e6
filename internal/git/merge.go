package git

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/release"
)

// Kind is why a path doesn't merge.
type Kind string

// The kinds, from the words that git promises to keep.
const (
	Content        Kind = "content"        // both changed the same lines
	AddAdd         Kind = "add/add"        // both added the file, differently
	ModifyDelete   Kind = "modify/delete"  // one changed what the other deleted
	Rename         Kind = "rename"         // renamed in two ways, or renamed and deleted, or into another's way
	Binary         Kind = "binary"         // both changed it, and it has no lines
	Mode           Kind = "mode"           // a file here, a symbolic link there, or different permissions
	FileDirectory  Kind = "file/directory" // a file here, a directory there
	Submodule      Kind = "submodule"      // the recorded commits of a submodule differ
	LFS            Kind = "LFS pointer"    // both changed the file that it stands for
	LineEnds       Kind = "line ends"      // one changed nothing there but these, CRLF or LF
	MovedDirectory Kind = "moved"          // one renamed the directory that the other put something into
)

// Conflict is one path that needs a person.
type Conflict struct {
	Path   string // as git has it, not necessarily UTF-8
	Kind   Kind
	Detail string // git's own word, which says more about renames: "rename/delete"
	// Was is the name of what git has put at Path because it was in the way, or because
	// its directory was renamed; "" for anything else.
	Was          string
	Ours, Theirs Side

	base, ours, theirs entry // zero where the path isn't
}

// Side is what one side of a conflict has at its path; zero for nothing.
type Side struct {
	Mode, ID string
	Here     bool // the side itself has it there, under that name
}

// merged is what three trees become.
type merged struct {
	tree      string // with conflict markers, if there are conflicts
	conflicts []Conflict
	texts     []string // paths that were merged line by line, if that was asked
}

// nobody signs the commits that dress trees up for git; they are never shown.
const nobody = "slipway <slipway> 0 +0000"

// mergeTrees merges theirs into ours. The trees are given to git as commits
// without history, the two sides children of the first, so that the merge base
// is the one meant and nothing is walked. (git merges bare trees from 2.45 on.)
// attributes is the tree whose .gitattributes say how files are merged; "" for none.
func (r *Repository) mergeTrees(ctx context.Context, base, ours, theirs string, l labels, attributes string) (merged, error) {
	if ours == base || theirs == base { // one side changed nothing
		if ours == base {
			return merged{tree: theirs}, nil
		}
		return merged{tree: ours}, nil
	}
	size := func(m merged) int { return 500 * len(m.conflicts) }
	return remember(r.memory, fmt.Sprint(r.made, " merge ", base, ours, theirs, l, attributes), size, func() (merged, error) {
		return r.mergeDressed(ctx, base, ours, theirs, l, attributes)
	})
}

func (r *Repository) mergeDressed(ctx context.Context, base, ours, theirs string, l labels, attributes string) (merged, error) {
	root, err := r.dress(base)
	if err != nil {
		return merged{}, err
	}
	left, err := r.dress(ours, root)
	if err != nil {
		return merged{}, err
	}
	right, err := r.dress(theirs, root)
	if err != nil {
		return merged{}, err
	}
	m, err := r.mergeBy(ctx, "", left, right, l)
	if err != nil || attributes == "" || len(m.texts) == 0 {
		return m, err
	}
	// Attributes matter only to what is merged line by line, so most merges ask for none.
	rules, err := r.mergeRules(ctx, attributes, m.texts)
	if err != nil || rules == "" {
		return m, err
	}
	return r.mergeBy(ctx, rules, left, right, l)
}

// mergeBy merges by attributes.
func (r *Repository) mergeBy(ctx context.Context, rules, left, right string, l labels) (merged, error) {
	dir, err := os.MkdirTemp(filepath.Dir(r.desk), "merge-")
	if err != nil {
		return merged{}, err
	}
	m, err := r.mergeIn(ctx, dir, rules, left, right, l)
	return m, errors.Join(err, os.RemoveAll(dir))
}

// dress stores a commit that has a tree.
func (r *Repository) dress(tree string, parents ...string) (string, error) {
	if tree == r.emptyTree() {
		if _, err := r.format.put(r.write, "tree", nil); err != nil {
			return "", err
		}
	}
	return r.format.put(r.write, "commit", Commit{Tree: tree, Parents: parents, Author: nobody, Committer: nobody, Message: "merged\n"}.encode())
}

// mergeIn merges in a git directory of the merge's own, where the two sides
// have the names that shall stand beside the conflict markers.
func (r *Repository) mergeIn(ctx context.Context, dir, rules, left, right string, l labels) (merged, error) {
	ours, theirs := l.args()
	if err := makeDir(dir, r.format, map[string]string{"refs/heads/" + l.ours: left, "refs/tags/" + l.theirs: right}); err != nil {
		return merged{}, err
	}
	if err := os.WriteFile(filepath.Join(dir, "info", "attributes"), []byte(drivers+rules), 0o644); err != nil {
		return merged{}, err
	}
	out, err := r.program.run(ctx, call{dir: dir, objects: r.write, access: r.access,
		args: []string{"merge-tree", "--write-tree", "-z", "--messages", ours, theirs}})
	switch {
	case err == nil:
		return parseMerge(string(out))
	case codeOf(err) == 1:
		m, err := parseMerge(string(out))
		if err == nil && len(m.conflicts) == 0 {
			err = errors.New("git merge-tree finds a conflict in no path")
		}
		return m, err
	}
	return merged{}, err
}

// labels are the names of the two sides beside conflict markers.
type labels struct{ ours, theirs string }

const shortID = 12 // digits of an id that people see

// labelsFor names a target and a source. Only a branch's name may be a label,
// because git reads it as one; any other target is labelled by its id.
func labelsFor(onto, name, source string) labels {
	l := labels{ours: onto[:shortID], theirs: source[:shortID]}
	if b, err := release.ParseBranch(name); err == nil {
		l.ours = b.String()
	}
	if l.ours == l.theirs || strings.HasPrefix(l.ours, l.theirs+"/") {
		l.ours = "onto/" + l.ours
	}
	return l
}

// args are the labels as arguments. git would take a name that is also that of
// a file in the git directory for this file.
func (l labels) args() (ours, theirs string) {
	first, _, _ := strings.Cut(l.ours, "/")
	if slices.Contains([]string{"HEAD", "config", "refs", "objects", "heads", "tags", "remotes"}, first) {
		return "refs/heads/" + l.ours, l.theirs
	}
	return l.ours, l.theirs
}

// parseMerge reads the output of git merge-tree -z: the tree, the conflicted
// entries, and messages, each with its paths and its unchanging type.
func parseMerge(out string) (merged, error) {
	f := strings.Split(strings.TrimSuffix(out, "\x00"), "\x00")
	m := merged{tree: f[0]}
	if !isID(m.tree) {
		return m, fmt.Errorf("git merge-tree answers %.80q", out)
	}
	paths := map[string]*Conflict{}
	f = f[1:]
	for ; len(f) > 0 && f[0] != ""; f = f[1:] {
		head, path, ok := strings.Cut(f[0], "\t")
		parts := strings.Fields(head)
		if !ok || len(parts) != 3 {
			return m, fmt.Errorf("git merge-tree answers %.80q", f[0])
		}
		c := paths[path]
		if c == nil {
			c = &Conflict{Path: path}
			paths[path] = c
		}
		e := entry{mode: parts[0], id: parts[1]}
		switch parts[2] {
		case "1":
			c.base = e
		case "2":
			c.ours = e
		case "3":
			c.theirs = e
		}
	}
	types, err := m.parseMessages(f, paths)
	if err != nil {
		return m, err
	}
	for path, c := range paths {
		c.Kind, c.Detail = classify(*c, types[path])
		m.conflicts = append(m.conflicts, *c)
	}
	slices.SortFunc(m.conflicts, func(a, b Conflict) int { return strings.Compare(a.Path, b.Path) })
	return m, nil
}

// parseMessages collects the types of conflict that git tells of each path. A
// conflict in a path without entries (a directory's) is added to paths.
func (m *merged) parseMessages(f []string, paths map[string]*Conflict) (map[string][]string, error) {
	types := map[string][]string{}
	if len(f) > 0 {
		f = f[1:] // the empty field between entries and messages
	}
	for len(f) > 0 {
		n, err := strconv.Atoi(f[0])
		if err != nil { // advice about submodules, for people, to the end
			break
		}
		if n < 0 || n > len(f)-3 {
			return nil, fmt.Errorf("git merge-tree answers the message %.80q", f[0])
		}
		about, kind := f[1:1+n], f[1+n]
		f = f[n+3:]
		if kind == "Auto-merging" {
			m.texts = append(m.texts, about...)
		}
		detail, isConflict := strings.CutPrefix(kind, "CONFLICT")
		if !isConflict {
			continue
		}
		known := false
		for _, path := range about {
			types[path] = append(types[path], strings.Trim(detail, " ()"))
			known = known || paths[path] != nil
			paths[path].movedFrom(about, detail)
		}
		if !known && n > 0 {
			paths[about[0]] = &Conflict{Path: about[0]}
		}
	}
	return types, nil
}

// movedFrom finds what was called otherwise among the paths that a message is about.
func (c *Conflict) movedFrom(about []string, detail string) {
	if c == nil {
		return
	}
	for _, was := range about {
		// git makes way by a name that begins with the old one.
		if strings.HasPrefix(c.Path, was+"~") || strings.Contains(detail, "directory rename suggested") && c.Path == about[0] && was != c.Path {
			c.Was = was
		}
	}
}

// byType are the types that decide by themselves, the telling ones first: git
// names several for one path.
var byType = []struct {
	holds string
	kind  Kind
}{
	{"submodule", Submodule},
	{"directory rename", MovedDirectory},
	{"rename", Rename},
	{"file/directory", FileDirectory},
	{"distinct modes", Mode},
	{"binary", Binary},
	{"modify/delete", ModifyDelete},
}

// classify finds the kind from git's types and, where they say only that the
// contents conflict, from who has the path.
func classify(c Conflict, types []string) (Kind, string) {
	for _, t := range byType {
		for _, got := range types {
			if strings.Contains(got, t.holds) {
				return t.kind, got
			}
		}
	}
	none := entry{}
	switch {
	case c.ours.id == c.theirs.id && c.ours.mode != c.theirs.mode:
		return Mode, "mode"
	case c.ours == none || c.theirs == none:
		return ModifyDelete, "modify/delete"
	case c.base == none:
		return AddAdd, "add/add"
	}
	return Content, "content"
}
