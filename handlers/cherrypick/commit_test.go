package cherrypick

import (
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
)

const theShort = "cccccccccccc"

// aCommit makes the source a commit without a pull request, whose pick was asked for on #7.
func aCommit(s *Snapshot) {
	id := strings.Repeat("c", 40)
	s.Subject.commit, s.Pick.Commits = theShort, []string{id}
	s.PR = &github.PullRequest{RepoID: s.PR.RepoID, Number: 7, State: github.Closed, Merged: true, Base: "master"}
	s.Pick.Record.Commit, s.Pick.Record.Base = id, "master"
	asked(s)
}

// TestDecideCommitPick: a commit's pick goes the way of any, and its texts name it.
func TestDecideCommitPick(t *testing.T) {
	for _, tt := range []struct {
		name  string
		facts []func(*Snapshot)
		do    string
		state State
	}{
		{"picked", nil, "push pull", ""},
		{"conflict", []func(*Snapshot){conflicting}, "push pull", ""},
		{"open", []func(*Snapshot){pulled(effect.PickClean), func(s *Snapshot) { s.Pick.Record.Extras = 8; s.Pick.Record.Done = s.Pick.Ask }}, "say", Open},
		{"on that branch", []func(*Snapshot){func(s *Snapshot) { s.Subject.name = "master" }}, "tell say", Impossible},
		{"withdrawn", []func(*Snapshot){func(s *Snapshot) { s.Pick.Labelled = false }}, "say", Withdrawn},
		{"known by its pull request alone", []func(*Snapshot){pulled(effect.PickClean), func(s *Snapshot) {
			s.Pick.Labelled, s.Pick.Part, s.Pick.Record, s.Pick.Ask = false, "", Record{Extras: 8, Checked: 8}, ""
		}}, "say", Open},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := aPick(t, "", append([]func(*Snapshot){aCommit}, tt.facts...)...)
			plan := decidePick(s)
			if got := strings.Join(did(plan.Effects), " "); got != tt.do {
				t.Fatalf("does %q, want %q", got, tt.do)
			}
			if tt.state != "" {
				golden.Check(t, "commit "+tt.name+".md", find[effect.Section](t, plan.Effects).Text+"\n")
				return
			}
			p := find[effect.PullRequest](t, plan.Effects)
			if string(p.Head) != "cherry-pick-7-"+theShort+"-to-release-1.30" || !p.Head.Ours() {
				t.Error(p.Head)
			}
			golden.Check(t, "commit "+tt.name+".md", p.Title+"\n\n"+p.Text)
		})
	}
}

// TestCommitCalls goes through the answers to calls about commits.
func TestCommitCalls(t *testing.T) {
	id := strings.Repeat("c", 40)
	brought := &github.PullDetail{PullRequest: github.PullRequest{Number: 5}}
	for name, tt := range map[string]struct {
		change func(*commitCall)
		cancel bool
		result command.Result
		does   int
	}{
		"asked":            {func(f *commitCall) {}, false, command.Done, 1},
		"asked for nobody": {func(f *commitCall) { f.Named = f.Named[1:] }, false, command.Invalid, 0},
		"unknown":          {func(f *commitCall) { f.Why = unknownCommit("0123456") }, false, command.Invalid, 0},
		"unknown whole":    {func(f *commitCall) { f.Why = unknownCommit(id) }, false, command.Invalid, 0},
		"nowhere":          {func(f *commitCall) { f.Why = commitNowhere(id, f.Policy) }, false, command.Invalid, 0},
		"part":             {func(f *commitCall) { f.Bringer = brought }, false, command.Invalid, 0},
		"cancelled":        {func(f *commitCall) { f.Named[0].Pick.Labelled = true }, true, command.Done, 1},
		"cancelled twice":  {func(f *commitCall) { f.Named[0].Pick.Part = "there is one" }, true, command.NoOp, 0},
	} {
		t.Run(name, func(t *testing.T) {
			f := commitCall{Commit: id, On: "master"}
			f.Snapshot = aPick(t, "")
			f.Call = command.Call{Name: pickName, Repo: repo, RepoID: 99, Number: 7, Source: command.InComment, ID: 901, Author: github.User{ID: 1, Login: "alice"}}
			f.Named = []namedBranch{{Name: "release-1.30"}, {Name: "topic", Why: ungoverned(f.Policy)}}
			tt.change(&f)
			out, refused := refuseCommit(f)
			switch {
			case refused:
			case tt.cancel:
				out = decideCancelCommit(f)
			default:
				out = decidePickCommit(f)
			}
			if out.Result != tt.result || len(out.Effects) != tt.does {
				t.Errorf("%s, %v", out.Result, out.Effects)
			}
			golden.Check(t, "commit call "+name+".md", out.Reply+"\n")
		})
	}
	golden.Check(t, "commit call whole.md", cameWith(commitCall{Commit: id, Bringer: brought})+"\n")
	golden.Check(t, "forward draft.md", forwardDraftHead("master", true)+forwardDraftHead("master", false)+"\n"+acceptUngoverned("master")+"\n")
}

// TestSubjectOfCommit: what names a pick of a commit leads back to it.
func TestSubjectOfCommit(t *testing.T) {
	s := subject{7, "release/1.30", theShort}
	if got, ok := parseHead(string(s.head())); !ok || got != s {
		t.Errorf("%s is %+v", s.head(), got)
	}
	id := strings.TrimPrefix(s.key(repo).ID, kindPick+"/")
	if got, ok := parseSubject(id); !ok || got != s {
		t.Errorf("%s is %+v", id, got)
	}
	for _, wrong := range []string{"7@/x", "7@abc/x", "7@CCCCCCCCCCCC/x", "@cccccccccccc/x", "7@ccccccccccccc/x"} {
		if got, ok := parseSubject(wrong); ok {
			t.Errorf("%s is %+v", wrong, got)
		}
	}
	if _, is := parseHead("cherry-pick-7-cccc-to-release-1.30"); is {
		t.Error("too short an id")
	}
}
