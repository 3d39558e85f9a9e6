package handlers

import (
	"context"
	"errors"
	"fmt"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/handlers/cherrypick"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Teams answers who is in which team.
type Teams interface {
	Member(ctx context.Context, repo github.Repo, team string, who github.User) (member, exists bool, err error)
	// Missing reports whether there was no such team a short while ago.
	Missing(ctx context.Context, repo github.Repo, team string) (bool, error)
}

// Roles looks roles up: the policy says which teams hold one, GitHub says who
// is in them.
type Roles struct {
	Policies *config.Policies
	Teams    Teams
	Writers  Writers
	Patient  bool // a team that was missing a short while ago isn't looked for: nobody waits for the answer
}

// Writers answers what somebody may do in a repository.
type Writers interface {
	Permission(ctx context.Context, repo github.Repo, who github.User) (github.Permission, error)
}

// Manages implements reconcile.Roles. It fails closed: a team that GitHub doesn't
// show has no members, and an error is no.
func (r Roles) Manages(ctx context.Context, repo github.Repo, branch release.Branch, who github.User) (reconcile.RoleDecision, error) {
	var s reconcile.RoleDecision
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
	return r.inTeams(ctx, repo, who, s)
}

// inTeams looks somebody up among those whom a standing names: teams, accounts, and who has a permission.
func (r Roles) inTeams(ctx context.Context, repo github.Repo, who github.User, s reconcile.RoleDecision) (reconcile.RoleDecision, error) {
	for _, team := range s.Teams {
		member, exists, err := r.is(ctx, repo, team, who)
		var refused *reconcile.RefusedError
		if errors.As(err, &refused) {
			s.Unclear, s.Refused = "GitHub doesn't let Slipway look who is in "+team, refused
			if !github.IsTeam(team) {
				s.Unclear = "GitHub doesn't let Slipway look what " + who.Login + " may do in " + repo.Name
			}
			continue
		}
		if err != nil {
			return reconcile.RoleDecision{}, fmt.Errorf("roles of %s: %w", repo, err)
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

// is reports whether somebody is one of those whom the policy names by a text (github.ReadWho).
func (r Roles) is(ctx context.Context, repo github.Repo, named string, who github.User) (is, exists bool, err error) {
	switch {
	case github.IsTeam(named):
		return r.member(ctx, repo, named, who)
	case !github.MayBe(named, who):
		return false, true, nil
	}
	has, err := r.Writers.Permission(ctx, repo, who)
	return github.Is(named, who, has), true, err
}

func (r Roles) member(ctx context.Context, repo github.Repo, team string, who github.User) (member, exists bool, err error) {
	if r.Patient {
		if missing, err := r.Teams.Missing(ctx, repo, team); err != nil || missing {
			return false, false, err
		}
	}
	return r.Teams.Member(ctx, repo, team, who)
}

// Contributes implements reconcile.Contributors: who may push, if the policy says
// so, and the members of the teams that it names. It fails closed like Manages.
func (r Roles) Contributes(ctx context.Context, repo github.Repo, branch release.Branch, who github.User) (reconcile.RoleDecision, error) {
	var s reconcile.RoleDecision
	loaded, err := r.Policies.Policy(ctx, repo)
	if err != nil {
		return s, fmt.Errorf("roles of %s: %w", repo, err)
	}
	switch {
	case loaded.Policy == nil && loaded.Fault != nil:
		s.Unclear = "The policy has faults"
		return s, nil
	case loaded.Policy == nil:
		s.Unclear = "This repository has no policy that would say who may"
		return s, nil
	}
	settings, err := config.Section[cherrypick.Settings](loaded.Policy, cherrypick.Name)
	if err != nil {
		return s, err
	}
	s.Teams = settings.Requesters.Who(branch, settings.Scheme)
	if s.Writers = settings.Requesters.Writers; s.Writers && who.ID != 0 {
		has, err := r.Writers.Permission(ctx, repo, who)
		if s.Holds = err == nil && has >= github.Write; err != nil || s.Holds {
			return s, err
		}
	}
	return r.inTeams(ctx, repo, who, s)
}
