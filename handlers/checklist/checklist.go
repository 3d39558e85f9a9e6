package checklist

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Name is the capability's name: its section of the policy and its keys.
const Name = "checklist"

// Handler is the capability.
type Handler struct {
	GitHub   GitHub
	Policies Policies
	Roles    reconcile.Roles
	Looks    Looks
	// Sightings is what was last seen of pull requests.
	Sightings Sightings
	Sealer    effect.Sealer
	// Follow names what to look at when the dates of the release on a branch have moved.
	Follow func(repo github.Repo, branch release.Branch) []reconcile.Key
	Now    func() time.Time
	// Checks are the names of the checks of ours that may hold a pull request back.
	Checks []string
}

// GitHub is what a tracking issue is made of.
type GitHub interface {
	Issues
	Evidence
	Memory
	// OpenPullRequests lists those against a branch, the most recently active first.
	OpenPullRequests(ctx context.Context, repo github.Repo, base release.Branch) ([]github.PullRequest, error)
	// PullRequestsOn lists the open ones against a branch, and those that were merged
	// into it since an instant.
	PullRequestsOn(ctx context.Context, repo github.Repo, base release.Branch, since time.Time) (open, merged []github.PullRequest, err error)
	// MergedForSteps lists, of those that were merged into any branch since an instant,
	// those that may name a step or take another back, with their texts.
	MergedForSteps(ctx context.Context, repo github.Repo, since time.Time) ([]github.PullRequest, error)
	// Labelled lists the issues and pull requests with a label, closed ones too if
	// they were changed since an instant.
	Labelled(ctx context.Context, repo github.Repo, label string, closedSince time.Time) ([]github.Labelled, error)
	// BranchHead is the commit that a branch is at; "" when there is none.
	BranchHead(ctx context.Context, repo github.Repo, branch release.Branch) (commit string, err error)
	DefaultBranch(ctx context.Context, repo github.Repo) (release.Branch, error)
	// PullDetail reads a pull request anew, with who merged it.
	PullDetail(ctx context.Context, repo github.Repo, number int) (github.PullDetail, error)
	// CommitOf reads a commit, and Committer is the App's own account as its commits
	// name it.
	CommitOf(ctx context.Context, repo github.Repo, id string) (github.Commit, error)
	Committer(ctx context.Context, repo github.Repo) (name, address string, err error)
	// BotID is the numeric id of the App's own account.
	BotID(ctx context.Context, repo github.Repo) (int64, error)
	// Member reports whether somebody is in a team.
	Member(ctx context.Context, repo github.Repo, team string, who github.User) (member, exists bool, err error)
}

// Issues is what is read of our own issues.
type Issues interface {
	OwnIssues(ctx context.Context, repo github.Repo, closedSince time.Time) ([]github.Issue, error)
	Issue(ctx context.Context, repo github.Repo, number int) (github.Issue, error)
	RepoID(ctx context.Context, repo github.Repo) (int64, error)
}

// Evidence is what probes look at.
type Evidence interface {
	// Tip is the commit that a branch is at, "" when there is none, as what is looked
	// at often is best read.
	Tip(ctx context.Context, repo github.Repo, branch release.Branch) (commit string, err error)
	// Tags lists the tags that begin like this.
	Tags(ctx context.Context, repo github.Repo, prefix string) ([]string, error)
	Label(ctx context.Context, repo github.Repo, name string) (found bool, err error)
	Labels(ctx context.Context, repo github.Repo) ([]string, error)
	Milestones(ctx context.Context, repo github.Repo) ([]github.Milestone, error)
	Releases(ctx context.Context, repo github.Repo) ([]github.Release, error)
	Team(ctx context.Context, org, slug string) (exists bool, err error)
	FileAt(ctx context.Context, repo github.Repo, ref, path string) (github.File, error)
	// FileAtCommit reads a file once. What isn't remembered is known only if it may be
	// read anew.
	FileAtCommit(ctx context.Context, repo github.Repo, commit, path string, anew bool) (f github.File, known bool, err error)
	// StatusChecks lists what others report on a commit, or on the head of a branch;
	// found is false where there is none.
	StatusChecks(ctx context.Context, repo github.Repo, ref string) (list []github.StatusCheck, found bool, err error)
}

