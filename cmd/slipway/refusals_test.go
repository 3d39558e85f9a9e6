package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/ghclient"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

const oddSteps = `  - kind: minor
    schedule: [{name: cut, at: cut}, {name: release, at: release}]
    steps:
      - {phase: Cut, id: cut, title: Cut, action: {branch: "{branch}", from: master, label: "cherrypick/{branch}"}, probe: {branch: "{branch}"}}
`

// tracked starts a release and returns the number of its tracking issue.
func (w *world) tracked(steps string) int {
	w.t.Helper()
	head, _, _ := strings.Cut(trackerPolicy, "  - kind: minor\n")
	w.do(w.gh.CreateTeam("istio", "release-managers-1-31", "alice"))
	_, err := w.gh.As("alice").Push("istio/.github", "master", map[string]string{".github/slipway.yml": head + steps}, "Steps")
	w.do(err)
	ask, err := w.gh.As("alice").OpenIssue(demoRepo, "Plan", "")
	w.do(err)
	w.settle()
	w.says("alice", ask, "/release start 1.31 cut="+w.day(1)+" release="+w.day(35))
	return ask + 1
}

// TestRefusedByARule: an answer tells what happened in each repository: what was made, what a
// rule refuses, in whose words, and who can let Slipway pass.
func TestRefusedByARule(t *testing.T) {
	w := newWorld(t)
	n := w.tracked(oddSteps)
	_, err := w.gh.AddRuleset("istio/istio", sandbox.Ruleset{Refs: []string{"refs/heads/release-1.31"}, Creation: true})
	w.do(err)
	answer := w.says("alice", n, "/release step cut run")
	for _, want := range []string{
		"**Done in part.** ",
		"- ✅ create the label cherrypick/release-1.31 of istio/istio\n",
		"- ⚠️ **not done**: create the branch release-1.31 of istio/istio at ",
		"A rule of the repository forbids it. GitHub says: `Repository rule violations found Cannot create ref due to creations being restricted.`. **Next step:** let the App bypass the ruleset",
		"- ✅ create the branch release-1.31 of istio/api at ",
		"comment the line again: what is done isn't done twice.",
	} {
		if !strings.Contains(answer, want) {
			t.Errorf("%s\nlacks %s", answer, want)
		}
	}
	if strings.Contains(answer, "as valid") || strings.Contains(answer, "**Done.**") {
		t.Error(answer)
	}
	w.again()
	w.wantAnswer("alice", n, "/release step cut run", "**Not done.** ")
	w.do(w.gh.RemoveRulesets("istio/istio"))
	w.wantAnswer("alice", n, "/release step cut run", "**Done.** ")
	w.wantBody(n, "- [x] `cut`")
	w.again()
}

// TestRefusedElsewhere: one of several repositories is archived, another lets only some addresses in.
func TestRefusedElsewhere(t *testing.T) {
	w := newWorld(t)
	n := w.tracked(oddSteps)
	w.do(w.gh.Archive("istio/api", true))
	w.gh.Fault(sandbox.Fault{Method: http.MethodPost, Path: regexp.MustCompile("/repos/istio/istio/git/refs$"), Status: 403,
		Body: "{\"message\":\"Although you appear to have the correct authorization credentials, the `istio` organization has an IP allow list enabled, and your IP address is not permitted to access this resource.\"}"})
	answer := w.says("alice", n, "/release step cut run")
	for _, want := range []string{
		"- ⚠️ **not done**: create the label cherrypick/release-1.31 of istio/api. The repository is archived, so nothing in it can be changed. GitHub says: `Repository was archived so is read-only.`. **Next step:** have an administrator of the repository unarchive it.",
		"- ⚠️ not tried: create the branch release-1.31 of istio/api at ",
		"has an IP allow list enabled",
		"**Next step:** have an owner of the organisation add Slipway's address to its IP allow list.",
	} {
		if !strings.Contains(answer, want) {
			t.Errorf("%s\nlacks %s", answer, want)
		}
	}
	if strings.Contains(answer, "lacks a permission") {
		t.Error(answer)
	}
	w.gh.ClearFaults()
	w.again()
}

// TestIssuesOff: a freeze is an issue, which a repository may have none of.
func TestIssuesOff(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	w.do(w.gh.SwitchIssues(demoRepo, false))
	w.settle()
	answer := w.says("alice", n, "/release freeze release-1.30 now")
	for _, want := range []string{"**Not done.** Issues are switched off in the repository. GitHub says: `Issues has been disabled in this repository.`", "**Next step:** switch *Issues* on in the repository's settings"} {
		if !strings.Contains(answer, want) {
			t.Errorf("%s\nlacks %s\n%s", answer, want, w.log)
		}
	}
	w.do(w.gh.SwitchIssues(demoRepo, true))
	w.settle()
	if answer := w.says("alice", n, "/release freeze release-1.30 now"); !strings.Contains(answer, "**Done.**") {
		t.Error(answer)
	}
	w.again()
}

