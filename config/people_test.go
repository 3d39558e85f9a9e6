package config_test

import (
	"strings"
	"testing"
)

// TestPeople: whom a policy names, however it is written, and for which branch.
func TestPeople(t *testing.T) {
	for text, want := range map[string]string{
		"[rm, \"rm-{major}-{minor}\"]":      "rm rm-1-30; rm",
		"rm":                                "rm; rm",
		"{teams: [\"rm-{major}-{minor}\"]}": "rm-1-30; ",
		"{users: [alice, bob-b]}":           "@alice @bob-b; @alice @bob-b",
		"{permission: maintain}":            ">=maintain; >=maintain",
		"{teams: [rm], users: [alice], permission: admin}": "rm @alice >=admin; rm @alice >=admin",
		"{}": "; ",
	} {
		p, err := parse("branches: [\"release-*.*\"]\nrelease_managers: " + text + "\n")
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := strings.Join(p.ManagerTeams("release-1.30"), " ") + "; " + strings.Join(p.ManagerTeams("main"), " "); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"{users: [\"@alice\"]}":    `release_managers.users[0]: "@alice" is not a login: want an account's login, like alice; did you mean "alice"?`,
		"{users: [\"@istio/rm\"]}": "teams stand under teams",
		"{users: [\"a b\"]}":       `"a b" is not a login: want an account's login`,
		"{permission: maintainer}": `"maintainer" is not known here: want admin, maintain or write; did you mean "maintain"?`,
		"{permission: read}":       "want admin, maintain or write",
		"{user: [alice]}":          `unknown key "release_managers.user"; did you mean "users"?`,
		"[\"@alice\"]":             "release_managers[0]",
		"7":                        "release_managers: want a list of teams, or a group with teams, users or permission, found a number",
		"{teams: alice}":           "release_managers.teams: want a list, found a text",
	} {
		if _, err := parse("branches: [\"release-*.*\"]\nrelease_managers: " + text + "\n"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
