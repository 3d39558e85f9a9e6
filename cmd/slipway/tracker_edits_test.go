package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// said lists the comments of Slipway on an issue.
func (w *world) said(n int) (all []string) {
	for _, c := range w.gh.Comments(demoRepo, n) {
		if c.Author == "slipway[bot]" {
			all = append(all, c.Body)
		}
	}
	return all
}

// sets has somebody save a whole text.
func (w *world) sets(login string, n int, body string) {
	w.t.Helper()
	w.do(w.gh.As(login).EditBody(demoRepo, n, body))
	w.settle()
}

// lacksBody fails if the body of an issue has one of these texts.
func (w *world) lacksBody(n int, texts ...string) {
	w.t.Helper()
	body := w.gh.Issue(demoRepo, n).Body
	for _, text := range texts {
		if strings.Contains(body, text) {
			w.t.Errorf("#%d has %q:\n%s\n%s", n, text, body, w.log)
		}
	}
}

// TestTrackerOlderTextPutBack: somebody saves a text with an older record. It is an
// edit like others, and holds up nobody.
func TestTrackerOlderTextPutBack(t *testing.T) {
	w := newWorld(t)
	n := withTracker(w)
	stale := w.gh.Issue(demoRepo, n).Body
	w.says("alice", n, "/release step announce done")
	w.sets("bob", n, stale)
	w.wantBody(n, "- [x] `announce`: Announce 1.31 (`alice`)", `"rev":`)
	for _, c := range w.said(n) {
		if strings.Contains(c, "`bob`") {
			t.Errorf("what he didn't do is said of him: %s", c)
		}
	}
	w.wantAnswer("alice", n, "/release date code-freeze "+w.day(30), "`code-freeze`: "+w.day(30))
	w.again()
}

// TestTrackerBlockWithoutEnd: a mark that is gone is no reason to lose the event.
func TestTrackerBlockWithoutEnd(t *testing.T) {
	w := newWorld(t)
	n := withTracker(w)
	w.edits("bob", n, "<!-- /slipway-part:dates -->\n", "")
	w.wantBody(n, "<!-- slipway-part:dates -->\n## Dates\n\n| Milestone", "<!-- /slipway-part:dates -->")
	w.again()
}

// TestTrackerFences: code, and what only looks like it, deletes no step.
func TestTrackerFences(t *testing.T) {
	w := newWorld(t)
	n := withTracker(w)
	w.says("alice", n, "/release step announce done")
	w.edits("alice", n, "## Checklist\n", "## Checklist\n\n```make gen``` has to pass first.\n\n```\nand this fence has no end\n")
	w.wantBody(n, "- [x] `announce`: Announce 1.31 (`alice`)", "- [ ] `docs`: Write the docs <!--", "has to pass first.\n\n```\nand this")
	w.says("alice", n, "/release step docs done")
	w.wantBody(n, "- [x] `docs`: Write the docs (`alice`)")
	w.edits("alice", n, "```\nand this fence has no end\n", "")
	w.wantBody(n, "- [x] `docs`: Write the docs (`alice`)", "- [ ] `next`")
	for _, c := range w.said(n) {
		if strings.Contains(c, "dropped") || strings.Contains(c, "put back") {
			t.Errorf("said: %s", c)
		}
	}
	w.again()
}

// TestTrackerDeletedLines: few lines are dropped, and come back; many are put back.
func TestTrackerDeletedLines(t *testing.T) {
	w := newWorld(t)
	n := withTracker(w)
	next := "- [ ] `next`: Make the milestone 1.32 <!-- slipway-step:next -->\n"
	w.edits("alice", n, next, "")
	w.lacksBody(n, "slipway-step:next")
	w.wantSaid(n, "The step `next` was dropped: `alice` deleted the line. Nothing waits for a step that was dropped.\n\n**To get one back:** comment `/release step next reopen`")
	w.wantAnswer("alice", n, "/release step next reopen", "The step `next` is open again")
	w.wantBody(n, "- [ ] `next`: Make the milestone 1.32")
	w.edits("alice", n, next, "")
	w.lacksBody(n, "slipway-step:next")
	w.edits("alice", n, "### Release\n\n", "### Release\n\n"+next)
	w.wantBody(n, "- [ ] `next`: Make the milestone 1.32 (open again: its line is there again)")

	var kept []string
	for _, line := range strings.SplitAfter(w.gh.Issue(demoRepo, n).Body, "\n") {
		if !strings.Contains(line, "slipway-step:") {
			kept = append(kept, line)
		}
	}
	before := len(w.said(n))
	w.sets("alice", n, strings.Join(kept, ""))
	w.wantBody(n, "slipway-step:announce", "slipway-step:blockers", "- [x] `team`")
	w.wantSaid(n, "`blockers` were deleted by `alice` in one edit. That many may be a slip, so they were put back.")
	if now := len(w.said(n)); now != before+1 {
		t.Errorf("%d comments for one edit", now-before)
	}
	w.again()
}

