package cherrypick

import (
	"fmt"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
)

// TestDecidePick goes through every state of a pick. What the status comment
// says is a golden each.
func TestDecidePick(t *testing.T) {
	open := func(s *Snapshot) { s.PR.State, s.PR.Merged = github.Open, false }
	shut := func(s *Snapshot) { s.PR.Merged = false; s.Pick.Part = "there is one" }
	onto := func(branch string) func(*Snapshot) { return func(s *Snapshot) { s.Subject.name = branch } }
	notLabelled := func(s *Snapshot) { s.Pick.Labelled = false; s.Pick.Part = "there is one" }
	stranger := func(s *Snapshot) { s.Pick.By = github.User{ID: 3, Login: "mallory"}; s.Pick.May = false }
	refused := func(reason string) func(*Snapshot) {
		return func(s *Snapshot) {
			s.Pick.Picked.Refused = effect.Refusal{Reason: reason, Text: "remote: @all `no`", Told: "The App lacks a permission. **Next step:** have it granted, then ask again."}
		}
	}
	outcome := func(o effect.PickOutcome) func(*Snapshot) {
		return func(s *Snapshot) { *s.Pick.Picked = effect.Picked{Outcome: o, Onto: theTarget} }
	}
	tip := func(ours bool) func(*Snapshot) {
		return func(s *Snapshot) { s.Pick.Tip, s.Pick.TipOurs = otherHead, ours }
	}
	byPerson := func(state github.State) func(*Snapshot) {
		return func(s *Snapshot) {
			s.Pick.Picked = nil
			s.Pick.ByHand = &github.PullRequest{Number: 9, Author: github.User{Login: "carol"}, State: state, Merged: state != github.Open, Head: otherHead}
		}
	}
	touched := func(p *ourPull) { p.Head, p.Own = otherHead, otherHead }
	updated := func(p *ourPull) { p.Head = otherHead }
	extras := func(s *Snapshot) { s.Pick.Record.Extras = 8 }
	ready := func(p *ourPull) { p.Draft = false }
	for _, tt := range []struct {
		name    string
		section string
		facts   []func(*Snapshot)
		do      string
		state   State
	}{
		{"waits for the merge", "", []func(*Snapshot){open}, "say", Waiting},
		{"asked for by nobody knows whom", "", []func(*Snapshot){open, func(s *Snapshot) { s.Pick.By = github.User{} }}, "say", Waiting},
		{"the source was closed", "", []func(*Snapshot){shut}, "say", Unmerged},
		{"a label on what was closed", "", []func(*Snapshot){shut, func(s *Snapshot) { s.Pick.Part = "" }}, "", ""},
		{"withdrawn", "", []func(*Snapshot){notLabelled}, "say", Withdrawn},
		{"a stranger's label", "", []func(*Snapshot){stranger}, "say", Ignored},
		{"a label while only teams may", "cherrypick: {requesters: {writers: false, teams: [pickers]}}", []func(*Snapshot){stranger, func(s *Snapshot) { s.Pick.Teams = []string{"pickers"} }}, "say", Ignored},
		{"not a branch name", "", []func(*Snapshot){onto("--force")}, "tell say", Impossible},
		{"the base itself", "", []func(*Snapshot){onto("master")}, "tell say", Impossible},
		{"not governed", "", []func(*Snapshot){onto("topic")}, "tell say", Impossible},
		{"no such branch", "", []func(*Snapshot){func(s *Snapshot) { s.Pick.Target, s.Pick.Picked = "", nil }}, "say", Waiting},
		{"no such branch any more", "", []func(*Snapshot){asked, func(s *Snapshot) { s.Pick.Target, s.Pick.Picked = "", nil }}, "tell say", Impossible},
		{"the branch went meanwhile", "", []func(*Snapshot){outcome(effect.PickNoBranch)}, "tell say", Impossible},
		{"no such commit", "", []func(*Snapshot){outcome(effect.PickNoCommit)}, "tell say", Impossible},
		{"no access", "", []func(*Snapshot){outcome(effect.PickNoAccess)}, "tell say", Impossible},
		{"already there", "", []func(*Snapshot){outcome(effect.PickContains)}, "say", Contained},
		{"already there while a draft is open", "", []func(*Snapshot){asked, pulled(effect.PickConflict), outcome(effect.PickContains)}, "say", Contained},
		{"refused for workflows", "", []func(*Snapshot){refused("workflow")}, "tell say", Refused},
		{"refused for a permission", "", []func(*Snapshot){refused("permission")}, "tell say", Refused},
		{"refused by a rule", "", []func(*Snapshot){refused("protected")}, "tell say", Refused},
		{"refused", "", []func(*Snapshot){refused("refused")}, "tell say", Refused},
		{"somebody's branch", "", []func(*Snapshot){tip(false)}, "tell say", Taken},
		{"somebody's pull request", "", []func(*Snapshot){func(s *Snapshot) { s.Pick.Others = &github.PullDetail{PullRequest: github.PullRequest{Number: 9}} }}, "tell say", Taken},
		{"a person's pick", "", []func(*Snapshot){byPerson(github.Open)}, "tell say", ByHand},
		{"a person's pick, told before", "", []func(*Snapshot){byPerson(github.Open), func(s *Snapshot) { s.Pick.Record.Told = byLabel + "/by hand/9" }}, "say", ""},
		{"a person's pick, merged", "", []func(*Snapshot){byPerson(github.Closed)}, "say", Merged},
		{"the branch of a closed pick, pushed to", "", []func(*Snapshot){asked, pulled(effect.PickClean, func(p *ourPull) { p.State = github.Closed }), tip(false)}, "tell say", Taken},
		{"clean", "", nil, "push pull", ""},
		{"clean, pushed before a crash", "", []func(*Snapshot){func(s *Snapshot) { s.Pick.Tip, s.Pick.TipOurs = thePick, true }}, "say pull", ""},
		{"made anew, but for its text", "cherrypick: {rebuild_drafts: true}", []func(*Snapshot){pulled(effect.PickConflict, touched), settled, extras, func(s *Snapshot) { s.Pick.Tip, s.Pick.TipOurs = thePick, true }}, "pull", ""},
		{"picked, and then no longer governed", "", []func(*Snapshot){onto("topic"), pulled(effect.PickClean, func(p *ourPull) { p.State, p.Merged = github.Closed, true })}, "say", Merged},
		{"closed, and only our label is left", "", []func(*Snapshot){pulled(effect.PickClean, func(p *ourPull) { p.State, p.Record.Asked = github.Closed, "comment/1#0" }), func(s *Snapshot) { s.Pick.Lost = true }}, "say", Closed},
		{"clean, pushed before a crash and another target", "", []func(*Snapshot){tip(true)}, "push pull", ""},
		{"conflict", "", []func(*Snapshot){conflicting}, "push pull", ""},
		{"conflict, as an issue", "cherrypick: {on_conflict: issue}", []func(*Snapshot){conflicting}, "issue", ""},
		{"conflict, as both", "cherrypick: {on_conflict: both}", []func(*Snapshot){conflicting}, "push pull issue", ""},
		{"opened", "", []func(*Snapshot){pulled(effect.PickClean)}, "extras say", Open},
		{"open", "", []func(*Snapshot){pulled(effect.PickClean), extras, settled, func(s *Snapshot) { s.Pick.Record.Checked = 8 }}, "say", Open},
		{"open and lacking", "cherrypick: {labels: [x], milestone: \"{branch}\", reviewers: {author: true, teams: [qa]}}", []func(*Snapshot){pulled(effect.PickClean), extras}, "say", Open},
		{"conflict, opened", "", []func(*Snapshot){pulled(effect.PickConflict), extras, func(s *Snapshot) { s.Pick.By = github.User{} }}, "say", Clashed},
		{"conflict, pushed to", "", []func(*Snapshot){pulled(effect.PickConflict, touched), extras, func(s *Snapshot) { s.Pick.By = github.User{} }}, "say", Clashed},
		{"conflict, resolved", "", []func(*Snapshot){pulled(effect.PickConflict, touched, ready), extras, func(s *Snapshot) { s.Pick.By = github.User{} }}, "say", Open},
		{"conflict, asked again", "", []func(*Snapshot){pulled(effect.PickConflict), settled, asked, func(s *Snapshot) { s.Pick.Tip, s.Pick.TipOurs = thePick, true; s.Pick.Picked.Commit = otherHead }}, "push pull", ""},
		{"conflict, asked again after a push", "", []func(*Snapshot){pulled(effect.PickConflict, touched), settled, asked, tip(false)}, "extras tell say", Clashed},
		{"conflict, only updated", "", []func(*Snapshot){pulled(effect.PickConflict, updated), extras, func(s *Snapshot) { s.Pick.By = github.User{} }}, "say", Clashed},
		{"conflict, updated where there are no drafts", "", []func(*Snapshot){pulled(effect.PickConflict, updated, ready), extras, func(s *Snapshot) { s.Pick.By = github.User{} }}, "say", Clashed},
		{"conflict, accepted", "", []func(*Snapshot){pulled(effect.PickConflict, func(p *ourPull) { p.Accepted = true }), extras, func(s *Snapshot) { s.Pick.By = github.User{} }}, "say", Open},
		{"conflict, the branch has moved for nothing", "cherrypick: {rebuild_drafts: true}", []func(*Snapshot){conflicting, pulled(effect.PickConflict), settled, extras, func(s *Snapshot) { s.Pick.Tip, s.Pick.TipOurs = thePick, true; s.Pick.By = github.User{} }}, "say", Clashed},
		{"made anew and clean", "", []func(*Snapshot){pulled(effect.PickClean, func(p *ourPull) { p.Draft = true }), extras, func(s *Snapshot) { s.Pick.By, s.Pick.Merge.DraftBy = github.User{}, &github.User{} }}, "say", Open},
		{"made anew, clean and our draft", "", []func(*Snapshot){pulled(effect.PickClean, func(p *ourPull) { p.Draft = true }), extras}, "ready istio/istio#8", ""},
		{"an issue", "cherrypick: {on_conflict: issue}", []func(*Snapshot){settled, func(s *Snapshot) {
			s.Pick.Issue = &ourIssue{Issue: github.Issue{Number: 8}, Record: PullRecord{Asked: byLabel}}
			s.Pick.Record.Extras = 8
		}}, "tell say", Clashed},
		{"conflict, with an issue", "cherrypick: {on_conflict: both}", []func(*Snapshot){pulled(effect.PickConflict), extras, func(s *Snapshot) {
			s.Pick.By = github.User{}
			s.Pick.Issue = &ourIssue{Issue: github.Issue{Number: 9}}
		}}, "say", Clashed},
		{"merged", "", []func(*Snapshot){pulled(effect.PickClean, func(p *ourPull) { p.State, p.Merged = github.Closed, true })}, "say", Merged},
		{"closed", "", []func(*Snapshot){settled, pulled(effect.PickClean, func(p *ourPull) { p.State = github.Closed })}, "say", Closed},
		{"closed, asked again", "", []func(*Snapshot){settled, pulled(effect.PickClean, func(p *ourPull) { p.State = github.Closed }), asked}, "push pull", ""},
		{"settled", "", []func(*Snapshot){settled, func(s *Snapshot) { s.Pick.Picked = nil }}, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := aPick(t, tt.section, tt.facts...)
			plan := decidePick(s)
			if got := strings.Join(did(plan.Effects), " "); got != tt.do {
				t.Fatalf("%s: %q, want %q", plan.Reason, got, tt.do)
			}
			if again := decidePick(s); fmt.Sprintf("%+v", plan) != fmt.Sprintf("%+v", again) {
				t.Error("the same facts gave two plans")
			}
			if tt.state == "" {
				return
			}
			said := find[effect.Section](t, plan.Effects)
			if !strings.Contains(string(said.Record), `"state":"`+string(tt.state)+`"`) {
				t.Errorf("the record is %s", said.Record)
			}
			golden.Check(t, "status "+tt.name+".md", said.Text+"\n")
		})
	}
}

