package releasebranch

import (
	"slices"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// TestKeys: which events have a pull request judged anew.
func TestKeys(t *testing.T) {
	gates := gate.Set{Gates: []gate.One{gate.Of((&Handler{}).Gate())}}
	keys := func(e github.Event) []reconcile.Key {
		return slices.Concat(gates.Capability().Keys(e), gates.Joined(Name, reconcile.Capability{}).Keys(e))
	}
	pr := &github.PullRequest{Number: 9}
	group := &github.MergeGroup{Head: theHead, Ref: "gh-readonly-queue/release-1.30/pr-9-" + before}
	ours, theirs := &github.Comment{Author: robot}, &github.Comment{Author: bob}
	onPR := &github.Issue{Number: 9, IsPullRequest: true}
	for _, tt := range []struct {
		name string
		e    github.Event
		want string
	}{
		{"opened", github.Event{Kind: "pull_request", Action: "opened", PullRequest: pr}, "pr/9"},
		{"pushed to", github.Event{Kind: "pull_request", Action: "synchronize", PullRequest: pr}, "pr/9"},
		{"made a draft", github.Event{Kind: "pull_request", Action: "converted_to_draft", PullRequest: pr}, ""}, // which asks for less
		{"ready", github.Event{Kind: "pull_request", Action: "ready_for_review", PullRequest: pr}, "pr/9"},
		{"labelled", github.Event{Kind: "pull_request", Action: "labeled", PullRequest: pr}, "pr/9"},
		{"its text edited", github.Event{Kind: "pull_request", Action: "edited", PullRequest: pr}, "pr/9"},
		{"moved", github.Event{Kind: "pull_request", Action: "edited", OldBase: "master", PullRequest: pr}, "moved/9"},
		{"assigned", github.Event{Kind: "pull_request", Action: "assigned", PullRequest: pr}, ""},
		{"asked to review, by us perhaps", github.Event{Kind: "pull_request", Action: "review_requested", PullRequest: pr}, ""},
		{"reviewed", github.Event{Kind: "pull_request_review", Action: "submitted", PullRequest: pr}, "pr/9"},
		{"a review dismissed", github.Event{Kind: "pull_request_review", Action: "dismissed", PullRequest: pr}, "pr/9"},
		{"a bot's comment edited", github.Event{Kind: "issue_comment", Action: "edited", Issue: onPR, Comment: ours}, "pr/9"},
		{"a bot's comment deleted", github.Event{Kind: "issue_comment", Action: "deleted", Issue: onPR, Comment: ours}, "pr/9"},
		{"edited by ourselves", github.Event{Kind: "issue_comment", Action: "edited", Own: true, Issue: onPR, Comment: ours}, ""},
		{"a person's comment edited", github.Event{Kind: "issue_comment", Action: "edited", Issue: onPR, Comment: theirs}, ""},
		{"on an issue", github.Event{Kind: "issue_comment", Action: "edited", Issue: &github.Issue{Number: 9}, Comment: ours}, ""},
		{"a new policy", github.Event{Kind: "push", Push: &github.Push{Branch: "master", TouchesPolicy: true, Complete: true}}, "all"},
		{"new code owners", github.Event{Kind: "push", Push: &github.Push{Branch: "master", Default: true, Complete: true, Touched: []string{"CODEOWNERS"}}}, ""}, // whoever rests on them looks, see TestStale
		{"a push", github.Event{Kind: "push", Push: &github.Push{Branch: "master", Default: true, Complete: true, Touched: []string{"a.go"}}}, ""},
		{"asked for again", github.Event{Kind: "check_run", Action: "rerequested", CheckName: CheckName, ExternalID: "pr/9"}, "rerun/9"},
		{"a group's asked for again", github.Event{Kind: "check_run", Action: "rerequested", CheckName: CheckName, ExternalID: "group/x"}, ""},
		{"another's check", github.Event{Kind: "check_run", Action: "rerequested", CheckName: "slipway/freeze", ExternalID: "pr/9"}, ""},
		{"a suite", github.Event{Kind: "check_suite", Action: "rerequested", Commit: theHead}, "commit/" + theHead},
		{"a group", github.Event{Kind: "merge_group", Action: "checks_requested", Group: group}, "group/" + theHead + "/" + group.Ref},
		{"a group with an odd name", github.Event{Kind: "merge_group", Action: "checks_requested", Group: &github.MergeGroup{Head: theHead, Ref: "x"}}, ""},
	} {
		tt.e.Repo = repo
		var got []string
		for _, k := range keys(tt.e) {
			got = append(got, k.ID)
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, s, tt.want)
		}
	}
}

// TestStale: which events have those look again who rest on something else.
func TestStale(t *testing.T) {
	capability := gate.Set{Gates: []gate.One{gate.Of((&Handler{}).Gate())}}.Capability()
	issue, source := &github.Issue{Number: 5}, &github.PullRequest{Number: 7}
	for _, tt := range []struct {
		name string
		e    github.Event
		want string
	}{
		{"an issue is labelled", github.Event{Kind: "issues", Action: "labeled", Issue: issue}, "issue/5"},
		{"its text is edited", github.Event{Kind: "issues", Action: "edited", Issue: issue}, "issue/5"},
		{"it is assigned", github.Event{Kind: "issues", Action: "assigned", Issue: issue}, ""},
		{"a source is merged", github.Event{Kind: "pull_request", Action: "closed", PullRequest: source}, "detail/7 pull/7"},
		{"a source is moved", github.Event{Kind: "pull_request", Action: "edited", OldBase: "main", PullRequest: source}, "detail/7 past/7 pull/7 title/7"},
		{"what was named beforehand is opened", github.Event{Kind: "pull_request", Action: "opened", PullRequest: source}, "detail/7 issue/7 pull/7"},
		{"and as an issue", github.Event{Kind: "issues", Action: "opened", Issue: issue}, "issue/5"},
		{"a source is labelled", github.Event{Kind: "pull_request", Action: "labeled", PullRequest: source}, "detail/7 labels/7"},
		{"a source is pushed to", github.Event{Kind: "pull_request", Action: "synchronize", PullRequest: source}, "detail/7 pull/7"},
		{"a source is reviewed", github.Event{Kind: "pull_request_review", Action: "submitted", PullRequest: source}, "past/7 reviews/7"},
		{"code owners, by whichever branch", github.Event{Kind: "push", Push: &github.Push{Branch: "main", Complete: true, Touched: []string{"CODEOWNERS"}}}, "codeowners/main tip/main"},
		{"a revert", github.Event{Kind: "push", Push: &github.Push{Branch: "master", Complete: true, Reverts: true}}, "history/master tip/master"},
		{"a push that may be anything", github.Event{Kind: "push", Push: &github.Push{Branch: "main", Reverts: true}}, "codeowners/main history/main tip/main"},
		{"a tag", github.Event{Kind: "push", Push: &github.Push{Reverts: true}}, ""},
		{"any other push", github.Event{Kind: "push", Push: &github.Push{Branch: "master", Complete: true, Touched: []string{"a.go"}}}, "tip/master"},
	} {
		tt.e.Repo = repo
		var got []string
		for _, id := range capability.Stale(tt.e) {
			got = append(got, strings.TrimPrefix(id, repo.String()+" "))
		}
		slices.Sort(got)
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, s, tt.want)
		}
	}
}
