package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// told are the comments on a source that tell whoever asked what became of a pick.
func (w *world) told(source int) (list []string) {
	w.t.Helper()
	for _, c := range w.gh.Comments(demoRepo, source) {
		if c.Author == "slipway[bot]" && strings.Contains(c.Body, ", you asked for the cherry-pick of #") {
			list = append(list, c.Body)
		}
	}
	return list
}

func (w *world) wantAskerTold(source int, parts ...string) {
	w.t.Helper()
	list := w.told(source)
	if len(list) != len(parts) {
		w.t.Fatalf("told %d times, want %d: %q\n%s", len(list), len(parts), list, w.log)
	}
	for i, p := range parts {
		if !strings.Contains(list[i], p) {
			w.t.Errorf("told %q, want %q", list[i], p)
		}
	}
}

// TestPickTellsWhoAsked: what fails after it was asked for is a comment of its own that
// names who asked, once for each request.
func TestPickTellsWhoAsked(t *testing.T) {
	w := newWorld(t)
	_, n := w.clash()
	w.says("bob", n, "/cherry-pick release-1.30")
	w.wantAskerTold(n, "@bob, you asked for the cherry-pick of #"+itoa(n)+":\n\n- `release-1.30`: **conflict.** #")
	w.again()
	w.wantAskerTold(n, "@bob")
	w.says("carol", n, "/cherry-pick release-1.30") // another request that comes to the same
	w.wantAskerTold(n, "@bob", "@carol")
	w.do2(w.gh.As("alice").Push(demoRepo, demoBranch, map[string]string{adsFile: "package xds\n\n// Push sends two.\nfunc Push() { two() }\n"}, "Prepare"))
	w.settle()
	w.says("bob", n, "/cherry-pick release-1.30")
	w.wantAskerTold(n, "@bob", "@carol", "is **open**")
	w.again()

	gone := w.sourcePR("bob", "gone", "Fix more", map[string]string{"more.go": "package main\n"})
	w.says("bob", gone, "/cherry-pick release-1.29")
	w.do(w.gh.As("alice").DeleteBranch(demoRepo, "release-1.29"))
	w.settle()
	w.merge("bob", gone, "squash")
	w.wantAskerTold(gone, "@bob, you asked for the cherry-pick of #"+itoa(gone)+":\n\n- `release-1.29`: **can't be picked**: there is no such branch in this repository. **Next step:** once it is there, ask again.")
	w.again()
}

// TestPickLabelBeforeTheCut: Istio labels changes for a branch two weeks before that is cut.
func TestPickLabelBeforeTheCut(t *testing.T) {
	for _, lost := range []bool{false, true} {
		w := newWorld(t)
		n := w.merged("leak", "squash")
		open := w.sourcePR("bob", "later", "Fix later", map[string]string{"later.go": "package main\n"})
		for _, pr := range []int{n, open} {
			w.do(w.gh.As("bob").AddLabel(demoRepo, pr, "cherrypick/release-1.31"))
		}
		w.settle()
		w.wantStatus(n, "- `release-1.31`: **can't be picked**: there is no such branch in this repository yet. **Next step:** none, it is picked once the branch is created.")
		w.again()
		cut := func() { w.do(w.gh.As("alice").CreateBranch(demoRepo, "release-1.31", demoBranch)) }
		if lost {
			w.lost(cut)
		} else {
			cut()
			w.settle()
		}
		w.onePick(n, "release-1.31")
		w.wantAskerTold(n)
		w.merge("bob", open, "squash")
		w.onePick(open, "release-1.31")
		w.again()
	}
}

