package cherrypick

import (
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/golden"
)

// proposed makes a pick in conflict one that follows a resolution, in the first of its files or in all.
func proposed(left int) func(*Snapshot) {
	const diff = "@@ -1,9 +1,5 @@\n package xds\n \n-<<<<<<< release-1.30\n-func Push() {}\n-=======\n-func Push() { three() }\n->>>>>>> 111111111111\n+func Push() { resolved() }\n"
	return func(s *Snapshot) {
		conflicting(s)
		s.Pick.Needs = nil
		p := s.Pick.Picked
		p.Like = effect.Resolved{PR: 12, Branch: "release-1.31", By: "alice"}
		s.Pick.Likes = []like{{"release-1.31", 12}}
		p.Conflicts[0].Reused = effect.Reused{Places: 1, Left: left, Diff: diff}
		if left == 0 {
			p.Conflicts = p.Conflicts[:1]
		}
	}
}

// TestLikewise: when a draft is made anew for what was resolved elsewhere.
func TestLikewise(t *testing.T) {
	byOurs := func(s *Snapshot) { s.Pick.Tip, s.Pick.TipOurs = thePick, true; s.Pick.Picked.Commit = otherHead }
	likes := func(s *Snapshot) { s.Pick.Likes = []like{{"release-1.31", 12}} }
	record := func(tried ...int) func(*ourPull) { return func(p *ourPull) { p.Record.Tried = tried } }
	has := func(p *ourPull) { p.Record.Like = Followed{PR: 12, Branch: "release-1.31", Left: 1} }
	for _, tt := range []struct {
		name    string
		section string
		facts   []func(*Snapshot)
		do      string
	}{
		{"it was merged since", "", []func(*Snapshot){proposed(0), pulled(effect.PickConflict), settled, byOurs}, "push pull"},
		{"it was merged since, and is of no use", "", []func(*Snapshot){conflicting, likes, pulled(effect.PickConflict), settled, byOurs}, "push pull"},
		{"it was tried", "", []func(*Snapshot){proposed(0), pulled(effect.PickConflict, record(12)), settled}, "extras say"},
		{"another was tried", "", []func(*Snapshot){proposed(0), pulled(effect.PickConflict, record(11)), settled, byOurs}, "push pull"},
		{"somebody has pushed", "", []func(*Snapshot){proposed(0), pulled(effect.PickConflict, func(p *ourPull) { p.Own = otherHead }), settled, byOurs}, "extras say"},
		{"it is accepted", "", []func(*Snapshot){proposed(0), pulled(effect.PickConflict, func(p *ourPull) { p.Accepted = true }), settled, byOurs}, "extras say"},
		{"a push to the branch, and the same comes of it", "cherrypick: {rebuild_drafts: true}", []func(*Snapshot){proposed(1), pulled(effect.PickConflict, record(12), func(p *ourPull) {
			p.Record.Like = Followed{PR: 12, Branch: "release-1.31", Left: 2}
		}), settled, byOurs}, "extras say"},
		{"a push to the branch, and less comes of it", "cherrypick: {rebuild_drafts: true}", []func(*Snapshot){conflicting, likes, pulled(effect.PickConflict, record(12), has), settled, byOurs}, "push pull"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			plan := decidePick(aPick(t, tt.section, append(tt.facts, nobodyToTell)...))
			if got := strings.Join(did(plan.Effects), " "); got != tt.do {
				t.Errorf("%s: %q, want %q", plan.Reason, got, tt.do)
			}
		})
	}
}

func nobodyToTell(s *Snapshot) { s.Pick.By.Login = "" }

// TestLikewiseTexts: the drafts that propose something, their lines and their verdicts.
func TestLikewiseTexts(t *testing.T) {
	forward := func(s *Snapshot) { s.Subject.name, s.Source, s.PR.Base = "master", "master", "release-1.30" }
	for name, do := range map[string][]func(*Snapshot){
		"whole": {proposed(0)}, "part": {proposed(1)}, "forward": {proposed(0), forward},
		"long": {proposed(0), func(s *Snapshot) {
			c := s.Pick.Picked.Conflicts[0]
			c.Reused.Diff += strings.Repeat("+```/cherry-pick accept @all <!-- \u202e\n", 100)
			s.Pick.Picked.Conflicts = []effect.Conflict{c}
			for range maxShownFiles + 2 {
				s.Pick.Picked.Conflicts = append(s.Pick.Picked.Conflicts, c)
			}
			s.Pick.Picked.Like.By = ""
		}},
	} {
		s := aPick(t, "", do...)
		p := find[effect.PullRequest](t, decidePick(s).Effects)
		if !p.Draft || !p.Redraft {
			t.Errorf("%s: no draft", name)
		}
		golden.Check(t, "pull likewise "+name+".md", p.Title+"\n\n"+p.Text)
		if name == "long" {
			continue
		}
		r := s.pullRecord()
		pulled(effect.PickConflict, func(p *ourPull) { p.Record = r })(&s)
		s.Pick.Record.Extras = 8
		said := find[effect.Section](t, s.tell(s.Pick.Record).Effects)
		golden.Check(t, "status likewise "+name+".md", said.Text+"\n")
		v := untouched(r)
		golden.Check(t, "finished likewise "+name+".md", v.Title+"\n\n"+v.Detail)
	}
}
