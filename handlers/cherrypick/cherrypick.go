package cherrypick

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Name is the capability's name: its section of the policy and its keys.
const Name = "cherrypick"

// Handler is the capability.
type Handler struct {
	GitHub    GitHub
	Policies  facts.Policies
	Snapshots facts.PullSnapshots
	From      *facts.Sources
	Roles     reconcile.Contributors
	Picker    Picker
	Sealer    effect.Sealer
	Now       func() time.Time
	// Asked lists the checks that the policy asks for on pull requests against a branch.
	Asked func(l *facts.Look, b release.Branch) ([]string, error)
}

// GitHub is what picks read of GitHub.
type GitHub interface {
	PullRequests
	Branches
	Commits
	Merging
	// BotID is the numeric id of the App's own account.
	BotID(ctx context.Context, repo github.Repo) (int64, error)
	// Committer is the App's own account as its commits name it.
	Committer(ctx context.Context, repo github.Repo) (name, address string, err error)
	// Section reads one part of a comment of ours, "" for none.
	Section(ctx context.Context, repo github.Repo, number int, comment, part effect.Mark) (string, error)
	OwnIssues(ctx context.Context, repo github.Repo, closedSince time.Time) ([]github.Issue, error)
	// CommentsSince lists the comments of a repository that were changed since an instant.
	CommentsSince(ctx context.Context, repo github.Repo, since time.Time) ([]github.Comment, error)
}

// PullRequests is what picks read of pull requests.
type PullRequests interface {
	CachedPull(ctx context.Context, repo github.Repo, number int) (github.PullRequest, error)
	FreshPullDetail(ctx context.Context, repo github.Repo, number int) (github.PullDetail, error)
	OpenPullRequests(ctx context.Context, repo github.Repo, base release.Branch) ([]github.PullRequest, error)
	// ClosedPullRequests lists those that were changed since an instant.
	ClosedPullRequests(ctx context.Context, repo github.Repo, since time.Time) ([]github.PullRequest, error)
	// Labelled lists the open issues and pull requests with a label, and those that were changed since an instant.
	Labelled(ctx context.Context, repo github.Repo, label string, closedSince time.Time) ([]github.Labelled, error)
	// PullsFrom lists those from a branch of the repository itself, the newest first.
	PullsFrom(ctx context.Context, repo github.Repo, head release.Branch) ([]github.PullDetail, error)
	// Labellings lists how labels were set and taken off.
	Labellings(ctx context.Context, repo github.Repo, number int) ([]github.Labelling, error)
	// Merged returns what a merge put on its base.
	Merged(ctx context.Context, repo github.Repo, pr github.PullDetail) (github.Landing, error)
	// Marked finds the files that add conflict markers.
	Marked(ctx context.Context, repo github.Repo, pr github.PullRequest) (github.Marked, error)
}

// Commits is what picks read where the source is a commit without a pull request.
type Commits interface {
	// FullID is the id of the commit of a repository's network whose id begins so, "" if there
	// is none, or more than one.
	FullID(ctx context.Context, repo github.Repo, begin string) (string, error)
	RepoID(ctx context.Context, repo github.Repo) (int64, error)
	// Branches lists the branches that match a policy's pattern.
	Branches(ctx context.Context, repo github.Repo, pattern string) ([]release.Branch, error)
	// MergedWith returns the pull request that was merged into a branch and has a commit.
	MergedWith(ctx context.Context, repo github.Repo, branch release.Branch, commit string) (pr github.PullDetail, found bool, err error)
	// Sections are the parts of a comment of ours.
	Sections(ctx context.Context, repo github.Repo, number int, comment effect.Mark) ([]string, error)
}

// Branches is what picks read of branches and commits.
type Branches interface {
	// BranchHead returns the commit that a branch is at, "" if it isn't there.
	BranchHead(ctx context.Context, repo github.Repo, branch release.Branch) (commit string, err error)
	// Throwaways lists the branches of picks whose throwaway refs are there.
	Throwaways(ctx context.Context, repo github.Repo) ([]release.Branch, error)
	CommitOf(ctx context.Context, repo github.Repo, id string) (github.Commit, error)
	// FileAtCommit reads a file once. What isn't remembered is known only if it may be read anew.
	FileAtCommit(ctx context.Context, repo github.Repo, commit, path string, anew bool) (f github.File, known bool, err error)
}

