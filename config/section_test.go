package config_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/istio-ecosystem/slipway/config"
)

// mode is a choice.
type mode string

func (mode) Values() []string { return []string{"strict", "lenient", "off"} }

// Span is embedded: its keys are the window's.
type Span struct {
	Start config.Instant  `yaml:"start" required:"yes"`
	End   *config.Instant `yaml:"end"`
}

// window is in a list, and has a default.
type window struct {
	Span     `yaml:",inline"`
	Branches []config.BranchPattern `yaml:"branches" max:"2"`
	Zone     config.Zone            `yaml:"zone"`
	Reason   string                 `yaml:"reason" max:"10"`
	Mode     mode                   `yaml:"mode"`
}

func (w *window) SetDefaults() { w.Mode = "strict" }

// rich is a section with everything that a section may have.
type rich struct {
	Windows  []window                         `yaml:"windows"`
	Accounts []int64                          `yaml:"accounts"`
	Labels   map[config.Label]config.Duration `yaml:"labels"`
	Dates    map[string]config.Instant        `yaml:"dates"`
	Paths    []config.PathPattern             `yaml:"paths"`
	Keep     int                              `yaml:"keep" min:"1" max:"9"`
	Share    float64                          `yaml:"share"`
	Nested   *struct {
		Inner window `yaml:"inner"`
	} `yaml:"nested"`
}

func (r *rich) SetDefaults() { r.Keep = 3 }

func (r rich) Validate() error {
	var faults []error
	for i, w := range r.Windows {
		if w.End != nil && !w.Start.Time().Before(w.End.Time()) {
			faults = append(faults, config.At(fmt.Sprintf("windows[%d].end", i), &config.Wrong{What: "is not after start", Want: "an end after the start"}))
		}
	}
	return errors.Join(faults...)
}

func parseRich(text string) (rich, error) {
	p, err := config.ParsePolicy("x", []byte("branches: [a]\n"+text), config.Declare[rich]("rich"))
	if err != nil {
		return rich{}, err
	}
	return config.Section[rich](p, "rich")
}

