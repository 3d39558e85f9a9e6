package freeze

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

func snapshot(t *testing.T, id string) Snapshot {
	t.Helper()
	sub, err := parseID(id)
	if err != nil {
		t.Fatal(err)
	}
	p, s := policyOf(t, policyText)
	return Snapshot{Key: key(repo, id), Subject: sub, Now: noon, Policy: p, Settings: s, RepoID: 5}
}

func ids(keys []reconcile.Key) string {
	list := make([]string, len(keys))
	for i, k := range keys {
		list[i] = k.ID
	}
	return strings.Join(list, " ")
}

func TestDecidePull(t *testing.T) {
	frozen := []Freeze{aFreeze("release-1.30")}
	closed := pull("release-1.30")
	closed.State = github.Closed
	for name, tc := range map[string]struct {
		id      string
		change  func(*Snapshot)
		wrote   string
		why     string
		special string // "fresh" or "if present"
	}{
		"no policy":                     {"pr/7", func(s *Snapshot) { s.Policy = config.Loaded{} }, "", "no policy", ""},
		"sighted ungoverned":            {"pr/7", func(s *Snapshot) { s.PR, s.Same, s.Sighted = nil, nil, "master" }, "", "master is not governed", ""},
		"ungoverned":                    {"pr/7", func(s *Snapshot) { s.PR.Base, s.Same = "master", nil }, "", "master is not governed", ""},
		"moved to an ungoverned branch": {"moved/7", func(s *Snapshot) { s.PR.Base, s.Same = "master", nil }, "check neutral", "master is not governed", "if present"},
		"closed":                        {"pr/7", func(s *Snapshot) { *s.PR, s.Same = closed, nil }, "", "#7 is closed", ""},
		"open branch":                   {"pr/7", func(s *Snapshot) { s.Same[0].Freezes = nil }, "check pass", "is not frozen", ""},
		"frozen":                        {"pr/7", func(*Snapshot) {}, "check block", "#7 against release-1.30: release-1.30 is frozen", ""},
		"a second one with its head":    {"pr/7", func(s *Snapshot) { s.Same = append(s.Same, s.other("release-1.29")) }, "check block", "#7 against release-1.30: release-1.30 is frozen", ""},
		"itself free, another with its head isn't": {"pr/7", func(s *Snapshot) {
			s.PR.Base = "release-1.29"
			s.Same = []facts{s.facts(*s.PR), s.other("release-1.30")}
		}, "check block", "#9 against release-1.30: release-1.30 is frozen", ""},
		"moved away, another with its head stays": {"moved/7", func(s *Snapshot) {
			s.PR.Base = "master"
			s.Same = []facts{s.other("release-1.30")}
		}, "check block", "#9 against release-1.30: release-1.30 is frozen", ""},
		"closed, another with its head is open": {"pr/7", func(s *Snapshot) {
			*s.PR = closed
			s.Same = []facts{s.other("release-1.29")}
		}, "check pass", "#9 against release-1.29: release-1.29 is not frozen", ""},
		"asked for again":            {"rerun/7", func(*Snapshot) {}, "check block", "is frozen", "fresh"},
		"label by a manager":         {"pr/7", func(s *Snapshot) { s.Same[0].Set = []labelled{{"freeze-exempt", alice, true, false}} }, "check pass", "may merge", ""},
		"label by nobody knows whom": {"pr/7", func(s *Snapshot) { s.Same[0].Set = []labelled{{"freeze-exempt", github.User{}, false, true}} }, "check block", "is frozen", "again"},
		"label by another": {"pr/7", func(s *Snapshot) { s.Same[0].Set = []labelled{{"Freeze-Exempt", bob, false, false}} },
			"check block, unlabel Freeze-Exempt, comment freeze-exempt by 2", "is frozen", ""},
		"label by another, not frozen": {"pr/7", func(s *Snapshot) {
			s.Same[0].Freezes, s.Same[0].Set = nil, []labelled{{"freeze-exempt", bob, false, false}}
		},
			"check pass, unlabel freeze-exempt, comment freeze-exempt by 2", "is not frozen", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := snapshot(t, tc.id)
			pr := pull("release-1.30")
			s.PR, s.Freezes = &pr, frozen
			s.Same = []facts{s.facts(pr)}
			tc.change(&s)
			p := (&Handler{}).Decide(s)
			if tc.special == "again" != p.Next.Equal(noon.Add(unclearPause)) {
				t.Errorf("looks again at %s", p.Next)
			}
			if !strings.Contains(p.Why, tc.why) || wrote(p.Effects) != tc.wrote {
				t.Errorf("%s; wrote %s", p.Why, wrote(p.Effects))
			}
			for _, e := range p.Effects {
				c, is := e.(effect.CheckRun)
				if is && (c.Fresh != (tc.special == "fresh") || c.IfPresent != (tc.special == "if present") || c.Commit != head || c.Name != CheckName || c.Repo != repo) {
					t.Errorf("the check is %+v", c)
				}
			}
			if strings.Contains(name, "head") || name == "label by another" || name == "moved to an ungoverned branch" {
				golden.Check(t, "pull "+name+".md", texts(p.Effects))
			}
		})
	}
}

