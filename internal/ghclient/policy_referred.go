package ghclient

import (
	"context"
	"errors"
	"fmt"
	"strings"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// ReferredFile returns the file that a policy of from refers to, at the head of
// its repository's default branch; one that may not be referred to is not Found,
// like one that isn't there, so that nobody learns which of them it is.
//
// The danger is that Slipway reads more than those who see its checks: they
// quote a policy's lines, anybody may propose a policy by a pull request, and
// its check says what that would do. Hence a file may be referred to
//
//   - with the same owner, where the App is installed: one owner's installation
//     never reads on behalf of another;
//   - in a repository that is no more private than from. A public repository
//     refers only to public ones, an internal one to internal ones too. Whether
//     those who see one private repository may see another of the same owner
//     Slipway can't tell; package config quotes no file that isn't a policy;
//   - or if it is the owner's own policy, in its repository `.github`: that
//     governs from already where from has none, and is quoted there, whatever
//     its visibility.
func (c *Client) ReferredFile(ctx context.Context, from, to github.Repo, path string) (github.File, error) {
	none := github.File{Repo: to, Path: path}
	if !strings.EqualFold(from.Owner, to.Owner) {
		return none, nil
	}
	ctx = reconcile.BeforeReach(ctx)
	// Below from's policy, so that whatever forgets that forgets this as well.
	key := github.PolicyCacheKey(from) + "extends/" + strings.ToLower(to.Name) + "/" + path
	f, err := referredMemo.read(ctx, c, key, func() (github.File, error) { return c.readReferred(ctx, from, to, path) })
	if err != nil {
		return none, fmt.Errorf("policy that %s refers to: %w", from, err)
	}
	return f, nil
}

func (c *Client) readReferred(ctx context.Context, from, to github.Repo, path string) (github.File, error) {
	none := github.File{Repo: to, Path: path}
	may, err := c.mayRefer(ctx, from, to, path)
	if err == nil && may {
		none, err = c.FileAt(ctx, to, "", path)
	}
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrNotInstalled) {
		return github.File{Repo: to, Path: path}, nil
	}
	return none, err
}

// FileBeside returns a file that stands in the repository where the policy of another stands,
// or the rest of it, at the head of its default branch. Whether that policy may be read on
// behalf of `of` was decided when it was; this is never more than the policy itself.
func (c *Client) FileBeside(ctx context.Context, of, in github.Repo, path string) (github.File, error) {
	none := github.File{Repo: in, Path: path}
	if err := reconcile.CheckReach(ctx, of, reconcile.ReadAccess); err != nil || !strings.EqualFold(of.Owner, in.Owner) {
		return none, err
	}
	ctx = reconcile.BeforeReach(ctx)
	key := github.PolicyCacheKey(of) + "beside/" + strings.ToLower(in.Name) + "/" + path
	f, err := besideMemo.read(ctx, c, key, func() (github.File, error) { return c.FileAt(ctx, in, "", path) })
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrNotInstalled) {
		return none, nil
	}
	if err != nil {
		return none, fmt.Errorf("%s, which the policy of %s names: %w", path, of, err)
	}
	return f, nil
}

// BesideBefore lists at most max versions of such a file, the newest first, as PolicyHistory does.
func (c *Client) BesideBefore(ctx context.Context, of, in github.Repo, path string, max int) ([]github.File, error) {
	if err := reconcile.CheckReach(ctx, of, reconcile.ReadAccess); err != nil || !strings.EqualFold(of.Owner, in.Owner) {
		return nil, err
	}
	versions, err := c.PolicyHistory(ctx, in, path, max)
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrNotInstalled) {
		return nil, nil
	}
	return versions, err
}

func (c *Client) mayRefer(ctx context.Context, from, to github.Repo, path string) (bool, error) {
	if strings.EqualFold(to.Name, github.PolicyRepo) && path == github.PolicyPath {
		return true, nil
	}
	there, err := c.seclusion(ctx, to)
	if err != nil || there == 0 {
		return err == nil, err
	}
	here, err := c.seclusion(ctx, from)
	return err == nil && here >= there, err
}

// Visibility returns who may see a repository, as it was read in the last minutes. It is
// what a right to read others rests on, and so is for everybody to ask.
func (c *Client) Visibility(ctx context.Context, repo github.Repo) (github.Visibility, error) {
	ctx = reconcile.BeforeReach(ctx)
	return visibilityMemo.read(ctx, c, github.VisibilityCacheKey(repo), func() (github.Visibility, error) { return c.seclusion(ctx, repo) })
}

// VisibilityNow is the same as GitHub says at this moment: for what can't be taken back, a
// webhook that was lost mustn't count.
func (c *Client) VisibilityNow(ctx context.Context, repo github.Repo) (github.Visibility, error) {
	return c.seclusion(ctx, repo)
}

// ofOwner is the context in which is read who is in an owner's team. That is the owner's, so a run
// for any repository of it may ask, and somebody's right in another one rests on it.
func ofOwner(ctx context.Context, repo github.Repo) (context.Context, error) {
	err := reconcile.CheckReach(ctx, github.Repo{Owner: repo.Owner}, reconcile.ReadAccess)
	return reconcile.BeforeReach(ctx), err
}

// Called returns what a repository is called now that somebody has named, perhaps long
// ago: GitHub leads from an old name to the new one. Whoever asks from here may be what
// is meant, and then it is, by its id. Like who may see it, that is for everybody to ask.
func (c *Client) Called(ctx context.Context, named, here github.Repo) (github.Repo, error) {
	ctx = reconcile.BeforeReach(ctx)
	f, err := c.repoFacts(ctx, named)
	if err != nil || f.Name == (github.Repo{}) {
		return named, err
	}
	// A lost webhook leaves the old name's memory as it was; ids don't change.
	us, err := c.repoFacts(ctx, here)
	if err == nil && us.ID == f.ID {
		return here, nil
	}
	return f.Name, err
}

func (c *Client) seclusion(ctx context.Context, repo github.Repo) (level github.Visibility, err error) {
	err = c.do(ctx, repo, "read "+repo.String(), func(g *gh.Client) error {
		r, _, err := g.Repositories.Get(ctx, repo.Owner, repo.Name)
		if level = secluded(r); err == nil && r.Private == nil {
			err = errors.New("GitHub doesn't say whether it is private") // neither way is safe to guess
		}
		return err
	})
	return level, err
}

// secluded is how few may see a repository.
func secluded(r *gh.Repository) github.Visibility {
	switch {
	case r.GetVisibility() == "internal":
		return github.Internal
	case r.GetPrivate():
		return github.Private
	}
	return github.Public
}
