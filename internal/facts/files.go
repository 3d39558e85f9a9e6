package facts

import (
	"context"
	"fmt"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// Changes is what is read of what pull requests change.
type Changes interface {
	// Files lists the files that a pull request changes with a head.
	Files(ctx context.Context, repo github.Repo, number int, head string) (github.Files, error)
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
	Name: "files", From: []Need{Pull},
	Read: func(l *Look, h Head) (github.Files, error) {
		return l.from.GitHub.Files(l.ctx, l.Repo, h.Number, h.Commit)
	},
}
