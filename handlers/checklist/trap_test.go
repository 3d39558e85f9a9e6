package checklist

import (
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

const trapPolicy = `branches: ["release-*"]
checklist:
  home: istio
  templates:
    - kind: minor
      steps:
        - {phase: a, id: edits, title: Edit}
        - {phase: a, id: image, title: Close it, trap: {repository: common-files, title: "image@{branch}$", say: "Wait for {release}", after: edits, until: pin}}
        - {phase: a, id: pin, title: Pin}
        - {phase: a, id: bot, title: Bot, trap: {repository: bots, branch: master, title: "x", say: no}}
    - kind: patch
      steps: [{phase: a, id: pin, title: Pin}]
`

func TestTrapsOf(t *testing.T) {
	p, err := config.ParsePolicy("policy", []byte(trapPolicy), config.Declare[Settings](Name))
	if err != nil {
		t.Fatal(err)
	}
	s, err := config.Section[Settings](p, Name)
	if err != nil {
		t.Fatal(err)
	}
	tracker := func(v string, settled ...string) Tracker {
		version, err := release.Scheme{}.Parse(v)
		if err != nil {
			t.Fatal(err)
		}
		r := Record{Steps: map[string]State{}}
		for i, id := range settled {
			r.Steps[id] = State{Status: []Status{StepDone, StepSkipped}[i%2]}
		}
		return Tracker{Record: r, Version: version, Issue: github.Issue{URL: "https://x/" + v}}
	}
	ended := func(t Tracker) Tracker { t.End = &End{By: "alice"}; return t }
	for _, tc := range []struct {
		name     string
		trackers []Tracker
		in       string
		branch   release.Branch
		want     string
	}{
		{"before the step", []Tracker{tracker("1.31.0")}, "common-files", "release-1.31", ""},
		{"after it", []Tracker{tracker("1.31.0", "edits")}, "common-files", "release-1.31", "image https://x/1.31.0"},
		{"in any spelling", []Tracker{tracker("1.31.0", "edits")}, "Common-Files", "release-1.31", "image https://x/1.31.0"},
		{"when it has ended", []Tracker{tracker("1.31.0", "edits", "pin")}, "common-files", "release-1.31", ""},
		{"another branch, of which nobody knows", []Tracker{tracker("1.31.0", "edits")}, "common-files", "release-1.30", ""},
		{"no tracking issue", nil, "common-files", "release-1.31", ""},
		{"a release that is over", []Tracker{ended(tracker("1.31.0", "edits"))}, "common-files", "release-1.31", ""},
		{"no release's branch", nil, "common-files", "master", ""},
		{"a patch release alone", []Tracker{tracker("1.31.1")}, "common-files", "release-1.31", ""},
		{"a patch release beside it", []Tracker{tracker("1.31.1"), tracker("1.31.0", "edits")}, "common-files", "release-1.31", "image https://x/1.31.0"},
		{"without a step to wait for", []Tracker{tracker("1.31.0")}, "bots", "master", "bot https://x/1.31.0"},
		{"another repository", []Tracker{tracker("1.31.0", "edits")}, "istio", "release-1.31", ""},
	} {
		var got []string
		for _, trap := range s.trapsOf(tc.trackers, github.Repo{Owner: "istio", Name: tc.in}, tc.branch) {
			got = append(got, trap.Step+" "+trap.Tracker)
			if trap.Step == "image" && (!strings.HasSuffix(trap.Title, `.3`+string(tc.branch[len(tc.branch)-1])+"$") || !strings.HasPrefix(trap.Say, "Wait for 1.3")) {
				t.Errorf("%s: %+v", tc.name, trap)
			}
		}
		if strings.Join(got, ", ") != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}
