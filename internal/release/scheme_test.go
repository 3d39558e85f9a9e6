package release

import (
	"slices"
	"strings"
	"testing"
)

// scheme makes one as a policy does.
func scheme(t testing.TB, form, tag, line string) Scheme {
	t.Helper()
	parsed, err := ParseForm(form)
	if err != nil {
		t.Fatal(form, err)
	}
	return Scheme{Form: parsed, Tag: tag, Line: line}
}

// schemes are one of each kind, each with versions of one branch in their order.
var schemes = []struct {
	name, form, tag, line string
	inOrder               string
	tags                  string // of the last
	wanted                string
	next                  string // after the last
}{
	{"semver", "semver", "", "", "1.31.0-alpha.0 1.31.0-alpha.1 1.31.0-beta.0 1.31.0-rc.0 1.31.0-rc.1 1.31.0 1.31.1 1.31.2", "1.31.2 v1.31.2",
		"MAJOR.MINOR.PATCH, with -alpha.N, -beta.N or -rc.N before the final one, like 1.31.0-beta.0", "1.31.3"},
	{"semver with a v", "semver", "v{version}", "release-{major}.{minor}", "1.30.0-alpha.0 1.30.0-beta.0 1.30.0-rc.0 1.30.0 1.30.1", "v1.30.1",
		"like 1.31.0-beta.0", "1.30.2"},
	{"pep440", "pep440", "{version}", "{major}.{minor}.x", "5.2a1 5.2a2 5.2b1 5.2rc1 5.2rc2 5.2 5.2.1 5.2.2", "5.2.2",
		"MAJOR.MINOR or MAJOR.MINOR.PATCH, with aN, bN or rcN before the final one, like 1.31b1", "5.2.3"},
	{"calendar", "calendar", "v{version}", "{major}.{minor}", "2026.11-beta.0 2026.11-rc.0 2026.11 2026.11.1 2026.11.2", "v2026.11.2",
		"YYYY.MM or YYYY.MM.PATCH, with -alpha.N, -beta.N or -rc.N before the final one, like 2026.11-beta.0", "2026.11.3"},
	{"YY.MM", "{yy}.{0m}[.{patch}]", "", "", "24.04 24.04.1 24.04.2", "24.04.2 v24.04.2", "YY.MM or YY.MM.PATCH, like 26.11", "24.04.3"},
	{"by vote", "{major}.{minor}.{patch}[-{stage:rc}{n:1}]", "v{version}", "branch-{major}.{minor}", "3.5.0-rc1 3.5.0-rc2 3.5.0 3.5.1-rc1 3.5.1", "v3.5.1",
		"MAJOR.MINOR.PATCH, with -rcN before the final one, like 1.31.0-rc1", "3.5.2"},
	{"Python", "{major}.{minor}.{patch}[{stage:a,b,rc}{n:1}]", "v{version}", "{major}.{minor}", "3.14.0a1 3.14.0b1 3.14.0rc1 3.14.0 3.14.1", "v3.14.1", "like 1.31.0b1", "3.14.2"},
	{"OpenStack", "{major}.{minor}.{patch}[.0{stage:rc}{n:1}]", "{version}", "", "33.0.0.0rc1 33.0.0 33.0.1", "33.0.1", "with .0rcN before", "33.0.2"},
	{"OpenSSH", "{major}.{minor}[p{patch}]", "V_{version}", "V_{major}_{minor}", "9.8 9.8p1", "V_9.8p1", "MAJOR.MINOR or MAJOR.MINORpPATCH, like 1.31", "9.8p2"},
	{"one branch", "semver", "v{version}", "main", "1.2.3 1.2.4 1.3.0-rc.0 1.3.0 2.0.0", "v2.0.0", "", "2.0.1 2.1.0 3.0.0"},
	{"a product", "semver", "chart-v{version}", "main", "0.9.0 1.0.0", "chart-v1.0.0", "", "1.0.1 1.1.0 2.0.0"},
	{"a module", "semver", "sdk/v{version}", "main", "2.0.0 2.1.0", "sdk/v2.1.0", "", "2.1.1 2.2.0 3.0.0"},
	{"trains by date", "calendar", "v{version}", "main", "2026.11 2026.11.1 2026.12 2027.1 2027.4", "v2027.4", "", "2027.4.1 2027.5"},
}

