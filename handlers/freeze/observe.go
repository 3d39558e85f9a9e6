package freeze

import (
	"context"
	"fmt"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Snapshot is every fact that a decision rests on.
type Snapshot struct {
	Key     reconcile.Key
	Subject subject // what the key is about
	Now     time.Time
	Policy  config.Loaded
	// Sighted is the branch that the last payload named; it can only end the
	// matter early, for a branch that nobody governs.
	Sighted release.Branch
	PR      *github.PullRequest  // of a key that names one
	Freezes []Freeze             // in force, for the same
	Open    []github.PullRequest // of any other key
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
	switch s.Subject, err = parseID(k.ID); {
	case err != nil:
	case s.Subject.number != 0:
		err = h.observePull(ctx, &s)
	default:
		// For one commit the list is as long as for all: GitHub finds no pull
		// request of a fork by its commit.
		s.Open, err = h.GitHub.OpenPullRequests(ctx, k.Repo, s.Subject.branch)
	}
	if err != nil {
		return s, fmt.Errorf("observe %s: %w", k, err)
	}
	return s, nil
}

func (h *Handler) observePull(ctx context.Context, s *Snapshot) error {
	repo := s.Key.Repo
	sighting, ok, err := h.Sightings.Sighting(ctx, repo, s.Subject.number)
	if err != nil {
		return err
	}
	if ok && s.Subject.why != moved && !s.Policy.Governs(sighting.Base) {
		s.Sighted = sighting.Base
		return nil
	}
	pr, err := h.GitHub.PullRequest(ctx, repo, s.Subject.number)
	if err != nil {
		return err
	}
	s.PR = &pr
	if pr.State != github.Open || !s.Policy.Governs(pr.Base) || s.Policy.Fault != nil {
		return nil
	}
	issues, err := h.GitHub.OwnIssues(ctx, repo, time.Time{})
	if err != nil {
		return err
	}
	s.Freezes = readAll(h.Sealer, pr.RepoID, issues)
	return nil
}