// TestWithoutMembers: an App that may not read teams doesn't call them missing.
func TestWithoutMembers(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	less := ghclient.Permissions()
	delete(less, "members")
	w.stop() // a token keeps what it was given
	w.do(w.gh.SetPermissions(installationOf(t, w), less))
	w.start()
	answer := w.says("alice", n, "/release freeze release-1.30 now")
	for _, want := range []string{"lacks a permission (one of: members=read). GitHub says: `Resource not accessible by integration`", "**Next step:** have an owner of the organisation grant it"} {
		if !strings.Contains(answer, want) {
			t.Errorf("%s\nlacks %s\n%s", answer, want, w.log)
		}
	}
	if strings.Contains(answer, "no such team") || len(w.freezes()) > 0 {
		t.Error(answer)
	}
	w.do(w.gh.SetPermissions(installationOf(t, w), ghclient.Permissions()))
	w.settle()
	if answer := w.says("alice", n, "/release freeze release-1.30 now"); !strings.Contains(answer, "**Done.**") {
		t.Error(answer)
	}
	w.again()
}

// TestPickOfARefusedPull: a pick's status says why there is no pull request, in GitHub's words.
func TestPickOfARefusedPull(t *testing.T) {
	w := newWorld(t)
	n := w.merged("leak", "squash")
	var seen logBuffer // the status, each time before the pull request is tried
	f := sandbox.Refusal(2, http.MethodPost, "/repos/istio/istio/pulls$", "Repository rule violations found\n\nNo @everybody `here`")
	f.Match = func(*http.Request) bool {
		seen.Write([]byte(w.status(n)))
		return true
	}
	w.gh.Fault(f)
	w.says("bob", n, "/cherry-pick release-1.30")
	for range 2 { // it is tried again a while later
		w.clock.advance(16 * time.Minute)
		w.settle()
	}
	const want = "is pushed, but GitHub refuses the pull request from it. A rule of the repository forbids it. GitHub says: `` Repository rule violations found No @everybody `here` ``. **Next step:** let the App bypass the ruleset"
	if !strings.Contains(seen.String(), want) {
		t.Errorf("the status was %s\nwant %s\n%s", &seen, want, w.log)
	}
	w.onePick(n, demoBranch)
	w.again()
}

// TestRefusedLook: a check that may not look says why, and holds the merge back.
func TestRefusedLook(t *testing.T) {
	w := newWorld(t)
	f := sandbox.Refusal(1, http.MethodGet, "/repos/istio/istio/pulls/[0-9]+/reviews$", "")
	f.Status, f.Body = 403, "{\"message\":\"The `istio` organization has an IP allow list enabled, and your IP address is not permitted to access this resource.\"}"
	w.gh.Fault(f)
	n := w.openPR("bob", demoBranch, "fix")
	run, _ := w.gh.CheckRun(demoRepo, w.gh.PR(demoRepo, n).HeadSHA, "slipway/release-branch")
	if run.Conclusion != "failure" || !strings.Contains(run.Summary+run.Text, "has an IP allow list enabled") {
		t.Errorf("%+v\n%s", run, w.log)
	}
	w.clock.advance(16 * time.Minute)
	w.settle()
	if run, _ = w.gh.CheckRun(demoRepo, w.gh.PR(demoRepo, n).HeadSHA, "slipway/release-branch"); strings.Contains(run.Summary, "IP allow list") {
		t.Errorf("%+v", run)
	}
}

// TestRefusedLookAtAGroup: so does the check of a merge queue's group, whose queue would wait for it else.
func TestRefusedLookAtAGroup(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	w.review("alice", n, "APPROVE")
	f := sandbox.Refusal(0, http.MethodGet, "/repos/istio/istio/compare/", "")
	f.Status, f.Body = 403, "{\"message\":\"The `istio` organization has an IP allow list enabled, and your IP address is not permitted to access this resource.\"}"
	w.gh.Fault(f)
	queued := func() sandbox.CheckRun {
		sha, err := w.gh.As("bob").EnqueueMergeGroup(demoRepo, demoBranch, n)
		w.do(err)
		w.settle()
		run, _ := w.gh.CheckRun(demoRepo, sha, "slipway/release-branch")
		return run
	}
	if run := queued(); run.Conclusion != "failure" || !strings.Contains(run.Summary, "has an IP allow list enabled") || !strings.Contains(run.Summary, "then put the pull requests into the queue again") {
		t.Errorf("%+v\n%s", run, w.log)
	}
	w.gh.ClearFaults()
	if run := queued(); run.Conclusion != "success" {
		t.Errorf("mended: %+v", run)
	}
	w.again()
}
