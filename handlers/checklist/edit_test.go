package checklist

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
)

// TestTouched: what an edit did to the parts that are ours, and to nothing else.
func TestTouched(t *testing.T) {
	_, e := started(t)
	was := e.Parts.Lay(e.Begin, 1<<16)
	const tag = "<!-- slipway-step:tag -->"
	for _, tc := range []struct{ name, old, new, want string }{
		{"nothing", "## Checklist", "## Checklist", ""},
		{"people's words", "## Checklist", "## Ours", ""},
		{"spaces", "**Release managers:** `alice`, `bob`\n", "**Release managers:** `alice`, `bob`  \n", ""},
		{"a tick", "- [ ] `announce`", "* [X] `announce`", "tick:announce"},
		{"a note behind the mark", tag, tag + " see #99", ""},
		{"words before the mark", tag, "see #99 " + tag, "text:tag"},
		{"the box is gone", "- [ ] `announce`", "- `announce`", ""},
		{"a line is gone", tag, "", "delete:tag"},
		{"a line is quoted", "- [ ] `tag`", "> - [ ] `tag`", ""},
		{"a line is code", "### Release\n", "### Release\n```\n", ""},
		{"a copy above", "## Checklist", "- [x] a copy " + tag + "\n## Checklist", "twice:tag"},
		{"a quoted copy above", "## Checklist", "> - [ ] a copy " + tag + "\n## Checklist", ""},
		{"the status", "It is being counted.", "All is well.", "status"},
		{"a day", "| 2026-08-19 |", "| soon, perhaps |", "day:code-freeze:soon%2C+perhaps"},
		{"a row's name", "| `code-freeze` |", "| code freeze |", "day:code+freeze:2026-08-19"},
		{"a row is gone", "| `code-freeze` | 2026-08-19 | the branch is `frozen` |\n", "", "dates"},
		{"the managers", "`alice`, `bob`\n", "@alice\n", "managers::%40alice"},
		{"the block's end is gone", "<!-- /slipway-part:status -->", "", "status"},
	} {
		if !strings.Contains(was, tc.old) {
			t.Fatalf("%s: there is no %q", tc.name, tc.old)
		}
		all := touched(was, strings.Replace(was, tc.old, tc.new, 1))
		words := writeTouches(all)
		if got := strings.Join(words, " "); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
		for _, w := range words {
			if back, ok := parseTouches(w); !ok || fmt.Sprint(back) != fmt.Sprint(all) {
				t.Errorf("%s: read back %+v, %t", tc.name, back, ok)
			}
		}
	}
}

// TestTouchedIsBounded: whatever somebody saves, its keys are few and short.
func TestTouchedIsBounded(t *testing.T) {
	var was, ticked strings.Builder
	for i := range 300 {
		fmt.Fprintf(&was, "- [ ] x <!-- slipway-step:a-step-with-a-long-name-%d -->\n", i)
		fmt.Fprintf(&ticked, "- [x] x <!-- slipway-step:a-step-with-a-long-name-%d -->\n", i)
	}
	words := writeTouches(touched(was.String(), ""))
	if len(words) != 1 || len(words[0]) > maxTouches+100 || !strings.Contains(words[0], ",more:28") {
		t.Errorf("%d words: %q", len(words), words)
	}
	n := 0
	for _, w := range writeTouches(touched(was.String(), ticked.String())) {
		all, ok := parseTouches(w)
		if n += len(all); !ok || len(w) > maxTouches+100 {
			t.Errorf("%d characters", len(w))
		}
	}
	if n != 300 {
		t.Errorf("%d ticks of 300", n)
	}
	old, now := "old\n"+was.String(), was.String()
	for i := range 40 {
		old += fmt.Sprintf("line %d %s\n", i, strings.Repeat("😀", 5000))
	}
	ids := lostIDs(github.Event{Action: "edited", OldBody: &old, Issue: &github.Issue{Number: 7, Author: github.User{Bot: true}, Body: now}})
	for _, id := range ids {
		if l, ok := of("lost", "", parseLost).Parse(strings.TrimPrefix(id, "lost/")); !ok || len(id) > maxLostKey+20 || l.number != 7 || l.id != id || len(l.what) == 0 {
			t.Errorf("%d characters: %+v", len(id), l)
		}
	}
	if len(ids) != 1 {
		t.Errorf("%d keys", len(ids))
	}
	// Of many places none is passed over: the last key tells of those that are left.
	var lost []effect.Hunk
	for i := range 200 {
		lost = append(lost, effect.Hunk{After: fmt.Sprint("line ", i), New: []string{hashOf(fmt.Sprint(i)) + hashOf(fmt.Sprint(i, "x")) + hashOf(fmt.Sprint(i, "y")) + hashOf(fmt.Sprint(i, "z"))}})
	}
	for n := 0; n < len(lost); n += 7 {
		words := packLost(lost[:n+1])
		places, told := 0, false
		for _, w := range words {
			back, ok := parseLost(w)
			if !ok || len(w) > maxLostKey {
				t.Errorf("%d: %d characters", n, len(w))
			}
			for _, h := range back {
				if places++; h.After == cutHunk {
					told = true
				}
			}
		}
		if len(words) > maxLostKeys || places != n+1 && !told {
			t.Errorf("%d places: %d words, %d places", n+1, len(words), places)
		}
	}
	if words := packLost(lost); len(words) != maxLostKeys {
		t.Errorf("%d words", len(words))
	}
}

