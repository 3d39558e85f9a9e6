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
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Name is the capability's name: its section of the policy and its keys.
const Name = "checklist"

// Handler is the capability.
type Handler struct {
	GitHub GitHub
	From   *facts.Sources
	Looks  Looks
	Sealer effect.Sealer
	// Followers are the keys of a repository, without it, that are worked when the dates
	// of its releases have moved, beside its pull requests.
	Followers []reconcile.Key
	// Blocked is the key of the home, without it, that is worked when a release manager has said
	// something of a blocker.
	Blocked reconcile.Key
	Now     func() time.Time
	// Checks are the names of the checks of ours that may hold a pull request back.
	Checks []string
}

// GitHub is what a tracking issue is made of, beside the facts.
type GitHub interface {
	Evidence
	// PullRequestsOn lists the open ones against a branch, and those that were merged
	// into it since an instant.
	PullRequestsOn(ctx context.Context, repo github.Repo, base release.Branch, since time.Time) (open, merged []github.PullRequest, err error)
	// MergedForSteps lists, of those that were merged into any branch since an instant,
	// those that may name a step or take another back, with their texts.
	MergedForSteps(ctx context.Context, repo github.Repo, since time.Time) ([]github.PullRequest, error)
	// MovesTo is how a branch that was at a commit had been moved since an instant.
	MovesTo(ctx context.Context, repo github.Repo, branch release.Branch, since time.Time, tip string) (github.BranchMoves, error)
	// Labelled lists the issues and pull requests with a label, closed ones too if
	// they were changed since an instant.
	Labelled(ctx context.Context, repo github.Repo, label string, closedSince time.Time) ([]github.Labelled, error)
	// Fixes lists the pull requests that say of issues that they close them, by the issue.
	Fixes(ctx context.Context, repo github.Repo, issues []github.Edition) (map[int]github.Fixes, error)
	// Turns lists the labels and milestones that an issue got and lost, the oldest first.
	Turns(ctx context.Context, repo github.Repo, number int) ([]github.IssueTurn, error)
	// Holds reports whether a branch holds a commit.
	Holds(ctx context.Context, repo github.Repo, branch release.Branch, commit string) (bool, error)
	// FreshPullDetail reads a pull request anew, with who merged it.
	FreshPullDetail(ctx context.Context, repo github.Repo, number int) (github.PullDetail, error)
	// TextAtRevision is the text of an issue of ours that people write in, as it was with
	// a revision of its record; not found where nobody knows it any more.
	TextAtRevision(ctx context.Context, repo github.Repo, number, rev int) (text string, found bool, err error)
	// Committer is the App's own account as its commits name it, and BotID its number.
	Committer(ctx context.Context, repo github.Repo) (name, address string, err error)
	BotID(ctx context.Context, repo github.Repo) (int64, error)
	// Member reports whether somebody is in a team.
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
}

func (h *Handler) look(ctx context.Context, repo github.Repo) *facts.Look {
	return facts.NewLook(ctx, h.From, repo, h.Now())
}

// Name implements reconcile.Keyed.
func (h *Handler) Name() string { return Name }

// Events implements reconcile.Keyed.
func (h *Handler) Events() []string {
	return []string{"issues", "pull_request", "pull_request_review", "push", "release"}
}

// All implements reconcile.Resyncer.
func (h *Handler) All(ctx context.Context, repo github.Repo) ([]reconcile.Key, error) {
	s, err := settingsOf(h.look(ctx, repo))
	if err != nil || !s.homeIs(repo) {
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
	keys := []reconcile.Key{trackerKey(c.Repo, c.Number)}
	if c.Name == unblockName || c.Name == blockName {
		blocked := h.Blocked
		blocked.Repo = c.Repo
		keys = append(keys, blocked)
	}
	return keys
}

// Applied implements reconcile.AppliedObserver: what a check of ours says is what a pull
// request waits for. GitHub tells of no check that was done before.
//
// A new check is about one pull request. One that is written anew is mostly one of
// many, as when a branch is frozen, which one key is enough for.
func (h *Handler) Applied(e effect.Effect, done reconcile.Receipt) []reconcile.Key {
	c, ok := e.(effect.CheckRun)
	switch {
	case !ok || c.Number == 0 || !slices.Contains(h.Checks, c.Name):
		return nil
	case done.Made:
		return []reconcile.Key{key(c.Repo, fmt.Sprintf("%s/%d", kindCheck, c.Number))}
	}
	return []reconcile.Key{key(c.Repo, nudge)}
}

// settingsOf is the policy's section for the repository that a look is at. A home that
// was renamed since the policy was written is followed: the issues there went with it.
func settingsOf(l *facts.Look) (Settings, error) {
	s, err := facts.Section[Settings](l, Name)
	if err != nil || s.Home == "" || s.homeIs(l.Repo) {
		return s, err
	}
	now, err := facts.Called.Of(l, s.homeOf(l.Repo))
	s.Home = config.RepoName(now.Name)
	return s, err
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

// trackers lists the tracking issues of the repository that a look is at, the newest
// first, with the repository's id.
func (h *Handler) trackers(l *facts.Look) (all []Tracker, id int64, err error) {
	s, err := facts.Section[Settings](l, Name)
	if err != nil {
		return nil, 0, err
	}
	ours, err := facts.OurIssues.Of(l, l.Now.Add(-closedFor))
	for _, i := range ours.List {
		if t, ok := read(h.Sealer, s.Scheme, ours.RepoID, i); ok {
			all = append(all, t)
		}
	}
	return all, ours.RepoID, err
}
