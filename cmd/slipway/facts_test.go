package main

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/handlers"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// factWorld is a world in which some events happen, each to a pull request of its own
// that the others leave alone.
type factWorld struct {
	begin  func(t *testing.T) *world
	events []factEvent
}

// factEvent is an event of facts, by what it turns.
type factEvent struct {
	event, facts string // "label.edited", "labels, detail"
	// begin sets up a pull request, under a name that is its own, and what happens then.
	begin func(w *world, name string) *happening
	turns map[string]turn // by the name of a check
}

// happening is what happens, and the pull request that it matters to; 0 until it is there.
type happening struct {
	pr  int
	act func()
}

// turn is a part of a check's title before and after an event.
type turn [2]string

// want holds each title of a pull request to what it is before (0) or after (1) the event.
func (e factEvent) want(w *world, h *happening, at int) {
	w.t.Helper()
	for check, titles := range e.turns {
		if got := w.shows(h.pr, check); !strings.Contains(got, titles[at]) || titles[at] == "" && got != "" {
			w.t.Errorf("%s of %s, #%d %s: %s says %q, want %q\n%s", e.event, e.facts, h.pr, []string{"before", "after"}[at], check, got, titles[at], w.log)
		}
	}
}

// askedTeams stands for a check in what draws people to a draft, which has no check.
const askedTeams = "the teams that are asked to review"

// shows is the title of a check of a pull request, "" for none.
func (w *world) shows(n int, check string) string {
	if check == askedTeams {
		return strings.Join(w.gh.PR(demoRepo, n).RequestedTeams, " ")
	}
	repo := demoRepo
	if check == "slipway/release" {
		repo = builderRepo
	}
	run, _ := w.gh.CheckRun(repo, w.gh.PR(repo, n).HeadSHA, check)
	return run.Title
}

// lost does something whose webhooks never come, nor can be asked for again. An hour
// later everything is looked at, and what was read before isn't believed any more.
func (w *world) lost(act func()) {
	w.t.Helper()
	w.gh.FaultHooks(sandbox.HookFault{Drop: true})
	act()
	w.settle()
	w.gh.ClearHookFaults()
	w.clock.advance(time.Hour)
	w.do(w.program.queue.Enqueue(context.Background(), reconcile.ResyncAllKey()))
	w.settle()
}

// TestFactEvents has each event come with its webhook, alone, and has all their webhooks
// lost: then the hourly look at everything finds what they told of.
func TestFactEvents(t *testing.T) {
	t.Parallel()
	for name, one := range factWorlds() {
		t.Run(name, func(t *testing.T) {
			w := one.begin(t)
			for _, e := range one.events {
				h := e.begin(w, "told-"+itoa(w.number()))
				e.want(w, h, 0)
				h.act()
				w.settle()
				e.want(w, h, 1)
			}
			var all []*happening
			for _, e := range one.events {
				h := e.begin(w, "lost-"+itoa(w.number()))
				e.want(w, h, 0)
				all = append(all, h)
			}
			w.lost(func() {
				for _, h := range all {
					h.act()
				}
			})
			for i, e := range one.events {
				e.want(w, all[i], 1)
			}
			w.again()
		})
	}
}

// TestEveryEventOfEveryFact: the table of events has a line for each event of each fact
// that a gate rests on. It is how a forgotten event is found: no test of a package can.
func TestEveryEventOfEveryFact(t *testing.T) {
	registry, err := handlers.All(handlers.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	var want, have []string
	for _, c := range registry.Capabilities() {
		for _, f := range c.Facts {
			for _, e := range f.Events {
				want = append(want, f.Name+" "+e)
			}
		}
	}
	for _, w := range factWorlds() {
		for _, e := range w.events {
			for f := range strings.SplitSeq(e.facts, ", ") {
				have = append(have, f+" "+e.event)
			}
			if len(e.turns) == 0 {
				t.Errorf("%s of %s turns nothing", e.event, e.facts)
			}
		}
	}
	for _, name := range want {
		if !slices.Contains(have, name) {
			t.Errorf("no conversation has the event %q", name)
		}
	}
	for _, name := range have {
		if !slices.Contains(want, name) {
			t.Errorf("%q is the event of no fact", name)
		}
	}
}