// TestItems is the table of what becomes of a step's line.
func TestItems(t *testing.T) {
	_, s := loaded(t)
	v, err := startVersion(s.Scheme, "1.31")
	if err != nil {
		t.Fatal(err)
	}
	step, _ := s.template(v).step("team")
	records := map[string]State{"open": {}, "done": {Status: StepDone, By: "alice"}, "skipped": {Status: StepSkipped, By: "alice"}, "dropped": {Status: StepDropped}}
	lines := map[string]*effect.ShownItem{"missing": nil, "empty": {}, "ticked": {Ticked: true}, "boxless": {Boxless: true}, "twice": {Ticked: true, Twice: true}}
	outcomes := map[effect.Box]string{effect.Keep: "left", effect.Ticked: "ticked", effect.Unticked: "unticked"}
	// What happens at once, and what after a while, or when it was told of.
	want := map[string]string{
		"open missing": "left out, unticked", "open empty": "unticked, unticked", "open ticked": "left, unticked odd", "open boxless": "unticked, unticked", "open twice": "unticked, unticked",
		"done missing": "left out, ticked", "done empty": "left, ticked", "done ticked": "ticked, ticked", "done boxless": "ticked, ticked", "done twice": "ticked, ticked",
		"skipped missing": "left out, ticked", "skipped empty": "left, ticked", "skipped ticked": "ticked, ticked", "skipped boxless": "ticked, ticked", "skipped twice": "ticked, ticked",
		"dropped missing": "unticked out, unticked out", "dropped empty": "left out, unticked out", "dropped ticked": "left out, unticked odd out", "dropped boxless": "left out, unticked out", "dropped twice": "left out, unticked out",
	}
	say := func(l laying) string {
		item, odd := l.item(step)
		text := outcomes[item.Box]
		if odd {
			text += " odd"
		}
		if item.Gone {
			text += " out"
		}
		return text
	}
	for name, state := range records {
		for show, line := range lines {
			r := Record{Steps: map[string]State{"team": state}}
			l := laying{s: s, v: v, was: r, is: r, shown: effect.Shown{Items: map[string]effect.ShownItem{}}, young: true}
			if line != nil {
				l.shown.Items["team"] = *line
			}
			at := name + " " + show
			young := say(l)
			told := l
			told.told = map[string]bool{"team": true}
			if l.young = false; young+", "+say(l) != want[at] {
				t.Errorf("%s: %s, %s, want %s", at, young, say(l), want[at])
			}
			if strings.TrimSuffix(strings.Replace(say(l), " odd", "", 1), " ") != say(told) {
				t.Errorf("%s: told of it is %s, and after a while %s", at, say(told), say(l))
			}
		}
	}
}

