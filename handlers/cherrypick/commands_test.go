package cherrypick

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// TestCalls decides on calls. What is answered is a golden each.
func TestCalls(t *testing.T) {
	labelled := pickFacts{Labelled: true, Part: "x"}
	with := func(outcome effect.PickOutcome, change ...func(*ourPull)) pickFacts {
		s := aPick(t, "", pulled(outcome, change...))
		return pickFacts{Labelled: true, Pull: s.Pick.Pull}
	}
	ours := []string{"cherrypick/release-1.30"}
	open := func(f *callFacts) { f.PR.State, f.PR.Merged = github.Open, false }
	shut := func(f *callFacts) { f.PR.Merged = false }
	for _, tt := range []struct {
		name   string
		decide func(callFacts) command.Outcome
		facts  func(*callFacts)
		named  []namedBranch
		result command.Result
		keys   int
	}{
		{"asked before the merge", decidePickCall, open, []namedBranch{{Name: "release-1.30"}, {Name: "release-1.29", Pick: labelled}}, command.Done, 4},
		{"asked after the merge", decidePickCall, nil, []namedBranch{{Name: "release-1.30"}}, command.Done, 2},
		{"asked for what can't be", decidePickCall, nil, []namedBranch{{Name: "--x", Why: notABranch(errors.New("it starts with \"-\""))}, {Name: "release-9", Why: noSuchBranch()}}, command.Invalid, 0},
		{"asked for some that can't be", decidePickCall, nil, []namedBranch{{Name: "release-1.30"}, {Name: "master", Why: sameBase(subject{})}}, command.Done, 2},
		{"asked for by another's label", decidePickCall, nil, []namedBranch{{Name: "next", Why: labelOfAnother("cherrypick/next", "release-1.30")}}, command.Invalid, 0},
		{"asked for what is merged", decidePickCall, nil, []namedBranch{{Name: "release-1.30", Pick: with(effect.PickClean, func(p *ourPull) { p.State, p.Merged = github.Closed, true })}}, command.Done, 2},
		{"asked for what is open", decidePickCall, nil, []namedBranch{{Name: "release-1.30", Pick: with(effect.PickClean)}}, command.Done, 2},
		{"asked for what conflicts", decidePickCall, nil, []namedBranch{{Name: "release-1.30", Pick: with(effect.PickConflict)}}, command.Done, 2},
		{"asked for what was pushed to", decidePickCall, nil, []namedBranch{{Name: "release-1.30", Pick: with(effect.PickConflict, func(p *ourPull) { p.Head, p.Own = otherHead, otherHead })}}, command.Done, 2},
		{"asked for what was only updated", decidePickCall, nil, []namedBranch{{Name: "release-1.30", Pick: with(effect.PickConflict, func(p *ourPull) { p.Head = otherHead })}}, command.Done, 2},
		{"asked on a closed one", decidePickCall, shut, []namedBranch{{Name: "release-1.30"}}, command.NoOp, 0},
		{"asked under a faulty policy", decidePickCall, func(f *callFacts) { f.Policy = config.Loaded{Fault: errors.New("x"), URL: "https://x/y"} }, nil, command.Invalid, 0},
		{"cancelled", decideCancel, open, []namedBranch{{Name: "release-1.30", Pick: labelled, Labels: []string{"backport release-1.30", ours[0]}}, {Name: "release-1.29"}}, command.Done, 2},
		{"cancelled twice", decideCancel, open, []namedBranch{{Name: "release-1.30", Pick: pickFacts{Part: "x", Record: Record{State: Withdrawn}}}}, command.NoOp, 0},
		{"cancelled when open", decideCancel, nil, []namedBranch{{Name: "release-1.30", Labels: ours, Pick: with(effect.PickClean)}}, command.Done, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := callFacts{Snapshot: aPick(t, ""), Named: tt.named, Call: command.Call{
				Name: pickName, Repo: repo, Number: 7, OnPR: true, Source: command.InComment, ID: 900, Author: github.User{ID: 1, Login: "alice"},
			}}
			if tt.facts != nil {
				tt.facts(&f)
			}
			out := tt.decide(f)
			if out.Result != tt.result || len(out.Effects) != tt.keys {
				t.Errorf("%s, %v", out.Result, out.Effects)
			}
			golden.Check(t, "call "+tt.name+".md", out.Reply+"\n")
		})
	}
}

