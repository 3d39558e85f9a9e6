package checklist

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

const somePolicy = `branches: ["release-*"]
release_managers: ["release-managers-{major}-{minor}"]
checklist:
  home: istio
  product: Istio
  repositories: [istio, api]
  blockers: {label: release-blocker}
  templates:
    - kind: minor
      schedule:
        - {name: branch-cut, at: cut, phase: open}
        - {name: code-freeze, at: release-7d, phase: frozen}
        - {name: release, at: release, phase: released}
      steps:
        - {phase: Before, id: announce, title: "Announce {release}", due: cut-14d}
        - {phase: Before, id: team, title: Make the team, owners: wg, probe: {team: "release-managers-{major}-{minor}"}}
        - {phase: Branch cut, id: branches, title: "Create {branch}", text: "Never in [test-infra](https://x).", needs: [announce], due: cut, probe: {branch: "{branch}"}}
        - {phase: Release, id: tag, title: "Tag {version} <!-- x -->", probe: {tag: "{version}"}}
        - {phase: Release, id: qualify, title: Qualify, needs: [announce], wait: 48h, per_candidate: true}
    - kind: patch
      schedule: [{name: release, at: release}]
      steps: [{phase: Release, id: tag, title: "Tag {version}", probe: {tag: "{version}"}}]
`

var repo = github.Repo{Owner: "istio", Name: "istio"}

func loaded(t *testing.T) (config.Loaded, Settings) {
	t.Helper()
	p, err := config.ParsePolicy("policy", []byte(somePolicy), config.Declare[Settings](Name))
	if err != nil {
		t.Fatal(err)
	}
	s, err := config.Section[Settings](p, Name)
	if err != nil {
		t.Fatal(err)
	}
	return config.Loaded{Policy: p}, s
}

func day(t *testing.T, text string) release.Date {
	t.Helper()
	d, err := release.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// started is the facts of a start of 1.31, and what it opens.
func started(t *testing.T) (startFacts, effect.SharedIssue) {
	t.Helper()
	policy, s := loaded(t)
	call := command.Call{
		Name: startName, Args: []string{"1.31", "cut=2026-07-22", "release=2026-08-26", "managers=@alice,bob"}, Repo: repo, RepoID: 9, Number: 1,
		Source: command.InComment, ID: 5, Author: github.User{ID: 1, Login: "alice"}, At: time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC),
	}
	args, err := parseStart(call, s, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	f := startFacts{home: home{Repo: repo, Now: call.At, Policy: policy, Settings: s, RepoID: 9}, Call: call, Start: args}
	out, err := start(f)
	if err != nil || out.Result != command.Done || len(out.Effects) != 1 {
		t.Fatalf("%+v, %v", out, err)
	}
	golden.Check(t, "reply-start.md", out.Reply+"\n")
	return f, out.Effects[0].(effect.SharedIssue)
}

// looked is a look at the issue of a start, on a day.
func looked(t *testing.T, on string) look {
	t.Helper()
	f, e := started(t)
	s := look{tracked: tracked{home: f.home}}
	s.Now = day(t, on).Begins(time.UTC).Add(12 * time.Hour)
	r := Record{Rev: 1, Asked: f.Call.Asked(), Version: "1.31.0", Cut: f.Start.cut, Release: f.Start.day, Managers: f.Start.managers, Opened: f.Now}
	s.Tracker = Tracker{Record: r, Version: f.Start.version, Issue: github.Issue{
		Number: 7, URL: "https://github.com/istio/istio/issues/7", State: github.Open, Body: e.Parts.Lay(e.Begin, 1<<16), UpdatedAt: f.Now,
	}}
	return s
}

func TestStart(t *testing.T) {
	_, e := started(t)
	golden.Check(t, "begin.md", e.Title+"\n\n"+e.Parts.Lay(e.Begin, 1<<16))
	if e.Number != 0 || e.Rev != 1 || len(e.Labels) != 1 || e.Labels[0] != "release-tracking" {
		t.Errorf("%+v", e)
	}
}

// TestStartBesideAnother: a release that isn't over has one tracking issue, also
// while somebody has closed it by hand.
func TestStartBesideAnother(t *testing.T) {
	f, _ := started(t)
	one := Tracker{Record: Record{Asked: "another"}, Version: f.Start.version, Issue: github.Issue{Number: 7, State: github.Open}}
	for _, tc := range []struct {
		state github.State
		end   *End
		want  command.Result
	}{{github.Open, nil, command.NoOp}, {github.Closed, nil, command.NoOp}, {github.Open, &End{}, command.NoOp}, {github.Closed, &End{}, command.Done}} {
		one.Issue.State, one.End = tc.state, tc.end
		f.Trackers = []Tracker{one}
		if out, err := start(f); err != nil || out.Result != tc.want {
			t.Errorf("%s, %+v: %+v, %v", tc.state, tc.end, out, err)
		}
	}
}

func TestParseStart(t *testing.T) {
	_, s := loaded(t)
	for args, want := range map[string]string{
		"":                                               "which version? None is named",
		"1.31-rc.0 release=2026-08-26":                   "is not a version; did you mean 1.31.0-rc.0?",
		"1.31.0-rc.0 release=2026-08-26":                 "is on the way to 1.31",
		"1.31 release=2026-08-26":                        "when is the branch cut?",
		"1.31 cut=2026-07-22":                            "when is the release?",
		"1.31 cut=2026-07-22 release=soon":               `"soon" is not a day`,
		"1.31 cut=2026-08-26 release=2026-02-30":         "names a day that the calendar doesn't have",
		"1.31 cut=2026-08-26 release=2026-07-22":         "the release, 2026-07-22, is not after the cut",
		"1.31 cut=2026-08-24 release=2026-08-26":         "code-freeze, 2026-08-19, comes before branch-cut",
		"1.30.4 cut=2026-08-26 release=2026-08-27":       "a patch release has no cut",
		"1.30.4 release=2026-08-27 mangers=x":            "is none of cut=, release= and managers=",
		"1.30.4 release=2026-08-27 managers=a/b":         "is not an account's name",
		"1.30.4 release=2026-08-27 managers=a,":          "is not an account's name",
		"1.30.4 release=2026-08-27 managers=" + many(11): "11 release managers are too many",
	} {
		_, err := parseStart(command.Call{Args: strings.Fields(args)}, s, time.UTC)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", args, err, want)
		}
	}
	for args, want := range map[string]string{"1.30.4 release=2026-08-27": "1.30.4", "1.31.0 cut=2026-07-22 release=2026-08-26": "1.31.0", "v1.31 cut=2026/7/22 release=2026-08-26": "1.31.0", "v1.30.4 release=2026-08-27": "1.30.4", "1.31 cut=2026-07-22 release=2026-08-26": "1.31.0",
		"1.30.4 release=2026-08-27 managers=-alice,@alice_corp,alice-,renovate[bot]": "1.30.4"} {
		if a, err := parseStart(command.Call{Args: strings.Fields(args)}, s, time.UTC); err != nil || a.version.String() != want {
			t.Errorf("%q: %v, %v", args, a, err)
		}
	}
}

