package freeze

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// nothing is a repository without any freeze.
func nothing(t *testing.T) state {
	t.Helper()
	p, s := policyOf(t, policyText)
	return state{Repo: repo, RepoID: 5, Now: noon, Policy: p, Settings: s}
}

func ids(keys []reconcile.Key) string {
	list := make([]string, len(keys))
	for i, k := range keys {
		list[i] = k.ID
	}
	return strings.Join(list, " ")
}

// TestGate is the check on its kit: what a key of the freeze's own comes to.
func TestGate(t *testing.T) {
	labelled := func(s *scene, by *github.User) { s.pull.Labels, s.set = []string{"Freeze-Exempt"}, by }
	for name, tc := range map[string]struct {
		id      string
		change  func(*scene)
		wrote   string
		why     string
		special string // "fresh", "if present" or "again"
	}{
		"no policy":                     {"pr/7", func(s *scene) { s.policy = config.Loaded{} }, "", "no policy", ""},
		"broken policy":                 {"pr/7", func(s *scene) { s.policy = config.Loaded{Fault: brokenFault(t), URL: "u"} }, "check block", "the policy can't be read", ""},
		"sighted ungoverned":            {"pr/7", func(s *scene) { s.pull.Base = "master" }, "", "master is not governed", ""},
		"ungoverned":                    {"pr/7", func(s *scene) { s.pull.Base, s.unseen = "master", true }, "", "master is not governed", ""},
		"moved to an ungoverned branch": {"moved/7", func(s *scene) { s.pull.Base = "master" }, "check neutral", "master is not governed", "if present"},
		"freed by the policy": {"pr/7", func(s *scene) {
			s.pull.Base, s.reported = "master", []github.RememberedRun{{Name: CheckName, Holds: true}}
		}, "check neutral", "master is not governed", "if present"},
		"freed, and let through before": {"pr/7", func(s *scene) {
			s.pull.Base, s.reported = "master", []github.RememberedRun{{Name: CheckName}}
		}, "", "master is not governed", ""},
		"closed":                     {"pr/7", func(s *scene) { s.pull.State = github.Closed }, "", "#7 is closed", ""},
		"open branch":                {"pr/7", func(s *scene) { s.issues = nil }, "check pass", "is not frozen", ""},
		"frozen":                     {"pr/7", func(*scene) {}, "check block", "#7 against release-1.30: release-1.30 is frozen", ""},
		"a second one with its head": {"pr/7", func(s *scene) { s.other("release-1.29") }, "check block", "#7 against release-1.30: release-1.30 is frozen", ""},
		"itself free, another with its head isn't": {"pr/7", func(s *scene) {
			s.pull.Base = "release-1.29"
			s.other("release-1.30")
		}, "check block", "#9 against release-1.30: release-1.30 is frozen", ""},
		"moved away, another with its head stays": {"moved/7", func(s *scene) {
			s.pull.Base = "master"
			s.other("release-1.30")
		}, "check block", "#9 against release-1.30: release-1.30 is frozen", ""},
		"closed, another with its head is open": {"pr/7", func(s *scene) {
			s.pull.State = github.Closed
			s.other("release-1.29")
		}, "check pass", "#9 against release-1.29: release-1.29 is not frozen", ""},
		"asked for again":            {"rerun/7", func(*scene) {}, "check block", "is frozen", "fresh"},
		"label by a manager":         {"pr/7", func(s *scene) { labelled(s, &alice) }, "check pass", "may merge", ""},
		"label by nobody knows whom": {"pr/7", func(s *scene) { labelled(s, nil); s.pull.UpdatedAt = noon }, "check block", "is frozen", "again"},
		"label by another": {"pr/7", func(s *scene) { labelled(s, &bob) },
			"check block, unlabel Freeze-Exempt, comment freeze-exempt by 2", "is frozen", ""},
		"label by another, not frozen": {"pr/7", func(s *scene) {
			labelled(s, &bob)
			s.issues = nil
		}, "check pass, unlabel Freeze-Exempt, comment freeze-exempt by 2", "is not frozen", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, aFreeze("release-1.30"))
			tc.change(s)
			p := s.plan(t, tc.id)
			if want := noon.Add(time.Minute); tc.special == "again" != p.RequeueAt.Equal(want) {
				t.Errorf("looks again at %s", p.RequeueAt)
			}
			if !strings.Contains(p.Reason, tc.why) || wrote(p.Effects) != tc.wrote {
				t.Errorf("%s; wrote %s", p.Reason, wrote(p.Effects))
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

// other adds a pull request with the same head.
func (s *scene) other(base string) {
	pr := pull(base)
	pr.Number = 9
	s.same = append(s.same, github.PullSnapshot{PullRequest: pr})
}

func TestPreviewForPlan(t *testing.T) {
	p := newScene(t).plan(t, "preview/release-1.30")
	want := "a freeze of release-1.30 would hold back these open pull requests: #7; and let through these: #8"
	if p.Reason != want || len(p.Effects)+len(p.Enqueue) != 0 {
		t.Errorf("%+v", p)
	}
}

func TestGroup(t *testing.T) {
	group := github.MergeGroup{Branch: "release-1.30", Head: head, Base: head, Ref: "refs/heads/gh-readonly-queue/release-1.30/pr-7-" + head}
	frozen := with(aFreeze("release-1.30"), func(f *Freeze) { f.Exemptions = []Exemption{row(head, noon.Add(time.Hour))} })
	gone := func(s *scene) { s.pull.Number = 70 }
	for name, tc := range map[string]struct {
		freezes  []Freeze
		pulls    []int
		complete bool
		change   func(*scene)
		want     effect.State
	}{
		"not frozen":           {nil, nil, false, gone, effect.Pass},
		"all exempt":           {[]Freeze{frozen}, []int{7}, true, nil, effect.Pass},
		"one not":              {[]Freeze{frozen}, []int{7, 8}, true, nil, effect.Block},
		"some can't be told":   {[]Freeze{frozen}, []int{7}, false, nil, effect.Block},
		"nobody in it, frozen": {[]Freeze{frozen}, nil, false, gone, effect.Block},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, tc.freezes...)
			s.members, s.complete = tc.pulls, tc.complete
			if tc.change != nil {
				tc.change(s)
			}
			id := gate.Group + "/" + group.ID()
			p := s.plan(t, id)
			c, is := p.Effects[0].(effect.CheckRun)
			if !is || c.Verdict.State != tc.want || c.Commit != head || c.Number != 0 || c.ExternalID != id {
				t.Errorf("%+v", p.Effects)
			}
			golden.Check(t, "group "+name+".md", texts(p.Effects))
		})
	}
	master := github.MergeGroup{Branch: "master", Head: head, Ref: strings.Replace(group.Ref, "release-1.30", "master", 1)}
	if p := newScene(t, frozen).plan(t, gate.Group+"/"+master.ID()); len(p.Effects) != 0 {
		t.Errorf("of an ungoverned branch: %v", p.Effects)
	}
}

