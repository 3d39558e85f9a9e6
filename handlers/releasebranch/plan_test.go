package releasebranch

import (
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// TestSharedHead: a check belongs to a commit, so the strictest verdict stands.
func TestSharedHead(t *testing.T) {
	good, bad := factsOf(t, ""), factsOf(t, "", unapproved)
	bad.PR.Number = 21
	for _, same := range [][]facts{{good, bad}, {bad, good}} {
		s := snapshot(good, changed)
		s.Same = same
		run, _ := outcomeOf(t, (&Handler{}).Decide(s))
		if run.Verdict.State != effect.Block || run.Number != 21 || !strings.Contains(run.Verdict.Detail, "These pull requests have the same commit") {
			t.Errorf("%+v", run)
		}
	}
}

func TestMovedAway(t *testing.T) {
	f := factsOf(t, "")
	f.PR.Base = "master"
	s := snapshot(f, moved)
	run, _ := outcomeOf(t, (&Handler{}).Decide(s))
	if run.Verdict.State != effect.Neutral || !run.IfPresent {
		t.Errorf("%+v", run)
	}
	golden.Check(t, "moved away.md", run.Verdict.Title+"\n\n"+run.Verdict.Detail)
	s.Subject.kind = changed
	if plan := (&Handler{}).Decide(s); len(plan.Effects) != 0 {
		t.Errorf("not moved: %v", plan.Effects)
	}
	s.Sighted = "master"
	if plan := (&Handler{}).Decide(s); len(plan.Effects) != 0 || plan.Why != "master is not governed" {
		t.Errorf("%+v", plan)
	}
}

func TestRerun(t *testing.T) {
	if run, _ := outcomeOf(t, (&Handler{}).Decide(snapshot(factsOf(t, ""), rerun))); !run.Fresh {
		t.Error("the run isn't made anew")
	}
}

func TestSpread(t *testing.T) {
	f := factsOf(t, "")
	s := Snapshot{Key: key(repo, everything), Subject: subject{kind: everything}, Policy: f.Policy, Settings: f.Settings, Open: []github.PullRequest{
		{Number: 1, Base: "release-1.30", Head: theHead}, {Number: 2, Base: "master"}, {Number: 3, Base: "release-1.29", Head: before},
	}}
	ids := func(p reconcile.Plan) string {
		var list []string
		for _, k := range p.Then {
			list = append(list, k.ID)
		}
		return strings.Join(list, " ")
	}
	if got := ids((&Handler{}).Decide(s)); got != "pr/1 pr/3" {
		t.Errorf("%q", got)
	}
	s.Subject = subject{kind: kindCommit, commit: theHead}
	if got := ids((&Handler{}).Decide(s)); got != "rerun/1" {
		t.Errorf("%q", got)
	}
}

func TestGroup(t *testing.T) {
	good, bad := factsOf(t, ""), factsOf(t, "", unapproved)
	bad.PR.Number = 21
	sub, err := parseID("group/" + theHead + "/gh-readonly-queue/release-1.30/pr-20-" + before)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name     string
		same     []facts
		complete bool
		want     effect.State
	}{
		{"all may merge", []facts{good}, true, effect.Pass},
		{"one may not", []facts{good, bad}, true, effect.Block},
		{"some can't be told", []facts{good}, false, effect.Block},
		{"nobody is in it", nil, true, effect.Block},
	} {
		s := Snapshot{Key: key(repo, "group/x"), Subject: sub, Policy: good.Policy, Settings: good.Settings, Same: tt.same, Complete: tt.complete}
		run, _ := outcomeOf(t, (&Handler{}).Decide(s))
		if run.Verdict.State != tt.want || run.Commit != theHead || run.Number != 0 {
			t.Errorf("%s: %+v", tt.name, run)
		}
		golden.Check(t, "group "+tt.name+".md", run.Verdict.Title+"\n\n"+run.Verdict.Detail)
	}
}

