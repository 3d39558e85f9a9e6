package releasebranch

import (
	"context"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Name is the capability's name: its section of the policy and its keys.
const Name = "releasebranch"

// CheckName is the name of the check run.
const CheckName = "slipway/release-branch"

// Handler is the capability.
type Handler struct {
	GitHub    GitHub
	Policies  Policies
	Sightings Sightings
	Picks     reconcile.Picks
	Freezes   reconcile.Holder
	Schedules reconcile.Schedules
	Prover    Prover
	Sealer    effect.Sealer
	Now       func() time.Time
}

// GitHub is what the gate reads of GitHub.
type GitHub interface {
	Pulls
	Origins
	People
	Events
	// Section reads one part of a comment of ours, "" for none, and SealedRev the
	// newest version of the record in it that is remembered.
	Section(ctx context.Context, repo github.Repo, number int, comment, part effect.Mark) (string, error)
	SealedRev(ctx context.Context, repo github.Repo, number int, part effect.Mark) (rev int, err error)
	// GroupMembers returns the pull requests of a merge queue's group.
	GroupMembers(ctx context.Context, repo github.Repo, base, head string) (numbers []int, complete bool, err error)
}

// Pulls is what the gate reads of the pull requests that it judges.
type Pulls interface {
	PullRequest(ctx context.Context, repo github.Repo, number int) (github.PullRequest, error)
	PullDetail(ctx context.Context, repo github.Repo, number int) (github.PullDetail, error)
	// PullSeen is PullDetail, or as it was read since its last event.
	PullSeen(ctx context.Context, repo github.Repo, number int) (github.PullDetail, error)
	OpenPullRequests(ctx context.Context, repo github.Repo, base release.Branch) ([]github.PullRequest, error)
	Compare(ctx context.Context, repo github.Repo, base release.Branch, head string) (github.Comparison, error)
	// MergeBase is where a commit that once was a head meets a branch, "" if
	// nobody knows any more.
	MergeBase(ctx context.Context, repo github.Repo, base release.Branch, head string) (string, error)
}

// Origins is what the gate reads of where a change comes from.
type Origins interface {
	DefaultBranch(ctx context.Context, repo github.Repo) (release.Branch, error)
	Issue(ctx context.Context, repo github.Repo, number int) (github.Issue, error)
	CommitOf(ctx context.Context, repo github.Repo, id string) (github.Commit, error)
	// MergedCommits returns what a merge put on its base, in order.
	MergedCommits(ctx context.Context, repo github.Repo, pr github.PullDetail) ([]string, error)
	// PullOf finds the pull request whose merge put a commit on a branch.
	PullOf(ctx context.Context, repo github.Repo, branch release.Branch, commit string) (github.PullDetail, bool, error)
	// Files lists the paths that a pull request changes.
	Files(ctx context.Context, repo github.Repo, number int, head string) (github.Files, error)
}

// People is what the gate reads of those who may approve.
type People interface {
	// BotID is the numeric id of the App's own account.
	BotID(ctx context.Context, repo github.Repo) (int64, error)
	Reviews(ctx context.Context, repo github.Repo, number int) ([]github.Review, error)
	TeamMembers(ctx context.Context, repo github.Repo, slug string) (github.Team, error)
	CodeOwners(ctx context.Context, repo github.Repo, branch release.Branch) (github.File, error)
	// Writes reports whether somebody may push.
	Writes(ctx context.Context, repo github.Repo, who github.User) (bool, error)
}

// Events is what the gate reads of the past of pull requests.
type Events interface {
	PullHistory(ctx context.Context, repo github.Repo, number int) (github.PullHistory, error)
	PullCommits(ctx context.Context, repo github.Repo, number int) ([]github.ComparedCommit, error)
}

// Prover finds out, in git, where a change comes from.
type Prover interface {
	Prove(ctx context.Context, repo github.Repo, id int64, q provenance.Question) (provenance.Finding, error)
}

// Policies is where the policy comes from.
type Policies interface {
	Policy(ctx context.Context, repo github.Repo) (config.Loaded, error)
}

// Sightings is what was last seen of pull requests, without a request.
type Sightings interface {
	Sighting(ctx context.Context, repo github.Repo, number int) (github.Sighting, bool, error)
	// OpenSightings lists those with a head that were open when last seen.
	OpenSightings(ctx context.Context, repo github.Repo, head string) ([]github.Sighting, error)
}

// Name implements reconcile.Handler.
func (h *Handler) Name() string { return Name }

// Events implements reconcile.Handler.
func (h *Handler) Events() []string {
	return []string{"pull_request", "pull_request_review", "issue_comment", "push", "check_run", "check_suite", "merge_group"}
}

// All implements reconcile.Resyncer: every open pull request of a governed branch.
func (h *Handler) All(ctx context.Context, repo github.Repo) ([]reconcile.Key, error) {
	loaded, err := h.Policies.Policy(ctx, repo)
	if err != nil || !loaded.Exists() {
		return nil, err
	}
	open, err := h.GitHub.OpenPullRequests(ctx, repo, "")
	if err != nil {
		return nil, err
	}
	return pullKeys(repo, loaded, open, changed, func(github.PullRequest) bool { return true }), nil
}

// Follow implements reconcile.Follower.
func (h *Handler) Follow(repo github.Repo, branch release.Branch) []reconcile.Key {
	return []reconcile.Key{key(repo, kindBranch+"/"+string(branch))}
}

// pullKeys names those pull requests of governed branches that fit.
func pullKeys(repo github.Repo, loaded config.Loaded, open []github.PullRequest, kind string, fits func(github.PullRequest) bool) []reconcile.Key {
	var keys []reconcile.Key
	for _, pr := range open {
		if loaded.Governs(pr.Base) && fits(pr) {
			keys = append(keys, numbered(repo, kind, pr.Number))
		}
	}
	return keys
}
