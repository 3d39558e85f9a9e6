package releasebranch

import (
	"context"
	"testing"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// onePolicy is a world with a policy and our own account.
type onePolicy struct {
	GitHub
	is   config.Loaded
	held string
	also []string // other checks that hold proposals back
}

func (p onePolicy) BotID(context.Context, github.Repo) (int64, error) { return robot.ID, nil }

func (p onePolicy) Policy(context.Context, github.Repo) (config.Loaded, error) { return p.is, nil }

func (p onePolicy) approvers(t *testing.T, of release.Branch) (facts.Approval, error) {
	return (&Handler{GitHub: p, Others: func(*facts.Look, release.Branch) ([]string, error) { return p.also, nil }}).Approvers(facts.NewLook(t.Context(), &facts.Sources{Policies: p, Owned: facts.Owned{
		Held:         func(_ *facts.Look, b release.Branch) (string, error) { return p.held, nil },
		SourceBranch: func(*facts.Look) (release.Branch, error) { return "release-1.28", nil },
	}}, repo, now), of)
}

func TestApprovers(t *testing.T) {
	const ours = "releasebranch:\n  automation: [{name: a, accounts: [{id: 50}], approval: "
	const manager, expert = "a member of `release-managers`", "an expert of the file, by the check `slipway/release-branch`,"
	for _, tc := range []struct {
		name, section string
		branch        release.Branch
		held          string
		want          facts.Approval
	}{
		{"a governed branch", "", "release-1.31", "", facts.Approval{Who: manager, Other: true}},
		{"another branch", "", "master", "", facts.Approval{}},
		{"a rule for our account", ours + "nobody}]\n", "release-1.31", "", facts.Approval{}},
		{"a rule for our account, in a freeze", ours + "nobody}]\n", "release-1.31", "it is frozen", facts.Approval{Who: manager, Other: true}},
		{"a rule for some files of our account", ours + "nobody, paths: [go.mod]}]\n", "release-1.31", "", facts.Approval{Who: manager, Other: true}},
		{"another manager stands in for experts", ours + "experts}]\n", "release-1.31", "", facts.Approval{Who: manager, Other: true}},
		{"the branch that changes are picked from", "", "release-1.28", "", facts.Approval{}},
		{"the branch that changes are picked from, in a freeze", "", "release-1.28", "it is frozen", facts.Approval{Who: manager, Other: true}},
		{"the same, asked for", "releasebranch: {modes: [{branches: [release-1.28], mode: enforce}]}\n", "release-1.28", "", facts.Approval{Who: manager, Other: true}},
		{"it only reports", "releasebranch: {mode: report}\n", "release-1.31", "", facts.Approval{}},
		{"proposals pass", "proposals: pass\n", "release-1.31", "", facts.Approval{}},
		{"ordinary", "proposals: ordinary\n", "release-1.31", "", facts.Approval{Who: manager}},
		{"ordinary, a rule for another account", "proposals: ordinary\nreleasebranch:\n  automation: [{name: a, accounts: [{id: 51}], approval: nobody}]\n", "release-1.31", "", facts.Approval{Who: manager}},
		{"ordinary, experts", "proposals: ordinary\n" + ours + "experts}]\n", "release-1.31", "", facts.Approval{Who: expert}},
		{"ordinary, experts of each line", "proposals: ordinary\nreleasebranch:\n  hand_made: {experts_over: 0}\n", "release-1.31", "", facts.Approval{Who: expert}},
	} {
		policy, _ := loaded(t, tc.section)
		got, err := onePolicy{is: policy, held: tc.held}.approvers(t, tc.branch)
		if err != nil || got != tc.want {
			t.Errorf("%s: %+v, %v; want %+v", tc.name, got, err, tc.want)
		}
	}
	for section, want := range map[string]facts.Approval{ // another check waits for the same approval
		"releasebranch: {mode: report}\n":                      {Who: manager, Other: true},
		ours + "nobody}]\n":                                    {Who: manager, Other: true},
		"proposals: ordinary\nreleasebranch: {mode: report}\n": {},
		"proposals: pass\nreleasebranch: {mode: report}\n":     {},
	} {
		policy, _ := loaded(t, section)
		got, err := onePolicy{is: policy, also: []string{"slipway/milestone"}}.approvers(t, "release-1.31")
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", section, got, err, want)
		}
	}
	if got, err := (onePolicy{}).approvers(t, "release-1.31"); got.Who != "" || err != nil {
		t.Errorf("without a policy: %+v, %v", got, err)
	}
	if got := approversPhrase(nil, false); got != "nobody, since the policy names no release managers of this branch (`release_managers`)," {
		t.Error(got)
	}
}
