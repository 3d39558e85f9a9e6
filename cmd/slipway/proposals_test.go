package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// inIstiosFreeze is release 1.31 on the policy that we ship, in its code freeze: the branches are
// cut, and the last version is beta.0. alice and dave manage it.
func inIstiosFreeze(w *world) (tracker int) {
	w.t.Helper()
	n := withIstio(w)
	w.do(w.gh.AddTeamMember("istio", "release-managers-1-31", "dave", "active"))
	_, err := w.gh.As("alice").Push(builderRepo, "master", map[string]string{"release/trigger-build": "1.31.0-beta.0\n", "release/trigger-publish": "1.31.0-beta.0\n"}, "Triggers")
	w.do(err)
	for _, r := range istioRepos {
		for _, login := range []string{"bob", "dave"} {
			w.do(w.gh.AddCollaborator("istio/"+r, login, "write"))
		}
		w.do(w.gh.CreateBranch("istio/"+r, "release-1.31", "master"))
	}
	w.settle()
	w.clock.advance(30 * 24 * time.Hour)
	w.settle()
	return n
}

// onlyOpen is the only open pull request of a repository.
func (w *world) onlyOpen(repo string) sandbox.PR {
	w.t.Helper()
	open := slices.DeleteFunc(w.gh.PRs(repo), func(pr sandbox.PR) bool { return pr.State != "open" })
	if len(open) != 1 {
		w.t.Fatalf("%s has %d open pull requests: %v\n%s", repo, len(open), open, w.log)
	}
	return open[0]
}

// held lists the checks of Slipway's that hold a pull request back, with what they say.
func (w *world) held(repo string, n int) (all []string) {
	w.t.Helper()
	runs := w.gh.CheckRuns(repo, w.gh.PR(repo, n).HeadSHA)
	for _, r := range runs {
		if strings.HasPrefix(r.Name, "slipway/") && r.Conclusion != "success" && r.Conclusion != "neutral" {
			all = append(all, fmt.Sprintf("%s: %s", strings.TrimPrefix(r.Name, "slipway/"), r.Title))
		}
	}
	if len(runs) == 0 {
		all = append(all, "no check at all")
	}
	slices.Sort(all)
	return all
}

// wantHeld fails unless these checks hold it back: all of them say the same, unless it is "".
func (w *world) wantHeld(repo string, n int, say string, checks ...string) {
	w.t.Helper()
	got := w.held(repo, n)
	ok := len(got) == len(checks)
	for i := range checks {
		ok = ok && strings.HasPrefix(got[i], checks[i]+": ") && (say == "" || strings.HasSuffix(got[i], ": "+say))
	}
	if !ok {
		w.t.Errorf("%s#%d is held by %q\nwant %q, %q\n%s", repo, n, got, checks, say, w.log)
	}
}

func (w *world) reviews(login, repo string, n int, event string) {
	w.t.Helper()
	_, err := w.gh.As(login).Review(repo, n, event, "Said")
	w.do(err)
	w.settle()
}

const second = "Waits for a second release manager"

// oneManager is what an ordinary trigger waits for: its freeze is for its candidates.
const oneManager = "Waits for a release manager's approval"