// Sightings is what was last seen of pull requests, without a request.
type Sightings interface {
	// OpenSightings lists those that were open when last seen and have a head.
	OpenSightings(ctx context.Context, repo github.Repo, head string) ([]github.Sighting, error)
}

// Policies is where the policy comes from.
type Policies interface {
	Policy(ctx context.Context, repo github.Repo) (config.Loaded, error)
}

// Name implements reconcile.Keyed.
func (h *Handler) Name() string { return Name }

// Events implements reconcile.Keyed.
func (h *Handler) Events() []string {
	return []string{"issues", "pull_request", "pull_request_review", "push", "release"}
}

// All implements reconcile.Resyncer.
func (h *Handler) All(ctx context.Context, repo github.Repo) ([]reconcile.Key, error) {
	_, settings, err := h.policy(ctx, repo)
	if err != nil || !settings.homeIs(repo) {
		return nil, err
	}
	return []reconcile.Key{key(repo, theTrackers)}, nil
}

// After implements reconcile.Commander.
func (h *Handler) After(c command.Call) []reconcile.Key {
	if c.Name == startName {
		return []reconcile.Key{key(c.Repo, theTrackers)} // its number isn't known here
	}
	if c.Name == dateName || c.Name == closeName {
		return []reconcile.Key{movedKey(c.Repo, c.Number), trackerKey(c.Repo, c.Number)}
	}
	return []reconcile.Key{trackerKey(c.Repo, c.Number)}
}

// Witnessed implements reconcile.Witness: what a check of ours says is what a pull
// request waits for. GitHub tells of no check that was done before.
//
// A new check is about one pull request. One that is written anew is mostly one of
// many, as when a branch is frozen, which one key is enough for.
func (h *Handler) Witnessed(e effect.Effect, done reconcile.Receipt) []reconcile.Key {
	c, ok := e.(effect.CheckRun)
	switch {
	case !ok || c.Number == 0 || !slices.Contains(h.Checks, c.Name):
		return nil
	case done.Made:
		return []reconcile.Key{key(c.Repo, fmt.Sprintf("%s/%d", kindCheck, c.Number))}
	}
	return []reconcile.Key{key(c.Repo, nudge)}
}

// policy reads the policy and the section.
func (h *Handler) policy(ctx context.Context, repo github.Repo) (loaded config.Loaded, s Settings, err error) {
	if loaded, err = h.Policies.Policy(ctx, repo); err != nil || loaded.Policy == nil {
		return loaded, s, err
	}
	s, err = config.Section[Settings](loaded.Policy, Name)
	return loaded, s, err
}

// homeIs reports whether a repository is the one with the tracking issues.
func (s Settings) homeIs(repo github.Repo) bool {
	return s.Home != "" && strings.EqualFold(string(s.Home), repo.Name)
}

// homeOf is the repository with the tracking issues, of a repository's owner.
func (s Settings) homeOf(repo github.Repo) github.Repo {
	return github.Repo{Owner: repo.Owner, Name: string(s.Home)}
}

// closedFor is how long a tracking issue that was closed is looked at: somebody
// may have closed it too early.
const closedFor = 7 * 24 * time.Hour

// trackers lists the tracking issues of a repository, the newest first.
func (h *Handler) trackers(ctx context.Context, repo github.Repo) ([]Tracker, int64, error) {
	// A whole day's beginning, so that the list stays the same for that long.
	issues, err := h.GitHub.OwnIssues(ctx, repo, h.Now().Add(-closedFor).UTC().Truncate(24*time.Hour))
	if err != nil {
		return nil, 0, err
	}
	id, err := h.GitHub.RepoID(ctx, repo)
	if err != nil {
		return nil, 0, err
	}
	var all []Tracker
	for _, i := range issues {
		if t, ok := read(h.Sealer, id, i); ok {
			all = append(all, t)
		}
	}
	return all, id, nil
}
