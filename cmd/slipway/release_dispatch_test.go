package main

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/ghclient"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

const workflow = "on:\n  workflow_dispatch:\n    inputs:\n      version:\n        type: string\n"

// withWorkflows has builds and publishes started by workflows of the builder.
func withWorkflows(w *world) int {
	w.t.Helper()
	n := withRelease(w)
	for _, branch := range []string{"master", "release-1.31"} {
		_, err := w.gh.As("alice").Push(builderRepo, branch, map[string]string{
			".github/workflows/build.yml": workflow, ".github/workflows/publish.yml": workflow,
		}, "Workflows")
		w.do(err)
	}
	w.dispatchedBy("workflow_dispatch", "build.yml", "publish.yml")
	w.grants("write")
	w.restarted()
	return n
}

// grants gives the App a permission for actions; "" takes it.
func (w *world) grants(actions string) {
	w.t.Helper()
	all := ghclient.Permissions()
	if actions != "" {
		all["actions"] = actions
	}
	w.do(w.gh.SetPermissions(installationOf(w.t, w), all))
}

// restarted has the program begin anew, with a new token: one keeps the permissions
// that it was made with.
func (w *world) restarted() {
	w.stop()
	w.start()
	w.settle()
}

// asks has somebody comment on the tracking issue and returns the one answer; other
// comments may come of it, too.
func (w *world) asks(login string, n int, text string) (answer string) {
	w.t.Helper()
	id, err := w.gh.As(login).Comment(demoRepo, n, text)
	w.do(err)
	w.settle()
	for _, c := range w.gh.Comments(demoRepo, n) {
		if strings.HasPrefix(c.Body, fmt.Sprintf("<!-- slipway:reply comment/%d ", id)) {
			answer += c.Body
		}
	}
	return answer
}

func (w *world) wantTold(login string, n int, say, want string) {
	w.t.Helper()
	if got := w.asks(login, n, say); !strings.Contains(got, want) {
		w.t.Errorf("%s says %s and is told:\n%s\nwant %q\n%s", login, say, got, want, w.log)
	}
}

func (w *world) dispatchedBy(by, build, publish string) {
	w.t.Helper()
	_, err := w.gh.As("alice").Push("istio/.github", "master", map[string]string{".github/slipway.yml": trackerPolicy +
		"release:\n  triggers: {repository: release-builder, unbuilt: refuse, by: " + by + ", build_dispatch: " + build + ", publish_dispatch: " + publish +
		", build_checks: [release_postsubmit], publish_checks: [publish_postsubmit]}\n"}, "Workflows")
	w.do(err)
	w.settle()
}

// wantDispatches compares what the builder was asked to start.
func (w *world) wantDispatches(want ...string) {
	w.t.Helper()
	var got []string
	for _, d := range w.gh.Dispatches(builderRepo) {
		got = append(got, d.Workflow+d.Event+" "+d.Ref+" "+d.Inputs["version"].(string))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("dispatched: %s\n%s", diff, w.log)
	}
}

// TestWorkflowsAreStarted plays a version that workflows build and publish.
func TestWorkflowsAreStarted(t *testing.T) {
	w := newWorld(t)
	n := withWorkflows(w)
	const v = "1.31.0-beta.0"
	w.wantTold("bob", n, "/release build "+v, "release-managers-1-31")
	w.wantTold("alice", n, "/release rebuild "+v, "was never built here")
	w.wantTold("alice", n, "/release build "+v, "The build of "+v+" is started")
	w.wantDispatches("build.yml release-1.31 " + v)
	w.wantFollows(n, v, v+": building", "which `alice` asked for")
	w.wantTold("dave", n, "/release build "+v, "was built already")
	w.reports("success")
	w.wantFollows(n, v, v+": built")
	w.newDatabase() // the notes on the tracking issue are all that is needed
	w.wantTold("dave", n, "/release build "+v, "was built already")
	w.wantTold("alice", n, "/release publish "+v, "waits for a second release manager")
	w.wantTold("alice", n, "/release publish "+v, "You asked for it already")
	w.wantDispatches("build.yml release-1.31 " + v)
	w.wantTold("dave", n, "/release publish "+v, "The publish of "+v+" is started")
	w.wantDispatches("build.yml release-1.31 "+v, "publish.yml release-1.31 "+v)
	w.wantFollows(n, v, v+": publishing")
	w.dispatchedBy("repository_dispatch", "build-release", "publish-release")
	w.wantTold("alice", n, "/release rebuild "+v, "is started, by the event `build-release`")
	w.wantDispatches("build.yml release-1.31 "+v, "publish.yml release-1.31 "+v, "build-release master "+v)
	w.again()
}