// TestSchemes: each version is read back from what it is written as and from each of its tags, they are in
// order, each is what follows the one before, and what is said to be next follows.
func TestSchemes(t *testing.T) {
	for _, tc := range schemes {
		s := scheme(t, tc.form, tc.tag, tc.line)
		if err := s.Fault(); err != nil {
			t.Errorf("%s: %v", tc.name, err)
		}
		var before Version
		for text := range strings.FieldsSeq(tc.inOrder) {
			v, err := s.Parse(text)
			if err != nil || v.String() != text {
				t.Fatalf("%s: %s was read as %s: %v", tc.name, text, v, err)
			}
			for _, tag := range append(v.Tags(), text) {
				if got, err := s.Named(tag); got != v || err != nil {
					t.Errorf("%s: %s names %s: %v", tc.name, tag, got, err)
				}
				if got := s.In("Release "+tag+" (#12)", Version{}); !slices.Equal(got, []Version{v}) {
					t.Errorf("%s: a title with %s names %v", tc.name, tag, got)
				}
				if got, ok := s.OfTag(tag); ok && got != v {
					t.Errorf("%s: the tag %s is of %s", tc.name, tag, got)
				}
			}
			if (before != Version{}) && (v.Compare(before) <= 0 || v.Follows(before) != Next && v.SameLine(before)) {
				t.Errorf("%s: %s after %s is %s, %d", tc.name, v, before, v.Follows(before), v.Compare(before))
			}
			stem := func(stems []string) bool {
				return slices.ContainsFunc(v.Tags(), func(tag string) bool {
					return slices.ContainsFunc(stems, func(s string) bool { return strings.HasPrefix(tag, s) })
				})
			}
			if !stem(v.TagsOfLine()) || !stem(v.TagsOnTheWay()) || !strings.HasPrefix(v.Tags()[0], s.AllTags()) || !LooksLikeVersion(text) || !Branch("trigger-build-"+text).Ours() {
				t.Errorf("%s: %s isn't found by %q, %q and %q", tc.name, v, v.TagsOfLine(), v.TagsOnTheWay(), s.AllTags())
			}
			before = v
		}
		if got := strings.Join(before.Tags(), " "); got != tc.tags {
			t.Errorf("%s: tags %s", tc.name, got)
		}
		if got := s.Wanted(); !strings.HasSuffix(got, tc.wanted) && !strings.Contains(got, tc.wanted) {
			t.Errorf("%s: wanted %s", tc.name, got)
		}
		var next []string
		for _, v := range NextOf(before) {
			next = append(next, v.String())
			if v.Follows(before) != Next {
				t.Errorf("%s: %s after %s is %s", tc.name, v, before, v.Follows(before))
			}
		}
		if strings.Join(next, " ") != tc.next {
			t.Errorf("%s: after %s comes %v", tc.name, before, next)
		}
	}
}