// TestHand: what is said of an edit, and what is taken over.
func TestHand(t *testing.T) {
	manager, owner := standing{manages: true, teams: []string{"rm"}}, standing{owns: true, teams: []string{"rm", "wg"}}
	nobody := standing{teams: []string{"rm"}}
	many := []touch{{did: edDelete, name: "announce"}, {did: edDelete, name: "team"}, {did: edDelete, name: "branches"}, {did: edDelete, name: "tag"}, {did: edMore, name: "7"}}
	for _, tc := range []struct {
		name    string
		stand   standing
		steps   standing
		touches []touch
	}{
		{"ticks", manager, manager, []touch{{did: edTick, name: "announce"}, {did: edTick, name: "tag"}, {did: edTick, name: "qualify"}, {did: edTick, name: "unknown"}}},
		{"owner", nobody, owner, []touch{{did: edTick, name: "team"}, {did: edDelete, name: "tag"}, {did: edDay, name: "code-freeze", what: "2026-08-20"}}},
		{"nobody", nobody, nobody, append([]touch{{did: edTick, name: "qualify"}, {did: edUntick, name: "team"}, {did: edManagers, what: "@me"}, {did: edStatus}}, many...)},
		{"many", manager, manager, many},
		{"dropped", manager, manager, []touch{{did: edDelete, name: "tag"}, {did: edDelete, name: "team"}}},
		{"dates", manager, manager, []touch{{did: edDay, name: "code-freeze", what: "2026-08-20"}, {did: edDay, name: "code-frezee", what: "2026-08-21"}, {did: edManagers, what: "`alice`, @carol"}}},
		{"bad day", manager, manager, []touch{{did: edDay, name: "code-freeze", what: "soon <b>"}, {did: edDay, name: "release", what: "2026-08-27"}}},
		{"bad order", manager, manager, []touch{{did: edDay, name: "branch-cut", what: "2026-08-30"}}},
		{"bad managers", manager, manager, []touch{{did: edManagers, what: "everybody in a room"}}},
		{"words", nobody, nobody, []touch{{did: edText, name: "tag"}, {did: edStatus}, {did: edDates}, {did: edTwice, name: "team"}}},
	} {
		s := handFacts{about: about[edit]{tracked: looked(t, "2026-08-24").tracked}}
		s.what = edit{touches: tc.touches, who: github.User{ID: 2, Login: "bob"}, at: s.Now}
		s.Standings = map[string]standing{wholeOf: tc.stand}
		for _, step := range s.Settings.template(s.Tracker.Version).Steps {
			s.Standings[step.ID] = tc.steps
		}
		p := byHand(s)
		text := p.Reason + "\n"
		for _, e := range p.Effects {
			switch e := e.(type) {
			case effect.Comment:
				text += "\n" + e.Body + "\n"
			case effect.SharedIssue:
				text += "\n" + string(e.Record) + "\n"
			}
		}
		golden.Check(t, "hand-"+strings.ReplaceAll(tc.name, " ", "-")+".md", text)
		if shared, ok := p.Effects[len(p.Effects)-1].(effect.SharedIssue); !ok || len(p.Effects) > 2 || p.Enqueue[len(p.Enqueue)-1] != trackerKey(repo, 7) {
			t.Errorf("%s: %v, then %v", tc.name, p.Effects, p.Enqueue)
		} else if moved := slices.Contains(p.Enqueue, movedKey(repo, 7)); moved != (tc.name == "dates") {
			t.Errorf("%s: that dates have moved is passed on: %t", tc.name, moved)
		} else if shared.Parts.Lay(s.Tracker.Issue.Body, 1<<16) == "" {
			t.Errorf("%s: nothing is laid", tc.name)
		}
	}
}

// TestHandIsLate: what somebody has said since, stays.
func TestHandIsLate(t *testing.T) {
	s := handFacts{about: about[edit]{tracked: looked(t, "2026-08-24").tracked}}
	s.Tracker.Steps = map[string]State{"tag": {Status: StepDone, By: "alice", At: s.Now.Add(time.Minute)}}
	s.Tracker.Said = map[string]time.Time{"code-freeze": s.Now.Add(time.Minute)}
	s.Standings = map[string]standing{wholeOf: {manages: true}, "tag": {manages: true}}
	s.what = edit{who: github.User{ID: 2, Login: "bob"}, at: s.Now, touches: []touch{
		{did: edUntick, name: "tag"}, {did: edDay, name: "code-freeze", what: "2026-08-20"}, {did: edDay, name: "branch-cut", what: "2026-07-23"}}}
	h := judge(s)
	if !h.is.Steps["tag"].Status.settled() || len(h.is.Moved) != 0 || h.is.Cut.String() != "2026-07-23" || h.text(s) != "" {
		t.Errorf("%+v\n%s", h.is, h.text(s))
	}
	s.what.touches = s.what.touches[:1]
	if p := byHand(s); len(p.Effects) != 0 || len(p.Enqueue) != 1 {
		t.Errorf("%+v", p)
	}
}

// TestUnticked: a step that somebody unticked says why evidence doesn't tick it.
func TestUnticked(t *testing.T) {
	s := looked(t, "2026-07-02")
	s.Tracker.Steps = map[string]State{"team": {By: "alice"}, "announce": {By: "alice"}}
	s.Found = map[string]found{"team": {Yes: true, What: "the team is there"}}
	if is := s.withEvidence(s.Tracker.Record); is.Steps["team"].Status.settled() {
		t.Error("evidence ticks what somebody unticked")
	}
	p := refresh(s)
	body := p.Effects[0].(effect.SharedIssue).Parts.Lay(s.Tracker.Issue.Body, 1<<16)
	if !strings.Contains(body, "`team`: Make the team (unticked by `alice`; `/release step team reopen` lets it tick itself again)") || strings.Contains(body, "`announce`: Announce 1.31 (unticked") {
		t.Error(body)
	}
}

