package main

import (
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// TestPickAskedBeforeTheMerge: a comment on an open pull request becomes a label
// and is carried out at the merge.
func TestPickAskedBeforeTheMerge(t *testing.T) {
	w := newWorld(t)
	n := w.sourcePR("bob", "leak", "Fix a leak", map[string]string{"leak.go": "package main\n"})
	if answer := w.says("carol", n, "/cherrypick release-1.30, release-1.29"); !strings.Contains(answer, "`release-1.29`: waits for the merge.") {
		t.Errorf("answer: %s", answer)
	}
	if got := strings.Join(w.gh.PR(demoRepo, n).Labels, " "); got != "cherrypick/release-1.30 cherrypick/release-1.29" {
		t.Errorf("labels: %s", got)
	}
	w.wantStatus(n, "- `release-1.30`: **waits for the merge**", "- `release-1.29`: **waits for the merge**", "Asked for by `carol`.")
	w.again()
	if answer := w.says("bob", n, "/cherry-pick cancel release-1.29 release-1.28"); !strings.Contains(answer, "`release-1.29`: withdrawn.") || !strings.Contains(answer, "`release-1.28`: nobody has asked for that.") {
		t.Errorf("answer: %s", answer)
	}
	w.wantStatus(n, "- `release-1.29`: **withdrawn**", "- `release-1.30`: **waits for the merge**")
	w.again()
	w.merge("bob", n, "squash")
	pick := w.onePick(n, "release-1.30")
	if got := w.gh.Issue(demoRepo, pick.Number).Assignees; len(got) != 1 || got[0] != "carol" {
		t.Errorf("assigned: %v", got)
	}
	if len(w.picks(n, "release-1.29")) != 0 {
		t.Error("what was withdrawn was picked")
	}
	w.again()
}

// TestPickByLabel: who set the label counts, not who wrote the change.
func TestPickByLabel(t *testing.T) {
	w := newWorld(t)
	n := w.sourcePR("bob", "leak", "Fix a leak", map[string]string{"leak.go": "package main\n"})
	w.do(w.gh.As("mallory").AddLabel(demoRepo, n, "cherrypick/release-1.30"))
	w.settle()
	w.wantStatus(n, "- `release-1.30`: **not asked for.** `mallory` set the label")
	w.do(w.gh.As("carol").AddLabel(demoRepo, n, "cherrypick/release-1.29"))
	w.settle()
	w.wantStatus(n, "- `release-1.29`: **waits for the merge** of this pull request, and will be picked then. Asked for by `carol`.")
	w.merge("bob", n, "squash")
	if len(w.picks(n, "release-1.30")) != 0 {
		t.Error("a stranger's label was a request")
	}
	w.onePick(n, "release-1.29")
	w.again()
	// Somebody who may asks for the same, after the merge.
	w.do(w.gh.As("bob").RemoveLabel(demoRepo, n, "cherrypick/release-1.30"))
	w.do(w.gh.As("bob").AddLabel(demoRepo, n, "cherrypick/release-1.30"))
	w.settle()
	w.onePick(n, "release-1.30")
	w.again()
}

// TestPickByStrangers: they are refused, add nothing to what others ask for, and
// where nothing can be picked they get no answer.
func TestPickByStrangers(t *testing.T) {
	w := newWorld(t)
	n := w.sourcePR("bob", "leak", "Fix a leak", map[string]string{"leak.go": "package main\n"})
	if answer := w.says("mallory", n, "/cherry-pick release-1.30"); !strings.Contains(answer, "**Not allowed.** `mallory` may not") {
		t.Errorf("answer: %s", answer)
	}
	w.says("bob", n, "/cherry-pick release-1.30")
	w.says("mallory", n, "/cherry-pick release-1.29")
	w.says("mallory", n, "/cherry-pick cancel release-1.30")
	if got := w.gh.PR(demoRepo, n).Labels; len(got) != 1 {
		t.Errorf("labels: %v", got)
	}
	w.do(w.gh.As("bob").Close(demoRepo, n))
	w.settle()
	w.wantStatus(n, "**not picked**, because this pull request was closed without being merged.")
	if answer := w.says("mallory", n, "/cherry-pick release-1.30"); answer != "" {
		t.Errorf("answer: %s", answer)
	}
	if answer := w.says("bob", n, "/cherry-pick release-1.30"); !strings.Contains(answer, "**Nothing to do.** #1 was closed") {
		t.Errorf("answer: %s", answer)
	}
	w.do(w.gh.As("mallory").AddLabel(demoRepo, n, "cherrypick/release-1.29"))
	w.settle()
	if strings.Contains(w.status(n), "release-1.29") {
		t.Errorf("the status comment: %s", w.status(n))
	}
	w.again()
}

// TestPickOntoWhatCannotBe: each wrong branch has one clear answer, and stops
// none of the others.
func TestPickOntoWhatCannotBe(t *testing.T) {
	w := newWorld(t)
	n := w.merged("leak", "squash")
	answer := w.says("bob", n, "/cherry-pick release-1.30 release-9.9 master topic . a..b refs/heads/release-1.30 0123456789012345678901234567890123456789 $(id)")
	for _, part := range []string{
		"- `release-1.30`: is being picked.", "- `release-9.9`: **can't be picked**: there is no such branch", "- `master`: **can't be picked**: this pull request is against that very branch",
		"- `topic`: **can't be picked**: the branch is not governed here", "- `.`: **can't be picked**",
		"- `a..b`: **can't be picked**", "- `refs/heads/release-1.30`: **can't be picked**", "- `0123456789012345678901234567890123456789`: **can't be picked**", "- `$(id)`: **can't be picked**",
	} {
		if !strings.Contains(answer, part) {
			t.Errorf("the answer lacks %q: %s", part, answer)
		}
	}
	w.onePick(n, demoBranch)
	for _, label := range []string{"cherrypick/release-9.9", "cherrypick/--force", "cherrypick/master", "cherrypick/a b"} {
		w.do(w.gh.As("bob").AddLabel(demoRepo, n, label))
	}
	w.settle()
	w.wantStatus(n, "- `release-9.9`: **can't be picked**: there is no such branch", "- `--force`: **can't be picked**: this is not a branch name",
		"- `master`: **can't be picked**: this pull request is against", "- `a b`: **can't be picked**: this is not a branch name")
	w.again()
	issue, err := w.gh.As("bob").OpenIssue(demoRepo, "x", "y")
	w.do(err)
	if answer := w.says("bob", issue, "/cherry-pick release-1.30"); !strings.Contains(answer, "a pick is of one pull request") {
		t.Errorf("on an issue: %s", answer)
	}
	if answer := w.says("bob", n, "/cherry-pick"); !strings.Contains(answer, "which branch? None is named") {
		t.Errorf("without a branch: %s", answer)
	}
}

// TestPickAlreadyThere: nothing is opened for what the branch has already.
func TestPickAlreadyThere(t *testing.T) {
	w := newWorld(t)
	n := w.merged("leak", "squash")
	_, err := w.gh.As("bob").Push(demoRepo, demoBranch, map[string]string{"leak.go": "package main\n"}, "The same by hand")
	w.do(err)
	w.says("bob", n, "/cherry-pick release-1.30")
	w.wantStatus(n, "- `release-1.30`: **already there.**")
	if len(w.picks(n, demoBranch)) != 0 || w.gh.Branch(demoRepo, headName(n, demoBranch)) != "" {
		t.Error("something was made")
	}
	w.again()
}

// TestPickOntoFrozenBranch: it is picked, and the answer says that it waits.
func TestPickOntoFrozenBranch(t *testing.T) {
	w := newWorld(t)
	n := w.merged("leak", "squash")
	w.says("alice", n, "/release freeze release-1.30 the release")
	if answer := w.says("bob", n, "/cherry-pick release-1.30"); !strings.Contains(answer, "**It waits:** `release-1.30` is frozen") {
		t.Errorf("answer: %s", answer)
	}
	pick := w.onePick(n, demoBranch)
	w.wantVerdict(pick.Number, "failure")
	w.again()
}

// TestPickRequesters: the policy may name teams alone.
func TestPickRequesters(t *testing.T) {
	w := newWorld(t)
	w.policy(basePolicy + "cherrypick:\n  requesters: {writers: false, teams: [\"release-managers-{major}-{minor}\"]}\n")
	n := w.merged("leak", "squash")
	if answer := w.says("bob", n, "/cherry-pick release-1.30"); !strings.Contains(answer, "the members of `release-managers-1-30`.") {
		t.Errorf("answer: %s", answer)
	}
	w.says("alice", n, "/cherry-pick release-1.30")
	w.onePick(n, demoBranch)
	w.again()
}

// TestPickExtras: what GitHub doesn't take is a note and no failure.
func TestPickExtras(t *testing.T) {
	w := newWorld(t)
	w.policy(basePolicy + "cherrypick:\n  labels: [release-notes-none]\n  copy_labels: [\"kind/*\"]\n  milestone: \"{major}.{minor}\"\n  sign_off: true\n  reviewers: {author: true, teams: [nobody]}\n")
	_, err := w.gh.As("alice").CreateMilestone(demoRepo, "1.30")
	w.do(err)
	pr, err := w.gh.As("mallory").OpenPR(demoRepo, sandbox.PROptions{Fork: true, Head: "leak", Title: "[release-1.29] Fix @everybody's `leak` <!-- x -->",
		Body: "```release-note\n**Fixed** a leak.\n/approve\n```\n", Files: map[string]string{"leak.go": "package main\n"}})
	w.do(err)
	w.do(w.gh.As("bob").AddLabel(demoRepo, pr.Number, "kind/bug", "area/xds"))
	w.says("bob", pr.Number, "/cherry-pick release-1.30 release-1.29")
	w.merge("bob", pr.Number, "squash")
	pick := w.onePick(pr.Number, "release-1.30")
	issue := w.gh.Issue(demoRepo, pick.Number)
	if pick.Title != "[release-1.30] Fix @everybody's `leak` <!-- x -->" || strings.Join(issue.Labels, " ") != "release-notes-none kind/bug" || issue.Milestone != "1.30" {
		t.Errorf("%q %v %q", pick.Title, issue.Labels, issue.Milestone)
	}
	if !strings.Contains(pick.Body, "**Fixed** a leak.") || strings.Contains(pick.Body, "\n/approve") {
		t.Errorf("body: %s", pick.Body)
	}
	w.wantStatus(pr.Number, "- `release-1.30`: #"+itoa(pick.Number)+" is **open**. **Note:** GitHub didn't take the reviewer `mallory`, the reviewing team `nobody`.")
	w.wantStatus(pr.Number, "the milestone `1.29`")
	w.again()
}
