package git

import (
	"context"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// attempt is what a choice of sources comes to.
type attempt struct {
	verdict provenance.Verdict
	sources []source // as replayed: the oldest first
	beyond  []provenance.Difference
	lines   int // beyond the sources
	left    int // of the sources, not in the change
	leftOut []string
}

// rankEquivalent is the last rank at which nothing is beyond the sources.
const rankEquivalent = 1

func (a attempt) rank() int {
	return slices.Index([]provenance.Verdict{provenance.Exact, provenance.Equivalent, provenance.Adapted, provenance.Unrelated}, a.verdict)
}

// better says whether one attempt explains a change better than another.
func better(a, b attempt) bool {
	if a.rank() != b.rank() {
		return a.rank() < b.rank()
	}
	if (len(a.sources) > 0) != (len(b.sources) > 0) {
		return len(a.sources) > 0
	}
	if a.lines != b.lines {
		return a.lines < b.lines
	}
	if a.left != b.left {
		return a.left < b.left
	}
	return len(a.sources) < len(b.sources)
}

// maxAlone is how many sources are also tried alone.
const maxAlone = 4

// choose admits claims and returns the best that sources come to: all together,
// or one alone. The claims that were admitted before take part.
func (p *proof) choose(ctx context.Context, claims []provenance.Claim) (attempt, error) {
	best := attempt{verdict: provenance.Unrelated}
	if len(p.change.files) == 0 { // nothing to explain
		return best, nil
	}
	if err := p.admit(ctx, claims); err != nil || len(p.live) == 0 {
		return best, err
	}
	sets := [][]source{p.live}
	if len(p.live) > 1 {
		for _, s := range p.live[:min(len(p.live), maxAlone)] {
			sets = append(sets, []source{s})
		}
	}
	for _, set := range sets {
		a, err := p.try(ctx, set)
		if err != nil {
			return best, err
		}
		if better(a, best) {
			best = a
		}
	}
	return best, nil
}

// try replays sources in the order in which they were merged, and compares.
func (p *proof) try(ctx context.Context, set []source) (attempt, error) {
	set = slices.Clone(set)
	slices.SortFunc(set, func(a, b source) int { return b.at - a.at })
	var key strings.Builder
	for _, s := range set {
		key.WriteString(s.claim.Commit + s.parent)
	}
	if a, ok := p.tried[key.String()]; ok {
		return a, nil
	}
	a := attempt{sources: set, verdict: provenance.Exact}
	tree, conflicts, err := p.replay(ctx, &a)
	if err == nil && (tree != p.head || len(conflicts) > 0) {
		err = p.compare(ctx, &a, tree, conflicts)
	}
	if err == nil {
		p.tried[key.String()] = a
	}
	return a, err
}

// replayed are the names of two sides in what only we look at.
var replayed = labels{ours: "onto", theirs: "source"}

// replay lays sources onto the merge base, each onto what came before, by the attributes
// of the merge base as a pick is, and without what it may leave out. What conflicts stays
// in conflict; the rest goes on.
func (p *proof) replay(ctx context.Context, a *attempt) (tree string, conflicts map[string]bool, err error) {
	tree, conflicts = p.base, map[string]bool{}
	for _, s := range a.sources {
		m, err := p.h.r.mergeTrees(ctx, s.parent, tree, s.tree, replayed, p.base)
		if err != nil {
			return "", nil, err
		}
		m, left, err := p.h.r.leaveMerged(ctx, m, tree, p.leaves())
		if err != nil {
			return "", nil, err
		}
		a.leftOut = append(append(a.leftOut, s.left...), left...)
		for _, c := range m.conflicts {
			if c.Kind != MovedDirectory { // its file is whole, where the branch has the directory now
				conflicts[c.Path] = true
			}
		}
		tree = m.tree
	}
	return tree, conflicts, nil
}

// judge gives a verdict on what is beyond an attempt's sources.
//
// The change is adapted as long as it shares at least as many lines with its
// sources as it has beyond them. Lines at another place are shared. Generated files don't weigh, unless there is
// nothing else: one line of a source can change thousands of theirs.
func (p *proof) judge(a *attempt) {
	total, all := 0, 0
	for _, f := range p.change.files {
		all += f.weight()
		if !p.generated[f.path] {
			total += f.weight()
		}
	}
	beyond := 0
	for _, d := range a.beyond {
		a.lines += d.Lines
		a.left += d.Left
		if !d.Displaced && (total == 0 || !d.Generated) {
			beyond += d.Lines
		}
	}
	if total == 0 {
		total = all
	}
	switch {
	case len(a.beyond) == 0:
		a.verdict = provenance.Equivalent
	case beyond > total-beyond:
		a.verdict = provenance.Unrelated
	default:
		a.verdict = provenance.Adapted
	}
}
