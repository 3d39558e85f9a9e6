package policy

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Snapshot is every fact that a decision rests on.
type Snapshot struct {
	Key     reconcile.Key
	Subject subject
	Policy  config.Loaded  // in force
	Default release.Branch // "" while it doesn't matter
	// Sighted is the branch that was last seen of the pull request; it can only
	// end the matter early.
	Sighted release.Branch
	PR      *github.PullRequest  // of a key that names one
	Open    []github.PullRequest // of a key that spreads
	Commit  string               // that is judged
	Touches bool                 // it changes the policy file
	File    github.File          // the policy file at the commit; not Found: it is deleted there
	// Proposed is the policy that the file makes, or that is in force without it.
	Proposed config.Proposal
	Teams    teams
	Change   change
}

// holds reports whether the repository has the file by which it is governed.
func (s Snapshot) holds() bool { return same(s.Policy.Repo, s.Key.Repo) }

// Observe implements reconcile.Handler. It reads no further than the facts at
// hand can still matter: where the policy stands elsewhere, a pull request costs
// no request.
func (h *Handler) Observe(ctx context.Context, k reconcile.Key) (Snapshot, error) {
	s := Snapshot{Key: k}
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
	if s.Policy, err = h.Policies.Policy(ctx, s.Key.Repo); err != nil {
		return err
	}
	switch sub := s.Subject; {
	case sub.branch != "":
		return h.observeBranch(ctx, s)
	case !s.holds() && sub.why != rerun:
		return nil
	}
	if s.Default, err = h.GitHub.DefaultBranch(ctx, s.Key.Repo); err != nil {
		return err
	}
	if s.Subject.number != 0 {
		return h.observePull(ctx, s)
	}
	s.Open, err = h.GitHub.OpenPullRequests(ctx, s.Key.Repo, s.Default)
	return err
}

func (h *Handler) observePull(ctx context.Context, s *Snapshot) error {
	repo := s.Key.Repo
	sighting, ok, err := h.Sightings.Sighting(ctx, repo, s.Subject.number)
	if err != nil {
		return err
	}
	if ok && s.Subject.why == changed && sighting.Base != s.Default {
		s.Sighted = sighting.Base
		return nil
	}
	pr, err := h.GitHub.PullRequest(ctx, repo, s.Subject.number)
	if err != nil {
		return err
	}
	s.PR, s.Commit = &pr, pr.Head
	if pr.State != github.Open || pr.Base != s.Default {
		return nil
	}
	files, err := h.GitHub.Files(ctx, repo, pr.Number, pr.Head)
	if err != nil {
		return err
	}
	s.Touches = slices.Contains(files.Paths, github.PolicyPath)
	if !s.Touches && files.Complete {
		return nil
	}
	if s.File, err = h.GitHub.FileAt(ctx, repo, pr.Head, github.PolicyPath); err != nil {
		return err
	}
	if !s.Touches { // of so many files GitHub doesn't show all
		merged, err := h.GitHub.FileAt(ctx, repo, string(s.Default), github.PolicyPath)
		if err != nil {
			return err
		}
		s.Touches = merged.Found != s.File.Found || merged.Text != s.File.Text
	}
	if !s.Touches || !s.File.Found && !s.holds() {
		return nil
	}
	return h.observeProposal(ctx, s)
}

// observeBranch is for the branch of a repository that has no policy file of its
// own yet; in any other its pull requests are looked at.
func (h *Handler) observeBranch(ctx context.Context, s *Snapshot) (err error) {
	if s.holds() || s.Policy.Policy != nil && s.Policy.Governs(s.Subject.branch) {
		return nil
	}
	if s.Commit, err = h.GitHub.BranchHead(ctx, s.Key.Repo, s.Subject.branch); err != nil || s.Commit == "" {
		return err
	}
	if s.File, err = h.GitHub.FileAt(ctx, s.Key.Repo, s.Commit, github.PolicyPath); err != nil || !s.File.Found {
		return err
	}
	s.Touches = true
	return h.observeProposal(ctx, s)
}

func (h *Handler) observeProposal(ctx context.Context, s *Snapshot) (err error) {
	if !s.File.Found {
		s.Proposed.Loaded, err = h.without(ctx, s.Key.Repo)
	} else {
		s.Proposed, err = h.Policies.Proposed(ctx, s.Key.Repo, s.File)
		if err == nil && s.Proposed.Fault != nil {
			return nil
		}
	}
	if err != nil {
		return err
	}
	repos, err := h.governedRepos(ctx, s)
	if err != nil {
		return err
	}
	if s.File.Found {
		if s.Teams, err = h.observeTeams(ctx, s, repos); err != nil {
			return err
		}
	}
	return h.observeChange(ctx, s, repos)
}

// without is the policy of a repository that has none of its own: its owner's,
// if there is one.
func (h *Handler) without(ctx context.Context, repo github.Repo) (config.Loaded, error) {
	owners := github.Repo{Owner: repo.Owner, Name: github.PolicyRepo}
	if same(owners, repo) {
		return config.Loaded{}, nil
	}
	loaded, err := h.Policies.Policy(ctx, owners)
	if errors.Is(err, reconcile.ErrGone) {
		return config.Loaded{}, nil // there is no such repository, or not for us
	}
	return loaded, err
}
