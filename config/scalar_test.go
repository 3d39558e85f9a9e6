package config_test

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/release"
)

func TestScalars(t *testing.T) {
	long := strings.Repeat("x", 201)
	for _, tt := range []struct {
		in   config.Scalar
		text string
		want string // the beginning of the error, "" when it is fine
		mean string // did you mean
	}{
		{new(config.Zone), "Europe/Berlin", "", ""},
		{new(config.Zone), "UTC", "", ""},
		{new(config.Zone), "Europe/Berln", `"Europe/Berln" is not a time zone: want an IANA time zone like "Europe/Berlin"`, "Europe/Berlin"},
		{new(config.Zone), "europe/berlin", `"europe/berlin" is not a time zone`, "Europe/Berlin"},
		{new(config.Zone), "Berlin", `"Berlin" is not a time zone`, "Europe/Berlin"},
		{new(config.Zone), "Los Angeles", `"Los Angeles" is not a time zone`, "America/Los_Angeles"},
		{new(config.Zone), "America/New York", `"America/New York" is not a time zone`, "America/New_York"},
		{new(config.Zone), "Local", `"Local" is not a time zone`, ""},
		{new(config.Zone), "", `"" is not a time zone`, ""},
		{new(config.Zone), "../etc/passwd", `"../etc/passwd" is not a time zone`, ""},
		{new(config.Zone), "posix/Europe/Berlin", `"posix/Europe/Berlin" is not a time zone`, "Europe/Berlin"},

		{new(config.Instant), "2026-08-19T17:00:00Z", "", ""},
		{new(config.Instant), "2026-03-29 02:30", "", ""}, // which zone it is for isn't known yet
		{new(config.Instant), "2026-02-29 02:30", `"2026-02-29 02:30" names a day that the calendar doesn't have: want a time like`, ""},
		{new(config.Instant), "tomorrow", `"tomorrow" is not a time: want a time like 2026-08-19T17:00:00Z`, ""},
		{new(config.Moment), "2026-08-19T17:00:00Z", "", ""},
		{new(config.Moment), "2026-02-29 02:30", `"2026-02-29 02:30" names a day that the calendar doesn't have`, ""},
		{new(config.Moment), "2026-08-19", `"2026-08-19" is not a time`, ""}, // and no milestone
		{new(config.Moment), "code-freeze", "", ""},
		{new(config.Moment), "code-freeze 17:00", "", ""},
		{new(config.Moment), "code-freeze 24:00", `"code-freeze 24:00" is neither a time nor a milestone: want a time like`, ""},
		{new(config.Moment), "code-freeze 5pm", `"code-freeze 5pm" is neither a time nor a milestone`, ""},
		{new(config.Moment), "Code-Freeze  17:00", `"Code-Freeze  17:00" is neither a time nor a milestone`, "code-freeze 17:00"},
		{new(config.Moment), "", `"" is neither a time nor a milestone`, ""},
		{new(config.Moment), strings.Repeat("x", 41), `"` + strings.Repeat("x", 41) + `" is neither`, ""},
		{new(config.Duration), "7d", "", ""},
		{new(config.Duration), "a week", `"a week" is not a duration: want a duration like 90m, 24h or 7d`, ""},
		{new(config.Duration), "9999d", `"9999d" is too long: want at most 3650d`, ""},

		{new(config.TeamSlug), "rm-{major}-{minor}", "", ""},
		{new(config.TeamSlug), "rm-{mayor}", `"rm-{mayor}": unknown placeholder "{mayor}"`, "{major}"},
		{new(config.TeamSlug), "istio/rm", `"istio/rm": give the team's slug alone`, "rm"},
		{new(config.TeamSlug), "@istio/Release Managers", `"@istio/Release Managers": give the team's slug alone`, ""},
		{new(config.TeamSlug), "Release Managers", `"Release Managers" is not a team's slug`, "release-managers"},
		{new(config.TeamSlug), "", `"" is not a team's slug`, ""},

		{new(config.BranchPattern), "release-1.[23]?", "", ""},
		{new(config.BranchPattern), "", `is empty: want a pattern like "release-*"`, ""},
		{new(config.BranchPattern), "[", `"[" is not a pattern: want one as in path.Match`, ""},
		{new(config.BranchPattern), "refs/heads/main", `"refs/heads/main": give the branch's short name`, "main"},
		{new(config.BranchPattern), "a b", `"a b" contains a space`, ""},
		{new(config.BranchPattern), "release-[0-9]*.[0-9]*", "", ""},
		{new(config.BranchPattern), "v1.*", "", ""},
		{new(config.BranchPattern), "v[0-9].*", "", ""},
		{new(config.BranchPattern), "release-[(]x[)]", "", ""},
		{new(config.BranchPattern), "^release-.*$", `"^release-.*$" is a regular expression`, "release-*"},
		{new(config.BranchPattern), "release-.*", `"release-.*" is a regular expression`, "release-*"},
		{new(config.BranchPattern), ".*", `".*" is a regular expression`, "*"},
		{new(config.BranchPattern), `release-\d+\.\d+`, `"release-\\d+\\.\\d+" is a regular expression`, "release-*.*"},
		{new(config.BranchPattern), `release-1\.3[01]`, `"release-1\\.3[01]" is a regular expression`, "release-1.3[01]"},
		{new(config.BranchPattern), "release-[0-9]+", `"release-[0-9]+" is a regular expression`, "release-*"},
		{new(config.BranchPattern), "release-(1|2)", `"release-(1|2)" is a regular expression`, ""},
		{new(config.BranchPattern), "release-{1,2}", `"release-{1,2}" is a regular expression, or has what only those have`, ""},
		{new(config.BranchPattern), "release-1.30$", `"release-1.30$" is a regular expression`, "release-1.30"},
		{new(config.BranchPattern), "!main", `"!main": there are no exceptions by !`, ""},
		{new(config.BranchPattern), "release-[!0-9]", `"release-[!0-9]" has [!`, "release-[^0-9]"},
		{new(config.BranchPattern), "release/**", `"release/**" has **`, ""},
		{new(config.BranchPattern), "a..b", `"a..b" fits no branch: it contains ".."`, ""},
		{new(config.BranchPattern), "a..*", `"a..*" is a regular`, "a.*"},
		{new(config.BranchPattern), "release-*.lock", `"release-*.lock" fits no branch: it has a part that ends with ".lock"`, ""},
		{new(config.BranchPattern), "/release-*", `"/release-*" fits no branch: it has an empty part`, ""},
		{new(config.BranchPattern), "-*", `"-*" fits no branch: it starts with "-"`, ""},
		{new(config.BranchPattern), "release~1", `"release~1" fits no branch: it contains a character that git forbids`, ""},
		{new(config.BranchPattern), "HEAD", `"HEAD" fits no branch: it is a name that git keeps for itself`, ""},
		{new(config.BranchPattern), "release-notes-1.30.1", `"release-notes-1.30.1" is a branch that Slipway makes`, ""},
		{new(config.BranchPattern), long, `"` + strings.Repeat("x", 59) + `…" is too long: want at most 200 characters`, ""},

		{new(config.RepoName), "release-builder", "", ""},
		{new(config.RepoName), ".github", "", ""},
		{new(config.RepoName), "istio/release-builder", `"istio/release-builder": the owner is that of the repository with the policy`, "release-builder"},
		{new(config.RepoName), "..", `".." is not a repository's name: want a repository's name without its owner`, ""},
		{new(config.RepoName), "", `"" is not a repository's name`, ""},
		{new(config.FilePath), "release/trigger-build", "", ""},
		{new(config.FilePath), "/release/x", `"/release/x": paths begin at the repository's root`, "release/x"},
		{new(config.FilePath), "release/../x", `"release/../x" is not the path of a file`, ""},
		{new(config.FilePath), "release/", `"release/" is not the path of a file`, ""},
		{new(config.FilePath), "release/*", `"release/*" is a pattern: want a file's path`, ""},
		{new(config.FilePath), "", "is empty", ""},
		{new(config.FilePath), long, `"` + strings.Repeat("x", 59) + `…" is too long`, ""},
		{new(config.ScheduleDay), "release-7d", "", ""},
		{new(config.ScheduleDay), "freeze-7d", `"freeze-7d" is not a day of a schedule: want cut or release`, ""},

		{new(config.PathPattern), "docs/**", "", ""},
		{new(config.PathPattern), "**/*_test.go", "", ""},
		{new(config.PathPattern), "*.{md,txt}", "", ""},
		{new(config.PathPattern), "", "is empty", ""},
		{new(config.PathPattern), "/docs/**", `"/docs/**": paths begin at the repository's root without a slash`, "docs/**"},
		{new(config.PathPattern), "./docs/**", `"./docs/**": paths begin at`, "docs/**"},
		{new(config.PathPattern), "docs/", `"docs/" names a folder; a pattern names files`, "docs/**"},
		{new(config.PathPattern), "!docs/**", `"!docs/**": there are no exceptions by !`, ""},
		{new(config.PathPattern), `docs\*`, `"docs\\*" contains a backslash: want / between the parts`, ""},
		{new(config.PathPattern), "docs/../x", `"docs/../x" has a part`, ""},
		{new(config.PathPattern), "docs//x", `"docs//x" has a part`, ""},
		{new(config.PathPattern), "{a", `"{a" is not a pattern: a bracket is not closed`, ""},
		{new(config.PathPattern), "[a", `"[a" is not a pattern`, ""},
		{new(config.PathPattern), "*a*b*c*d*e*f*g*h*i", `"*a*b*c*d*e*f*g*h*i" is too entangled: want at most 8 stars`, ""},
		{new(config.PathPattern), "{a,b}{c,d}{e,f}", `"{a,b}{c,d}{e,f}" is too entangled`, ""},
		{new(config.PathPattern), long, `"` + strings.Repeat("x", 59) + `…" is too long`, ""},

		{new(config.Label), "code-freeze", "", ""},
		{new(config.Label), "kind/bug fix", "", ""},
		{new(config.Label), "", "is empty", ""},
		{new(config.Label), "a,b", `"a,b" contains a comma`, ""},
		{new(config.Label), " a", `" a" begins or ends with a space`, "a"},
		{new(config.Label), strings.Repeat("x", 51), `"` + strings.Repeat("x", 51) + `" is too long: want at most 50 characters`, ""},

		{new(config.Reference), "istio/community", "", ""},
		{new(config.Reference), "istio/community:a/b.yaml", "", ""},
		{new(config.Reference), "istio", `"istio" is not a reference: want a repository as owner/name`, ""},
		{new(config.Reference), "https://github.com/istio/community", `"https://github.com/istio/community" is not a reference`, "istio/community"},
		{new(config.Reference), "istio/..", `"istio/.." is not a reference`, ""},
		{new(config.Reference), "istio/x:../y.yml", `"../y.yml" is not the path of a policy`, ""},
		{new(config.Reference), "istio/x:/y.yml", `"/y.yml" is not the path of a policy`, ""},
		{new(config.Reference), "istio/x:y.txt", `"y.txt" is not the path of a policy`, ""},
		{new(config.Reference), "istio/x:", `"" is not the path of a policy`, ""},
	} {
		name := fmt.Sprintf("%T %s", tt.in, tt.text)
		err := tt.in.UnmarshalText([]byte(tt.text))
		if tt.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		w, ok := errors.AsType[*config.Wrong](err)
		if !ok || !strings.HasPrefix(err.Error(), tt.want) || w.DidYouMean != tt.mean {
			t.Errorf("%s: %v\nwant %s; did you mean %q", name, err, tt.want, tt.mean)
		}
	}
}

