package git

import (
	"context"
	"path"
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