// other are the facts about another pull request with the same head.
func (s Snapshot) other(base string) facts {
	pr := pull(base)
	pr.Number = 9
	return s.facts(pr)
}

func TestSpread(t *testing.T) {
	open := []github.PullRequest{{Number: 9, Base: "release-1.30", Head: "def"}, {Number: 3, Base: "master", Head: "abc"}, {Number: 4, Base: "release-1.29", Head: "abc"}}
	for id, want := range map[string]string{"branches": "pr/9 pr/4", "commit/abc": "rerun/4"} {
		s := snapshot(t, id)
		s.Open = open
		if got := ids((&Handler{}).Decide(s).Then); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
}

func TestPreviewForPlan(t *testing.T) {
	s := newScene(t)
	h := s.handler()
	snap, err := h.Observe(context.Background(), key(repo, "preview/release-1.30"))
	if err != nil {
		t.Fatal(err)
	}
	p := h.Decide(snap)
	want := "a freeze of release-1.30 would hold back these open pull requests: #7; and let through these: #8"
	if p.Why != want || len(p.Effects)+len(p.Then) != 0 {
		t.Errorf("%+v", p)
	}
}

func TestDecideGroup(t *testing.T) {
	group := github.MergeGroup{Branch: "release-1.30", Head: head, Base: head, Ref: "refs/heads/gh-readonly-queue/release-1.30/pr-7-" + head}
	frozen := with(aFreeze("release-1.30"), func(f *Freeze) { f.Exemptions = []Exemption{row(head, noon.Add(time.Hour))} })
	other := pull("release-1.30")
	other.Number = 8
	for name, tc := range map[string]struct {
		freezes  []Freeze
		pulls    []github.PullRequest
		complete bool
		want     effect.State
	}{
		"not frozen":           {nil, nil, false, effect.Pass},
		"all exempt":           {[]Freeze{frozen}, []github.PullRequest{pull("release-1.30")}, true, effect.Pass},
		"one not":              {[]Freeze{frozen}, []github.PullRequest{pull("release-1.30"), other}, true, effect.Block},
		"some can't be told":   {[]Freeze{frozen}, []github.PullRequest{pull("release-1.30")}, false, effect.Block},
		"nobody in it, frozen": {[]Freeze{frozen}, nil, false, effect.Block},
	} {
		t.Run(name, func(t *testing.T) {
			s := snapshot(t, kindGroup+"/"+group.ID())
			s.Freezes = tc.freezes
			s.Members.complete = tc.complete
			for _, pr := range tc.pulls {
				s.Members.facts = append(s.Members.facts, s.facts(pr))
			}
			p := (&Handler{}).Decide(s)
			c, is := p.Effects[0].(effect.CheckRun)
			if !is || c.Verdict.State != tc.want || c.Commit != head || c.Number != 0 || c.ExternalID != s.Key.ID {
				t.Errorf("%+v", p.Effects)
			}
			golden.Check(t, "group "+name+".md", texts(p.Effects))
		})
	}
	s := snapshot(t, kindGroup+"/"+github.MergeGroup{Branch: "master", Head: head, Ref: strings.Replace(group.Ref, "release-1.30", "master", 1)}.ID())
	if p := (&Handler{}).Decide(s); len(p.Effects) != 0 {
		t.Errorf("of an ungoverned branch: %v", p.Effects)
	}
}

func TestUpkeep(t *testing.T) {
	s := snapshot(t, theFreezes)
	intact := func(f Freeze) Freeze {
		f.Title, f.Shown = f.title(s.Settings), f.labels(s.Settings)
		f.Body = "<!-- the record -->\n\n" + issueText(f.Record, s.Policy)
		return f
	}
	window := Freeze{Record: Record{Asked: "window/autumn", Window: "autumn", Branches: []string{"release-1.3*"}, Since: noon, Until: noon.Add(time.Hour), Opened: noon}}
	for name, tc := range map[string]struct {
		freeze  Freeze
		closer  closer
		wrote   string
		then    string
		next    time.Duration
		isFirst func(Record) bool // of the first issue written
	}{
		"as it should be": {freeze: intact(aFreeze("release-1.30"))},
		"not told of yet": {freeze: intact(with(aFreeze("release-1.30"), func(f *Freeze) { f.Noticed = "" })), then: "notice/45"},
		"with an end":     {freeze: intact(with(aFreeze("release-1.30"), func(f *Freeze) { f.Until = noon.Add(time.Hour) })), next: time.Hour},
		"its end":         {freeze: intact(with(aFreeze("release-1.30"), func(f *Freeze) { f.Until = noon })), wrote: "45 closed", then: "notice/45", isFirst: func(r Record) bool { return r.End.At.Equal(noon) && r.End.By == "" }},
		"ended, not told": {freeze: with(aFreeze("release-1.30"), func(f *Freeze) { f.State, f.End = github.Closed, &Thaw{} }), then: "notice/45"},
		"ended and told":  {freeze: with(aFreeze("release-1.30"), func(f *Freeze) { f.State, f.End, f.Noticed = github.Closed, &Thaw{}, Ended })},
		"a branch thawed": {freeze: intact(with(aFreeze("release-1.30", "release-1.29"), func(f *Freeze) { f.Thaws = []Thaw{{Branch: "release-1.29", By: "alice"}} })), then: "notice/45"},
		"each branch thawed": {freeze: intact(with(aFreeze("release-1.30"), func(f *Freeze) { f.Thaws = []Thaw{{Branch: "release-1.30", By: "alice", At: noon}} })),
			wrote: "45 closed", then: "notice/45", isFirst: func(r Record) bool { return r.End.By == "alice" }},
		"closed by a manager": {freeze: with(aFreeze("release-1.30"), func(f *Freeze) { f.State = github.Closed }), closer: closer{alice, false, true},
			wrote: "45 closed", then: "notice/45", isFirst: func(r Record) bool { return r.End.By == "alice" && r.End.Asked == "" }},
		"closed by another":    {freeze: with(aFreeze("release-1.30"), func(f *Freeze) { f.State = github.Closed }), closer: closer{bob, false, false}, wrote: "45 open, comment closed 3"},
		"closed by a merge":    {freeze: with(aFreeze("release-1.30"), func(f *Freeze) { f.State = github.Closed }), closer: closer{alice, true, false}, wrote: "45 open, comment closed 3"},
		"closed, nobody knows": {freeze: with(aFreeze("release-1.30"), func(f *Freeze) { f.State = github.Closed }), wrote: "45 open, comment closed 3"},
		"title changed":        {freeze: with(intact(aFreeze("release-1.30")), func(f *Freeze) { f.Title = "Go on" }), wrote: "45 open"},
		"label taken away":     {freeze: with(intact(aFreeze("release-1.30")), func(f *Freeze) { f.Shown = []string{"x"} }), wrote: "45 open"},
		"label in other case":  {freeze: with(intact(aFreeze("release-1.30")), func(f *Freeze) { f.Shown = []string{"Code-Freeze"} })},
		"text edited":          {freeze: with(intact(aFreeze("release-1.30")), func(f *Freeze) { f.Body, f.Edited = f.Body+"\nLGTM", true }), wrote: "45 open, comment edited 3"},
		"text with CRLF": {freeze: with(intact(aFreeze("release-1.30")), func(f *Freeze) {
			f.Body = strings.ReplaceAll(f.Body[:22], "\n", "\n") + strings.ReplaceAll(f.Body[22:], "\n", "\r\n")
		})},
		"altered":               {freeze: altered("release-1.30"), wrote: "comment altered"},
		"a window begins":       {freeze: window, wrote: "0 open", then: "freezes", next: time.Hour},
		"a window not for here": {freeze: with(window, func(f *Freeze) { f.Window = "elsewhere" }), next: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			s := s
			s.Freezes = []Freeze{tc.freeze}
			s.Upkeep = upkeepFacts{Closers: map[int]closer{45: tc.closer}, Concerned: map[windowID]bool{{Name: "autumn"}: true}}
			p := (&Handler{}).Decide(s)
			if wrote(p.Effects) != tc.wrote || ids(p.Then) != tc.then {
				t.Errorf("%s: wrote %q, then %q", p.Why, wrote(p.Effects), ids(p.Then))
			}
			if got := p.Next.Sub(noon); tc.next != 0 && got != tc.next || tc.next == 0 && !p.Next.IsZero() {
				t.Errorf("looks again at %s", p.Next)
			}
			for _, e := range p.Effects {
				if i, is := e.(effect.Issue); is {
					var r Record
					if err := json.Unmarshal(i.Record, &r); err != nil || r.Rev != tc.freeze.Rev+1 || i.Was != tc.freeze.Body || i.Mark.ID != r.Asked {
						t.Errorf("%+v, %v", i, err)
					}
					if tc.isFirst != nil && !tc.isFirst(r) {
						t.Errorf("record %s", i.Record)
					}
				}
			}
			if tc.wrote != "" {
				golden.Check(t, "upkeep "+name+".md", texts(p.Effects))
			}
		})
	}
}

