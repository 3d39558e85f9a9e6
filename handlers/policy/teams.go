package policy

import (
	"context"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// A proposal may come from anybody, so what is read for it is bounded.
const (
	maxPatterns = 10 // of branches that are listed
	maxBranches = 5  // for which a team with placeholders is looked up
	maxTeams    = 25 // that are looked up
)

// teams is what GitHub says of the teams that a policy names.
type teams struct {
	Entries []teamEntry
	Left    int  // entries that were not looked up, for being so many
	Untold  bool // new ones were not looked up, for who proposes them
}

// teamEntry is one entry of release_managers: Index of the policy's list.
type teamEntry struct {
	Index   int
	Written string
	Asked   []askedTeam // none: no governed branch has numbers for it
}

// askedTeam is one team that an entry stands for.
type askedTeam struct {
	Slug   string
	Branch release.Branch // whose numbers are in the slug; "" when it has none
	Exists bool
}

// gone reports whether an entry stands for no team at all. Of a team for each
// branch it is enough that one of the newest branches has it: teams of old
// branches are dissolved, those of new ones founded later.
func (e teamEntry) gone() bool {
	return len(e.Asked) > 0 && !slices.ContainsFunc(e.Asked, func(a askedTeam) bool { return a.Exists })
}

// lacking are the teams of branches newer than the newest that has one.
func (e teamEntry) lacking() []askedTeam {
	if e.gone() {
		return nil
	}
	for i, a := range e.Asked {
		if a.Exists {
			return e.Asked[:i]
		}
	}
	return nil
}

func (h *Handler) observeTeams(ctx context.Context, s *proposal, repos governed) (t teams, err error) {
	managers := s.Proposed.Policy.ReleaseManagers
	if len(managers) == 0 {
		return t, nil
	}
	branches, err := h.newestBranches(ctx, s.Proposed.Policy, repos)
	if err != nil {
		return t, err
	}
	trusted, err := h.mayAsk(ctx, s, branches)
	if err != nil {
		return t, err
	}
	asked := 0
	for i, written := range managers {
		if !trusted && !s.inForce(written) {
			t.Untold = true
			continue
		}
		entry := teamEntry{Index: i, Written: written, Asked: expand(written, branches, s.Proposed.Policy.Scheme())}
		if asked += len(entry.Asked); asked > maxTeams {
			t.Left = len(managers) - i
			break
		}
		for j, a := range entry.Asked {
			if entry.Asked[j].Exists, err = h.there(ctx, s, repos, a.Slug); err != nil {
				return t, err
			}
		}
		t.Entries = append(t.Entries, entry)
	}
	return t, nil
}

// there reports whether whom an entry names is there: a team, or an account that may push, without which it
// doesn't count. In which repositories of an owner it may, the owner's policy leaves open.
func (h *Handler) there(ctx context.Context, s *proposal, repos governed, named string) (bool, error) {
	_, login, _ := github.ReadWho(named)
	if login == "" {
		return h.GitHub.Team(ctx, s.Repo.Owner, named)
	}
	has, exists, err := h.GitHub.NamedPermission(ctx, s.Repo, login)
	return exists && (repos.Owner || has >= github.Write), err
}

// inForce reports whether the policy in force names the same team.
func (s proposal) inForce(team string) bool {
	return s.Policy.Policy != nil && slices.Contains(s.Policy.Policy.ReleaseManagers, team)
}

// mayAsk reports whether a proposal may ask for teams that the policy in force
// doesn't name. The check is often public, and which teams an organisation has
// is not; so its author has to be somebody who can push here or who manages a
// release.
func (h *Handler) mayAsk(ctx context.Context, s *proposal, branches []release.Branch) (bool, error) {
	if s.PR == nil || same(s.PR.HeadRepo, s.Repo) {
		return true, nil
	}
	for _, b := range branches {
		if s.Policy.Policy == nil || !s.Policy.Governs(b) {
			continue
		}
		standing, err := h.Roles.Manages(ctx, s.Repo, b, s.PR.Author)
		if err != nil || standing.Holds {
			return standing.Holds, err
		}
	}
	return false, nil
}

// expand lists the teams that an entry stands for, one for each branch if it has
// placeholders.
func expand(written string, branches []release.Branch, scheme release.Scheme) []askedTeam {
	if _, _, least := github.ReadWho(written); least != github.NoPermission {
		return nil
	}
	if !strings.Contains(written, "{") {
		return []askedTeam{{Slug: written}}
	}
	var list []askedTeam
	for _, b := range branches {
		slug, ok := config.TeamSlug(written).For(b, scheme)
		if ok && !slices.ContainsFunc(list, func(a askedTeam) bool { return a.Slug == slug }) {
			list = append(list, askedTeam{Slug: slug, Branch: b})
		}
	}
	return list
}

// newestBranches lists branches that the patterns govern, the highest numbers first.
func (h *Handler) newestBranches(ctx context.Context, p *config.Policy, repos governed) ([]release.Branch, error) {
	var all []release.Branch
	for _, repo := range repos.some() {
		for _, pattern := range p.Branches[:min(len(p.Branches), maxPatterns)] {
			list, err := h.GitHub.Branches(ctx, repo, pattern)
			if err != nil {
				return nil, err
			}
			all = append(all, list...)
		}
	}
	slices.SortFunc(all, func(a, b release.Branch) int { return p.Scheme().CompareBranches(b, a) })
	all = slices.Compact(all)
	return all[:min(len(all), maxBranches)], nil
}

// governed are the repositories that a policy file is about.
type governed struct {
	Repos []github.Repo // the policy's own, or those that an owner's policy governs
	Owner bool          // it is an owner's policy
	Left  int           // that were not looked at, for being so many
}

// some are enough of them to know the branches by.
func (g governed) some() []github.Repo { return g.Repos[:min(len(g.Repos), 3)] }
