package picker

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/git"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Access is how git reaches GitHub.
type Access interface {
	// GitAccess returns a repository's address and a token for its contents alone.
	GitAccess(ctx context.Context, repo github.Repo, id int64, write bool) (address, token string, err error)
	// WorkflowAccess is GitAccess to write, workflows included where that is granted.
	WorkflowAccess(ctx context.Context, repo github.Repo, id int64) (address, token string, err error)
	// ForgetGitAccess says that git was refused with the tokens of a repository.
	ForgetGitAccess(id int64)
	// Committer is the account that commits are made by.
	Committer(ctx context.Context, repo github.Repo) (name, address string, err error)
	// BranchHead returns the commit that a branch is at, "" if it isn't there.
	BranchHead(ctx context.Context, repo github.Repo, branch release.Branch) (commit string, err error)
	// SignedCommits has GitHub make and sign commits onto one, and deletes the throwaway ref
	// that holds their trees.
	SignedCommits(ctx context.Context, repo github.Repo, onto string, steps []effect.Step, throwaway string) (head string, err error)
}

// Memory keeps small facts across restarts. PutIf is Put for what was read since
// Epoch returned epoch: it keeps nothing if an event has forgotten something since.
type Memory interface {
	Get(ctx context.Context, key string) (value []byte, ok bool, err error)
	Put(ctx context.Context, key string, value []byte, ttl time.Duration) error
	Epoch(ctx context.Context) (int64, error)
	PutIf(ctx context.Context, key string, value []byte, ttl time.Duration, epoch int64) error
}

// Picker makes picks. Its fields are set once; git is looked for and the cache
// made with the first pick, so that a program which makes none needs neither.
type Picker struct {
	Access Access
	Memory Memory
	Dir    string // of the caches
	Max    int64  // bytes that stay in it between picks
	Signer *Signer

	mu    sync.Mutex
	cache *git.Cache
}

// open finds git and makes the cache. What fails is tried again the next time.
func (p *Picker) open(ctx context.Context) (*git.Cache, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cache != nil {
		return p.cache, nil
	}
	program, err := git.Find(ctx)
	if err != nil {
		return nil, err
	}
	p.cache, err = program.NewCache(p.Dir, p.Max)
	return p.cache, err
}

// Pick says what a change comes to on its target as that is now.
func (p *Picker) Pick(ctx context.Context, c effect.Change) (effect.Picked, error) {
	var out effect.Picked
	err := p.use(ctx, c, "", toRead, func(ctx context.Context, m made) (err error) {
		if out, err = picked(ctx, m, c.Commits); err == nil && c.Sign == effect.ByGitHub {
			out.Steps, err = m.steps(ctx)
		}
		return err
	})
	outcome, known := problem(err)
	switch {
	case known:
		return effect.Picked{Outcome: outcome}, nil
	case err != nil:
		return out, fmt.Errorf("pick onto %s of %s: %w", c.Target, c.Repo, err)
	}
	if c.Sign == effect.ByKey && p.Signer == nil && out.Commit != "" {
		out.Refused = noKey
		return out, nil
	}
	out.Refused, err = p.refused(ctx, c, out.Commit)
	return out, err
}

// problem recognises what people can mend.
func problem(err error) (effect.PickOutcome, bool) {
	for _, known := range []struct {
		err error
		is  effect.PickOutcome
	}{{git.ErrNoBranch, effect.PickNoBranch}, {git.ErrNoCommit, effect.PickNoCommit}, {git.ErrDenied, effect.PickNoAccess}} {
		if errors.Is(err, known.err) {
			return known.is, true
		}
	}
	return "", false
}

// made is a pick with its commits, in the cache.
type made struct {
	repo    *git.Repository
	pick    git.Pick
	commits []string
	like    effect.Resolved // whose resolution it follows, in so many files
	reused  []git.Reused
}

// head is what to push; "" for nothing.
func (m made) head() string {
	if len(m.commits) == 0 {
		return ""
	}
	return m.commits[len(m.commits)-1]
}

// purpose is what git is to be let do.
type purpose int

const (
	toRead purpose = iota
	toPush
	toPushWorkflows
)

func (p *Picker) reach(ctx context.Context, c effect.Change, may purpose) (address, token string, err error) {
	if may == toPushWorkflows {
		return p.Access.WorkflowAccess(ctx, c.Repo, c.RepoID)
	}
	return p.Access.GitAccess(ctx, c.Repo, c.RepoID, may == toPush)
}

// use makes the pick in the cache and hands it on. onto is the target's commit,
// "" for its head as GitHub has it now. A token that git is refused with may have
// been revoked, so it is tried once with another.
func (p *Picker) use(ctx context.Context, c effect.Change, onto string, may purpose, fn func(context.Context, made) error) error {
	err := p.useOnce(ctx, c, onto, may, fn)
	if errors.Is(err, git.ErrDenied) {
		p.Access.ForgetGitAccess(c.RepoID)
		err = p.useOnce(ctx, c, onto, may, fn)
	}
	return err
}

