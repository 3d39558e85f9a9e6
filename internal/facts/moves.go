package facts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Moving is what is read of who moved branches.
type Moving interface {
	// BranchMoves lists how a branch, which may be a fork's, was moved at or after an
	// instant, the newest first, with the last before that; whole says that these are all.
	BranchMoves(ctx context.Context, repo, of github.Repo, branch release.Branch, since time.Time) (moves []github.BranchMove, whole bool, err error)
}

// Since asks for what became of a branch at or after an instant.
type Since struct {
	Branch release.Branch
	At     time.Time
}

// String implements fmt.Stringer.
func (s Since) String() string { return fmt.Sprintf("%s since %d", s.Branch, s.At.Unix()) }

// Moves is how a branch was moved since an instant. It is made of the branch's tip: each
// push wakes who rests on it, and what GitHub doesn't show yet is known by it.
var Moves = Fact[Since, github.BranchMoves]{
	Name: "moves", Fresh: EachLook, Unknown: Retry, From: []Need{Tip},
	Read: func(l *Look, k Since) (m github.BranchMoves, err error) {
		m.Since = k.At
		tip, err := Tip.Of(l, k.Branch) // first: what comes in between is shown rather than missed
		if err != nil {
			return m, err
		}
		list, whole, err := l.from.GitHub.BranchMoves(l.ctx, l.Repo, l.Repo, k.Branch, k.At)
		var refused *reconcile.RefusedError
		if errors.As(err, &refused) {
			m.Unclear = "GitHub refuses to show who moved it"
			return m, nil
		}
		m.List = list
		return m.Complete(whole, tip), err
	},
}
