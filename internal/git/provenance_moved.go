package git

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// maxWalk bounds how many commits are walked from an earlier commit to the head.
const maxWalk = 300

// moved says what has changed since earlier commits of a pull request. Whatever
// can't be read makes the answer unknown, which counts as everything.
func (r *Repository) moved(ctx context.Context, q provenance.Question) (map[string]provenance.Moved, error) {
	if len(q.Earlier) == 0 {
		return nil, nil
	}
	all := map[string]provenance.Moved{}
	for _, e := range q.Earlier {
		m, err := r.movedSince(ctx, q, e)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			m = provenance.Moved{Unknown: unknown(err)}
		}
		all[e.Commit] = m
	}
	return all, nil
}

// unknown is an error as a phrase for people: its text could be git's.
func unknown(err error) string {
	var missing *MissingError
	switch {
	case errors.As(err, &missing):
		return fmt.Sprintf("%.12s can't be had any more", missing.ID)
	case errors.Is(err, errTooFar):
		return errTooFar.Error()
	}
	return "what came since can't be read"
}

var errTooFar = fmt.Errorf("more than %d commits came since", maxWalk)

// movedSince compares one earlier commit with the head.
//
// A path hasn't moved if the pull request does the same to it at both: from the
// same file to the same file, or by the same patch, with the lines around it and
// to the byte. Where the head has grown from the earlier commit, a path has not
// moved either if no commit in between touched it. In between counts what is
// neither the base branch's nor ignored; of a merge, what its people made of it
// beyond what git merges by itself.
func (r *Repository) movedSince(ctx context.Context, q provenance.Question, e provenance.Point) (m provenance.Moved, err error) {
	if e.Commit == q.Head {
		return m, nil
	}
	if !isID(e.Commit) {
		return m, &MissingError{ID: e.Commit}
	}
	if _, err := r.Commit(ctx, e.Commit); err != nil {
		return m, err
	}
	if e.MergeBase == "" && q.MergeBase != "" {
		if e.MergeBase, err = r.mergeBase(ctx, e.Commit, q.MergeBase); err != nil {
			return m, err
		}
	}
	unlike, err := r.unlike(ctx, e, provenance.Point{Commit: q.Head, MergeBase: q.MergeBase})
	if err != nil || len(unlike) == 0 {
		return m, err
	}
	grown, err := r.ancestor(ctx, e.Commit, q.Head)
	if err != nil {
		return m, err
	}
	if grown {
		touched, err := r.touchedSince(ctx, q, e.Commit)
		if err != nil {
			return m, err
		}
		maps.DeleteFunc(unlike, func(path string, _ bool) bool { return !touched[path] })
	}
	m.Paths = slices.Sorted(maps.Keys(unlike))
	return m, nil
}

// unlike are the paths to which a pull request does different things at two
// points.
func (r *Repository) unlike(ctx context.Context, a, b provenance.Point) (map[string]bool, error) {
	var all [2]map[string]sides
	for i, p := range []provenance.Point{a, b} {
		var err error
		if all[i], err = r.sides(ctx, p.MergeBase, p.Commit); err != nil {
			return nil, err
		}
	}
	unlike := map[string]bool{}
	var patched []string // to be compared by their patches
	for path, x := range all[0] {
		y, ok := all[1][path]
		switch {
		case ok && x == y:
		case ok && x.old != y.old && x.old.id != "" && y.old.id != "" && x.new.id != "" && y.new.id != "":
			patched = append(patched, path)
		default: // the file was the same before and is another now
			unlike[path] = true
		}
	}
	for path := range all[1] {
		if _, ok := all[0][path]; !ok {
			unlike[path] = true
		}
	}
	slices.Sort(patched)
	for _, path := range patched {
		same, err := r.sameText(ctx, all[0][path], all[1][path])
		if err != nil {
			return nil, err
		}
		if !same {
			unlike[path] = true
		}
	}
	return unlike, nil
}

// sides lists what became of each path between two commits; no commit is the
// empty tree.
func (r *Repository) sides(ctx context.Context, from, to string) (map[string]sides, error) {
	old, err := r.treeOf(ctx, from)
	if err != nil {
		return nil, err
	}
	new, err := r.treeOf(ctx, to)
	if err != nil {
		return nil, err
	}
	return r.treeSides(ctx, old, new)
}

func (r *Repository) treeSides(ctx context.Context, old, new string) (map[string]sides, error) {
	size := func(all map[string]sides) int {
		n := 0
		for path := range all {
			n += len(path) + 250
		}
		return n
	}
	return remember(r.memory, r.made+" sides "+old+new, size, func() (map[string]sides, error) {
		all := map[string]sides{}
		err := r.differing(ctx, old, new, "", func(path string, s sides) error {
			all[path] = s
			return nil
		})
		return all, err
	})
}

