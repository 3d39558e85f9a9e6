package main

import (
	"strings"
	"testing"
)

// twoLabels is a policy under which several labels ask for the same branch.
const twoLabels = basePolicy + "cherrypick: {request_labels: [{label: \"backport {branch}\"}, {label: \"cherry-pick/1.{minor}\", branch: \"release-1.{minor}\"}]}\n"

func (w *world) wantLabels(n int, want ...string) {
	w.t.Helper()
	if got := w.gh.Issue(demoRepo, n).Labels; strings.Join(got, ", ") != strings.Join(want, ", ") {
		w.t.Errorf("#%d has the labels %q, want %q\n%s", n, got, want, w.status(n))
	}
}

// TestPickCancelOfSeveralLabels: what is withdrawn is asked for by no label any more, whichever of
// them somebody has set.
func TestPickCancelOfSeveralLabels(t *testing.T) {
	w := newWorld(t)
	w.policy(twoLabels)
	n := w.sourcePR("bob", "leak", "Fix a leak", map[string]string{"leak.go": "package main\n"})
	w.do(w.gh.As("carol").AddLabel(demoRepo, n, "Backport Release-1.29", "backport release-1.30", "kind/bug"))
	w.settle()
	w.says("bob", n, "/cherry-pick release-1.30")
	w.do(w.gh.As("carol").AddLabel(demoRepo, n, "cherry-pick/1.30"))
	w.settle()
	if answer := w.says("bob", n, "/cherry-pick cancel release-1.30"); !strings.Contains(answer, "- `release-1.30`: withdrawn.") {
		t.Error(answer)
	}
	w.wantLabels(n, "Backport Release-1.29", "kind/bug")
	w.wantStatus(n, "- `release-1.30`: **withdrawn**", "- `release-1.29`: **waits for the merge**")
	w.says("bob", n, "/cherry-pick cancel release-1.29")
	w.wantLabels(n, "kind/bug")
	w.again()
	w.merge("bob", n, "squash")
	if len(w.picks(n, demoBranch)) != 0 {
		t.Error("what was withdrawn was picked")
	}
	w.again()
}

// TestPickByALabelSpelledOtherwise: GitHub has one label of a name, however whoever made it spelled
// that, and it is the one that Slipway sets.
func TestPickByALabelSpelledOtherwise(t *testing.T) {
	w := newWorld(t)
	other := w.openPR("bob", "master", "other")
	w.do(w.gh.As("bob").AddLabel(demoRepo, other, "CherryPick/Release-1.30")) // so that it is there
	n := w.sourcePR("bob", "leak", "Fix a leak", map[string]string{"leak.go": "package main\n"})
	w.says("bob", n, "/cherry-pick release-1.30")
	w.wantLabels(n, "CherryPick/Release-1.30")
	w.wantStatus(n, "- `release-1.30`: **waits for the merge**")
	w.lost(func() { w.do2(w.gh.As("bob").Merge(demoRepo, n, "squash")) })
	w.onePick(n, demoBranch)
	if status := w.status(n); strings.Contains(status, "`Release-1.30`") {
		t.Error(status)
	}
	w.wantAskerTold(n)
	w.again()
	w.says("bob", n, "/cherry-pick cancel release-1.30")
	w.wantLabels(n)
}

