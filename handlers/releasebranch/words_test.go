package releasebranch

import (
	"testing"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// TestWords: what the check says of those who name what a pick of ours holds, too.
func TestWords(t *testing.T) {
	const comment = "https://github.com/istio/istio/pull/20#issuecomment-1"
	at := func(n int) facts.Word {
		return facts.Word{Mention: provenance.Mention{Number: n, By: provenance.ByReference}, Who: alice, Comment: comment}
	}
	lost := func(why facts.LostWord, asks reconcile.RoleDecision) facts.Word {
		w := at(9)
		w.Who, w.Lost, w.Asks = sam, why, asks
		return w
	}
	pushed := lost(facts.MayNot, reconcile.RoleDecision{Teams: []string{"pickers"}, Writers: true})
	pushed.Comment, pushed.Message = "", theHead
	nobodys := facts.Word{Mention: provenance.Mention{Commit: theSource}, Message: theHead, Lost: facts.Nobodys}
	second := func(w facts.Word) change {
		return func(f *known) {
			claim := provenance.Claim{Commit: before, By: w.By, Number: 8, Title: "Prepare it"}
			f.Pick = reconcile.Pick{Ours: true, Source: 7, Finished: effect.Verdict{State: effect.Pass}}
			f.Named = append(f.Named, named{By: w.By, Number: 8, Claim: &claim, Word: w})
			f.Found.Sources = append(f.Found.Sources, claim)
			f.Origins[before] = origin{submission: submission{PR: github.PullDetail{PullRequest: github.PullRequest{Number: 8, Author: bob}}}}
		}
	}
	message, issue, open := at(8), at(8), at(8)
	message.Comment, message.Message = "", theHead
	issue.By = provenance.ByIssue
	for name, tc := range map[string]change{
		"named in a comment":           second(at(8)),
		"named in a message":           second(message),
		"named by the issue":           second(issue),
		"named, and not merged":        func(f *known) { f.Named = append(f.Named, named{Number: 8, Why: "isn't merged yet", Word: open}) },
		"named by who may not":         func(f *known) { f.Words = []facts.Word{lost(facts.MayNot, reconcile.RoleDecision{Writers: true})} },
		"pushed by who may not":        func(f *known) { f.Words = []facts.Word{pushed} },
		"named where nobody may":       func(f *known) { f.Words = []facts.Word{lost(facts.MayNot, reconcile.RoleDecision{})} },
		"named in an edited comment":   func(f *known) { f.Words = []facts.Word{lost(facts.EditedWord, reconcile.RoleDecision{})} },
		"named, and edits aren't told": func(f *known) { f.Words = []facts.Word{lost(facts.UntoldWord, reconcile.RoleDecision{})} },
		"pushed by nobody knows whom":  func(f *known) { f.Words = []facts.Word{nobodys} },
		"named where a team is gone": func(f *known) {
			f.Words = []facts.Word{lost(facts.MayNot, reconcile.RoleDecision{Teams: []string{"pickers"}, Missing: []string{"pickers"}})}
		},
		"named, and the policy has faults": func(f *known) {
			f.Words = []facts.Word{lost(facts.MayNot, reconcile.RoleDecision{Unclear: "The policy has faults"})}
		},
		"named, and teams can't be read": func(f *known) {
			f.Words = []facts.Word{lost(facts.MayNot, reconcile.RoleDecision{Unclear: "x", Refused: &reconcile.RefusedError{Reason: "GitHub refuses"}})}
		},
	} {
		t.Run(name, func(t *testing.T) {
			golden.Check(t, "word "+name+".md", evidenceText(factsOf(t, "", tc)))
		})
	}
}

// TestOursClaimNothing: what our texts name is no source of what we propose; what was asked
// for is, and what people name.
func TestOursClaimNothing(t *testing.T) {
	by := func(w provenance.Way) facts.Word { return facts.Word{Mention: provenance.Mention{Number: 8, By: w}} }
	people := by(provenance.ByReference)
	people.Who = alice
	for name, tc := range map[string]struct {
		ours bool
		word facts.Word
		want bool
	}{
		"a person's text":      {false, by(provenance.ByTrailer), true},
		"ours":                 {true, by(provenance.ByTrailer), false},
		"what was asked for":   {true, by(provenance.ByMarker), true},
		"what somebody names":  {true, people, true},
		"an issue that we say": {true, by(provenance.ByIssue), false},
	} {
		f := factsOf(t, "", func(f *known) { f.Pick.Ours = tc.ours })
		if got := f.believes(tc.word); got != tc.want || f.question().Search == tc.ours {
			t.Errorf("%s: %t, and is looked for: %t", name, got, f.question().Search)
		}
	}
}
