package policy

import (
	"context"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Name is the capability's name and that of its keys.
const Name = "policy"

// CheckName is the name of the check run.
const CheckName = "slipway/policy"

// Handler is the capability.
type Handler struct {
	GitHub    GitHub
	Policies  Policies
	From      *facts.Sources // of the right to look at other repositories
	Snapshots PullSnapshots
	Roles     reconcile.Roles
	Gates     []Gate
}

// GitHub is what the check reads of GitHub.
type GitHub interface {
	PullRequests
	Repositories
	// FileAt reads a file at a commit or a branch. That of a fork is found by
	// its commit too: GitHub keeps a fork's commits with those it was forked from.
	FileAt(ctx context.Context, repo github.Repo, ref, path string) (github.File, error)
	// Team reports whether an organisation has a team.
	Team(ctx context.Context, org, slug string) (exists bool, err error)
	// NamedPermission is what an account may do in a repository; exists is false of none.
	NamedPermission(ctx context.Context, repo github.Repo, login string) (p github.Permission, exists bool, err error)
}

// PullRequests is what the check reads of pull requests.
type PullRequests interface {
	CachedPull(ctx context.Context, repo github.Repo, number int) (github.PullRequest, error)
	// OpenPullRequests lists those against a branch, or against any for "", the
	// most recently active first.
	OpenPullRequests(ctx context.Context, repo github.Repo, base release.Branch) ([]github.PullRequest, error)
	Files(ctx context.Context, repo github.Repo, number int, head string) (github.Files, error)
}

// Repositories is what the check reads of repositories and their branches.
type Repositories interface {
	// DefaultBranch is asked for each pull request, so it should be remembered.
	DefaultBranch(ctx context.Context, repo github.Repo) (release.Branch, error)
	// BranchHead is the commit that a branch is at; "" when there is none.
	BranchHead(ctx context.Context, repo github.Repo, branch release.Branch) (commit string, err error)
	// Branches lists the branches that fit a pattern.
	Branches(ctx context.Context, repo github.Repo, pattern string) ([]release.Branch, error)
	// RecentRepos lists the repositories of a repository's owner where the App
	// is installed, the most recently pushed first, without those that are more
	// private than it.
	RecentRepos(ctx context.Context, of github.Repo) ([]github.Repo, error)
}

// Policies is where policies come from.
type Policies interface {
	Policy(ctx context.Context, repo github.Repo) (config.Loaded, error)
	// Proposed reads a file as what it would be as the policy of a repository.
	Proposed(ctx context.Context, repo github.Repo, f github.File) (config.Proposal, error)
}

// PullSnapshots is what was last seen of pull requests, without a request.
type PullSnapshots interface {
	PullSnapshot(ctx context.Context, repo github.Repo, number int) (github.PullSnapshot, bool, error)
}

// Gate is a capability whose verdicts depend on the policy.
type Gate interface {
	Name() string
	// Verdicts says what its check would say under a policy, as things stand
	// now. Pull requests that the policy doesn't govern have no verdict.
	Verdicts(ctx context.Context, repo github.Repo, policy config.Loaded, prs []github.PullRequest) (map[int]effect.Verdict, error)
}

// Name implements reconcile.Keyed.
func (h *Handler) Name() string { return Name }

// Events implements reconcile.Keyed.
func (h *Handler) Events() []string {
	return []string{"pull_request", "push", "check_run", "check_suite"}
}

// All implements reconcile.Resyncer: every open pull request that could change
// the policy file.
func (h *Handler) All(ctx context.Context, repo github.Repo) ([]reconcile.Key, error) {
	s, err := h.observeSpread(ctx, repo, "")
	return s.Keys, err
}

// same compares repositories as GitHub does: without case.
func same(a, b github.Repo) bool { return strings.EqualFold(a.String(), b.String()) }
