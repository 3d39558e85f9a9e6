package git

import (
	"context"
	"fmt"
	"path"
	"strings"
)

// File reads a file of a commit, by its path from the top. found is false where
// there is none, or a directory or a link is in its place.
func (r *Repository) File(ctx context.Context, commit, name string) (text []byte, found bool, err error) {
	top, err := r.treeOf(ctx, commit)
	if err != nil {
		return nil, false, err
	}
	dir, err := r.directory(ctx, map[string]string{".": top}, path.Dir(name))
	if err != nil {
		return nil, false, fmt.Errorf("look for %s: %w", name, err)
	}
	e, ok := dir[path.Base(name)]
	if !ok || !strings.HasPrefix(e.mode, "100") {
		return nil, false, nil
	}
	o, err := r.blob(ctx, e.id)
	return o.body, err == nil, err
}
