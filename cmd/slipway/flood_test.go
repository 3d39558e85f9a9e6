package main

import (
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
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

// TestChangeOfManyLines: a pull request that is small on the wire and has more lines than
// anybody could compare is told so; what fits is judged as ever.
func TestChangeOfManyLines(t *testing.T) {
	w := gateWorld(t, "")
	pr, err := w.gh.As("mallory").OpenPR(demoRepo, sandbox.PROptions{Base: demoBranch, Head: "flood", Title: "Many lines",
		Files: map[string]string{"security/a.txt": strings.Repeat("a\n", 300_001)}})
	w.do(err)
	w.settle()
	w.wantGate(pr.Number, "failure", "Too large to be looked at", "It has more than 300,000 lines. What it holds is unknown", "**Next step:** split it, or have a release manager override this check")
	w.again()
	w.do2(w.gh.As("mallory").PushToPR(demoRepo, pr.Number, map[string]string{"security/a.txt": strings.Repeat("a\n", 300)}, "Less"))
	w.wantGate(pr.Number, "failure", "Waits for the experts of wg-security")
	w.again()
}
