package releasenotes

import (
	"context"
	"time"

	"github.com/istio-ecosystem/slipway/config"
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
	Now       func() time.Time
}

// GitHub is what the check reads of GitHub.
type GitHub interface {
	PullRequest(ctx context.Context, repo github.Repo, number int) (github.PullRequest, error)
	// PullDetail reads one with its description.
	PullDetail(ctx context.Context, repo github.Repo, number int) (github.PullDetail, error)
	OpenPullRequests(ctx context.Context, repo github.Repo, base release.Branch) ([]github.PullRequest, error)
	// Changes lists the files that a pull request changes at a head.
	Changes(ctx context.Context, repo github.Repo, number int, head string) (github.Changes, error)
	FileAt(ctx context.Context, repo github.Repo, ref, path string) (github.File, error)
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

// All implements reconcile.Resyncer: every open pull request of a governed branch.
func (h *Handler) All(ctx context.Context, repo github.Repo) ([]reconcile.Key, error) {
	s := Snapshot{Key: key(repo, everything)}
	if err := h.observePolicy(ctx, &s); err != nil || !s.on() {
		return nil, err
	}
	open, err := h.GitHub.OpenPullRequests(ctx, repo, "")
	return s.pullKeys(changed, open), err
}