func TestTell(t *testing.T) {
	blocked := survey{pull("release-1.30"), effect.Verdict{State: effect.Block}}
	through := survey{pull("release-1.30"), effect.Verdict{State: effect.Pass}}
	blocked.PR.Title, through.PR.Number = "Fix @everyone | <b>", 8
	merged := pull("release-1.30")
	exempt := with(aFreeze("release-1.30"), func(f *Freeze) { f.Exemptions = []Exemption{row(head, noon.Add(time.Hour))} })
	for name, tc := range map[string]struct {
		freeze Freeze
		pulls  []survey
		merged []github.PullRequest
		wrote  string
	}{
		"begun":               {with(aFreeze("release-1.30"), func(f *Freeze) { f.Noticed = "" }), []survey{blocked, through}, nil, "comment began, 45 open"},
		"begun, nothing open": {with(aFreeze("release-1.30"), func(f *Freeze) { f.Noticed = "" }), nil, nil, "comment began, 45 open"},
		"told":                {aFreeze("release-1.30"), nil, nil, ""},
		"branch thawed": {with(aFreeze("release-1.30", "release-1.29"), func(f *Freeze) { f.Thaws = []Thaw{{Branch: "release-1.30", By: "alice"}} }),
			[]survey{through}, nil, "comment thaw 1, 45 open"},
		"ended": {with(exempt, func(f *Freeze) {
			f.State, f.End = github.Closed, &Thaw{By: "alice", At: noon.Add(27*time.Hour + 5*time.Minute)}
		}),
			[]survey{through, blocked}, []github.PullRequest{merged, through.PR}, "comment ended, 45 closed"},
		"ended before it was told of": {with(aFreeze("release-1.30"), func(f *Freeze) { f.Noticed, f.State, f.End = "", github.Closed, &Thaw{At: noon} }),
			nil, nil, "comment ended, 45 closed"},
	} {
		t.Run(name, func(t *testing.T) {
			s := snapshot(t, "tell/45")
			s.Edge = edgeFacts{Freeze: &tc.freeze, Pulls: tc.pulls, Merged: tc.merged}
			p := (&Handler{}).Decide(s)
			if wrote(p.Effects) != tc.wrote {
				t.Errorf("%s: wrote %q", p.Why, wrote(p.Effects))
			}
			if tc.wrote == "" {
				return
			}
			golden.Check(t, "tell "+name+".md", texts(p.Effects))
			var r Record
			if err := json.Unmarshal(p.Effects[1].(effect.Issue).Record, &r); err != nil {
				t.Fatal(err)
			}
			after := tc.freeze
			after.Record = r
			if _, due := after.due(noon); due {
				t.Errorf("people would be told again: %+v", r)
			}
		})
	}
}