// noMarkersLeft are conflicts of each kind that leaves no markers.
var noMarkersLeft = []effect.Conflict{
	{Path: "changed", Kind: "modify/delete", Source: file},
	{Path: "deleted", Kind: "modify/delete", Target: file},
	{Path: "image.png", Kind: "binary", Target: file, Source: file},
	{Path: "renamed.png", Kind: "binary", Target: file, Source: effect.Side{Mode: "100755", ID: otherHead}},
	{Path: "run", Kind: "mode", Target: file, Source: file},
	{Path: "link~release-1.30", Kind: "mode", Was: "link", Target: file},
	{Path: "way~release-1.30", Kind: "file/directory", Was: "way", Target: file},
	{Path: "road~111111111111", Kind: "file/directory", Was: "road", Source: file},
	{Path: "lib", Kind: "submodule", Target: file, Source: file},
	{Path: "large.bin", Kind: "LFS pointer", Target: file, Source: file},
	{Path: "new/file", Kind: "moved", Was: "old/file", Source: file},
	{Path: "old", Kind: "moved"},
	{Path: "it's $(rm -rf ~) *", Kind: "modify/delete", Target: file},
	{Path: ":!all", Kind: "binary", Target: file, Source: file},
	{Path: "two\nlines", Kind: "modify/delete", Target: file},
	{Path: "wrong\xff", Kind: "modify/delete", Target: file},
	{Path: "right\u202eleft", Kind: "modify/delete", Target: file},
}

