package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// chain merges two changes of the same lines and a third, and returns their pull requests:
// the third conflicts on the release branches without both, and they touch different lines.
func (w *world) chain() (one, two, source int) {
	w.t.Helper()
	const head, middle = "package xds\n\n", "\n\n\n\n\n\n\n\n"
	text := func(a, b string) map[string]string {
		return map[string]string{adsFile: head + "func A() { " + a + " }\n" + middle + "func B() { " + b + " }\n"}
	}
	for _, b := range []string{"master", demoBranch} {
		w.do2(w.gh.As("alice").Push(demoRepo, b, text("a0()", "b0()"), "Begin"))
	}
	one = w.sourcePR("carol", "one", "Prepare A", text("a1()", "b0()"))
	w.merge("carol", one, "squash")
	two = w.sourcePR("carol", "two", "Prepare B", text("a1()", "b1()"))
	w.merge("carol", two, "squash")
	source = w.sourcePR("bob", "leak", "Fix both", text("a2()", "b2()"))
	w.merge("bob", source, "squash")
	return one, two, source
}

// TestPickWithNeeded: what a draft needs is picked in the same person's name, each by
// itself, and the draft is made anew by itself once all of it is merged.
func TestPickWithNeeded(t *testing.T) {
	w := newWorld(t)
	one, two, n := w.chain()
	w.says("bob", n, "/cherry-pick release-1.30")
	draft := w.onePick(n, demoBranch)
	if !strings.Contains(draft.Body, "comment `/cherry-pick release-1.30 --with-needed` on #"+itoa(n)+".") {
		t.Errorf("the draft doesn't offer it:\n%s", draft.Body)
	}
	answer := w.says("bob", n, "/cherry-pick release-1.30 --with-needed")
	if !strings.Contains(answer, "#"+itoa(draft.Number)+", which conflicts, is being made anew. What it needs is picked first.") {
		t.Errorf("answer: %s", answer)
	}
	draft = w.onePick(n, demoBranch)
	first, second := w.onePick(one, demoBranch), w.onePick(two, demoBranch)
	w.wantStatus(one, "- `release-1.30`: #"+itoa(first.Number)+" is **open**.")
	for _, pick := range []sandbox.PR{first, second} {
		if got := w.gh.Issue(demoRepo, pick.Number).Assignees; strings.Join(got, " ") != "bob" || pick.Draft {
			t.Errorf("#%d is for %v, a draft %t", pick.Number, got, pick.Draft)
		}
	}
	w.wantStatus(n, "It **waits for** #"+itoa(two)+" (its pick #"+itoa(second.Number)+" is open), #"+itoa(one)+" (its pick #"+itoa(first.Number)+" is open), and is made anew once they are merged.")
	w.again()
	w.merge("alice", first.Number, "squash")
	w.wantStatus(n, "It **waits for** #"+itoa(two)+" (its pick #"+itoa(second.Number)+" is open), and is made anew")
	if now := w.gh.PR(demoRepo, draft.Number); now.HeadSHA != draft.HeadSHA || !strings.Contains(now.Body, "It has conflicts") {
		t.Error("made anew too early")
	}
	w.again()
	w.merge("alice", second.Number, "squash")
	anew := w.onePick(n, demoBranch)
	if anew.Number != draft.Number || anew.HeadSHA == draft.HeadSHA || strings.Contains(anew.Body, "It has conflicts") {
		t.Errorf("%+v\n%s", anew, w.log)
	}
	w.wantStatus(n, "#"+itoa(draft.Number)+" is **open**.")
	told := w.told(n)
	if !strings.Contains(told[len(told)-1], "is **open**") {
		t.Errorf("told %q", told)
	}
	w.again()
}

// TestPickWithNeededAtOnce: it can be asked for before anything is known, also before the merge.
func TestPickWithNeededAtOnce(t *testing.T) {
	w := newWorld(t)
	needed := w.sourcePR("carol", "needed", "Prepare the push", adsText("two"))
	w.merge("carol", needed, "squash")
	n := w.sourcePR("bob", "leak", "Fix the push", adsText("three"))
	if answer := w.says("bob", n, "/cherry-pick --with-needed release-1.30"); !strings.Contains(answer, "waits for the merge. Should it conflict, what it needs is picked first.") {
		t.Errorf("answer: %s", answer)
	}
	if len(w.picks(needed, demoBranch)) != 0 {
		t.Error("picked before the merge")
	}
	w.merge("bob", n, "squash")
	pick := w.onePick(needed, demoBranch)
	w.wantStatus(n, "It **waits for** #"+itoa(needed)+" (its pick #"+itoa(pick.Number)+" is open), and is made anew")
	w.again()
	// Its webhooks are lost, and the database.
	w.stop()
	w.newDatabase()
	_, err := w.gh.As("alice").Merge(demoRepo, pick.Number, "squash")
	w.do(err)
	w.start()
	w.wantStatus(n, "is **open**.")
	w.again()
}

