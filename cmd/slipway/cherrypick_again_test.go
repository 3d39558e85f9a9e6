package main

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// statusID is the id of the status comment on a source.
func (w *world) statusID(source int) int64 {
	w.t.Helper()
	for _, c := range w.gh.Comments(demoRepo, source) {
		if strings.Contains(c.Body, "Cherry-picks of this pull request.") {
			return c.ID
		}
	}
	w.t.Fatalf("no status comment on #%d", source)
	return 0
}

// TestPickRefusedForGood: what GitHub goes on refusing is not asked for again and
// again, and the status comment says how far it came.
func TestPickRefusedForGood(t *testing.T) {
	w := newWorld(t)
	n := w.merged("leak", "squash")
	w.gh.Fault(sandbox.Fault{Method: http.MethodPost, Path: regexp.MustCompile("/pulls$"), Times: 1000, Status: http.StatusForbidden,
		Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}},
		Body:   `{"message":"Resource not accessible by integration","documentation_url":"https://docs.github.com/rest"}`})
	w.says("bob", n, "/cherry-pick release-1.30")
	// Two events name the pick, the command and the label that it sets, and the second
	// may come while the first is worked. Each run asks twice: it may be the token's
	// fault, which is then renewed.
	const events, asks = 2, 2
	if hits := w.gh.FaultHits(); hits == 0 || hits > events*asks {
		t.Errorf("asked %d times", hits)
	}
	w.clock.advance(20 * time.Minute)
	w.settle()
	w.wantAskerTold(n, "GitHub refuses the pull request from it")
	w.gh.ClearFaults()
	w.says("bob", n, "/cherry-pick release-1.30")
	w.wantStatus(n, "#"+itoa(w.onePick(n, demoBranch).Number)+" is **open**")
	w.again()
}

// TestPickIssueClosed: asked again after the issue about its conflict was closed,
// a pick opens another one, once.
func TestPickIssueClosed(t *testing.T) {
	w := newWorld(t)
	w.policy(basePolicy + "cherrypick: {on_conflict: issue}\n")
	_, n := w.clash()
	issues := func() (list []sandbox.Issue) {
		for _, i := range w.gh.Issues(demoRepo) {
			if !i.IsPR && i.Title == "[release-1.30] Fix the push" {
				list = append(list, i)
			}
		}
		return list
	}
	w.says("bob", n, "/cherry-pick release-1.30")
	w.do(w.gh.As("bob").Close(demoRepo, issues()[0].Number))
	w.settle()
	w.says("bob", n, "/cherry-pick release-1.30")
	list := issues()
	if len(list) != 2 {
		t.Fatalf("%d issues", len(list))
	}
	newest := max(list[0].Number, list[1].Number)
	w.wantStatus(n, "Issue #"+itoa(newest)+" says how")
	w.again()
}

// TestPickBeforeItsLabel: the pick is looked at before the webhook of the command's own
// label has come. It stays bob's request.
func TestPickBeforeItsLabel(t *testing.T) {
	w := newWorld(t)
	n := w.merged("leak", "squash")
	w.gh.FaultHooks(sandbox.HookFault{Match: func(_, action string) bool { return action == "labeled" }, Times: 1, Lose: true})
	w.says("bob", n, "/cherry-pick release-1.30")
	w.clock.advance(resyncEvery)
	w.settle()
	pick := w.gh.Issue(demoRepo, w.onePick(n, demoBranch).Number)
	if !slices.Equal(pick.Assignees, []string{"bob"}) {
		t.Errorf("the pick is for %v\n%s", pick.Assignees, w.log)
	}
	w.again()
}

// TestPickBothExtras: by policy a draft and an issue, and both know who asked.
func TestPickBothExtras(t *testing.T) {
	w := newWorld(t)
	w.policy(basePolicy + "cherrypick: {on_conflict: both}\n")
	_, n := w.clash()
	w.says("bob", n, "/cherry-pick release-1.30")
	w.onePick(n, demoBranch)
	for _, i := range w.gh.Issues(demoRepo) {
		if strings.HasPrefix(i.Title, "[release-1.30] ") && strings.Join(i.Assignees, " ") != "bob" {
			t.Errorf("#%d is for %v", i.Number, i.Assignees)
		}
	}
	w.again()
}

