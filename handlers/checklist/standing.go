package checklist

import (
	"slices"

	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// wholeOf is the name of the standing that holds for no step in particular.
const wholeOf = ""

// standing is what somebody may edit.
type standing struct {
	manages bool
	owns    bool // the step
	teams   []string
}

// standings looks up what somebody may do with the whole, and with each of some
// steps: by the steps' names.
func (h *Handler) standings(t tracked, steps []string, who github.User) (map[string]standing, error) {
	whole, err := h.standing(t, Step{}, who)
	if err != nil {
		return nil, err
	}
	all, byTeam := map[string]standing{wholeOf: whole}, map[string]standing{}
	for _, id := range steps {
		step, known := t.template().step(id)
		if !known {
			continue
		}
		team := ownersOf(step, t.branch())
		st, asked := byTeam[team]
		if !asked {
			if st, err = h.owning(t, whole, step, who); err != nil {
				return nil, err
			}
			byTeam[team] = st
		}
		all[id] = st
	}
	return all, nil
}

// standing looks up what somebody may do: release managers everything, a step's
// owners that step. It fails closed.
func (h *Handler) standing(t tracked, step Step, who github.User) (standing, error) {
	manages, err := facts.Manages.Of(t.look, facts.Role{Branch: t.branch(), Who: who})
	if err != nil {
		return standing{}, err
	}
	return h.owning(t, standing{manages: manages.Holds, teams: manages.Teams}, step, who)
}

// owning adds to a standing whether somebody owns a step.
func (h *Handler) owning(t tracked, st standing, step Step, who github.User) (standing, error) {
	team := ownersOf(step, t.branch())
	if team == "" || st.manages {
		return st, nil
	}
	st.teams = append(slices.Clone(st.teams), team)
	member, exists, err := h.GitHub.Member(t.look.Context(), t.Repo, team, who)
	if err != nil {
		return standing{}, err
	}
	st.owns = member && exists
	return st, nil
}

// ownersOf is the team that owns a step, "" for none.
func ownersOf(step Step, branch release.Branch) string {
	slug, _ := step.Owners.For(branch)
	return slug
}

// step finds a step by its name.
func (t Template) step(id string) (Step, bool) {
	for _, s := range t.Steps {
		if s.ID == id {
			return s, true
		}
	}
	return Step{}, false
}
