package build

import (
	"context"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Name is the capability's name: its section of the policy and its keys.
const Name = "release"

// CheckName is the name of the check run.
const CheckName = "slipway/release"

// Handler is the capability: what the check reads beside facts, the commands, and the
// comments that follow versions.
type Handler struct {
	GitHub GitHub
	From   *facts.Sources
	Sealer effect.Sealer
	Now    func() time.Time
}

// Check is the gate: of a repository that has the trigger files, or traps. The preview
// of a policy leaves it out: it reads the files of each pull request.
func (h *Handler) Check() gate.Gate[pullFacts] {
	return gate.Gate[pullFacts]{
		Name: Name, Check: CheckName, Read: h.read, Judge: judged, Costly: true,
		Needs: []facts.Need{
			facts.Title, facts.DefaultBranch, facts.Trapped, facts.Traps, facts.FileChanges, h.onBranch(), h.tagged(), facts.Statuses, facts.Blockers,
			facts.Detail, facts.UnderWay, facts.Manages, facts.Reviews, facts.Past, facts.Pusher,
		},
		Asked: func(l *facts.Look) (bool, error) {
			s, err := facts.Section[Settings](l, Name)
			if err != nil || s.concerns(l.Repo) {
				return true, err
			}
			return facts.Trapped.Of(l, facts.Whole{})
		},
		Concerns: func(*facts.Look, release.Branch) (bool, error) { return true, nil },
	}
}

// place is a repository, with what its policy says, and the look that knows more.
type place struct {
	look     *facts.Look
	Repo     github.Repo
	Now      time.Time
	Policy   config.Loaded
	Settings Settings
}

func (h *Handler) place(ctx context.Context, repo github.Repo) (place, error) {
	return seenBy(facts.NewLook(ctx, h.From, repo, h.Now()))
}

// seenBy is the place of a look.
func seenBy(l *facts.Look) (p place, err error) {
	p.look, p.Repo, p.Now = l, l.Repo, l.Now
	if p.Policy, err = facts.Policy.Of(l, facts.Whole{}); err == nil {
		p.Settings, err = facts.Section[Settings](l, Name)
	}
	return p, err
}

// underWay lists the releases that are, and names where their tracking issues stand.
func (p place) underWay() (home github.Repo, list []release.Tracking, err error) {
	if home, err = facts.Home.Of(p.look, facts.Whole{}); err == nil {
		list, err = facts.UnderWay.Of(p.look, facts.Whole{})
	}
	return home, list, err
}

// builder is the repository with the trigger files, of the same owner.
func (p place) builder() github.Repo { return p.Settings.Triggers.builder(p.Repo) }

// GitHub is what the check and the commands read of GitHub.
type GitHub interface {
	Repositories
	// FreshPullDetail reads a pull request anew.
	FreshPullDetail(ctx context.Context, repo github.Repo, number int) (github.PullDetail, error)
	// OpenPullRequests lists those against a branch, or against any for "", the
	// most recently active first.
	OpenPullRequests(ctx context.Context, repo github.Repo, base release.Branch) ([]github.PullRequest, error)
	// FileAt reads a file at a commit or a branch. That of a fork is found by
	// its commit too: GitHub keeps a fork's commits with those it was forked from.
	FileAt(ctx context.Context, repo github.Repo, ref, path string) (github.File, error)
	// PullsFrom lists those from a branch of the repository itself, the newest first.
	PullsFrom(ctx context.Context, repo github.Repo, head release.Branch) ([]github.PullDetail, error)
	// FileHistory lists at most max texts that a file has had on a branch, the
	// newest first; whole says that there are no more.
	FileHistory(ctx context.Context, repo github.Repo, branch release.Branch, path string, max int) (texts []github.FileText, whole bool, err error)
	Progress
}

// Progress is what shows how far a build or a publish has come.
type Progress interface {
	// MergedWith finds the pull request that was merged into a branch with a commit.
	MergedWith(ctx context.Context, repo github.Repo, branch release.Branch, commit string) (one github.PullDetail, found bool, err error)
	FreshPullDetail(ctx context.Context, repo github.Repo, number int) (github.PullDetail, error)
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
	// VersionTags lists the tags that begin in one of these ways.
	VersionTags(ctx context.Context, repo github.Repo, begin []string) ([]string, error)
	// RecentRepos lists the repositories beside one that are no more private, the most
	// recently pushed first.
	RecentRepos(ctx context.Context, repo github.Repo) ([]github.Repo, error)
}

// Name implements reconcile.Keyed.
func (h *Handler) Name() string { return Name }

// Events implements reconcile.Keyed.
func (h *Handler) Events() []string {
	return []string{"issues", "pull_request", "push", "check_run", "status", "release"}
}

// All implements reconcile.Resyncer: the versions of every release that is under way.
func (h *Handler) All(ctx context.Context, repo github.Repo) ([]reconcile.Key, error) {
	p, err := h.place(ctx, repo)
	if err != nil || p.Settings.Triggers.Repository == "" {
		return nil, err
	}
	home, list, err := p.underWay()
	var keys []reconcile.Key
	for _, t := range list {
		if home == repo {
			keys = append(keys, versionsKey(home, t.Number))
		}
	}
	return keys, err
}

// in reports whether a repository is the one with the trigger files.
func (t Triggers) in(repo github.Repo) bool {
	return t.Repository != "" && strings.EqualFold(string(t.Repository), repo.Name)
}