// TestTrackerEmptied: one bad save by somebody without a role is one comment, and
// everything is there again, people's words too.
func TestTrackerEmptied(t *testing.T) {
	w := newWorld(t)
	n := withTracker(w)
	w.says("alice", n, "/release step announce done")
	w.edits("alice", n, "### Branch cut\n", "### Branch cut\n\nMeet at noon.\n") // after our last write
	before, said := w.gh.Issue(demoRepo, n).Body, len(w.said(n))
	w.gh.ResetRequests()
	w.sets("mallory", n, "")
	if now := w.gh.Issue(demoRepo, n).Body; now != before {
		t.Errorf("it became\n%s\nfrom\n%s", now, before)
	}
	if now := w.said(n); len(now) != said+1 || !strings.Contains(now[said], "were deleted by `mallory`, who may not do that, so they were put back.") {
		t.Errorf("said: %q", now[said:])
	}
	if writes := w.writes(); writes > 2 {
		t.Errorf("%d writes: %v", writes, w.written())
	}
	w.sets("mallory", n, "oops")
	w.wantBody(n, "Meet at noon.", "- [x] `announce`", "\n\noops\n")
	w.again()
}

// TestTrackerWordsInLines: what people write into lines of ours stays or is told of.
func TestTrackerWordsInLines(t *testing.T) {
	w := newWorld(t)
	n := withTracker(w)
	w.says("alice", n, "/release step docs done")
	said := len(w.said(n))
	w.edits("bob", n, "<!-- slipway-step:docs -->", "<!-- slipway-step:docs --> see #99")
	w.wantBody(n, "- [x] `docs`: Write the docs (`alice`) <!-- slipway-step:docs --> see #99")
	if now := w.said(n); len(now) != said {
		t.Errorf("said: %q", now[said:])
	}
	w.edits("bob", n, "- [ ] `tag`: Tag 1.31.0 <", "- [ ] `tag`: Tag 1.31.0, after lunch <")
	w.wantBody(n, "- [ ] `tag`: Tag 1.31.0 <!-- slipway-step:tag --> after lunch")
	w.wantSaid(n, "What `bob` wrote into the line of `tag` stands at its end now")
	w.edits("bob", n, "`next`: Make the milestone 1.32", "`next`: Make a cake")
	w.wantBody(n, "- [ ] `next`: Make the milestone 1.32 <!--")
	w.wantSaid(n, "`bob` edited the text of `next`, which Slipway writes itself, so it was put back.")
	w.edits("bob", n, "**Blockers:** none", "**Blockers:** all of it")
	w.wantBody(n, "**Blockers:** none")
	w.wantSaid(n, "`bob` edited the status, which Slipway writes itself")

	// Not for what nobody sees.
	said = len(w.said(n))
	w.sets("bob", n, strings.ReplaceAll(strings.ReplaceAll(w.gh.Issue(demoRepo, n).Body, "**Blockers:** none\n", "**Blockers:** none  \n"), "\n", "\r\n"))
	if now := w.said(n); len(now) != said {
		t.Errorf("said: %q", now[said:])
	}

	// A copy in a discussion is words.
	w.edits("alice", n, "## Checklist\r\n", "## Checklist\r\n\r\n> - [ ] `docs` <!-- slipway-step:docs -->\r\n")
	w.wantBody(n, "> - [ ] `docs`\r\n", "- [x] `docs`: Write the docs (`alice`) <!-- slipway-step:docs --> see #99")
	w.again()
}

// TestTrackerDatesByHand: rows that were edited are taken over, and no others.
func TestTrackerDatesByHand(t *testing.T) {
	w := newWorld(t)
	n := withTracker(w)
	w.edits("alice", n, "**Release managers:** `alice`", "**Release managers:** `alice`, @carol")
	w.wantBody(n, "**Release managers:** `alice`, `carol`\n", `"managers":["alice","carol"]`)
	w.edits("bob", n, "**Release managers:** `alice`, `carol`", "**Release managers:** `bob`")
	w.wantBody(n, "**Release managers:** `alice`, `carol`\n")
	w.wantSaid(n, "The dates were edited by `bob`, who may not change them, so they were put back.\n\n**Who may:** the members of `release-managers-1-31`.")
	w.edits("alice", n, "| `code-freeze` |", "| `code-freze` |")
	w.wantBody(n, "| `code-freeze` | "+w.day(28))
	w.wantSaid(n, "there is no milestone `code-freze`; did you mean `code-freeze`?")
	w.edits("alice", n, "the branch is `frozen`", "the branch is hot")
	w.wantSaid(n, "Only its days and the release managers can be changed there")

	// Edited by hand and by command at the same time: each has its row.
	body := w.gh.Issue(demoRepo, n).Body
	w.do(w.gh.As("alice").EditBody(demoRepo, n, strings.Replace(body, "| `features-closed` | "+w.day(15), "| `features-closed` | "+w.day(16), 1)))
	_, err := w.gh.As("alice").Comment(demoRepo, n, "/release date code-freeze "+w.day(30))
	w.do(err)
	w.settle()
	w.wantBody(n, "| `features-closed` | "+w.day(16), "| `code-freeze` | "+w.day(30))
	w.again()
}