// TestStartWithoutADay: a patch release that is started without one is two weeks
// ahead, by the policy's zone.
func TestStartWithoutADay(t *testing.T) {
	_, s := loaded(t)
	call := command.Call{Args: []string{"1.30.4"}, At: time.Date(2026, 8, 1, 23, 0, 0, 0, time.UTC)}
	a, err := parseStart(call, s, time.FixedZone("there", 2*60*60))
	if err != nil || a.day.String() != "2026-08-16" || !a.assumed {
		t.Errorf("%+v, %v", a, err)
	}
}

func many(n int) string {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprint("a", i))
	}
	return strings.Join(names, ",")
}

func TestLight(t *testing.T) {
	for _, tc := range []struct {
		strains
		want Light
		why  string
	}{
		{strains{days: 30}, Green, ""}, {strains{open: 2, days: 8}, Green, ""}, {strains{open: 2, days: 7}, Yellow, "7 days are left"},
		{strains{open: 3, days: 30}, Yellow, "3 pull requests are to go"}, {strains{open: 5, days: 4}, Yellow, "5 pull requests are to go and 4 days are left"},
		{strains{open: 5, days: 3}, Orange, "3 days are left"}, {strains{open: 6, days: 30}, Orange, "6 pull requests are to go"},
		{strains{open: 10, days: 2}, Orange, "10 pull requests are to go and 2 days are left"}, {strains{}, Orange, "its day is today"},
		{strains{open: 11, days: 30}, Red, "11 pull requests are to go"}, {strains{days: -1}, Red, "its day is past"},
		{strains{days: 30, blockers: 1}, Yellow, "1 blocker is open"}, {strains{days: 30, blockers: 2, overdue: 1}, Orange, "2 blockers are open"},
		{strains{days: 30, blockers: 3, overdue: 5}, Red, "3 blockers are open and 5 steps are overdue"},
		{strains{days: 30, overdue: 2}, Yellow, "2 steps are overdue"}, {strains{days: 30, overdue: 3}, Orange, "3 steps are overdue"},
		{strains{days: 30, failed: 1}, Orange, "1 build has failed"}, {strains{days: 30, failed: 3}, Red, "3 builds have failed"},
		{strains{days: 30, unknown: []string{"a", "b"}}, Grey, "a and b"}, {strains{open: 11, days: 30, unknown: []string{"a"}}, Red, "11 pull requests are to go"},
		{strains{days: -1, unknown: []string{"a"}}, Red, "its day is past"}, {strains{days: 30, blockers: 2, unknown: []string{"a"}}, Grey, "a"},
	} {
		if got, why := light(tc.strains); got != tc.want || why != tc.why {
			t.Errorf("%+v: %s, %s, want %s, %s", tc.strains, got, why, tc.want, tc.why)
		}
	}
}

