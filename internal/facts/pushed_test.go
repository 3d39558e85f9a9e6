package facts_test

import (
	"context"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// moving is a GitHub with one pull request, whose branch was moved so.
type moving struct {
	facts.GitHub
	facts.PullSnapshots
	moves []github.HeadMove
	whole bool
}

func (moving) CachedPull(context.Context, github.Repo, int) (github.PullRequest, error) {
	return github.PullRequest{Number: 7, Head: "b", HeadRef: "fix", HeadRepo: github.Repo{Owner: "ann", Name: "istio"}}, nil
}

func (m moving) HeadMoves(context.Context, github.Repo, github.Repo, release.Branch, string) ([]github.HeadMove, bool, error) {
	return m.moves, m.whole, nil
}

func (moving) PullSnapshot(context.Context, github.Repo, int) (s github.PullSnapshot, ok bool, err error) {
	return s, false, nil
}

// TestPushedWaits: GitHub's list of moves may lag behind a push, so that nothing final follows from a head
// that isn't in it yet.
func TestPushedWaits(t *testing.T) {
	for name, tc := range map[string]struct {
		m              moving
		unclear, waits bool
	}{
		"all of it":           {moving{moves: []github.HeadMove{{After: "b", By: github.User{ID: 3}}}, whole: true}, false, false},
		"not there yet":       {moving{}, true, true},
		"by somebody gone":    {moving{moves: []github.HeadMove{{After: "b"}}}, true, false},
		"none, and all of it": {moving{whole: true}, false, false},
	} {
		l, waits := facts.NewLook(t.Context(), &facts.Sources{GitHub: tc.m, Seen: tc.m}, github.Repo{Owner: "istio", Name: "istio"}, time.Unix(0, 0)).Noting()
		p, err := facts.Pushed.Of(l, facts.Whose{Number: 7})
		if err != nil || (p.Unclear != "") != tc.unclear || *waits != tc.waits {
			t.Errorf("%s: %+v, waits %t, %v", name, p, *waits, err)
		}
	}
}

// TestTraced: a move that nobody was told of leaves a gap.
func TestTraced(t *testing.T) {
	ann, bob := github.User{ID: 3}, github.User{ID: 4}
	opened := github.HeadMove{After: "a", By: ann}
	for name, tt := range map[string]struct {
		moves []github.HeadMove
		head  string
		want  bool
	}{
		"opened":                      {[]github.HeadMove{opened}, "a", true},
		"pushed to":                   {[]github.HeadMove{{Before: "a", After: "b", By: bob}, opened}, "b", true},
		"put back":                    {[]github.HeadMove{opened, {Before: "a", After: "b", By: bob}, {Before: "b", After: "a", By: bob}}, "a", true},
		"a head that nobody told of":  {[]github.HeadMove{opened}, "b", false},
		"a move in between is lost":   {[]github.HeadMove{opened, {Before: "b", After: "c", By: bob}}, "c", false},
		"a circle":                    {[]github.HeadMove{{Before: "a", After: "b", By: bob}, {Before: "b", After: "a", By: bob}}, "a", false},
		"the opening is lost":         {[]github.HeadMove{{Before: "a", After: "b", By: bob}}, "b", false},
		"by somebody who isn't known": {[]github.HeadMove{{After: "a"}}, "a", false},
		"nothing":                     {nil, "a", false},
	} {
		if got := facts.Traced(tt.moves, tt.head); got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