func TestRichSection(t *testing.T) {
	r, err := parseRich(`rich:
  windows:
    - start: 2026-08-19 17:00
      end: 2026-08-19T17:00:00Z
      branches: ["release-*"]
    - start: 2026-08-19 17:00
      zone: Asia/Tokyo
      mode: lenient
  accounts: [49699333, 7]
  labels: {kind/bug: 7d}
  dates: {cut: 2026-01-01 00:00}
  nested: {inner: {start: 2026-07-01T12:00}}
timezone: Europe/Berlin
`)
	if err != nil {
		t.Fatal(err)
	}
	utc := func(i config.Instant) string { return i.Time().UTC().Format(time.RFC3339) }
	got := []any{utc(r.Windows[0].Start), utc(*r.Windows[0].End), r.Windows[0].Mode, utc(r.Windows[1].Start), r.Windows[1].Mode,
		r.Accounts, r.Labels, utc(r.Dates["cut"]), utc(r.Nested.Inner.Start), r.Keep}
	want := []any{"2026-08-19T15:00:00Z", "2026-08-19T17:00:00Z", mode("strict"), "2026-08-19T08:00:00Z", mode("lenient"),
		[]int64{49699333, 7}, map[config.Label]config.Duration{"kind/bug": config.Duration(7 * 24 * time.Hour)},
		"2025-12-31T23:00:00Z", "2026-07-01T10:00:00Z", 3}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRichFaults(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"gap":       {"timezone: Europe/Berlin\nrich: {dates: {a: 2026-03-29 02:30}}\n", "line 3, column 19: rich.dates.a: 2026-03-29 02:30 doesn't exist in Europe/Berlin, where the clocks go from 2026-03-29 02:00 to 2026-03-29 03:00: want a time before"},
		"overlap":   {"rich:\n  windows:\n    - start: 2026-11-01 01:30\n      zone: America/New_York\n", "line 4, column 14: rich.windows[0].start: 2026-11-01 01:30 happens twice in America/New_York, where the clocks go back: want 2026-11-01T01:30:00-04:00 or 2026-11-01T01:30:00-05:00"},
		"required":  {"rich:\n  windows:\n    - reason: x\n", "line 4, column 7: rich.windows[0].start: is missing or empty: want a time like 2026-08-19T17:00:00Z"},
		"null":      {"rich: {windows: [{start: }]}\n", "line 2, column 19: rich.windows[0].start: want a time like 2026-08-19T17:00:00Z, or 2026-08-19 17:00 in the time zone that applies, found nothing"},
		"choice":    {"rich: {windows: [{start: 2026-08-19T17:00Z, mode: strikt}]}\n", `line 2, column 51: rich.windows[0].mode: "strikt" is not known here: want strict, lenient or off; did you mean "strict"?`},
		"order":     {"rich: {windows: [{start: 2026-08-19T17:00Z, end: 2026-08-19T17:00Z}]}\n", "line 2, column 50: rich.windows[0].end: is not after start: want an end after the start"},
		"max list":  {"rich: {windows: [{start: 2026-08-19T17:00Z, branches: [a, b, c]}]}\n", "line 2, column 45: rich.windows[0].branches: has 3 entries: want at most 2 entries"},
		"text long": {"rich: {windows: [{start: 2026-08-19T17:00Z, reason: hello hello}]}\n", "line 2, column 53: rich.windows[0].reason: has 11 characters: want at most 10 characters"},
		"min":       {"rich: {keep: 0}\n", "line 2, column 14: rich.keep: is 0: want at least 1"},
		"quoted":    {"rich: {keep: \"3\"}\n", `line 2, column 14: rich.keep: want a whole number, found "3"`},
		"login":     {"rich: {accounts: [dependabot]}\n", `line 2, column 19: rich.accounts[0]: want a whole number, found "dependabot"`},
		"map key":   {"rich:\n  labels: {\"a,b\": 7d}\n", `line 3, column 12: rich.labels.a,b: "a,b" contains a comma`},
		"map value": {"rich:\n  labels: {ab: 7}\n", `line 3, column 16: rich.labels.ab: want a duration like 90m, 24h or 7d, found a number`},
		"zone":      {"timezone: Europe/Berln\n", `line 2, column 11: timezone: "Europe/Berln" is not a time zone: want an IANA time zone like "Europe/Berlin"; did you mean "Europe/Berlin"?`},
		"zone kind": {"timezone: 2\n", `line 2, column 11: timezone: want an IANA time zone like "Europe/Berlin", found a number`},
		"block":     {"timezone: |\n  Europe/Berlin\n", ""},
	} {
		_, err := parseRich(tt.text)
		if tt.want == "" && err == nil {
			continue
		}
		if err == nil || !strings.HasPrefix(err.Error(), "policy x: "+tt.want) {
			t.Errorf("%s: got %v\nwant %s", name, err, tt.want)
		}
	}
}

