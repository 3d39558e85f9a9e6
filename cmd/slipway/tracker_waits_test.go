package main

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// TestTrackerTellsWhatPullRequestsWaitFor: the tracking issue says of each open
// pull request what holds it, and no request is made for any of them.
func TestTrackerTellsWhatPullRequestsWaitFor(t *testing.T) {
	w := newWorld(t)
	n := withTracker(w)
	w.do(w.gh.As("alice").CreateBranch(demoRepo, "release-1.31", "master"))
	w.settle()
	fix := w.openPR("bob", "release-1.31", "fix")
	name := fmt.Sprintf("- istio/istio#%d: ", fix)
	w.wantBody(n, name+"no approval yet; `slipway/release-branch`: ")
	w.says("alice", fix, "/release freeze release-1.31 the last days")
	w.wantBody(n, "`slipway/freeze`: release-1.31 is frozen")
	_, err := w.gh.As("carol").Review(demoRepo, fix, "REQUEST_CHANGES", "No.")
	w.do(err)
	w.settle()
	w.wantBody(n, name+"changes requested by `carol`; `slipway/freeze`: release-1.31 is frozen")
	w.again()
	_, err = w.gh.As("alice").Review(demoRepo, fix, "APPROVE", "")
	w.do(err)
	_, err = w.gh.As("carol").Review(demoRepo, fix, "APPROVE", "")
	w.do(err)
	w.settle()
	w.wantBody(n, name+"`slipway/freeze`: release-1.31 is frozen\n")

	// A look costs no more than it did without them.
	look := func() spent {
		w.gh.ResetRequests()
		w.do(w.program.queue.Enqueue(context.Background(), reconcile.Key{Handler: "checklist", Repo: demoRepoName(t), ID: fmt.Sprintf("tracker/%d", n)}))
		w.settle()
		return w.spent()
	}
	before := look()
	for i := range 12 {
		w.openPR("bob", "release-1.31", fmt.Sprintf("more-%d", i))
	}
	if after := look(); after != before {
		t.Errorf("with 13 open pull requests a look costs %+v, with one %+v\n%v", after, before, w.gh.Requests())
	}
	w.wantBody(n, "- and 3 more")

	// What nobody remembers isn't known; the look at all of it finds it again.
	w.stop()
	w.newDatabase()
	w.start()
	w.wantBody(n, "`slipway/freeze`: release-1.31 is frozen")
	w.again()
}

// TestTrackerIsLookedAtOnceAMinute: however much happens, one look a minute; what
// happened meanwhile is in the next one, and commands and ticks wait for nothing.
func TestTrackerIsLookedAtOnceAMinute(t *testing.T) {
	w := newWorld(t)
	n := withTracker(w)
	w.do(w.gh.As("alice").CreateBranch(demoRepo, "release-1.31", "master"))
	w.settle()
	_, err := w.gh.As("alice").Push("istio/.github", "master", map[string]string{".github/slipway.yml": strings.Replace(trackerPolicy, "look_every: 0s", "look_every: 1m", 1)}, "Slower")
	w.do(err)
	w.settle()
	looks := func() int { return strings.Count(w.log.String(), fmt.Sprintf(`"key":"tracker/%d"`, n)) }
	soon := fmt.Sprintf("soon/%d", n)
	wake := func() { // what the queue's wake-up does, when the clock of the tests has come to it
		w.do(w.program.queue.Enqueue(context.Background(), reconcile.Key{Handler: "checklist", Repo: demoRepoName(t), ID: soon}))
		w.settle()
	}
	w.clock.advance(2 * time.Minute)
	wake()
	before := looks()
	first := w.openPR("bob", "release-1.31", "one")
	second := w.openPR("bob", "release-1.31", "two")
	if more := looks() - before; more != 0 {
		t.Errorf("%d looks within the minute\n%s", more, w.log)
	}
	d, err := w.program.queue.Depth(t.Context())
	if w.do(err); d.WakeUps == 0 {
		t.Errorf("nobody wakes it: %+v", d)
	}
	w.edits("alice", n, "- [ ] `announce`", "- [x] `announce`")
	w.wantBody(n, "- [x] `announce`: Announce 1.31 (`alice`)", fmt.Sprintf("istio/istio#%d", first))
	third := w.openPR("bob", "release-1.31", "three")
	w.wantAnswer("alice", n, "/release step docs done", "The step `docs` is done")
	w.wantBody(n, fmt.Sprintf("istio/istio#%d", third))
	fourth := w.openPR("bob", "release-1.31", "four")
	if strings.Contains(w.gh.Issue(demoRepo, n).Body, fmt.Sprintf("istio/istio#%d", fourth)) {
		t.Errorf("the fourth is there within the minute\n%s", w.log)
	}
	before = looks()
	w.clock.advance(61 * time.Second)
	wake()
	w.wantBody(n, fmt.Sprintf("istio/istio#%d", second), fmt.Sprintf("istio/istio#%d", fourth))
	if more := looks() - before; more != 1 {
		t.Errorf("%d looks after the minute", more)
	}
	w.clock.advance(2 * time.Minute)
	w.again()
}

