package cherrypick

import (
	"slices"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// TestTurn: what each state of a pick means for the one after it.
func TestTurn(t *testing.T) {
	pull := func(state github.State, merged bool) *github.PullDetail {
		return &github.PullDetail{PullRequest: github.PullRequest{Number: 12, State: state, Merged: merged}}
	}
	open, merged, closed := pull(github.Open, false), pull(github.Closed, true), pull(github.Closed, false)
	asked := Record{State: Waiting, Asked: "comment/2#0", Done: "comment/1#0"}
	for _, tt := range []struct {
		name string
		l    link
		want turn
	}{
		{"open", link{Pull: open, Record: Record{State: Open}}, pending},
		{"open with a conflict", link{Pull: open, Record: Record{State: Clashed}}, pending},
		{"merged, and nothing said yet", link{Pull: merged, Record: Record{State: Open}}, through},
		{"merged without a record", link{Pull: merged}, through},
		{"merged, and asked for again", link{Pull: merged, Record: asked}, pending},
		{"closed", link{Pull: closed, Record: Record{State: Closed}}, broken},
		{"closed, and asked for again", link{Pull: closed, Record: asked}, pending},
		{"said to be merged", link{Record: Record{State: Merged}}, through},
		{"said to be closed", link{Record: Record{State: Closed}}, broken},
		{"already there", link{Record: Record{State: Contained}}, through},
		{"nothing of it left", link{Record: Record{State: LeftOut}}, through},
		{"by hand, and open", link{Record: Record{State: ByHand}}, pending},
		{"a stranger's", link{Record: Record{State: Ignored}, Cut: true}, absent},
		{"impossible", link{Record: Record{State: Impossible}, Cut: true}, absent},
		{"refused", link{Record: Record{State: Refused}}, pending},
		{"taken", link{Record: Record{State: Taken}}, pending},
		{"retargeted", link{Record: Record{State: Retargeted}}, pending},
		{"an issue", link{Record: Record{State: Clashed, Issue: 3}}, pending},
		{"not looked at yet", link{Cut: true}, pending},
		{"waits itself", link{Record: Record{State: Queued}, Cut: true}, pending},
		{"stopped itself", link{Record: Record{State: Stopped}, Cut: true}, pending},
		{"withdrawn once", link{Record: Record{State: Withdrawn}, Cut: true}, pending},
		{"not cut yet", link{Record: Record{State: Waiting}}, absent},
	} {
		if got := tt.l.turn(); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

// TestNewestFirst: the order is one, whatever order the branches come in.
func TestNewestFirst(t *testing.T) {
	p, _ := loaded(t, "")
	p.Policy.Branches = []string{"release-*", "lts-*", "main", "dev-*"}
	want := []release.Branch{"release-2.0", "v1.30", "release-1.30", "release-1.9", "lts-1.8", "release-next", "lts-a", "lts-b", "main", "dev-x", "other"}
	for i := range want {
		got := append(slices.Clone(want[i:]), want[:i]...)
		slices.SortFunc(got, newestFirst(p.Policy))
		if !slices.Equal(got, want) {
			t.Fatalf("%v", got)
		}
	}
}

// inChain is the pick of #7 onto release-1.30 where release-1.31 and release-1.29 are asked for, too.
func inChain(t *testing.T, before link, change ...func(*Snapshot)) Snapshot {
	t.Helper()
	s := aPick(t, "cherrypick: {chain: true}")
	s.PR.Labels = append(s.PR.Labels, "cherrypick/release-1.29", "cherrypick/release-1.31", "cherrypick/topic")
	before.Branch = "release-1.31"
	s.Pick.Before = []link{before}
	for _, c := range change {
		c(&s)
	}
	return s
}

// TestDecideChain: a pick that waits says so, and hands on to the next one with each run.
func TestDecideChain(t *testing.T) {
	pull := func(state github.State, merged bool) *github.PullDetail {
		return &github.PullDetail{PullRequest: github.PullRequest{Number: 12, State: state, Merged: merged}}
	}
	for _, tt := range []struct {
		name  string
		s     Snapshot
		do    string
		state State
	}{
		{"waits for one that is open", inChain(t, link{Pull: pull(github.Open, false), Record: Record{State: Open}}), "say", Queued},
		{"waits for one with a conflict", inChain(t, link{Pull: pull(github.Open, false), Record: Record{State: Clashed}}), "say", Queued},
		{"waits for one that isn't picked yet", inChain(t, link{Cut: true}), "say", Queued},
		{"waits for one that was refused", inChain(t, link{Record: Record{State: Refused}}), "say", Queued},
		{"waits for one by hand", inChain(t, link{Record: Record{State: ByHand, StandIn: StandIn{PR: 34}}}), "say", Queued},
		{"stopped by one that was closed", inChain(t, link{Pull: pull(github.Closed, false)}), "tell say", Stopped},
		{"stopped by one that is gone", inChain(t, link{Record: Record{State: Closed}}), "tell say", Stopped},
		{"goes on", inChain(t, link{Pull: pull(github.Closed, true)}), "push pull", ""},
		{"open already", inChain(t, link{Pull: pull(github.Open, false)}, pulled(effect.PickClean), settled, func(s *Snapshot) { s.Pick.Record.Extras = 8 }), "say", Open},
		{"withdrawn while it waited", inChain(t, link{Pull: pull(github.Open, false)}, func(s *Snapshot) { s.Pick.Labelled, s.Pick.Part = false, "x" }), "say", Withdrawn},
	} {
		plan := decidePick(tt.s)
		if got := strings.Join(did(plan.Effects), " "); got != tt.do {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.do)
			continue
		}
		if !slices.Contains(plan.Enqueue, pickKey(repo, 7, "release-1.29")) || slices.Contains(plan.Enqueue, pickKey(repo, 7, "release-1.31")) {
			t.Errorf("%s: %v", tt.name, plan.Enqueue)
		}
		if tt.state == "" {
			continue
		}
		said := find[effect.Section](t, plan.Effects)
		if !strings.Contains(string(said.Record), `"state":"`+string(tt.state)+`"`) {
			t.Errorf("%s: the record is %s", tt.name, said.Record)
		}
		golden.Check(t, "status chain "+tt.name+".md", said.Text+"\n")
	}
}

// TestHandsOn: an older branch never names a newer one, and without the setting none is named.
func TestHandsOn(t *testing.T) {
	last := inChain(t, link{}, func(s *Snapshot) { s.Subject.name = "release-1.29" })
	if plan := decidePick(last); slices.ContainsFunc(plan.Enqueue, func(k reconcile.Key) bool { return k != last.Key }) {
		t.Errorf("%v", plan.Enqueue)
	}
	gone := inChain(t, link{}, func(s *Snapshot) { // its label was taken off
		s.PR.Labels, s.Pick.Labelled, s.Pick.Part = []string{"cherrypick/release-1.29"}, false, "x"
	})
	if plan := decidePick(gone); !slices.Equal(plan.Enqueue, []reconcile.Key{pickKey(repo, 7, "release-1.29")}) {
		t.Errorf("%v", plan.Enqueue)
	}
	off := inChain(t, link{}, func(s *Snapshot) { s.Settings.Chain = false })
	if plan := decidePick(off); slices.Contains(plan.Enqueue, pickKey(repo, 7, "release-1.29")) {
		t.Errorf("%v", plan.Enqueue)
	}
}

// TestCallsOfAChain: which calls have a pick made before its turn.
func TestCallsOfAChain(t *testing.T) {
	waits := pickFacts{Labelled: true, Record: Record{State: Queued, Asked: "comment/1#0"}}
	stopped := pickFacts{Labelled: true, Record: Record{State: Stopped}}
	forced := pickFacts{Labelled: true, Record: Record{State: Waiting, Asked: "comment/900#0", Forced: "comment/900#0"}}
	for _, tt := range []struct {
		name  string
		named []namedBranch
		ahead string // the branches that don't wait
	}{
		{"two", []namedBranch{{Name: "release-1.29"}, {Name: "release-1.30"}}, ""},
		{"again for one that waits", []namedBranch{{Name: "release-1.29", Pick: waits}}, "release-1.29"},
		{"again for one that was stopped", []namedBranch{{Name: "release-1.29", Pick: stopped}}, "release-1.29"},
		{"again for all", []namedBranch{{Name: "release-1.29", Pick: waits}, {Name: "release-1.30"}}, ""},
		{"again with one that can't be", []namedBranch{{Name: "release-1.29", Pick: waits}, {Name: "release-1.31", Why: noSuchBranch()}}, "release-1.29"},
		{"in a second try", []namedBranch{{Name: "release-1.29", Pick: forced}}, ""},
	} {
		f := callFacts{Snapshot: inChain(t, link{}), Named: tt.named, Call: command.Call{
			Name: pickName, Repo: repo, Number: 7, OnPR: true, Source: command.InComment, ID: 900, Author: github.User{ID: 1, Login: "alice"},
		}}
		out := decidePickCall(f)
		var ahead, labels []string
		for _, e := range out.Effects {
			switch e := e.(type) {
			case effect.Section:
				if strings.Contains(string(e.Record), `"forced":"comment/900#0"`) {
					ahead = append(ahead, e.Mark.ID)
				}
			case effect.Labels:
				labels = append(labels, e.Labels...)
			}
		}
		if got := strings.Join(ahead, " "); got != tt.ahead {
			t.Errorf("%s: %q don't wait, want %q", tt.name, got, tt.ahead)
		}
		if !slices.IsSortedFunc(labels, func(a, b string) int { return strings.Compare(b, a) }) { // newest first
			t.Errorf("%s: %v", tt.name, labels)
		}
		golden.Check(t, "call chain "+tt.name+".md", out.Reply+"\n")
	}
}
