package release

import (
	"context"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Name is the capability's name: its section of the policy and its keys.
const Name = "release"

// CheckName is the name of the check run.
const CheckName = "slipway/release"

// Handler is the capability.
type Handler struct {
	GitHub    GitHub
	Policies  Policies
	Sightings Sightings
	Roles     reconcile.Roles
	Trackers  Trackers
	Sealer    effect.Sealer
	Now       func() time.Time
}

// GitHub is what the check and the commands read of GitHub.
type GitHub interface {
	Repositories
	PullRequest(ctx context.Context, repo github.Repo, number int) (github.PullRequest, error)
	// OpenPullRequests lists those against a branch, or against any for "", the
	// most recently active first.
	OpenPullRequests(ctx context.Context, repo github.Repo, base release.Branch) ([]github.PullRequest, error)
	Files(ctx context.Context, repo github.Repo, number int, head string) (github.Files, error)
	// FileAt reads a file at a commit or a branch. That of a fork is found by
	// its commit too: GitHub keeps a fork's commits with those it was forked from.
	FileAt(ctx context.Context, repo github.Repo, ref, path string) (github.File, error)
	// PullsFrom lists those from a branch of the repository itself, the newest first.
	PullsFrom(ctx context.Context, repo github.Repo, head release.Branch) ([]github.PullDetail, error)
	// Reviews lists what each reviewer last said of a pull request.
	Reviews(ctx context.Context, repo github.Repo, number int) ([]github.Review, error)
	// FileHistory lists at most max texts that a file has had on a branch, the
	// newest first; whole says that there are no more.
	FileHistory(ctx context.Context, repo github.Repo, branch release.Branch, path string, max int) (texts []github.FileText, whole bool, err error)
	Progress
}

// Progress is what shows how far a build or a publish has come.
type Progress interface {
	// PullOf finds the pull request whose merge put a commit on a branch.
	PullOf(ctx context.Context, repo github.Repo, branch release.Branch, commit string) (one github.PullDetail, found bool, err error)
	PullDetail(ctx context.Context, repo github.Repo, number int) (github.PullDetail, error)
	// StatusChecks lists what others report on a commit.
	StatusChecks(ctx context.Context, repo github.Repo, ref string) (list []github.StatusCheck, found bool, err error)
	// Releases lists the newest releases, drafts too.
	Releases(ctx context.Context, repo github.Repo) ([]github.Release, error)
}

// Repositories is what they read of repositories and branches.
type Repositories interface {
	DefaultBranch(ctx context.Context, repo github.Repo) (release.Branch, error)
	// BranchHead is the commit that a branch is at; "" when there is none.
	BranchHead(ctx context.Context, repo github.Repo, branch release.Branch) (commit string, err error)
	RepoID(ctx context.Context, repo github.Repo) (int64, error)
	// BotID is the numeric id of the App's own account.
	BotID(ctx context.Context, repo github.Repo) (int64, error)
	// Tags lists the tags that begin like this.
	Tags(ctx context.Context, repo github.Repo, prefix string) ([]string, error)
}

// Policies is where the policy comes from.
type Policies interface {
	Policy(ctx context.Context, repo github.Repo) (config.Loaded, error)
}

// Sightings is what was last seen of pull requests, without a request.
type Sightings interface {
	// OpenSightings lists those with a head that were open when last seen.
	OpenSightings(ctx context.Context, repo github.Repo, head string) ([]github.Sighting, error)
}

// Name implements reconcile.Handler.
func (h *Handler) Name() string { return Name }

// Events implements reconcile.Handler.
func (h *Handler) Events() []string {
	return []string{"pull_request", "pull_request_review", "push", "check_run", "check_suite", "merge_group", "status", "release"}
}

// All implements reconcile.Resyncer: every open pull request of the repository
// with the trigger files, and the versions of every release that is under way.
func (h *Handler) All(ctx context.Context, repo github.Repo) ([]reconcile.Key, error) {
	_, settings, err := h.policy(ctx, repo)
	if err != nil || settings.Triggers.Repository == "" && !settings.concerns(repo) {
		return nil, err
	}
	home, list, err := h.Trackers.UnderWay(ctx, repo)
	if err != nil {
		return nil, err
	}
	var keys []reconcile.Key
	for _, t := range list {
		if home == repo && settings.Triggers.Repository != "" {
			keys = append(keys, versionsKey(home, t.Number))
		}
	}
	if !settings.concerns(repo) {
		return keys, nil
	}
	open, err := h.GitHub.OpenPullRequests(ctx, repo, "")
	return append(keys, pullKeys(repo, changed, open)...), err
}

// policy reads the policy and the section. With a policy that has faults, and no
// good one before it, nobody knows where the trigger files are.
func (h *Handler) policy(ctx context.Context, repo github.Repo) (loaded config.Loaded, s Settings, err error) {
	if loaded, err = h.Policies.Policy(ctx, repo); err != nil || loaded.Policy == nil {
		return loaded, s, err
	}
	s, err = config.Section[Settings](loaded.Policy, Name)
	return loaded, s, err
}

// in reports whether a repository is the one with the trigger files.
func (t Triggers) in(repo github.Repo) bool {
	return t.Repository != "" && strings.EqualFold(string(t.Repository), repo.Name)
}