// TestPickWithNeededInOrder: of two that it needs, one needs the other. That is made anew, too.
func TestPickWithNeededInOrder(t *testing.T) {
	w := newWorld(t)
	var all []int
	for _, what := range []string{"one", "two", "three"} {
		all = append(all, w.sourcePR("bob", what, "Push "+what, adsText(what)))
		w.merge("bob", all[len(all)-1], "squash")
	}
	w.says("bob", all[2], "/cherry-pick release-1.30 --with-needed")
	first, second, third := w.onePick(all[0], demoBranch), w.onePick(all[1], demoBranch), w.onePick(all[2], demoBranch)
	if first.Draft || !second.Draft || !third.Draft {
		t.Errorf("drafts: %t, %t, %t", first.Draft, second.Draft, third.Draft)
	}
	w.wantStatus(all[2], "#"+itoa(all[1])+" (its pick #"+itoa(second.Number)+" conflicts), #"+itoa(all[0])+" (its pick #"+itoa(first.Number)+" is open), and is made anew once they are merged.")
	w.again()
	w.merge("alice", first.Number, "squash")
	if again := w.onePick(all[1], demoBranch); again.HeadSHA == second.HeadSHA || strings.Contains(again.Body, "It has conflicts") {
		t.Errorf("the needed one wasn't made anew: %+v", again)
	}
	w.wantStatus(all[2], "It **waits for** #"+itoa(all[1])+" (its pick #"+itoa(second.Number)+" is open), and is made anew once they are merged.")
	w.again()
	w.do(w.gh.As("alice").SetDraft(demoRepo, second.Number, false))
	w.merge("alice", second.Number, "squash")
	if again := w.onePick(all[2], demoBranch); again.HeadSHA == third.HeadSHA || strings.Contains(again.Body, "It has conflicts") {
		t.Errorf("it wasn't made anew: %+v", again)
	}
	w.again()
}

// TestPickWithNeededTroubles: what goes wrong with a needed one is said by name, and asked
// for once.
func TestPickWithNeededTroubles(t *testing.T) {
	w := newWorld(t)
	_, err := w.gh.As("alice").Push(demoRepo, "master", adsText("one"), "Pushed past everybody (#1)")
	w.do(err)
	needed := w.sourcePR("carol", "needed", "Prepare the push", adsText("two"))
	w.merge("carol", needed, "squash")
	n := w.sourcePR("bob", "leak", "Fix the push", adsText("three"))
	w.merge("bob", n, "squash")
	w.says("bob", n, "/cherry-pick release-1.30 --with-needed")
	pick := w.onePick(needed, demoBranch) // which conflicts itself: it needs what has no pull request
	w.wantStatus(n, "#"+itoa(needed)+" (its pick #"+itoa(pick.Number)+" conflicts)", "**Next step:** resolve #"+itoa(pick.Number)+", or comment `/cherry-pick release-1.30 --with-needed` on #"+itoa(needed)+".",
		"came with no pull request, so it isn't picked.")
	w.again()
	w.do(w.gh.As("bob").Close(demoRepo, pick.Number))
	w.settle()
	w.wantStatus(n, "The pick #"+itoa(pick.Number)+" of #"+itoa(needed)+" was closed without being merged. **Next step:** if it is wanted after all, comment `/cherry-pick release-1.30` on #"+itoa(needed)+".")
	w.onePick(needed, demoBranch)
	w.again()
	// Somebody resolves the draft: it isn't made anew any more.
	draft := w.onePick(n, demoBranch)
	w.do2(w.gh.As("bob").PushToPR(demoRepo, draft.Number, map[string]string{"x.go": "package x\n"}, "Half"))
	w.wantStatus(n, "Somebody has pushed to it.")
	w.says("carol", needed, "/cherry-pick release-1.30")
	if got := w.gh.PR(demoRepo, draft.Number); !strings.Contains(got.Body, "It has conflicts") {
		t.Error("somebody's push was overwritten")
	}
	w.again()
}

// TestPickWithNeededWithdrawn: what somebody withdrew isn't asked for again.
func TestPickWithNeededWithdrawn(t *testing.T) {
	w := newWorld(t)
	needed, n := w.clash()
	w.gh.Fault(sandbox.Fault{Method: http.MethodPost, Path: regexp.MustCompile("/pulls$"), Skip: 1, Times: 1000, Status: http.StatusForbidden,
		Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}},
		Body:   `{"message":"Resource not accessible by integration","documentation_url":"https://docs.github.com/rest"}`})
	w.says("bob", n, "/cherry-pick release-1.30 --with-needed")
	w.wantStatus(n, "#"+itoa(needed))
	w.says("carol", needed, "/cherry-pick cancel release-1.30")
	w.gh.ClearFaults()
	w.resync()
	w.wantStatus(n, "The pick of #"+itoa(needed)+" was withdrawn. **Next step:** if it is wanted after all, comment `/cherry-pick release-1.30` on #"+itoa(needed)+".")
	if len(w.picks(needed, demoBranch)) != 0 || len(w.gh.PR(demoRepo, needed).Labels) != 0 {
		t.Error("it was asked for again")
	}
	w.again()
}