// TestPullTexts: the pull requests and issues of picks.
func TestPullTexts(t *testing.T) {
	several := func(s *Snapshot) {
		s.Pick.Commits = []string{theCommit, otherHead}
		s.Pick.Picked.Rest = []string{otherHead}
	}
	for _, tt := range []struct {
		name    string
		section string
		facts   []func(*Snapshot)
	}{
		{"clean", "", nil},
		{"conflict", "", []func(*Snapshot){conflicting}},
		{"conflict in a range", "", []func(*Snapshot){conflicting, several}},
		{"conflict without history", "", []func(*Snapshot){conflicting, func(s *Snapshot) { s.Pick.Needs, s.Pick.Picked.Unsearched = nil, true }}},
		{"conflict that waits for nothing", "", []func(*Snapshot){conflicting, func(s *Snapshot) { s.Pick.Needs, s.Pick.Source.Body = nil, "" }}},
		{"conflict without markers", "", []func(*Snapshot){conflicting, func(s *Snapshot) { s.Pick.Needs, s.Pick.Picked.Conflicts = nil, noMarkersLeft }}},
		{"conflict with more", "", []func(*Snapshot){conflicting, func(s *Snapshot) { s.Pick.Picked.More = true }}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := find[effect.PullRequest](t, decidePick(aPick(t, tt.section, tt.facts...)).Effects)
			golden.Check(t, "pull "+tt.name+".md", p.Title+"\n\n"+p.Text)
		})
	}
	for _, mode := range []string{"issue", "both"} {
		s := aPick(t, "cherrypick: {on_conflict: "+mode+"}", conflicting, func(s *Snapshot) { s.Pick.Mainline = true })
		i := find[effect.Issue](t, decidePick(s).Effects)
		golden.Check(t, "issue "+mode+".md", i.Title+"\n\n"+i.Text)
	}
}

