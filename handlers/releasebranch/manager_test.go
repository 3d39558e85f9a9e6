package releasebranch

import (
	"context"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/config"
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

func (h *house) Permission(_ context.Context, _ github.Repo, who github.User) (github.Permission, error) {
	return h.f.Writers[who.ID], h.fails("permission")
}

// TestManagerLifts: a manager's dismissal lifts an objection, here and on the source, who is named by a permission or
// a login and hasn't reviewed anything themselves; that of somebody who may do less doesn't.
func TestManagerLifts(t *testing.T) {
	carla := github.User{ID: 77, Login: "carla"}
	past := github.PullHistory{Dismissals: map[int64]github.Dismissal{sam.ID * 100: {By: carla, Was: github.ChangesRequested}}}
	bothExperts := func(f *known) {
		f.Past, f.Teams["wg-networking"] = past, github.Team{Exists: true, Members: []github.User{nan, sam}}
	}
	there := source(func(o *origin) { o.Reviews = append(o.Reviews, review(sam, github.Dismissed, sourceHead, 7)) })
	for name, tc := range map[string]struct {
		managers string
		objected change
		may      github.Permission
		held     bool
	}{
		"here, by a permission":      {"{permission: maintain}", reviewed(sam, github.Dismissed, theHead), github.Maintain, false},
		"here, by less":              {"{permission: maintain}", reviewed(sam, github.Dismissed, theHead), github.Write, true},
		"there, by a login":          {"{users: [carla]}", there, github.Write, false},
		"there, by a login, no more": {"{users: [carla]}", there, github.Read, true},
	} {
		h := houseOf(t, "", bothExperts, tc.objected, func(f *known) { f.Writers[carla.ID] = tc.may })
		p, err := config.ParsePolicy("policy", []byte(strings.Replace(basePolicy, `["release-managers"]`, tc.managers, 1)+baseSection), config.Declare[Settings](Name))
		if err != nil {
			t.Fatal(err)
		}
		h.f.Policy.Policy = p
		if _, run, err := h.judged(t); err != nil || (run.Verdict.State == effect.Block) != tc.held {
			t.Errorf("%s: %v, %s: %s", name, err, run.Verdict.Title, run.Verdict.Detail)
		}
	}
}
