package main

import "testing"

const milestonePolicy = basePolicy + "milestone: {title: \"{major}.{minor}\"}\n"

func (w *world) wantMilestone(n int, conclusion string) {
	w.t.Helper()
	run, _ := w.gh.CheckRun(demoRepo, w.gh.PR(demoRepo, n).HeadSHA, "slipway/milestone")
	if run.Conclusion != conclusion {
		w.t.Errorf("#%d: slipway/milestone says %q (%s), want %q\n%s", n, run.Conclusion, run.Title, conclusion, w.log)
	}
}

// TestMilestone is the gate that CONTRIBUTING.md walks through: asked for by the
// policy, judged by what the pull request or its source names, switched off again.
func TestMilestone(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	w.wantMilestone(n, "")
	w.policy(milestonePolicy)
	w.wantMilestone(n, "failure")
	mine, err := w.gh.As("alice").CreateMilestone(demoRepo, "1.30")
	w.do(err)
	next, err := w.gh.As("alice").CreateMilestone(demoRepo, "1.31")
	w.do(err)
	set := func(milestone int) func() {
		return func() { w.do(w.gh.As("bob").SetMilestone(demoRepo, n, milestone)); w.settle() }
	}
	set(mine)()
	w.wantMilestone(n, "success")
	w.lost(set(next))
	w.wantMilestone(n, "failure")
	w.lost(set(mine))
	w.wantMilestone(n, "success")
	w.do(w.gh.As("alice").RenameMilestone(demoRepo, mine, "Kiwi"))
	w.settle()
	w.wantMilestone(n, "failure")
	w.policy(basePolicy)
	w.wantMilestone(n, "neutral")
	w.again()
}

// TestMilestoneOfSource: a cherry-pick is judged by its source's milestone, too, and
// what is set there wakes it, as what it was read from is remembered.
func TestMilestoneOfSource(t *testing.T) {
	w := newWorld(t)
	w.policy(milestonePolicy)
	source := w.merged("leak", "squash")
	w.says("alice", source, "/cherry-pick "+demoBranch)
	pick := w.onePick(source, demoBranch).Number
	w.wantMilestone(pick, "failure")
	mine, err := w.gh.As("alice").CreateMilestone(demoRepo, "1.30")
	w.do(err)
	w.do(w.gh.As("alice").SetMilestone(demoRepo, source, mine))
	w.settle()
	w.wantMilestone(pick, "success")
	w.lost(func() { w.do(w.gh.As("alice").SetMilestone(demoRepo, source, 0)) })
	w.wantMilestone(pick, "failure")
	w.again()
}
