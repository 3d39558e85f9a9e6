package git

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// pair is a path at which the change isn't what the replay comes to: its own
// patch, and that of its sources.
type pair struct {
	path    string
	own     filePatch
	touched bool     // by the change
	theirs  []string // the lines of the sources' patch
	moved   bool     // the lines are the same, at other places
	shifts  []shift  // the lines are the same, and these of them at another place
	mode    bool     // the permissions or the kind differ
	renamed bool     // by the change or by the sources, and not by the other alike
}

// compare finds where the change isn't what its sources come to.
func (p *proof) compare(ctx context.Context, a *attempt, tree string, conflicts map[string]bool) error {
	if err := p.h.r.putEmpty(tree); err != nil {
		return err
	}
	replayed, err := p.h.r.change(ctx, p.base, tree)
	if err != nil {
		return err
	}
	pairs, err := p.pairs(ctx, a.sources, replayed, conflicts)
	if err != nil {
		return err
	}
	a.beyond, err = p.differences(ctx, pairs)
	if err == nil {
		p.judge(a)
	}
	return err
}

// pairs are the paths that differ, sorted.
func (p *proof) pairs(ctx context.Context, sources []source, replayed change, conflicts map[string]bool) ([]pair, error) {
	names := map[string]bool{}
	maps.Copy(names, conflicts)
	for _, c := range []change{p.change, replayed} {
		for name := range c.at {
			names[name] = true
		}
	}
	used := map[string]string{} // paths of sources that stand under another name here, and that
	done := map[string]bool{}
	var own, others []pair
	for _, name := range slices.Sorted(maps.Keys(names)) {
		f, touched := p.change.file(name)
		if touched && done[f.path] || !p.differs(name, replayed, conflicts) {
			continue
		}
		if !touched {
			others = append(others, p.left(name, sources, replayed, conflicts))
			continue
		}
		done[f.path] = true
		d, same, err := p.pair(ctx, f, sources, replayed, conflicts, used)
		if err != nil {
			return nil, err
		}
		if !same {
			own = append(own, d)
		}
	}
	others = slices.DeleteFunc(others, func(d pair) bool { return used[d.path] != "" || len(d.theirs) == 0 && !d.mode })
	all := append(own, others...)
	slices.SortFunc(all, func(a, b pair) int { return strings.Compare(a.path, b.path) })
	return all, nil
}

// differs says whether the head has something else at a path than the replay.
func (p *proof) differs(name string, replayed change, conflicts map[string]bool) bool {
	if conflicts[name] {
		return true
	}
	have, touched := p.change.end(name)
	want, wanted := replayed.end(name)
	return !touched || !wanted || have != want
}

// pair compares a file of the change with its sources; same says that it is the
// same change at the same places, in other surroundings.
func (p *proof) pair(ctx context.Context, f filePatch, sources []source, replayed change, conflicts map[string]bool, used map[string]string) (d pair, same bool, err error) {
	d = pair{path: f.path, own: f, touched: true}
	clash := conflicts[f.path] || conflicts[f.was] && f.was != ""
	theirs, replays := replayed.file(f.path)
	var from []filePatch
	switch {
	case replays && !clash:
		from = []filePatch{theirs}
		if theirs.path != f.path {
			used[theirs.path] = f.path
		}
	default:
		from = p.counterparts(ctx, f, sources, used)
	}
	d.theirs = textsOf(from)
	alike := slices.Equal(d.theirs, texts(f.lines()))
	for _, t := range from {
		d.mode = d.mode || t.new.mode != f.new.mode && (t.new.mode == "" || f.new.mode == "" || t.old.mode != t.new.mode || f.old.mode != f.new.mode)
	}
	d.renamed = !namedAlike(f, from)
	switch {
	case len(from) == 0:
		return d, false, nil
	case f.new.id == "" && from[len(from)-1].new.id == "": // deleted, as at the source, whatever was in it
		return d, true, nil
	case d.mode, d.renamed, !alike:
		return d, false, nil
	case len(f.hunks) == 0: // no lines: it has to be the same content
		return d, f.new.id == from[len(from)-1].new.id, nil
	}
	own, err := p.h.r.sheets(ctx, f)
	if err != nil {
		return d, false, err
	}
	theirSheets, err := p.h.r.sheets(ctx, from...)
	if err != nil {
		return d, false, err
	}
	var ok bool
	d.shifts, ok = shifts(own, theirSheets)
	// What git merges by itself stands at the place that git found.
	d.moved = !ok || !clash && replays && len(d.shifts) == 0
	return d, !d.moved && len(d.shifts) == 0, nil
}

