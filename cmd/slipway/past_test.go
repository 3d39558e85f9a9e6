package main

import (
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// past lists what was told of in a freeze's issue as past the freeze.
func (w *world) past(issue int) (told []string) {
	for _, c := range w.gh.Comments(demoRepo, issue) {
		if strings.HasPrefix(c.Body, "<!-- slipway:past ") {
			told = append(told, c.Body)
		}
	}
	return told
}

// wantPast fails unless just this was told, each time once and with these words.
func (w *world) wantPast(issue int, when string, each ...[]string) {
	w.t.Helper()
	told := w.past(issue)
	if len(told) != len(each) {
		w.t.Fatalf("%s: told %d times, want %d: %q\n%s", when, len(told), len(each), told, w.log)
	}
	for _, words := range each {
		found := false
		for _, one := range told {
			all := true
			for _, word := range words {
				all = all && strings.Contains(one, word)
			}
			found = found || all
		}
		if !found {
			w.t.Errorf("%s: nothing tells of %q: %q", when, words, told)
		}
	}
}

// TestPastTheFreeze: what an administrator merges or pushes onto a frozen branch is told
// in the freeze's issue, once, with who; and listed when it ends.
func TestPastTheFreeze(t *testing.T) {
	w := newWorld(t)
	w.do(w.gh.AddCollaborator(demoRepo, "carol", "admin"))
	held, queued, good := w.openPR("bob", demoBranch, "held"), w.openPR("bob", demoBranch, "newer"), w.openPR("bob", demoBranch, "good")
	before := w.openPR("bob", demoBranch, "before")
	merge := func(login string, n int) {
		t.Helper()
		_, err := w.gh.As(login).Merge(demoRepo, n, "squash")
		w.do(err)
	}
	push := func(login, branch, file string) {
		t.Helper()
		_, err := w.gh.As(login).Push(demoRepo, branch, map[string]string{file: "package main\n"}, "Push "+file)
		w.do(err)
	}
	merge("carol", before)
	push("carol", demoBranch, "early.go")
	w.settle()
	w.says("alice", held, "/release freeze release-1.30 the release is being made")
	issue := w.freezes()[0].Number
	w.wantPast(issue, "before anything happened")

	// With the webhook.
	w.says("alice", good, "/release exempt it is wanted")
	merge("bob", good)
	merge("carol", held)
	push("carol", demoBranch, "direct.go")
	push("bob", "master", "elsewhere.go")
	w.settle()
	one, two := []string{"`carol` merged #", "It had no exemption"}, []string{"`carol` pushed [`"}
	w.wantPast(issue, "at once", one, two)
	w.again()

	// Without: an exemption of another commit, and a push, which the resync finds.
	w.says("alice", queued, "/release exempt as it is")
	_, err := w.gh.As("bob").PushToPR(demoRepo, queued, map[string]string{"more.go": "package main\n"}, "More")
	w.do(err)
	w.settle()
	w.gh.FaultHooks(sandbox.HookFault{Drop: true})
	merge("carol", queued)
	push("dave", demoBranch, "lost.go")
	w.settle()
	w.gh.ClearHookFaults()
	w.wantPast(issue, "unheard of", one, two)
	w.clock.advance(2 * time.Hour)
	w.settle()
	three, four := []string{"`carol` merged #", "Its exemption by `alice` was for the commit"}, []string{"`dave` pushed [`"}
	w.wantPast(issue, "by the resync", one, two, three, four)

	// Without a database nothing is told twice, and what came meanwhile is found.
	w.stop()
	_, err = w.gh.As("carol").ForcePush(demoRepo, demoBranch, map[string]string{"forced.go": "package main\n"}, "Forced")
	w.do(err)
	w.newDatabase()
	w.start()
	five := []string{"`carol` pushed [`", "by force"}
	w.wantPast(issue, "without its database", one, two, three, four, five)
	w.again()

	w.says("alice", held, "/release thaw release-1.30")
	push("carol", demoBranch, "after.go")
	w.settle()
	w.wantPast(issue, "after the freeze", one, two, three, four, five)
	last := w.gh.Comments(demoRepo, issue)
	text := last[len(last)-1].Body
	for _, want := range []string{"Merged meanwhile", "by exemption", "Pushed directly meanwhile", "`dave` pushed [`", "by force"} {
		if !strings.Contains(text, want) {
			t.Errorf("the end's notice lacks %q:\n%s", want, text)
		}
	}
	if n := strings.Count(text, "` pushed "); n != 3 {
		t.Errorf("it lists %d pushes, want 3:\n%s", n, text)
	}
	w.again()
}

// TestExemptedAndUpdated: what was exempted before GitHub merged the branch into it isn't told
// as past the freeze, however it is merged.
func TestExemptedAndUpdated(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"merge", "squash"} {
		t.Run(how, func(t *testing.T) {
			w := newWorld(t)
			w.do(w.gh.AddCollaborator(demoRepo, "carol", "admin"))
			good, held := w.openPR("bob", demoBranch, "good"), w.openPR("bob", demoBranch, "held")
			w.moveBase(demoBranch, "b.go")
			w.says("alice", good, "/release freeze release-1.30")
			issue := w.freezes()[0].Number
			w.says("alice", good, "/release exempt it is wanted")
			w.do(w.gh.As("bob").UpdateBranch(demoRepo, good))
			w.do(w.gh.As("bob").UpdateBranch(demoRepo, held))
			w.settle()
			w.wantVerdict(good, "success")
			for login, n := range map[string]int{"bob": good, "carol": held} {
				_, err := w.gh.As(login).Merge(demoRepo, n, how)
				w.do(err)
			}
			w.settle()
			w.wantPast(issue, "once merged", []string{"`carol` merged #" + itoa(held)})
			w.again()
		})
	}
}