// TestRecordsInTheField: what was sealed before a step had one status is read, and
// written the same.
func TestRecordsInTheField(t *testing.T) {
	const old = `{"a":{"done":true,"by":"alice","by_id":1,"at":"2026-07-01T12:00:00Z","candidate":"1.31.0-rc.0"},` +
		`"b":{"skipped":true,"by":"alice","at":"2026-07-01T12:00:00Z","reason":"why"},"c":{"dropped":true,"at":"2026-07-01T12:00:00Z"},` +
		`"d":{"by":"alice","at":"2026-07-01T12:00:00Z"},"e":{"done":true,"at":"2026-07-01T12:00:00Z","evidence":"it is there","url":"https://x"}}`
	var steps map[string]State
	if err := json.Unmarshal([]byte(old), &steps); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]Status{"a": StepDone, "b": StepSkipped, "c": StepDropped, "d": StepOpen, "e": StepDone} {
		if got := steps[id]; got.Status != want || got.byHand() != (got.By != "") {
			t.Errorf("%s: %+v", id, got)
		}
	}
	if raw, err := json.Marshal(steps); err != nil || string(raw) != old {
		t.Errorf("%s, %v", raw, err)
	}
	var both State
	if err := json.Unmarshal([]byte(`{"done":true,"dropped":true}`), &both); err != nil || both.Status != StepDropped {
		t.Errorf("%+v, %v", both, err)
	}
}

// TestPutBack: lost lines go where they stood, or into a comment in which nothing of
// them acts.
func TestPutBack(t *testing.T) {
	s := about[[]effect.Hunk]{tracked: looked(t, "2026-07-02").tracked}
	s.what = []effect.Hunk{{After: "## Checklist", Apart: true, New: []string{"mine", ""}}}
	p := putBack(s)
	e, ok := p.Effects[0].(effect.SharedIssue)
	if body, _ := effect.PutBack(e.Parts.Lay(s.Tracker.Issue.Body, 1<<16), e.Lost); !ok || len(p.Effects) != 1 || !strings.Contains(body, "## Checklist\n\nmine\n\nA step") {
		t.Errorf("%+v\n%s", p, body)
	}
	s.what = []effect.Hunk{
		{After: "a line that @somebody `changed`", New: []string{"@everybody", "```", "/release close it"}},
		{After: cutHunk, New: []string{"a long text…"}}, {After: "\x00step gone", New: []string{"below"}},
	}
	p = putBack(s)
	if len(p.Effects) != 1 || len(p.Enqueue) != 1 {
		t.Fatalf("%+v", p)
	}
	golden.Check(t, "lost.md", p.Reason+"\n\n"+p.Effects[0].(effect.Comment).Body+"\n")
	s.what = []effect.Hunk{{After: "## Checklist", Old: []string{"A step"}, New: []string{"Another"}}}
	golden.Check(t, "doubled.md", putBack(s).Effects[0].(effect.Comment).Body+"\n")
}

// TestPutBackSince: what an older text hadn't got is put back, and what nobody can tell is shown.
func TestPutBackSince(t *testing.T) {
	s := sinceFacts{about: about[since]{tracked: looked(t, "2026-07-02").tracked}}
	s.what.lost = []effect.Hunk{{After: "## Checklist", Apart: true, New: []string{"old", "new", ""}}, {After: "## Checklist", New: []string{"old"}}}
	s.Read = readFrom{"## Checklist\n\nold\n", true}
	p := putBackSince(s)
	e, ok := p.Effects[0].(effect.SharedIssue)
	if body, _ := effect.PutBack(e.Parts.Lay(s.Tracker.Issue.Body, 1<<16), e.Lost); !ok || len(p.Effects) != 1 || !strings.Contains(body, "## Checklist\n\nnew\n\nA step") {
		t.Errorf("%+v\n%s", p, body)
	}
	s.Read = readFrom{}
	p = putBackSince(s)
	if len(p.Effects) != 1 {
		t.Fatalf("%+v", p)
	}
	golden.Check(t, "since.md", p.Reason+"\n\n"+p.Effects[0].(effect.Comment).Body+"\n")
	s.Read, s.what.lost = readFrom{"x", true}, []effect.Hunk{{After: "## Checklist", Old: []string{"A step"}, New: []string{"Another"}}}
	golden.Check(t, "since-both.md", putBackSince(s).Effects[0].(effect.Comment).Body+"\n")
}
