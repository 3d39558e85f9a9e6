package config

import (
	"strings"
	"testing"
)

func TestCheckPattern(t *testing.T) {
	for _, tc := range []struct {
		pattern, name string
		want          bool
	}{
		{"build-warning", "build-warning", true},
		{"build-warning", "build-warnings", false},
		{"build-release_*_postsubmit", "build-release_release-builder_release-1.31_postsubmit", true},
		{"build-release_*_postsubmit", "build-release_postsubmit", false},
		{"*", "ci/prow: anything", true},
		{"*", "", true},
		{"ci/*", "ci/a/b", true},
		{"ci/*", "xci/a", false},
		{"*a*b", "xaxxb", true},
		{"*a*b", "xbxa", false},
		{"a*a", "a", false}, // the ends don't overlap
		{"a.c", "abc", false},
		{"a**c", "ac", true},
	} {
		if got := CheckPattern(tc.pattern).Match(tc.name); got != tc.want {
			t.Errorf("%q fits %q: %v, want %v", tc.name, tc.pattern, got, tc.want)
		}
	}
	for _, bad := range []string{"", " ", " a", "a ", strings.Repeat("a", 201), "*a*b*c*d*e*f*g*h*"} {
		if err := new(CheckPattern).UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q is taken for a pattern", bad)
		}
	}
}
