package facts_test

import (
	"slices"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// TestTouched: an event that may be about all of a repository touches it only if it
// can have changed what is read.
func TestTouched(t *testing.T) {
	all := facts.Touch{All: true}
	for name, tt := range map[string]struct {
		e    github.Event
		need facts.Need
		want []facts.Touch
	}{
		"a label gets another name":      {github.Event{Kind: "label", Action: "edited", Renamed: true}, facts.Detail, []facts.Touch{all}},
		"a label gets another colour":    {github.Event{Kind: "label", Action: "edited"}, facts.Detail, nil},
		"a label is gone":                {github.Event{Kind: "label", Action: "deleted"}, facts.Issue, []facts.Touch{all}},
		"a milestone gets another title": {github.Event{Kind: "milestone", Action: "edited", Renamed: true}, facts.Milestone, []facts.Touch{all}},
		"a milestone gets another day":   {github.Event{Kind: "milestone", Action: "edited"}, facts.Milestone, nil},
		"a milestone is gone":            {github.Event{Kind: "milestone", Action: "deleted"}, facts.Milestone, []facts.Touch{all}},
		"another default branch":         {github.Event{Kind: "repository", Action: "edited"}, facts.DefaultBranch, nil}, // a resync looks at all
	} {
		tt.e.Repo = github.Repo{Owner: "istio", Name: "istio"}
		if got := facts.Touched(tt.e, tt.need); !slices.Equal(got, tt.want) {
			t.Errorf("%s: it touches %+v, want %+v", name, got, tt.want)
		}
		if ids, prefixes := facts.Stale(tt.e, tt.need), facts.Forgets(tt.e, tt.need); tt.want == nil && len(ids)+len(prefixes) > 0 {
			t.Errorf("%s: %q are stale, %q are forgotten", name, ids, prefixes)
		}
	}
}

// TestForgets: an event of a review forgets the reviews of its pull request alone; one of
// a pull request forgets nothing.
func TestForgets(t *testing.T) {
	repo := github.Repo{Owner: "istio", Name: "istio"}
	for kind, want := range map[string][]string{
		"pull_request_review": {"reviews-now/istio/istio/7/"},
		"pull_request":        nil,
	} {
		e := github.Event{Kind: kind, Action: "edited", Repo: repo, PullRequest: &github.PullRequest{Number: 7}}
		if got := facts.Forgets(e, facts.Reviews, facts.Detail); !slices.Equal(got, want) {
			t.Errorf("%s: %q are forgotten, want %q", kind, got, want)
		}
	}
}
