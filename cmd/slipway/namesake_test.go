package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestAnotherAppUnderOurName: it is counted, in the log and on our check, and changes nothing
// of our verdict.
func TestAnotherAppUnderOurName(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	w.says("alice", n, "/release freeze release-1.30")
	count := func() string {
		resp, err := http.Get("http://" + w.program.Addr() + "/metrics")
		w.do(err)
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		w.do(err)
		_, after, _ := strings.Cut(string(text), "\nslipway_foreign_checks_total ")
		number, _, _ := strings.Cut(after, "\n")
		return number
	}
	if got := count(); got != "0" {
		t.Errorf("at first: %s", got)
	}
	head := w.gh.PR(demoRepo, n).HeadSHA
	for name, want := range map[string]bool{"slipway/freeze": true, "ci": false} {
		before := count()
		w.do3(w.gh.ForeignCheck(demoRepo, head, name, "completed", "success"))
		w.settle()
		if got := count() != before; got != want {
			t.Errorf("%s is counted: %t", name, got)
		}
	}
	if !strings.Contains(w.log.String(), "bind the required check to this App") {
		t.Error("the log doesn't say so")
	}
	for _, r := range w.gh.CheckRuns(demoRepo, head) {
		if r.Name == "slipway/freeze" && r.Conclusion == "failure" {
			if !strings.Contains(r.Summary+r.Text, "Another App reports on this commit under the name of this check") {
				t.Errorf("our check doesn't say so: %s", r.Summary)
			}
			return
		}
	}
	t.Error("our own check no longer holds it back")
}
