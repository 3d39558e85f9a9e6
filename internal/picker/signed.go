package picker

import (
	"context"
	"errors"
	"fmt"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/git"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/sshsig"
)

// Signer is the account that a key of this deployment signs for.
type Signer struct {
	Name, Address string
	Key           sshsig.Key
}

// noKey is said of a pick that is to be signed by a key which this deployment hasn't got.
var noKey = effect.Refusal{Reason: "unsigned", Told: "This deployment of Slipway has no key to sign with. **Next step:** have its operators set `signing.key`, " +
	"or set `cherrypick.sign_commits` otherwise; then ask again."}

// steps are the commits of a pick, but for who makes them and when.
func (m made) steps(ctx context.Context) ([]effect.Step, error) {
	var steps []effect.Step
	for _, id := range m.commits {
		one, err := m.repo.Commit(ctx, id)
		if err != nil {
			return nil, err
		}
		steps = append(steps, effect.Step{Tree: one.Tree, Message: one.Message})
	}
	return steps, nil
}

// pushSigned has GitHub make the commits of a pick, and pushes these. A kill anywhere before
// the last push leaves commits that nobody sees, and perhaps the throwaway ref, which the
// next try moves and deletes. The branch is moved by git, since GitHub's API can't be told
// from which commit.
func (p *Picker) pushSigned(ctx context.Context, m made, e effect.Pick) error {
	at, err := p.Access.BranchHead(ctx, e.Repo, e.Branch)
	if err != nil {
		return err
	}
	if at != e.Expected { // it would be refused at the end
		return &git.Rejected{Branch: e.Branch, Reason: git.Moved, Text: fmt.Sprintf("it is at %.12q and not at %.12q", at, e.Expected)}
	}
	steps, err := m.steps(ctx)
	if err != nil {
		return err
	}
	if err := m.repo.PushThrowaway(ctx, e.Commit, e.Branch); err != nil {
		return err
	}
	head, err := p.Access.SignedCommits(ctx, e.Repo, e.Onto, steps, effect.Throwaway(e.Branch))
	if err != nil {
		return p.unsigned(ctx, e, err)
	}
	if err := m.repo.FetchMade(ctx, head, len(steps)); err != nil {
		return err
	}
	return m.repo.Push(ctx, head, e.Branch, e.Expected)
}

// unsignedError is GitHub's refusal to make a signed commit.
type unsignedError struct{ refusal *reconcile.RefusedError }

// Error says why.
func (e *unsignedError) Error() string { return e.refusal.Error() }

// Unwrap is the refusal.
func (e *unsignedError) Unwrap() error { return e.refusal }

// maxPasses is how often GitHub may not know yet what was just pushed to it.
const maxPasses = 6

// unsigned sorts what GitHub answered in place of signed commits: what passes by itself is
// a refusal once it hasn't for so many times.
func (p *Picker) unsigned(ctx context.Context, e effect.Pick, err error) error {
	var cannot *reconcile.RefusedError
	if errors.As(err, &cannot) {
		return &unsignedError{cannot}
	}
	var passing *reconcile.PassingError
	if !errors.As(err, &passing) {
		return err
	}
	key := "passes/" + refusalKey(e.Change, e.Commit)
	raw, _, merr := p.Memory.Get(ctx, key)
	if merr != nil {
		return errors.Join(errors.New(passing.Error()), merr)
	}
	if len(raw) >= maxPasses {
		return &unsignedError{passing.Refusal}
	}
	return errors.Join(errors.New(passing.Error()), p.Memory.Put(ctx, key, append(raw, '.'), refusedFor))
}

// noAccess names the refusal of something that needs the App's permissions.
func noAccess(err error) string {
	if _, is := errors.AsType[*unsignedError](err); is {
		return "unsigned"
	}
	return "permission"
}

// refusedAs names the refusal of a push.
func refusedAs(r *git.Rejected, e effect.Pick) string {
	if r.Branch != e.Branch && r.Reason != git.Workflow {
		return "throwaway"
	}
	return string(r.Reason)
}