func TestPassOn(t *testing.T) {
	s := snapshot(t, "notice/45")
	fresh := with(aFreeze("release-1.30"), func(f *Freeze) { f.Noticed = "" })
	s.Edge.Freeze = &fresh
	s.Open = []github.PullRequest{{Number: 9, Base: "release-1.30"}, {Number: 4, Base: "release-1.30"}}
	if got := ids((&Handler{}).Decide(s).Then); got != "pr/9 pr/4 tell/45" {
		t.Errorf("then %s", got)
	}
	told := aFreeze("release-1.30")
	s.Edge.Freeze = &told
	if p := (&Handler{}).Decide(s); len(p.Then) != 0 {
		t.Errorf("what was passed on is passed on again: %v", p.Then)
	}
	s.Edge.Freeze = nil
	if p := (&Handler{}).Decide(s); len(p.Then) != 0 {
		t.Errorf("then %v", p.Then)
	}
}

// TestDue: which pull requests an edge is about.
func TestDue(t *testing.T) {
	all := []string{anyBranch}
	for name, tc := range map[string]struct {
		freeze Freeze
		want   []string
	}{
		"told":            {aFreeze("release-1.30"), nil},
		"begun":           {with(aFreeze("release-1.30"), func(f *Freeze) { f.Noticed = "" }), []string{"release-1.30"}},
		"thawed in part":  {with(aFreeze("a", "b"), func(f *Freeze) { f.Thaws = []Thaw{{Branch: "a"}} }), []string{"a"}},
		"thawed further":  {with(aFreeze("a", "b", "c"), func(f *Freeze) { f.Thaws, f.NoticedThaws = []Thaw{{Branch: "a"}, {Branch: "b"}}, 1 }), []string{"b"}},
		"ended":           {with(aFreeze("a", "b"), func(f *Freeze) { f.End = &Thaw{} }), []string{"a", "b"}},
		"mends a record":  {with(aFreeze("a"), func(f *Freeze) { f.Noticed, f.Mends = "", true }), all},
		"ended, was torn": {with(aFreeze("a"), func(f *Freeze) { f.Noticed, f.Mends, f.End = "", true, &Thaw{} }), all},
	} {
		got, _ := tc.freeze.due(noon)
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for _, b := range []release.Branch{"main", "release/1.30", "a/b/c/d/e"} {
		if !matches(all, b) {
			t.Errorf("%s is not among all", b)
		}
	}
}
