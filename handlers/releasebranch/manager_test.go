package releasebranch

import (
	"testing"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// TestManagerOfEveryPick: a phase may ask for a release manager's approval of each pull request, faithful picks
// too, by one manager or several; a manager named by a login or a permission counts with what they may do.
func TestManagerOfEveryPick(t *testing.T) {
	const title = "Waits for a release manager's approval"
	yes := func(by github.User) change { return reviewed(by, github.Approved, theHead) }
	carla := github.User{ID: 77, Login: "carla"}
	named := func(who string, may github.Permission) change {
		return func(f *known) {
			f.Managers = append(f.Managers, who)
			f.Teams[who], f.Writers[carla.ID] = github.Team{Exists: true}, may
		}
	}
	for _, tc := range []struct {
		name, rules string
		changes     []change
		held        bool
	}{
		{"it isn't asked for", "", nil, false},
		{"nobody has approved", "open: [manager]", nil, true},
		{"a manager has", "open: [manager]", []change{yes(alice)}, false},
		{"an expert has", "open: [manager]", []change{yes(nan)}, true},
		{"in another phase", "frozen: [manager]", nil, false},
		{"one of two has", "approvals: 2, open: [manager]", []change{yes(alice)}, true},
		{"two have, one named by a permission", "approvals: 2, open: [manager]", []change{yes(alice), named(">=maintain", github.Maintain), yes(carla)}, false},
		{"the other has less than that", "approvals: 2, open: [manager]", []change{yes(alice), named(">=maintain", github.Write), yes(carla)}, true},
		{"named by a login", "open: [manager]", []change{named("@Carla", github.Write), yes(carla)}, false},
		{"named by a login without the right to push", "open: [manager]", []change{named("@Carla", github.Triage), yes(carla)}, true},
	} {
		v := judge(factsOf(t, "  rules: {"+tc.rules+"}\n", tc.changes...))
		if held := v.State == effect.Block; held != tc.held || held && v.Title != title {
			t.Errorf("%s: %s (%s)", tc.name, v.State, v.Title)
		}
	}
}