// TestAccept: a draft is accepted as it is where nothing in it is left to do.
func TestAccept(t *testing.T) {
	now := time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		change func(*acceptFacts)
		result command.Result
		does   bool
	}{
		"accepted":                   {func(*acceptFacts) {}, command.Done, true},
		"accepted anew after a push": {func(f *acceptFacts) { f.Pick.Accepted = Acceptance{Commit: otherHead, Asked: "comment/1#0"} }, command.Done, true},
		"accepted in an earlier try": {func(f *acceptFacts) {
			f.Pick.Accepted = Acceptance{Commit: thePick, PR: 8, By: "alice", Asked: f.Call.Asked()}
		}, command.Done, false},
		"accepted once updated":       {func(f *acceptFacts) { f.PR.Head = otherHead }, command.Done, true},
		"accepted, but it is no pick": {func(f *acceptFacts) { f.Pick = pullFacts{} }, command.Invalid, false},
		"accepted for another base":   {func(f *acceptFacts) { f.PR.Base = "release-1.29" }, command.Invalid, false},
		"accepted when closed":        {func(f *acceptFacts) { f.PR.State = github.Closed }, command.Invalid, false},
		"accepted with another text":  {func(f *acceptFacts) { f.Pick.Intact = false }, command.Invalid, false},
		"accepted when clean":         {func(f *acceptFacts) { f.Pick.Record.Outcome = effect.PickClean }, command.NoOp, false},
		"accepted after a push":       {func(f *acceptFacts) { f.Pick.Head, f.PR.Head = otherHead, otherHead }, command.NoOp, false},
		"accepted before it was made": {func(f *acceptFacts) { f.HeadSince = now }, command.Invalid, false},
		"accepted with commits left":  {func(f *acceptFacts) { f.Pick.Record.Rest = 2 }, command.Invalid, false},
		"accepted with markers":       {func(f *acceptFacts) { f.Pick.Marked.Sides = []string{"a.go"} }, command.Invalid, false},
		"accepted under faults":       {func(f *acceptFacts) { f.Policy = config.Loaded{Fault: errors.New("x"), URL: "https://x/y"} }, command.Invalid, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := acceptFacts{HeadSince: now.Add(-time.Hour), Call: command.Call{
				Name: acceptName, Repo: repo, Number: 8, OnPR: true, Source: command.InComment, ID: 900, Author: github.User{ID: 1, Login: "alice"}, At: now,
			}}
			f.Policy, _ = loaded(t, "")
			f.PR.PullRequest = github.PullRequest{Number: 8, State: github.Open, Head: thePick, Base: "release-1.30", RepoID: 99}
			f.Pick = pullFacts{IsPick: true, Of: subject{number: 7, name: "release-1.30"}, Head: thePick, Intact: true, Record: PullRecord{Commit: thePick, Outcome: effect.PickConflict, Files: []string{"a.go"}},
				Marked: github.Marked{Middle: []string{"README.rst"}, Complete: true}}
			tt.change(&f)
			out := decideAccept(f)
			if out.Result != tt.result || (len(out.Effects) > 0) != tt.does {
				t.Errorf("%s, %v", out.Result, out.Effects)
			}
			golden.Check(t, "call "+name+".md", out.Reply+"\n")
		})
	}
}

// TestCallTwice: a second try of a call writes its record no more.
func TestCallTwice(t *testing.T) {
	c := command.Call{Source: command.InComment, ID: 900, Repo: repo, Number: 7, Author: github.User{ID: 1, Login: "alice"}}
	s := aPick(t, "")
	s.Pick.Record.Asked = c.Asked()
	if got := did(s.request(c, false)); len(got) != 1 || !strings.HasPrefix(got[0], "label ") {
		t.Errorf("%v", got)
	}
}