// TestLooksAgain: where no event tells that it is time.
func TestLooksAgain(t *testing.T) {
	open := func(f *facts) { f.Named[0].PR.State = github.Open }
	for _, tt := range []struct {
		name    string
		section string
		facts   []change
		want    time.Duration
	}{
		{"nothing to wait for", "", nil, 0},
		{"a source that isn't merged", "", []change{open}, mergeWait},
		{"trouble", "", []change{func(f *facts) { f.Trouble = []string{"x"} }}, troubleWait},
		{"the next phase", "  phases: [{branch: release-1.30, closing: \"2026-08-01 12:05\"}]\n", []change{open}, 5 * time.Minute},
	} {
		plan := (&Handler{}).Decide(snapshot(factsOf(t, tt.section, tt.facts...), changed))
		got := time.Duration(0)
		if !plan.Next.IsZero() {
			got = plan.Next.Sub(now)
		}
		if got != tt.want {
			t.Errorf("%s: looks again in %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestPhaseOf(t *testing.T) {
	_, s := loaded(t, `releasebranch:
  undated: released
  phases:
    - {branch: release-1.31, closing: "2026-08-05 00:00", frozen: "2026-08-19 17:00", released: "2026-08-26 00:00", end_of_life: "2027-04-30 00:00"}
`)
	for at, want := range map[string]release.Phase{
		"2026-07-01T00:00:00Z": release.OpenPhase, "2026-08-05T00:00:00Z": release.ClosingPhase, "2026-08-19T16:59:59Z": release.ClosingPhase, "2026-08-19T17:00:00Z": release.FrozenPhase,
		"2026-08-25T00:00:00Z": release.FrozenPhase, "2026-09-01T00:00:00Z": release.ReleasedPhase, "2028-01-01T00:00:00Z": release.EndOfLife,
	} {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := s.phaseOf("release-1.31", when); got.Phase != want {
			t.Errorf("%s: %+v, want %s", at, got, want)
		}
	}
	if got, dated := s.phaseOf("release-1.30", now); got.Phase != release.ReleasedPhase || !got.Until.IsZero() || dated {
		t.Errorf("undated: %+v", got)
	}
}

func TestSettingsFaults(t *testing.T) {
	for section, want := range map[string]string{
		"areas: [{name: a, teams: [x]}]":                                                                 "releasebranch.areas[0]: has neither paths nor labels",
		"areas: [{name: a, paths: [x], teams: [x]}, {name: A, paths: [y], teams: [x]}]":                  "releasebranch.areas[1].name: \"A\" is another area's name already",
		"phases: [{branch: release-1.30, frozen: \"2026-08-19 17:00\", released: \"2026-08-18 17:00\"}]": "releasebranch.phases[0].released: 2026-08-18 17:00 is before frozen",
		"phases: [{branch: main}]":                                                                       "releasebranch.phases[0].branch: \"main\" fits none",
		"phases: [{branch: \"release-*\"}]":                                                              "is a pattern",
		"rules: {frozen: [blocks]}":                                                                      "releasebranch.rules.frozen[0]",
		"automation: [{name: x}]":                                                                        "releasebranch.automation[0]",
		"codeowner: true":                                                                                "codeowners",
		"undated: retired":                                                                               "releasebranch.undated",
		"areas: [{name: a, paths: [x], teams: [x], approvals: 9}]":                                       "approvals",
	} {
		_, err := config.ParsePolicy("policy", []byte(basePolicy+"releasebranch:\n  "+section+"\n"), config.Declare[Settings](Name))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", section, err, want)
		}
	}
}

func TestJustified(t *testing.T) {
	for body, want := range map[string]bool{
		"":                                  false,
		"## Justification":                  false,
		"## Justification\n\n<!-- why? -->": false,
		"## Justification\n\nIt crashes for everybody.":             true,
		"Justification: it crashes for everybody":                   true,
		"**Justification:** it crashes for everybody":               true,
		"## Justification\r\n\r\nIt crashes for all.":               true,
		"## Justification\nno\n## Other\nIt crashes for everybody.": false,
		"There is no justification at all in this one":              false,
	} {
		if got := justified(body); got != want {
			t.Errorf("%q: %v", body, got)
		}
	}
}
