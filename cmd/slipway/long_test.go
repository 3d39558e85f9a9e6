package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// TestLongTextInChinese: GitHub takes so many bytes of a check, and a letter of Chinese
// has three. A policy in Chinese has its checks all the same, cut at a line.
func TestLongTextInChinese(t *testing.T) {
	w := newWorld(t)
	fix := w.openPR("bob", demoBranch, "fix")
	now := w.clock.Now().UTC()
	var policy strings.Builder
	policy.WriteString(basePolicy + "freeze:\n  windows:\n")
	for i := range 46 {
		fmt.Fprintf(&policy, "    - {name: 冻结%d, branches: [release-1.30], start: %q, end: %q, reason: %s}\n",
			i, now.Add(-time.Hour).Format("2006-01-02 15:04"), now.Add(time.Hour).Format("2006-01-02 15:04"), strings.Repeat("发布", 250))
	}
	w.policy(policy.String())
	w.wantVerdict(fix, "failure")
	run, _ := w.gh.CheckRun(demoRepo, w.gh.PR(demoRepo, fix).HeadSHA, "slipway/freeze")
	if len(run.Summary) > 65535 || !utf8.ValidString(run.Summary) || !strings.Contains(run.Summary, "\n\n**This text is cut here:** GitHub takes at most 65535 bytes of it.") {
		t.Errorf("%d bytes: …%s", len(run.Summary), run.Summary[max(0, len(run.Summary)-500):])
	}
	w.again()
}
