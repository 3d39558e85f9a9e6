package git

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Resolved is a pick of the same sources onto another branch, where they conflicted, too, and
// people merged what they made of it.
type Resolved struct {
	Branch string // as the markers name it
	Onto   string // the branch's commit before the merge
	Commit string // and the last one that the merge put there
}

// Reused is what a pick has of an earlier resolution, in one file.
type Reused struct {
	Path   string
	Places int    // of the conflict that are resolved as there
	Left   int    // that aren't
	Diff   string // from the file with conflict markers to what it is now: the hunks of a unified diff
}

// Bounds of what is compared: a person looks at all that comes of it.
const (
	maxReused     = 50
	maxReusedText = 1 << 20 // bytes of a file
)

// Reuse is git's rerere for a pick in conflict: the sources are picked onto where they were picked
// before, and a conflict that is the same there, whatever is around it, becomes what people made of
// it. The pick stays one in conflict. name is that of its target, as for Pick. Without anything
// to reuse the pick is returned as it is. Only conflicts of lines are compared, of the last source.
//
// Call it within Cache.Use; what it needs is fetched.
func (r *Repository) Reuse(ctx context.Context, p Pick, name string, from Resolved) (Pick, []Reused, error) {
	if p.Outcome != Clash || len(p.Rest) > 0 || !isID(from.Onto) || !isID(from.Commit) {
		return p, nil, nil
	}
	var sources []Source
	for _, s := range p.Steps {
		sources = append(sources, Source{s.Source.ID, s.parent})
	}
	if err := r.fetchResolved(ctx, from, sources); err != nil {
		return p, nil, err
	}
	first, err := r.PickWithout(ctx, from.Onto, from.Branch, p.out, sources...)
	if err != nil || first.Outcome != Clash || len(first.Rest) > 0 {
		return p, nil, err
	}
	last := p.Steps[len(p.Steps)-1]
	here := sideLines(labelsFor(p.Onto, name, last.Source.ID))
	there := sideLines(labelsFor(first.Onto, from.Branch, last.Source.ID))
	tree, all := p.Tree, []Reused(nil)
	for _, c := range p.Conflicts {
		if len(all) == maxReused || !slices.ContainsFunc(first.Conflicts, func(o Conflict) bool { return o.Path == c.Path && o.lines() }) || !c.lines() {
			continue
		}
		one, id, err := r.reuseFile(ctx, c.Path, [3]string{tree, first.Tree, from.Commit}, here, there)
		if err != nil {
			return p, nil, err
		}
		if one.Places > 0 {
			all = append(all, one)
			if tree, err = r.replace(ctx, tree, c.Path, id); err != nil {
				return p, nil, err
			}
		}
	}
	if tree == last.ours { // nothing would be left of the change
		return p, nil, nil
	}
	p.Steps = slices.Clone(p.Steps)
	p.Steps[len(p.Steps)-1].Tree, p.Tree = tree, tree
	return p, all, nil
}

// lines reports a conflict that is one of lines alone.
func (c Conflict) lines() bool { return c.Kind == Content || c.Kind == AddAdd }

// fetchResolved fetches what replaying a resolution reads.
func (r *Repository) fetchResolved(ctx context.Context, from Resolved, sources []Source) error {
	if r.access == nil {
		return nil
	}
	lacks, err := r.lacks(ctx, Need{Onto: from.Onto, Sources: []Source{{Commit: from.Commit, Base: from.Onto}}})
	if err != nil {
		return err
	}
	if len(lacks) > 0 {
		if err := r.fetchSpecs(ctx, lacks); err != nil {
			return err
		}
	}
	blobs, err := r.lacksBlobs(ctx, from.Onto, sources)
	if err != nil || len(blobs) == 0 {
		return err
	}
	return r.fetchFiles(ctx, blobs...)
}

// fetchSpecs fetches commits with their parents, as fill does.
func (r *Repository) fetchSpecs(ctx context.Context, ids []string) error {
	one, err := acquire(ctx, r.fetchLock, true)
	if err != nil {
		return err
	}
	defer one.release()
	if err := r.fetchCommits(ctx, "", false, ids); err != nil {
		return err
	}
	return r.copyShallow()
}

// reuseFile resolves one file: in is the tree with the conflict, the one with the conflict as it
// was there, and the commit with what was made of that. id is what the file becomes.
func (r *Repository) reuseFile(ctx context.Context, name string, in [3]string, here, there [2]string) (one Reused, id string, err error) {
	one.Path = name
	var texts [3][]byte
	var ids [3]string
	for i, at := range in {
		var found bool
		if texts[i], ids[i], found, err = r.textAt(ctx, at, name, i == 2); err != nil || !found {
			return one, "", err
		}
	}
	now, places, ok := foldConflicts(texts[0], here)
	before, known, same := foldConflicts(texts[1], there)
	if !ok || !same || len(places) == 0 || len(known) == 0 || holdsSides(texts[2], there) {
		return one, "", nil
	}
	strange := 0
	for token := range places {
		if _, is := known[token]; !is {
			strange++
		}
	}
	if strange == len(places) {
		return one, "", nil
	}
	text, err := r.program.carryOver(ctx, now, before, texts[2], strange)
	if err != nil || text == nil {
		return one, "", err
	}
	one.Left = holds(text, places)
	if one.Places = holds(now, places) - one.Left; one.Places == 0 {
		return one, "", nil
	}
	if id, err = r.format.put(r.write, "blob", unfold(text, places)); err != nil {
		return one, "", err
	}
	one.Diff, err = r.showDiff(ctx, ids[0], id)
	return one, id, err
}

