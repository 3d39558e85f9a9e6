package facts

import (
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// TestProposalHeld: a proposal is what Slipway wrote, to the byte, for the base that it was for.
func TestProposalHeld(t *testing.T) {
	file := func(path, text string) github.ChangedFile {
		return github.ChangedFile{Path: path, Blob: github.BlobID(text)}
	}
	wrote := Proposal{ByID: 1}.Holding(effect.Files{Base: "release-1.31", Files: map[string]string{"a": "1\n", "b": "2\n"}})
	a, b := file("a", "1\n"), file("b", "2\n")
	renamed := b
	renamed.Was = "c"
	for name, tc := range map[string]struct {
		p     Proposal
		base  release.Branch
		files []github.ChangedFile
		want  bool
	}{
		"as it was written":       {wrote, "release-1.31", []github.ChangedFile{b, a}, true},
		"one byte more":           {wrote, "release-1.31", []github.ChangedFile{a, file("b", "2\n\n")}, false},
		"one file more":           {wrote, "release-1.31", []github.ChangedFile{a, b, file("c", "")}, false},
		"one file less":           {wrote, "release-1.31", []github.ChangedFile{a}, false},
		"texts changed places":    {wrote, "release-1.31", []github.ChangedFile{file("a", "2\n"), file("b", "1\n")}, false},
		"one is gone":             {wrote, "release-1.31", []github.ChangedFile{a, {Path: "b", Gone: true}}, false},
		"one takes another's way": {wrote, "release-1.31", []github.ChangedFile{a, renamed}, false},
		"another base":            {wrote, "release-1.30", []github.ChangedFile{a, b}, false},
		"a record of old":         {Proposal{ByID: 1}, "release-1.31", nil, false},
	} {
		if got := tc.p.held(tc.base, github.Changes{Files: tc.files, Complete: true}); got != tc.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	if wrote.held("release-1.31", github.Changes{Files: []github.ChangedFile{a, b}}) {
		t.Error("of a list that isn't complete nobody knows")
	}
}

// TestProposalHeard: what counts of the reviews of a proposal, which alice asked for.
func TestProposalHeard(t *testing.T) {
	alice, bob, dave, erin, zoe := github.User{ID: 1, Login: "alice"}, github.User{ID: 2, Login: "bob"}, github.User{ID: 4, Login: "dave"}, github.User{ID: 5, Login: "erin"}, github.User{ID: 6, Login: "zoe"}
	roles := map[int64]reconcile.RoleDecision{alice.ID: {Holds: true}, dave.ID: {Holds: true}, erin.ID: {Holds: true}, zoe.ID: {Unclear: "a"}}
	noon := time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)
	says := func(who github.User, state github.ReviewState) github.Review {
		return github.Review{ID: 10 * who.ID, Author: who, State: state, Commit: "head", At: noon}
	}
	gone := func(who, by github.User) (github.Review, github.PullHistory) {
		return says(who, github.Dismissed), github.PullHistory{Dismissals: map[int64]github.Dismissal{10 * who.ID: {By: by, Was: github.ChangesRequested}}}
	}
	byBob, pastBob := gone(dave, bob)
	byErin, pastErin := gone(dave, erin)
	byAlice, pastAlice := gone(dave, alice)
	byDave, pastDave := gone(dave, dave)
	byNobody, pastNobody := gone(dave, github.User{})
	stale := says(dave, github.Approved)
	stale.Commit = "before"
	updated := says(dave, github.Approved)
	updated.Commit = "updated"
	for name, tc := range map[string]struct {
		reviews []github.Review
		past    github.PullHistory
		want    string // who approves, and who objects
	}{
		"approved":                                {[]github.Review{says(dave, github.Approved)}, github.PullHistory{}, "dave/"},
		"by who asked":                            {[]github.Review{says(alice, github.Approved)}, github.PullHistory{}, "/"},
		"by who manages nothing":                  {[]github.Review{says(bob, github.Approved)}, github.PullHistory{}, "/"},
		"before a push":                           {[]github.Review{stale}, github.PullHistory{}, "/"},
		"before GitHub merged the base into it":   {[]github.Review{updated}, github.PullHistory{}, "dave/"},
		"before it got its base":                  {[]github.Review{says(dave, github.Approved)}, github.PullHistory{BaseSince: noon}, "/"},
		"after it got its base":                   {[]github.Review{says(dave, github.Approved)}, github.PullHistory{BaseSince: noon.Add(-time.Second)}, "dave/"},
		"an approval that was dismissed":          {[]github.Review{says(dave, github.Dismissed)}, github.PullHistory{Dismissals: map[int64]github.Dismissal{40: {By: bob, Was: github.Approved}}}, "/"},
		"an objection":                            {[]github.Review{says(dave, github.ChangesRequested), says(erin, github.Approved)}, github.PullHistory{}, "erin/dave"},
		"an objection of before it got its base":  {[]github.Review{says(dave, github.ChangesRequested)}, github.PullHistory{BaseSince: noon}, "/dave"},
		"of who manages nothing":                  {[]github.Review{says(bob, github.ChangesRequested)}, github.PullHistory{}, "/"},
		"of whom nobody knows":                    {[]github.Review{says(zoe, github.ChangesRequested)}, github.PullHistory{}, "/zoe?"},
		"dismissed by who may only push":          {[]github.Review{byBob, says(erin, github.Approved)}, pastBob, "erin/dave"},
		"dismissed by who asked for the proposal": {[]github.Review{byAlice}, pastAlice, "/dave"},
		"dismissed by another release manager":    {[]github.Review{byErin, says(erin, github.Approved)}, pastErin, "erin/"},
		"taken back":                              {[]github.Review{byDave}, pastDave, "/"},
		"dismissed by somebody who is gone":       {[]github.Review{byNobody}, pastNobody, "/dave"},
	} {
		p := heard{reviews: tc.reviews, same: []string{"head", "updated"}, past: tc.past, roles: roles}.say(ProposedPull{Proposal: Proposal{By: "alice", ByID: 1}})
		got := p.Approved.Login + "/" + p.Against.Login
		if p.Unsure {
			got += "?"
		}
		if got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}
