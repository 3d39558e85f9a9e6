package build

import (
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/release"
)

func defaults() Triggers {
	var s Triggers
	s.SetDefaults()
	return s
}

func version(t *testing.T, text string) release.Version {
	t.Helper()
	if text == "" {
		return release.Version{}
	}
	v, err := release.Scheme{}.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestJudge(t *testing.T) {
	const branch = "release-1.31"
	for _, tc := range []struct {
		name     string
		change   Trigger
		latest   string
		settings func(*Triggers)
		want     string // the grade, and the reason
	}{
		{"the first", Trigger{Branch: branch, Purpose: Build, Text: "1.31.0-beta.0\n", Title: "[release-1.31] Trigger build 1.31.0-beta.0"}, "", nil,
			"ok: builds 1.31.0-beta.0, the first version here"},
		{"the next", Trigger{Branch: branch, Purpose: Build, Text: "1.31.0-beta.1", Was: "1.31.0-beta.0\n"}, "", nil, "ok: builds 1.31.0-beta.1, after 1.31.0-beta.0"},
		{"windows lines", Trigger{Branch: branch, Purpose: Build, Text: "1.31.0-beta.1\r\n\r\n", Was: "1.31.0-beta.0\r\n"}, "", nil, `refuse: the line of "1.31.0-beta.1" ends like those of Windows`},
		{"a blank before", Trigger{Branch: branch, Purpose: Build, Text: "  1.31.0-beta.1\n", Was: "1.31.0-beta.0\n"}, "", nil, `refuse: the line of "1.31.0-beta.1" has blanks beside the version`},
		{"a blank after", Trigger{Branch: branch, Purpose: Build, Text: "1.31.0-beta.1 ", Was: "1.31.0-beta.0\n"}, "", nil, "refuse: the line of"},
		{"a blank that nobody sees", Trigger{Branch: branch, Purpose: Build, Text: "1.31.0-beta.1\u00a0\n", Was: "1.31.0-beta.0\n"}, "", nil, "refuse: the line of"},
		{"blank lines and comments in any form", Trigger{Branch: branch, Purpose: Build, Text: " \r\n  # x\r\n1.31.0-beta.1\n\t\n", Was: "1.31.0-beta.0 \r\n"}, "", nil, "ok: builds 1.31.0-beta.1, after 1.31.0-beta.0"},
		{"a blank line more", Trigger{Branch: branch, Purpose: Build, Text: "1.31.0-beta.0\n\n", Was: "1.31.0-beta.0\n"}, "", nil, "ok: builds 1.31.0-beta.0 again"},
		{"a comment", Trigger{Branch: branch, Purpose: Build, Text: "# once more\n1.31.0-beta.0\n", Was: "1.31.0-beta.0\n"}, "", nil,
			"warn: changes nothing but comments, and all the same starts the version once more"},
		{"a revert", Trigger{Branch: branch, Purpose: Build, Text: "1.31.0-beta.0\n", Was: "1.31.0-beta.1\n", Title: "Revert \"Trigger build\""}, "", nil,
			"warn: goes back: 1.31.0-beta.0 is older than 1.31.0-beta.1"},
		{"a rebuild of what was published after it", Trigger{Branch: branch, Purpose: Build, Text: "1.31.0\n\n", Was: "1.31.0\n"}, "1.31.1", nil, "ok: builds 1.31.0 again"},
		{"versions left out", Trigger{Branch: branch, Purpose: Build, Text: "1.31.3", Was: "1.31.1"}, "", nil, "warn: leaves out versions: after 1.31.1 would come 1.31.2"},
		{"built in private between", Trigger{Branch: branch, Purpose: Build, Text: "1.31.3", Was: "1.31.1"}, "1.31.2", nil, "ok: builds 1.31.3, after 1.31.1"},
		{"the first on a branch that was cut", Trigger{Branch: branch, Purpose: Build, Text: "1.31.0-beta.0", Was: "1.30.0\n"}, "", nil, "ok: builds 1.31.0-beta.0, after 1.30.0"},
		{"the first, and another branch's newest", Trigger{Branch: branch, Purpose: Build, Text: "1.31.0-beta.0", Was: "1.32.0-alpha.0\n"}, "1.30.4", nil, "ok: builds"},
		{"malformed", Trigger{Branch: branch, Purpose: Build, Text: "1.31-beta.0"}, "", nil, `refuse: "1.31-beta.0" is not a version; did you mean 1.31.0-beta.0?`},
		{"with a v", Trigger{Branch: branch, Purpose: Publish, Text: "v1.31.0", Built: WasBuilt}, "", nil, `refuse: "v1.31.0" is not a version; did you mean 1.31.0?`},
		{"empty", Trigger{Branch: branch, Purpose: Build, Text: "\n"}, "", nil, "refuse: the file names no version"},
		{"comments alone", Trigger{Branch: branch, Purpose: Build, Text: "# 1.31.0\n"}, "", nil, "refuse: the file names no version"},
		{"two versions", Trigger{Branch: branch, Purpose: Build, Text: "1.31.0\n1.31.1\n"}, "", nil, "refuse: the file has 2 lines"},
		{"another branch's", Trigger{Branch: branch, Purpose: Build, Text: "1.30.2"}, "", nil, "refuse: 1.30.2 doesn't belong to release-1.31"},
		{"an alpha on master", Trigger{Branch: "master", Purpose: Build, Text: "1.32.0-alpha.0", Was: "1.31.0-alpha.1"}, "", nil, "ok: builds 1.32.0-alpha.0, after 1.31.0-alpha.1"},
		{"a beta on master", Trigger{Branch: "master", Purpose: Build, Text: "1.32.0-beta.0", Was: "1.32.0-alpha.1"}, "", nil, "warn: 1.32.0-beta.0 is no alpha, and master is no release's branch"},
		{"another title", Trigger{Branch: branch, Purpose: Build, Text: "1.31.1", Was: "1.31.0", Title: "build 1.31.2 (#9)"}, "", nil, "warn: the title names 1.31.2, the file 1.31.1"},
		{"another title, strictly", Trigger{Branch: branch, Purpose: Build, Text: "1.31.1", Was: "1.31.0", Title: "build 1.31.0-rc2"}, "",
			func(s *Triggers) { s.Title = Refusal }, "refuse: the title names 1.31.0, the file 1.31.1"},
		{"no version in the title", Trigger{Branch: branch, Purpose: Build, Text: "1.31.1", Was: "1.31.0", Title: "trigger rc 2"}, "", nil, "ok: builds"},
		{"published", Trigger{Branch: branch, Purpose: Publish, Text: "1.31.1", Was: "1.31.0", Built: WasBuilt}, "", nil, "ok: publishes 1.31.1, after 1.31.0"},
		{"published, not each that was built", Trigger{Branch: branch, Purpose: Publish, Text: "1.31.0-beta.3", Was: "1.31.0-beta.0", Built: WasBuilt}, "", nil, "ok: publishes"},
		{"published unbuilt", Trigger{Branch: branch, Purpose: Publish, Text: "1.31.1", Was: "1.31.0"}, "", nil, "warn: no build of 1.31.1 was triggered on release-1.31"},
		{"published unbuilt, strictly", Trigger{Branch: branch, Purpose: Publish, Text: "1.31.1", Was: "1.31.0"}, "",
			func(s *Triggers) { s.Unbuilt = Refusal }, "refuse: no build of 1.31.1"},
		{"a long history", Trigger{Branch: branch, Purpose: Publish, Text: "1.31.1", Was: "1.31.0", Built: Unsure}, "",
			func(s *Triggers) { s.Unbuilt = Refusal }, "warn: it is unknown whether 1.31.1 was built"},
		{"hostile", Trigger{Branch: branch, Purpose: Build, Text: "/release thaw all @istio/wg <!-- x"}, "", nil, "refuse: \"/release thaw all @istio/wg <!-- x\" is not a version"},
		{"the gravest first", Trigger{Branch: branch, Purpose: Build, Text: "1.30.1", Was: "1.31.0", Title: "1.29.0"}, "", nil, "refuse: 1.30.1 doesn't belong to release-1.31"},
	} {
		s := defaults()
		if tc.settings != nil {
			tc.settings(&s)
		}
		tc.change.Latest = version(t, tc.latest)
		f := Judge(tc.change, s)
		if got := string(f.Grade()) + ": " + f.Reason(); !strings.HasPrefix(got, tc.want) {
			t.Errorf("%s: %s\nwant %s", tc.name, got, tc.want)
		}
		for _, r := range f.Remarks {
			if r.Next == "" {
				t.Errorf("%s: %q doesn't say what to do", tc.name, r.Text)
			}
		}
	}
}

// TestJudgeByScheme: what a version is, and what follows it, is as the policy has it.
func TestJudgeByScheme(t *testing.T) {
	lines := release.Scheme{Form: release.PEP440Form, Tag: "{version}", Line: "{major}.{minor}.x"}
	single := release.Scheme{Tag: "v{version}", Line: "main"}
	aside := release.Scheme{Tag: "v{version}", Line: "stable"}
	for _, tc := range []struct {
		scheme                         release.Scheme
		branch, was, text, title, want string
	}{
		{lines, "5.2.x", "", "5.2rc1\n", "[5.2.x] Trigger build 5.2rc1", "ok: builds 5.2rc1, the first version here"},
		{lines, "5.2.x", "5.2rc1\n", "5.2\n", "[5.2.x] Trigger build 5.2", "ok: builds 5.2, after 5.2rc1"},
		{lines, "5.2.x", "5.2rc1\n", "5.2rc3\n", "", "warn: leaves out versions: after 5.2rc1 would come 5.2rc2 or 5.2"},
		{lines, "5.2.x", "5.2\n", "5.2.0\n", "", `refuse: "5.2.0" is not a version; did you mean 5.2?`},
		{lines, "5.2.x", "5.2\n", "\n", "", "refuse: the file names no version: want one, alone on its line, like 1.31b1"},
		{lines, "5.2.x", "5.2\n", "5.1.1\n", "", "refuse: 5.1.1 doesn't belong to 5.2.x. Propose it against 5.1.x."},
		{lines, "main", "", "5.2b1\n", "", "warn: 5.2b1 is no alpha, and main is no release's branch. Once 5.2 has a branch of its own, its versions come from there."},
		{lines, "feature", "", "5.2b1\n", "", "refuse: 5.2b1 doesn't belong to feature. Propose it against 5.2.x."},
		{lines, "feature", "", "5.2a1\n", "", "ok: builds 5.2a1, the first version here"},
		{single, "main", "1.2.3\n", "1.2.4\n", "", "ok: builds 1.2.4, after 1.2.3"},
		{single, "feature", "1.2.3\n", "1.2.4\n", "", "refuse: 1.2.4 doesn't belong to feature. Propose it against main."},
		{aside, "main", "1.2.3\n", "1.2.4\n", "", "warn: 1.2.4 is no alpha, and versions come from stable. Unless it is meant, propose it against stable."},
	} {
		s := defaults()
		s.Scheme = tc.scheme
		f := Judge(Trigger{Branch: release.Branch(tc.branch), OnDefault: tc.branch == "main", Purpose: Build, Text: tc.text, Was: tc.was, Title: tc.title}, s)
		got := string(f.Grade()) + ": " + f.Reason()
		for _, r := range f.Remarks {
			if r.Kind == Elsewhere {
				got += ". " + r.Next
			}
		}
		if got != tc.want {
			t.Errorf("%q after %q on %s: %s\nwant %s", tc.text, tc.was, tc.branch, got, tc.want)
		}
	}
}

// TestReleaseOf: an alpha on the default branch is of the release with its numbers, however the policy where that
// is tracked writes them.
func TestReleaseOf(t *testing.T) {
	for _, tc := range []struct{ base, text, want string }{
		{"release-1.30", "1.30.0-beta.0\n", "release-1.30"},
		{"master", "1.31.0-alpha.0\n", "release-1.31"}, {"master", "1.32.0-alpha.0\n", "release-1.32"}, {"master", "1.33.0-alpha.0\n", "master"},
	} {
		from := newWorld(t).sources()
		from.Owned.UnderWay = func(*facts.Look) ([]release.Tracking, error) {
			other := release.Version{Major: 1, Minor: 32, Stage: release.Final, Scheme: release.Scheme{Form: release.PEP440Form}}
			return []release.Tracking{{Version: version(t, "1.31.0"), Branch: "release-1.31"}, {Version: other, Branch: "release-1.32"}}, nil
		}
		got, err := releaseOf(facts.NewLook(t.Context(), from, builder, noon), defaults(), release.Branch(tc.base), tc.text)
		if string(got) != tc.want || err != nil {
			t.Errorf("%s on %s is of %s, %v; want %s", tc.text, tc.base, got, err, tc.want)
		}
	}
}

// TestVersionOf: which version of a release a call names; one that was started in another form is said to be so.
func TestVersionOf(t *testing.T) {
	pep440 := release.Scheme{Form: release.PEP440Form}
	for _, tc := range []struct {
		tracked, named string
		scheme         release.Scheme
		want           string
	}{
		{"1.31.0", "v1.31.0-rc.1", release.Scheme{}, "1.31.0-rc.1"},
		{"1.31.0", "1.31rc1", release.Scheme{}, `"1.31rc1" is not a version; did you mean 1.31.0-rc.1?`},
		{"1.31.0", "1.30.1", release.Scheme{}, "1.30.1 is no version of the release that this issue tracks, 1.31.0"},
		{"1.31.1", "1.31.1rc1", pep440, "1.31.1rc1"},
		{"1.31.0", "1.31.0-rc.1", pep440, "close it by `/release close REASON` and start it anew by `/release start 1.31`"},
		{"1.31.0", "2026.11", release.Scheme{Form: release.CalendarForm}, "start it anew by `/release start VERSION`"},
		{"1.31.0", "1.31rc1", pep440, "this release was started as 1.31.0, and the policy writes versions otherwise now; "},
	} {
		tracked, err := tc.scheme.Recorded(tc.tracked)
		if err != nil {
			t.Fatal(err)
		}
		v, err := versionOf(release.Tracking{Version: tracked}, tc.scheme, tc.named)
		got := v.String()
		if err != nil {
			got = err.Error()
		}
		if err == nil && got != tc.want || !strings.Contains(got, tc.want) {
			t.Errorf("%s of %s: %s; want %s", tc.named, tc.tracked, got, tc.want)
		}
	}
}

// TestStarters: trigger files stand in for other checks' demands only where this check is required.
func TestStarters(t *testing.T) {
	for name, tt := range map[string]struct {
		policy string
		want   int
	}{
		"enforced":              {"", 2},
		"reported":              {"  mode: report\n", 0},
		"off":                   {"  mode: off\n", 0},
		"off on this branch":    {"  modes: [{branches: [release-1.31], mode: off}]\n", 0},
		"off on another branch": {"  modes: [{branches: [release-1.30], mode: off}]\n", 2},
	} {
		w := newWorld(t)
		w.policy += tt.policy
		if p, _ := w.Policy(t.Context(), builder); p.Fault != nil {
			t.Fatalf("%s: %v", name, p.Fault)
		}
		got, err := Starters(facts.NewLook(t.Context(), w.sources(), builder, w.now()), "release-1.31")
		if err != nil || len(got) != tt.want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}
