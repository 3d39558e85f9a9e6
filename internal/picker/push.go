package picker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/git"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Apply pushes a pick. It makes the same commits as the decision saw, so a
// second try finds the branch where it is to be. What GitHub refuses for a
// reason that people can mend is remembered, for the next decision to tell.
func (p *Picker) Apply(ctx context.Context, e effect.Pick) (reconcile.Receipt, error) {
	may := toPush
	if e.Workflows {
		may = toPushWorkflows
	}
	err := p.use(ctx, e.Change, e.Onto, may, func(ctx context.Context, m made) error {
		if m.head() != e.Commit {
			return fmt.Errorf("the pick is %.12s and not %.12s, as it was when it was decided on", m.head(), e.Commit)
		}
		if e.Sign == effect.ByGitHub {
			return p.pushSigned(ctx, m, e)
		}
		return m.repo.Push(ctx, e.Commit, e.Branch, e.Expected)
	})
	var rejected *git.Rejected
	if errors.As(err, &rejected) && rejected.Reason != git.Moved {
		// An error and not a reconcile.RefusedError: what comes after the push rests on it.
		err = errors.Join(err, p.remember(ctx, e, effect.Refusal{Reason: refusedAs(rejected, e), Text: rejected.Text}))
	}
	var cannot *reconcile.RefusedError
	if errors.As(err, &cannot) { // no token to write with
		err = errors.Join(errors.New(cannot.Error()), p.remember(ctx, e, effect.Refusal{Reason: noAccess(err), Text: cannot.Said, Told: told(cannot)}))
	}
	if err != nil {
		return reconcile.Receipt{}, err
	}
	return reconcile.Receipt{Effect: e.String(), Changed: true}, nil
}

// told is what a pick's status says of a refusal: Markdown on one line.
func told(r *reconcile.RefusedError) string {
	return fmt.Sprintf("%s. **Next step:** %s, then ask again.", r.Cause(), r.Mend())
}

func refusedPullKey(repo github.Repo, head release.Branch) string {
	return fmt.Sprintf("refused-pull/%s/%s", strings.ToLower(repo.String()), head)
}

// pullRefused remembers why GitHub didn't take the pull request of a pick.
func (p *Picker) pullRefused(ctx context.Context, e effect.PullRequest, err error) error {
	var cannot *reconcile.RefusedError
	if !errors.As(err, &cannot) {
		return err
	}
	return errors.Join(err, p.Memory.Put(ctx, refusedPullKey(e.Repo, e.Head), []byte(told(cannot)), refusedFor))
}

// PullRefused says in Markdown why GitHub last refused a pull request from a branch, and
// what to do; "" if it isn't known that it has.
func (p *Picker) PullRefused(ctx context.Context, repo github.Repo, head release.Branch) (string, error) {
	raw, _, err := p.Memory.Get(ctx, refusedPullKey(repo, head))
	return string(raw), err
}

// refusedFor is how long a refused push isn't tried again without being asked
// for: somebody has to change a setting first.
const refusedFor = 6 * time.Hour

func refusalKey(c effect.Change, commit string) string {
	return fmt.Sprintf("refused/%d/%s/%s/%s", c.RepoID, c.Target, commit, c.Ask)
}

func (p *Picker) remember(ctx context.Context, e effect.Pick, r effect.Refusal) error {
	raw, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return p.Memory.Put(ctx, refusalKey(e.Change, e.Commit), raw, refusedFor)
}

func (p *Picker) refused(ctx context.Context, c effect.Change, commit string) (r effect.Refusal, err error) {
	raw, ok, err := p.Memory.Get(ctx, refusalKey(c, commit))
	if err != nil || !ok {
		return r, err
	}
	return r, json.Unmarshal(raw, &r)
}
