package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

const standsPolicy = basePolicy + "milestone: {title: \"{major}.{minor}\"}\n" + `releasebranch:
  undated: frozen
  hand_made: {justification: true}
  blocker_labels: [release-blocker]
  note_labels: [release-notes-none]
  rules: {frozen: [issue, note, blocker, justification]}
`

// TestPickStandsForItsSource: the issue, its label, the reason, the note and the milestone of a
// pick are those of what it is proven to be a pick of. What only says that it is one stands for itself.
func TestPickStandsForItsSource(t *testing.T) {
	w := newWorld(t)
	w.policy(standsPolicy)
	bug, err := w.gh.As("bob").OpenIssue(demoRepo, "It crashes", "")
	w.do(err)
	pr, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{
		Base: "master", Head: "leak", Title: "Fix a leak", Body: fmt.Sprintf("Fixes #%d\n\n## Justification\n\nIt crashes for everybody.", bug),
		Files: map[string]string{"leak.go": "package main\n"},
	})
	w.do(err)
	source := pr.Number
	w.do(w.gh.As("alice").AddLabel(demoRepo, source, "release-notes-none"))
	w.merge("bob", source, "squash")
	w.says("alice", source, "/cherry-pick "+demoBranch)
	pick := w.onePick(source, demoBranch).Number
	w.wantGate(pick, "failure", "Not a release blocker", fmt.Sprintf("It is about #%d, which #%d names.", bug, source),
		fmt.Sprintf("the label `release-notes-none` on #%d", source), fmt.Sprintf("The description of #%d, of which it is a pick, says why it is needed.", source))
	w.wantMilestone(pick, "failure")

	// What is set on the issue, and on the source, wakes the pick.
	w.do(w.gh.As("bob").AddLabel(demoRepo, bug, "release-blocker"))
	is, err := w.gh.As("alice").CreateMilestone(demoRepo, "1.30")
	w.do(err)
	w.do(w.gh.As("alice").SetMilestone(demoRepo, source, is))
	w.settle()
	blocker := fmt.Sprintf("Yes: #%d, which #%d fixes, has the label `release-blocker`.", bug, source)
	w.wantGate(pick, "success", w.gate(pick).Title, blocker)
	w.wantMilestone(pick, "success")

	// A pick of the pick is followed to the end.
	w.do(w.gh.CreateBranch(demoRepo, "release-1.29", demoBranch))
	w.merge("alice", pick, "squash")
	w.says("alice", pick, "/cherry-pick release-1.29")
	again := w.onePick(pick, "release-1.29").Number
	w.wantGate(again, "success", w.gate(again).Title, blocker)
	w.wantMilestone(again, "failure") // of another release
	w.do(w.gh.As("bob").RemoveLabel(demoRepo, bug, "release-blocker"))
	w.settle()
	w.wantGate(again, "failure", "Not a release blocker")
	w.do(w.gh.As("bob").AddLabel(demoRepo, bug, "release-blocker"))
	w.settle()

	// Only proof counts: a claim, and a pick with something else in it.
	for name, files := range map[string]map[string]string{
		"claim": {"other.go": "package main\n"},
		"more":  {"leak.go": "package main\n\nfunc more() {}\n"},
	} {
		pr, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{
			Base: demoBranch, Head: name, Title: "Fix a leak", Body: fmt.Sprintf("Cherry-pick of #%d", source), Files: files,
		})
		w.do(err)
		w.settle()
		w.wantMilestone(pr.Number, "failure")
		if run := w.gate(pr.Number); run.Conclusion != "failure" || !strings.Contains(run.Summary, "only release blockers merge") {
			t.Errorf("%s: %s\n%s", name, run.Title, run.Summary)
		}
	}
	w.again()
}