// TestForms holds what the schema and the documentation say about a scalar to
// what its UnmarshalText takes.
func TestForms(t *testing.T) {
	for _, s := range []config.Scalar{new(config.Zone), new(config.Instant), new(config.Duration), new(config.TeamSlug),
		new(config.BranchPattern), new(config.PathPattern), new(config.Label), new(config.Reference)} {
		form := s.Form()
		if form.Name == "" || form.Want == "" || len(form.Examples) == 0 || (form.Pattern == "") == (form.Values == nil) {
			t.Errorf("%T doesn't tell all: %+v", s, form)
		}
		for _, text := range append(form.Examples, form.Values...) {
			fresh := reflect.New(reflect.TypeOf(s).Elem()).Interface().(config.Scalar)
			if err := fresh.UnmarshalText([]byte(text)); err != nil {
				t.Errorf("%T refuses its own %q: %v", s, text, err)
			}
			if form.Pattern != "" && !regexp.MustCompile(form.Pattern).MatchString(text) {
				t.Errorf("%T: %q doesn't fit %s", s, text, form.Pattern)
			}
		}
	}
}

func TestPathPatternMatch(t *testing.T) {
	for _, tt := range []struct {
		pattern, name string
		want          bool
	}{
		{"docs/**", "docs/a/b.md", true},
		{"docs/**", "docs2/a", false},
		{"**/*_test.go", "x_test.go", true},
		{"**/*_test.go", "a/b/x_test.go", true},
		{"**/*_test.go", "a/b/x.go", false},
		{"*.md", "README.md", true},
		{"*.md", "docs/README.md", false},
		{"*.{md,txt}", "a.txt", true},
	} {
		if got := config.PathPattern(tt.pattern).Match(tt.name); got != tt.want {
			t.Errorf("%s fits %s: %t", tt.pattern, tt.name, got)
		}
	}
}

// TestHostilePathPattern: the worst pattern that is accepted, on the worst path.
func TestHostilePathPattern(t *testing.T) {
	for _, pattern := range []string{"**/a/**/a/**/a/**/b", "*a*a*a*a*a*a*a*a", "**/*a*a*a/**/*a", "{**/a,a/**}/{*a*a,a*a}/b"} {
		var p config.PathPattern
		if err := p.UnmarshalText([]byte(pattern)); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{strings.Repeat("a/", 120) + "c", strings.Repeat("a", 250) + "c"} {
			start := time.Now()
			p.Match(name)
			if took := time.Since(start); took > time.Second {
				t.Errorf("%s on a path of %d characters takes %s", pattern, len(name), took)
			}
		}
	}
}

func TestTeamSlugFor(t *testing.T) {
	if slug, ok := config.TeamSlug("rm-{major}-{minor}").For("release-1.30", release.Scheme{}); slug != "rm-1-30" || !ok {
		t.Error(slug, ok)
	}
	if slug, ok := config.TeamSlug("rm-{minor}").For("main", release.Scheme{}); slug != "" || ok {
		t.Error(slug, ok)
	}
}
