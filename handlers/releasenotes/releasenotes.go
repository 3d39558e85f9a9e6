package releasenotes

import (
	"context"
	"errors"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Name is the capability's name: its section of the policy and its keys.
const Name = "releasenotes"

// CheckName is the name of the check run.
const CheckName = "slipway/release-notes"

// AnnotationTitle is what an annotation of a finding is called.
const AnnotationTitle = "Release note"

// Handler is the capability.
type Handler struct {
	GitHub    GitHub
	Policies  Policies
	Sightings Sightings
	Roles     reconcile.Roles
	Merger    Merger
	// SourceBranch is the branch that cherry-picks come from, as the policy says
	// it; "" for the default branch.
	SourceBranch func(*config.Policy) (release.Branch, error)

	Sealer effect.Sealer
	Now    func() time.Time
}

// GitHub is what the capability reads of GitHub.
type GitHub interface {
	PullRequests
	Revisions
}

// Merger lays new notes onto edited ones.
type Merger interface {
	// Merge lays what changed from base to theirs onto ours; kept counts the places
	// where both changed the same lines, and ours stayed.
	Merge(ctx context.Context, base, ours, theirs string) (merged string, kept int, err error)
}

// Revisions is what the notes of a release are read from.
type Revisions interface {
	// Revision finds the commit that a ref leads to.
	Revision(ctx context.Context, repo github.Repo, ref string) (r github.Revision, found bool, err error)
	// Tags lists the tags whose names begin so.
	Tags(ctx context.Context, repo github.Repo, prefix string) ([]string, error)
	// FilesBelow lists the files in and below a folder of a tree.
	FilesBelow(ctx context.Context, repo github.Repo, tree, dir string) ([]github.Blob, error)
	// FilesAt lists what stands at paths at a ref.
	FilesAt(ctx context.Context, repo github.Repo, ref string, paths []string) ([]github.Blob, error)
	BlobText(ctx context.Context, repo github.Repo, id string) (string, error)
	FileAt(ctx context.Context, repo github.Repo, ref, path string) (github.File, error)
	// MergeBase returns where a commit meets a branch, "" if nobody can tell.
	MergeBase(ctx context.Context, repo github.Repo, base release.Branch, head string) (string, error)
	// BranchHead returns the commit that a branch is at, "" if it isn't there.
	BranchHead(ctx context.Context, repo github.Repo, branch release.Branch) (commit string, err error)
	DefaultBranch(ctx context.Context, repo github.Repo) (release.Branch, error)
	RepoID(ctx context.Context, repo github.Repo) (int64, error)
	BotID(ctx context.Context, repo github.Repo) (int64, error)
}

// PullRequests is what the check reads of pull requests.
type PullRequests interface {
	// MergedPullRequests lists those that were merged into a branch since an instant.
	MergedPullRequests(ctx context.Context, repo github.Repo, base release.Branch, since time.Time) ([]github.PullRequest, error)
	// PullsFrom lists those from a branch of the repository itself, the newest first.
	PullsFrom(ctx context.Context, repo github.Repo, head release.Branch) ([]github.PullDetail, error)
	PullRequest(ctx context.Context, repo github.Repo, number int) (github.PullRequest, error)
	// PullDetail reads one with its description.
	PullDetail(ctx context.Context, repo github.Repo, number int) (github.PullDetail, error)
	// PullSeen is the same, of one that is open: a read since its last event will do.
	PullSeen(ctx context.Context, repo github.Repo, number int) (github.PullDetail, error)
	// PullOf returns the pull request whose merge put a commit on a branch.
	PullOf(ctx context.Context, repo github.Repo, branch release.Branch, commit string) (one github.PullDetail, found bool, err error)
	// GroupMembers lists the pull requests in a group of a merge queue; complete is
	// false when some can't be told.
	GroupMembers(ctx context.Context, repo github.Repo, base, head string) (numbers []int, complete bool, err error)
	OpenPullRequests(ctx context.Context, repo github.Repo, base release.Branch) ([]github.PullRequest, error)
	// Changes lists the files that a pull request changes at a head.
	Changes(ctx context.Context, repo github.Repo, number int, head string) (github.Changes, error)
	// LabelledBy returns who set a label that is there, and when.
	LabelledBy(ctx context.Context, repo github.Repo, number int, label string) (l github.Labelling, found bool, err error)
	// Writes reports whether somebody may push to a repository.
	Writes(ctx context.Context, repo github.Repo, who github.User) (bool, error)
	Issue(ctx context.Context, repo github.Repo, number int) (github.Issue, error)
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
	return []string{"pull_request", "push", "check_run", "check_suite", "merge_group"}
}

// All implements reconcile.Resyncer: every open pull request of a governed
// branch, and the notes of releases that are proposed. Where the policy asks for
// no notes, it may have done so before: a change of a policy that several
// repositories share comes as a resync of each.
func (h *Handler) All(ctx context.Context, repo github.Repo) ([]reconcile.Key, error) {
	s := Snapshot{Key: key(repo, everything)}
	if err := h.observePolicy(ctx, &s); err != nil || !s.Policy.Exists() {
		return nil, err
	}
	open, err := h.GitHub.OpenPullRequests(ctx, repo, "")
	if !s.on() {
		return s.pullKeys(off, open), err
	}
	keys := s.pullKeys(changed, open)
	to, noTarget := s.target()
	if err != nil || noTarget != nil || !s.Settings.Release.Refresh {
		return keys, err
	}
	if to != repo {
		if open, err = h.GitHub.OpenPullRequests(ctx, to, ""); errors.Is(err, reconcile.ErrGone) {
			return keys, nil // it isn't installed there, which the command says
		}
	}
	for _, pr := range open {
		if name := versionOfHead(repo, to, pr.HeadRef); name != "" && pr.Author.Bot {
			keys = append(keys, key(repo, kindNotes+"/"+name))
		}
	}
	return keys, err
}
