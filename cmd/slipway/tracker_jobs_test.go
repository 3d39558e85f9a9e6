package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var workedLine = regexp.MustCompile(`"handler":"([^"]*)","repo":"([^"]*)","key":"([^"]*)".*"message":"worked"`)

// worked lists the jobs of a handler that act leads to, by the beginnings of their ids.
func (w *world) worked(handler string, act func()) (kinds []string) {
	w.t.Helper()
	from := len(w.log.String())
	act()
	for line := range strings.Lines(w.log.String()[from:]) {
		if m := workedLine.FindStringSubmatch(line); m != nil && m[1] == handler {
			kind, _, _ := strings.Cut(m[3], "/")
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// TestTrackerJobsOfASynchronize: a push to a pull request of a release costs the
// checklist one job, and no look at all of it as long as its tracking issue shows
// already what the checks say of the new head.
func TestTrackerJobsOfASynchronize(t *testing.T) {
	w := newWorld(t)
	w.clock.reach(w.clock.Now().UTC().Truncate(24 * time.Hour).Add(36 * time.Hour)) // a new day is a look of its own
	n := withTracker(w)
	w.do(w.gh.As("alice").CreateBranch(demoRepo, "release-1.31", "master"))
	w.settle()
	fix, other := w.openPR("bob", "release-1.31", "fix"), w.openPR("bob", "release-1.31", "other")
	feature := w.openPR("carol", "master", "feature")
	jobs := func(of int) []string {
		w.clock.advance(15 * time.Minute) // whatever goes on by itself is over
		w.settle()
		w.clock.advance(3 * time.Minute)
		return w.worked("checklist", func() { w.pushTo(w.gh.PR(demoRepo, of).Author, of) })
	}
	for range 2 {
		if got := jobs(fix); !slices.Equal(got, []string{"check"}) {
			t.Errorf("a push leads to %v\n%s", got, w.log)
		}
	}
	if got := jobs(feature); len(got) > 0 {
		t.Errorf("a push to what no release counts leads to %v", got)
	}
	w.again() // a look finds nothing else to show

	// What the check says is new: the look comes, and shows it.
	w.says("alice", fix, "/release freeze release-1.31 the last days")
	w.wantBody(n, fmt.Sprintf("- istio/istio#%d: no approval yet; `slipway/freeze`: release-1.31 is frozen", other))
	if got := jobs(fix); !slices.Equal(got, []string{"check"}) {
		t.Errorf("frozen, a push leads to %v", got)
	}
	w.again()
}
