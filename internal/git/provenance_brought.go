package git

import (
	"context"
	"path"
	"slices"

	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// brought says which paths of the change each source of an attempt accounts
// for. A path too many costs people a look, one too few would spare them one
// that they owe: in doubt a source accounts for more. So a path that isn't beyond
// the sources, and that none of them seems to have brought, counts as everyone's.
func (p *proof) brought(ctx context.Context, a attempt) (map[string][]string, error) {
	if a.verdict == provenance.Unrelated || len(a.sources) == 0 {
		return nil, nil
	}
	files := make([]map[string]bool, len(a.sources)) // of each source, by the change's path
	known := map[string]bool{}
	for _, d := range a.beyond {
		known[d.Path] = true
	}
	for i, s := range a.sources {
		files[i] = map[string]bool{}
		for _, g := range s.change.files {
			found, err := p.broughtBy(ctx, g, i, a.sources)
			if err != nil {
				return nil, err
			}
			for _, name := range found {
				files[i][name], known[name] = true, true
			}
		}
	}
	all := map[string][]string{}
	for i, s := range a.sources {
		names := []string{}
		for _, f := range p.change.files {
			if !files[i][f.path] && known[f.path] {
				continue
			}
			names = append(names, f.path)
			if f.was != "" {
				names = append(names, f.was)
			}
		}
		slices.Sort(names)
		all[s.claim.Commit] = slices.Compact(names)
	}
	return all, nil
}

// broughtBy are the paths of the change that have a source's file in them, or
// lines of it: those of its names, and where it may have come to stand under
// another, those that have such lines. If it has no lines that tell, it may be
// any. by is the index of the source.
func (p *proof) broughtBy(ctx context.Context, g filePatch, by int, sources []source) ([]string, error) {
	var found []string
	for _, name := range []string{g.path, g.was} {
		if f, ok := p.change.file(name); ok && name != "" {
			found = append(found, f.path)
		}
	}
	strays, err := p.strays(ctx, g, by, sources)
	if err != nil || !strays {
		return found, err
	}
	lines := tokens(g)
	for i, f := range p.change.files {
		if path.Base(f.path) == path.Base(g.path) || share(p.ownTokens()[i], lines) {
			found = append(found, f.path)
		}
	}
	tells := slices.ContainsFunc(g.lines(), func(l patchLine) bool { return telling(l.text[1:]) })
	if len(found) == 0 && !tells {
		for _, f := range p.change.files {
			found = append(found, f.path)
		}
	}
	return found, nil
}

// strays says whether a source's file may stand under another name here: the
// merge base doesn't have it under its own, or another source takes it away.
func (p *proof) strays(ctx context.Context, g filePatch, by int, sources []source) (bool, error) {
	for i, s := range sources {
		for _, o := range s.change.files {
			gone := o.was
			if o.new.id == "" {
				gone = o.path
			}
			if i != by && gone != "" && (gone == g.path || gone == g.was) {
				return true, nil
			}
		}
	}
	there, err := p.has(ctx, p.base, g.before())
	return !there, err
}

// ownTokens are the tokens of the change's files, made once.
func (p *proof) ownTokens() []map[string]int {
	if p.tokens == nil {
		for _, f := range p.change.files {
			p.tokens = append(p.tokens, tokens(f))
		}
	}
	return p.tokens
}

// share says whether two files' changes have any line in common.
func share(a, b map[string]int) bool {
	for token := range a {
		if b[token] > 0 {
			return true
		}
	}
	return false
}
