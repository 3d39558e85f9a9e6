package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// tideStopped reports whether Tide merges nothing into a branch of istio/istio, as its page on
// merge blocker issues says: an open issue with the label stops the branches in its title, or all if
// it names none.
func (w *world) tideStopped(branch string) bool {
	named := regexp.MustCompile(`(?i)\bbranch:\s*(\S+)`)
	for _, i := range w.gh.Issues(demoRepo) {
		if i.State != "open" || i.IsPR || !slices.Contains(i.Labels, "tide/merge-blocker") {
			continue
		}
		branches := named.FindAllStringSubmatch(i.Title, -1)
		if len(branches) == 0 || slices.ContainsFunc(branches, func(m []string) bool { return m[1] == branch }) {
			return true
		}
	}
	return false
}

func (w *world) wantTide(branch string, stopped bool) {
	w.t.Helper()
	if got := w.tideStopped(branch); got != stopped {
		w.t.Errorf("Tide is stopped on %s: %t, want %t: %+v", branch, got, stopped, w.gh.Issues(demoRepo))
	}
}

const tideStays = "**Tide still merges nothing on `release-1.30`**"

// TestExemptionsDontReachTide: with the merge blocker, an exemption lets nobody but a person
// merge, and whatever lets something through says so, with a way that is there.
func TestExemptionsDontReachTide(t *testing.T) {
	w := newWorld(t)
	w.policy(basePolicy + "freeze:\n  merge_blocker: true\n  exceptions: {paths: [docs/**]}\n")
	fix, docs := w.openPR("bob", demoBranch, "fix"), w.openPR("bob", demoBranch, "docs/page")
	w.wantAnswer("alice", fix, "/release freeze release-1.30 preview", "Tide would merge none of them")
	w.says("alice", fix, "/release freeze release-1.30")
	w.wantTide(demoBranch, true)
	w.wantTide("release-1.29", false)
	w.wantText(w.summary(fix), "here, to be merged by hand since the freeze stops Tide, or ends the freeze by `/release thaw release-1.30`.")
	w.wantText(w.summary(docs), tideStays)
	if n := w.notices(w.freezeIssue().Number, "Tide merges none of them while this issue stops it"); n != 1 {
		t.Errorf("told %d times", n)
	}
	w.wantAnswer("alice", docs, "/release exempt the page", tideStays)
	w.wantAnswer("alice", fix, "/release exempt the fix", tideStays)
	w.wantText(w.summary(fix), tideStays)
	if got, title := w.verdict(fix); got != "success" || !strings.HasSuffix(title, " (by hand: Tide is stopped)") {
		t.Errorf("%s: %s", got, title)
	}
	w.again()

	// The next steps are true: by hand, by a thaw, and by the policy, which leaves Tide to the check.
	_, err := w.gh.As("alice").Merge(demoRepo, docs, "squash")
	w.do(err)
	w.settle()
	w.policy(basePolicy + "freeze: {merge_blocker: false}\n")
	w.wantTide(demoBranch, false)
	w.wantTide("release-1.29", false)
	w.wantVerdict(fix, "success")
	if run, _ := w.gh.CheckRun(demoRepo, w.gh.PR(demoRepo, fix).HeadSHA, "slipway/freeze"); strings.Contains(run.Summary+run.Title, "Tide") {
		t.Error(run.Title, run.Summary)
	}
	w.again()
	w.policy(basePolicy + "freeze: {merge_blocker: true}\n")
	w.wantTide(demoBranch, true)
	w.again()
	w.says("alice", fix, "/release thaw release-1.30")
	w.wantTide(demoBranch, false)
	w.again()
}