// TestHeld is what others are told of a branch.
func TestHeld(t *testing.T) {
	s := newScene(t, aFreeze("release-1.30"))
	for branch, want := range map[release.Branch]string{"release-1.30": "`release-1.30` is frozen by `alice` ", "release-1.29": "", "master": ""} {
		got, err := s.handler().Reason(t.Context(), repo, branch)
		if err != nil || !strings.HasPrefix(got, want) || got != "" && want == "" {
			t.Errorf("%s: %q, %v", branch, got, err)
		}
	}
	s.policy, _ = milestones(t)
	s.issues = nil
	got, err := s.handler().Reason(t.Context(), repo, "release-1.30")
	if want := "it can't be told whether `release-1.30` is frozen, because nobody wrote them down"; err != nil || got != want {
		t.Errorf("of dates that nobody can read: %q, %v", got, err)
	}
}

func TestUpkeep(t *testing.T) {
	s := nothing(t)
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
		"title changed":        {freeze: with(intact(aFreeze("release-1.30")), func(f *Freeze) { f.Title = "Go on" }), wrote: "45"},
		"label taken away":     {freeze: with(intact(aFreeze("release-1.30")), func(f *Freeze) { f.Shown = []string{"x"} }), wrote: "45"},
		"label in other case":  {freeze: with(intact(aFreeze("release-1.30")), func(f *Freeze) { f.Shown = []string{"Code-Freeze"} })},
		"text edited":          {freeze: with(intact(aFreeze("release-1.30")), func(f *Freeze) { f.Body, f.Edited = f.Body+"\nLGTM", true }), wrote: "45, comment edited 3"},
		"text with CRLF": {freeze: with(intact(aFreeze("release-1.30")), func(f *Freeze) {
			f.Body = strings.ReplaceAll(f.Body[:22], "\n", "\n") + strings.ReplaceAll(f.Body[22:], "\n", "\r\n")
		})},
		"opened again":          {freeze: with(aFreeze("release-1.30"), func(f *Freeze) { f.End, f.Noticed = &Thaw{By: "alice"}, Ended }), wrote: "comment reopened 3, 45 closed"},
		"altered":               {freeze: altered("release-1.30"), wrote: "comment altered"},
		"a window begins":       {freeze: window, wrote: "0 open", then: "freezes", next: time.Hour},
		"a window not for here": {freeze: with(window, func(f *Freeze) { f.Window = "elsewhere" }), next: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			s := s
			s.Freezes = []Freeze{tc.freeze}
			p := upkeep(upkeepFacts{state: s, Closers: map[int]closer{45: tc.closer}, Reopened: map[int]bool{45: true}, Concerned: map[windowID]bool{{Name: "autumn"}: true}})
			if wrote(p.Effects) != tc.wrote || ids(p.Enqueue) != tc.then {
				t.Errorf("%s: wrote %q, then %q", p.Reason, wrote(p.Effects), ids(p.Enqueue))
			}
			if got := p.RequeueAt.Sub(noon); tc.next != 0 && got != tc.next || tc.next == 0 && !p.RequeueAt.IsZero() {
				t.Errorf("looks again at %s", p.RequeueAt)
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
	push := passed{Freeze: exempt, Branch: "release-1.30", Move: github.BranchMove{Kind: github.MovedByForce, Before: head, After: head, By: bob, At: noon}}
	for name, tc := range map[string]struct {
		freeze Freeze
		pulls  []survey
		merged []github.PullRequest
		wrote  string
		pushed []passed
	}{
		"begun":               {with(aFreeze("release-1.30"), func(f *Freeze) { f.Noticed = "" }), []survey{blocked, through}, nil, "comment began, 45", nil},
		"begun, nothing open": {with(aFreeze("release-1.30"), func(f *Freeze) { f.Noticed = "" }), nil, nil, "comment began, 45", nil},
		"told":                {aFreeze("release-1.30"), nil, nil, "", nil},
		"branch thawed": {with(aFreeze("release-1.30", "release-1.29"), func(f *Freeze) { f.Thaws = []Thaw{{Branch: "release-1.30", By: "alice"}} }),
			[]survey{through}, nil, "comment thaw 1, 45", nil},
		"ended": {with(exempt, func(f *Freeze) {
			f.State, f.End = github.Closed, &Thaw{By: "alice", At: noon.Add(27*time.Hour + 5*time.Minute)}
		}),
			[]survey{through, blocked}, []github.PullRequest{merged, through.PR}, "comment ended, 45 closed", []passed{push}},
		"ended before it was told of": {with(aFreeze("release-1.30"), func(f *Freeze) { f.Noticed, f.State, f.End = "", github.Closed, &Thaw{At: noon} }),
			nil, nil, "comment ended, 45 closed", nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := tell(tellFacts{edgeFacts: edgeFacts{state: nothing(t), Issue: 45, Freeze: &tc.freeze}, Pulls: tc.pulls, Merged: tc.merged, Pushed: tc.pushed})
			if wrote(p.Effects) != tc.wrote {
				t.Errorf("%s: wrote %q", p.Reason, wrote(p.Effects))
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
	fresh, told := with(aFreeze("release-1.30"), func(f *Freeze) { f.Noticed = "" }), aFreeze("release-1.30")
	f := noticeFacts{edgeFacts: edgeFacts{state: nothing(t), Issue: 45, Freeze: &fresh, Groups: []github.MergeGroup{group}}}
	f.Open = []github.PullRequest{{Number: 9, Base: "release-1.30"}, {Number: 4, Base: "release-1.30"}}
	if got := ids(passOn(f).Enqueue); got != "group/"+group.ID()+" pr/9 pr/4 tell/45" {
		t.Errorf("then %s", got)
	}
	if got := passOn(f).Stale; len(got) != 1 || got[0] != facts.Held.ID(f.Repo, "release-1.30") {
		t.Errorf("has others look who rest on %v", got)
	}
	f.Freeze = &told
	if p := passOn(f); len(p.Enqueue) != 0 {
		t.Errorf("what was passed on is passed on again: %v", p.Enqueue)
	}
	f.Freeze = nil
	if p := passOn(f); len(p.Enqueue) != 0 {
		t.Errorf("then %v", p.Enqueue)
	}
}

// TestEdge: what the two steps find of a freeze.
func TestEdge(t *testing.T) {
	began := with(aFreeze("release-1.30"), func(f *Freeze) { f.Noticed = "" })
	for name, tc := range map[string]struct {
		freeze       Freeze
		id           string
		policy       string
		why          string
		then, wrotes string
	}{
		"begun":           {began, "notice/45", policyText, "2 open pull requests", "group/" + group.ID() + " pr/7 pr/8 tell/45", ""},
		"begun, to tell":  {began, "tell/45", policyText, "has begun", "", "comment began, 45"},
		"told":            {aFreeze("release-1.30"), "tell/45", policyText, "people know", "", ""},
		"another issue":   {began, "notice/46", policyText, "is no freeze that can be read", "", ""},
		"no policy":       {began, "notice/45", "", "has no policy", "", ""},
		"a broken policy": {began, "tell/45", "branchs: [x]\n", "the policy can't be read", "", ""},
	} {
		s := newScene(t, tc.freeze)
		s.groups = []github.MergeGroup{group, {Branch: "release-1.29", Head: head, Ref: "refs/heads/gh-readonly-queue/release-1.29/pr-3-" + head}}
		s.groups[0].Branch = "release-1.30"
		switch tc.policy {
		case "":
			s.policy = config.Loaded{}
		case policyText:
		default:
			s.policy = config.Loaded{Fault: brokenFault(t), URL: "u"}
		}
		p := s.plan(t, tc.id)
		want := strings.ReplaceAll(tc.then, group.ID(), s.groups[0].ID())
		if !strings.Contains(p.Reason, tc.why) || ids(p.Enqueue) != want || wrote(p.Effects) != tc.wrotes {
			t.Errorf("%s: %s, then %q, wrote %q", name, p.Reason, ids(p.Enqueue), wrote(p.Effects))
		}
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