// TestCutWhileFrozen: a branch that is cut while its window holds is no alarm; one that
// is deleted and made anew is.
func TestCutWhileFrozen(t *testing.T) {
	w := newWorld(t)
	w.do(w.gh.AddCollaborator(demoRepo, "carol", "admin"))
	now := w.clock.Now().UTC()
	w.policy(basePolicy + "freeze:\n  windows: [{name: all, branches: [\"release-*\"], start: \"" + now.Add(-time.Minute).Format(time.RFC3339) +
		"\", end: \"" + now.Add(24*time.Hour).Format(time.RFC3339) + "\"}]\n")
	issue := w.freezes()[0].Number
	w.do(w.gh.As("carol").CreateBranch(demoRepo, "release-1.31", "master"))
	w.settle()
	w.wantPast(issue, "at the cut")
	w.do(w.gh.As("carol").DeleteBranch(demoRepo, "release-1.31"))
	w.do(w.gh.As("carol").CreateBranch(demoRepo, "release-1.31", "master"))
	w.settle()
	w.wantPast(issue, "made anew", []string{"`carol` deleted `release-1.31`"}, []string{"`carol` made `release-1.31` anew"})
	w.again()
}

// TestReopenedFreeze: whoever opens the issue of a freeze again that is over is told that
// this doesn't freeze, also after a lost webhook; it is closed again.
func TestReopenedFreeze(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	w.says("alice", n, "/release freeze release-1.30 for now")
	issue := w.freezes()[0].Number
	w.do(w.gh.As("alice").Close(demoRepo, issue))
	w.settle()
	w.wantVerdict(n, "success")
	notes := func() (found int) {
		for _, c := range w.gh.Comments(demoRepo, issue) {
			if strings.Contains(c.Body, "**This doesn't freeze again.**") && strings.Contains(c.Body, "`/release freeze release-1.30 REASON`") {
				found++
			}
		}
		return found
	}
	for i, login := range []string{"bob", "alice", "bob"} { // who may not, who may, and unheard of
		if i == 2 {
			w.gh.FaultHooks(sandbox.HookFault{Drop: true})
		}
		w.do(w.gh.As(login).Reopen(demoRepo, issue))
		w.settle()
		if i == 2 {
			w.gh.ClearHookFaults()
			w.stop()
			w.newDatabase()
			w.start()
		}
		w.wantVerdict(n, "success")
		if got := notes(); got != i+1 || len(w.freezes()) != 0 {
			t.Errorf("opened again by %s: told %d times, want %d; open: %v\n%s", login, got, i+1, w.freezes(), w.log)
		}
	}
	w.again()
}

// TestPushedDirectly: what is pushed onto a release's branch that isn't frozen stands in
// the release's status, with who; a cut and what pull requests bring don't.
func TestPushedDirectly(t *testing.T) {
	w := newWorld(t)
	n := withTracker(w)
	w.do(w.gh.AddCollaborator(demoRepo, "carol", "admin"))
	w.do(w.gh.As("carol").CreateBranch(demoRepo, "release-1.31", "master"))
	w.settle()
	merged := w.openPR("bob", "release-1.31", "fix")
	_, err := w.gh.As("alice").Merge(demoRepo, merged, "squash")
	w.do(err)
	w.settle()
	if body := w.gh.Issue(demoRepo, n).Body; strings.Contains(body, "Pushed directly") {
		t.Errorf("nothing was pushed directly:\n%s", body)
	}
	_, err = w.gh.As("carol").Push(demoRepo, "release-1.31", map[string]string{"direct.go": "package main\n"}, "Direct")
	w.do(err)
	w.settle()
	w.wantAnswer("bob", n, "/release status", "(by `carol`, ")
	w.clock.advance(2 * time.Hour)
	w.settle()
	w.wantBody(n, "- **Pushed directly:** in `istio`, past all checks", "(by `carol`, ")
	w.again()
	w.gh.FaultHooks(sandbox.HookFault{Drop: true})
	_, err = w.gh.As("dave").Push(demoRepo, "release-1.31", map[string]string{"lost.go": "package main\n"}, "Lost")
	w.do(err)
	w.settle()
	w.gh.ClearHookFaults()
	w.clock.advance(2 * time.Hour)
	w.settle()
	w.wantBody(n, "(by `dave`, ", "(by `carol`, ")
	w.stop()
	w.newDatabase()
	w.start()
	w.wantAnswer("bob", n, "/release status", "(by `dave`, ")
	w.again()
}