func (p *Picker) useOnce(ctx context.Context, c effect.Change, onto string, may purpose, fn func(context.Context, made) error) error {
	cache, err := p.open(ctx)
	if err != nil {
		return err
	}
	by, err := p.authoring(ctx, c)
	if err != nil {
		return err
	}
	need := git.Need{RepoID: c.RepoID, Target: c.Target, Onto: onto}
	if need.Access.URL, need.Access.Token, err = p.reach(ctx, c, may); err != nil {
		return err
	}
	for _, id := range c.Commits {
		need.Sources = append(need.Sources, git.Source{Commit: id})
	}
	return cache.Use(ctx, need, func(ctx context.Context, r *git.Repository, onto string) error {
		pick, err := r.PickWithout(ctx, onto, c.Target.String(), c.LeaveOut, need.Sources...)
		if err != nil {
			return err
		}
		pick, like, reused, err := reuse(ctx, r, pick, c)
		if err != nil {
			return err
		}
		if like.PR != 0 {
			by.Note = noteFor(c, like, pick, reused)
		}
		if len(pick.Steps) > 0 {
			by.When = dateFor(pick.Steps[len(pick.Steps)-1].Source.Committed(), c.Target)
		}
		commits, err := r.Build(ctx, pick, by)
		if err != nil {
			return err
		}
		return fn(ctx, made{repo: r, pick: pick, commits: commits, like: like, reused: reused})
	})
}

func (p *Picker) authoring(ctx context.Context, c effect.Change) (git.Authoring, error) {
	name, address, err := p.Access.Committer(ctx, c.Repo)
	by := git.Authoring{Name: name, Email: address, Note: c.Note}
	if c.Sign == effect.ByKey && p.Signer != nil {
		name, address = p.Signer.Name, p.Signer.Address
		by.Name, by.Email, by.Sign = name, address, p.Signer.Key.Sign
	}
	if c.SignOff {
		by.SignOff = name + " <" + address + ">"
	}
	if c.Sign == effect.ByGitHub {
		by.Own = string(c.Target)
	}
	return by, err
}

// dateFor is the committer's date of a pick: within the hour before its source
// was committed, and another one for each target. Two release branches may be at
// one commit, and there the same commit would be the pick for both: but a check
// run belongs to a commit, and what it says depends on the branch.
func dateFor(source time.Time, target release.Branch) time.Time {
	h := fnv.New32a()
	h.Write([]byte(target))
	return source.Add(-time.Duration(h.Sum32()%3600) * time.Second)
}

var outcomes = map[git.Outcome]effect.PickOutcome{
	git.Clean: effect.PickClean, git.Empty: effect.PickContains, git.Clash: effect.PickConflict, git.Nothing: effect.PickNothing,
}

// workflows is the directory that an App needs a permission of its own to write to.
const workflows = ".github/workflows"

func picked(ctx context.Context, m made, commits []string) (out effect.Picked, err error) {
	out = effect.Picked{Onto: m.pick.Onto, Outcome: outcomes[m.pick.Outcome], Commit: m.head(), Rest: m.pick.Rest, Left: m.pick.Left, Like: m.like}
	if out.Outcome == effect.PickClean {
		out.Tree = m.pick.Tree
	}
	for _, c := range m.pick.Conflicts {
		out.Conflicts = append(out.Conflicts, effect.Conflict{
			Path: c.Path, Kind: string(c.Kind), Was: c.Was, Target: effect.Side(c.Ours), Source: effect.Side(c.Theirs), Reused: m.reusedAt(c.Path)})
	}
	if out.Workflows, err = m.repo.Touches(ctx, m.pick, workflows); err != nil || m.pick.Outcome != git.Clash {
		return out, err
	}
	found, more, err := prerequisites(ctx, m)
	if ctx.Err() != nil {
		return out, ctx.Err()
	}
	// The conflict stands whatever can't be found out about it.
	out.More, out.Unsearched = more, err != nil
	for _, f := range found {
		out.Prerequisites = append(out.Prerequisites, effect.Prerequisite{Commit: f.Commit, Subject: f.Subject, Paths: f.Paths})
	}
	return out, nil
}

func prerequisites(ctx context.Context, m made) ([]git.Prerequisite, bool, error) {
	found, more, err := m.repo.Prerequisites(ctx, m.pick, git.Search{})
	var lacks *git.HistoryError
	if !errors.As(err, &lacks) {
		return found, more, err
	}
	if err := m.repo.Deepen(ctx, m.pick); err != nil {
		return nil, false, err
	}
	return m.repo.Prerequisites(ctx, m.pick, git.Search{})
}

// Applier carries out picks itself, and leaves all other effects to Next.
type Applier struct {
	Picker *Picker
	Next   reconcile.Applier
}

// Apply implements reconcile.Applier.
func (a Applier) Apply(ctx context.Context, e effect.Effect) (reconcile.Receipt, error) {
	if pick, ok := e.(effect.Pick); ok {
		r, err := a.Picker.Apply(ctx, pick)
		if err != nil {
			return reconcile.Receipt{}, fmt.Errorf("apply %s: %w", e.Key(), err)
		}
		return r, nil
	}
	r, err := a.Next.Apply(ctx, e)
	if pull, ok := e.(effect.PullRequest); ok && err != nil {
		err = a.Picker.pullRefused(ctx, pull, err)
	}
	return r, err
}
