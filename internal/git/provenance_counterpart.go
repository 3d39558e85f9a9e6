package git

import (
	"context"
	"path"
	"slices"
)

// counterparts are what sources do to a file of the change: under its name or
// the one that it had, or where the file stands elsewhere on the branch. used
// remembers which file a source's path stands for here, so that it stands for
// no second one.
func (p *proof) counterparts(ctx context.Context, f filePatch, sources []source, used map[string]string) []filePatch {
	var all []filePatch
	for _, s := range sources {
		g, ok := s.change.file(f.path)
		if !ok && f.was != "" {
			g, ok = s.change.file(f.was)
		}
		for i := 0; !ok && i < len(s.change.files); i++ {
			g = s.change.files[i]
			if by := used[g.path]; by == "" || by == f.path {
				ok = p.displaced(ctx, f, g, s)
			}
		}
		if !ok {
			continue
		}
		if g.path != f.path {
			used[g.path] = f.path
		}
		all = append(all, g)
	}
	return all
}

// displaced says whether a file of the change is a source's under another name:
// the last part of the two names is the same, the branch has no such file where
// the source has it, and the source has none where the branch has it. Of a file
// that is deleted nothing else tells, so it has to be the very same.
func (p *proof) displaced(ctx context.Context, f, g filePatch, s source) bool {
	if path.Base(g.path) != path.Base(f.path) || f.old.id == "" || !p.elsewhere(ctx, g) {
		return false
	}
	if _, here := p.change.at[g.path]; here {
		return false
	}
	if f.new.id == "" || g.new.id == "" {
		return f.new.id == g.new.id && f.old == g.old
	}
	there, err := p.has(ctx, s.parent, f.before())
	return err == nil && !there
}

// namedAlike says whether sources, one after the other, rename what a file of
// the change is compared with as the change does. What stands elsewhere on the
// branch keeps the name that it has there.
func namedAlike(f filePatch, from []filePatch) bool {
	if len(from) == 0 {
		return true
	}
	was, is := from[0].before(), from[len(from)-1].path
	if was == is {
		return f.was == ""
	}
	return f.before() == was && f.path == is
}

// anchored compares the places of the same lines at two sides. moved: nobody
// knows that they are the same, since one of them has neither the line right
// before nor the one right after it in common; or its lines are others. loose is
// how many have one of them in common, and around the other nothing, though both
// patches have lines there. Of those it is enough that one of the nearest few is
// the same: git doesn't merge by itself what stands beside a line that differs,
// so of a conflict the very nearest often does. A bracket is no such line: there
// are too many of them.
func anchored(a, b []patchHunk) (loose int, moved bool) {
	if len(a) != len(b) {
		return 0, true
	}
	for i, h := range a {
		o := b[i]
		before := h.before() != "" && h.before() == o.before()
		after := h.after() != "" && h.after() == o.after()
		if len(h.lines) != len(o.lines) || !before && !after {
			return 0, true
		}
		if !common(h.above, o.above) || !common(h.below, o.below) {
			loose++
		}
	}
	return loose, false
}

// common says whether lines have one in common, or one side has none.
func common(a, b []string) bool {
	return len(a) == 0 || len(b) == 0 || slices.ContainsFunc(a, func(line string) bool { return slices.Contains(b, line) })
}
