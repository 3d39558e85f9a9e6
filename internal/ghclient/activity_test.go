package ghclient_test

import (
	"fmt"
	"net/http"
	"regexp"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// TestHeadMoves: the moves of a branch are read back to its making, over pages; later ones
// don't count, and neither do those of an earlier branch of that name.
func TestHeadMoves(t *testing.T) {
	m := reviewing(t)
	do2 := func(commit string, err error) string {
		m.ok(err)
		return commit
	}
	do2(m.gh.As("bob").Push("acme/rocket", "moved", map[string]string{"x": "0"}, "An earlier branch"))
	m.ok(m.gh.As("bob").DeleteBranch("acme/rocket", "moved"))
	for i := range 130 { // more than a page
		do2(m.gh.As("alice").Push("acme/rocket", "moved", map[string]string{"x": fmt.Sprint(i, "\n")}, "More"))
	}
	at := do2(m.gh.As("bob").ForcePush("acme/rocket", "moved", map[string]string{"x": "last\n"}, "All of it"))
	later := do2(m.gh.As("alice").Push("acme/rocket", "moved", map[string]string{"x": "later\n"}, "Later"))
	moves, whole, err := m.HeadMoves(t.Context(), rocket, rocket, "moved", at)
	m.ok(err)
	if !whole || len(moves) != 131 || moves[0].By.Login != "bob" || moves[0].After != at || moves[130].Before != "" || moves[130].By.Login != "alice" {
		t.Errorf("whole: %t, %d moves: %+v", whole, len(moves), moves[:min(3, len(moves))])
	}
	m.gh.ResetRequests()
	if _, whole, err := m.HeadMoves(t.Context(), rocket, rocket, "moved", at); err != nil || !whole || len(m.gh.Requests()) != 0 {
		t.Errorf("whole: %t, %v; it is asked for again: %v", whole, err, m.gh.Requests())
	}
	if moves, whole, err := m.HeadMoves(t.Context(), rocket, rocket, "moved", later); err != nil || !whole || len(moves) != 132 {
		t.Errorf("whole: %t, %v, %d moves", whole, err, len(moves))
	}
	// A run for the repository may ask of a fork, which is another one.
	pr, err := m.gh.As("alice").OpenPR("acme/rocket", sandbox.PROptions{Base: "master", Head: "forked", Fork: true, Files: map[string]string{"f": "f"}})
	m.ok(err)
	own := reconcile.WithReach(t.Context(), rocket)
	if moves, whole, err := m.HeadMoves(own, rocket, github.Repo{Owner: "alice", Name: "rocket"}, "forked", pr.HeadSHA); err != nil || !whole || len(moves) == 0 {
		t.Errorf("a fork's: %+v, %t, %v", moves, whole, err)
	}
	for name, tt := range map[string]struct {
		repo   github.Repo
		branch release.Branch
	}{
		"a commit that the branch never was at": {rocket, "master"},
		"a branch that never was":               {rocket, "none"},
		"a repository that isn't there":         {github.Repo{Owner: "bob", Name: "rocket"}, "moved"},
	} {
		if moves, whole, err := m.HeadMoves(t.Context(), rocket, tt.repo, tt.branch, at); err != nil || whole || len(moves) != 0 {
			t.Errorf("%s: %+v, %t, %v", name, moves, whole, err)
		}
	}
	m.gh.Fault(sandbox.Fault{Method: http.MethodGet, Path: regexp.MustCompile("/activity$"), Times: 1, Status: http.StatusBadGateway})
	if _, _, err := m.HeadMoves(t.Context(), rocket, rocket, "other", at); err == nil {
		t.Error("what fails counts as not to be had")
	}
}
