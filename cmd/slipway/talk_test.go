package main

import (
	"strings"
	"testing"
)

// TestTalkIsNoCommand: what isn't plainly said as a line of its own is talk about
// commands, and nobody is taken at that word.
func TestTalkIsNoCommand(t *testing.T) {
	const command = "/release freeze release-1.30"
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	frozen := func(text string) bool {
		t.Helper()
		w.says("alice", n, text)
		if c, _ := w.verdict(n); c != "failure" && len(w.freezes()) == 0 {
			return false
		}
		w.says("alice", n, "/release thaw release-1.30")
		w.wantVerdict(n, "success")
		return true
	}
	for _, text := range []string{
		"How it is done\nCOMMAND\n======", "COMMAND\n---", "# COMMAND", // headings
		"The formula:\n\n$$\nCOMMAND\n$$\n\nThat's all.", "$x\nCOMMAND\ny$", // mathematics
		"As was said: <sub>\nCOMMAND\n</sub>", "<p align=\"center\">\n\nCOMMAND\n\n</p>", "<details title=\"</details>\">\n\nCOMMAND", // HTML
		"> COMMAND", "```math\nCOMMAND\n```", "See[^1].\n\n[^1]: So:\nCOMMAND", "- [ ] COMMAND",
	} {
		if text = strings.ReplaceAll(text, "COMMAND", command); frozen(text) {
			t.Errorf("it was obeyed: %q", text)
		}
	}
	if !frozen("<p>Please wait.</p>\n\nIt costs $5.\n\n" + command + "\n\nThank you!") {
		t.Error("a plain command was not obeyed")
	}
	w.again()
}
