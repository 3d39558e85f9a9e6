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
	Gate      reconcile.Approvals
	Sealer    effect.Sealer
	Now       func() time.Time
}

// GitHub is what the check and the commands read of GitHub.
type GitHub interface {
	Repositories
	PullRequest(ctx context.Context, repo github.Repo, number int) (github.PullRequest, error)
	// PullDetail reads a pull request anew.
	PullDetail(ctx context.Context, repo github.Repo, number int) (github.PullDetail, error)
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
	reconcile.Queues
	Progress
}

// Progress is what shows how far a build or a publish has come.
type Progress interface {
	// MergedWith finds the pull request that was merged into a branch with a commit.
	MergedWith(ctx context.Context, repo github.Repo, branch release.Branch, commit string) (one github.PullDetail, found bool, err error)
	PullDetail(ctx context.Context, repo github.Repo, number int) (github.PullDetail, error)
	// StatusChecks lists what others report on a commit.
	StatusChecks(ctx context.Context, repo github.Repo, ref string) (list []github.StatusCheck, found bool, err error)
	// Releases lists the newest releases, drafts too.
	Releases(ctx context.Context, repo github.Repo) ([]github.Release, error)
	// OwnComments lists our comments on an issue, the oldest first.
	OwnComments(ctx context.Context, repo github.Repo, number int) ([]github.Comment, error)
	// Section reads one part of a comment of ours, "" when it isn't there.
	Section(ctx context.Context, repo github.Repo, number int, comment, part effect.Mark) (string, error)
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

// Trackers is what is known of releases that are under way.
type Trackers interface {
	// Tracking is what a tracking issue is about; found is false for another issue.
	Tracking(ctx context.Context, repo github.Repo, number int) (one release.Tracking, found bool, err error)
	// Home is the repository with the tracking issues and the blockers.
	Home(ctx context.Context, repo github.Repo) (home github.Repo, found bool, err error)
	// Blockers are those of a version's release.
	Blockers(ctx context.Context, repo github.Repo, v release.Version) (release.Blockers, error)
	// Trapped reports whether a repository has traps at some point of a release, and
	// Traps are those that are set now for pull requests against a branch.
	Trapped(ctx context.Context, repo github.Repo) (bool, error)
	Traps(ctx context.Context, repo github.Repo, branch release.Branch) ([]release.StepTrap, error)
	// UnderWay lists the releases whose tracking issues aren't closed, and the
	// repository that those stand in, zero for none.
	UnderWay(ctx context.Context, repo github.Repo) (home github.Repo, list []release.Tracking, err error)
	// TrapPlaces are the branches that open releases may have traps for, by the
	// repository; repo is the home of the tracking issues.
	TrapPlaces(ctx context.Context, repo github.Repo) (map[github.Repo][]release.Branch, error)
}

// Name implements reconcile.Handler.
func (h *Handler) Name() string { return Name }

// Events implements reconcile.Handler.
func (h *Handler) Events() []string {
	return []string{"issues", "pull_request", "pull_request_review", "push", "check_run", "check_suite", "merge_group", "status", "release"}
}

// All implements reconcile.Resyncer: every open pull request of the repository
// with the trigger files, and the versions of every release that is under way.
func (h *Handler) All(ctx context.Context, repo github.Repo) ([]reconcile.Key, error) {
	_, settings, err := h.policy(ctx, repo)
	if err != nil {
		return nil, err
	}
	home, list, err := h.Trackers.UnderWay(ctx, repo)
	if err != nil {
		return nil, err
	}
	concerns, err := h.concerns(ctx, settings, repo)
	if err != nil {
		return nil, err
	}
	var keys []reconcile.Key
	for _, t := range list {
		if home == repo && settings.Triggers.Repository != "" {
			keys = append(keys, versionsKey(home, t.Number))
		}
	}
	if !concerns {
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

// concerns reports whether pull requests of a repository are looked at.
func (h *Handler) concerns(ctx context.Context, s Settings, repo github.Repo) (bool, error) {
	if s.concerns(repo) {
		return true, nil
	}
	return h.Trackers.Trapped(ctx, repo)
}

// in reports whether a repository is the one with the trigger files.
func (t Triggers) in(repo github.Repo) bool {
	return t.Repository != "" && strings.EqualFold(string(t.Repository), repo.Name)
}