func TestFaultParts(t *testing.T) {
	_, err := config.ParsePolicy("x", []byte("branches: [\"a b\"]\ntimezon: UTC\nrelease_managers: 5\ntimezone: 'Berlin'\n"))
	var faults config.Faults
	if !errors.As(err, &faults) {
		t.Fatal(err)
	}
	want := config.Faults{
		{Line: 1, Column: 12, EndLine: 1, EndColumn: 16, Message: `branches[0]: "a b" contains a space, which no branch has`},
		{Line: 2, Column: 1, EndLine: 2, EndColumn: 7, Message: `unknown key "timezon"; did you mean "timezone"?`,
			Expected: "branches, extends, fails_by_design, proposals, release_managers, repositories or timezone", DidYouMean: "timezone"},
		{Line: 3, Column: 19, EndLine: 3, EndColumn: 19, Message: "release_managers: want a list of teams, or a group with teams, users or permission, found a number", Expected: "a list of teams, or a group with teams, users or permission"},
		{Line: 4, Column: 11, EndLine: 4, EndColumn: 18, Message: `timezone: "Berlin" is not a time zone: want an IANA time zone like "Europe/Berlin"; did you mean "Europe/Berlin"?`,
			Expected: `an IANA time zone like "Europe/Berlin"`, DidYouMean: "Europe/Berlin"},
	}
	if diff := cmp.Diff(want, faults); diff != "" {
		t.Error(diff)
	}
	notes := faults.Annotations(".github/slipway.yml")
	if first := (config.Annotation{Path: ".github/slipway.yml", StartLine: 1, EndLine: 1, StartColumn: 12, EndColumn: 16,
		Level: "failure", Title: "Slipway's policy", Message: faults[0].Message}); len(notes) != 4 || notes[0] != first {
		t.Errorf("%+v", notes)
	}
}

// TestAnnotationsFitOneRequest: GitHub refuses more, and columns over lines.
func TestAnnotationsFitOneRequest(t *testing.T) {
	_, err := config.ParsePolicy("x", []byte("branches:\n"+strings.Repeat("- a b\n", 100)))
	var faults config.Faults
	if !errors.As(err, &faults) {
		t.Fatal(err)
	}
	notes := faults.Annotations("p")
	if len(notes) != config.MaxAnnotations || notes[len(notes)-1].Message != "there are more faults; these come first" {
		t.Errorf("%d annotations, the last %+v", len(notes), notes[len(notes)-1])
	}
	if notes[49].StartLine != 52 || faults[49].Message == notes[49].Message {
		t.Errorf("the faults were changed: %+v", faults[49])
	}
	several := config.Faults{{Line: 2, Column: 3, EndLine: 4, EndColumn: 5, Message: "m"}, {Message: "nowhere"}}.Annotations("p")
	if several[0].StartColumn != 0 || several[0].EndLine != 4 || several[1].StartLine != 1 || several[1].EndLine != 1 {
		t.Errorf("%+v", several)
	}
}

func TestReferences(t *testing.T) {
	for name, tt := range map[string]struct{ text, want, fault string }{
		"repository":  {"extends: istio/community\n", "istio/community", ""},
		"path":        {"extends: istio/community:policies/slipway.yml\n", "istio/community:policies/slipway.yml", ""},
		"its default": {"extends: istio/community:.github/slipway.yml\n", "istio/community", ""},
		"a policy":    {"branches: [a]\n", "none", ""},
		"empty":       {"", "none", ""},
		"no YAML":     {"extends: [\n", "none", ""},
		"beside":      {"branches: [a]\nextends: istio/community\nfreeze: {}\n", "", `line 1, column 1: "branches" stands beside extends: want extends alone, or the policy itself without it; line 3, column 1: "freeze" stands beside extends`},
		"bad":         {"extends: community\n", "", `line 1, column 10: extends: "community" is not a reference: want a repository as owner/name, or a file there as owner/name:path.yml`},
		"list":        {"extends: [a/b, c/d]\n", "", `line 1, column 1: extends: want a repository as owner/name`},
	} {
		ref, is, err := config.ParseReference("x", []byte(tt.text))
		switch {
		case tt.fault != "":
			if err == nil || !is || !strings.HasPrefix(err.Error(), "policy x: "+tt.fault) {
				t.Errorf("%s: %v\nwant %s", name, err, tt.fault)
			}
		case err != nil, is != (tt.want != "none"), is && ref.String() != tt.want:
			t.Errorf("%s: %s, %t, %v", name, ref, is, err)
		}
	}
	_, err := config.ParsePolicy("x", []byte("extends: a/b\n"))
	if want := "policy x: line 1, column 1: extends: leads on to another policy: want the policy itself where a reference leads to"; err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
}