// TestTrapOfAStep: the pull request is ordinary until the step before it is done.
func TestTrapOfAStep(t *testing.T) {
	w := newWorld(t)
	n := withTracker(w)
	trap := `title: "Announce {release}", trap: {repository: api, title: "image@{branch}$", say: "Close it, and pin it.", after: docs, until: next}}`
	_, err := w.gh.As("alice").Push("istio/.github", "master", map[string]string{".github/slipway.yml": strings.Replace(trackerPolicy, `title: "Announce {release}"}`, trap, 1)}, "Trap")
	w.do(err)
	w.do(w.gh.As("alice").CreateBranch("istio/api", "release-1.31", "master"))
	w.settle()
	pr, err := w.gh.As("bob").OpenPR("istio/api", sandbox.PROptions{Base: "release-1.31", Head: "image", Title: "Update image@release-1.31", Files: map[string]string{"x": "y"}})
	w.do(err)
	w.settle()
	check := func() string {
		run, _ := w.gh.CheckRun("istio/api", pr.HeadSHA, "slipway/release")
		return run.Conclusion
	}
	if got := check(); got != "" || len(w.gh.Comments("istio/api", pr.Number)) != 0 {
		t.Errorf("before the step: %s, %v", got, w.gh.Comments("istio/api", pr.Number))
	}
	w.says("alice", n, "/release step docs done")
	if got := check(); got != "failure" {
		t.Errorf("after the step: %q\n%s", got, w.log)
	}
	said := 0
	for _, c := range w.gh.Comments("istio/api", pr.Number) {
		if strings.Contains(c.Body, "Close it, and pin it.") {
			said++
		}
	}
	if said != 1 {
		t.Errorf("it is said %d times", said)
	}
	w.edits("alice", n, "- [ ] `next`", "- [x] `next`") // by hand
	if got := check(); got != "success" {
		t.Errorf("when it is over: %q\n%s", got, w.log)
	}
	for _, c := range w.gh.Comments("istio/api", pr.Number) {
		if strings.Contains(c.Body, "Close it, and pin it.") || !strings.Contains(c.Body, "This is no trap any more") {
			t.Errorf("when it is over it is still said: %s", c.Body)
		}
	}
	w.again()
}

// TestPublishWaitsForBlockers: an issue that becomes a blocker holds the publish
// that is proposed, and the one that is closed lets it go.
func TestPublishWaitsForBlockers(t *testing.T) {
	w := newWorld(t)
	n := withRelease(w)
	w.says("alice", n, "/release build 1.31.0-beta.0")
	w.merges("[release-1.31] Trigger build 1.31.0-beta.0", "release/trigger-build", "1.31.0-beta.0\n")
	w.reports("success")
	w.says("alice", n, "/release publish 1.31.0-beta.0")
	pr := w.proposals()["[release-1.31] Trigger publish 1.31.0-beta.0"].Number
	_, err := w.gh.As("dave").Review(builderRepo, pr, "APPROVE", "")
	w.do(err)
	w.settle()
	w.wantRelease(pr, "success", "Publishes 1.31.0-beta.0")
	bug, err := w.gh.As("bob").OpenIssue(demoRepo, "It crashes @everybody", "", "release-blocker")
	w.do(err)
	w.settle()
	w.wantRelease(pr, "success", "Publishes 1.31.0-beta.0") // of no release yet
	milestone, err := w.gh.As("alice").CreateMilestone(demoRepo, "1.31")
	w.do(err)
	w.do(w.gh.As("alice").SetMilestone(demoRepo, bug, milestone))
	w.settle()
	w.wantRelease(pr, "failure", "1 blocker of 1.31.0 is open")
	run, _ := w.gh.CheckRun(builderRepo, w.gh.PR(builderRepo, pr).HeadSHA, "slipway/release")
	if want := fmt.Sprintf("/istio/istio/issues/%d) It crashes @\u200beverybody", bug); !strings.Contains(run.Summary, want) {
		t.Errorf("%s\nlacks %s", run.Summary, want)
	}
	w.again()

	// What can't be counted is no zero.
	w.do(w.gh.As("alice").Close(demoRepo, bug))
	w.settle()
	w.wantRelease(pr, "success", "Publishes 1.31.0-beta.0")
	w.gh.Fault(sandbox.Fault{Match: func(r *http.Request) bool { return r.URL.Query().Get("labels") == "release-blocker" },
		Path: regexp.MustCompile(`/repos/istio/istio/issues$`), Status: 403, Body: `{"message":"Resource not accessible by integration"}`, Times: 50})
	w.do(w.gh.As("bob").Reopen(demoRepo, bug))
	w.settle()
	w.wantRelease(pr, "failure", "Whether a blocker of 1.31.0 is open is unknown")
	w.gh.ClearFaults()
	w.do(w.gh.As("bob").Close(demoRepo, bug))
	w.settle()
	w.wantRelease(pr, "success", "Publishes 1.31.0-beta.0")
}
