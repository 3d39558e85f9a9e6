package freeze

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

var group = github.MergeGroup{
	Branch: "release/1.30", Head: strings.Repeat("c", 40), Base: strings.Repeat("d", 40),
	Ref: "refs/heads/gh-readonly-queue/release/1.30/pr-7-" + strings.Repeat("d", 40),
}

// TestIDs: the kinds of key beside those of the check.
func TestIDs(t *testing.T) {
	s := newScene(t)
	plan := s.handler().Capability().Plan
	for _, id := range []string{"freezes", "notice/45", "tell/45", "lost/45", "preview/release/1.30", "past/release/1.30"} {
		if _, err := plan(t.Context(), key(repo, id)); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	for _, id := range []string{"", "freezes/x", "notice", "notice/0", "tell/", "tell/x", "lost/-1", "preview/", "issue/7"} {
		if _, err := plan(t.Context(), key(repo, id)); err == nil || !strings.Contains(err.Error(), "is not one of freezes, notice/N, tell/N, lost/N, past/NAME, preview/NAME: gone") {
			t.Errorf("%q: %v", id, err)
		}
	}
}

// TestKeys: what an event leads to, of the check and beside it.
func TestKeys(t *testing.T) {
	pr := &github.PullRequest{Number: 7}
	h := newScene(t).handler()
	set := gate.Set{Gates: []gate.One{gate.Of(h.Gate())}}
	own, all := set.Joined(Name, h.Capability()), set.Capability()
	mine := &github.Issue{Author: github.User{Bot: true}}
	for name, tc := range map[string]struct {
		event github.Event
		want  string
	}{
		"opened":                {github.Event{Kind: "pull_request", Action: "opened", PullRequest: pr}, "gate pr/7"},
		"pushed to":             {github.Event{Kind: "pull_request", Action: "synchronize", PullRequest: pr}, "gate pr/7"},
		"labelled":              {github.Event{Kind: "pull_request", Action: "labeled", PullRequest: pr}, "gate pr/7"},
		"moved":                 {github.Event{Kind: "pull_request", Action: "edited", PullRequest: pr, OldBase: "master"}, "gate moved/7"},
		"text edited":           {github.Event{Kind: "pull_request", Action: "edited", PullRequest: pr}, "gate pr/7"}, // of ours it has the record
		"assigned":              {github.Event{Kind: "pull_request", Action: "assigned", PullRequest: pr}, ""},
		"no pull request":       {github.Event{Kind: "pull_request", Action: "opened"}, ""},
		"a person's issue":      {github.Event{Kind: "issues", Action: "closed", Issue: &github.Issue{Title: "Code freeze: x", Labels: []string{"code-freeze"}}}, ""},
		"a bot's issue":         {github.Event{Kind: "issues", Action: "edited", Issue: mine}, "freeze freezes"},
		"our own doing":         {github.Event{Kind: "issues", Action: "edited", Issue: mine, Own: true}, ""},
		"a bot's issue deleted": {github.Event{Kind: "issues", Action: "deleted", Issue: &github.Issue{Number: 45, Author: github.User{Bot: true}}}, "freeze lost/45"},
		"a bot's issue moved":   {github.Event{Kind: "issues", Action: "transferred", Issue: &github.Issue{Number: 45, Author: github.User{Bot: true}}}, "freeze lost/45"},
		"policy pushed":         {github.Event{Kind: "push", Push: &github.Push{Branch: "master", TouchesPolicy: true}}, "freeze past/master, freeze freezes, gate all"},
		"a tag pushed":          {github.Event{Kind: "push", Push: &github.Push{}}, ""},
		"a branch pushed":       {github.Event{Kind: "push", Push: &github.Push{Branch: "release/1.30"}}, "freeze past/release/1.30"},
		"a branch pushed by us": {github.Event{Kind: "push", Push: &github.Push{Branch: "release-notes-1.30"}, Own: true}, ""},
		"merged":                {github.Event{Kind: "pull_request", Action: "closed", PullRequest: &github.PullRequest{Number: 7, Base: "release-1.30", Merged: true}}, "freeze past/release-1.30, gate pr/7"},
		"closed":                {github.Event{Kind: "pull_request", Action: "closed", PullRequest: pr}, "gate pr/7"},
		"rerun":                 {github.Event{Kind: "check_run", Action: "rerequested", CheckName: CheckName, ExternalID: "pr/7"}, "freeze rerun/7"},
		"another's rerun":       {github.Event{Kind: "check_run", Action: "rerequested", CheckName: "ci", ExternalID: "pr/7"}, ""},
		"rerun of no number":    {github.Event{Kind: "check_run", Action: "rerequested", CheckName: CheckName, ExternalID: "pr/x"}, ""},
		"rerun of a group":      {github.Event{Kind: "check_run", Action: "rerequested", CheckName: CheckName, ExternalID: gate.Group + "/" + group.ID()}, ""},
		"rerun of the suite":    {github.Event{Kind: "check_suite", Action: "rerequested", Commit: "abc"}, "gate commit/abc"},
		"suite completed":       {github.Event{Kind: "check_suite", Action: "completed", Commit: "abc"}, ""},
		"run created by ours":   {github.Event{Kind: "check_run", Action: "created", CheckName: CheckName, ExternalID: "pr/7"}, ""},
		"merge group":           {github.Event{Kind: "merge_group", Action: "checks_requested", Group: &group}, "gate " + gate.Group + "/" + group.ID()},
		"merge group destroyed": {github.Event{Kind: "merge_group", Action: "destroyed", Group: &group}, ""},
		"odd merge group":       {github.Event{Kind: "merge_group", Action: "checks_requested", Group: &github.MergeGroup{Head: "x", Ref: "refs/heads/main"}}, ""},
		"unknown kind of event": {github.Event{Kind: "star"}, ""},
	} {
		tc.event.Repo = repo
		var got []string
		for _, c := range []reconcile.Capability{own, all} {
			for _, k := range c.Keys(tc.event) {
				got = append(got, k.Handler+" "+k.ID)
				if !slices.Contains(c.Events, tc.event.Kind) {
					t.Errorf("%s: %s isn't subscribed to %s", name, c.Name, tc.event.Kind)
				}
			}
		}
		if diff := cmp.Diff(tc.want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if keys := (&Handler{}).Keys(github.Event{Kind: "issues", Action: "edited", Issue: mine}); keys != nil {
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
	if got := Dated; got.Handler != Name || got.ID != theFreezes {
		t.Errorf("after dates have moved: %v", got)
	}
}
