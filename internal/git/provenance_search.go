package git

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// How many commits of the source branch a search looks into.
const (
	maxTitled  = 3   // commits of one title, and of one patch
	maxFoundBy = 12  // commits by either
	maxPatched = 400 // commits whose patches are compared
	maxFetched = 60  // the same, where their files have to be fetched
)

// search looks for sources that nobody named: first the same title, then the
// same patch, then much of the same patch. Each is a candidate only; the replay
// decides.
func (p *proof) search(ctx context.Context, best attempt) (attempt, error) {
	for _, find := range []func(context.Context) ([]provenance.Claim, error){p.titled, p.patched, p.resembling} {
		claims, err := find(ctx)
		if err != nil {
			return best, err
		}
		claims = slices.DeleteFunc(claims, func(c provenance.Claim) bool { return p.vetted[c.Commit] })
		if len(claims) == 0 {
			continue
		}
		next, err := p.choose(ctx, claims)
		if err != nil {
			return best, err
		}
		if better(next, best) {
			best = next
		}
		if best.rank() <= rankEquivalent {
			break
		}
	}
	return best, nil
}

// titled are the commits of the same title, the newest first.
func (p *proof) titled(context.Context) ([]provenance.Claim, error) {
	var claims []provenance.Claim
	for _, title := range p.q.Titles {
		t := provenance.Title(title)
		if t == "" {
			continue
		}
		claims = append(claims, p.claims(p.h.byTitle[t], provenance.ByTitle)...)
	}
	return claims[:min(len(claims), maxFoundBy)], nil
}

// claims are the newest few of some commits that were there at the moment.
func (p *proof) claims(at []int, by provenance.Way) []provenance.Claim {
	var claims []provenance.Claim
	for _, i := range at {
		if m := p.h.merged[i]; m.when <= p.asOf && len(claims) < maxTitled {
			claims = append(claims, m.claim(by))
		}
	}
	return claims
}

func (m merge) claim(by provenance.Way) provenance.Claim {
	return provenance.Claim{Commit: m.id, By: by, Number: m.number, Title: m.title}
}

// patched are commits that touch the same paths in the same way, and those that
// added a file which this change adds, the newest first.
func (p *proof) patched(ctx context.Context) ([]provenance.Claim, error) {
	if len(p.change.files) == 0 {
		return nil, nil
	}
	x, err := p.h.index(ctx)
	if err != nil {
		return nil, err
	}
	var paths []string
	var found []int
	for _, f := range p.change.files {
		paths = append(paths, f.path)
		if f.was != "" {
			paths = append(paths, f.was)
		}
		if f.old.id == "" && len(f.lines()) > 0 {
			found = append(found, x.byAdded[f.new.id+" "+f.path]...)
		}
	}
	same, err := p.h.alike(ctx, x.byPaths[pathsKey(paths)], p.change)
	if err != nil {
		return nil, err
	}
	claims := append(p.claims(same, provenance.ByPatch), p.claims(found, provenance.ByPatch)...)
	return claims, nil
}

// What a commit has to share with a change to be taken for its source though
// nothing else says so: most of its telling lines, and not just a few, since
// small changes to the same files often look alike.
const (
	maxResembling = 40     // commits that are looked at
	minShared     = 10     // lines
	maxCompared   = 20_000 // lines of the change; a larger one is nobody's pick
	shareOf       = 0.6
)

// resembling are commits that do much of the same to the same paths.
func (p *proof) resembling(ctx context.Context) ([]provenance.Claim, error) {
	all := p.remaining(ctx).size()
	if all < minShared || all > maxCompared {
		return nil, nil
	}
	x, err := p.h.index(ctx)
	if err != nil {
		return nil, err
	}
	hits := map[int]int{}
	for _, f := range p.change.files {
		for _, i := range x.byPath[f.path] {
			if p.h.merged[i].when <= p.asOf {
				hits[i]++
			}
		}
	}
	at := slices.SortedFunc(maps.Keys(hits), func(i, j int) int { return cmp.Or(hits[j]-hits[i], i-j) })
	at = at[:min(len(at), maxResembling)]
	if err := p.h.load(ctx, at); err != nil {
		return nil, err
	}
	shared := map[int]int{}
	for _, i := range at {
		c, err := p.h.changeOf(ctx, i)
		if isTooLarge(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if n := p.remaining(ctx).take(ctx, c, p); n >= minShared && float64(n) >= shareOf*float64(all) {
			shared[i] = n
		}
	}
	at = slices.SortedFunc(maps.Keys(shared), func(i, j int) int { return cmp.Or(shared[j]-shared[i], i-j) })
	return p.claims(at, provenance.ByPatch), nil
}

// alike are those of some commits whose patch is a change's, in its added and
// deleted lines.
func (h *History) alike(ctx context.Context, at []int, c change) ([]int, error) {
	most := maxPatched
	if h.r.access != nil { // each has files to fetch
		most = maxFetched
	}
	at = at[:min(len(at), most)]
	if err := h.load(ctx, at); err != nil {
		return nil, err
	}
	var same []int
	for _, i := range at {
		o, err := h.changeOf(ctx, i)
		if isTooLarge(err) { // larger than the change, which was compared
			continue
		}
		if err != nil {
			return nil, err
		}
		if samePatch(o, c) {
			same = append(same, i)
		}
	}
	return same, nil
}

// changeOf is what a commit of the source branch changed.
func (h *History) changeOf(ctx context.Context, at int) (change, error) {
	from, err := h.r.treeOf(ctx, h.merged[at].parent)
	if err != nil {
		return change{}, err
	}
	to, err := h.r.treeOf(ctx, h.merged[at].id)
	if err != nil {
		return change{}, err
	}
	return h.r.change(ctx, from, to)
}

// load fetches into a cache, at once, the files that the changes of some commits
// are about.
func (h *History) load(ctx context.Context, at []int) error {
	if h.r.access == nil {
		return nil
	}
	var blobs []string
	for _, i := range at {
		touched, err := h.r.sides(ctx, h.merged[i].parent, h.merged[i].id)
		if err != nil {
			return err
		}
		for _, s := range touched {
			for _, e := range []entry{s.old, s.new} {
				if e.id != "" && !e.isLink() {
					blobs = append(blobs, e.id)
				}
			}
		}
	}
	return h.r.prefetch(ctx, blobs)
}

// sameAs are the other commits of the source branch that have a commit's patch.
func (h *History) sameAs(ctx context.Context, at int) ([]int, error) {
	x, err := h.index(ctx)
	if err != nil {
		return nil, err
	}
	for _, peers := range x.byPaths {
		if !slices.Contains(peers, at) {
			continue
		}
		own, err := h.changeOf(ctx, at)
		if isTooLarge(err) { // it has no patch to compare
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		same, err := h.alike(ctx, peers, own)
		return slices.DeleteFunc(same, func(i int) bool { return i == at }), err
	}
	return nil, nil
}

// samePatch says whether two changes add and delete the same lines of the same
// paths.
func samePatch(a, b change) bool {
	if len(a.files) != len(b.files) {
		return false
	}
	for i, f := range a.files {
		g := b.files[i]
		if f.path != g.path || f.was != g.was || !sameLines(f.lines(), g.lines()) || f.binary != g.binary {
			return false
		}
		if f.old.mode != g.old.mode || f.new.mode != g.new.mode {
			return false
		}
		if len(f.hunks) == 0 && f.new != g.new { // a binary file, a mode, an empty file
			return false
		}
	}
	return true
}

func sameLines(a, b []patchLine) bool {
	return slices.EqualFunc(a, b, func(x, y patchLine) bool { return x.text == y.text })
}