func TestRefresh(t *testing.T) {
	api := github.Repo{Owner: "istio", Name: "api"}
	for _, tc := range []struct {
		name, on string
		facts    func(*look)
	}{
		{"nothing yet", "2026-07-02", func(s *look) { s.Counts.Repos = []count{{Repo: repo}, {Repo: api}} }},
		{"busy", "2026-08-24", func(s *look) {
			s.Counts = counts{
				Repos: []count{{Repo: repo, Open: []github.PullRequest{{Number: 11, Author: github.User{ID: 3, Bot: true}, HeadRef: "step-1.31-announce"}, {Number: 12, Draft: true, Labels: []string{"do-not-merge/hold", "x"}}},
					Asked: []github.Labelled{{Number: 13}}, Missing: []github.Labelled{{Number: 14}}}, {Repo: api, Unknown: true}},
				Blockers: facts.BlockerList{All: []facts.Blocker{{Number: 15, Title: "Crash @team [x](y)", Open: true, Here: true}}},
			}
			for _, pr := range s.Counts.Repos[0].Open {
				s.Counts.Repos[0].Waits = append(s.Counts.Repos[0].Waits, waitOf(pr, github.Remembered{}))
			}
			s.Found = map[string]found{
				"team":     {Yes: true, What: "the team is there", URL: "https://github.com/orgs/istio/teams/release-managers-1-31"},
				"branches": {Yes: true, What: "the branch is there in 2 repositories", URL: "https://github.com/istio/istio/tree/release-1.31"},
				"tag":      {Unknown: true},
			}
		}},
		{"late", "2026-08-28", func(s *look) {
			s.Counts.Blockers.Unknown = true
			s.Tracker.Steps = map[string]State{
				"announce": {Status: StepSkipped, By: "alice", Reason: "no <b> need"},
				"branches": {Status: StepDone, Evidence: "the branch is there in 2 repositories", URL: "https://x"},
			}
			s.Found = map[string]found{"branches": {What: "the branch is there in 2 repositories", Lacking: []string{"api"}}}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := looked(t, tc.on)
			tc.facts(&s)
			p := refresh(s)
			e := p.Effects[0].(effect.SharedIssue)
			body := e.Parts.Lay(s.Tracker.Issue.Body, 1<<16)
			golden.Check(t, "refresh-"+tc.name+".md", p.Reason+"\n\n"+body)
			if s.Tracker.Issue.Body = body; e.Parts.Lay(body, 1<<16) != body {
				t.Error("laid again it changes")
			}
		})
	}
}

func TestClosedEarly(t *testing.T) {
	s := looked(t, "2026-08-24")
	s.Tracker.Issue.State, s.Closer = github.Closed, github.User{ID: 2, Login: "bob"}
	s.Counts.Blockers.All = []facts.Blocker{{Number: 15, Title: "Crash", Open: true, Here: true}}
	p := refresh(s)
	if len(p.Effects) != 2 || p.Effects[1].(effect.SharedIssue).State != github.Open {
		t.Fatalf("%+v", p)
	}
	golden.Check(t, "closed-early.md", p.Effects[0].(effect.Comment).Body+"\n")

	// With nothing left to do it is over, whoever closed it.
	s.Counts.Blockers.All = nil
	s.Tracker.Steps = map[string]State{}
	for _, id := range []string{"announce", "team", "branches", "tag", "qualify"} {
		s.Tracker.Steps[id] = State{Status: StepDone, By: "alice"}
	}
	p = refresh(s)
	if len(p.Effects) != 1 || p.Effects[0].(effect.SharedIssue).State != github.Closed {
		t.Errorf("%+v", p)
	}
}

