package git

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// MergedBy finds the newest commit of all branches and tags that says in its first line that it is
// the merge of a pull request, as GitHub writes it for a squash and for a merge. It is not
// found in a repository that lacks that history.
func (r *Repository) MergedBy(ctx context.Context, number int) (c Commit, found bool, err error) {
	out, err := r.program.run(ctx, call{dir: r.dir, args: []string{"rev-list", "--all", "--max-count=1", "--extended-regexp",
		fmt.Sprintf(`--grep=\(#%d\)$`, number), fmt.Sprintf("--grep=^Merge pull request #%d from ", number)}})
	id := strings.TrimSpace(string(out))
	if err != nil || !isID(id) {
		return c, false, err
	}
	c, err = r.Commit(ctx, id)
	return c, err == nil, err
}

// Meets is where two commits meet, as git-merge-base has it; "" if that isn't here, as in
// a shallow clone.
func (r *Repository) Meets(ctx context.Context, a, b string) (string, error) {
	at, err := r.mergeBase(ctx, a, b)
	if short := (*HistoryError)(nil); errors.As(err, &short) {
		return "", nil
	}
	return at, err
}
