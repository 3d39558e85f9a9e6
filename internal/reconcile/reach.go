package reconcile

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// A policy speaks for its own repository, and so does a key. The engine notes in a run's
// context whose key it is; package ghclient then takes no request about another
// repository, and tells nothing that it remembers of one, before package facts has found
// (facts.Reach, facts.Acts) that this run may. A look that was forgotten is refused, not
// carried out.

// Access is what a run may do in a repository that isn't its key's.
type Access int

// The accesses, each with those before it.
const (
	ReadAccess  Access = iota + 1
	WriteAccess        // also what is done there in somebody's name
)

// ErrOutOfReach is the cause of CheckReach's refusals.
var ErrOutOfReach = errors.New("no access to another repository")

type reachKey struct{}

// reach is the repository of a run's key, and those that it may do something in.
type reach struct {
	own     github.Repo
	mu      sync.Mutex
	granted map[string]Access
}

// WithReach notes in a context that what is done with it is for one repository.
func WithReach(ctx context.Context, own github.Repo) context.Context {
	return context.WithValue(ctx, reachKey{}, &reach{own: own, granted: map[string]Access{}})
}

// BeforeReach is the context in which is read what a right rests on: policies, and who may
// see a repository.
func BeforeReach(ctx context.Context) context.Context {
	return context.WithValue(ctx, reachKey{}, (*reach)(nil))
}

// GrantReach lets whatever is done with a context and those made of it have access to
// another repository. It is for package facts alone, which knows the right.
func GrantReach(ctx context.Context, to github.Repo, a Access) {
	r, _ := ctx.Value(reachKey{}).(*reach)
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	name := strings.ToLower(to.String())
	r.granted[name] = max(r.granted[name], a)
}

// CheckReach returns a *RefusedError if what is done with a context has no access to a
// repository; without a name it is about the owner, whose teams all of its repositories
// share. A context that is nobody's run's (a subcommand, the door) reaches everything.
func CheckReach(ctx context.Context, to github.Repo, a Access) error {
	r, _ := ctx.Value(reachKey{}).(*reach)
	if r == nil || strings.EqualFold(to.Owner, r.own.Owner) && (to.Name == "" || strings.EqualFold(to.Name, r.own.Name)) {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.granted[strings.ToLower(to.String())] >= a {
		return nil
	}
	return &RefusedError{
		Reason: "Slipway has no right to this in another repository", Next: "have that repository's policy name this one as its `checklist.home`",
		Err: fmt.Errorf("a run for %s, in %s: %w", r.own, to, ErrOutOfReach),
	}
}