// textAt reads a file of a tree, or of a commit; found is false for what has no lines to compare.
func (r *Repository) textAt(ctx context.Context, at, name string, commit bool) (text []byte, id string, found bool, err error) {
	if commit {
		if at, err = r.treeOf(ctx, at); err != nil {
			return nil, "", false, err
		}
	}
	dir, err := r.directory(ctx, map[string]string{".": at}, path.Dir(name))
	e := dir[path.Base(name)]
	if err != nil || !strings.HasPrefix(e.mode, "100") {
		return nil, "", false, err
	}
	o, err := r.blob(ctx, e.id)
	if err != nil || len(o.body) > maxReusedText || bytes.IndexByte(o.body, 0) >= 0 {
		return nil, "", false, err
	}
	return o.body, e.id, true, nil
}

// carryOver lays what people made of a conflict onto another one: texts with folded conflicts, and
// so many of them that differ. nil if more than those would have to be decided anew.
func (p *Program) carryOver(ctx context.Context, now, before, resolved []byte, strange int) ([]byte, error) {
	text, conflicts, err := p.mergeFile(ctx, string(now), string(before), string(resolved))
	switch {
	case err != nil || conflicts > strange:
		return nil, err
	case conflicts > 0:
		text, _, err = p.mergeFile(ctx, string(now), string(before), string(resolved), "--ours")
	}
	return []byte(text), err
}

// showDiff is how one file differs from another, without the head that names them.
func (r *Repository) showDiff(ctx context.Context, a, b string) (string, error) {
	out, err := r.local(ctx, nil, "diff", "--no-color", "--no-ext-diff", "--no-textconv", "--text", "-U3", "--end-of-options", a, b)
	if err != nil {
		return "", err
	}
	_, hunks, _ := strings.Cut(string(out), "\n@@")
	return "@@" + hunks, nil
}

// sideLines are the lines that begin and end a conflict between two sides.
func sideLines(l labels) [2]string {
	ours, theirs := l.args()
	return [2]string{"<<<<<<< " + ours, ">>>>>>> " + theirs}
}

// isSide reports whether a line begins or ends a conflict. Where a file has another name on one
// side, that stands behind the side's.
func isSide(line []byte, side string) bool {
	rest, ok := bytes.CutPrefix(bytes.TrimRight(line, "\r\n"), []byte(side))
	return ok && (len(rest) == 0 || rest[0] == ':')
}

func holdsSides(text []byte, sides [2]string) bool {
	for line := range bytes.Lines(text) {
		if isSide(line, sides[0]) || isSide(line, sides[1]) {
			return true
		}
	}
	return false
}

// foldConflicts makes each conflict of a text one line, which is the same for the same conflict:
// so no merge takes one apart. ok is false for a text that can't be read so without doubt.
func foldConflicts(text []byte, sides [2]string) (folded []byte, places map[string][]byte, ok bool) {
	places = map[string][]byte{}
	var body, whole bytes.Buffer
	in, middles := false, 0
	for line := range bytes.Lines(text) {
		begins, ends := isSide(line, sides[0]), isSide(line, sides[1])
		switch {
		case begins == in && (begins || ends), ends && middles != 1:
			return nil, nil, false
		case begins:
			in, middles = true, 0
			body.Reset()
			whole.Reset()
			whole.Write(line)
		case ends:
			in = false
			whole.Write(line)
			token := fmt.Sprintf("conflict %x\n", sha256.Sum256(body.Bytes()))
			places[token] = bytes.Clone(whole.Bytes())
			folded = append(folded, token...)
		case in:
			if string(bytes.TrimRight(line, "\r\n")) == "=======" {
				middles++
			}
			body.Write(line)
			whole.Write(line)
		default:
			folded = append(folded, line...)
		}
	}
	return folded, places, !in
}

// holds counts the folded conflicts of a text.
func holds(text []byte, places map[string][]byte) (n int) {
	for line := range bytes.Lines(text) {
		if places[string(line)] != nil {
			n++
		}
	}
	return n
}

// unfold is the inverse of foldConflicts.
func unfold(text []byte, places map[string][]byte) (out []byte) {
	for line := range bytes.Lines(text) {
		if whole := places[string(line)]; whole != nil {
			line = whole
		}
		out = append(out, line...)
	}
	return out
}

// replace is a tree in which a file, which is there, has another content.
func (r *Repository) replace(ctx context.Context, tree, at, id string) (string, error) {
	name, rest, deeper := strings.Cut(at, "/")
	entries, err := r.tree(ctx, tree)
	if err != nil {
		return "", err
	}
	e, is := entries[name]
	if !is || e.isTree() != deeper {
		return "", errors.New("a tree has not the file that is to be replaced in it")
	}
	if e.id = id; deeper {
		if e.id, err = r.replace(ctx, entries[name].id, rest, id); err != nil {
			return "", err
		}
	}
	entries[name] = e // the map is ours: each reading makes one
	return r.putTree(entries)
}
