package noterange

import (
	"context"

	"github.com/istio-ecosystem/slipway/internal/git"
)

// Merger lays new notes onto notes that people have edited.
type Merger struct{}

// Merge lays what changed from base to theirs onto ours. Where both changed the
// same lines ours stays, and kept counts these places.
func (Merger) Merge(ctx context.Context, base, ours, theirs string) (merged string, kept int, err error) {
	program, err := git.Find(ctx)
	if err != nil {
		return "", 0, err
	}
	return program.MergeText(ctx, base, ours, theirs)
}