// Picker says what a change comes to, and writes nothing to GitHub.
type Picker interface {
	Pick(ctx context.Context, c effect.Change) (effect.Picked, error)
	// Foresee says what a change would come to on a commit of its target.
	Foresee(ctx context.Context, c effect.Change, onto string) (effect.Picked, error)
	PullRefused(ctx context.Context, repo github.Repo, head release.Branch) (string, error)
}

// Name implements reconcile.Keyed.
func (h *Handler) Name() string { return Name }

// Events implements reconcile.Keyed.
func (h *Handler) Events() []string {
	return []string{"pull_request", "issue_comment", "push"}
}

// lookBack is how long ago a closed pull request may have been changed for a
// resync to look at it.
const lookBack = 7 * 24 * time.Hour

// All implements reconcile.Resyncer: every pull request with a
// request, or that is a pick or may stand in for one, is looked at unless nobody has touched it for a week.
func (h *Handler) All(ctx context.Context, repo github.Repo) ([]reconcile.Key, error) {
	loaded, settings, err := h.policy(ctx, repo)
	if err != nil || loaded.Policy == nil {
		return nil, err
	}
	all, err := h.GitHub.OpenPullRequests(ctx, repo, "")
	if err != nil {
		return nil, err
	}
	var keys []reconcile.Key
	// A whole day's beginning, so that what counts stays the same for that long.
	since := h.Now().Add(-lookBack).Truncate(24 * time.Hour)
	closed, err := h.GitHub.ClosedPullRequests(ctx, repo, since)
	if err != nil {
		return nil, err
	}
	stood := 0
	for _, pr := range append(all, closed...) {
		for _, b := range settings.requested(loaded.Policy, pr.Labels) { // not by its key: what was last seen of it may lack a label
			keys = append(keys, pickKey(repo, pr.Number, b))
		}
		if s, ok := pickOf(repo, pr); ok {
			keys = append(keys, s.key(repo))
		}
		if stood < maxStood {
			in, err := h.stoodIn(ctx, repo, loaded.Policy, settings, pr, since)
			if err != nil {
				return nil, err
			}
			stood, keys = stood+len(in), append(keys, in...)
		}
	}
	left, err := h.throwaways(ctx, repo, settings)
	if err != nil {
		return nil, err
	}
	dry, err := h.dryRunsOf(ctx, repo)
	return slices.Concat(keys, left, dry), err
}

// policy reads the policy and the section.
func (h *Handler) policy(ctx context.Context, repo github.Repo) (loaded config.Loaded, s Settings, err error) {
	if loaded, err = h.Policies.Policy(ctx, repo); err != nil || loaded.Policy == nil {
		return loaded, s, err
	}
	s, err = config.Section[Settings](loaded.Policy, Name)
	return loaded, s, err
}

// After implements reconcile.Commander: each branch that was named, or the draft.
func (h *Handler) After(c command.Call) []reconcile.Key {
	if c.Name == acceptName || c.Name == acceptAlias {
		return []reconcile.Key{gate.PullKey(c.Repo, c.Number), key(c.Repo, numbered(kindSource, c.Number))}
	}
	if commitWord(c) != "" {
		return []reconcile.Key{key(c.Repo, numbered(kindAsked, c.Number))}
	}
	var keys []reconcile.Key
	for _, name := range branchWords(c) {
		if b, err := release.ParseBranch(name); err == nil {
			keys = append(keys, pickKey(c.Repo, c.Number, string(b)))
		}
		if versionAlone().MatchString(name) || strings.ToLower(name) != name { // the policy may know another branch by it
			keys = append(keys, key(c.Repo, named(kindWord, c.Number, name)))
		}
	}
	return keys
}

// pickOf reads from a pull request's branch which pick it is. Only a branch of
// the repository itself can be ours.
func pickOf(repo github.Repo, pr github.PullRequest) (s subject, ok bool) {
	if !strings.EqualFold(pr.HeadRepo.String(), repo.String()) {
		return s, false
	}
	return parseHead(string(pr.HeadRef))
}