// TestPickRevertedThere: what was reverted on its branch can be asked for again; what wasn't
// is there.
func TestPickRevertedThere(t *testing.T) {
	w := newWorld(t)
	n := w.merged("leak", "squash")
	w.says("bob", n, "/cherry-pick release-1.30")
	first := w.onePick(n, demoBranch).Number
	w.merge("alice", first, "squash")
	w.says("bob", n, "/cherry-pick release-1.30")
	w.wantStatus(n, "**picked**: #"+itoa(first)+" is merged")
	w.onePick(n, demoBranch)
	w.do2(w.gh.As("alice").Push(demoRepo, demoBranch, map[string]string{"leak.go": sandbox.Deleted}, "Revert \"Fix leak\""))
	w.settle()
	w.again()
	w.onePick(n, demoBranch) // nobody asks for it yet
	if answer := w.says("bob", n, "/cherry-pick release-1.30"); !strings.Contains(answer, "#"+itoa(first)+" is merged already. Should it have been reverted there, it is picked again.") {
		t.Error(answer)
	}
	picks := w.picks(n, demoBranch)
	if len(picks) != 2 {
		t.Fatalf("%d picks\n%s\n%s", len(picks), w.status(n), w.log)
	}
	again := max(picks[0].Number, picks[1].Number)
	w.wantStatus(n, "#"+itoa(again)+" is **open**")
	w.again()
}

// TestPickRevertedAndChangedThere: what was reverted, and where the branch has something else
// by now, is a draft for a person, who reads that it was merged once.
func TestPickRevertedAndChangedThere(t *testing.T) {
	w := newWorld(t)
	n := w.merged("leak", "squash")
	w.says("bob", n, "/cherry-pick release-1.30")
	first := w.onePick(n, demoBranch).Number
	w.merge("alice", first, "squash")
	w.do2(w.gh.As("alice").Push(demoRepo, demoBranch, map[string]string{"leak.go": sandbox.Deleted}, "Revert \"Fix leak\""))
	w.do2(w.gh.As("alice").Push(demoRepo, demoBranch, map[string]string{"leak.go": "package other\n"}, "Something else"))
	w.settle()
	w.says("bob", n, "/cherry-pick release-1.30")
	picks := w.picks(n, demoBranch)
	if len(picks) != 2 {
		t.Fatalf("%d picks\n%s\n%s", len(picks), w.status(n), w.log)
	}
	draft := max(picks[0].Number, picks[1].Number)
	pick := w.gh.PR(demoRepo, draft)
	if !pick.Draft || !strings.Contains(pick.Body, "#"+itoa(first)+" is an earlier pick of it, and merged there. If that wasn't reverted since, **close this one**.") {
		t.Errorf("%+v", pick)
	}
	w.wantStatus(n, "**conflict.** #"+itoa(draft)+" holds the conflict markers")
	w.again()
}

// TestPickThatNoLongerApplies: the branch has changed the same lines since, so the pick is
// made anew, as a draft.
func TestPickThatNoLongerApplies(t *testing.T) {
	for _, lost := range []bool{false, true} {
		w := newWorld(t)
		n := w.sourcePR("bob", "leak", "Fix the push", map[string]string{adsFile: "package xds\n\n// Push sends three.\nfunc Push() { three() }\n"})
		w.merge("bob", n, "squash")
		w.says("bob", n, "/cherry-pick release-1.30")
		pick := w.onePick(n, demoBranch)
		if pick.Draft || w.branchCheck(pick.Number) == "" {
			t.Fatalf("%+v", pick)
		}
		other := func() {
			w.do2(w.gh.As("alice").Push(demoRepo, demoBranch, map[string]string{adsFile: "package xds\n\n// Push sends four.\nfunc Push() { four() }\n"}, "Four"))
		}
		if lost {
			w.lost(other)
		} else {
			other()
			w.settle()
		}
		now := w.onePick(n, demoBranch)
		if !now.Draft || now.HeadSHA == pick.HeadSHA || w.branchCheck(now.Number) != "failure" {
			t.Errorf("%+v, the check says %q\n%s\n%s", now, w.branchCheck(now.Number), w.status(n), w.log)
		}
		w.wantAskerTold(n, "@bob, you asked for the cherry-pick of #"+itoa(n)+":\n\n- `release-1.30`: **conflict.** #")
		w.again()
	}
}

