package freeze

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file says who decides about a freeze: the release managers of the branch, or the owners
// that its window names in their place.

// owners are those who decide about the freeze of a branch in the place of the release
// managers. A team that is named by the branch's numbers is left out where it has none.
func (r Record) owners(b release.Branch, scheme release.Scheme) (teams []string) {
	for _, t := range r.Owners {
		if slug, ok := config.TeamSlug(t).For(b, scheme); ok && !slices.Contains(teams, slug) {
			teams = append(teams, slug)
		}
	}
	return teams
}

// decides reports whether somebody decides about the freeze of a branch.
func (r Record) decides(l *facts.Look, b release.Branch, who github.User) (bool, error) {
	role := facts.Role{Branch: b, Who: who}
	if len(r.Owners) > 0 {
		policy, err := facts.Policy.Of(l, facts.Whole{})
		if err != nil {
			return false, err
		}
		role.Instead = " " + strings.Join(r.owners(b, policy.Scheme()), " ") // never empty: then nobody decides
	}
	standing, err := facts.Manages.Of(l, role)
	return standing.Holds, err
}

// deciders names them, "" for nobody.
func deciders(f Freeze, p config.Loaded, b release.Branch) string {
	if len(f.Owners) == 0 && len(p.ManagerTeams(b)) > 0 {
		return managers(p, b)
	}
	if teams := f.owners(b, p.Scheme()); len(teams) > 0 {
		return effect.Members(teams)
	}
	return ""
}

// instead tells of a call about the freezes of a branch whether others than its release
// managers decide, and whether its author is one of those who do about any of them.
func (h *Handler) instead(ctx context.Context, c command.Call, b release.Branch) (teams []string, holds bool, err error) {
	l := h.look(ctx, c.Repo)
	s, err := h.state(l)
	if err != nil || s.Policy.Policy == nil {
		return nil, false, err
	}
	owned := false
	for _, f := range s.Freezes {
		if !f.concerns(b, s.Now) || c.Name == exemptName && !f.holds(b, s.Now) {
			continue
		}
		of := s.Policy.ManagerTeams(b)
		if len(f.Owners) > 0 && !f.Tampered {
			owned, of = true, f.owners(b, s.Policy.Scheme())
		}
		for _, t := range of {
			if !slices.Contains(teams, t) {
				teams = append(teams, t)
			}
		}
	}
	if !owned {
		return nil, false, nil
	}
	standing, err := facts.Manages.Of(l, facts.Role{Branch: b, Who: c.Author, Instead: " " + strings.Join(teams, " ")})
	return teams, standing.Holds, err
}

// othersDecide finds, of freezes of some branches, those about which somebody doesn't decide,
// by what asked for them. That of the release managers has been looked at before unless a
// freeze has owners.
func othersDecide(l *facts.Look, freezes []Freeze, branches []release.Branch, who github.User) (map[string]bool, error) {
	if !slices.ContainsFunc(freezes, func(f Freeze) bool { return len(f.Owners) > 0 }) {
		return nil, nil
	}
	not := map[string]bool{}
	for _, f := range freezes {
		for _, b := range branches {
			if !f.concerns(b, l.Now) {
				continue
			}
			decides, err := f.decides(l, b, who)
			if err != nil {
				return nil, err
			}
			not[f.Asked] = not[f.Asked] || !decides
		}
	}
	return not, nil
}

// decideElse says which freezes others decide about, and who.
func decideElse(freezes []Freeze, branches []release.Branch, p config.Loaded) string {
	var b strings.Builder
	for _, f := range freezes {
		var who []string
		for _, name := range branches {
			if one := deciders(f, p, name); one != "" && !slices.Contains(who, one) {
				who = append(who, one)
			}
		}
		fmt.Fprintf(&b, "\n- %s (%s) is decided about by %s", f.by(), freezeLine(f), strings.Join(append(who, "nobody")[:max(1, len(who))], ", and "))
	}
	return b.String() + "\n\n**Next step:** ask one of them to comment the same line."
}