func TestBranchWords(t *testing.T) {
	got := branchWords(command.Call{Args: []string{"release-1.30,", "release-1.29,release-1.28", "release-1.30", ","}})
	if diff := cmp.Diff([]string{"release-1.30", "release-1.29", "release-1.28"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestKeys(t *testing.T) {
	own := github.PullRequest{Number: 8, HeadRef: "cherry-pick-7-to-release/1.30", HeadRepo: repo}
	fork := github.PullRequest{Number: 9, HeadRef: "cherry-pick-7-to-release-1.30", HeadRepo: github.Repo{Owner: "mallory", Name: "istio"}}
	for _, tt := range []struct {
		name string
		e    github.Event
		want string
	}{
		{"opened", github.Event{Kind: "pull_request", Action: "opened", PullRequest: &fork}, ""},
		{"a pick is opened", github.Event{Kind: "pull_request", Action: "opened", PullRequest: &own}, "pick/7/release/1.30"},
		{"closed", github.Event{Kind: "pull_request", Action: "closed", PullRequest: &fork}, "pr/9"},
		{"labelled", github.Event{Kind: "pull_request", Action: "labeled", Label: "cherrypick/a b%", PullRequest: &fork}, "label/9/cherrypick/a%20b%25"},
		{"pushed to", github.Event{Kind: "pull_request", Action: "synchronize", PullRequest: &fork}, ""},
		{"a pick is pushed to", github.Event{Kind: "pull_request", Action: "synchronize", PullRequest: &own}, "pick/7/release/1.30"},
		{"assigned", github.Event{Kind: "pull_request", Action: "assigned", PullRequest: &fork}, ""},
		{"moved to another base", github.Event{Kind: "pull_request", Action: "edited", OldBase: "x", PullRequest: &fork}, "pr/9"},
		{"a push", github.Event{Kind: "push", Push: &github.Push{Branch: "release-1.30"}}, ""},
		{"a new branch", github.Event{Kind: "push", Push: &github.Push{Branch: "x", Created: true}}, "cut/x"},
		{"a new policy", github.Event{Kind: "push", Push: &github.Push{Branch: "main", TouchesPolicy: true}}, ""},
		{"an edited status comment", github.Event{Kind: "issue_comment", Action: "edited", Issue: &github.Issue{Number: 7, IsPullRequest: true}, Comment: &github.Comment{Author: github.User{Bot: true}}}, "pr/7"},
		{"edited by ourselves", github.Event{Kind: "issue_comment", Action: "edited", Own: true, Issue: &github.Issue{Number: 7, IsPullRequest: true}, Comment: &github.Comment{Author: github.User{Bot: true}}}, ""},
		{"a comment", github.Event{Kind: "issue_comment", Action: "created", Issue: &github.Issue{Number: 7, IsPullRequest: true}, Comment: &github.Comment{}}, ""},
	} {
		tt.e.Repo = repo
		var got []string
		for _, k := range (&Handler{}).Keys(tt.e) {
			got = append(got, k.ID)
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, s, tt.want)
		}
	}
	if s, ok := parseSubject("9/cherrypick/a%20b%25"); !ok || s != (subject{number: 9, name: "cherrypick/a b%"}) {
		t.Errorf("%+v, %t", s, ok)
	}
	for _, id := range []string{"", "pr/", "pr/0", "pr/x", "pick/7", "pick/7/", "pick/0/x", "label/x/y", "pr/-1", "nothing/1"} {
		if _, err := (&Handler{}).Capability().Plan(t.Context(), key(repo, id)); !errors.Is(err, reconcile.ErrGone) {
			t.Errorf("%q is an id: %v", id, err)
		}
	}
	// Whose draft would be made anew, a push has it look.
	push := github.Event{Repo: repo, Kind: "push", Push: &github.Push{Branch: "release-1.30"}}
	if got := (&Handler{}).Capability().Stale(push); len(got) != 1 || got[0] != "istio/istio tip/release-1.30" {
		t.Errorf("a push makes %q stale", got)
	}
}
