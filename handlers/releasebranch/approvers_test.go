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
	is config.Loaded
}

func (p onePolicy) BotID(context.Context, github.Repo) (int64, error) { return robot.ID, nil }

func (p onePolicy) Policy(context.Context, github.Repo) (config.Loaded, error) { return p.is, nil }

func (p onePolicy) approvers(t *testing.T, of release.Branch) (string, error) {
	return (&Handler{GitHub: p}).Approvers(facts.NewLook(t.Context(), &facts.Sources{Policies: p}, repo, now), of)
}

func TestApprovers(t *testing.T) {
	const ours = "releasebranch:\n  automation: [{name: a, accounts: [{id: 50}], approval: "
	for _, tc := range []struct {
		name, section string
		branch        release.Branch
		want          string
	}{
		{"a governed branch", "", "release-1.31", "a member of `release-managers`"},
		{"another branch", "", "master", ""},
		{"a rule for our account", ours + "nobody}]\n", "release-1.31", ""},
		{"a rule for some files of our account", ours + "nobody, paths: [go.mod]}]\n", "release-1.31", "a member of `release-managers`"},
		{"a rule for another account", "releasebranch:\n  automation: [{name: a, accounts: [{id: 51}], approval: nobody}]\n", "release-1.31", "a member of `release-managers`"},
		{"experts", ours + "experts}]\n", "release-1.31", "an expert of the file, by the check `slipway/release-branch`,"},
		{"experts of each line", "releasebranch:\n  hand_made: {experts_over: 0}\n", "release-1.31", "an expert of the file, by the check `slipway/release-branch`,"},
	} {
		policy, _ := loaded(t, tc.section)
		got, err := onePolicy{is: policy}.approvers(t, tc.branch)
		if err != nil || got != tc.want {
			t.Errorf("%s: %q, %v; want %q", tc.name, got, err, tc.want)
		}
	}
	if got, err := (onePolicy{}).approvers(t, "release-1.31"); got != "" || err != nil {
		t.Errorf("without a policy: %q, %v", got, err)
	}
	if got := approversPhrase(nil, false); got != "nobody, since the policy names no release managers of this branch (`release_managers`)," {
		t.Error(got)
	}
}
