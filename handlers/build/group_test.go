package build

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
)

var queued = github.MergeGroup{Branch: "release-1.31", Head: head, Ref: "gh-readonly-queue/release-1.31/pr-7-" + strings.Repeat("b", 40), Base: strings.Repeat("b", 40)}

func (w *world) GroupMembers(_ context.Context, _ github.Repo, base, to string) ([]int, bool, error) {
	w.ask("group %.7s..%.7s", base, to)
	if w.queue != nil {
		return nil, false, w.queue
	}
	return nil, w.whole, nil // the one that it was built for is named by its ref
}

// TestGroup: a merge queue's group may merge if each pull request in it may, for the
// branch that it would be put on.
func TestGroup(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*world)
		state  effect.State
		title  string
	}{
		{"good", func(*world) {}, effect.Pass, "Each pull request of the group may merge"},
		{"malformed", func(w *world) { w.texts[head+" "+buildPath] = "1.31-beta.1\n" }, effect.Block, "Pull requests of the group that may not merge: 1"},
		{"of another base by now", func(w *world) { w.pr.Base = "release-1.30" }, effect.Pass, "Each pull request of the group may merge"},
		{"not whole", func(w *world) { w.whole = false }, effect.Block, "Not all of the group can be told"},
	} {
		w := newWorld(t)
		tc.change(w)
		check, _, _ := w.look("group/" + queued.ID())
		if check.Verdict.State != tc.state || check.Verdict.Title != tc.title || check.Commit != head {
			t.Errorf("%s: %s %q on %s, want %s %q", tc.name, check.Verdict.State, check.Verdict.Title, check.Commit, tc.state, tc.title)
		}
	}
	w := newWorld(t)
	w.queue = errors.New("no answer")
	if _, err := w.plan(builder, "group/"+queued.ID()); err == nil {
		t.Error("what can't be read passes for a group")
	}
}