// TestPickCopiesNoRequest: a stranger's label on the source is copied by no
// policy, since from us it would look like a request.
func TestPickCopiesNoRequest(t *testing.T) {
	w := newWorld(t)
	w.policy(basePolicy + "cherrypick: {copy_labels: [\"*/*\"]}\n")
	w.do(w.gh.AddCollaborator(demoRepo, "mallory", "triage"))
	n := w.merged("leak", "squash")
	w.do(w.gh.As("mallory").AddLabel(demoRepo, n, "cherrypick/release-1.29", "kind/bug"))
	w.settle()
	w.says("bob", n, "/cherry-pick release-1.30")
	pick := w.onePick(n, demoBranch)
	if got := strings.Join(pick.Labels, " "); !strings.Contains(got, "kind/bug") || strings.Contains(got, "cherrypick/") {
		t.Errorf("the labels are %s", got)
	}
	w.merge("alice", pick.Number, "squash")
	if len(w.picks(n, "release-1.29"))+len(w.picks(pick.Number, "release-1.29")) != 0 {
		t.Error("mallory got her pick")
	}
}

// TestPickReplayed: what somebody who may once asked for, and withdrew, isn't
// brought back by pasting the old status comment and setting the label.
func TestPickReplayed(t *testing.T) {
	w := newWorld(t)
	w.policy(basePolicy + "cherrypick:\n  requesters: {writers: false, teams: [\"release-managers-{major}-{minor}\"]}\n")
	n := w.sourcePR("bob", "leak", "Fix a leak", map[string]string{"a.go": "package main\n"})
	w.says("alice", n, "/cherry-pick release-1.30")
	id, old := w.statusID(n), w.status(n)
	w.says("alice", n, "/cherry-pick cancel release-1.30")
	w.do(w.gh.As("bob").EditComment(demoRepo, id, old))
	w.do(w.gh.As("bob").AddLabel(demoRepo, n, "cherrypick/release-1.30"))
	w.settle()
	w.merge("bob", n, "squash")
	if len(w.picks(n, demoBranch)) != 0 {
		t.Error("picked in alice's name")
	}
	w.wantStatus(n, "`bob` set the label")
	w.says("alice", n, "/cherry-pick release-1.30")
	w.onePick(n, demoBranch)
}

// TestPickClosedStaysClosed: losing the status comment opens nothing again that a
// person closed; taking the label off and setting it again asks anew.
func TestPickClosedStaysClosed(t *testing.T) {
	w := newWorld(t)
	n := w.merged("leak", "squash")
	w.says("bob", n, "/cherry-pick release-1.30")
	w.do(w.gh.As("bob").Close(demoRepo, w.onePick(n, demoBranch).Number))
	w.settle()
	w.do(w.gh.As("bob").DeleteComment(demoRepo, w.statusID(n)))
	w.settle()
	w.stop()
	w.start()
	w.settle()
	w.onePick(n, demoBranch)
	w.do(w.gh.As("bob").RemoveLabel(demoRepo, n, "cherrypick/release-1.30"))
	w.settle()
	w.do(w.gh.As("bob").AddLabel(demoRepo, n, "cherrypick/release-1.30"))
	w.settle()
	if got := len(w.picks(n, demoBranch)); got != 2 {
		t.Errorf("%d picks", got)
	}
	w.again()
}

// TestPickSetOfBranches: the right to each branch counts by itself.
func TestPickSetOfBranches(t *testing.T) {
	w := newWorld(t)
	w.policy(basePolicy + "cherrypick:\n  requesters: {writers: false, teams: [\"release-managers-{major}-{minor}\"]}\n")
	n := w.merged("leak", "squash")
	answer := w.says("alice", n, "/cherry-pick release-1.30 release-1.29 main2")
	for _, want := range []string{"`release-1.30`: is being picked", "`alice` may not ask for it; the members of `release-managers-1-29` may", "`main2`: **can't be picked**"} {
		if !strings.Contains(answer, want) {
			t.Errorf("%q lacks %q", answer, want)
		}
	}
	w.onePick(n, demoBranch)
	if len(w.picks(n, "release-1.29")) != 0 {
		t.Error("picked without the right")
	}
	w.again()
}