// TestPickWithNeededAfterCrash: whatever answer never arrived, nothing is asked for twice
// and the draft is made anew.
func TestPickWithNeededAfterCrash(t *testing.T) {
	for name, path := range map[string]string{"push": "/git-receive-pack$", "pull request": "/pulls$", "status": "/issues/1/comments$", "label": "/labels$"} {
		for _, skip := range []int{0, 1} {
			if name == "status" && skip > 0 {
				continue // it is made once
			}
			t.Run(name+" "+itoa(skip), func(t *testing.T) {
				w := newWorld(t)
				needed, n := w.clash()
				w.gh.Fault(sandbox.Fault{Method: http.MethodPost, Path: regexp.MustCompile(path), Skip: skip, Times: 1, DropResponseAfterEffect: true})
				w.says("bob", n, "/cherry-pick release-1.30 --with-needed")
				pick, draft := w.onePick(needed, demoBranch), w.onePick(n, demoBranch)
				w.wantStatus(n, "It **waits for** #"+itoa(needed)+" (its pick #"+itoa(pick.Number)+" is open)")
				w.again()
				w.gh.Fault(sandbox.Fault{Method: http.MethodPatch, Path: regexp.MustCompile("/pulls/"), Skip: skip, Times: 1, Drop: true})
				w.merge("alice", pick.Number, "squash")
				w.resync()
				if anew := w.onePick(n, demoBranch); anew.HeadSHA == draft.HeadSHA || strings.Contains(anew.Body, "It has conflicts") {
					t.Errorf("%+v\n%s", anew, w.log)
				}
				w.again()
			})
		}
	}
}

// TestPickWithNeededElsewhere: the same where conflicts become issues, or issues too, with webhooks lost.
func TestPickWithNeededElsewhere(t *testing.T) {
	for _, mode := range []string{"issue", "both"} {
		t.Run(mode, func(t *testing.T) {
			w := newWorld(t)
			w.policy(basePolicy + "cherrypick: {on_conflict: " + mode + "}\n")
			// Rebased, its commit doesn't say which pull request brought it.
			needed := w.sourcePR("carol", "needed", "Prepare the push", adsText("two"))
			w.merge("carol", needed, "rebase")
			n := w.sourcePR("bob", "leak", "Fix the push", adsText("three"))
			w.merge("bob", n, "squash")
			w.says("bob", n, "/cherry-pick release-1.30 --with-needed")
			pick := w.onePick(needed, demoBranch)
			w.wantStatus(n, "**conflict.**", "It **waits for** #"+itoa(needed)+" (its pick #"+itoa(pick.Number)+" is open), and is made anew once they are merged.")
			w.again()
			w.lost(func() { w.do2(w.gh.As("alice").Merge(demoRepo, pick.Number, "squash")) })
			anew := w.onePick(n, demoBranch)
			if strings.Contains(anew.Body, "It has conflicts") {
				t.Errorf("%+v", anew)
			}
			w.wantStatus(n, "#"+itoa(anew.Number)+" is **open**.")
			for _, i := range w.gh.Issues(demoRepo) {
				if !i.IsPR && i.Title == "[release-1.30] Fix the push" && i.State != "closed" {
					t.Errorf("the issue #%d is open still", i.Number)
				}
			}
			w.again()
		})
	}
}

// TestPickWithNeededStillConflicts: made anew, it conflicts with something else. That is told, and it isn't
// tried for each push.
func TestPickWithNeededStillConflicts(t *testing.T) {
	w := newWorld(t)
	needed, n := w.clash()
	w.says("bob", n, "/cherry-pick release-1.30 --with-needed")
	pick, draft := w.onePick(needed, demoBranch), w.onePick(n, demoBranch)
	before := len(w.told(n))
	w.gh.FaultHooks(sandbox.HookFault{Drop: true}) // both are pushed before anybody looks
	_, err := w.gh.As("alice").Merge(demoRepo, pick.Number, "squash")
	w.do(err)
	w.do2(w.gh.As("alice").Push(demoRepo, demoBranch, adsText("ten"), "In between"))
	w.gh.ClearHookFaults()
	w.resync()
	anew := w.onePick(n, demoBranch)
	if anew.HeadSHA == draft.HeadSHA || !strings.Contains(anew.Body, "It has conflicts") {
		t.Errorf("%+v", anew)
	}
	w.wantStatus(n, "It was made anew once what it needed was there, and still conflicts.")
	if told := w.told(n); len(told) != before+1 || !strings.Contains(told[before], "still conflicts") {
		t.Errorf("told %q", told)
	}
	w.again()
	w.do2(w.gh.As("alice").Push(demoRepo, demoBranch, adsText("two"), "Back"))
	if got := w.onePick(n, demoBranch); got.HeadSHA != anew.HeadSHA {
		t.Error("it was made anew once more")
	}
	w.again()
}
