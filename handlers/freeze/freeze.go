package freeze

import (
	"context"
	"time"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Name is the capability's name: its section of the policy and its keys.
const Name = "freeze"

// CheckName is the name of the check run.
const CheckName = "slipway/freeze"

// Handler is the capability.
type Handler struct {
	GitHub GitHub
	From   *facts.Sources
	Sealer effect.Sealer
	Now    func() time.Time
	// Checks are the names of the checks of ours that may hold a pull request back.
	Checks []string

	calendars calendars
}

// GitHub is what the freeze reads of GitHub, beside the facts.
type GitHub interface {
	Issues
	// Branches lists the branches that fit a pattern.
	Branches(ctx context.Context, repo github.Repo, pattern string) ([]release.Branch, error)
	// RecentRepos lists the repositories of a repository's owner that are no more private,
	// the most recently pushed to first, itself included.
	RecentRepos(ctx context.Context, of github.Repo) ([]github.Repo, error)
	// QueueGroups lists what the merge queues of a repository have built.
	QueueGroups(ctx context.Context, repo github.Repo) ([]github.MergeGroup, error)
	// MergedPullRequests lists those that were merged into a branch since an instant.
	MergedPullRequests(ctx context.Context, repo github.Repo, base release.Branch, since time.Time) ([]github.PullRequest, error)
	// BotID is our App's account.
	BotID(ctx context.Context, repo github.Repo) (int64, error)
}

// Issues is what the freeze reads of issues.
type Issues interface {
	Issue(ctx context.Context, repo github.Repo, number int) (github.Issue, error)
	// SealedIssue returns an issue as our App sealed it last, from memory.
	SealedIssue(ctx context.Context, repo github.Repo, number int) (issue github.Issue, found bool, err error)
	// ClosedByHand reports that nothing but a person's own doing closed an issue:
	// no commit and no pull request that says that it fixes it.
	ClosedByHand(ctx context.Context, repo github.Repo, number int) (bool, error)
}

func (h *Handler) look(ctx context.Context, repo github.Repo) *facts.Look {
	return facts.NewLook(ctx, h.From, repo, h.Now())
}

// Name implements reconcile.Keyed.
func (h *Handler) Name() string { return Name }

// All implements reconcile.Resyncer: the freezes themselves. The kit names the pull
// requests.
func (h *Handler) All(ctx context.Context, repo github.Repo) ([]reconcile.Key, error) {
	policy, err := facts.Policy.Of(h.look(ctx, repo), facts.Whole{})
	if err != nil || !policy.Exists() {
		return nil, err
	}
	return []reconcile.Key{key(repo, theFreezes)}, nil
}

// After implements reconcile.Commander. An exemption is about one pull request;
// the other commands change what is frozen.
func (h *Handler) After(c command.Call) []reconcile.Key {
	if c.Name == exemptName {
		return []reconcile.Key{gate.PullKey(c.Repo, c.Number), key(c.Repo, theFreezes)}
	}
	return []reconcile.Key{key(c.Repo, theFreezes)}
}

// Dated is the key of the freezes that follow the dates of releases, without a repository.
var Dated = key(github.Repo{}, theFreezes)

// Held is the owner's reader of facts.Held: whether a merge into a branch is held
// back now.
func (h *Handler) Held(l *facts.Look, branch release.Branch) (why string, err error) {
	s, err := h.state(l)
	if err != nil || !s.enforces(branch) {
		return "", err
	}
	held, doubts := whole(holding(s.Freezes, branch, s.Now)), whole(s.doubts(branch)) // what holds only some is the check's to say
	if len(held)+len(doubts) == 0 {
		return "", nil
	}
	return heldPhrase(branch, held, doubts, s.Policy), nil
}

// Reason implements reconcile.MergeBlocker, for answers to commands.
func (h *Handler) Reason(ctx context.Context, repo github.Repo, branch release.Branch) (why string, err error) {
	return facts.Held.Of(h.look(ctx, repo), branch)
}