// sameText says whether two changes of a file are the same patch: its lines and
// those around them, to the byte. The numbers of the lines may differ, but not
// the place: the first change, merged into what the second started from, has to
// come to what the second came to.
func (r *Repository) sameText(ctx context.Context, a, b sides) (bool, error) {
	if a.old.mode != b.old.mode || a.new.mode != b.new.mode || kindOf(a.new) == "160" || kindOf(a.old) == "160" {
		return false, nil
	}
	if a.old.id == a.new.id || b.old.id == b.new.id { // permissions alone
		return a.old.id == a.new.id && b.old.id == b.new.id, nil
	}
	var patches [2]string
	for i, s := range []sides{a, b} {
		out, err := r.reading(ctx, nil, "diff", "--no-color", "--no-ext-diff", "--no-textconv", "-U3", "--end-of-options", s.old.id, s.new.id)
		if err != nil {
			return false, err
		}
		var ok bool
		if patches[i], ok = bare(string(out)); !ok {
			return false, nil
		}
	}
	if patches[0] != patches[1] {
		return false, nil
	}
	var trees [4]string
	for i, e := range []entry{a.old, b.old, a.new, b.new} {
		var err error
		if trees[i], err = r.putFile(e); err != nil {
			return false, err
		}
	}
	m, err := r.mergeTrees(ctx, trees[0], trees[1], trees[2], replayed, "")
	return err == nil && len(m.conflicts) == 0 && m.tree == trees[3], err
}

// putFile stores a tree of one file.
func (r *Repository) putFile(e entry) (string, error) {
	id, err := hex.DecodeString(e.id)
	if err != nil {
		return "", err
	}
	return r.format.put(r.write, "tree", append([]byte(e.mode+" file\x00"), id...))
}

// bare is a file's patch without what names the file and the lines' numbers; ok
// is false if there is no patch in lines.
func bare(diff string) (patch string, ok bool) {
	var b strings.Builder
	lines := strings.SplitAfter(diff, "\n")
	for i := 0; i < len(lines); {
		h, isHunk := parseHunk(lines[i])
		i++
		if !isHunk {
			continue // the heads, before the first hunk
		}
		ok = true
		b.WriteString("@@\n")
		old, new := h.oldLines, h.newLines
		for ; i < len(lines) && (old > 0 || new > 0 || strings.HasPrefix(lines[i], `\`)); i++ {
			b.WriteString(lines[i])
			switch {
			case strings.HasPrefix(lines[i], "+"):
				new--
			case strings.HasPrefix(lines[i], "-"):
				old--
			case !strings.HasPrefix(lines[i], `\`):
				old, new = old-1, new-1
			}
		}
	}
	return b.String(), ok
}

// touchedSince are the paths that the pull request's own commits after an
// earlier one touched. What the base branch has is not its own: it is before the
// merge base.
func (r *Repository) touchedSince(ctx context.Context, q provenance.Question, earlier string) (map[string]bool, error) {
	others := []string{earlier}
	if q.MergeBase != "" {
		others = append(others, q.MergeBase)
	}
	w, err := r.walk(ctx, q.Head, others...)
	if err != nil {
		return nil, err
	}
	if len(w.own) > maxWalk {
		return nil, errTooFar
	}
	touched := map[string]bool{}
	for _, c := range w.own {
		for _, parent := range c.Parents {
			if w.from[parent] == 0 { // a shallow clone ends here, and hides what came
				return nil, &HistoryError{Shallow: true}
			}
		}
		if slices.Contains(q.Ignored, c.ID) {
			continue
		}
		if err := r.touchedBy(ctx, c, touched); err != nil {
			return nil, err
		}
	}
	return touched, nil
}

// touchedBy adds the paths that one commit made something of its own of.
func (r *Repository) touchedBy(ctx context.Context, c Commit, touched map[string]bool) error {
	from, err := r.treeOf(ctx, "")
	if len(c.Parents) > 0 {
		from, err = r.treeOf(ctx, c.Parents[0])
	}
	if err != nil {
		return err
	}
	if len(c.Parents) == 2 {
		m, err := r.mergeCommits(ctx, c.Parents[0], c.Parents[1])
		if err != nil {
			return err
		}
		from = m.tree
		for _, clash := range m.conflicts {
			touched[clash.Path] = true
		}
	}
	all, err := r.treeSides(ctx, from, c.Tree)
	for path := range all {
		touched[path] = true
	}
	return err
}

// mergeCommits merges two commits as git does by itself, with their history.
func (r *Repository) mergeCommits(ctx context.Context, a, b string) (merged, error) {
	w, err := r.walk(ctx, a, b)
	if err != nil {
		return merged{}, err
	}
	if len(w.met) == 1 {
		var trees [3]string
		for i, id := range []string{w.met[0], a, b} {
			if trees[i], err = r.treeOf(ctx, id); err != nil {
				return merged{}, err
			}
		}
		return r.mergeTrees(ctx, trees[0], trees[1], trees[2], replayed, "")
	}
	out, err := r.reading(ctx, nil, "merge-tree", "--write-tree", "-z", a, b) // they crossed, or never met
	if err != nil && codeOf(err) != 1 {
		return merged{}, err
	}
	return parseMerge(string(out))
}
