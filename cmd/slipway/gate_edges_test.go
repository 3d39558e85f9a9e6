package main

import (
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// edge is something that changes elsewhere, and with it what the gate says.
type edge struct {
	section string
	// begin makes a pull request, named after name, and returns what changes elsewhere.
	begin         func(w *world, name string) (n int, change func())
	before, after string // titles
	conclusion    string // afterwards
}

// manualPick opens a pull request of carol's with the very change of another.
func (w *world) manualPick(name, body string) int {
	w.t.Helper()
	pr, err := w.gh.As("carol").OpenPR(demoRepo, sandbox.PROptions{Base: demoBranch, Head: "pick-" + name, Title: "Pick " + name, Body: body, Files: changeOf(name)})
	w.do(err)
	w.settle()
	return pr.Number
}

func changeOf(name string) map[string]string {
	return map[string]string{"pilot/" + name + ".go": "package pilot\n\n// Fix mends " + name + ".\nfunc Fix() {}\n"}
}

// TestGateNotices: what rests on another pull request or an issue is judged anew when
// that changes: with the event, or with the resync if its webhook never comes.
func TestGateNotices(t *testing.T) {
	for name, e := range map[string]edge{
		"an issue is labelled as a blocker": {"  undated: frozen\n  blocker_labels: [release-blocker]\n  rules: {frozen: [blocker]}\n", func(w *world, name string) (int, func()) {
			source := w.source(name, changeOf(name), "erin")
			issue, err := w.gh.As("dave").OpenIssue(demoRepo, "It is broken", "By "+name)
			w.do(err)
			return w.manualPick(name, "Picks #"+itoa(source)+", fixes #"+itoa(issue)), func() {
				w.do(w.gh.As("alice").AddLabel(demoRepo, issue, "release-blocker"))
			}
		}, "Not a release blocker", "Faithful cherry-pick of #", "success"},
		"a source is merged": {"", func(w *world, name string) (int, func()) {
			source := w.sourcePR("bob", name, "Fix "+name, changeOf(name))
			w.review("erin", source, "APPROVE")
			return w.manualPick(name, "Picks #"+itoa(source)), func() {
				_, err := w.gh.As("bob").Merge(demoRepo, source, "squash")
				w.do(err)
			}
		}, "Waits for a release manager's approval", "Faithful cherry-pick of #", "success"},
		"a source is approved after its merge": {"", func(w *world, name string) (int, func()) {
			source := w.source(name, changeOf(name), "")
			return w.manualPick(name, "Picks #"+itoa(source)), func() {
				_, err := w.gh.As("erin").Review(demoRepo, source, "APPROVE", "Fine")
				w.do(err)
			}
		}, "Waits for the experts of wg-networking", "Faithful cherry-pick of #", "success"},
		"a source is labelled": {"  note_labels: [release-notes-none]\n  rules: {open: [note]}\n", func(w *world, name string) (int, func()) {
			source := w.source(name, changeOf(name), "erin")
			return w.manualPick(name, "Picks #"+itoa(source)), func() {
				w.do(w.gh.As("alice").AddLabel(demoRepo, source, "release-notes-none"))
			}
		}, "Has no release note", "Faithful cherry-pick of #", "success"},
		"a source is reverted": {"", func(w *world, name string) (int, func()) {
			source := w.source(name, changeOf(name), "erin")
			return w.manualPick(name, "Picks #"+itoa(source)), func() {
				w.do2(w.gh.As("alice").Push(demoRepo, "master", map[string]string{"pilot/" + name + ".go": "package pilot\n"}, "Revert \"Fix "+name+"\"\n\nReverts #"+itoa(source)))
			}
		}, "Faithful cherry-pick of #", "Waits for a release manager's approval", "failure"},
	} {
		t.Run(name, func(t *testing.T) {
			w := gateWorld(t, e.section)
			for _, lost := range []string{"", "lost"} {
				n, change := e.begin(w, "fix"+lost)
				w.wantTitle(n, e.before)
				if lost != "" {
					w.gh.FaultHooks(sandbox.HookFault{Lose: true})
				}
				change()
				w.settle()
				if lost != "" {
					w.gh.ClearHookFaults()
					w.clock.advance(time.Hour)
					w.do(w.program.queue.Enqueue(t.Context(), reconcile.ResyncAllKey()))
					w.settle()
				}
				w.wantTitle(n, e.after)
				if run := w.gate(n); run.Conclusion != e.conclusion {
					t.Errorf("%s: the gate says %q (%s), want %q\n%s", lost, run.Conclusion, run.Title, e.conclusion, run.Summary)
				}
			}
			w.again()
		})
	}
}

// wantTitle holds the title of the gate's check to how it begins.
func (w *world) wantTitle(n int, begins string) {
	w.t.Helper()
	if run := w.gate(n); !strings.HasPrefix(run.Title, begins) {
		w.t.Errorf("#%d: the gate says %q (%s), want %q…\n%s\n%s", n, run.Conclusion, run.Title, begins, run.Summary, w.log)
	}
}
