package ghclient_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// TestMergedIsWaitedFor: right after a merge GitHub may not show all that it will, so what could
// come out otherwise then isn't told yet, and what GitHub doesn't show at all isn't remembered.
func TestMergedIsWaitedFor(t *testing.T) {
	for name, tc := range map[string]struct {
		land    func(m *memory, numbers ...int) // the second of two is looked at
		hidden  bool
		waits   bool
		commits int // 0: nobody can tell
	}{
		"a squash":                  {land: byButton("squash"), commits: 1},
		"a rebase":                  {land: byButton("rebase"), commits: 2},
		"a merge":                   {land: byButton("merge"), commits: 1},
		"a squash that isn't shown": {land: byButton("squash"), hidden: true, waits: true, commits: 1},
		"a rebase that isn't shown": {land: byButton("rebase"), hidden: true, waits: true, commits: 2},
		"a merge that isn't shown":  {land: byButton("merge"), hidden: true, waits: true, commits: 1},
		"a queue's squashes":        {land: byQueue("squash"), waits: true, commits: 1},
		"a queue's rebases":         {land: byQueue("rebase"), waits: true, commits: 2},
		"a queue's, not shown":      {land: byQueue("squash"), hidden: true, waits: true, commits: 1},
		"a push":                    {land: byPush, waits: true, commits: 2},
		"a push that isn't shown":   {land: byPush, hidden: true, waits: true},
	} {
		t.Run(name, func(t *testing.T) {
			m := remembering(t)
			var numbers []int
			for _, head := range []string{"one", "two"} {
				pr, err := m.gh.As("bob").OpenPR("acme/rocket", sandbox.PROptions{Base: "master", Head: head, Files: map[string]string{head: "1"}})
				m.ok(err)
				_, err = m.gh.As("bob").PushToPR("acme/rocket", pr.Number, map[string]string{head: "2"}, "More of "+head)
				m.ok(err)
				numbers = append(numbers, pr.Number)
			}
			tc.land(m, numbers...)
			merged := m.gh.PR("acme/rocket", numbers[1])
			if tc.hidden {
				m.ok(m.gh.HideMoves("acme/rocket", merged.MergeSHA))
			}
			m.now = time.Now()
			pr, err := m.FreshPullDetail(t.Context(), rocket, numbers[1])
			m.ok(err)
			_, err = m.Merged(t.Context(), rocket, pr)
			var later *reconcile.RetryAfterError
			if waits := errors.As(err, &later); waits != tc.waits || !waits && err != nil {
				t.Errorf("at once: %v", err)
			}
			m.now = m.now.Add(2 * time.Minute)
			landing, err := m.Merged(t.Context(), rocket, pr)
			if err != nil || len(landing.Commits) != tc.commits || (tc.commits == 0) != (landing.Unclear != "") {
				t.Errorf("later: %+v, %v", landing, err)
			}
			if tc.commits > 0 && landing.Commits[tc.commits-1] != merged.MergeSHA {
				t.Errorf("it ends in %s, not in %s", landing.Commits[tc.commits-1], merged.MergeSHA)
			}
			m.ok(m.gh.ShowMoves("acme/rocket"))
			if again, err := m.Merged(t.Context(), rocket, pr); err != nil || len(again.Commits) == 0 || tc.commits > 0 && !slices.Equal(again.Commits, landing.Commits) {
				t.Errorf("once it shows: %+v, %v", again, err)
			}
		})
	}
}

func byButton(method string) func(m *memory, numbers ...int) {
	return func(m *memory, numbers ...int) {
		for _, n := range numbers {
			_, err := m.gh.As("bob").Merge("acme/rocket", n, method)
			m.ok(err)
		}
	}
}

func byQueue(method string) func(m *memory, numbers ...int) {
	return func(m *memory, numbers ...int) {
		m.ok(m.gh.ProtectBranch("acme/rocket", "master", &sandbox.Protection{Queue: method}))
		sha, err := m.gh.As("bob").EnqueueMergeGroup("acme/rocket", "master", numbers...)
		m.ok(err)
		m.ok(m.gh.As("bob").FinishMergeGroup("acme/rocket", sha))
	}
}

// byPush puts master at the head of the second one.
func byPush(m *memory, numbers ...int) {
	m.ok(m.gh.As("bob").FastForward("acme/rocket", "master", m.gh.PR("acme/rocket", numbers[1]).Head))
}
