package gate_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
)

// word is a mood that GitHub may not tell yet.
type word string

func (w word) Unknown() bool { return w == "" }

// unsure is a gate on a fact of which nobody can be sure.
func (w *world) unsure(what facts.Unknown) gate.Gate[known] {
	fact := facts.Fact[int, word]{
		Name: "word", Unknown: what, What: func(n int) string { return fmt.Sprintf("The mood of #%d couldn't be read", n) },
		From: []facts.Need{w.mood()}, Read: func(l *facts.Look, n int) (word, error) {
			mood, err := w.mood().Of(l, n)
			return word(mood), err
		},
	}
	return gate.Gate[known]{Name: "unsure", Check: "slipway/unsure", Needs: []facts.Need{fact}, Judge: judge,
		Read: func(l *facts.Look, pr github.PullRequest) (known, error) {
			mood, err := fact.Of(l, pr.Number)
			return known{pr, string(mood)}, err
		}}
}

// TestUnknown: where a fact isn't known, what it says of itself follows.
func TestUnknown(t *testing.T) {
	const asked, bad = "pull 1, mood 1", "#1 against release-1.30: in no good mood"
	lost := outcome{err: "#1: GitHub doesn't answer", why: "branch release-1.30 is not governed", asked: asked}
	gone := outcome{err: "gone", why: "branch release-1.30 is not governed", asked: asked}
	good := outcome{wrote: "unsure #1 pass", why: "#1 against release-1.30: in a good mood", asked: asked}
	for name, tc := range map[string]struct {
		what facts.Unknown
		mood string
		want outcome
	}{
		"retry, known":    {facts.Retry, "good", good},
		"retry, an error": {facts.Retry, "lost", lost},
		"retry, nothing":  {facts.Retry, "", outcome{wrote: "unsure #1 block", why: bad, asked: asked}},
		"hold, known":     {facts.Hold, "good", good},
		"hold, an error": {facts.Hold, "lost", outcome{wrote: "unsure #1 block", asked: asked, next: 5 * time.Minute,
			why: "#1 against release-1.30: Not all can be found out: GitHub doesn't answer"}},
		"hold, gone":     {facts.Hold, "gone", gone},
		"wait, known":    {facts.Wait, "good", good},
		"wait, an error": {facts.Wait, "lost", lost},
		"wait, nothing":  {facts.Wait, "", outcome{wrote: "unsure #1 block", why: bad, asked: asked, next: time.Minute}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.moods[1] = tc.mood
			w.change(1, func(pr *github.PullRequest) { pr.UpdatedAt = noon })
			w.gates = []gate.One{gate.Of(w.unsure(tc.what))}
			w.wants(t, "gate pr/1", tc.want)
		})
	}
}

// TestUnknownSinceWhen: looks at what nobody can tell yet grow rarer, and end, also where
// GitHub doesn't say when the pull request was changed.
func TestUnknownSinceWhen(t *testing.T) {
	const minute = time.Minute
	for name, tc := range map[string]struct {
		updated, told, first time.Time
		next                 time.Duration
	}{
		"GitHub says it":           {updated: noon.Add(-2 * minute), told: noon, first: noon, next: 3 * minute},
		"it did long ago":          {updated: noon.Add(-time.Hour), told: noon, first: noon},
		"an event has just come":   {told: noon, first: noon.Add(-time.Hour), next: minute},
		"a while ago":              {told: noon.Add(-5 * minute), first: noon.Add(-time.Hour), next: 25 * minute},
		"long ago":                 {told: noon.Add(-31 * minute), first: noon.Add(-time.Hour)},
		"none came, but it's new":  {first: noon.Add(-minute), next: 4 * minute},
		"none came, and it is old": {first: noon.Add(-time.Hour)},
		"nobody knows":             {},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.moods[1], w.told, w.first = "", tc.told, tc.first
			w.change(1, func(pr *github.PullRequest) { pr.UpdatedAt = tc.updated })
			w.gates = []gate.One{gate.Of(w.unsure(facts.Wait))}
			w.wants(t, "gate pr/1", outcome{wrote: "unsure #1 block", why: "#1 against release-1.30: in no good mood", asked: "pull 1, mood 1", next: tc.next})
		})
	}
}

// TestNotKnown: a gate may judge by what it has read so far; the kit says what can't be
// found out where it doesn't.
func TestNotKnown(t *testing.T) {
	w := newWorld(t)
	w.moods[1] = "lost"
	g := w.unsure(facts.Hold)
	w.gates = []gate.One{gate.Of(g)}
	plan, err := w.plan(t, "gate pr/1")
	if err != nil || len(plan.Effects) != 1 {
		t.Fatalf("%+v, %v", plan, err)
	}
	v := plan.Effects[0].(effect.CheckRun).Verdict
	golden.Check(t, "not known.md", fmt.Sprintf("%s\n%s\n\n%s\n", v.State, v.Title, v.Detail))

	g.NotKnown = func(k known, n *facts.NotKnown) gate.Verdict {
		return gate.Verdict{Verdict: effect.Verdict{State: effect.Pass, Title: fmt.Sprintf("#%d: %s", k.PR.Number, n.What)}, RequeueAt: noon.Add(time.Hour),
			Effects: []effect.Effect{effect.Unlabel{Repo: repo, Number: k.PR.Number, Label: "quiet"}}}
	}
	w.gates = []gate.One{gate.Of(g)}
	w.wants(t, "gate pr/1", outcome{wrote: "unsure #1 pass, unlabel #1", asked: "pull 1, mood 1", next: 5 * time.Minute,
		why: "#1 against release-1.30: #1: The mood of #1 couldn't be read: GitHub doesn't answer"})
}
