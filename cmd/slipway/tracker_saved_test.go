package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// TestTrackerSavedFromAnOldText: two people have the issue open. Carol ticks and writes,
// alice moves a day; then alice saves what she had read before, with a tick of hers.
func TestTrackerSavedFromAnOldText(t *testing.T) {
	w := newWorld(t)
	n := withTracker(w)
	old := w.gh.Issue(demoRepo, n).Body
	w.edits("carol", n, "[ ] `docs`", "[x] `docs`")
	w.says("alice", n, "/release date code-freeze "+w.day(30))
	w.says("alice", n, "/release step tag skip not yet")
	said := len(w.said(n))
	w.sets("alice", n, strings.NewReplacer("[ ] `announce`", "[x] `announce`", "| `branch-cut` | "+w.day(1), "| `branch-cut` | "+w.day(2),
		"`docs`: Write the docs <", "`docs`: Write the docs, all of them <").Replace(old)+"\nMeet at noon.\n")
	w.wantBody(n, "- [x] `docs`: Write the docs (`carol`)", "- [x] `announce`: Announce 1.31 (`alice`)", "| `code-freeze` | "+w.day(30), "| `branch-cut` | "+w.day(2),
		"- [x] `tag`: Tag 1.31.0 (skipped by `alice`: not yet)", "<!-- slipway-step:docs --> all of them\n", "Meet at noon.")
	if now := w.said(n); len(now) != said+1 || !strings.Contains(now[said], "into the line of `docs`") {
		t.Errorf("said: %q", now[said:])
	}
	w.again()
}

// TestTrackerOldTextOfWords: Carol's words of the time between come back, and what alice
// took out of her own old text stays away.
func TestTrackerOldTextOfWords(t *testing.T) {
	w := newWorld(t)
	n := withTracker(w)
	w.edits("bob", n, "### Release\n", "### Release\n\nBring a cake.\n")
	w.says("alice", n, "/release step tag skip not yet")
	old := w.gh.Issue(demoRepo, n).Body
	w.edits("carol", n, "### Branch cut\n", "### Branch cut\n\nMeet at noon.\n")
	w.says("alice", n, "/release step announce done")
	w.sets("alice", n, strings.Replace(old, "### Release\n\nBring a cake.\n", "### Release\n", 1))
	w.wantBody(n, "### Branch cut\n\nMeet at noon.\n", "- [x] `announce`")
	w.lacksBody(n, "Bring a cake.")
	w.again()
}

// TestTrackerOldTextOfDroppedLines: a step that was dropped since doesn't come back with
// an older text, and one whose line is missing there goes.
func TestTrackerOldTextOfDroppedLines(t *testing.T) {
	w := newWorld(t)
	n := withTracker(w)
	old := w.gh.Issue(demoRepo, n).Body
	const next, tag = "- [ ] `next`: Make the milestone 1.32 <!-- slipway-step:next -->\n", "- [ ] `tag`: Tag 1.31.0 <!-- slipway-step:tag -->\n"
	w.edits("alice", n, next, "")
	w.lacksBody(n, "slipway-step:next")
	w.sets("alice", n, strings.Replace(old, tag, "", 1))
	w.lacksBody(n, "slipway-step:next", "slipway-step:tag")
	w.wantSaid(n, "The step `tag` was dropped: `alice` deleted the line.")
	w.again()
}

// TestTrackerOldTextWithoutDatabase: the database is lost, and with it what the issue
// said before; the older text was saved while nobody listened, or is saved now.
func TestTrackerOldTextWithoutDatabase(t *testing.T) {
	w := newWorld(t)
	n := withTracker(w)
	old := w.gh.Issue(demoRepo, n).Body
	w.edits("carol", n, "[ ] `docs`", "[x] `docs`")
	w.says("alice", n, "/release date code-freeze "+w.day(30))
	w.lostIn(true, func() { w.do(w.gh.As("alice").EditBody(demoRepo, n, old)) })
	w.says("alice", n, "/release step announce done")
	w.wantBody(n, "- [x] `announce`", `"docs":{"at":`)
	w.sets("alice", n, strings.NewReplacer("[ ] `tag`", "[x] `tag`", "| `branch-cut` | "+w.day(1), "| `branch-cut` | "+w.day(2)).Replace(old))
	w.wantBody(n, "- [x] `docs`: Write the docs (`carol`)", "- [x] `announce`", "- [x] `tag`", "| `code-freeze` | "+w.day(30), "| `branch-cut` | "+w.day(2))
	w.again()
}

// TestTrackerTextOfAnUnknownRevision: nobody knows what alice had read. Her tick counts,
// and nothing is undone.
func TestTrackerTextOfAnUnknownRevision(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(old string) string
		lost   bool
		said   string
	}{
		"without its record": {func(old string) string {
			return regexp.MustCompile(`<!-- slipway:release .*-->\n`).ReplaceAllString(old, "")
		}, false, "doesn't hold Slipway's record any more"},
		"which nobody knows": {func(old string) string { return old }, true, "was made from an older version, which can't be read any more"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			n := withTracker(w)
			old := w.gh.Issue(demoRepo, n).Body
			w.edits("carol", n, "[ ] `docs`", "[x] `docs`")
			w.says("alice", n, "/release date code-freeze "+w.day(30))
			if tc.lost {
				w.stop()
				w.newDatabase()
				w.start()
				w.gh.Fault(sandbox.Fault{Path: regexp.MustCompile("^/api/graphql$"), Status: 404, Body: `{"message":"Not Found"}`, Times: 50})
			}
			w.sets("alice", n, tc.change(strings.NewReplacer("[ ] `announce`", "[x] `announce`", "| `branch-cut` | "+w.day(1), "| `branch-cut` | "+w.day(2)).Replace(old)))
			w.wantBody(n, "- [x] `docs`: Write the docs (`carol`)", "- [x] `announce`: Announce 1.31 (`alice`)", "| `code-freeze` | "+w.day(30), "| `branch-cut` | "+w.day(1))
			w.wantSaid(n, tc.said)
			w.wantSaid(n, "**Next step:** if it was meant, edit the text once more as it stands now.")
			w.again()
		})
	}
}

// TestTrackerOldTextBeforeTheLook: Carol ticks, and alice saves what she had read before
// that, while Slipway is away.
func TestTrackerOldTextBeforeTheLook(t *testing.T) {
	w := newWorld(t)
	n := withTracker(w)
	old := w.gh.Issue(demoRepo, n).Body
	w.do(w.gh.As("carol").EditBody(demoRepo, n, strings.Replace(old, "[ ] `docs`", "[x] `docs`", 1)))
	w.do(w.gh.As("alice").EditBody(demoRepo, n, strings.Replace(old, "[ ] `announce`", "[x] `announce`", 1)))
	w.settle()
	w.wantBody(n, "- [x] `docs`: Write the docs (`carol`)", "- [x] `announce`: Announce 1.31 (`alice`)")
	w.again()
}
