package release

import (
	"testing"
	"unicode/utf8"
)

func TestMeets(t *testing.T) {
	for _, c := range []struct {
		pattern, template string
		want              bool
	}{
		{"release-*", "release-{major}.{minor}", true},
		{"release-[0-9]*.[0-9]*", "release-{major}.{minor}", true},
		{"release-1.[23]?", "release-{major}.{minor}", true},
		{"release-1.[23]?", "release-2.{minor}", false},
		{"release-2", "release-{major}.{minor}", false},
		{"release-x*", "release-{major}.{minor}", false},
		{"*", "release-{major}.{minor}", true},
		{"*", "stable/{major}.{minor}", false},
		{"stable/*", "stable/{major}.{minor}", true},
		{"stable/*", "release-{major}.{minor}", false},
		{"main", numbered, false},
		{"main", "main", true},
		{"v1.x", numbered, false},
		{"v1", numbered, false},
		{"v?.?", numbered, true},
		{"release-1.30", numbered, true},
		{"1.30", numbered, true},
		{"release-[^0-9]", numbered, false},
		{"release-1.[^0-9]", numbered, false},
		{"release-1.[!-~]", numbered, true},
		{"stable/20??.?", numbered, true},
		{"release-*", "{branch}", true},
		{"ü-1.?", numbered, true},
		{"[ä-ü]-1", "{branch}", true},
		{"release-[", numbered, false},
		{"", "", true},
		{"", numbered, false},
	} {
		if got := Meets(c.pattern, c.template); got != c.want {
			t.Errorf("Meets(%q, %q) = %v", c.pattern, c.template, got)
		}
	}
}

// FuzzMeets: a branch that fits a pattern and ends in numbers is one that Meets knew of.
func FuzzMeets(f *testing.F) {
	f.Add("release-[0-9]*.?", "release-1.3")
	f.Add(`\r*[^a\]-c].[1-2-]`, "rx1.2")
	f.Fuzz(func(t *testing.T, pattern, name string) {
		if len(pattern) > 40 || len(name) > 40 || !utf8.ValidString(pattern) || !utf8.ValidString(name) {
			return
		}
		_, _, ok := Scheme{}.Numbers(Branch(name))
		if ok && MatchBranch(pattern, Branch(name)) && !Meets(pattern, numbered) {
			t.Errorf("%q fits %q, and Meets says that no branch with numbers can", name, pattern)
		}
	})
}
