package releasebranch

import (
	"context"
	"errors"
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
	Sighted  release.Branch       // last seen of the pull request, if nobody governs it
	PR       *github.PullRequest  // of a key that names one
	Open     []github.PullRequest // of a key that spreads
	Same     []facts              // about it and the governed ones with its head, or a group's members, by number
	Complete bool                 // false: a group may have members that can't be told
}

// Observe implements reconcile.Handler. It reads no further than the facts at
// hand can still matter, so that an ungoverned branch costs no request.
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
	if err = h.observePolicy(ctx, s); err != nil || !s.Policy.Exists() {
		return err
	}
	switch s.Subject.kind {
	case everything, kindCommit, kindBranch:
		s.Open, err = h.GitHub.OpenPullRequests(ctx, s.Key.Repo, s.Subject.branch)
		return err
	case kindGroup:
		return h.observeGroup(ctx, s)
	}
	return h.observePull(ctx, s)
}

func (h *Handler) observePolicy(ctx context.Context, s *Snapshot) (err error) {
	if s.Policy, err = h.Policies.Policy(ctx, s.Key.Repo); err != nil || s.Policy.Policy == nil {
		return err
	}
	s.Settings, err = config.Section[Settings](s.Policy.Policy, Name)
	return err
}

func (h *Handler) observePull(ctx context.Context, s *Snapshot) error {
	repo := s.Key.Repo
	sighting, ok, err := h.Sightings.Sighting(ctx, repo, s.Subject.number)
	if err != nil {
		return err
	}
	if ok && s.Subject.kind != moved && !s.Policy.Governs(sighting.Base) {
		s.Sighted = sighting.Base
		return nil
	}
	if ok && sighting.State != github.Open && s.Subject.kind != moved {
		s.PR = &sighting.PullRequest
	} else {
		pr, err := h.GitHub.PullRequest(ctx, repo, s.Subject.number)
		if err != nil {
			return err
		}
		s.PR = &pr
	}
	return h.observeSame(ctx, s)
}

// observeSame reads the facts about every open pull request of a governed branch
// that has the head. A check belongs to a commit, so all of them show the same
// one, and it has to be true of each.
func (h *Handler) observeSame(ctx context.Context, s *Snapshot) error {
	same, err := reconcile.SameHead(ctx, h.Sightings, s.Key.Repo, *s.PR, func(pr github.PullRequest) bool { return s.Policy.Governs(pr.Base) })
	if err != nil {
		return err
	}
	for _, pr := range same {
		f, err := h.observeFacts(ctx, s, pr.Number, pr.Base)
		if err != nil {
			return err
		}
		if f.PR.Head == s.PR.Head { // else its own event is on the way
			s.Same = append(s.Same, f)
		}
	}
	if len(s.Same) == 0 && s.PR.State == github.Open && s.Policy.Governs(s.PR.Base) {
		return errors.New("its head has just changed") // the next try reads it so
	}
	return nil
}

// observeGroup reads the facts about each pull request that a merge queue would
// merge.
func (h *Handler) observeGroup(ctx context.Context, s *Snapshot) (err error) {
	g, repo := s.Subject.group, s.Key.Repo
	if !s.Policy.Governs(g.Branch) || s.Policy.Policy == nil {
		return nil
	}
	s.Complete, err = reconcile.EachOfGroup(ctx, h.GitHub, repo, g, func(n int) error {
		f, err := h.observeFacts(ctx, s, n, g.Branch)
		if err == nil {
			s.Same = append(s.Same, f)
		}
		return err
	})
	return err
}
