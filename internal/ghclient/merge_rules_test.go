package ghclient_test

import (
	"slices"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// TestMergeRules: what is required by rulesets and by the classic protection, and by whose word.
func TestMergeRules(t *testing.T) {
	gh, c, _ := newClient(t)
	repo := rocket.String()
	app := gh.App().ID
	read := func() github.MergeRules {
		t.Helper()
		rules, err := c.MergeRules(t.Context(), rocket, "master")
		if err != nil {
			t.Fatal(err)
		}
		return rules
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ours := []string{"slipway/freeze", "slipway/release-branch"}
	if rules := read(); rules.Queue || len(rules.Checks) != 0 || !slices.Equal(rules.Lacks(ours), ours) {
		t.Errorf("nothing is required: %+v", rules)
	}
	must(gh.ProtectBranch(repo, "master", &sandbox.Protection{Checks: []string{"ci"}, AppChecks: ours[:1]}))
	_, err := gh.AddRuleset(repo, sandbox.Ruleset{Refs: []string{"refs/heads/master"}, Checks: ours[1:], OtherChecks: []string{"lint"}, Queue: true})
	must(err)
	want := []github.RequiredCheck{{Name: ours[1]}, {Name: "lint", App: app + 1}, {Name: "ci"}, {Name: ours[0], App: app}}
	if rules := read(); !rules.Queue || !slices.Equal(rules.Checks, want) || len(rules.Lacks(ours)) != 0 || len(rules.Lacks([]string{"lint"})) != 1 {
		t.Errorf("%+v", rules)
	}
	if rules, err := c.MergeRules(t.Context(), rocket, "none"); err != nil || rules.Unclear == "" || len(rules.Lacks(ours)) != 2 {
		t.Errorf("no such branch: %+v, %v", rules, err)
	}
}
