package checklist

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

func parsed(t *testing.T, text string) release.Version {
	t.Helper()
	v, err := release.Scheme{}.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestWebOf(t *testing.T) {
	for url, want := range map[string]string{
		"https://github.com/istio/api/issues/7":     "https://github.com",
		"https://git.example.com:8443/a/b/issues/1": "https://git.example.com:8443",
		"b/issues/1": "", "": "",
	} {
		if got := webOf(url); got != want {
			t.Errorf("%q: %s, want %s", url, got, want)
		}
	}
}

// TestPartsIssue: what is written of a tracker is all that a write needs to know, or
// it would go to another issue, over somebody's newer record, or lose its text.
func TestPartsIssue(t *testing.T) {
	_, s := loaded(t)
	s.Label = "tracking"
	at := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	long := strings.Repeat("because ", 20)
	tr := Tracker{
		Record: Record{Rev: 3, Asked: "comment/5#0"}, Version: parsed(t, "1.31.0"), Sealed: json.RawMessage(`{"rev":3}`),
		Issue: github.Issue{Number: 7, Intact: "as it was"},
	}
	r := Record{Rev: 4, Repo: 1, Number: 2, Asked: "comment/5#0", Version: "1.31.0", Steps: map[string]State{"tag": {Status: StepSkipped, By: "alice", At: at, Reason: long}}}
	parts := effect.Parts{Blocks: []effect.TextBlock{{Name: "dates", Text: "x"}}}
	one := tracked{home: home{Repo: repo, RepoID: 9, Settings: s}, Tracker: tr}
	got := one.issue(r, parts)
	sealed := func(reason string) json.RawMessage {
		return json.RawMessage(fmt.Sprintf(`{"rev":4,"repo":9,"number":7,"asked":"comment/5#0","version":"1.31.0","release":"","by":"","by_id":0,`+
			`"opened":"0001-01-01T00:00:00Z","steps":{"tag":{"skipped":true,"by":"alice","at":"2026-07-01T12:00:00Z","reason":"%s"}}}`, reason))
	}
	want := effect.SharedIssue{
		Repo: repo, RepoID: 9, Number: 7, Mark: effect.Mark{Kind: "release", ID: "comment/5#0"}, Rev: 3, Seen: json.RawMessage(`{"rev":3}`),
		Record: sealed(long), Short: sealed(effect.Cut(long, 60)), Title: "Istio 1.31", Labels: []string{"tracking"},
		Begin: beginText(s, tr.Version), Intact: "as it was", Parts: parts,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	r.End = &End{By: "alice"}
	if got := one.issue(r, parts).State; got != github.Closed {
		t.Errorf("a release that is over is %s", got)
	}
	if one.Tracker.End = r.End; one.issue(r, parts).State != "" { // opened again by hand, which a look judges
		t.Error("what was over already is closed again")
	}
	if got := titleOf(s, parsed(t, "1.31.4")); got != "Istio 1.31.4" {
		t.Error(got)
	}
}

// TestPartsSettle: what people edited is left alone for ten minutes, in which a webhook
// says whose edit it was.
func TestPartsSettle(t *testing.T) {
	for age, want := range map[time.Duration]string{10*time.Minute - time.Second: "[x]", 10 * time.Minute: "[ ]"} {
		s := looked(t, "2026-07-02")
		s.Tracker.Issue.Body = strings.Replace(s.Tracker.Issue.Body, "- [ ] `announce`", "- [x] `announce`", 1)
		s.Tracker.Issue.UpdatedAt = s.Now.Add(-age)
		effects := refresh(s).Effects
		body := effects[len(effects)-1].(effect.SharedIssue).Parts.Lay(s.Tracker.Issue.Body, 1<<16)
		if !strings.Contains(body, "- "+want+" `announce`") {
			t.Errorf("after %s:\n%s", age, body)
		}
	}
}

// laidOut is a laying of 1.31, whose dates moved by a day since the text was written.
func laidOut(t *testing.T) laying {
	t.Helper()
	_, s := loaded(t)
	l := laying{s: s, v: parsed(t, "1.31.0")}
	l.was = Record{Cut: day(t, "2026-07-22"), Release: day(t, "2026-08-26")}
	l.is = Record{Cut: day(t, "2026-07-22"), Release: day(t, "2026-08-27")}
	return l
}

// TestPartsDates: the dates are written, but for those that somebody edited just now
// and nobody has told of yet.
func TestPartsDates(t *testing.T) {
	l := laidOut(t)
	before, now := datesText(l.s, l.v, l.was), datesText(l.s, l.v, l.is)
	theirs := strings.Replace(before, "2026-07-22", "2026-07-23", 1)
	for _, tc := range []struct {
		name        string
		block       string // "" for none
		young, told bool
		written     bool
	}{
		{"none there, just now", "", true, false, true},
		{"none there", "", false, false, true},
		{"ours, just now", before, true, false, true},
		{"ours but for spaces, just now", strings.ReplaceAll(before, "\n", "  \r\n"), true, false, true},
		{"theirs, just now", theirs, true, false, false},
		{"theirs, just now, and it is told", theirs, true, true, true},
		{"theirs, for a while", theirs, false, false, true},
	} {
		l.young, l.told, l.shown = tc.young, map[string]bool{"dates": tc.told}, effect.Shown{Blocks: map[string]string{}}
		if tc.block != "" {
			l.shown.Blocks["dates"] = tc.block
		}
		var want []effect.TextBlock
		if tc.written {
			want = []effect.TextBlock{{Name: "dates", Text: now}}
		}
		if p, _ := l.parts(""); cmp.Diff(want, p.Blocks) != "" {
			t.Errorf("%s: %s", tc.name, cmp.Diff(want, p.Blocks))
		}
	}
	p, _ := l.parts("All is well.")
	want := effect.TextBlock{Name: "status", Text: "All is well.", Short: shortStatus()}
	if len(p.Blocks) != 2 || p.Blocks[1] != want {
		t.Errorf("with a status: %+v", p.Blocks)
	}
}

// TestPartsItems: each step has its line, behind that of the one before it, with a
// shorter one for an issue without room; a step whose words people wrote into knows
// what those words were, so that theirs can be told apart.
func TestPartsItems(t *testing.T) {
	l := laidOut(t)
	l.was.Steps = map[string]State{"team": {Status: StepDone, By: "alice"}, "tag": {Status: StepDone, By: "alice"}}
	l.is.Steps = map[string]State{"team": {Status: StepDone, By: "bob"}, "branches": {Status: StepSkipped, By: "bob", Reason: "there"}, "tag": {Status: StepDone, By: "carol"}}
	l.edited = map[string]bool{"branches": true, "tag": true}
	l.shown.Items = map[string]effect.ShownItem{"announce": {Ticked: true}, "team": {Ticked: true}, "branches": {}, "tag": {Ticked: true}, "qualify": {Ticked: true}}
	p, odd := l.parts("")
	if fmt.Sprint(odd) != "[announce qualify]" {
		t.Errorf("ticked by hand: %s", odd)
	}
	want := []effect.Item{
		{ID: "announce", Text: "`announce`: Announce 1.31 *By 2026-07-08.*", Short: "`announce`: Announce 1.31", Box: effect.Unticked},
		{ID: "team", Text: "`team`: Make the team (`bob`)", Short: "`team`: Make the team", Box: effect.Ticked, After: "announce"},
		{ID: "branches", Text: "`branches`: Create release-1.31. Never in [test-infra](https://x). (skipped by `bob`: there) ⚠️ before `announce`", Short: "`branches`: Create release-1.31",
			Was: "`branches`: Create release-1.31. Never in [test-infra](https://x). *By 2026-07-22.*", Box: effect.Ticked, After: "team"},
		{ID: "tag", Text: "`tag`: Tag 1.31.0 &lt;!-- x --> (`carol`)", Short: "`tag`: Tag 1.31.0 &lt;!-- x -->", Was: "`tag`: Tag 1.31.0 &lt;!-- x --> (`alice`)", Box: effect.Ticked, After: "branches"},
		{ID: "qualify", Text: "`qualify`: Qualify", Short: "`qualify`: Qualify", Box: effect.Unticked, After: "tag"},
	}
	if diff := cmp.Diff(want, p.Items); diff != "" {
		t.Error(diff)
	}
}

// TestPartsDecided: what a decision changes is written at once, whatever people did to
// the line just now, and is nothing odd.
func TestPartsDecided(t *testing.T) {
	_, s := loaded(t)
	v := parsed(t, "1.31.0")
	step, _ := s.template(v).step("team")
	ticked, empty := effect.ShownItem{Ticked: true}, effect.ShownItem{}
	done, dropped := State{Status: StepDone, By: "bob"}, State{Status: StepDropped, By: "bob"}
	for _, tc := range []struct {
		name    string
		was, is State
		line    effect.ShownItem
		box     effect.Box
		gone    bool
	}{
		{"done, and ticked by hand", State{}, done, ticked, effect.Ticked, false},
		{"done again by another, and unticked by hand", State{Status: StepDone, By: "alice"}, done, empty, effect.Ticked, false},
		{"open again", done, State{By: "alice"}, ticked, effect.Unticked, false},
		{"dropped, and unticked by hand", done, dropped, empty, effect.Unticked, true},
	} {
		for _, young := range []bool{true, false} {
			l := laying{s: s, v: v, was: Record{Steps: map[string]State{"team": tc.was}}, is: Record{Steps: map[string]State{"team": tc.is}},
				shown: effect.Shown{Items: map[string]effect.ShownItem{"team": tc.line}}, young: young}
			if item, odd := l.item(step); item.Box != tc.box || item.Gone != tc.gone || odd {
				t.Errorf("%s, just now %t: %+v, odd %t", tc.name, young, item, odd)
			}
		}
	}
}

func TestPartsSame(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want bool
	}{
		{"a\nb", "a\nb", true},
		{"a\nb", "a \t\r\nb\r\n", true},
		{"a\nb", "\n\na\nb\n\n", true},
		{"a\n\nb", "a\n  \nb", true},
		{"a\nb", "ab", false},
		{"a\nb", "a\n\nb", false},
		{"a\nb", "a\n b", false},
		{"a\nb", "a b", false},
		{"a", "b", false},
	} {
		if got := same(tc.a, tc.b); got != tc.want {
			t.Errorf("%q and %q: %t", tc.a, tc.b, got)
		}
	}
}

// TestPartsReadDates: what people may write into the table of dates, and what is none
// of its rows.
func TestPartsReadDates(t *testing.T) {
	l := laidOut(t)
	l.is.Managers = []string{"alice", "bob"}
	back := readDates(datesText(l.s, l.v, l.is))
	want := writtenDates{days: map[string]string{"branch-cut": "2026-07-22", "code-freeze": "2026-08-20", "release": "2026-08-27"}, managers: "`alice`, `bob`", hasManagers: true}
	if fmt.Sprint(back) != fmt.Sprint(want) {
		t.Errorf("read back: %v, want %v", back, want)
	}
	for _, tc := range []struct {
		block, days string
		managers    string // "-" for no such line
	}{
		{"", "map[]", "-"},
		{"| a | 2026-01-02 |", "map[a:2026-01-02]", "-"},
		{"  |  `a`  |  soon  |  set by hand  |  \r\n", "map[a:soon]", "-"},
		{"|a|b", "map[a:b]", "-"},
		{"| a | |", "map[a:]", "-"},
		{"| a | b |\n\ntext\n\n| c | d |", "map[a:b c:d]", "-"},
		{"| a |", "map[]", "-"},
		{"|", "map[]", "-"},
		{"a | b", "map[]", "-"},
		{"| Milestone | Day |\n|---|---|\n| Milestones | b |", "map[Milestones:b]", "-"},
		{"|-----|---|\n| a--- | b |", "map[a---:b]", "-"},
		{" **Release managers:**  @alice  \n| a | b |", "map[a:b]", "@alice"},
		{"**Release managers:**", "map[]", ""},
		{"The **Release managers:** alice", "map[]", "-"},
		{"| **Release managers:** | alice |", "map[**Release managers:**:alice]", "-"},
	} {
		w := readDates(tc.block)
		managers := w.managers
		if !w.hasManagers {
			managers += "-"
		}
		if fmt.Sprint(w.days) != tc.days || managers != tc.managers {
			t.Errorf("%q: %v, want %s and %q", tc.block, w, tc.days, tc.managers)
		}
	}
}

func TestPartsReadManagers(t *testing.T) {
	for _, tc := range []struct{ line, want string }{
		{"", "[]"},
		{"  ", "[]"},
		{" `nobody is named` ", "[]"},
		{"`alice`, `bob`", "[alice bob]"},
		{" @alice,bob,@alice ", "[alice bob]"},
		{"``", "[]"},
		{"nobody", "[nobody]"},
		{"nobody at all", "error"},
		{"alice,", "error"},
	} {
		names, err := readManagers(tc.line)
		got := fmt.Sprint(names)
		if err != nil {
			got = "error"
		}
		if got != tc.want {
			t.Errorf("%q: %s (%v), want %s", tc.line, got, err, tc.want)
		}
	}
}

// TestPartsMove: the cut and the release take along all that is counted from them; any
// other day moves by itself.
func TestPartsMove(t *testing.T) {
	_, s := loaded(t)
	minor, patch := s.template(parsed(t, "1.31.0")), s.template(parsed(t, "1.31.1"))
	var at config.ScheduleDay
	if err := at.UnmarshalText([]byte("release")); err != nil {
		t.Fatal(err)
	}
	twice := minor
	twice.Schedule = append(twice.Schedule[:len(twice.Schedule):len(twice.Schedule)], twice.Schedule[2])
	twice.Schedule[3].Name, twice.Schedule[3].At = "images", at
	for _, tc := range []struct {
		of                  Template
		name                string
		cut, release, moved string // after it
		no                  bool
	}{
		{minor, "cut", "2026-09-09", "2026-08-26", "", false},
		{minor, "branch-cut", "2026-09-09", "2026-08-26", "", false},
		{minor, "release", "2026-07-22", "2026-09-09", "", false},
		{twice, "images", "2026-07-22", "2026-09-09", "", false},
		{minor, "code-freeze", "2026-07-22", "2026-08-26", "2026-09-09", false},
		{minor, "code freeze", "2026-07-22", "2026-08-26", "", true},
		{minor, "", "2026-07-22", "2026-08-26", "", true},
		{Template{}, "release", "2026-07-22", "2026-09-09", "", false},
		{Template{}, "cut", "2026-09-09", "2026-08-26", "", false},
		{patch, "cut", "", "2026-08-26", "", true},
		{patch, "release", "", "2026-09-09", "", false},
	} {
		r := Record{Release: day(t, "2026-08-26"), Moved: map[string]release.Date{}}
		if len(tc.of.Steps) == 0 || tc.of.Kind == MinorRelease {
			r.Cut = day(t, "2026-07-22")
		}
		ok := r.move(tc.of, tc.name, day(t, "2026-09-09"))
		moved := ""
		for name, d := range r.Moved {
			if moved += d.String(); name != tc.name {
				t.Errorf("%s moves %s", tc.name, name)
			}
		}
		if r.Cut.String() != tc.cut || r.Release.String() != tc.release || moved != tc.moved || ok == tc.no {
			t.Errorf("%s of %s: cut %s, release %s, by itself %s, %t", tc.name, tc.of.Kind, r.Cut, r.Release, moved, ok)
		}
	}
}
