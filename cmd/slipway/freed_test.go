package main

import (
	"strings"
	"testing"
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

// TestPolicyPreviewsEveryGate: what a policy would change is told of each check that
// it asks for.
func TestPolicyPreviewsEveryGate(t *testing.T) {
	w := newWorld(t)
	w.ownPolicy(basePolicy)
	n := w.openPR("bob", demoBranch, "fix")
	run := w.policyCheck(w.proposal("alice", milestonePolicy, false))
	if run.Conclusion != "success" || !strings.Contains(run.Summary, "#1 against `release-1.30`: `milestone` says block (It doesn't name the milestone 1.30)") {
		t.Errorf("#%d: %+v", n, run)
	}
}
