package help

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// place is where somebody asks.
type place struct {
	policy  config.Loaded
	base    release.Branch // "" for an issue
	manages release.Branch
	asked   []release.Branch
	missing map[release.Branch][]string
	refused *reconcile.RefusedError
}

func (p *place) Policy(context.Context, github.Repo) (config.Loaded, error) { return p.policy, nil }
func (p *place) CachedPull(context.Context, github.Repo, int) (github.PullRequest, error) {
	return github.PullRequest{Base: p.base}, nil
}
func (p *place) Branches(context.Context, github.Repo, string) ([]release.Branch, error) {
	return []release.Branch{"release-1.9", "release-1.30", "release-x", "release-1.28", "release-1.29", "release-1.31", "release-1.27",
		"release-1.26", "release-1.25", "release-1.24"}, nil
}
func (p *place) Manages(_ context.Context, _ github.Repo, b release.Branch, _ github.User) (reconcile.RoleDecision, error) {
	p.asked = append(p.asked, b)
	return reconcile.RoleDecision{Holds: b == p.manages, Missing: p.missing[b], Refused: p.refused}, nil
}

func TestHelp(t *testing.T) {
	policy, err := config.ParsePolicy("x", []byte("branches: [\"release-*\"]\nrelease_managers: [\"release-managers-{major}-{minor}\"]\n"))
	if err != nil {
		t.Fatal(err)
	}
	good := config.Loaded{Policy: policy, URL: "https://github.com/istio/.github/blob/master/.github/slipway.yml"}
	for name, tc := range map[string]struct {
		place place
		asked string
	}{
		"manager on a pull request":  {place{policy: good, base: "release-1.30", manages: "release-1.30"}, "release-1.30"},
		"stranger on a pull request": {place{policy: good, base: "release-1.30"}, "release-1.30"},
		"ungoverned pull request":    {place{policy: good, base: "master", manages: "release-1.30"}, ""},
		"manager on an issue": {place{policy: good, manages: "release-1.29"},
			"release-1.31 release-1.30 release-1.29 release-1.28 release-1.27 release-1.26 release-1.25 release-1.24"},
		"a team is missing": {place{policy: good, base: "release-1.30", missing: map[release.Branch][]string{"release-1.30": {"release-managers-1-30"}}}, "release-1.30"},
		"teams are missing": {place{policy: good, manages: "release-1.29", missing: map[release.Branch][]string{
			"release-1.31": {"captains", "release-managers-1-31"}, "release-1.30": {"captains"}, "release-1.29": {"captains"}}},
			"release-1.31 release-1.30 release-1.29 release-1.28 release-1.27 release-1.26 release-1.25 release-1.24"},
		"no look at teams": {place{policy: good, base: "release-1.30", refused: &reconcile.RefusedError{Reason: "The App probably lacks a permission",
			Said: "Resource not accessible by integration", Next: "have an owner of the organisation grant it"}}, "release-1.30"},
		"without a policy": {place{}, ""},
		"broken policy":    {place{policy: config.Loaded{Fault: errors.New("x"), URL: good.URL}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := &Help{GitHub: &tc.place, Policies: &tc.place, Roles: &tc.place}
			mine := h.Capability().Commands
			h.Commands = func() []command.Command {
				return append([]command.Command{{
					Name: "release freeze", Args: "<branch>", Short: "Freezes a branch.", Example: []string{"/release freeze release-1.30"}, Allow: command.ReleaseManager,
				}}, mine...)
			}
			out, err := mine[0].Run(context.Background(), command.Call{OnPR: tc.place.base != ""})
			if err != nil || out.Result != command.Told || len(out.Effects) != 0 {
				t.Fatalf("%+v, %v", out, err)
			}
			var asked []string
			for _, b := range tc.place.asked {
				asked = append(asked, string(b))
			}
			if got := strings.Join(asked, " "); got != tc.asked {
				t.Errorf("looked at %s, want %s", got, tc.asked)
			}
			golden.Check(t, name+".md", out.Reply)
		})
	}
}
