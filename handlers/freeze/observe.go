package freeze

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Snapshot is every fact that a decision rests on.
type Snapshot struct {
	Key    reconcile.Key
	Now    time.Time
	Policy config.Loaded
	// Sighted is the branch that the last payload named; it can only end the
	// matter early, for a branch that nobody governs.
	Sighted release.Branch
	PR      *github.PullRequest  // for pr/N
	Freezes []Freeze             // in force, for pr/N
	Open    []github.PullRequest // for branch/NAME and branches
}

// Observe implements reconcile.Handler. It reads no further than the facts at
// hand can still matter, so that an ungoverned branch costs no request.
func (h *Handler) Observe(ctx context.Context, k reconcile.Key) (Snapshot, error) {
	s := Snapshot{Key: k, Now: h.Now()}
	var err error
	if s.Policy, err = h.Policies.Policy(ctx, k.Repo); err != nil {
		return s, fmt.Errorf("observe %s: %w", k, err)
	}
	if s.Policy.Policy == nil && s.Policy.Fault == nil {
		return s, nil
	}
	switch {
	case strings.HasPrefix(k.ID, pullPrefix):
		err = h.observePull(ctx, &s)
	case strings.HasPrefix(k.ID, branchPrefix):
		branch := release.Branch(strings.TrimPrefix(k.ID, branchPrefix))
		s.Open, err = h.GitHub.OpenPullRequests(ctx, k.Repo, branch)
	case k.ID == allBranches:
		s.Open, err = h.GitHub.OpenPullRequests(ctx, k.Repo, "")
	default:
		err = fmt.Errorf("%q is not pr/N, branch/NAME or branches: %w", k.ID, reconcile.ErrGone)
	}
	if err != nil {
		return s, fmt.Errorf("observe %s: %w", k, err)
	}
	return s, nil
}

func (h *Handler) observePull(ctx context.Context, s *Snapshot) error {
	repo := s.Key.Repo
	number, err := strconv.Atoi(strings.TrimPrefix(s.Key.ID, pullPrefix))
	if err != nil {
		return fmt.Errorf("%q is not a number: %w", s.Key.ID, reconcile.ErrGone)
	}
	sighting, ok, err := h.Sightings.Sighting(ctx, repo, number)
	if err != nil {
		return err
	}
	if ok && !s.Policy.Governs(sighting.Base) {
		s.Sighted = sighting.Base
		return nil
	}
	pr, err := h.GitHub.PullRequest(ctx, repo, number)
	if err != nil {
		return err
	}
	s.PR = &pr
	if pr.State != github.Open || !s.Policy.Governs(pr.Base) || s.Policy.Fault != nil {
		return nil
	}
	settings, err := config.Section[Settings](s.Policy.Policy, Name)
	if err != nil {
		return err
	}
	issues, err := h.GitHub.OwnIssues(ctx, repo, settings.label(), "open", time.Time{})
	if err != nil {
		return err
	}
	s.Freezes = readAll(h.Sealer, pr.RepoID, issues)
	return nil
}
