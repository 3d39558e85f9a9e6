package checklist

import (
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
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
func (h *Handler) standings(t tracked, steps []string, who github.User) (all map[string]standing, err error) {
	all = map[string]standing{}
	if all[wholeOf], err = h.standing(t, Step{}, who); err != nil {
		return nil, err
	}
	for _, id := range steps {
		if step, known := t.template().step(id); known {
			if all[id], err = h.standing(t, step, who); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// standing looks up what somebody may do: release managers everything, a step's
// owners that step. It fails closed.
func (h *Handler) standing(t tracked, step Step, who github.User) (st standing, err error) {
	manages, err := facts.Manages.Of(t.look, facts.Role{Branch: t.branch(), Who: who})
	if err != nil {
		return st, err
	}
	st = standing{manages: manages.Holds, teams: manages.Teams}
	owners := step.Owners.Who(t.branch(), t.Settings.Scheme)
	if len(owners) == 0 || st.manages {
		return st, nil
	}
	st.teams = append(slices.Clone(st.teams), owners...)
	owns, err := facts.Manages.Of(t.look, facts.Role{Branch: t.branch(), Who: who, Instead: strings.Join(owners, " ")})
	st.owns = owns.Holds
	return st, err
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