// TestSchemeRefuses: what a scheme doesn't write is no version of it, and people are told what they may have meant.
func TestSchemeRefuses(t *testing.T) {
	for _, tc := range []struct{ form, tag, text, want string }{
		{"pep440", "{version}", "5.2.0", `"5.2.0" is not a version; did you mean 5.2?`},
		{"pep440", "{version}", "v5.2", "did you mean 5.2?"},
		{"pep440", "{version}", "5.2-rc.1", "did you mean 5.2rc1?"},
		{"pep440", "{version}", "5.2rc0", `"5.2rc0" counts from 0, and its scheme from 1`},
		{"pep440", "{version}", "5.2rc", "did you mean 5.2rc1?"},
		{"pep440", "{version}", "5", "want MAJOR.MINOR or MAJOR.MINOR.PATCH, with aN"},
		{"calendar", "", "2026.13", "has no month 13"},
		{"calendar", "", "2026.011", "begins with 0; did you mean 2026.11?"},
		{"calendar", "", "26.11", "no year of four digits"},
		{"{yy}.{0m}[.{patch}]", "", "24.4", "did you mean 24.04?"},
		{"{yy}.{0m}[.{patch}]", "", "24.04-rc.1", "want YY.MM or YY.MM.PATCH"},
		{"semver", "chart-v{version}", "chart-v1.2", `"1.2" is not a version; did you mean 1.2.0?`},
		{"semver", "chart-v{version}", "sdk/v1.2.3", "want MAJOR.MINOR.PATCH"},
		{"{major}.{minor}.{patch}[-{stage:rc}{n:1}]", "v{version}", "3.5.0-beta1", "want MAJOR.MINOR.PATCH, with -rcN"},
	} {
		v, err := scheme(t, tc.form, tc.tag, "").Named(tc.text)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s of %s: %s, %v; want it to say %s", tc.text, tc.form, v, err, tc.want)
		}
	}
	if _, ok := scheme(t, "semver", "chart-v{version}", "").OfTag("1.2.3"); ok {
		t.Error("another product's tag is taken for one's own")
	}
}

// TestNamedFinal: the last number may be left out where it is 0.
func TestNamedFinal(t *testing.T) {
	for _, tc := range []struct{ form, tag, text, want string }{
		{"semver", "", "1.31", "1.31.0"}, {"semver", "", "v1.31", "1.31.0"}, {"semver", "", "v1.31.4", "1.31.4"}, {"semver", "v{version}", "v1.31", "1.31.0"},
		{"pep440", "", "5.2", "5.2"}, {"calendar", "", "2026.11", "2026.11"}, {"{yy}.{0m}[.{patch}]", "", "24.04", "24.04"}, {"semver", "sdk/v{version}", "sdk/v2.1", "2.1.0"},
	} {
		if v, err := scheme(t, tc.form, tc.tag, "").NamedFinal(tc.text); err != nil || v.String() != tc.want {
			t.Errorf("%s: %s, %v", tc.text, v, err)
		}
	}
}

// TestLines: which branches are release lines, and which versions belong to them.
func TestLines(t *testing.T) {
	for _, tc := range []struct {
		form, line, branch, version string
		belongs, numbered           bool
	}{
		{"semver", "v{major}.{minor}", "v1.18", "1.18.2", true, true},
		{"semver", "v{major}.{minor}", "release-1.18", "1.18.2", false, false},
		{"calendar", "stable/{major}.{minor}", "stable/2026.2", "2026.2", true, true},
		{"pep440", "{major}.{minor}.x", "5.2.x", "5.2rc1", true, true},
		{"pep440", "{major}.{minor}.x", "5.1.x", "5.2rc1", false, true},
		{"pep440", "{major}.{minor}.x", "main", "5.2a1", false, false},
		{"pep440", "{major}.{minor}.x", "5.2.1.x", "5.2.1", false, false},
		{"{yy}.{0m}[.{patch}]", "release-{major}.{minor}", "release-24.04", "24.04.1", true, true},
		{"{yy}.{0m}[.{patch}]", "release-{major}.{minor}", "release-24.4", "24.04.1", false, true},
		{"semver", "main", "main", "1.2.3", true, true},
		{"semver", "main", "release-1.2", "1.2.3", false, false},
	} {
		s := scheme(t, tc.form, "", tc.line)
		v, err := s.Parse(tc.version)
		if belongs, numbered := v.Of(Branch(tc.branch)); err != nil || belongs != tc.belongs || numbered != tc.numbered {
			t.Errorf("%s of %s: %t, %t, %v", tc.version, tc.branch, belongs, numbered, err)
		}
		if first, ok := s.FirstOf(Branch(tc.branch)); tc.belongs && (!ok || first.Fill(tc.line) != tc.branch) {
			t.Errorf("the first of %s is %s, %t", tc.branch, first, ok)
		}
	}
}

