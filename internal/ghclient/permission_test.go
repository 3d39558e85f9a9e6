package ghclient_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// TestPermission: GitHub's own roles and a customer's, of which the base counts.
func TestPermission(t *testing.T) {
	gh, c, _ := newClient(t)
	ids := map[string]int64{}
	try := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for role, login := range map[string]string{"read": "ray", "triage": "tom", "write": "wim", "maintain": "mia", "admin": "ada"} {
		try(gh.AddCollaborator("acme/rocket", login, role))
	}
	try(gh.GiveRole("acme/rocket", "cas", "maintain-docs", "write"))
	try(gh.GiveRole("acme/rocket", "cleo", "admin", "read"))
	try(gh.GiveRole("acme/rocket", "max", "release-lead", "maintain"))
	for _, login := range []string{"ray", "tom", "wim", "mia", "ada", "cas", "cleo", "max"} {
		req, err := http.NewRequest(http.MethodGet, gh.API()+"users/"+login, nil)
		try(err)
		req.Header.Set("Authorization", "token user:"+login)
		resp, err := http.DefaultClient.Do(req)
		try(err)
		var is struct{ ID int64 }
		try(json.NewDecoder(resp.Body).Decode(&is))
		resp.Body.Close()
		ids[login] = is.ID
	}
	for login, want := range map[string]github.Permission{
		"ray": github.Read, "tom": github.Triage, "wim": github.Write, "mia": github.Maintain, "ada": github.Admin, "cas": github.Write, "cleo": github.Read,
		"max":    github.Maintain,
		"nobody": github.NoPermission,
	} {
		who := github.User{ID: ids[login], Login: login}
		p, err := c.Permission(t.Context(), rocket, who)
		if err != nil || p != want {
			t.Errorf("%s: %d, %v; want %d", login, p, err, want)
		}
		if p, exists, err := c.NamedPermission(t.Context(), rocket, login); err != nil || p != want || exists != (login != "nobody") {
			t.Errorf("%s by name: %d, %t, %v; want %d", login, p, exists, err, want)
		}
	}
	app := gh.App()
	bot := github.User{ID: app.BotID, Login: app.BotLogin, Bot: true}
	if p, err := c.Permission(t.Context(), rocket, bot); err != nil || p != github.NoPermission {
		t.Errorf("a bot: %s, %v", p, err)
	}
	if p, exists, err := c.NamedPermission(t.Context(), rocket, bot.Login); err != nil || exists || p != github.NoPermission {
		t.Errorf("a bot by name: %s, %t, %v", p, exists, err)
	}
	gh.Fault(sandbox.Fault{Path: regexp.MustCompile("/permission$"), Status: 403, Body: `{"message":"No"}`})
	if p, err := c.Permission(t.Context(), rocket, github.User{ID: ids["ada"], Login: "ada"}); p != github.NoPermission || err == nil {
		t.Errorf("refused: %d, %v", p, err)
	}
	gh.ClearFaults()
	for _, path := range []string{"/permission$", "/user/[0-9]+$"} { // GitHub's bad day: who is there isn't
		gh.Fault(sandbox.Fault{Path: regexp.MustCompile(path), Status: 404, Body: `{"message":"Not Found"}`})
		if p, err := c.Permission(t.Context(), rocket, github.User{ID: ids["ada"], Login: "ada"}); p != github.NoPermission || err == nil {
			t.Errorf("404 of %s: %d, %v", path, p, err)
		}
		gh.ClearFaults()
	}
}
