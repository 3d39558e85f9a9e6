package checklist

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// oneFile is a GitHub with one file on every branch, and a branch for the step.
type oneFile struct {
	GitHub
	factsGitHub
	file   github.File
	head   string // of the step's branch
	author string // of its commit
	shown  string // the file's text on that branch; as on the others without
	fails  error  // of the open pull requests
}

func (g oneFile) BranchHead(_ context.Context, _ github.Repo, b release.Branch) (string, error) {
	if strings.HasPrefix(string(b), "step-") {
		return g.head, nil
	}
	return "base", nil
}
func (g oneFile) FileAt(_ context.Context, _ github.Repo, ref, _ string) (github.File, error) {
	if g.shown != "" && ref == g.head {
		return github.File{Found: true, Text: g.shown}, nil
	}
	return g.file, nil
}
func (g oneFile) CommitOf(context.Context, github.Repo, string) (github.Commit, error) {
	return github.Commit{Author: g.author}, nil
}
func (oneFile) Committer(context.Context, github.Repo) (string, string, error) {
	return "slipway[bot]", "3+slipway[bot]@users.noreply.github.example", nil
}
func (g oneFile) OpenPullRequests(context.Context, github.Repo, release.Branch) ([]github.PullRequest, error) {
	return nil, g.fails
}

// TestEditsRefuse: what GitHub doesn't show isn't replaced as if it were empty, and
// what somebody else prepared doesn't get into our pull request.
func TestEditsRefuse(t *testing.T) {
	s := looked(t, "2026-07-02")
	step := Step{ID: "owners", Action: Action{Edits: []Edit{{File: "CODEOWNERS", Match: `(?s)\A.*\z`, Replace: "* @x\n"}}}}
	small := github.File{Found: true, Text: "* @y\n", Size: 5}
	for _, tc := range []struct {
		name string
		gh   oneFile
		want string
	}{
		{"as usual", oneFile{file: small}, ""},
		{"too large to be shown", oneFile{file: github.File{Found: true, Size: 2_000_000}}, "`CODEOWNERS` has 2000000 bytes"},
		{"empty", oneFile{file: github.File{Found: true}}, ""},
		{"a branch at the base", oneFile{file: small, head: "base"}, ""},
		{"a branch of ours", oneFile{file: small, head: "x", author: "3+slipway[bot]@users.noreply.github.com"}, ""},
		{"another's branch", oneFile{file: small, head: "x", author: "bob@example.com"}, "has commits that aren't Slipway's"},
	} {
		f := callFacts{tracked: s.tracked, Call: command.Call{Repo: repo}}
		f.look = facts.NewLook(t.Context(), &facts.Sources{GitHub: tc.gh, Owned: unapproved}, repo, s.Now)
		in, err := (&Handler{GitHub: tc.gh}).observeEdits(f, step, actionIn{Repo: repo, Base: "release-1.31"})
		if err != nil || tc.want == "" && (in.Trouble != "" || len(in.Now) != 1) || !strings.Contains(in.Trouble, tc.want) {
			t.Errorf("%s: %+v, %v", tc.name, in, err)
		}
	}
}

// TestUnseenProposals: as long as nobody knows what is proposed, nothing is.
func TestUnseenProposals(t *testing.T) {
	f := callFacts{tracked: looked(t, "2026-07-02").tracked, Call: command.Call{Repo: repo}}
	step := Step{ID: "owners", Action: Action{Edits: []Edit{{File: "CODEOWNERS", Match: `@y`, Replace: "@x"}}}}
	gh := oneFile{file: github.File{Found: true, Text: "* @y\n"}, head: "x", author: "3+slipway[bot]@users.noreply.github.com", fails: errors.New("no")}
	gh.shown = "* @x\n"
	f.look = facts.NewLook(t.Context(), &facts.Sources{GitHub: gh, Owned: unapproved}, repo, f.Now)
	if _, err := (&Handler{GitHub: gh}).observeEdits(f, step, actionIn{Repo: repo, Base: "release-1.31"}); err == nil {
		t.Error("an error is no answer")
	}
}

// TestToApprove: the answer names who approves only where the checks know of it.
func TestToApprove(t *testing.T) {
	in := func(name string, hushed bool) actionIn {
		return actionIn{Repo: github.Repo{Owner: "istio", Name: name}, Hushed: hushed, Now: map[string]string{"a": "b"}, Approvers: facts.Approval{Who: "a member of `rm`", Other: true}}
	}
	const like = " In `pub`, where more people can read than here, the pull request doesn't say who asked, so its checks judge it like anybody's."
	for _, tc := range []struct {
		all  []actionIn
		want string
	}{
		{[]actionIn{in("api", false)}, " **Next step:** a member of `rm` other than you approves the pull requests; then merge them."},
		{[]actionIn{in("pub", true)}, " **Next step:** look at the pull requests and merge them." + like},
		{[]actionIn{in("pub", true), in("api", false)}, " **Next step:** a member of `rm` other than you approves the pull requests; then merge them." + like},
		{[]actionIn{{Hushed: true}}, ""},
	} {
		if got := toApprove(tc.all); got != tc.want {
			t.Errorf("%+v: %q", tc.all, got)
		}
	}
	f := callFacts{tracked: looked(t, "2026-07-02").tracked, Call: command.Call{Author: github.User{ID: 1, Login: "alice"}}}
	for hushed, asked := range map[bool]bool{true: false, false: true} {
		for _, e := range actIn(f, Step{ID: "x"}, in("pub", hushed), false) {
			if pr, is := e.(effect.PullRequest); is && strings.Contains(string(pr.Record), "by_id") != asked {
				t.Errorf("hushed %t: %s", hushed, pr.Record)
			}
		}
	}
}

// TestReasonIsKept: why a step is done is shown with it.
func TestReasonIsKept(t *testing.T) {
	s := looked(t, "2026-07-02")
	f := callFacts{tracked: s.tracked, Call: command.Call{Name: stepName, Args: []string{"announce", "done", "by", "mail"}, Rest: "announce done by mail", Repo: repo, Author: github.User{ID: 1, Login: "alice"}}}
	step, _ := s.Settings.template(s.Tracker.Version).step("announce")
	out, err := setStep(f, step)
	if err != nil || len(out.Effects) != 1 {
		t.Fatalf("%+v, %v", out, err)
	}
	l := laying{s: s.Settings, v: s.Tracker.Version}
	if text := itemText(l, step, State{Status: StepDone, By: "alice", Reason: "by <b> mail"}); !strings.Contains(text, "(`alice`: by ") {
		t.Error(text)
	}
	if !strings.Contains(string(out.Effects[0].(effect.SharedIssue).Record), `"reason":"by mail"`) {
		t.Errorf("%+v", out.Effects)
	}
}

// unapproved is a world in which nobody has to approve anything.
var unapproved = facts.Owned{Approvers: func(*facts.Look, release.Branch) (facts.Approval, error) { return facts.Approval{}, nil }}
