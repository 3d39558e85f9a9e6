package ghclient_test

import (
	"net/http"
	"regexp"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/ghclient"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// TestTeamsOfAPerson: an account that is no organisation has no teams, nor a list of them.
// That is borne out by what kind of account it is; an organisation has one.
func TestTeamsOfAPerson(t *testing.T) {
	gh, c, _ := newClient(t)
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := gh.CreateUser("carol")
	do(err)
	do(gh.CreateRepo("carol", "kite", sandbox.RepoOptions{}))
	_, err = gh.Install("carol", sandbox.InstallOptions{Permissions: ghclient.Permissions()})
	do(err)
	kite, bob := github.Repo{Owner: "carol", Name: "kite"}, github.User{ID: 5, Login: "bob"}
	if member, exists, err := c.Member(t.Context(), kite, "managers", bob); member || exists || err != nil {
		t.Errorf("a team of a person's: %t, %t, %v", member, exists, err)
	}
	if team, err := c.TeamMembers(t.Context(), kite, "managers"); team.Exists || err != nil {
		t.Errorf("its members: %+v, %v", team, err)
	}
	gh.Fault(sandbox.Fault{Method: http.MethodGet, Path: regexp.MustCompile("/orgs/acme/teams"), Status: 404, Body: `{"message":"Not Found"}`})
	if _, _, err := c.Member(t.Context(), rocket, "managers", bob); err == nil {
		t.Error("an organisation's, while GitHub coughs: it counts as missing")
	}
}
