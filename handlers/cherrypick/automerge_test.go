package cherrypick

import (
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
)

var carol = github.User{ID: 4, Login: "carol"}

// waitsFor is a pick that GitHub could be asked to merge.
func waitsFor(s *Snapshot) {
	s.Pick.By = github.User{}
	pulled(effect.PickClean)(s)
	s.Pick.Record.Extras, s.Pick.Record.Checked, s.Pick.Record.Done = 8, 8, byLabel
	s.Pick.Merge.Faith = facts.Faith{Head: thePick, Known: true, Holds: true, Says: "Faithful cherry-pick of #7"}
}

// TestDecideMerging: what is asked of GitHub, and what is said of it.
func TestDecideMerging(t *testing.T) {
	m := func(change func(m *mergeFacts)) func(*Snapshot) { return func(s *Snapshot) { change(&s.Pick.Merge) } }
	asked := func(s *Snapshot) {
		s.Pick.Merge.Asked = ours
		s.Pick.Pull.AutoMerge = &github.AutoMerge{By: github.User{ID: 1}, Method: "squash"}
	}
	pull := func(change func(p *ourPull)) func(*Snapshot) { return func(s *Snapshot) { change(s.Pick.Pull) } }
	const on, off, squash = "say auto-merge istio/istio#8", "auto-merge istio/istio#8 say", "cherrypick: {auto_merge: squash}"
	for _, tt := range []struct {
		name, section string
		facts         []func(*Snapshot)
		do            string
	}{
		{"not wanted", "", nil, "say"},
		{"to be asked for", squash, nil, on},
		{"asked for", squash, []func(*Snapshot){asked}, "say"},
		{"asked for, with a queue", squash, []func(*Snapshot){asked, m(func(m *mergeFacts) { m.Rules.Queue = true })}, "say"},
		{"in the queue", squash, []func(*Snapshot){m(func(m *mergeFacts) { m.Queued = true })}, "say"},
		{"asked for in another way", "cherrypick: {auto_merge: rebase}", []func(*Snapshot){asked}, off},
		{"not wanted any more", "", []func(*Snapshot){asked}, off},
		{"asked for by carol", squash, []func(*Snapshot){m(func(m *mergeFacts) { m.Asked, m.By = somebodys, carol })}, "say"},
		{"the check has not spoken", squash, []func(*Snapshot){m(func(m *mergeFacts) { m.Faith = facts.Faith{Head: thePick} })}, "say"},
		{"the check has not spoken since", squash, []func(*Snapshot){asked, m(func(m *mergeFacts) { m.Faith = facts.Faith{Head: thePick} })}, "say"},
		{"the check spoke of another head", squash, []func(*Snapshot){m(func(m *mergeFacts) { m.Faith.Head = otherHead })}, "say"},
		{"not faithful", squash, []func(*Snapshot){asked, m(func(m *mergeFacts) { m.Faith.Holds, m.Faith.Says = false, "Overridden by @alice" })}, off},
		{"frozen", squash, []func(*Snapshot){asked, m(func(m *mergeFacts) { m.Held = "`release-1.30` is frozen until 2026-08-02 12:00 UTC" })}, off},
		{"not required", squash, []func(*Snapshot){m(func(m *mergeFacts) { m.Lacks = []string{"slipway/release-branch"} })}, "say"},
		{"rules unknown", squash, []func(*Snapshot){m(func(m *mergeFacts) {
			m.Rules.Unclear, m.Lacks = "GitHub doesn't show which checks are required there", []string{"x"}
		})}, "say"},
		{"switched off", squash, []func(*Snapshot){m(func(m *mergeFacts) { m.Stopped = &github.PullMove{Kind: "auto_merge_disabled", By: carol} })}, "say"},
		{"taken out of the queue", squash, []func(*Snapshot){m(func(m *mergeFacts) { m.Stopped = &github.PullMove{Kind: "removed_from_merge_queue", By: carol} })}, "say"},
		{"switched off again and again", squash, []func(*Snapshot){m(func(m *mergeFacts) { m.Again = true })}, "say"},
		{"refused", squash, []func(*Snapshot){m(func(m *mergeFacts) {
			m.Refused = "The repository doesn't allow auto-merge. **Next step:** have an administrator tick *Allow auto-merge* in the repository's settings (*General*)"
		})}, "say"},
		{"pushed to", squash, []func(*Snapshot){asked, pull(func(p *ourPull) { p.Head, p.Own = otherHead, otherHead })}, off},
		{"its text edited", squash, []func(*Snapshot){asked, pull(func(p *ourPull) { p.Intact = false })}, off},
		{"a draft", squash, []func(*Snapshot){asked, pull(func(p *ourPull) { p.Draft = true }), m(func(m *mergeFacts) { m.DraftBy = &carol })}, off},
		{"withdrawn", squash, []func(*Snapshot){asked, func(s *Snapshot) { s.Pick.Labelled, s.Pick.Part = false, "x" }}, off},
		{"it had a conflict", squash, []func(*Snapshot){asked, pull(func(p *ourPull) { p.Record.Outcome, p.Head, p.Own = effect.PickConflict, otherHead, otherHead })}, off},
	} {
		t.Run(tt.name, func(t *testing.T) {
			plan := decidePick(aPick(t, tt.section, append([]func(*Snapshot){waitsFor}, tt.facts...)...))
			if got := strings.Join(did(plan.Effects), " "); got != tt.do {
				t.Fatalf("%s: %q, want %q", plan.Reason, got, tt.do)
			}
			golden.Check(t, "merging "+tt.name+".md", find[effect.Section](t, plan.Effects).Text+"\n")
		})
	}
}

// TestAutoMergeIsTakenBackFirst: before the pick is made anew.
func TestAutoMergeIsTakenBackFirst(t *testing.T) {
	s := aPick(t, "cherrypick: {auto_merge: squash}", waitsFor, conflicting, func(s *Snapshot) {
		s.Pick.Merge.Asked = ours
		s.Pick.Pull.AutoMerge = &github.AutoMerge{Method: "squash"}
		s.Pick.Tip, s.Pick.TipOurs, s.Pick.Picked.Commit = thePick, true, otherHead
	})
	if got := strings.Join(did(decidePick(s).Effects), " "); got != "auto-merge istio/istio#8 push pull" {
		t.Error(got)
	}
}