// TestPickByOneOfTwoLabels: one label more is a request of whoever set it, one less is none, and
// the other still asks.
func TestPickByOneOfTwoLabels(t *testing.T) {
	for name, first := range map[string]func(*world, int){
		"a label":   func(w *world, n int) { w.do(w.gh.As("bob").AddLabel(demoRepo, n, "cherrypick/release-1.30")) },
		"a command": func(w *world, n int) { w.says("bob", n, "/cherry-pick release-1.30") },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.policy(twoLabels)
			n := w.sourcePR("bob", "leak", "Fix a leak", map[string]string{"leak.go": "package main\n"})
			first(w, n)
			w.settle()
			w.wantStatus(n, "**waits for the merge**", "Asked for by `bob`.")
			w.do(w.gh.As("carol").AddLabel(demoRepo, n, "backport release-1.30"))
			w.settle()
			w.wantStatus(n, "**waits for the merge**", "Asked for by `carol`.")
			w.do(w.gh.As("mallory").AddLabel(demoRepo, n, "cherry-pick/1.30")) // who may not
			w.settle()
			w.wantStatus(n, "**waits for the merge**", "Asked for by `carol`.")
			w.again()
			w.merge("bob", n, "squash")
			pick := w.onePick(n, demoBranch)
			if got := w.gh.Issue(demoRepo, pick.Number).Assignees; strings.Join(got, " ") != "carol" {
				t.Errorf("it is for %v", got)
			}
			// It was answered; what is left of the labels asks for nothing new.
			w.do(w.gh.As("carol").Close(demoRepo, pick.Number))
			w.settle()
			w.wantStatus(n, "**not picked**: #"+itoa(pick.Number)+" was closed without being merged.")
			for _, label := range []string{"backport release-1.30", "cherry-pick/1.30"} {
				w.do(w.gh.As("carol").RemoveLabel(demoRepo, n, label))
				w.settle()
				w.onePick(n, demoBranch)
				w.wantStatus(n, "was closed without being merged.")
			}
			w.again()
			w.do(w.gh.As("bob").AddLabel(demoRepo, n, "backport release-1.30")) // one more is a new request
			w.settle()
			if picks := w.picks(n, demoBranch); len(picks) != 2 {
				t.Errorf("%d picks\n%s", len(picks), w.status(n))
			}
			w.again()
		})
	}
}

// TestPickByWhatLabelsAreLeft: the request goes with the label of whoever may ask.
func TestPickByWhatLabelsAreLeft(t *testing.T) {
	w := newWorld(t)
	w.policy(twoLabels)
	n := w.sourcePR("bob", "leak", "Fix a leak", map[string]string{"leak.go": "package main\n"})
	w.do(w.gh.As("mallory").AddLabel(demoRepo, n, "backport release-1.30"))
	w.says("bob", n, "/cherry-pick release-1.30")
	w.wantStatus(n, "**waits for the merge**", "Asked for by `bob`.")
	w.do(w.gh.As("bob").RemoveLabel(demoRepo, n, "cherrypick/release-1.30"))
	w.settle()
	w.wantStatus(n, "- `release-1.30`: **not asked for.** `mallory` set the label")
	w.merge("bob", n, "squash")
	if len(w.picks(n, demoBranch)) != 0 {
		t.Error("a stranger's label was a request")
	}
	w.again()

	n = w.sourcePR("bob", "more", "Fix more", map[string]string{"more.go": "package main\n"})
	w.do(w.gh.As("bob").AddLabel(demoRepo, n, "backport release-1.30"))
	w.do(w.gh.As("carol").AddLabel(demoRepo, n, "cherry-pick/1.30"))
	w.settle()
	w.do(w.gh.As("carol").RemoveLabel(demoRepo, n, "cherry-pick/1.30"))
	w.settle()
	w.wantStatus(n, "**waits for the merge**", "Asked for by `bob`.")
	w.merge("bob", n, "squash")
	w.onePick(n, demoBranch)
	w.again()
}

// TestPickByLabelsThatBeginAlike: a label of the policy's own asks for what the policy says, also
// where it begins as the others do.
func TestPickByLabelsThatBeginAlike(t *testing.T) {
	w := newWorld(t)
	w.policy(basePolicy + "cherrypick: {request_labels: [{label: \"cherrypick/1.{minor}\", branch: \"release-1.{minor}\"}, {label: \"Cherrypick/to-{branch}\"}, {label: \"cherrypick/next\", branch: release-1.29}]}\n")
	for i, tc := range []struct{ label, branch string }{
		{"cherrypick/1.30", "release-1.30"}, {"cherrypick/to-release-1.29", "release-1.29"}, {"CherryPick/Next", "release-1.29"}, {"cherrypick/release-1.30", "release-1.30"},
	} {
		n := w.merged("leak"+itoa(i), "squash")
		w.do(w.gh.As("bob").AddLabel(demoRepo, n, tc.label))
		w.settle()
		w.onePick(n, tc.branch)
		if strings.Count(w.status(n), "\n- ") != 1 {
			t.Errorf("%s: %s", tc.label, w.status(n))
		}
	}
	n := w.merged("more", "squash")
	w.says("bob", n, "/cherry-pick release-1.30")
	w.onePick(n, demoBranch)
	w.do(w.gh.As("bob").AddLabel(demoRepo, n, "cherrypick/1.30"))
	w.settle()
	w.says("bob", n, "/cherry-pick cancel release-1.30")
	w.wantLabels(n)
	w.again()
}
