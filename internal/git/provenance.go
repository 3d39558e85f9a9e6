package git

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// Prove answers a question about a change of a repository on GitHub. It fetches
// what the cache lacks: the head, its merge base, the source branch as it is now,
// and the earlier commits with what is between them and the head. As long as the
// dates suffice to which the cache goes back, that is one fetch. Files come when
// a diff reads them. An earlier commit that the server doesn't have any more is
// no error.
//
// The errors are those of Use: ErrNoCommit says that the head is gone, ErrNoBranch
// that there is no source branch. If the branches don't meet within seven years,
// the error is a *HistoryError.
func (c *Cache) Prove(ctx context.Context, repoID int64, access Access, q provenance.Question) (f provenance.Finding, err error) {
	need := Need{RepoID: repoID, Access: access, Target: q.Base, Onto: q.Head, Sources: []Source{{Commit: q.Head, Base: q.MergeBase}}}
	err = c.heal(ctx, need, func(ctx context.Context, r *Repository) error {
		h, err := r.gather(ctx, need, q)
		if err == nil {
			f, err = h.Prove(ctx, q, time.Time{})
		}
		return err
	})
	return f, err
}

// history is that of a question's source branch, which is here under its own
// name, back to where the branches parted.
func (r *Repository) history(ctx context.Context, q provenance.Question) (*History, error) {
	tip, err := r.Resolve(ctx, q.Source.Ref())
	if err != nil {
		return nil, fmt.Errorf("the source branch %s: %w", q.Source, err)
	}
	return r.History(ctx, q.Source, tip, other(q))
}

// other is a commit of the other branch: where it meets the source branch is
// where the two parted.
func other(q provenance.Question) string {
	if q.MergeBase == "" {
		return q.Head
	}
	return q.MergeBase
}

// Prove answers a question with the source branch as it was at a moment; the
// zero time is now.
//
// Every claim that stands on the source branch and shares lines with the change
// is replayed onto the merge base. What git merges by itself is compared with
// the head's tree, path by path. Where it doesn't merge, the patches are
// compared: the same added and deleted lines at the same places are the
// same change. The rest is what the change has beyond its sources. If that is
// more than it shares with them, generated files not counted, the change is
// unrelated.
//
// A change that is too large to be compared is that, and nothing more is said of it.
func (h *History) Prove(ctx context.Context, q provenance.Question, asOf time.Time) (provenance.Finding, error) {
	f, err := h.prove(ctx, q, asOf)
	var large *TooLargeError
	if errors.As(err, &large) {
		return provenance.Finding{Verdict: provenance.TooLarge, TooLarge: large.What}, nil
	}
	return f, err
}

func (h *History) prove(ctx context.Context, q provenance.Question, asOf time.Time) (provenance.Finding, error) {
	p, err := h.proof(ctx, q, asOf)
	if err != nil {
		return provenance.Finding{}, err
	}
	best, err := p.choose(ctx, q.Claims)
	if err != nil {
		return provenance.Finding{}, err
	}
	if q.Search && best.rank() > rankEquivalent {
		if best, err = p.search(ctx, best); err != nil {
			return provenance.Finding{}, err
		}
	}
	f, err := p.finding(ctx, best)
	if err != nil {
		return f, err
	}
	if f.Updates, err = h.r.updates(ctx, q); err != nil {
		return f, err
	}
	f.Moved, err = h.r.moved(ctx, q)
	return f, err
}

// proof is one question on its way to an answer.
type proof struct {
	h          *History
	q          provenance.Question
	asOf       int64
	base, head string // trees
	change     change
	generated  map[string]bool
	passed     []provenance.Passed
	vetted     map[string]bool // commits that were looked at
	live       []source        // claims that stand, and share lines with the change
	tried      map[string]attempt

	byBase map[string][]string          // the change's paths by their last part
	tokens []map[string]int             // of the change's files, once they are asked for
	dirs   map[string]map[string]string // of trees, the directories that were looked at
}

