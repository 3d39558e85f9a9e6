package main

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

var workedLine = regexp.MustCompile(`"handler":"([^"]*)","repo":"([^"]*)","key":"([^"]*)".*"message":"worked"`)

// worked lists the jobs of the log from an offset on.
func (w *world) worked(from int) (keys []string) {
	for line := range strings.Lines(w.log.String()[from:]) {
		if m := workedLine.FindStringSubmatch(line); m != nil {
			keys = append(keys, strings.Join(m[1:], " "))
		}
	}
	return keys
}

// TestTrackerJobsOfASynchronize: a push to a pull request of a release whose checks
// say the same as before costs the checklist one job and no look.
func TestTrackerJobsOfASynchronize(t *testing.T) {
	w := newWorld(t)
	n := withTracker(w)
	w.do(w.gh.As("alice").CreateBranch(demoRepo, "release-1.31", "master"))
	_, err := w.gh.As("alice").Push("istio/.github", "master", map[string]string{".github/slipway.yml": strings.Replace(trackerPolicy, "look_every: 0s", "look_every: 1m", 1)}, "Slower")
	w.do(err)
	w.settle()
	fix := w.openPR("bob", "release-1.31", "fix")
	w.clock.advance(2 * time.Minute)
	w.settle()
	t.Log(w.gh.Issue(demoRepo, n).Body)
	for range 3 {
		w.clock.advance(2 * time.Minute)
		w.settle()
		from := len(w.log.String())
		w.gh.ResetRequests()
		w.pushTo("bob", fix)
		t.Logf("%d jobs, %+v\n%s", len(w.worked(from)), w.spent(), strings.Join(w.worked(from), "\n"))
	}
}
