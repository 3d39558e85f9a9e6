package cherrypick

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
	Key      reconcile.Key
	Subject  subject
	Now      time.Time
	Policy   config.Loaded
	Settings Settings
	PR       *github.PullRequest  // of a key that names one: the source
	Open     []github.PullRequest // of a key that spreads
	Pick     pickFacts
}

// Observe implements reconcile.Handler. It reads no further than the facts at
// hand can still matter.
func (h *Handler) Observe(ctx context.Context, k reconcile.Key) (Snapshot, error) {
	s := Snapshot{Key: k, Now: h.Now()}
	err := h.observe(ctx, &s)
	if err != nil {
		err = fmt.Errorf("observe %s: %w", k, err)
	}
	return s, err
}

func (h *Handler) observe(ctx context.Context, s *Snapshot) (err error) {
	if s.Subject, err = parseID(s.Key.ID); err != nil {
		return err
	}
	if s.Policy, s.Settings, err = h.policy(ctx, s.Key.Repo); err != nil || !s.Policy.Exists() {
		return err
	}
	if s.Policy.Policy == nil {
		return nil
	}
	switch s.Subject.kind {
	case kindSource:
		return h.observeSource(ctx, s)
	case kindPick:
		return h.observePick(ctx, s)
	case kindTarget:
		b := release.Branch(s.Subject.name)
		if s.Settings.RebuildDrafts && s.Policy.Governs(b) {
			s.Open, err = h.GitHub.OpenPullRequests(ctx, s.Key.Repo, b)
		}
	}
	return err
}

// observeSource leaves early for a pull request that nobody asks anything of:
// most of them. What its last payload showed is enough to know.
func (h *Handler) observeSource(ctx context.Context, s *Snapshot) error {
	seen, ok, err := h.Sightings.Sighting(ctx, s.Key.Repo, s.Subject.number)
	if err != nil {
		return err
	}
	if ok && len(s.Settings.requested(seen.Labels)) == 0 {
		s.PR = &seen.PullRequest
		return nil
	}
	pr, err := h.GitHub.PullRequest(ctx, s.Key.Repo, s.Subject.number)
	s.PR = &pr
	return err
}