// TestOneReleaseMovesTheMilestone: two patch releases of one minor release would
// move its day to and fro for ever.
func TestOneReleaseMovesTheMilestone(t *testing.T) {
	_, set := loaded(t)
	set.Blockers.Milestone = "{major}.{minor}"
	tracker := func(n int, version string, end *End) Tracker {
		v, err := release.Scheme{}.Parse(version)
		if err != nil {
			t.Fatal(err)
		}
		return Tracker{Record: Record{End: end}, Version: v, Issue: github.Issue{Number: n, State: github.Open}}
	}
	later, earlier, other := tracker(4, "1.30.4", nil), tracker(3, "1.30.3", nil), tracker(2, "1.31.0", nil)
	all := []Tracker{later, earlier, other}
	for _, tc := range []struct {
		of   Tracker
		all  []Tracker
		want bool
	}{
		{later, all, false}, {earlier, all, true}, {other, all, true}, {later, []Tracker{later, tracker(3, "1.30.3", &End{}), other}, true},
		{earlier, []Tracker{earlier, tracker(1, "1.30.0", nil)}, false},
	} {
		if got := set.moves(tc.all, tc.of); got != tc.want {
			t.Errorf("%s: %t", tc.of.Version, got)
		}
	}
	s := looked(t, "2026-07-02")
	s.Milestone = &github.Milestone{Title: "1.31"}
	if p := refresh(s); len(p.Effects) != 1 {
		t.Errorf("another release's milestone is moved: %+v", p.Effects)
	}
	if s.Moves = true; len(refresh(s).Effects) != 2 {
		t.Error("its own isn't")
	}
}

func TestOddTicks(t *testing.T) {
	s := looked(t, "2026-07-02")
	s.Tracker.Issue.Body = strings.Replace(s.Tracker.Issue.Body, "- [ ] `announce`", "- [x] `announce`", 1)
	s.Tracker.Issue.UpdatedAt = s.Now.Add(-time.Minute)
	p := refresh(s)
	if body := p.Effects[0].(effect.SharedIssue).Parts.Lay(s.Tracker.Issue.Body, 1<<16); len(p.Effects) != 1 || !strings.Contains(body, "- [x] `announce`") {
		t.Errorf("a tick that is a minute old is taken back:\n%s", body)
	}
	if want := s.Tracker.Issue.UpdatedAt.Add(settles); !p.RequeueAt.Equal(want) {
		t.Errorf("looks again at %s, want %s", p.RequeueAt, want)
	}
	s.Tracker.Issue.UpdatedAt = s.Now.Add(-time.Hour)
	p = refresh(s)
	if body := p.Effects[1].(effect.SharedIssue).Parts.Lay(s.Tracker.Issue.Body, 1<<16); len(p.Effects) != 2 || !strings.Contains(body, "- [ ] `announce`") {
		t.Errorf("a tick that nobody told of counts:\n%s", body)
	}
	golden.Check(t, "odd.md", p.Effects[0].(effect.Comment).Body+"\n")
}

func TestCandidates(t *testing.T) {
	s := looked(t, "2026-08-14")
	s.Tags = []string{"1.31.0-beta.9", "1.31.0-rc.0", "1.31.0-rc.10", "1.31.0-rc.9", "x"}
	is := s.withEvidence(s.Tracker.Record)
	if is.Candidate != "1.31.0-rc.10" {
		t.Errorf("the newest candidate is %s", is.Candidate)
	}
	if text := statusText(s, is); !strings.Contains(text, "is `candidate`") {
		t.Error(text)
	}
	is.Steps = map[string]State{"qualify": {Status: StepDone, By: "alice", Candidate: is.Candidate}, "announce": {Status: StepDone, By: "alice"}}
	if again := s.withEvidence(is); !again.Steps["qualify"].Status.settled() || !again.Steps["announce"].Status.settled() {
		t.Errorf("%+v", again.Steps)
	}
	s.Tags = append(s.Tags, "1.31.0-rc.11")
	s.Now = s.Now.Add(72 * time.Hour)
	next := s.withEvidence(is)
	qualify, _ := s.Settings.template(s.Tracker.Version).step("qualify")
	if why := tooEarly(next, qualify, s.Now.Add(47*time.Hour)); why != "it may be ticked from 2026-08-19 12:00 UTC on, 2d after `1.31.0-rc.11` was seen" {
		t.Errorf("a new candidate's time: %q", why)
	}
	if why := tooEarly(next, qualify, s.Now.Add(48*time.Hour)); why != "" {
		t.Error(why)
	}
	if next.Steps["qualify"].Status.settled() || next.Steps["qualify"].Reason != "open again for 1.31.0-rc.11" || !next.Steps["announce"].Status.settled() {
		t.Errorf("%+v", next.Steps)
	}
}

