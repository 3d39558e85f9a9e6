package cherrypick

import (
	"slices"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// Facts that the tests begin with: #7, merged, was asked for by alice's label.
const (
	theCommit = "1111111111111111111111111111111111111111"
	thePick   = "2222222222222222222222222222222222222222"
	theTarget = "3333333333333333333333333333333333333333"
	otherHead = "4444444444444444444444444444444444444444"
)

var repo = github.Repo{Owner: "istio", Name: "istio"}

func loaded(t *testing.T, section string) (config.Loaded, Settings) {
	t.Helper()
	p, err := config.ParsePolicy("policy", []byte("branches: [\"release-*\", \"release/*\"]\n"+section), config.Declare[Settings](Name))
	if err != nil {
		t.Fatal(err)
	}
	s, err := config.Section[Settings](p, Name)
	if err != nil {
		t.Fatal(err)
	}
	return config.Loaded{Policy: p, URL: "https://github.com/istio/.github/blob/main/.github/slipway.yml"}, s
}

// byLabel is the request of whoever set the label.
const byLabel = "label/1"

// aPick is the pick of #7 onto release-1.30 that is due and clean.
func aPick(t *testing.T, section string, change ...func(*Snapshot)) Snapshot {
	t.Helper()
	s := Snapshot{Key: pickKey(repo, 7, "release-1.30"), Subject: subject{number: 7, name: "release-1.30"}, Now: time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)}
	s.Policy, s.Settings = loaded(t, section)
	s.PR = &github.PullRequest{
		RepoID: 99, Number: 7, Title: "Fix a leak in @istio/pilot", State: github.Closed, Merged: true, Base: "master",
		Author: github.User{ID: 2, Login: "bob"}, Labels: []string{"cherrypick/release-1.30", "kind/bug", "area/xds"},
	}
	s.Pick = pickFacts{
		Source:   github.PullDetail{PullRequest: *s.PR, MergeCommit: theCommit, Body: "Text.\n\n```release-note\n**Fixed** it, @all.\n/lgtm\n```\n"},
		Labelled: true, By: github.User{ID: 1, Login: "alice"}, May: true, Ask: byLabel, Target: theTarget, Commits: []string{theCommit},
		Picked: &effect.Picked{Outcome: effect.PickClean, Onto: theTarget, Commit: thePick},
	}
	for _, c := range change {
		c(&s)
	}
	return s
}

// file is what a side of a conflict has.
var file = effect.Side{Mode: "100644", ID: otherHead, Here: true}

// conflicting makes the pick one that conflicts.
func conflicting(s *Snapshot) {
	s.Pick.Picked = &effect.Picked{
		Outcome: effect.PickConflict, Onto: theTarget, Commit: thePick,
		Conflicts: []effect.Conflict{{Path: "pilot/pkg/xds/ads.go", Kind: "content", Target: file, Source: file}, {Path: "a|b`c.go", Kind: "modify/delete", Source: file}},
	}
	s.Pick.Needs = []need{
		{Prerequisite: effect.Prerequisite{Commit: otherHead, Subject: "Prepare <b>it</b> @all (#5)"}, PR: 5, Pick: "its pick #6 is open"},
		{Prerequisite: effect.Prerequisite{Commit: theCommit, Subject: "By hand"}},
	}
}

// pulled has the pull request of the pick be there.
func pulled(outcome effect.PickOutcome, change ...func(*ourPull)) func(*Snapshot) {
	return func(s *Snapshot) {
		s.Pick.Pull = &ourPull{
			PullDetail: github.PullDetail{PullRequest: github.PullRequest{
				Number: 8, State: github.Open, Draft: outcome == effect.PickConflict, Head: thePick, Base: "release-1.30",
			}},
			Record: PullRecord{Commit: thePick, Outcome: outcome, Asked: byLabel}, Intact: true, Own: thePick,
		}
		if outcome == effect.PickConflict {
			s.Pick.Pull.Record.Files = []string{"pilot/pkg/xds/ads.go", "a|b`c.go"}
		}
		for _, c := range change {
			c(s.Pick.Pull)
		}
	}
}

// asked has a command ask, after whatever was settled before.
func asked(s *Snapshot) {
	s.Pick.Record.By, s.Pick.Record.ByID, s.Pick.Record.Asked = "alice", 1, "comment/900#0"
	s.Pick.Ask = s.Pick.Record.Asked
	s.Pick.Part = "there is one"
}

// settled has the request be settled already.
func settled(s *Snapshot) {
	s.Pick.Record.Done = s.Pick.Ask
	s.Pick.Part = "there is one"
}

// did names the kinds of a plan's effects.
func did(effects []effect.Effect) []string {
	kinds := []string{}
	for _, e := range effects {
		switch e.(type) {
		case effect.Pick:
			kinds = append(kinds, "push")
		case effect.PullRequest:
			kinds = append(kinds, "pull")
		case effect.Issue:
			kinds = append(kinds, "issue")
		case effect.Extras:
			kinds = append(kinds, "extras")
		case effect.Comment:
			kinds = append(kinds, "tell")
		case effect.Section:
			kinds = append(kinds, "say")
		default:
			kinds = append(kinds, e.Key())
		}
	}
	return kinds
}

// find returns the effect of a type.
func find[E effect.Effect](t *testing.T, effects []effect.Effect) E {
	t.Helper()
	i := slices.IndexFunc(effects, func(e effect.Effect) bool { _, ok := e.(E); return ok })
	if i < 0 {
		var none E
		t.Fatalf("no %T in %v", none, effects)
		return none
	}
	return effects[i].(E)
}