func TestTitle(t *testing.T) {
	for title, want := range map[string]string{
		"Fix it":                           "[release-1.30] Fix it",
		"[release-1.29] Fix it":            "[release-1.30] Fix it",
		"[release-1.29] [1.28] Fix it":     "[release-1.30] Fix it",
		"[release-1.30] Fix it":            "[release-1.30] Fix it",
		"[pilot] Fix it":                   "[release-1.30] [pilot] Fix it",
		"[release/1.2]Fix":                 "[release-1.30] Fix",
		"`rm -rf` @all <b> #1":             "[release-1.30] `rm -rf` @all <b> #1",
		strings.Repeat("x", 300):           "[release-1.30] " + strings.Repeat("x", 240) + "…",
		"[a b] c":                          "[release-1.30] [a b] c",
		"Revert \"[release-1.29] Fix it\"": "[release-1.30] Revert \"[release-1.29] Fix it\"",
		"[v1.29] x":                        "[release-1.30] x",
	} {
		s := aPick(t, "", func(s *Snapshot) { s.Pick.Source.Title = title })
		if got := s.title(); got != want {
			t.Errorf("%q becomes %q, want %q", title, got, want)
		}
	}
}

func TestReleaseNote(t *testing.T) {
	for body, want := range map[string]string{
		"":                                       "",
		"```release-note\nFixed.\n```":           "Fixed.",
		"```release-note\r\nFixed.\r\n```\r\n":   "Fixed.",
		"````release-note\n```\nx\n````\nafter":  "```\nx",
		"```release-note\nnever closed":          "",
		"```go\nrelease-note\n```":               "",
		"~~~release-note-none\nNONE\n~~~":        "NONE",
		"```release-note\n\n```":                 "",
		"text\n\n```release-note\na\nb\n```\n x": "a\nb",
	} {
		if got := releaseNote(body); got != want {
			t.Errorf("%q: %q, want %q", body, got, want)
		}
	}
}