func TestWaits(t *testing.T) {
	_, s := loaded(t)
	v, err := startVersion(s.Scheme, "1.31")
	if err != nil {
		t.Fatal(err)
	}
	step, _ := s.template(v).step("qualify")
	began := time.Date(2026, 8, 14, 12, 0, 0, 0, time.UTC)
	r := Record{}
	if why := tooEarly(r, step, began); why != "the steps `announce`, which have to run for 2d first, are open" {
		t.Error(why)
	}
	r.Steps = map[string]State{"announce": {Status: StepDone, At: began}}
	if why := tooEarly(r, step, began.Add(47*time.Hour)); why != "it may be ticked from 2026-08-16 12:00 UTC on, 2d after `announce`" {
		t.Error(why)
	}
	if why := tooEarly(r, step, began.Add(48*time.Hour)); why != "" {
		t.Error(why)
	}
	r.Steps["announce"] = State{Status: StepSkipped, At: began}
	if why := tooEarly(r, step, began.Add(47*time.Hour)); why != "it may be ticked from 2026-08-16 12:00 UTC on, 2d after `announce` was skipped" {
		t.Error(why)
	}
}

func TestNames(t *testing.T) {
	v, err := release.Scheme{}.Parse("1.31.0")
	if err != nil {
		t.Fatal(err)
	}
	step := Step{ID: "docs", Title: "Write the docs"}
	for _, tc := range []struct {
		title, body string
		want        bool
	}{
		{"x", "Fixes #1\r\n\r\nRelease-Step: 1.31/docs\r\n", true}, {"x", "release-step: 1.31.0/docs", true}, {"x", "Release-Step: 1.30/docs", false},
		{"x", "<!--\nRelease-Step: 1.31/docs\n-->", false}, {"x", "```\nRelease-Step: 1.31/docs\n```", false}, {"x", "    Release-Step: 1.31/docs", false},
		{"x", "> Release-Step: 1.31/docs", false}, {"x", "<details>\n\nRelease-Step: 1.31/docs\n\n</details>", false}, {"x", "- Release-Step: 1.31/docs", false},
		{"x", "Release-Step: 1.31/docs2", false}, {"x", "see Release-Step: 1.31/docs", false},
		{"[Release-1.31.0] Write the docs", "", true}, {"[release-1.31] write the docs", "", true}, {"[Release-1.31.0] Write the docs again", "", false},
		{"[Release-1.30.0] Write the docs", "", false}, {"Write the docs", "", false},
	} {
		if got := names(github.PullRequest{Title: tc.title, Body: tc.body}, v, step.ID, step.Title); got != tc.want {
			t.Errorf("%q, %q: %t", tc.title, tc.body, got)
		}
	}
}

