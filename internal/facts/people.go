package facts

import (
	"context"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// People is what is read of who may do what.
type People interface {
	// TeamMembers reads a team of the organisation that owns the repository.
	TeamMembers(ctx context.Context, repo github.Repo, slug string) (github.Team, error)
	CodeOwners(ctx context.Context, repo github.Repo, branch release.Branch) (github.File, error)
	// UnknownOwners lists whom that file names and GitHub takes for no owner: gone, or without
	// the right to push.
	UnknownOwners(ctx context.Context, repo github.Repo, branch release.Branch) ([]string, error)
	// Permission is what somebody may do in the repository.
	Permission(ctx context.Context, repo github.Repo, who github.User) (github.Permission, error)
}

// Team is a team of the organisation, by its slug. The events about teams name no
// repository; the resync notices.
var Team = Fact[string, github.Team]{
	Name: "team", Fresh: EachLook, Unknown: Hold,
	What: func(slug string) string { return "The members of " + effect.Code(slug) + " couldn't be read" },
	Read: func(l *Look, slug string) (github.Team, error) {
		return l.from.GitHub.TeamMembers(l.ctx, l.Repo, slug)
	},
}

// Permission is what somebody may do in the repository. As with a team, the resync notices.
var Permission = Fact[github.User, github.Permission]{
	Name: "permission", Fresh: EachLook, Unknown: Hold,
	What: func(who github.User) string {
		return "What " + effect.Code(who.Login) + " may do here couldn't be found out"
	},
	Read: func(l *Look, who github.User) (github.Permission, error) {
		return l.from.GitHub.Permission(l.ctx, l.Repo, who)
	},
}

// CodeOwners is the CODEOWNERS file of a branch. A push of which GitHub doesn't tell all
// files may change it.
var CodeOwners = Fact[release.Branch, github.File]{
	Name: "codeowners", Fresh: github.CodeOwnersMemo, Unknown: Hold,
	What: func(release.Branch) string { return "The code owners couldn't be read" },
	Stale: []On{{Kind: "push", Touches: func(e github.Event) []Touch {
		if e.Push == nil || e.Push.Branch == "" || !e.Push.TouchesCodeOwners() {
			return nil
		}
		return []Touch{{Branch: e.Push.Branch}}
	}}},
	Forget: func(e github.Event, t Touch) string { return github.CodeOwnersCacheKey(e.Repo, t.Branch) },
	Read: func(l *Look, b release.Branch) (github.File, error) {
		return l.from.GitHub.CodeOwners(l.ctx, l.Repo, b)
	},
}

// UnknownOwners are those in the CODEOWNERS file of a branch whom GitHub takes for no owner,
// as "@octo-org/experts". No event tells of rights; the resync notices.
var UnknownOwners = Fact[release.Branch, []string]{
	Name: "unknown owners", Fresh: github.UnknownOwnersMemo, Unknown: Hold, From: []Need{CodeOwners},
	What: func(release.Branch) string { return "Which of the code owners may push couldn't be found out" },
	Read: func(l *Look, b release.Branch) ([]string, error) {
		return l.from.GitHub.UnknownOwners(l.ctx, l.Repo, b)
	},
}
