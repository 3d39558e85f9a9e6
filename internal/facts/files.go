package facts

import (
	"context"
	"fmt"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// Changed is what is read of what pull requests change.
type Changed interface {
	// Files lists the files that a pull request changes with a head.
	Files(ctx context.Context, repo github.Repo, number int, head string) (github.Files, error)
	// Changes lists the same with what becomes of each.
	Changes(ctx context.Context, repo github.Repo, number int, head string) (github.Changes, error)
}

// Head is a pull request with a commit as its head.
type Head struct {
	Number int
	Commit string
}

// String implements fmt.Stringer.
func (h Head) String() string { return fmt.Sprintf("%d@%s", h.Number, h.Commit) }

// Files are those that a pull request changes. It costs a request for each head.
var Files = Fact[Head, github.Files]{
	Name: "files", Fresh: github.ChangesMemo, Unknown: Retry, From: []Need{Pull},
	Read: func(l *Look, h Head) (github.Files, error) {
		return l.from.GitHub.Files(l.ctx, l.Repo, h.Number, h.Commit)
	},
}

// FileChanges are the same with what becomes of each. Who names a head has read the
// pull request, whose events tell of another head or base.
var FileChanges = Fact[Head, github.Changes]{
	Name: "changes", Fresh: github.ChangesMemo, Unknown: Retry, From: []Need{Pull},
	Read: func(l *Look, h Head) (github.Changes, error) {
		return l.from.GitHub.Changes(l.ctx, l.Repo, h.Number, h.Commit)
	},
}
