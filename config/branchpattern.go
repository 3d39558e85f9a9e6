package config

import (
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// BranchPattern is a pattern of branch names. `*` is any text without a slash,
// `?` one character and `[0-9]` one of a range.
//
// It is a pattern of path.Match.
type BranchPattern string

// Form implements Scalar.
func (BranchPattern) Form() Form {
	return Form{
		Name:     "branch pattern",
		Want:     `a pattern like "release-*"`,
		Pattern:  `^[^\s]+$`,
		Examples: []string{"release-*", "release-1.[23]?", "main"},
		Max:      maxPattern,
	}
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *BranchPattern) UnmarshalText(text []byte) error {
	pattern := string(text)
	switch _, err := path.Match(pattern, ""); {
	case pattern == "":
		return &Wrong{What: "is empty", Want: BranchPattern("").Form().Want}
	case utf8.RuneCountInString(pattern) > maxPattern:
		return tooLong(pattern, maxPattern)
	case err != nil:
		return &Wrong{What: quote(pattern) + " is not a pattern", Want: `one as in path.Match, like "release-*" or "release-1.[23]?"`}
	case strings.HasPrefix(pattern, "refs/"):
		short := strings.TrimPrefix(pattern, "refs/heads/")
		return &Wrong{What: quote(pattern) + ": give the branch's short name, without refs/heads/", DidYouMean: short}
	case strings.ContainsAny(pattern, " \t\r\n"):
		return &Wrong{What: quote(pattern) + " contains a space, which no branch has"}
	}
	if w := strayPattern(pattern); w != nil {
		return w
	}
	*p = BranchPattern(pattern)
	return nil
}

var (
	bracket = lazy.Regexp(`\[(?:\\.|[^\]\\])*\]`)
	// regular matches what tells a regular expression from a pattern: `(1|2)`, `[0-9]+`, `\d`,
	// `{1,2}`, `^` and `$`, and a `.*` where no dot stands in a name.
	regular = lazy.Regexp(`[()|{}$^\\]|[\]*?]\+|(?:^|[^\pL\pN\]?*])\.[*+?]`)
)

// strayPattern is what is wrong with a pattern that governs nothing, or other branches than
// whoever wrote it meant: people write those of other tools.
func strayPattern(pattern string) *Wrong {
	outside := outsideBrackets(pattern)
	switch {
	case regular().MatchString(outside):
		return &Wrong{What: quote(pattern) + " is a regular expression, or has what only those have", DidYouMean: asGlob(pattern),
			Want: `a pattern like "release-*" or "release-1.[23]?"; several branches are several patterns`}
	case strings.HasPrefix(pattern, "!"):
		return &Wrong{What: quote(pattern) + ": there are no exceptions by !, only patterns that fit", Want: BranchPattern("").Form().Want}
	case strings.Contains(pattern, "[!"):
		return &Wrong{What: quote(pattern) + " has [!, which is no exception here", DidYouMean: strings.ReplaceAll(pattern, "[!", "[^")}
	case strings.Contains(outside, "**"):
		return &Wrong{What: quote(pattern) + " has **, which is no more than * here: it stays within one part of a name",
			Want: `a pattern for each depth, like "release/*" and "release/*/*"`}
	}
	// What stands for anything can be an x: if that is no branch, what is written is at fault.
	sample := strings.NewReplacer("*", "x", "?", "x", "[]", "x").Replace(outside)
	if _, err := release.ParseBranch(sample); err != nil {
		return &Wrong{What: quote(pattern) + " fits no branch: " + err.Error(), Want: BranchPattern("").Form().Want}
	}
	if sample == pattern && release.Branch(pattern).Ours() {
		return &Wrong{What: quote(pattern) + " is a branch that Slipway makes, and none of these is governed", Want: BranchPattern("").Form().Want}
	}
	return nil
}

// asGlob is what a regular expression that begins and ends as people write them means, or "".
func asGlob(expression string) string {
	glob := strings.NewReplacer(`\d+`, "*", `[0-9]+`, "*", `\d`, "[0-9]", `\.`, ".", ".*", "*", ".+", "*").Replace(
		strings.TrimSuffix(strings.TrimPrefix(expression, "^"), "$"))
	if _, err := path.Match(glob, ""); err != nil || regular().MatchString(outsideBrackets(glob)) {
		return ""
	}
	return glob
}

// outsideBrackets is a pattern with nothing in its brackets: any rune may stand there.
func outsideBrackets(pattern string) string { return bracket().ReplaceAllString(pattern, "[]") }

// Match reports whether a branch fits the pattern.
func (p BranchPattern) Match(b release.Branch) bool { return release.MatchBranch(string(p), b) }

// BranchName is the full name of one branch.
type BranchName string

// Form implements Scalar.
func (BranchName) Form() Form {
	return Form{
		Name:     "branch",
		Want:     `a branch like "release-1.30"`,
		Pattern:  `^[^\s~^:?*\[\\]+$`,
		Examples: []string{"release-1.30", "main"},
		Max:      maxPattern,
	}
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (n *BranchName) UnmarshalText(text []byte) error {
	name := string(text)
	short, full := strings.CutPrefix(name, "refs/heads/")
	_, err := release.ParseBranch(name)
	switch {
	case full:
		return &Wrong{What: quote(name) + ": give the branch's short name, without refs/heads/", DidYouMean: short}
	case strings.ContainsAny(name, "*?["):
		return &Wrong{What: quote(name) + " is a pattern", Want: "the name of one branch"}
	case err != nil:
		return &Wrong{What: quote(name) + " is no branch's name: " + err.Error(), Want: BranchName("").Form().Want}
	}
	*n = BranchName(name)
	return nil
}

// NeedsNumbers is what is wrong with a text in which `{major}` and `{minor}` stand for the numbers of a
// release's branch by a scheme, where no governed branch has any; nil where nothing is.
func NeedsNumbers(text string, governed []BranchPattern, scheme release.Scheme) error {
	if !strings.Contains(text, "{major}") && !strings.Contains(text, "{minor}") || !scheme.Single() && meets(governed, scheme.Lines()) {
		return nil
	}
	if scheme.Line != "" {
		return &Wrong{What: quote(text) + " needs the numbers of a release's branch, and no governed branch has any by versions.branch, " + quote(scheme.Line),
			Want: "a text without {major} and {minor}, or a branch like release-{major}.{minor}"}
	}
	return &Wrong{What: quote(text) + " needs the numbers that end a branch's name, and no governed branch's name can end in any, as release-1.30 does",
		Want: "a text without {major} and {minor}, or branches whose names end in numbers"}
}

// NeedsBranch is what is wrong with the template of a branch's name, where none of what it makes
// is governed; nil where nothing is. In it `{major}` and `{minor}` stand for numbers.
func NeedsBranch(template string, governed []BranchPattern) error {
	if meets(governed, template) {
		return nil
	}
	return &Wrong{What: quote(template) + " is never the name of a governed branch", Want: "one that fits the policy's branches, " + list(governed)}
}

func meets(governed []BranchPattern, template string) bool {
	return slices.ContainsFunc(governed, func(p BranchPattern) bool { return release.Meets(string(p), template) })
}

// list is the first of some patterns, for people.
func list(patterns []BranchPattern) string {
	var quoted []string
	for _, p := range patterns[:min(len(patterns), 5)] {
		quoted = append(quoted, quote(string(p)))
	}
	return strings.Join(quoted, ", ")
}