func TestKeys(t *testing.T) {
	_, e := started(t)
	sealer, err := effect.NewSealer([]byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	// The same text with a record of some version, of which announce is done from the third on.
	at7 := func(rev int) string {
		r := Record{Rev: rev, Asked: "comment/5#0", Version: "1.31.0"}
		if rev > 2 {
			r.Steps = map[string]State{"announce": {Status: StepDone, By: "carol"}, "team": {Status: StepDropped}}
		}
		line, err := sealer.Seal(effect.Place{Repo: 9, Number: 7}, effect.Mark{Kind: markKind, ID: r.Asked}, r.marshal())
		if err != nil {
			t.Fatal(err)
		}
		text := e.Parts.Lay(e.Begin, 1<<16)
		if rev > 2 {
			text = strings.Replace(text, "- [ ] `announce`", "- [x] `announce`", 1)
		}
		return line + "\n\n" + text
	}
	was := at7(2)
	bot, bob := github.User{ID: 3, Login: "slipway[bot]", Bot: true}, github.User{ID: 2, Login: "bob"}
	at := time.Unix(1700000000, 0)
	edited := func(now string) github.Event {
		return github.Event{Kind: "issues", Action: "edited", Sender: bob, RepoID: 9, OldBody: &was, Issue: &github.Issue{Number: 7, Author: bot, Body: now, UpdatedAt: at}}
	}
	over := func(old, now string) github.Event { e := edited(now); e.OldBody = &old; return e }
	tick := func(id, text string) string { return strings.Replace(text, "- [ ] `"+id+"`", "- [x] `"+id+"`", 1) }
	replaced := func(old, now string) github.Event { return edited(strings.Replace(was, old, now, 1)) }
	for _, tc := range []struct {
		name string
		e    github.Event
		want string
	}{
		{"a tick", replaced("- [ ] `announce`", "- [x] `announce`"), "hand/7/tick:announce/1700000000/2/bob"},
		{"with other line ends", edited(strings.ReplaceAll(was, "\n", "\r\n")), "tracker/7"},
		{"a line deleted", replaced("<!-- slipway-step:tag -->", ""), "hand/7/delete:tag/1700000000/2/bob"},
		{"people's own words", replaced("## Checklist", "## Our checklist"), "tracker/7"},
		{"a day", replaced("2026-08-19", "2026-08-18"), "hand/7/day:code-freeze:2026-08-18/1700000000/2/bob"},
		{"an old text", over(at7(3), at7(2)), "hand/7/old/1700000000/2/bob/2"},
		{"an old text with a tick", over(at7(3), tick("tag", at7(2))), "hand/7/old,tick:tag/1700000000/2/bob/2"},
		{"an old text with a line less, and a day", over(at7(3), strings.NewReplacer("<!-- slipway-step:tag -->", "", "2026-08-19", "2026-08-18").Replace(at7(2))),
			"hand/7/old,delete:tag,day:code-freeze:2026-08-18/1700000000/2/bob/2"},
		{"the newest text over an old one", over(at7(2), at7(3)), "hand/7/old/1700000000/2/bob/3"},
		{"without a record", over(at7(3), tick("tag", e.Parts.Lay(e.Begin, 1<<16))), "hand/7/old,untick:announce,tick:tag/1700000000/2/bob/-1"},
		{"with an altered record", over(at7(3), tick("tag", strings.Replace(at7(3), `"rev":3`, `"rev":2`, 1))), "hand/7/old,tick:tag/1700000000/2/bob/-1"},
		{"a tick of a moment ago is gone", over(tick("tag", at7(2)), tick("announce", at7(2))), "hand/7/tick:announce,unsure:tag:untick/1700000000/2/bob"},
		{"closed", github.Event{Kind: "issues", Action: "closed", Issue: &github.Issue{Number: 7, Author: bot}}, "tracker/7"},
		{"our own edit", func() github.Event { e := replaced("- [ ]", "- [x]"); e.Own = true; return e }(), ""},
		{"our own edit, and nobody knows yet who we are", func() github.Event { e := replaced("- [ ]", "- [x]"); e.Sender = bot; return e }(), ""},
		{"another's issue", github.Event{Kind: "issues", Action: "labeled", Issue: &github.Issue{Number: 8, Author: bob}}, "nudge"},
		{"a pull request", github.Event{Kind: "pull_request", Action: "closed"}, "nudge"},
		{"a pull request's milestone", github.Event{Kind: "pull_request", Action: "demilestoned"}, "nudge"},
		{"a draft", github.Event{Kind: "pull_request", Action: "converted_to_draft"}, "nudge"},
		{"a review", github.Event{Kind: "pull_request_review", Action: "submitted", PullRequest: &github.PullRequest{Number: 9, Base: "a/b"}}, "review/9/a/b"},
		{"a push to it", github.Event{Kind: "pull_request", Action: "synchronize"}, ""},
		{"a branch", github.Event{Kind: "push", Push: &github.Push{Branch: "release-1.31", Created: true}}, "nudge"},
		{"a push", github.Event{Kind: "push", Push: &github.Push{Branch: "master"}}, ""},
	} {
		tc.e.Repo = repo
		var got []string
		for _, k := range (&Handler{Sealer: sealer}).Keys(tc.e) {
			got = append(got, k.ID)
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
	for _, bad := range []string{"tracker/0", "review/9", "review/9/", "hand/7/burn:x/1/2/bob", "hand/7/tick:x/1/0/bob", "hand/7/tick/1/2/bob", "hand/7/tick:%zz/1/2/bob", "lost/7/-", "lost/7/AAAA", "since/7/0/AAAA", "since/7/2/-", "hand/7/tick:x/1/2/bob/-2", "hand/7/tick:x/1/2/bob/x", "x"} {
		if _, err := new(Handler).Capability().Plan(t.Context(), key(repo, bad)); !errors.Is(err, reconcile.ErrGone) {
			t.Errorf("%s is an id", bad)
		}
	}
}

func TestEdited(t *testing.T) {
	_, s := loaded(t)
	v, err := startVersion(s.Scheme, "1.31")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{"Makefile": "A := 1\nUPDATE_BRANCH ?= master\n", "CODEOWNERS": "* @istio/release-managers-1-31\n", "x": "release-1x31"}
	edits := []Edit{
		{File: "Makefile", Match: `(?m)^(UPDATE_BRANCH \?=).*$`, Replace: `$1 "{branch}"`}, {File: "Makefile", Match: "A := 1", Replace: "A := {next}"},
		{File: "CODEOWNERS", Match: `(?s)\A.*\z`, Replace: "* @istio/release-managers-{major}-{minor}\n"},
		{File: "gone", Match: "a", Replace: "b"}, {File: "x", Match: "{branch}", Replace: "a dot is a dot"},
	}
	got := s.edited(v, edits, texts)
	if len(got) != 1 || got["Makefile"] != "A := 32\nUPDATE_BRANCH ?= \"release-1.31\"\n" {
		t.Errorf("%q", got)
	}
	if again := s.edited(v, edits, map[string]string{"Makefile": got["Makefile"]}); len(again) != 0 {
		t.Errorf("edited again: %q", again)
	}
}

// TestReplacedThenFilled: a group and a number beside it are two things, and what a
// group holds is nobody's placeholder.
func TestReplacedThenFilled(t *testing.T) {
	_, s := loaded(t)
	v, err := startVersion(s.Scheme, "1.31")
	if err != nil {
		t.Fatal(err)
	}
	for replace, want := range map[string]string{"$1{next}": "v=32 {minor}", "${1}{version}$2": "v=1.31.0{minor} {minor}", "{branch}": "release-1.31 {minor}"} {
		got := s.edited(v, []Edit{{File: "f", Match: "(v=)({minor})", Replace: replace}, {File: "g", Match: "x", Replace: "y"}}, map[string]string{"f": "v=31 {minor}"})
		want = strings.Replace(want, "0{minor}", "031", 1)
		if got["f"] != want {
			t.Errorf("%s: %q, want %q", replace, got["f"], want)
		}
	}
	if got := s.edited(v, []Edit{{File: "f", Match: `(?m)^(.*)$`, Replace: "$1!"}}, map[string]string{"f": "{version}"})["f"]; got != "{version}!" {
		t.Errorf("the file's own text is filled in: %q", got)
	}
}

func TestPickedBy(t *testing.T) {
	for _, tc := range []struct {
		pr   github.PullRequest
		want bool
	}{
		{github.PullRequest{Body: "This is an automated cherry-pick of #58777"}, true}, {github.PullRequest{Title: "x (#58777) (#58853)"}, true},
		{github.PullRequest{HeadRef: "cherry-pick-58777-to-release-1.31"}, true}, {github.PullRequest{Body: "See https://github.com/istio/istio/pull/58777"}, true},
		{github.PullRequest{Body: "istio/istio#58777"}, true}, {github.PullRequest{Body: "istio/api#58777"}, false}, {github.PullRequest{Body: "https://github.com/istio/api/pull/58777"}, false},
		{github.PullRequest{Body: "Fixes #58777"}, false}, {github.PullRequest{Body: "fixes: istio/istio#58777"}, false}, {github.PullRequest{Body: "<!-- #58777 -->"}, false},
		{github.PullRequest{Body: "#587771"}, false}, {github.PullRequest{Body: "Cherry-pick of #58777. Fixes #1"}, true},
		{github.PullRequest{HeadRef: "cherry-pick-7-to-release-1.31", Body: "Lacks (#58777)", Author: github.User{Bot: true}}, false},
		{github.PullRequest{HeadRef: "cherry-pick-58777-to-release-1.31", Body: "Lacks (#7)", Author: github.User{Bot: true}}, true},
	} {
		if got := pickedBy(repo, []github.PullRequest{tc.pr}, 58777); got != tc.want {
			t.Errorf("%+v: %t", tc.pr, got)
		}
	}
}

func TestAct(t *testing.T) {
	s := looked(t, "2026-07-02")
	f := callFacts{tracked: s.tracked, Call: command.Call{Name: stepName, Args: []string{"pin", runWord}, Repo: repo, Number: 7, Author: github.User{Login: "alice"}, Source: command.InComment, ID: 9}}
	step := Step{ID: "pin", Title: "Pin {branch}", Action: Action{Label: "a/b", Branch: "{branch}", Edits: []Edit{{File: "VERSION", Match: "master", Replace: "{release}"}}}}
	all := []actionIn{
		{Repo: repo, RepoID: 9, From: strings.Repeat("a", 40), Base: "master", BaseHead: strings.Repeat("b", 40), Texts: map[string]string{"VERSION": "a\nmaster\nb\n"}, Now: map[string]string{"VERSION": "a\n1.31\nb\n"}},
		{Repo: github.Repo{Owner: "istio", Name: "api"}, Label: true, Branch: true, Texts: map[string]string{"VERSION": "1.31\n"}},
		{Repo: github.Repo{Owner: "istio", Name: "tools"}, Label: true, Branch: true, Proposed: 12, Now: map[string]string{"VERSION": "1.31\n"}},
		{Repo: github.Repo{Owner: "istio", Name: "gone"}, Trouble: "it isn't there"},
	}
	out := act(f, step, all)
	text := out.Reply + "\n"
	for _, e := range out.Effects {
		text += "\n-> " + e.String() + "\n"
	}
	for _, place := range out.PerRepo {
		for _, e := range place.Effects {
			text += "\n" + place.Name + " -> " + e.String() + "\n"
			if pr, ok := e.(effect.PullRequest); ok {
				text += pr.Text + "\n"
			}
		}
	}
	golden.Check(t, "act.md", text)
	f.Call.Args[1] = previewWord
	out = act(f, step, all)
	if out.Result != command.Told || len(out.Effects)+len(out.PerRepo) != 0 {
		t.Errorf("a preview: %+v", out)
	}
	golden.Check(t, "act-preview.md", out.Reply)
	f.Call.Args[1] = runWord
	if out := act(f, step, all[1:2]); out.Result != command.NoOp {
		t.Errorf("nothing left: %+v", out)
	}
	golden.Check(t, "act-proposed.md", act(f, step, all[1:]).Reply)
}

func TestSettingsFaults(t *testing.T) {
	for text, want := range map[string]string{
		"templates: [{kind: minor, steps: [{phase: a, id: a, title: a}]}]":                                                                "checklist.home: is missing",
		"home: x\n  templates: [{kind: minor}, {kind: minor}]":                                                                            "there is one for minor releases already",
		"home: x\n  templates: [{kind: minor, steps: [{phase: a, id: A b, title: a}]}]":                                                   `"A b" is not a name`,
		"home: x\n  templates: [{kind: minor, steps: [{phase: a, id: a, title: a}, {phase: a, id: a, title: a}]}]":                        "is another step's name already",
		"home: x\n  templates: [{kind: minor, steps: [{phase: a, id: a, title: a, needs: [b]}]}]":                                         `"b" is no step before it`,
		"home: x\n  templates: [{kind: minor, steps: [{phase: a, id: a, title: a, probe: {file: x, match: '('}}]}]":                       "is no regular expression",
		"home: x\n  templates: [{kind: minor, steps: [{phase: a, id: a, title: a, probe: {file: x, match: '[{branch}]'}}]}]":              "is no regular expression",
		"home: x\n  templates: [{kind: minor, steps: [{phase: a, id: a, title: a, probe: {file: x}}]}]":                                   "file and match belong together",
		"home: x\n  templates: [{kind: minor, steps: [{phase: a, id: a, title: a, trap: {repository: y, title: '(', say: no}}]}]":         "trap.title: is no regular expression",
		"home: x\n  templates: [{kind: minor, steps: [{phase: a, id: a, title: a, trap: {title: x, say: no}}]}]":                          "trap.repository: is missing",
		"home: x\n  templates: [{kind: minor, steps: [{phase: a, id: a, title: a, trap: {repository: y, title: x, say: no, after: b}}]}]": `trap.after: "b" is no step of this checklist`,
		"home: x\n  templates: [{kind: minor, schedule: [{name: a, at: freeze-7d}]}]":                                                     `"freeze-7d" is not a day of a schedule`,
		"home: x\n  templates: [{kind: minor, schedule: [{name: a, at: cut}, {name: a, at: cut}]}]":                                       "is another day's name already",
		"home: x\n  templates: [{kind: minor, schedule: [{name: a, at: cut, phase: frosen}]}]":                                            "frosen",
	} {
		_, err := config.ParsePolicy("p", []byte("branches: [x]\nchecklist:\n  "+text+"\n"), config.Declare[Settings](Name))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v\nwant %s", text, err, want)
		}
	}
}