// TestProposalInTheFreeze: in Istio's code freeze a candidate takes a command and a second
// manager's approval, and nothing by hand.
func TestProposalInTheFreeze(t *testing.T) {
	w := newWorld(t)
	n := inIstiosFreeze(w)
	w.wantAnswer("alice", n, "/release build 1.31.0-rc.0", "a member of `release-managers-1-31` other than you looks at it")
	pr := w.onlyOpen(builderRepo).Number
	w.wantHeld(builderRepo, pr, second, "release-branch")
	for _, who := range []string{"bob", "alice"} { // one may not, the other asked for it
		w.reviews(who, builderRepo, pr, "APPROVE")
		w.wantHeld(builderRepo, pr, second, "release-branch")
	}
	w.wantCheckText(builderRepo, pr, "slipway/release-branch", "`alice` asked Slipway for this pull request by a command",
		"**Next step:** a member of `release-managers-1-31` other than `alice` approves this pull request as it is now", "`proposals: pass`")
	id, err := w.gh.As("dave").Review(builderRepo, pr, "APPROVE", "")
	w.do(err)
	w.settle()
	w.wantHeld(builderRepo, pr, "")
	w.do(w.gh.As("alice").DismissReview(builderRepo, pr, id))
	w.settle()
	w.wantHeld(builderRepo, pr, second, "release-branch")

	// Only what is sealed counts, and it is enough.
	body := w.gh.PR(builderRepo, pr).Body
	w.do(w.gh.As("alice").EditBody(builderRepo, pr, strings.Replace(body, `"by":"alice"`, `"by":"bob"`, 1)))
	w.settle()
	w.wantHeld(builderRepo, pr, oneManager, "release-branch")
	w.do(w.gh.As("alice").EditBody(builderRepo, pr, body+"\n\nLooks good."))
	w.settle()
	w.wantHeld(builderRepo, pr, second, "release-branch")
	w.reviews("dave", builderRepo, pr, "APPROVE")
	w.wantHeld(builderRepo, pr, "")
	w.stop()
	w.newDatabase()
	w.start()
	w.again()
	w.wantHeld(builderRepo, pr, "")

	// A merge queue asks the same, and what GitHub itself merges into it changes nothing.
	_, err = w.gh.As("alice").Push(builderRepo, "release-1.31", map[string]string{"README.md": "news"}, "News")
	w.do(err)
	w.do(w.gh.As("bob").UpdateBranch(builderRepo, pr))
	w.settle()
	w.wantHeld(builderRepo, pr, "")
	group, err := w.gh.As("dave").EnqueueMergeGroup(builderRepo, "release-1.31", pr)
	w.do(err)
	w.settle()
	for _, gate := range []string{"freeze", "release-branch", "release"} {
		if run, _ := w.gh.CheckRun(builderRepo, group, "slipway/"+gate); run.Conclusion != "success" {
			t.Errorf("the queue: %s says %q, %s", gate, run.Conclusion, run.Title)
		}
	}
	_, err = w.gh.As("dave").Merge(builderRepo, pr, "squash")
	w.do(err)
	w.settle()
	for _, i := range w.gh.Issues(builderRepo) {
		for _, c := range w.gh.Comments(builderRepo, i.Number) {
			if strings.Contains(c.Body, "merged #") && strings.Contains(c.Body, "past the freeze") {
				t.Errorf("it is told as what it isn't: %s", c.Body)
			}
		}
	}
	if now := w.gh.PR(builderRepo, pr); len(now.Labels) != 0 || !now.Merged {
		t.Errorf("it has labels, or isn't merged: %+v", now)
	}
	w.again()
}

// TestProposalAndOneByteMore: what anybody pushes on top makes a pull request of ours one like any
// other, also once it is taken back; the same file from anybody else never was one.
func TestProposalAndOneByteMore(t *testing.T) {
	w := newWorld(t)
	n := inIstiosFreeze(w)
	w.says("alice", n, "/release build 1.31.0-rc.0")
	pr := w.onlyOpen(builderRepo)
	w.reviews("dave", builderRepo, pr.Number, "APPROVE")
	w.wantHeld(builderRepo, pr.Number, "")
	text := "1.31.0-rc.0\n"
	for _, more := range []string{text + "\n", text} {
		_, err := w.gh.As("bob").PushToPR(builderRepo, pr.Number, map[string]string{"release/trigger-build": more}, "More")
		w.do(err)
		w.settle()
		if more != text { // which dave has approved
			w.wantHeld(builderRepo, pr.Number, oneManager, "release-branch")
		}
		w.wantNotHeldAs(builderRepo, pr.Number, second)
	}
	// Its record in somebody else's pull request is no record.
	own, err := w.gh.As("bob").OpenPR(builderRepo, sandbox.PROptions{Base: "release-1.31", Head: "trigger-build-1.31.0-rc.1", Title: pr.Title, Body: pr.Body,
		Files: map[string]string{"release/trigger-build": text}})
	w.do(err)
	w.settle()
	w.wantHeld(builderRepo, own.Number, oneManager, "release-branch")
	// With another file it is like any other change in the freeze.
	_, err = w.gh.As("bob").PushToPR(builderRepo, own.Number, map[string]string{"more.txt": "more"}, "More")
	w.do(err)
	w.settle()
	w.reviews("dave", builderRepo, own.Number, "APPROVE")
	if got := w.held(builderRepo, own.Number); !slices.Contains(got, "freeze: release-1.31 is frozen") {
		t.Errorf("it is held by %q", got)
	}
}

