package handlers

import (
	"context"
	"fmt"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Teams answers who is in which team.
type Teams interface {
	Member(ctx context.Context, repo github.Repo, team string, who github.User) (member, exists bool, err error)
}

// Roles looks roles up: the policy says which teams hold one, GitHub says who
// is in them.
type Roles struct {
	Policies *config.Policies
	Teams    Teams
}

// Manages implements reconcile.Roles. It fails closed: a team that GitHub doesn't
// show has no members, and an error is no.
func (r Roles) Manages(ctx context.Context, repo github.Repo, branch release.Branch, who github.User) (reconcile.Standing, error) {
	var s reconcile.Standing
	loaded, err := r.Policies.Policy(ctx, repo)
	if err != nil {
		return s, fmt.Errorf("roles of %s: %w", repo, err)
	}
	switch {
	case loaded.Policy == nil && loaded.Fault != nil:
		s.Unclear = "The policy has faults"
	case loaded.Policy == nil:
		s.Unclear = "This repository has no policy that would name release managers"
	}
	s.Teams = loaded.ManagerTeams(branch)
	for _, team := range s.Teams {
		member, exists, err := r.Teams.Member(ctx, repo, team, who)
		if err != nil {
			return reconcile.Standing{}, fmt.Errorf("roles of %s: %w", repo, err)
		}
		if !exists {
			s.Missing = append(s.Missing, team)
		}
		if member && exists {
			s.Holds = true
			return s, nil
		}
	}
	return s, nil
}