// TestWorkflowThatGitHubRefuses: what GitHub surely didn't start leaves no note, so
// that it can be asked for again.
func TestWorkflowThatGitHubRefuses(t *testing.T) {
	w := newWorld(t)
	n := withWorkflows(w)
	w.grants("")
	w.restarted()
	w.wantTold("alice", n, "/release build 1.31.0-beta.0", `lacks the permission "actions: write"`)
	w.grants("write") // the program asks for a new token once it is refused
	w.dispatchedBy("workflow_dispatch", "none.yml", "publish.yml")
	w.wantTold("alice", n, "/release build 1.31.0-beta.0", "has no workflow")
	_, err := w.gh.As("alice").Push(builderRepo, "release-1.31", map[string]string{".github/workflows/build.yml": "on: push\n"}, "Not so")
	w.do(err)
	w.dispatchedBy("workflow_dispatch", "build.yml", "publish.yml")
	w.wantTold("alice", n, "/release build 1.31.0-beta.0", "Workflow does not have 'workflow\\_dispatch' trigger")
	w.wantDispatches()
	if n := w.notes(n); n != 0 {
		t.Errorf("%d notes are left", n)
	}
	w.again()
}

// notes counts the notes of dispatches on an issue.
func (w *world) notes(n int) (count int) {
	for _, c := range w.gh.Comments(demoRepo, n) {
		if strings.HasPrefix(c.Body, "<!-- slipway:"+effect.MadeDispatch+" ") || strings.HasPrefix(c.Body, "<!-- slipway:"+effect.NotedDispatch+" ") {
			count++
		}
	}
	return count
}

// TestWorkflowIsNeverStartedTwice cuts the connection at each write of a dispatch in
// turn, and loses the database besides: whatever happens, nothing is started twice.
// If nobody can know whether it was, a person is told.
func TestWorkflowIsNeverStartedTwice(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		path   string
		drop   bool // after GitHub has done it
		unsure bool
		starts int
	}{
		"the note is written":           {`/issues/\d+/comments$`, true, false, 1},
		"the note isn't written":        {`/issues/\d+/comments$`, false, false, 1},
		"it is started":                 {`/dispatches$`, true, true, 1},
		"it isn't started":              {`/dispatches$`, false, true, 0},
		"that it is started is written": {`/issues/comments/\d+$`, true, false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			n := withWorkflows(w)
			w.gh.Fault(sandbox.Fault{Match: func(r *http.Request) bool { return r.Method != http.MethodGet },
				Path: regexp.MustCompile(tc.path), Times: 1, DropResponseAfterEffect: tc.drop, Status: map[bool]int{false: 502}[tc.drop]})
			said := w.asks("alice", n, "/release build 1.31.0-beta.0")
			if w.gh.FaultHits() != 1 {
				t.Error("the fault wasn't met")
			}
			if unsure := strings.Contains(said, "It is unknown whether it was done"); unsure != tc.unsure {
				t.Errorf("alice is told:\n%s\n%s", said, w.log)
			}
			if got := len(w.gh.Dispatches(builderRepo)); got != tc.starts {
				t.Errorf("it was started %d times, want %d\n%s", got, tc.starts, w.log)
			}
			w.newDatabase()
			if got := len(w.gh.Dispatches(builderRepo)); got != tc.starts {
				t.Errorf("without its database it was started %d times, want %d\n%s", got, tc.starts, w.log)
			}
			w.again()
		})
	}
}