// TestProposalByPolicy: the policy says what lets a proposal through. A manager who asks for changes holds it back
// even where nobody has to approve.
func TestProposalByPolicy(t *testing.T) {
	w := newWorld(t)
	n := inIstiosFreeze(w)
	w.says("alice", n, "/release build 1.31.0-rc.0")
	pr := w.onlyOpen(builderRepo).Number
	policy, _ := w.gh.File("istio/.github", "master", ".github/slipway.yml")
	says := func(rule string) {
		_, err := w.gh.As("alice").Push("istio/.github", "master", map[string]string{".github/slipway.yml": "proposals: " + rule + "\n" + policy}, rule)
		w.do(err)
		w.settle()
	}
	says("pass")
	w.wantHeld(builderRepo, pr, "")
	w.reviews("dave", builderRepo, pr, "REQUEST_CHANGES")
	w.wantHeld(builderRepo, pr, "", "release-branch")
	w.reviews("dave", builderRepo, pr, "APPROVE")
	w.wantHeld(builderRepo, pr, "")
	w.reviews("dave", builderRepo, pr, "REQUEST_CHANGES")
	says("ordinary")
	w.wantHeld(builderRepo, pr, oneManager, "release-branch")
	w.do(w.gh.As("alice").Close(builderRepo, pr))
	w.settle()
	w.wantAnswer("alice", n, "/release build 1.31.0-rc.0", "**Next step:** a member of `release-managers-1-31` looks at it")
	says("approved")
	w.wantHeld(builderRepo, w.onlyOpen(builderRepo).Number, second, "release-branch")
}

// TestProposalsOfAStep: what a step edits gets past the checks in the same way, in each repository.
func TestProposalsOfAStep(t *testing.T) {
	w := newWorld(t)
	n := inIstiosFreeze(w)
	w.wantAnswer("alice", n, "/release step step-4-makefile run", "**Next step:** a member of `release-managers-1-31` other than you approves")
	pulls := map[string]int{}
	for _, r := range []string{"istio", "api", "ztunnel", "proxy", "client-go", "tools", "release-builder"} {
		pulls["istio/"+r] = w.onlyOpen("istio/" + r).Number
	}
	for repo, pr := range pulls {
		held := w.held(repo, pr)
		if len(held) < 2 || slices.ContainsFunc(held, func(one string) bool { return !strings.HasSuffix(one, ": "+second) }) {
			t.Errorf("%s#%d is held by %q", repo, pr, held)
		}
		_, err := w.gh.As("dave").Review(repo, pr, "APPROVE", "")
		w.do(err)
	}
	w.settle()
	for repo, pr := range pulls {
		w.wantHeld(repo, pr, "")
	}
}

// TestProposalOfAPatch: 1.30.4 is built and published on Istio's policy with a second manager each.
func TestProposalOfAPatch(t *testing.T) {
	w := newWorld(t)
	first := inIstiosFreeze(w)
	w.do(w.gh.AddTeamMember("istio", "release-managers-1-30", "alice", "active"))
	w.do(w.gh.AddTeamMember("istio", "release-managers-1-30", "dave", "active"))
	w.do(w.gh.CreateBranch(builderRepo, "release-1.30", "master"))
	_, err := w.gh.As("alice").Push(builderRepo, "release-1.30", map[string]string{"release/trigger-build": "1.30.3\n", "release/trigger-publish": "1.30.3\n"}, "Triggers")
	w.do(err)
	w.settle()
	w.says("alice", first, "/release start 1.30.4 release="+w.day(14))
	n := issueNumber(w, "Istio 1.30.4")
	w.wantAnswer("alice", n, "/release build 1.30.4", "a member of `release-managers-1-30` other than you")
	pr := w.onlyOpen(builderRepo).Number
	w.wantHeld(builderRepo, pr, second, "release-branch")
	w.reviews("dave", builderRepo, pr, "APPROVE")
	w.wantHeld(builderRepo, pr, "")
	_, err = w.gh.As("alice").Merge(builderRepo, pr, "squash")
	w.do(err)
	w.settle()
	w.do(w.gh.As("alice").SetStatus(builderRepo, w.gh.Branch(builderRepo, "release-1.30"), "build-release_release-builder_postsubmit", "success"))
	w.settle()
	w.wantAnswer("dave", n, "/release publish 1.30.4", "a release manager other than you approves the pull request")
	pr = w.onlyOpen(builderRepo).Number
	w.wantHeld(builderRepo, pr, second, "release-branch", "release")
	w.reviews("alice", builderRepo, pr, "APPROVE")
	w.wantHeld(builderRepo, pr, "")
}

