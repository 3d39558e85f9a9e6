package cherrypick

import (
	"fmt"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
)

// TestNeeded goes through what becomes of that which a draft waits for.
func TestNeeded(t *testing.T) {
	waiting := func(s *Snapshot) {
		asked(s)
		s.Pick.Record.Needed, s.Pick.Record.Extras, s.Pick.Record.Checked, s.Pick.Record.Done = &Needed{}, 8, 8, s.Pick.Ask
		s.Pick.Record.Told = s.Pick.Ask + "/" + string(Clashed) + "/" + effect.Short(thePick)
		s.Pick.By, s.Pick.MayNeeded, s.Pick.Picked = github.User{ID: 1, Login: "alice"}, true, nil
		pulled(effect.PickConflict, func(p *ourPull) { p.Record.Asked = s.Pick.Ask })(s)
	}
	asIssue := func(s *Snapshot) {
		s.Pick.Pull, s.Pick.Issue = nil, &ourIssue{Issue: github.Issue{Number: 8, State: github.Open}, Record: PullRecord{Outcome: effect.PickConflict, Asked: s.Pick.Ask}}
	}
	needs := func(number int, change func(*neededFacts)) func(*Snapshot) {
		return func(s *Snapshot) {
			n := neededFacts{Commit: otherHead, PR: &github.PullRequest{RepoID: 99, Number: number, State: github.Closed, Merged: true}}
			if change != nil {
				change(&n)
			}
			s.Pick.Needed = append(s.Pick.Needed, n)
		}
	}
	pick := func(number int, state State, change func(*github.PullDetail)) func(*neededFacts) {
		return func(n *neededFacts) {
			n.Labelled, n.Part, n.Record.State = true, "x", state
			n.Pick = &github.PullDetail{PullRequest: github.PullRequest{Number: number, State: github.Open}}
			if change != nil {
				change(n.Pick)
			}
		}
	}
	merged := pick(30, Merged, func(p *github.PullDetail) { p.State, p.Merged = github.Closed, true })
	done := func(numbers ...int) func(*Snapshot) {
		return func(s *Snapshot) { s.Pick.Record.Needed.Asked = numbers }
	}
	picked := func(outcome effect.PickOutcome) func(*Snapshot) {
		return func(s *Snapshot) {
			s.Pick.Tip, s.Pick.TipOurs = thePick, true
			if s.Pick.Picked = (&effect.Picked{Outcome: outcome, Onto: theTarget, Commit: otherHead}); outcome == effect.PickConflict {
				s.Pick.Picked.Conflicts = []effect.Conflict{{Path: "pilot/pkg/xds/ads.go", Kind: "content", Target: file, Source: file}, {Path: "a|b`c.go", Kind: "modify/delete", Source: file}}
			}
		}
	}
	state := func(s State, labelled bool) func(*neededFacts) {
		return func(n *neededFacts) { n.Labelled, n.Part, n.Record.State = labelled, "x", s }
	}
	const asks = "say label istio/istio#21 cherrypick/release-1.30 "
	for _, tt := range []struct {
		name  string
		facts []func(*Snapshot)
		do    string
	}{
		{"asked for", []func(*Snapshot){needs(21, nil), needs(22, merged)}, asks + "say"},
		{"asked for, before a crash", []func(*Snapshot){needs(21, func(n *neededFacts) { n.Record.Asked = "comment/900#0" })}, asks[4:] + "say"},
		{"a stranger asked", []func(*Snapshot){needs(21, state(Ignored, true))}, asks + "say"},
		{"may no more", []func(*Snapshot){needs(21, nil), func(s *Snapshot) { s.Pick.MayNeeded = false }}, "say"},
		{"being picked", []func(*Snapshot){done(21), needs(21, state(Waiting, true))}, "say"},
		{"open", []func(*Snapshot){needs(21, pick(30, Open, nil)), needs(22, pick(31, Open, nil))}, "say"},
		{"conflicts", []func(*Snapshot){needs(21, pick(30, Clashed, nil))}, "say"},
		{"closed before", []func(*Snapshot){needs(21, pick(30, Closed, func(p *github.PullDetail) { p.State = github.Closed }))}, asks + "say"},
		{"closed since", []func(*Snapshot){done(21), needs(21, pick(30, Closed, func(p *github.PullDetail) { p.State = github.Closed }))}, "say"},
		{"withdrawn", []func(*Snapshot){done(21), needs(21, state(Withdrawn, false))}, "say"},
		{"can't be", []func(*Snapshot){needs(21, state(Refused, true))}, "say"},
		{"by hand", []func(*Snapshot){needs(21, state(ByHand, true)), func(s *Snapshot) { s.Pick.Needed[0].Record.StandIn.PR = 40 }}, "say"},
		{"without a pull request", []func(*Snapshot){func(s *Snapshot) { s.Pick.Needed = []neededFacts{{Commit: otherHead}} }}, "say"},
		{"of nothing", nil, "say"},
		{"as an issue", []func(*Snapshot){asIssue, needs(21, pick(30, Open, nil))}, "say"},
		{"there", []func(*Snapshot){needs(21, merged), needs(22, state(Contained, true)), picked(effect.PickClean)}, "push pull"},
		{"there by hand", []func(*Snapshot){needs(21, state(Merged, true)), picked(effect.PickClean)}, "push pull"},
		{"there, and conflicting", []func(*Snapshot){needs(21, merged), picked(effect.PickConflict)}, "push pull"},
		{"there, and pushed before a crash", []func(*Snapshot){needs(21, merged), picked(effect.PickConflict), func(s *Snapshot) {
			s.Pick.Pull.Head, s.Pick.Pull.Own, s.Pick.Tip, s.Pick.Pull.Anew = otherHead, otherHead, otherHead, true
		}}, "pull"},
		{"there, as an issue", []func(*Snapshot){asIssue, needs(21, merged), picked(effect.PickClean), func(s *Snapshot) { s.Pick.Tip = "" }}, "push pull"},
		{"there, and pushed to", []func(*Snapshot){needs(21, merged), func(s *Snapshot) { s.Pick.Pull.Head, s.Pick.Pull.Own = otherHead, otherHead }}, "say"},
		{"made anew", []func(*Snapshot){needs(21, merged), func(s *Snapshot) { s.Pick.Pull.Record.Anew = true }}, "say"},
		{"made anew, and told", []func(*Snapshot){func(s *Snapshot) {
			s.Pick.Pull.Record.Anew, s.Pick.Pull.Record.Commit, s.Pick.Pull.Own = true, otherHead, otherHead
		}}, "tell say"},
		{"asked again without", []func(*Snapshot){needs(21, nil), func(s *Snapshot) { s.Pick.Record.Needed = nil }}, "say"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := aPick(t, "", append([]func(*Snapshot){waiting}, tt.facts...)...)
			plan := decidePick(s)
			if got := strings.Join(did(plan.Effects), " "); got != tt.do {
				t.Fatalf("%s: %q, want %q", plan.Reason, got, tt.do)
			}
			if again := decidePick(s); fmt.Sprintf("%+v", plan) != fmt.Sprintf("%+v", again) {
				t.Error("the same facts gave two plans")
			}
			var text strings.Builder
			for _, e := range plan.Effects {
				if part, ok := e.(effect.Section); ok {
					fmt.Fprintf(&text, "#%d\n%s\n", part.Number, part.Text)
				}
			}
			if text.Len() > 0 {
				golden.Check(t, "needed "+tt.name+".md", text.String())
			}
		})
	}
}
