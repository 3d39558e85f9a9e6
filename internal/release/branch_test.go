package release

import (
	"strings"
	"testing"
)

func TestParseBranch(t *testing.T) {
	for _, good := range []string{"release-1.30", "master", "feature/a-b", "dependabot/go_modules/x-1.2", "é", "a.b", "v1"} {
		if b, err := ParseBranch(good); err != nil || string(b) != good {
			t.Errorf("ParseBranch(%q) = %q, %v", good, b, err)
		}
	}
	for bad, why := range map[string]string{
		"": "empty", "--foo": "starts with", "-": "starts with", ".": "ends with", "a..b": `".."`, "a/.b": "part that starts",
		"refs/heads/x": "refs/", "HEAD": "keeps for itself", "@": "keeps for itself", "a b": "forbids", "a~1": "forbids",
		"a^": "forbids", "a:b": "forbids", "x?": "forbids", "x*": "forbids", "[x": "forbids", `a\b`: "forbids", "a\x7f": "forbids",
		"a\nb": "forbids", "/a": "empty part", "a/": "empty part", "a//b": "empty part", "x.lock": ".lock", "x.lock/y": ".lock",
		"a@{1}": "@{", "a.": "ends with", "\xff": "UTF-8",
		"0123456789012345678901234567890123456789": "commit id",
		strings.Repeat("x", 245):                   "longer",
	} {
		if _, err := ParseBranch(bad); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("ParseBranch(%q): %v, want it to say %q", bad, err, why)
		}
	}
}

func TestMatchBranch(t *testing.T) {
	for _, tc := range []struct {
		pattern string
		branch  Branch
		want    bool
	}{
		{"release-*", "release-1.30", true},
		{"release-*", "release-1.30/x", false}, // a star stays within its part
		{"release-*", "prerelease-1", false},
		{"release-1.[23]?", "release-1.30", true},
		{"master", "master", true},
		{"[", "[", false},
	} {
		if got := MatchBranch(tc.pattern, tc.branch); got != tc.want {
			t.Errorf("MatchBranch(%q, %q) = %t", tc.pattern, tc.branch, got)
		}
	}
}

func TestMinor(t *testing.T) {
	for branch, want := range map[Branch]string{"release-1.30": "1 30", "v2.0": "2 0", "1.6": "1 6", "master": " ", "release-1.30-test": " "} {
		major, minor, ok := Scheme{}.Numbers(branch)
		if got := major + " " + minor; got != want || ok != (want != " ") {
			t.Errorf("%s: %q %t", branch, got, ok)
		}
	}
}
