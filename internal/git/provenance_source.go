package git

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// source is a claim that stands on the source branch.
type source struct {
	claim  provenance.Claim
	at     int    // in the history
	parent string // the tree that its change is the difference from
	tree   string
	change change
	left   []string // paths that the change in question may leave out, and does
}

// maxClaims bounds how many claims are looked at.
const maxClaims = 25

// admit looks at claims and keeps those that can be sources: they stand on the
// source branch, and bring lines of the change that no more trusted one brings.
func (p *proof) admit(ctx context.Context, claims []provenance.Claim) error {
	rest := p.remaining(ctx)
	for _, c := range claims[:min(len(claims), maxClaims)] {
		if p.vetted[c.Commit] {
			continue
		}
		p.vetted[c.Commit] = true
		s, why, err := p.vet(ctx, c)
		if err != nil {
			return err
		}
		p.vetted[s.claim.Commit] = true
		if why == "" && rest.take(ctx, s.change, p) == 0 {
			there := false
			if named(c.By) {
				if there, err = p.samePlace(ctx, s.change); err != nil {
					return err
				}
			}
			if !there {
				why = "brings nothing of this change"
			}
		}
		if why != "" {
			p.passed = append(p.passed, provenance.Passed{Claim: s.claim, Why: why})
			continue
		}
		p.live = append(p.live, s)
	}
	return nil
}

// named says whether somebody meant a claim as the source, which a mere
// reference needn't.
func named(by provenance.Way) bool {
	return by == provenance.ByMarker || by == provenance.ByTrailer || by == provenance.ByTitle
}

// samePlace says whether a source changes what stands between the same two
// lines of the same file, though it is changed into something else here.
func (p *proof) samePlace(ctx context.Context, c change) (bool, error) {
	for _, f := range c.files {
		own, ok := p.change.file(f.path)
		if !ok {
			continue
		}
		both, err := p.h.r.sheets(ctx, own, f)
		if err != nil {
			return false, err
		}
		here := map[[2]string]bool{}
		for i := range own.hunks {
			here[both[0].beside(i)] = true
		}
		for i := range f.hunks {
			if at := both[1].beside(i); at[0] != "" && at[1] != "" && here[at] {
				return true, nil
			}
		}
	}
	return false, nil
}

// vet says why a claim can't be a source, or returns it as one.
func (p *proof) vet(ctx context.Context, c provenance.Claim) (s source, why string, err error) {
	s.claim = c
	at, ok := p.h.find(c.Commit)
	if !ok {
		why, err = p.absent(ctx, c.Commit)
		return s, why, err
	}
	m := p.h.merged[at]
	s.at, s.claim.Commit = at, m.id
	if s.claim.Number == 0 {
		s.claim.Number = m.number
	}
	if s.claim.Title == "" {
		s.claim.Title = m.title
	}
	if m.when > p.asOf {
		return s, fmt.Sprintf("came to %s only later, on %s", p.h.source, m.date()), nil
	}
	if why, err := p.undone(ctx, at); err != nil || why != "" {
		return s, why, err
	}
	from, why, err := p.from(ctx, c.Base, at)
	if err != nil || why != "" {
		return s, why, err
	}
	commit, err := p.h.r.Commit(ctx, m.id)
	if err == nil {
		s.tree = commit.Tree
		s.parent, err = p.h.r.treeOf(ctx, from)
	}
	if err == nil {
		s.tree, s.left, err = p.h.r.leave(ctx, s.parent, s.tree, p.leaves())
	}
	if err == nil {
		s.change, err = p.h.r.change(ctx, s.parent, s.tree)
	}
	if isMissing(err) || isTooLarge(err) {
		return s, "can't be read here: " + err.Error(), nil
	}
	return s, "", err
}

// from is the commit that a source's change is the difference from. A range has
// to lie on the source branch as a whole.
func (p *proof) from(ctx context.Context, base string, at int) (from, why string, err error) {
	if base == "" {
		c, err := p.h.r.Commit(ctx, p.h.merged[at].id)
		if err != nil || len(c.Parents) == 0 {
			return "", "", err
		}
		return c.Parents[0], "", nil
	}
	i, ok := p.h.byID[base]
	if ok && i > at || base == p.h.since && base != "" {
		return base, "", nil
	}
	return "", fmt.Sprintf("is a range that doesn't begin on %s", p.h.source), nil
}