// TestTrackerUnticked: a step that a manager unticked says why it stays open.
func TestTrackerUnticked(t *testing.T) {
	w := newWorld(t)
	n := withTracker(w)
	w.edits("alice", n, "- [x] `team`", "- [ ] `team`")
	w.wantBody(n, "- [ ] `team`: Make the team (unticked by `alice`; `/release step team reopen` lets it tick itself again) <!--")
	w.again()
	w.wantAnswer("alice", n, "/release step team reopen", "It ticks itself again if there is evidence for it")
	w.wantBody(n, "- [x] `team`: Make the team ([the team is there](")
	w.again()
}

// TestTrackerWordsBeforeTheRecord: the record may be moved, and is found.
func TestTrackerWordsBeforeTheRecord(t *testing.T) {
	w := newWorld(t)
	n := withTracker(w)
	w.stop() // nobody mends it before the database is gone
	w.do(w.gh.As("bob").EditBody(demoRepo, n, "Please read this first.\n"+w.gh.Issue(demoRepo, n).Body))
	w.newDatabase()
	w.start()
	w.wantAnswer("alice", n, "/release step announce done", "The step `announce` is done")
	body := w.gh.Issue(demoRepo, n).Body
	if strings.Count(body, "seal:") != 1 || !strings.HasPrefix(body, "<!-- slipway:release ") || !strings.Contains(body, "Please read this first.\n") {
		t.Errorf("it is\n%s", body)
	}
	w.again()
}

// TestTrackerSavedBetweenReadAndWrite: what bob saves between our read and our
// write is gone from the text for a moment, and comes back.
func TestTrackerSavedBetweenReadAndWrite(t *testing.T) {
	edits := &between{}
	w := newWorld(t, edits.options)
	n := withTracker(w)
	w.edits("bob", n, "### Release\n", "### Release\n\nBring a cake.\n")
	stale := w.gh.Issue(demoRepo, n).Body
	edits.at(savesIssue, func() {
		text := strings.Replace(stale, "## Checklist\n", "## Checklist\n\nbob was here\nand has much to say\n", 1)
		text = strings.Replace(text, "Bring a cake.", "Bring two cakes.", 1)
		if err := w.gh.As("bob").EditBody(demoRepo, n, text); err != nil {
			t.Error(err)
		}
	})
	_, err := w.gh.As("alice").Comment(demoRepo, n, "/release date code-freeze "+w.day(30))
	w.do(err)
	w.settle()
	w.wantBody(n, "| `code-freeze` | "+w.day(30), "## Checklist\n\nbob was here\nand has much to say\n", "Bring a cake.\nBring two cakes.\n")
	w.wantSaid(n, "Both versions stand there now")
	w.again()
}

// TestTrackerWithoutRoom: an issue that people have filled up still takes commands.
func TestTrackerWithoutRoom(t *testing.T) {
	w := newWorld(t)
	n := withTracker(w)
	for range 105 {
		_, err := w.gh.As("bob").Comment(demoRepo, n, "chat")
		w.do(err)
	}
	w.settle()
	w.says("alice", n, "/release step announce skip "+strings.Repeat("because ", 40))
	body := w.gh.Issue(demoRepo, n).Body
	w.sets("bob", n, body+"\n"+strings.Repeat("🎉", 65536-len([]rune(body))-900))
	w.wantAnswer("alice", n, "/release step docs skip "+strings.Repeat("because ", 40), "The step `docs` is skipped")
	w.wantBody(n, "- [x] `docs`: Write the docs (skipped by `alice`: because", "🎉🎉")
	w.wantAnswer("alice", n, "/release date code-freeze "+w.day(30), "`code-freeze`: "+w.day(30))
	w.edits("bob", n, "- [ ] `tag`", "- [x] `tag`")
	w.wantSaid(n, "The step `tag` was ticked by `bob`, who may not do that")
	w.wantAnswer("alice", n, "/release close enough", "Istio 1.31 is closed")
	if w.gh.Issue(demoRepo, n).State != "closed" {
		t.Error("it is open")
	}
	if size := len([]rune(w.gh.Issue(demoRepo, n).Body)); size > 65536 {
		t.Errorf("%d characters", size)
	}
	w.again()
}

// TestTrackerClosedWhileGitHubFails: who closed it is asked again when GitHub didn't
// say.
func TestTrackerClosedWhileGitHubFails(t *testing.T) {
	w := newWorld(t)
	n := withTracker(w)
	w.gh.Fault(sandbox.Fault{Match: func(r *http.Request) bool { return r.Method == http.MethodGet },
		Path: regexp.MustCompile(`/issues/\d+$`), Status: 500, Body: `{"message":"Server Error"}`, Times: 1})
	w.do(w.gh.As("bob").Close(demoRepo, n))
	w.settle()
	if w.gh.FaultHits() != 1 || w.gh.Issue(demoRepo, n).State != "open" {
		t.Errorf("%d faults were met, #%d is %s", w.gh.FaultHits(), n, w.gh.Issue(demoRepo, n).State)
	}
	w.wantSaid(n, "It was closed by `bob`")
}

func savesIssue(r *http.Request) bool {
	return r.Method == http.MethodPatch && strings.Contains(r.URL.Path, "/issues/")
}
