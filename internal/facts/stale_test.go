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
		if got := facts.Touched(tt.e, tt.need); got != nil {
			t.Errorf("%s, of no repository: it touches %+v", name, got)
		}
		tt.e.Repo = github.Repo{Owner: "istio", Name: "istio"}
		if got := facts.Touched(tt.e, tt.need); !slices.Equal(got, tt.want) {
			t.Errorf("%s: it touches %+v, want %+v", name, got, tt.want)
		}
		if ids, prefixes := facts.Stale(tt.e, tt.need), facts.Forgets(tt.e, tt.need); tt.want == nil && len(ids)+len(prefixes) > 0 {
			t.Errorf("%s: %q are stale, %q are forgotten", name, ids, prefixes)
		}
	}
}

// TestForgets: what is remembered of a fact is forgotten by the events that can have
// changed it, and by no others.
func TestForgets(t *testing.T) {
	pr, issue := &github.PullRequest{Number: 7}, &github.Issue{Number: 3}
	for name, tt := range map[string]struct {
		e    github.Event
		need facts.Need
		want string
	}{
		"somebody else's event of our issue": {github.Event{Kind: "issues", Action: "closed", Issue: issue, Ours: true}, facts.OurIssues, "issues/istio/istio/"},
		"our own event of our issue":         {github.Event{Kind: "issues", Action: "closed", Issue: issue, Ours: true, Own: true}, facts.OurIssues, ""},
		"another's issue":                    {github.Event{Kind: "issues", Action: "closed", Issue: issue}, facts.OurIssues, ""},
		"the policy is pushed":               {github.Event{Kind: "push", Push: &github.Push{TouchesPolicy: true}}, facts.Policy, "policy/istio/istio/"},
		"something else is pushed":           {github.Event{Kind: "push", Push: &github.Push{}}, facts.Policy, ""},
		"another branch has the policy":      {github.Event{Kind: "repository", Action: "edited", NewDefault: true}, facts.Policy, "policy/istio/istio/"},
		"another description, not policy":    {github.Event{Kind: "repository", Action: "edited"}, facts.Policy, ""},
		"another default branch":             {github.Event{Kind: "repository", Action: "edited", NewDefault: true}, facts.DefaultBranch, "repo/istio/istio/"},
		"another description":                {github.Event{Kind: "repository", Action: "edited"}, facts.DefaultBranch, ""},
		"a revert is pushed":                 {github.Event{Kind: "push", RepoID: 9, Push: &github.Push{Branch: "master", Reverts: true}}, facts.History, "proven/4/9/master/"},
		"no revert is pushed":                {github.Event{Kind: "push", RepoID: 9, Push: &github.Push{Branch: "master"}}, facts.History, ""},
		"CODEOWNERS is pushed":               {github.Event{Kind: "push", Push: &github.Push{Branch: "master", Complete: true, Touched: []string{"CODEOWNERS"}}}, facts.CodeOwners, "codeowners/istio/istio/master"},
		"a label gets another name":          {github.Event{Kind: "label", Action: "edited", Renamed: true}, facts.Detail, "pull/istio/istio/"},
		"a pull request is edited":           {github.Event{Kind: "pull_request", Action: "edited", PullRequest: pr}, facts.Detail, ""}, // which is known by when it was read
	} {
		tt.e.Repo = github.Repo{Owner: "istio", Name: "istio"}
		var want []string
		if tt.want != "" {
			want = []string{tt.want}
		}
		if got := facts.Forgets(tt.e, tt.need); !slices.Equal(got, want) {
			t.Errorf("%s: it forgets %q, want %q", name, got, want)
		}
	}
}