// TestPickThatNoLongerAppliesWithIssues: where conflicts are issues, the pick that is there stays.
func TestPickThatNoLongerAppliesWithIssues(t *testing.T) {
	w := newWorld(t)
	w.policy(basePolicy + "cherrypick: {on_conflict: issue}\n")
	n := w.sourcePR("bob", "leak", "Fix the push", map[string]string{adsFile: "package xds\n\n// Push sends three.\nfunc Push() { three() }\n"})
	w.merge("bob", n, "squash")
	w.says("bob", n, "/cherry-pick release-1.30")
	pick := w.onePick(n, demoBranch)
	w.do2(w.gh.As("alice").Push(demoRepo, demoBranch, map[string]string{adsFile: "package xds\n\n// Push sends four.\nfunc Push() { four() }\n"}, "Four"))
	w.settle()
	if now := w.onePick(n, demoBranch); now.HeadSHA != pick.HeadSHA || now.Draft {
		t.Errorf("%+v", now)
	}
	w.again()
}

// TestPickWhoseBaseWasEdited is told, and can be asked for again.
func TestPickWhoseBaseWasEdited(t *testing.T) {
	w := newWorld(t)
	n := w.merged("leak", "squash")
	w.says("bob", n, "/cherry-pick release-1.30")
	pick := w.onePick(n, demoBranch).Number
	w.do(w.gh.As("alice").EditBase(demoRepo, pick, "release-1.29"))
	w.settle()
	w.wantStatus(n, "- `release-1.30`: **not picked**: somebody has changed the base of #"+itoa(pick)+" to `release-1.29`, where it is open. **Next step:** if the change is wanted on `release-1.30`, change the base of #"+itoa(pick)+" back; or close it, and ")
	w.wantAskerTold(n, "somebody has changed the base of #"+itoa(pick))
	w.says("carol", n, "/cherry-pick release-1.30") // the open one is in the way
	w.wantAskerTold(n, "@bob", "@carol, you asked for the cherry-pick of #"+itoa(n)+":\n\n- `release-1.30`: **not picked**: somebody has changed the base of #"+itoa(pick))
	w.again()
	w.merge("alice", pick, "squash")
	w.wantStatus(n, "where it is merged")
	w.says("bob", n, "/cherry-pick release-1.30")
	if picks := w.picks(n, demoBranch); len(picks) != 2 {
		t.Errorf("%d picks\n%s", len(picks), w.status(n))
	}
	w.again()
}

// TestPickWaitsForTheCutWithoutADatabase: what waited is found by its label when the branch is
// created, also weeks later and with nothing remembered.
func TestPickWaitsForTheCutWithoutADatabase(t *testing.T) {
	w := newWorld(t)
	w.policy(basePolicy + "cherrypick: {request_labels: [{label: \"backport {branch}\"}, {label: \"cherry-pick/1.{minor}\", branch: \"release-1.{minor}\"}]}\n")
	var waiting []int
	for i, label := range []string{"cherrypick/release-1.31", "backport release-1.31", "cherry-pick/1.31"} {
		n := w.merged("leak"+itoa(i), "squash")
		w.do(w.gh.As("bob").AddLabel(demoRepo, n, label))
		w.settle()
		w.wantStatus(n, "- `release-1.31`: **can't be picked**: there is no such branch in this repository yet.")
		waiting = append(waiting, n)
	}
	w.clock.advance(20 * 24 * time.Hour)
	w.settle()
	w.newDatabase()
	w.do(w.gh.As("alice").CreateBranch(demoRepo, "release-1.31", demoBranch))
	w.settle()
	for _, n := range waiting {
		w.onePick(n, "release-1.31")
	}
	w.again()
	n := w.merged("more", "squash")
	w.do(w.gh.As("bob").AddLabel(demoRepo, n, "backport release-1.30"))
	w.settle()
	if pick := w.gh.Issue(demoRepo, w.onePick(n, demoBranch).Number); strings.Join(pick.Assignees, " ") != "bob" {
		t.Errorf("it is for %v", pick.Assignees)
	}
	w.says("bob", n, "/cherry-pick cancel release-1.30")
	if labels := w.gh.Issue(demoRepo, n).Labels; len(labels) != 0 {
		t.Errorf("the labels are %q", labels)
	}
}