// TestProposalOfNotes: the notes of a release get onto a frozen branch in the same way, and what people write
// into them makes them ordinary, be they refreshed or not.
func TestProposalOfNotes(t *testing.T) {
	w := newWorld(t)
	n := inIstiosFreeze(w)
	policy, _ := w.gh.File("istio/.github", "master", ".github/slipway.yml")
	w.do(w.gh.As("alice").Tag(demoRepo, "1.30.0", "release-1.31"))
	note := func(name string) {
		_, err := w.gh.As("alice").Push(demoRepo, "release-1.31", map[string]string{"releasenotes/notes/" + name + ".yaml": "apiVersion: release-notes/v2\nkind: bug-fix\narea: security\nreleaseNotes:\n  - |\n    **Fixed** " + name + ".\n"}, "Note")
		w.do(err)
		w.settle()
	}
	note("one")
	_, err := w.gh.As("alice").Push("istio/.github", "master", map[string]string{
		".github/slipway.yml": strings.Replace(policy, "    since: minor\n", "    since: minor\n    base: release-1.31\n    refresh: true\n", 1)}, "Notes on the branch")
	w.do(err)
	w.settle()
	w.wantAnswer("alice", n, "/release notes 1.31.0", "a member of `release-managers-1-31` other than you approves")
	pr := w.onlyOpen(demoRepo).Number
	w.wantHeld(demoRepo, pr, second, "freeze", "release-branch")
	w.reviews("dave", demoRepo, pr, "APPROVE")
	w.wantHeld(demoRepo, pr, "")
	note("two") // written anew, for whom asked at first
	w.wantHeld(demoRepo, pr, second, "freeze", "release-branch")
	w.reviews("dave", demoRepo, pr, "APPROVE")
	w.wantHeld(demoRepo, pr, "")
	path := "releasenotes/releases/1.31.0/releaseNotes.md"
	text, ok := w.gh.File(demoRepo, w.gh.PR(demoRepo, pr).HeadSHA, path)
	if !ok {
		t.Fatalf("there is no %s\n%s", path, w.log)
	}
	_, err = w.gh.As("bob").PushToPR(demoRepo, pr, map[string]string{path: strings.Replace(text, "one", "One", 1)}, "Better")
	w.do(err)
	w.settle()
	for range 2 {
		w.wantNotHeldAs(demoRepo, pr, second)
		if got := w.held(demoRepo, pr); !slices.Contains(got, "freeze: release-1.31 is frozen") {
			t.Errorf("it is held by %q", got)
		}
		note("three")
	}
}

// wantNotHeldAs fails if a check holds a pull request back so.
func (w *world) wantNotHeldAs(repo string, n int, say string) {
	w.t.Helper()
	for _, held := range w.held(repo, n) {
		if strings.HasSuffix(held, say) {
			w.t.Errorf("%s#%d is held by %s", repo, n, held)
		}
	}
}

// wantCheckText fails unless a check's text has these texts.
func (w *world) wantCheckText(repo string, n int, check string, texts ...string) {
	w.t.Helper()
	run, _ := w.gh.CheckRun(repo, w.gh.PR(repo, n).HeadSHA, check)
	for _, text := range texts {
		if !strings.Contains(run.Summary, text) {
			w.t.Errorf("%s of %s#%d lacks %q:\n%s", check, repo, n, text, run.Summary)
		}
	}
}