// TestSchemeFaults: templates that name nothing, or nothing for certain.
func TestSchemeFaults(t *testing.T) {
	for text, want := range map[string]string{
		"semvre": "is no scheme; want semver, pep440, calendar, or a template", "": "is no scheme", "1.2.3": "is no scheme",
		"{major}.{minor}": "lacks {patch}", "{minor}.{patch}": "lacks {major}", "{major}.{patch}": "lacks {minor}",
		"{major}{minor}.{patch}": "isn't the template", "{major}.{minor}.{patch}-{stage}.{n}": "without brackets",
		"{major}.{minor}.{patch}[-{stage}]": "a candidate needs both", "{major}.{minor}.{patch}[.{build}]": "{build}, which is no part",
		"v{major}.{minor}.{patch}": "belongs into the tag", "{major}.{major}.{patch}": "{major} twice", "{major}.{minor}.{patch}[-{stage:a,a}.{n}]": "want the words for",
		"{major}.{minor}.{patch} [-{stage}.{n}]": "isn't the template", "{major}.{minor}[{patch}]": "isn't the template", "{major}.{minor}.1{patch}": "isn't the template",
		"{major}.{minor}.{patch}[-{stage}.{n}": "isn't the template", "{patch}.{minor}.{major}": "isn't the template",
		strings.Repeat("{major}", 999): "twice",
	} {
		if form, err := ParseForm(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %q, %v", text, form, err)
		}
	}
	for tag, want := range map[string]string{
		"v": "lacks {version}", "": "lacks", "v{major}": "lacks", "{version}{version}": "another part", "v{version}-{major}": "another part", "release2{version}": "a number beside",
		"{version}2": "a number beside", "a b{version}": "forbids", "-{version}": "starts with", "{version}.lock": "ends with", "a..{version}": `".."`, "{version}.": "ends with",
		"refs/tags/{version}": "short name", "x//{version}": "empty part", "{version}^": "forbids",
	} {
		if err := TagFault(tag); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the tag %q: %v", tag, err)
		}
	}
	for line, want := range map[string]string{
		"release-{minor}": "needs {major}", "{major}": "needs {major}", "{minor}.{major}": "needs {major}", "{major}{minor}": "a number beside", "r1{major}.{minor}": "a number beside",
		"{version}": "another part", "a b": "forbids", "": "is empty", "trigger-build-{major}.{minor}": "that Slipway makes", "{major}.{minor}..x": `".."`,
	} {
		if err := LineFault(line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the line %q: %v", line, err)
		}
	}
	for _, s := range []Scheme{scheme(t, "calendar", "", "{major}.{minor}"), scheme(t, "calendar", "v{version}", "v{major}.{minor}"), scheme(t, "pep440", "{version}", "{major}.{minor}")} {
		if err := s.Fault(); err == nil || !strings.Contains(err.Error(), "both be called") {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

// TestRecorded: what was written before a policy named a scheme is read as it was.
func TestRecorded(t *testing.T) {
	s := scheme(t, "pep440", "{version}", "{major}.{minor}.x")
	old, err := s.Recorded("1.31.0-rc.1")
	now, err2 := s.Recorded("5.2rc1")
	if err != nil || err2 != nil || old.String() != "1.31.0-rc.1" || now.Scheme != s {
		t.Error(old, err, now, err2)
	}
	if _, err := s.Recorded("nothing"); err == nil {
		t.Error("a record of nothing is read")
	}
}

// FuzzScheme: whatever a template and a text are, what is read is written so, and nothing takes long.
func FuzzScheme(f *testing.F) {
	for _, tc := range schemes {
		for text := range strings.FieldsSeq(tc.inOrder) {
			f.Add(tc.form, text)
		}
	}
	f.Fuzz(func(t *testing.T, form, text string) {
		parsed, err := ParseForm(form)
		if err != nil {
			return
		}
		s := Scheme{Form: parsed}
		if v, err := s.Parse(text); err == nil && (v.String() != text || !LooksLikeVersion(text)) {
			t.Errorf("%q of %q is written %s", text, form, v)
		}
		sample := s.sample()
		if back, err := s.Parse(sample.String()); err != nil || back != sample {
			t.Errorf("%q writes %s, and reads that as %s: %v", form, sample, back, err)
		}
	})
}