// TestPickCutWithIt: a change that the branch was cut with needs no pick, which the tracker
// and the status know.
func TestPickCutWithIt(t *testing.T) {
	w := newWorld(t)
	tracker := withTracker(w)
	n := w.merged("early", "squash")
	w.do(w.gh.As("bob").AddLabel(demoRepo, n, "cherrypick/release-1.31"))
	w.settle()
	w.do(w.gh.As("alice").CreateBranch(demoRepo, "release-1.31", "master"))
	w.settle()
	w.wantStatus(n, "- `release-1.31`: **already there.**")
	w.wantAskerTold(n)
	w.clock.advance(resyncEvery)
	w.settle()
	if answer := w.says("alice", tracker, "/release status 1.31"); !strings.Contains(answer, "| `istio` | none | none | none |") && strings.Contains(answer, "istio/istio#"+itoa(n)) {
		t.Error(answer)
	}
	w.again()
}

// TestPickConflictsTwice: the same request conflicts, no longer does, and conflicts again. Each
// time who asked is told in a new comment, since an edit tells nobody.
func TestPickConflictsTwice(t *testing.T) {
	w := newWorld(t)
	w.policy(basePolicy + "cherrypick: {rebuild_drafts: true}\n")
	_, n := w.clash()
	push := func(body string) {
		w.do2(w.gh.As("alice").Push(demoRepo, demoBranch, map[string]string{adsFile: "package xds\n\n" + body}, "Change"))
		w.settle()
	}
	w.says("bob", n, "/cherry-pick release-1.30")
	push("// Push sends two.\nfunc Push() { two() }\n")
	w.wantAskerTold(n, "**conflict.**", "is **open**")
	push("// Push sends four.\nfunc Push() { four() }\n")
	w.wantAskerTold(n, "**conflict.**", "is **open**", "**conflict.**")
	push("// Push sends five.\nfunc Push() { five() }\n") // it still does, and that was told
	w.wantAskerTold(n, "**conflict.**", "is **open**", "**conflict.**")
	w.again()
}

// TestPickUnderwayIsNoFailure: what an earlier request came to isn't told of the next one,
// whose pull request GitHub doesn't take at once.
func TestPickUnderwayIsNoFailure(t *testing.T) {
	w := newWorld(t)
	n := w.sourcePR("bob", "more", "Fix more", map[string]string{"more.go": "package main\n"})
	w.says("bob", n, "/cherry-pick release-1.29")
	w.do(w.gh.As("alice").DeleteBranch(demoRepo, "release-1.29"))
	w.settle()
	w.merge("bob", n, "squash")
	w.wantAskerTold(n, "there is no such branch in this repository")
	w.do(w.gh.As("alice").CreateBranch(demoRepo, "release-1.29", demoBranch))
	w.gh.Fault(sandbox.Fault{Method: http.MethodPost, Path: regexp.MustCompile("/pulls$"), Times: 1, Status: http.StatusBadGateway})
	w.lost(func() {
		w.do(w.gh.As("carol").RemoveLabel(demoRepo, n, "cherrypick/release-1.29"))
		w.do(w.gh.As("carol").AddLabel(demoRepo, n, "cherrypick/release-1.29"))
	})
	w.wantStatus(n, "#"+itoa(w.onePick(n, "release-1.29").Number)+" is **open**")
	w.wantAskerTold(n, "there is no such branch in this repository")
	w.again()
}
