package main

import (
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// freedPolicy governs release-1.29 alone.
const freedPolicy = "branches: [release-1.29]\nrelease_managers: [\"release-managers-{major}-{minor}\"]\n"

// TestFreedByThePolicy: a policy that no longer governs a branch holds nothing back
// there, and one that governs it again does, with the webhook and without.
func TestFreedByThePolicy(t *testing.T) {
	t.Parallel()
	for _, lost := range []bool{false, true} {
		name := "told"
		if lost {
			name = "webhook lost"
		}
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			change := func(text string) {
				if !lost {
					w.policy(text)
					return
				}
				w.lost(func() { w.policy(text) })
			}
			fix, other := w.openPR("bob", demoBranch, "fix"), w.openPR("bob", "release-1.29", "other")
			w.says("alice", fix, "/release freeze release-1.30")
			w.wantVerdict(fix, "failure")
			change(freedPolicy)
			w.wantVerdict(fix, "neutral")
			if _, title := w.verdict(fix); title != "release-1.30 is not governed" {
				t.Errorf("the check says %q", title)
			}
			w.wantVerdict(other, "success")
			w.again()
			change(basePolicy)
			w.wantVerdict(fix, "failure")
			w.again()
		})
	}
}

// TestRequiredWhereNothingIsJudged: a check that GitHub requires on a branch is given there,
// also where the policy asks for nothing, or no longer: else a push would wait for it for ever.
func TestRequiredWhereNothingIsJudged(t *testing.T) {
	t.Parallel()
	for what, tc := range map[string]struct {
		policy, check, title string
		lost                 bool // the database, while the policy changes
	}{
		"freed":                {freedPolicy, "slipway/freeze", demoBranch + " is not governed", false},
		"freed, database lost": {freedPolicy, "slipway/freeze", demoBranch + " is not governed", true},
		"not asked for":        {basePolicy, "slipway/milestone", "The policy doesn't ask for this any more", false},
		"deleted":              {sandbox.Deleted, "slipway/freeze", demoBranch + " is not governed", false},
	} {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t)
			w.policy(milestonePolicy)
			w.do(w.gh.ProtectBranch(demoRepo, demoBranch, &sandbox.Protection{AppChecks: []string{tc.check}, Checks: []string{"ci"}}))
			fix := w.openPR("bob", demoBranch, "fix")
			w.says("alice", fix, "/release freeze release-1.30")
			w.wantVerdict(fix, "failure")
			if tc.lost {
				w.stop()
				w.newDatabase()
				w.start()
			}
			w.policy(tc.policy)
			stands := func(n int) {
				t.Helper()
				run, ok := w.gh.CheckRun(demoRepo, w.gh.PR(demoRepo, n).HeadSHA, tc.check)
				if !ok || run.Conclusion != "neutral" || run.Title != tc.title {
					t.Errorf("#%d: %v %+v", n, ok, run)
				}
			}
			stands(fix)
			w.pushTo("bob", fix)
			stands(fix)
			late := w.openPR("carol", demoBranch, "late")
			stands(late)
			if run, ok := w.gh.CheckRun(demoRepo, w.gh.PR(demoRepo, late).HeadSHA, "slipway/release-notes"); ok {
				t.Errorf("nobody waits for it: %+v", run)
			}
			sha, err := w.gh.As("bob").EnqueueMergeGroup(demoRepo, demoBranch, late)
			w.do(err)
			w.settle()
			if run, ok := w.gh.CheckRun(demoRepo, sha, tc.check); !ok || run.Conclusion != "neutral" || run.Title != tc.title {
				t.Errorf("the merge queue waits for ever: %v %+v", ok, run)
			}
			w.again()
		})
	}
}

// TestPolicyPreviewsEveryGate: what a policy would change is told of each check that
// it asks for.
func TestPolicyPreviewsEveryGate(t *testing.T) {
	w := newWorld(t)
	w.ownPolicy(basePolicy)
	n := w.openPR("bob", demoBranch, "fix")
	run := w.policyCheck(w.proposal("alice", milestonePolicy, false))
	if run.Conclusion != "success" || !strings.Contains(run.Summary, "#1 against `release-1.30`: `milestone` says block (It doesn't name the milestone 1.30 itself)") {
		t.Errorf("#%d: %+v", n, run)
	}
}