func (h *History) proof(ctx context.Context, q provenance.Question, asOf time.Time) (*proof, error) {
	p := &proof{h: h, q: q, asOf: always, vetted: map[string]bool{}, tried: map[string]attempt{}, dirs: map[string]map[string]string{}, byBase: map[string][]string{}}
	if !asOf.IsZero() {
		p.asOf = asOf.Unix()
	}
	head, err := h.r.Commit(ctx, q.Head)
	if err != nil {
		return nil, fmt.Errorf("read the head: %w", err)
	}
	p.head = head.Tree
	if p.base, err = h.r.treeOf(ctx, q.MergeBase); err != nil {
		return nil, fmt.Errorf("read the merge base: %w", err)
	}
	if err := h.r.putEmpty(p.base, p.head); err != nil {
		return nil, err
	}
	if p.change, err = h.r.change(ctx, p.base, p.head); err != nil {
		return nil, err
	}
	if err := h.r.largeText(ctx, p.change); err != nil {
		return nil, err
	}
	var paths []string
	for _, f := range p.change.files {
		paths = append(paths, f.path)
		p.byBase[path.Base(f.path)] = append(p.byBase[path.Base(f.path)], f.path)
	}
	p.generated, err = h.r.generated(ctx, p.base, paths)
	return p, err
}

// putEmpty stores the empty tree where one of some trees is it: git compares
// only what is stored.
func (r *Repository) putEmpty(trees ...string) error {
	if !slices.Contains(trees, r.emptyTree()) {
		return nil
	}
	_, err := r.format.put(r.write, "tree", nil)
	return err
}

// finding is the answer that the best attempt gives.
func (p *proof) finding(ctx context.Context, best attempt) (provenance.Finding, error) {
	f := provenance.Finding{Verdict: best.verdict, Passed: p.passed}
	slices.Sort(best.leftOut)
	f.LeftOut = slices.Compact(best.leftOut)
	for _, s := range best.sources {
		f.Sources = append(f.Sources, s.claim)
		if by, ok := p.h.revertedBy(s.at, always); ok && p.asOf != always {
			m := p.h.merged[by]
			f.Later = append(f.Later, provenance.Passed{Claim: s.claim, Why: fmt.Sprintf("was reverted on %s later, on %s, by %.8s", p.h.source, m.date(), m.id)})
		}
	}
	for _, s := range p.live {
		if !slices.ContainsFunc(best.sources, func(o source) bool { return o.claim.Commit == s.claim.Commit }) {
			f.Passed = append(f.Passed, provenance.Passed{Claim: s.claim, Why: "isn't needed: the rest of the sources explains as much"})
		}
	}
	for _, c := range p.change.files {
		added, deleted := c.counts()
		f.Files = append(f.Files, provenance.FileChange{Path: c.path, Was: c.was, Added: added, Deleted: deleted, Binary: c.binary, Generated: p.generated[c.path]})
	}
	if best.verdict == provenance.Unrelated {
		best.beyond = nil
		for _, c := range p.change.files {
			best.beyond = append(best.beyond, p.whole(c))
		}
	}
	var err error
	if f.Brought, err = p.brought(ctx, best); err != nil {
		return f, err
	}
	f.Beyond = best.beyond
	shown := 0
	for i, d := range f.Beyond {
		f.Lines += d.Lines
		f.Left += d.Left
		if shown += len(d.Text); shown > maxShownInAll {
			f.Beyond[i].Text = ""
		}
	}
	return f, nil
}

// whole is a file's change as one that no source has.
func (p *proof) whole(c filePatch) provenance.Difference {
	d := provenance.Difference{Path: c.path, Was: c.was, Lines: c.weight(), Binary: c.binary, Generated: p.generated[c.path]}
	var text []string
	for _, l := range c.lines() {
		if d.Line == 0 {
			d.Line = l.at
		}
		text = append(text, "+"+l.text)
	}
	d.Text = bounded(text)
	return d
}
