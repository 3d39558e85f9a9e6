package releasenotes

import (
	"context"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Name is the capability's name: its section of the policy and its keys.
const Name = "releasenotes"

// CheckName is the name of the check run.
const CheckName = "slipway/release-notes"

// AnnotationTitle is what an annotation of a finding is called.
const AnnotationTitle = "Release note"

// Handler is the capability: what the check reads beside facts, and the notes of
// releases.
type Handler struct {
	GitHub GitHub
	From   *facts.Sources
	Merger Merger
	Sealer effect.Sealer
	Now    func() time.Time
}

func (h *Handler) look(ctx context.Context, repo github.Repo) *facts.Look {
	return facts.NewLook(ctx, h.From, repo, h.Now())
}

// Gate is the check. The preview of a policy leaves it out: it reads the files of each
// pull request.
func (h *Handler) Gate() gate.Gate[known] {
	return gate.Gate[known]{
		Name: Name, Check: CheckName, Asked: asked, Read: h.read, Judge: judged, Proposals: true, Costly: true,
		Needs: []facts.Need{
			facts.Title, facts.Labels, facts.Detail, facts.Pusher, facts.FileChanges, h.notes(), facts.Labelled, facts.Permission,
			facts.Manages, facts.SourceBranch, facts.Bringer, facts.Issue, facts.Failed, facts.Pick, facts.Words, facts.StandsFor,
		},
		Texts: gate.Texts{Broken: brokenPolicy, Off: switchedOff},
	}
}

func asked(l *facts.Look) (bool, error) {
	s, err := facts.Section[Settings](l, Name)
	return s.Path != "", err
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
	// FirstParents lists the commits that one has and another lacks, by its first
	// parents and the newest first; complete is false when not all are shown.
	FirstParents(ctx context.Context, repo github.Repo, base, head string) (list []github.ComparedCommit, complete bool, err error)
	// CommitChanges lists the files that a commit changes.
	CommitChanges(ctx context.Context, repo github.Repo, commit string) (github.Changes, error)
	// MergeBase returns where a commit meets a branch, "" if nobody can tell.
	MergeBase(ctx context.Context, repo github.Repo, base release.Branch, head string) (string, error)
	// BranchHead returns the commit that a branch is at, "" if it isn't there.
	BranchHead(ctx context.Context, repo github.Repo, branch release.Branch) (commit string, err error)
	DefaultBranch(ctx context.Context, repo github.Repo) (release.Branch, error)
	RepoID(ctx context.Context, repo github.Repo) (int64, error)
	BotID(ctx context.Context, repo github.Repo) (int64, error)
	// VisibilityNow is how few may see a repository at this moment.
	VisibilityNow(ctx context.Context, repo github.Repo) (github.Visibility, error)
}

// PullRequests is what they and their report are read from.
type PullRequests interface {
	// MergedPullRequests lists those that were merged into a branch since an instant.
	MergedPullRequests(ctx context.Context, repo github.Repo, base release.Branch, since time.Time) ([]github.PullRequest, error)
	// PullsFrom lists those from a branch of the repository itself, the newest first.
	PullsFrom(ctx context.Context, repo github.Repo, head release.Branch) ([]github.PullDetail, error)
	// MergedWith returns the pull request that was merged into a branch and has a commit.
	MergedWith(ctx context.Context, repo github.Repo, branch release.Branch, commit string) (one github.PullDetail, found bool, err error)
	OpenPullRequests(ctx context.Context, repo github.Repo, base release.Branch) ([]github.PullRequest, error)
	// Changes lists the files that a pull request changes at a head.
	Changes(ctx context.Context, repo github.Repo, number int, head string) (github.Changes, error)
}

// Name implements reconcile.Keyed.
func (h *Handler) Name() string { return Name }

// Events implements reconcile.Keyed.
func (h *Handler) Events() []string { return []string{"push"} }
