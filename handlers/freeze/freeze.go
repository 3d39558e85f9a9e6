package freeze

import (
	"context"
	"fmt"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
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
	GitHub    GitHub
	Policies  Policies
	Sightings Sightings
	Roles     reconcile.Roles
	Schedules reconcile.Schedules
	Sealer    effect.Sealer
	Now       func() time.Time
}

// GitHub is what the freeze reads of GitHub.
type GitHub interface {
	PullRequests
	Issues
	// Branches lists the branches that fit a pattern.
	Branches(ctx context.Context, repo github.Repo, pattern string) ([]release.Branch, error)
	// QueueGroups lists what the merge queues of a repository have built.
	QueueGroups(ctx context.Context, repo github.Repo) ([]github.MergeGroup, error)
	// GroupMembers lists the pull requests between two commits of a merge queue.
	GroupMembers(ctx context.Context, repo github.Repo, base, head string) (numbers []int, complete bool, err error)
}

// PullRequests is what the freeze reads of pull requests.
type PullRequests interface {
	PullRequest(ctx context.Context, repo github.Repo, number int) (github.PullRequest, error)
	// OpenPullRequests lists those against a branch, or against any for "", the
	// most recently active first.
	OpenPullRequests(ctx context.Context, repo github.Repo, base release.Branch) ([]github.PullRequest, error)
	// MergedPullRequests lists those that were merged into a branch since an instant.
	MergedPullRequests(ctx context.Context, repo github.Repo, base release.Branch, since time.Time) ([]github.PullRequest, error)
	Files(ctx context.Context, repo github.Repo, number int, head string) (github.Files, error)
	// LabelledBy returns who set a label that is there, and when.
	LabelledBy(ctx context.Context, repo github.Repo, number int, label string) (l github.Labelling, found bool, err error)
}

// Issues is what the freeze reads of issues.
type Issues interface {
	// OwnIssues lists the open issues that our App wrote, and the closed ones
	// that changed since an instant.
	OwnIssues(ctx context.Context, repo github.Repo, closedSince time.Time) ([]github.Issue, error)
	Issue(ctx context.Context, repo github.Repo, number int) (github.Issue, error)
	// SealedIssue returns an issue as our App sealed it last, from memory.
	SealedIssue(ctx context.Context, repo github.Repo, number int) (issue github.Issue, found bool, err error)
	// ClosedByHand reports that nothing but a person's own doing closed an issue:
	// no commit and no pull request that says that it fixes it.
	ClosedByHand(ctx context.Context, repo github.Repo, number int) (bool, error)
	RepoID(ctx context.Context, repo github.Repo) (int64, error)
}

// Policies is where the policy comes from.
type Policies interface {
	Policy(ctx context.Context, repo github.Repo) (config.Loaded, error)
}

// Sightings is what was last seen of pull requests, without a request.
type Sightings interface {
	Sighting(ctx context.Context, repo github.Repo, number int) (github.Sighting, bool, error)
	// OpenSightings lists the pull requests that were open when last seen, the
	// most recently active first; with a head, those that have it.
	OpenSightings(ctx context.Context, repo github.Repo, head string) ([]github.Sighting, error)
}

// Name implements reconcile.Handler.
func (h *Handler) Name() string { return Name }

// Events implements reconcile.Handler.
func (h *Handler) Events() []string {
	return []string{"pull_request", "issues", "push", "check_run", "check_suite", "merge_group"}
}

// All implements reconcile.Resyncer: the freezes themselves, and every open pull
// request of a governed branch.
func (h *Handler) All(ctx context.Context, repo github.Repo) ([]reconcile.Key, error) {
	loaded, err := h.Policies.Policy(ctx, repo)
	if err != nil || !loaded.Exists() {
		return nil, err
	}
	open, err := h.GitHub.OpenPullRequests(ctx, repo, "")
	if err != nil {
		return nil, err
	}
	return append([]reconcile.Key{key(repo, theFreezes)}, governedKeys(repo, changed, loaded, open)...), nil
}

func governedKeys(repo github.Repo, why string, loaded config.Loaded, open []github.PullRequest) []reconcile.Key {
	var keys []reconcile.Key
	for _, pr := range open {
		if loaded.Governs(pr.Base) {
			keys = append(keys, pullKey(repo, why, pr.Number))
		}
	}
	return keys
}

// After implements reconcile.Commander. An exemption is about one pull request;
// the other commands change what is frozen.
func (h *Handler) After(c command.Call) []reconcile.Key {
	if c.Name == exemptName {
		return []reconcile.Key{pullKey(c.Repo, changed, c.Number), key(c.Repo, theFreezes)}
	}
	return []reconcile.Key{key(c.Repo, theFreezes)}
}

// Follow implements reconcile.Follower.
func (h *Handler) Follow(repo github.Repo, branch release.Branch) []reconcile.Key {
	return []reconcile.Key{key(repo, theFreezes), key(repo, kindBranch+"/"+string(branch))}
}

// Holds implements reconcile.Holder: whether a merge into a branch is held back
// now, as a phrase like "`release-1.30` is frozen until ...".
func (h *Handler) Holds(ctx context.Context, repo github.Repo, branch release.Branch) (why string, err error) {
	s := Snapshot{Key: key(repo, theFreezes), Now: h.Now()}
	if err := h.observeFreezes(ctx, &s); err != nil {
		return "", err
	}
	if !s.Policy.Governs(branch) {
		return "", nil
	}
	held := holding(s.Freezes, branch, s.Now)
	if why := unclear(s.Settings.Windows, s.Calendar, branch); len(held) == 0 && why != "" {
		return fmt.Sprintf("it can't be told whether %s is frozen, because %s", effect.Code(string(branch)), why), nil
	}
	if len(held) == 0 {
		return "", nil
	}
	return heldPhrase(branch, held, s.Policy), nil
}
