package freeze

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

var group = github.MergeGroup{
	Branch: "release/1.30", Head: strings.Repeat("c", 40), Base: strings.Repeat("d", 40),
	Ref: "refs/heads/gh-readonly-queue/release/1.30/pr-7-" + strings.Repeat("d", 40),
}

func TestParseID(t *testing.T) {
	for id, want := range map[string]subject{
		"pr/7":                       {number: 7, why: changed},
		"moved/7":                    {number: 7, why: moved},
		"rerun/7":                    {number: 7, why: rerun},
		"branch/release/1.30":        {branch: "release/1.30"},
		"commit/abc":                 {commit: "abc"},
		"branches":                   {all: true},
		"freezes":                    {freezes: true},
		"notice/45":                  {notice: 45},
		"tell/45":                    {tell: 45},
		"lost/45":                    {lost: 45},
		"preview/release/1.30":       {preview: "release/1.30"},
		kindGroup + "/" + group.ID(): {group: group},
	} {
		if got, err := parseID(id); got != want || err != nil {
			t.Errorf("%s: %+v, %v", id, got, err)
		}
	}
	for _, id := range []string{"", "pr", "pr/", "pr/0", "pr/-1", "pr/x", "branch/", "commit/", "branches/x", "issue/7", "tell/", "group/x", "group/abc/refs/heads/main", "group/" + group.Ref} {
		if got, err := parseID(id); !errors.Is(err, reconcile.ErrGone) {
			t.Errorf("%q: %+v, %v", id, got, err)
		}
	}
	if group.Number() != 7 || (github.MergeGroup{Ref: "main"}).Number() != 0 {
		t.Error("the group's pull request isn't found")
	}
}

func TestKeys(t *testing.T) {
	pr := &github.PullRequest{Number: 7}
	mine := &github.Issue{Author: github.User{Bot: true}}
	for name, tc := range map[string]struct {
		event github.Event
		want  string
	}{
		"opened":                {github.Event{Kind: "pull_request", Action: "opened", PullRequest: pr}, "pr/7"},
		"pushed to":             {github.Event{Kind: "pull_request", Action: "synchronize", PullRequest: pr}, "pr/7"},
		"labelled":              {github.Event{Kind: "pull_request", Action: "labeled", PullRequest: pr}, "pr/7"},
		"moved":                 {github.Event{Kind: "pull_request", Action: "edited", PullRequest: pr, OldBase: "master"}, "moved/7"},
		"title edited":          {github.Event{Kind: "pull_request", Action: "edited", PullRequest: pr}, ""},
		"assigned":              {github.Event{Kind: "pull_request", Action: "assigned", PullRequest: pr}, ""},
		"no pull request":       {github.Event{Kind: "pull_request", Action: "opened"}, ""},
		"a person's issue":      {github.Event{Kind: "issues", Action: "closed", Issue: &github.Issue{Title: "Code freeze: x", Labels: []string{"code-freeze"}}}, ""},
		"a bot's issue":         {github.Event{Kind: "issues", Action: "edited", Issue: mine}, "freezes"},
		"our own doing":         {github.Event{Kind: "issues", Action: "edited", Issue: mine, Own: true}, ""},
		"a bot's issue deleted": {github.Event{Kind: "issues", Action: "deleted", Issue: &github.Issue{Number: 45, Author: github.User{Bot: true}}}, "lost/45"},
		"policy pushed":         {github.Event{Kind: "push", Push: &github.Push{TouchesPolicy: true}}, "freezes branches"},
		"something pushed":      {github.Event{Kind: "push", Push: &github.Push{}}, ""},
		"rerun":                 {github.Event{Kind: "check_run", Action: "rerequested", CheckName: CheckName, ExternalID: "pr/7"}, "rerun/7"},
		"another's rerun":       {github.Event{Kind: "check_run", Action: "rerequested", CheckName: "ci", ExternalID: "pr/7"}, ""},
		"rerun of no number":    {github.Event{Kind: "check_run", Action: "rerequested", CheckName: CheckName, ExternalID: "pr/x"}, ""},
		"rerun of a group":      {github.Event{Kind: "check_run", Action: "rerequested", CheckName: CheckName, ExternalID: kindGroup + "/" + group.ID()}, ""},
		"rerun of the suite":    {github.Event{Kind: "check_suite", Action: "rerequested", Commit: "abc"}, "commit/abc"},
		"suite completed":       {github.Event{Kind: "check_suite", Action: "completed", Commit: "abc"}, ""},
		"run created by ours":   {github.Event{Kind: "check_run", Action: "created", CheckName: CheckName, ExternalID: "pr/7"}, ""},
		"merge group":           {github.Event{Kind: "merge_group", Action: "checks_requested", Group: &group}, kindGroup + "/" + group.ID()},
		"merge group destroyed": {github.Event{Kind: "merge_group", Action: "destroyed", Group: &group}, ""},
		"odd merge group":       {github.Event{Kind: "merge_group", Action: "checks_requested", Group: &github.MergeGroup{Head: "x", Ref: "refs/heads/main"}}, ""},
		"unknown kind of event": {github.Event{Kind: "star"}, ""},
	} {
		tc.event.Repo = repo
		var got []string
		for _, k := range (&Handler{}).Keys(tc.event) {
			got = append(got, k.ID)
		}
		if diff := cmp.Diff(tc.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if keys := (&Handler{}).Keys(github.Event{Kind: "pull_request", Action: "opened", PullRequest: pr}); keys != nil {
		t.Errorf("an event without a repository has keys %v", keys)
	}
}

func TestAfter(t *testing.T) {
	h := &Handler{}
	if got := h.After(call(freezeName, "release-1.30", 900)); len(got) != 1 || got[0].ID != theFreezes {
		t.Errorf("after a freeze: %v", got)
	}
	if got := h.After(call(exemptName, "why", 900)); len(got) != 2 || got[0].ID != "pr/7" {
		t.Errorf("after an exemption: %v", got)
	}
}