// undone says by what a commit was reverted, if its change wasn't merged anew.
func (p *proof) undone(ctx context.Context, at int) (string, error) {
	by, ok := p.h.revertedBy(at, p.asOf)
	if !ok {
		return "", nil
	}
	again, err := p.h.sameAs(ctx, at)
	if err != nil {
		return "", err
	}
	for _, i := range again {
		if _, undone := p.h.revertedBy(i, p.asOf); i < by && !undone && p.h.merged[i].when <= p.asOf {
			return "", nil
		}
	}
	return fmt.Sprintf("was reverted on %s by %.8s", p.h.source, p.h.merged[by].id), nil
}

// absent says why a commit isn't among those merged on the source branch.
func (p *proof) absent(ctx context.Context, id string) (string, error) {
	notOn := "is not on " + p.h.source.String()
	if !isID(id) {
		return notOn, nil
	}
	if _, err := p.h.r.Commit(ctx, id); err != nil {
		if isMissing(err) || !errors.Is(err, errDamaged) && ctx.Err() == nil {
			return notOn, nil
		}
		return "", err
	}
	if p.h.since != "" {
		if there, err := p.h.r.ancestor(ctx, id, p.h.since); err != nil || there {
			return fmt.Sprintf("was on %s before the branches parted", p.h.source), err
		}
	}
	if there, err := p.h.r.ancestor(ctx, id, p.h.tip); err != nil || there {
		return fmt.Sprintf("came to %s only as a part of something larger", p.h.source), err
	}
	return notOn, nil
}

// remaining are the telling lines of a change that no source has brought yet,
// by path.
type remaining map[string]map[string]int

func (p *proof) remaining(ctx context.Context) remaining {
	r := remaining{}
	for _, f := range p.change.files {
		r[f.path] = tokens(f)
	}
	for _, s := range p.live {
		r.take(ctx, s.change, p)
	}
	return r
}

// elsewhere says whether a source changes a file that the merge base doesn't
// have under its name: it may live there under any other.
func (p *proof) elsewhere(ctx context.Context, f filePatch) bool {
	if f.old.id == "" {
		return false
	}
	there, err := p.has(ctx, p.base, f.before())
	return err == nil && !there
}

// has says whether a tree has a path.
func (p *proof) has(ctx context.Context, tree, name string) (bool, error) {
	if p.dirs[tree] == nil {
		p.dirs[tree] = map[string]string{".": tree}
	}
	t, err := p.h.r.directory(ctx, p.dirs[tree], path.Dir(name))
	_, there := t[path.Base(name)]
	return there, err
}

// take takes away what a source brings, and says how much that was.
func (r remaining) take(ctx context.Context, c change, p *proof) int {
	n := 0
	for _, f := range c.files {
		for _, path := range r.matching(ctx, f, p) {
			for token, count := range tokens(f) {
				got := min(count, r[path][token])
				r[path][token] -= got
				n += got
			}
		}
	}
	return n
}

// size is how many lines are left.
func (r remaining) size() int {
	n := 0
	for _, lines := range r {
		for _, count := range lines {
			n += count
		}
	}
	return n
}

// matching are the paths of the change that may be a source's file: by name, also
// one that the change takes away, or else by the last part of the name, or else any for a file that lives elsewhere
// there.
func (r remaining) matching(ctx context.Context, f filePatch, p *proof) []string {
	for _, name := range []string{f.path, f.was} {
		if own, ok := p.change.file(name); ok && name != "" {
			return []string{own.path}
		}
	}
	all := p.byBase[path.Base(f.path)]
	if len(all) == 0 && p.elsewhere(ctx, f) {
		return slices.Sorted(maps.Keys(r))
	}
	return all
}

// tokens are what is told by a file's change: lines with something in them, and
// what a file without lines becomes.
func tokens(f filePatch) map[string]int {
	t := map[string]int{}
	for _, l := range f.lines() {
		if telling(l.text[1:]) {
			t[l.text]++
		}
	}
	if len(f.hunks) == 0 || f.binary || len(t) == 0 {
		t["\x00"+f.new.mode+" "+f.new.id]++
	}
	if f.was != "" {
		t["\x00renamed "+f.was+"\x00"+f.path]++
	}
	if f.old.mode != f.new.mode && f.old.mode != "" && f.new.mode != "" {
		t["\x00mode "+f.old.mode+" "+f.new.mode]++
	}
	return t
}

// telling says whether a line isn't just a bracket or white space.
func telling(line string) bool {
	return strings.IndexFunc(line, func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r > 0x7f
	}) >= 0
}