// left is a path that only the sources touch.
func (p *proof) left(name string, sources []source, replayed change, conflicts map[string]bool) pair {
	d := pair{path: name}
	if f, ok := replayed.file(name); ok && !conflicts[name] {
		if f.path != name { // its other name tells
			return d
		}
		d.theirs, d.mode = texts(f.lines()), len(f.hunks) == 0
		return d
	}
	for _, s := range sources {
		if f, ok := s.change.file(name); ok && f.path == name {
			d.theirs = append(d.theirs, texts(f.lines())...)
			d.mode = d.mode || len(f.hunks) == 0
		}
	}
	return d
}

func texts(lines []patchLine) []string {
	var all []string
	for _, l := range lines {
		all = append(all, l.text)
	}
	return all
}

func textsOf(files []filePatch) []string {
	var all []string
	for _, f := range files {
		all = append(all, texts(f.lines())...)
	}
	return all
}

// differences counts and shows pairs. git compares the patches: as two trees
// with a file for each pair.
func (p *proof) differences(ctx context.Context, pairs []pair) ([]provenance.Difference, error) {
	var trees [2]string
	var own, theirs [][]string
	for _, d := range pairs {
		own, theirs = append(own, texts(d.own.lines())), append(theirs, d.theirs)
	}
	for i, side := range [][][]string{theirs, own} {
		var err error
		if trees[i], err = p.h.r.putTexts(side); err != nil {
			return nil, err
		}
	}
	c, err := p.h.r.change(ctx, trees[0], trees[1])
	if err != nil {
		return nil, err
	}
	var all []provenance.Difference
	for i, d := range pairs {
		f, _ := c.file(textName(i))
		all = append(all, p.difference(d, f))
	}
	return all, nil
}

// difference describes a pair; patch is the difference of the two patches.
func (p *proof) difference(d pair, patch filePatch) provenance.Difference {
	out := provenance.Difference{Path: d.path, Was: d.own.was, Binary: d.own.binary, Generated: p.generated[d.path]}
	mine := d.own.lines()
	var text []string
	for _, l := range patch.lines() {
		if l.text[0] == '+' {
			out.Lines++
			if out.Line == 0 && l.at >= 1 && l.at <= len(mine) {
				out.Line = mine[l.at-1].at
			}
		} else {
			out.Left++
		}
		text = append(text, l.text)
	}
	switch {
	case d.moved:
		out.Lines = max(1, len(mine))
		if len(mine) > 0 {
			out.Line = mine[0].at
		}
		text = append([]string{"@@ the same lines, at another place in the file"}, texts(mine)...)
		out.Displaced = true
	case len(d.shifts) > 0:
		out.Line, out.Displaced = d.shifts[0].hunk.lines[0].at, true
		for _, s := range d.shifts {
			out.Lines += s.lines
			text = append(text, s.text()...)
		}
	case d.renamed:
		out.Lines++
		text = append(text, "renamed in another way than by the sources")
	case !d.touched && len(d.theirs) == 0:
		out.Left++
		text = append(text, "the sources change this file, which has no lines")
	case d.touched && len(mine) == 0 && len(d.theirs) == 0:
		out.Lines++
		text = append(text, "a change without lines that the sources don't have")
	case d.mode && d.touched && out.Lines == 0:
		out.Lines++
		text = append(text, "another mode than the sources'")
	case d.touched && out.Lines+out.Left == 0: // they differ in what git can't show
		out.Lines = max(1, len(mine))
	}
	out.Text = bounded(text)
	return out
}

// Bounds of what is shown.
const (
	maxShown      = 60       // lines of one difference
	maxShownBytes = 4096     // of them together
	maxShownInAll = 64 << 10 // bytes of all differences
)

// bounded joins lines as far as they may be shown.
func bounded(lines []string) string {
	var b strings.Builder
	for i, l := range lines {
		l = asText.Replace(strings.ToValidUTF8(l, "?"))
		if i == maxShown || b.Len()+len(l) > maxShownBytes {
			fmt.Fprintf(&b, "… and %d more lines\n", len(lines)-i)
			break
		}
		b.WriteString(l + "\n")
	}
	return b.String()
}

func textName(i int) string { return fmt.Sprintf("%06d", i) }

// asText makes a line one that git takes for a line of text.
var asText = strings.NewReplacer("\n", " ", "\x00", " ")

// putTexts stores a tree of numbered files.
func (r *Repository) putTexts(files [][]string) (string, error) {
	var tree []byte
	for i, lines := range files {
		var text strings.Builder
		for _, l := range lines {
			text.WriteString(asText.Replace(l) + "\n")
		}
		id, err := r.format.put(r.write, "blob", []byte(text.String()))
		if err != nil {
			return "", err
		}
		raw, err := hex.DecodeString(id)
		if err != nil {
			return "", err
		}
		tree = append(append(tree, "100644 "+textName(i)+"\x00"...), raw...)
	}
	return r.format.put(r.write, "tree", tree)
}
