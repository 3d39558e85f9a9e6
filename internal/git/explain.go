package git

import (
	"bytes"
	"context"
	"path"
	"slices"
)

// pointer is how the file begins that Git LFS keeps in the place of another.
const pointer = "version https://git-lfs.github.com/spec/"

// explain says of conflicts what git's words don't: what each side has, and what the
// contents tell of their kind.
func (r *Repository) explain(ctx context.Context, conflicts []Conflict, ours, theirs string) ([]Conflict, error) {
	all := slices.Clone(conflicts) // those of the merge are remembered
	trees := []map[string]string{{".": ours}, {".": theirs}}
	for i := range all {
		c := &all[i]
		for j, side := range []struct {
			has entry
			to  *Side
		}{{c.ours, &c.Ours}, {c.theirs, &c.Theirs}} {
			if side.has == (entry{}) {
				continue
			}
			there, err := r.directory(ctx, trees[j], path.Dir(c.Path))
			if err != nil {
				return nil, err
			}
			*side.to = Side{Mode: side.has.mode, ID: side.has.id, Here: there[path.Base(c.Path)] == side.has}
		}
		if err := r.explainText(ctx, c); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// explainText looks into what git takes for a conflict of lines. A file that can't be
// read, being too large or not here, stays one.
func (r *Repository) explainText(ctx context.Context, c *Conflict) error {
	if c.Kind != Content && c.Kind != AddAdd {
		return nil
	}
	var sides [][]byte
	for _, e := range []entry{c.ours, c.theirs, c.base} {
		if e == (entry{}) {
			break // there was nothing before
		}
		o, err := r.blob(ctx, e.id)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return nil
		}
		sides = append(sides, o.body)
	}
	if bytes.HasPrefix(sides[0], []byte(pointer)) && bytes.HasPrefix(sides[1], []byte(pointer)) {
		c.Kind = LFS
		return nil
	}
	for i := range sides {
		sides[i] = bytes.ReplaceAll(sides[i], []byte("\r\n"), []byte("\n"))
	}
	base := sides[len(sides)-1]
	if bytes.Equal(sides[0], sides[1]) || len(sides) > 2 && (bytes.Equal(sides[0], base) || bytes.Equal(sides[1], base)) {
		c.Kind = LineEnds
	}
	return nil
}
