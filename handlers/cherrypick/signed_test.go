package cherrypick

import (
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
)

// TestDecideSigned: where GitHub makes the commits, they are pushed first, and told of once
// their ids are known.
func TestDecideSigned(t *testing.T) {
	const section = "cherrypick: {sign_commits: github, on_conflict: both}"
	there := func(s *Snapshot) { s.Pick.Tip, s.Pick.TipOurs, s.Pick.Picked.Commit = otherHead, true, otherHead }
	anew := func(p *ourPull) { p.Head, p.Own, p.Anew, p.Draft = otherHead, otherHead, true, false }
	refused := func(r effect.Refusal) func(*Snapshot) {
		return func(s *Snapshot) { s.Pick.Picked.Refused = r }
	}
	for _, tt := range []struct {
		name  string
		facts []func(*Snapshot)
		do    string
	}{
		{"clean", nil, "push"},
		{"conflict", []func(*Snapshot){conflicting}, "push"},
		{"clean and pushed", []func(*Snapshot){there}, "pull"},
		{"conflict and pushed", []func(*Snapshot){conflicting, there}, "pull issue"},
		{"pushed, and the pull request refused", []func(*Snapshot){there, func(s *Snapshot) { s.Pick.PullRefused = "No. **Next step:** x." }}, "tell say pull"},
		{"pushed, and the branch has moved since", []func(*Snapshot){func(s *Snapshot) { s.Pick.Tip, s.Pick.TipOurs = otherHead, true }}, "push"},
		{"pushed anew, but for its text", []func(*Snapshot){conflicting, pulled(effect.PickClean, anew), settled, there}, "pull issue"},
		{"pushed anew, and the branch has moved since", []func(*Snapshot){conflicting, pulled(effect.PickClean, anew), settled, func(s *Snapshot) { s.Pick.Tip, s.Pick.TipOurs = otherHead, true }}, "push"},
		{"signed: not made", []func(*Snapshot){refused(effect.Refusal{Reason: "unsigned", Told: "GitHub made the commit of the pick and didn't sign it. **Next step:** have it sign, then ask again."})}, "tell say"},
		{"signed: no throwaway ref", []func(*Snapshot){refused(effect.Refusal{Reason: "throwaway", Text: "remote: @all `no`"})}, "tell say"},
		{"signed: signatures required", []func(*Snapshot){refused(effect.Refusal{Reason: "protected", Text: "error: GH013: Repository rule violations found. - Commits must have verified signatures."})}, "tell say"},
	} {
		plan := decidePick(aPick(t, section, tt.facts...))
		if got := strings.Join(did(plan.Effects), " "); got != tt.do {
			t.Errorf("%s: %s: %q, want %q", tt.name, plan.Reason, got, tt.do)
			continue
		}
		if strings.HasPrefix(tt.name, "signed: ") {
			golden.Check(t, "status "+tt.name+".md", find[effect.Section](t, plan.Effects).Text+"\n")
		} else if len(plan.Enqueue) != 1 {
			t.Errorf("%s: nobody goes on", tt.name)
		}
	}
}

// TestSignedForUs: of what GitHub signs, the picks that it made for our App are ours.
func TestSignedForUs(t *testing.T) {
	const address = "7+slipway[bot]@users.noreply.github.com"
	is := github.Commit{Parents: []string{theTarget}, Author: "7+slipway[bot]@users.noreply.example.com", ByGitHub: true, Message: "Fix\n\nCherry-picked-onto: release-1.30"}
	for name, tt := range map[string]struct {
		change func(*github.Commit)
		want   bool
	}{
		"a pick":            {func(*github.Commit) {}, true},
		"unsigned":          {func(c *github.Commit) { c.ByGitHub = false }, false},
		"a merge":           {func(c *github.Commit) { c.Parents = append(c.Parents, theCommit) }, false},
		"somebody's":        {func(c *github.Commit) { c.Author = "17+slipway[bot]@users.noreply.github.com" }, false},
		"what it writes":    {func(c *github.Commit) { c.Message = "Notes" }, false},
		"another's address": {func(c *github.Commit) { c.Author = "7+slipway[bot]@example.org" }, false},
	} {
		one := is
		tt.change(&one)
		if got := signedForUs(one, address); got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
