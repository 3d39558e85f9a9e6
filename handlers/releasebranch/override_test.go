package releasebranch

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/release"
)

func callOf(name, rest string) command.Call {
	return command.Call{Name: name, Args: strings.Fields(rest), Rest: rest, Repo: repo, RepoID: 99, Number: 20, OnPR: true,
		Source: command.InComment, ID: 900, Author: alice, At: now}
}

func TestParseOverride(t *testing.T) {
	for _, tt := range []struct{ name, rest, check, reason, fault string }{
		{overrideName, "release-branch agreed on @all", CheckName, "agreed on @all", ""},
		{overrideName, "slipway/release-branch  it is  fine", CheckName, "it is  fine", ""},
		{overrideName, "", "", "", "the check is missing"},
		{overrideName, "release-branch", "", "", "the reason is missing"},
		{overrideName, "freeze now", "", "", "`/release exempt"},
		{overrideName, "policy now", "", "", "can't be overridden"},
		{overrideName, "release-notes now", "", "", "the label `release-notes-none`"},
		{overrideName, "`x` because", "", "", "no check that can be overridden"},
		{revokeName, "release-branch", CheckName, "", ""},
	} {
		check, reason, err := parseOverride(callOf(tt.name, tt.rest))
		var misuse *command.Misuse
		if tt.fault != "" {
			if !errors.As(err, &misuse) || !strings.Contains(misuse.Phrase, tt.fault) {
				t.Errorf("%q: %v, want %q", tt.rest, err, tt.fault)
			}
			continue
		}
		if err != nil || check != tt.check || reason != tt.reason {
			t.Errorf("%q: %q, %q, %v", tt.rest, check, reason, err)
		}
	}
}

func TestDecideOverride(t *testing.T) {
	have := Override{Check: CheckName, Rev: 3, Commit: theHead, Branch: "release-1.30", By: "alice", ByID: 1, At: now, Reason: "agreed", Asked: "comment/800#0"}
	facts := func(name string, changes ...func(*overrideFacts)) overrideFacts {
		f := overrideFacts{Call: callOf(name, "release-branch agreed"), Check: CheckName, Reason: "agreed with `@all`", Policy: policyFacts{There: true, Governs: true},
			PR: github.PullRequest{Number: 20, State: github.Open, Base: "release-1.30", Head: theHead}, HeadSince: now.Add(-time.Hour)}
		for _, c := range changes {
			c(&f)
		}
		return f
	}
	there := func(f *overrideFacts) { f.Have, f.Text = have, "the part" }
	for _, tt := range []struct {
		name   string
		f      overrideFacts
		want   command.Result
		writes bool
	}{
		{"given", facts(overrideName), command.Done, true},
		{"given anew", facts(overrideName, there), command.Done, true},
		{"given twice by one call", facts(overrideName, there, func(f *overrideFacts) { f.Have.Asked = f.Call.Asked() }), command.Done, false},
		{"a newer commit", facts(overrideName, func(f *overrideFacts) { f.HeadSince = now.Add(time.Second) }), command.Invalid, false},
		{"closed", facts(overrideName, func(f *overrideFacts) { f.PR.State = github.Closed }), command.NoOp, false},
		{"not governed", facts(overrideName, func(f *overrideFacts) { f.Policy.Governs = false }), command.NoOp, false},
		{"no policy", facts(overrideName, func(f *overrideFacts) { f.Policy.There = false }), command.Invalid, false},
		{"of her own", facts(overrideName, func(f *overrideFacts) {
			f.TookPart, f.Policy.Managers = "pushed to it", []string{"release-managers"}
		}), command.Refused, false},
		{"taken back", facts(revokeName, there), command.Done, true},
		{"nothing to take back", facts(revokeName), command.NoOp, false},
		{"taken back of an older commit", facts(revokeName, there, func(f *overrideFacts) { f.Have.Commit = before }), command.Done, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out := decideOverride(tt.f)
			if out.Result != tt.want || len(out.Effects) > 0 != tt.writes {
				t.Errorf("%s, %v", out.Result, out.Effects)
			}
			text := out.Reply + "\n"
			for _, e := range out.Effects {
				s := e.(effect.Section)
				text += "\n---\n" + s.Head + "\n\n" + s.Text + "\n"
				var o Override
				if err := json.Unmarshal(s.Record, &o); err != nil || o.Commit != cmp.Or(tt.f.Have.Commit, theHead) || o.Branch != "release-1.30" || o.Rev != tt.f.Have.Rev+1 || s.Was != tt.f.Text || (o.Revoked != "") != (tt.f.Call.Name == revokeName) {
					t.Errorf("%s, was %q: %v", s.Record, s.Was, err)
				}
			}
			golden.Check(t, "override "+tt.name+".md", text)
		})
	}
}

// TestOverrideIsSealed: what somebody has changed, or copied from elsewhere,
// grants nothing.
func TestOverrideIsSealed(t *testing.T) {
	sealer, err := effect.NewSealer([]byte("a secret of this test"))
	if err != nil {
		t.Fatal(err)
	}
	raw := json.RawMessage(`{"check":"slipway/release-branch","rev":2,"commit":"` + theHead + `","branch":"release-1.30","by":"alice","by_id":1}`)
	seal := func(repo int64, number int) string {
		line, err := sealer.Seal(effect.Place{Repo: repo, Number: number}, overrideOf(CheckName), raw)
		if err != nil {
			t.Fatal(err)
		}
		return line
	}
	pr := factsOf(t, "").PR
	for name, tt := range map[string]struct {
		part string
		head string
		base release.Branch
		rev  int
		want bool
	}{
		"as written":       {seal(99, 20), theHead, "release-1.30", 2, true},
		"from elsewhere":   {seal(99, 21), theHead, "release-1.30", 0, false},
		"changed":          {strings.Replace(seal(99, 20), "alice", "mallo", 1), theHead, "release-1.30", 0, false},
		"nothing":          {"", theHead, "release-1.30", 0, false},
		"for another head": {seal(99, 20), before, "release-1.30", 0, false},
		"for another base": {seal(99, 20), theHead, "release-1.29", 0, false},
		"an older one":     {seal(99, 20), theHead, "release-1.30", 3, false},
	} {
		h := &Handler{Sealer: sealer, GitHub: sections{part: tt.part, rev: tt.rev}}
		pr.Head = tt.head
		part, err := h.readPart(t.Context(), repo, pr.RepoID, pr.Number, CheckName)
		f := known{Repo: repo, PR: pr, Base: tt.base, Part: part}
		if err != nil || (f.override().Commit != "") != tt.want {
			t.Errorf("%s: %+v, %v", name, part, err)
		}
		if part.Tampered {
			e := putBack(f).(effect.Section)
			if e.Was != tt.part || !strings.Contains(string(e.Record), `"revoked":"altered"`) || !strings.Contains(e.Text, "no override holds") {
				t.Errorf("%s: put back: %+v", name, e)
			}
		}
	}
}

// sections answers for one part of a comment.
type sections struct {
	GitHub
	part string
	rev  int
}

func (s sections) SealedRev(context.Context, github.Repo, int, effect.Mark) (int, error) {
	return s.rev, nil
}

func (s sections) Section(context.Context, github.Repo, int, effect.Mark, effect.Mark) (string, error) {
	return s.part, nil
}
