package main

import (
	"strings"
	"testing"
)

// TestPickAsTyped: what people type and paste is understood where it has one meaning.
func TestPickAsTyped(t *testing.T) {
	w := newWorld(t)
	for i, text := range []string{
		"/cherry-pick\u00a0release-1.30", "/cherry-pick release-1.30\u200b", "\ufeff/cherry-pick release-1.30", "/cherry-pick `release-1.30`",
		"/cherry-pick release-1.30,", "/cherry-pick release-1.30.", "/cherry-pick origin/release-1.30", "/cherry-pick 1.30", "/cherry-pick v1.30",
		"/cherry-pick Release-1.30", "/cherry-pick release-1.30 <!-- for the crash -->", "/cherry-pick \"release-1.30\"", "/cherry-pick 1.30 release-1.30",
	} {
		n := w.merged("leak-"+itoa(i), "squash")
		w.says("bob", n, text)
		if got := len(w.picks(n, demoBranch)); got != 1 {
			t.Errorf("%q: %d picks\n%s", text, got, w.status(n))
		}
	}
	n := w.merged("leak", "squash")
	if answer := w.says("bob", n, "/cherry-pick 1.99"); !strings.Contains(answer, "`release-1.99`: **can't be picked**: there is no such branch") {
		t.Errorf("answer: %s", answer)
	}
	w.again()
}
