package git

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Source is a change to pick.
type Source struct {
	Commit string // id
	// Base is the commit that the change is the difference from. Empty means the
	// commit's first parent, which is right for a squash merge, for each commit
	// of a rebased range and for a merge commit. With the parent of a range's
	// first commit, the range is one change.
	Base string
}

// Outcome is what a pick comes to.
type Outcome string

// The outcomes.
const (
	Clean Outcome = "clean"
	Empty Outcome = "empty"    // the target holds the change already
	Clash Outcome = "conflict" // a person has to decide
	// Nothing is a change that would be left out as a whole.
	Nothing Outcome = "left out"
)

// Step is one source laid onto what came before it.
type Step struct {
	Source Commit
	Tree   string // what it came to; with conflict markers after a conflict
	Empty  bool   // it changed nothing
	base   string // the tree that the source's change is the difference from
	ours   string // the tree it was laid onto
	parent string // the commit whose tree base is; empty for the first commit of all
	leaves bool   // nothing of the source's change is picked
}

// Pick is a change, laid onto a target. It is a value: nothing was committed.
type Pick struct {
	Onto      string // id of the target's commit
	Outcome   Outcome
	Tree      string     // the result; on a conflict that of the step which failed, with conflict markers
	Steps     []Step     // as far as they went; on a conflict the last one has it
	Conflicts []Conflict // of the last step, by path
	Rest      []string   // ids of the sources after the conflict, not tried
	Left      []string   // paths of the sources that were left out, sorted
	// attributes is the target's tree: how files are merged is for the branch to say, not
	// for the change.
	attributes string
	out        []string // patterns of paths that are left out
}

// Pick lays sources, in order, onto a commit: each onto the result of the one
// before. It stops at the first conflict. name is the target's branch, for the
// conflict markers; if it is no branch, the markers show the target's id.
func (r *Repository) Pick(ctx context.Context, onto, name string, sources ...Source) (Pick, error) {
	return r.PickWithout(ctx, onto, name, nil, sources...)
}

// PickWithout is Pick without what the sources do to the paths that fit patterns, which are
// those of config.PathPattern: there the result has what the target has.
func (r *Repository) PickWithout(ctx context.Context, onto, name string, out []string, sources ...Source) (Pick, error) {
	p := Pick{Onto: onto, Outcome: Empty, out: out}
	if len(sources) == 0 {
		return p, errors.New("nothing to pick")
	}
	target, err := r.Commit(ctx, onto)
	if err != nil {
		return p, fmt.Errorf("read the target: %w", err)
	}
	p.Tree, p.attributes = target.Tree, target.Tree
	nothing := true
	for i, s := range sources {
		step, conflicts, err := r.step(ctx, &p, name, s)
		if err != nil {
			return p, fmt.Errorf("pick %s: %w", s.Commit, err)
		}
		nothing = nothing && step.leaves
		p.Tree = step.Tree
		p.Steps = append(p.Steps, step)
		if len(conflicts) > 0 {
			p.Outcome, p.Conflicts = Clash, conflicts
			for _, rest := range sources[i+1:] {
				p.Rest = append(p.Rest, rest.Commit)
			}
			return p, nil
		}
		if !step.Empty {
			p.Outcome = Clean
		}
	}
	if p.Tree == target.Tree { // a change and its revert
		p.Outcome = Empty
	}
	if nothing && len(p.Left) > 0 {
		p.Outcome = Nothing
	}
	return p, nil
}

func (r *Repository) step(ctx context.Context, p *Pick, name string, s Source) (Step, []Conflict, error) {
	source, err := r.Commit(ctx, s.Commit)
	if err != nil {
		return Step{}, nil, err
	}
	step := Step{Source: source, ours: p.Tree, parent: s.Base}
	if s.Base == "" && len(source.Parents) > 0 {
		step.parent = source.Parents[0]
	}
	if step.base, err = r.treeOf(ctx, step.parent); err != nil {
		return step, nil, fmt.Errorf("read its parent: %w", err)
	}
	theirs, left, err := r.leave(ctx, step.base, source.Tree, p.leaves())
	if err != nil {
		return step, nil, err
	}
	step.leaves = theirs == step.base
	m, err := r.mergeTrees(ctx, step.base, step.ours, theirs, labelsFor(p.Onto, name, source.ID), p.attributes)
	if err != nil {
		return step, nil, err
	}
	m, also, err := r.leaveMerged(ctx, m, step.ours, p.leaves())
	if err != nil {
		return step, nil, err
	}
	p.Left = append(append(p.Left, left...), also...)
	slices.Sort(p.Left)
	p.Left = slices.Compact(p.Left)
	step.Tree, step.Empty = m.tree, m.tree == step.ours && len(m.conflicts) == 0
	conflicts, err := r.explain(ctx, m.conflicts, step.ours, theirs)
	return step, conflicts, err
}

// treeOf is a commit's tree; the empty tree for no commit.
func (r *Repository) treeOf(ctx context.Context, id string) (string, error) {
	if id == "" {
		return r.emptyTree(), nil
	}
	c, err := r.Commit(ctx, id)
	return c.Tree, err
}
