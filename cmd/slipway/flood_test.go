package main

import (
	"strings"
	"testing"
)

// TestCommentThatCostsTooMuch: a stranger's comment on which a Markdown parser would take
// gigabytes is answered once, and stands in nobody's way; neither does one that only talks.
func TestCommentThatCostsTooMuch(t *testing.T) {
	const command = "/release freeze release-1.30"
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	hostile := strings.Repeat("- * ", 4000) + strings.Repeat("\n", 16_000) + command
	w.wantAnswer("mallory", n, hostile, "too large or too deeply nested to tell commands from talk, so nothing in it was run. **Next step:** comment the command by itself.")
	w.wantVerdict(n, "success")
	if said := w.says("mallory", n, strings.Repeat("- * ", 4000)+strings.Repeat("\n", 16_000)); said != "" {
		t.Errorf("a text without a command is answered: %s", said)
	}
	w.again()
	w.wantAnswer("alice", n, command, "**Done.**")
	w.wantVerdict(n, "failure")
	w.again()
}
