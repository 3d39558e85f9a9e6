package releasebranch

import (
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// TestLooksAgain: where no event tells that it is time.
func TestLooksAgain(t *testing.T) {
	open := func(f *known) { f.Named[0].PR.State = github.Open }
	for _, tt := range []struct {
		name    string
		section string
		facts   []change
		want    time.Duration
	}{
		{"nothing to wait for", "", nil, 0},
		{"a source that isn't merged", "", []change{open}, 0}, // its own event tells
		{"the next phase", "  phases: [{branch: release-1.30, closing: \"2026-08-01 12:05\"}]\n", []change{open}, 5 * time.Minute},
	} {
		v, _ := said(t, factsOf(t, tt.section, tt.facts...))
		got := time.Duration(0)
		if !v.RequeueAt.IsZero() {
			got = v.RequeueAt.Sub(now)
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