// TestHoldsMarkers: a marker is the source's own as often as its file has it.
func TestHoldsMarkers(t *testing.T) {
	const fixture = "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n"
	for pick, want := range map[string]bool{
		"":                                 true,
		"a\n":                              true,
		fixture:                            true,
		"more\n" + fixture:                 true,
		"<<<<<<< HEAD\r\n":                 true,
		fixture + fixture:                  false,
		fixture + "=======\n":              false,
		"<<<<<<< release-1.30\n":           false,
		"<<<<<<< release-1.30\n" + fixture: false,
	} {
		if got := holdsMarkers("first\n"+fixture, pick); got != want {
			t.Errorf("%q: %v", pick, got)
		}
	}
}

func TestFinished(t *testing.T) {
	conflict := PullRecord{Commit: thePick, Outcome: effect.PickConflict, Files: []string{"a.go"}}
	clean := PullRecord{Commit: thePick, Outcome: effect.PickClean}
	marked := github.Marked{Sides: []string{"a.go"}, Middle: []string{"a.go", "README.rst"}, Complete: true}
	middle := github.Marked{Middle: []string{"a.go", "README.rst"}, Complete: true}
	unseen := github.Marked{Unseen: []string{"large.json"}, Complete: true}
	none := github.Marked{Complete: true}
	taken := Acceptance{Commit: thePick, PR: 8, By: "bob"}
	for _, tt := range []struct {
		name string
		f    pullFacts
		want effect.State
	}{
		{"clean as made", pullFacts{Head: thePick, Record: clean, Intact: true, Marked: marked}, effect.Pass},
		{"clean and pushed to", pullFacts{Head: otherHead, Record: clean, Intact: true, Marked: none}, effect.Pass},
		{"clean and spoilt", pullFacts{Head: otherHead, Record: clean, Intact: true, Marked: marked}, effect.Block},
		{"conflict as made", pullFacts{Head: thePick, Record: conflict, Intact: true, Marked: none}, effect.Block},
		{"conflict accepted", pullFacts{Head: thePick, Record: conflict, Intact: true, Accepted: taken, Marked: none}, effect.Pass},
		{"conflict accepted with markers", pullFacts{Head: thePick, Record: conflict, Intact: true, Accepted: taken, Marked: marked}, effect.Block},
		{"conflict accepted and made anew", pullFacts{Head: otherHead, Record: conflict, Intact: true, Made: true, Accepted: taken, Marked: none}, effect.Block},
		{"conflict accepted at another commit", pullFacts{Head: thePick, Record: conflict, Intact: true, Accepted: Acceptance{Commit: otherHead}, Marked: none}, effect.Block},
		{"conflict half resolved", pullFacts{Head: otherHead, Record: conflict, Intact: true, Marked: middle}, effect.Block},
		{"conflict resolved", pullFacts{Head: otherHead, Record: conflict, Intact: true, Marked: none}, effect.Pass},
		{"conflict made anew, before its text says so", pullFacts{Head: otherHead, Record: conflict, Intact: true, Made: true, Marked: none}, effect.Block},
		{"an underlined heading", pullFacts{Head: otherHead, Record: conflict, Intact: true, Marked: github.Marked{Middle: []string{"README.rst"}, Complete: true}}, effect.Pass},
		{"conflict that can't be seen", pullFacts{Head: otherHead, Record: conflict, Intact: true, Marked: unseen}, effect.Block},
		{"conflict in too many files", pullFacts{Head: otherHead, Record: conflict, Intact: true}, effect.Block},
		{"its text was edited and nobody has pushed", pullFacts{Head: thePick, Made: true, Clash: true, Marked: none}, effect.Block},
		{"its text was edited", pullFacts{Head: otherHead, Marked: middle}, effect.Block},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := finished(tt.f)
			if v.State != tt.want {
				t.Errorf("%s: %s", v.State, v.Title)
			}
			golden.Check(t, "finished "+tt.name+".md", v.Title+"\n\n"+v.Detail+"\n")
		})
	}
}
