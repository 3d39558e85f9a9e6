package config

import (
	"strings"
	"unicode/utf8"
)

// CheckPattern is a pattern of the names of status checks: of check runs, and of
// the contexts of commit statuses. `*` is any text, slashes too; nothing else is
// special.
type CheckPattern string

// Form implements Scalar.
func (CheckPattern) Form() Form {
	return Form{
		Name:     "check pattern",
		Want:     `the name of a status check, or a pattern like "build-release_*_postsubmit"`,
		Pattern:  `^\S(.*\S)?$`,
		Examples: []string{"build-warning", "build-release_*_postsubmit"},
		Max:      maxPattern,
	}
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *CheckPattern) UnmarshalText(text []byte) error {
	pattern := string(text)
	switch {
	case strings.TrimSpace(pattern) == "":
		return &Wrong{What: "is empty", Want: CheckPattern("").Form().Want}
	case strings.TrimSpace(pattern) != pattern:
		return &Wrong{What: quote(pattern) + " begins or ends with a space", DidYouMean: strings.TrimSpace(pattern)}
	case utf8.RuneCountInString(pattern) > maxPattern:
		return tooLong(pattern, maxPattern)
	case strings.Count(pattern, "*") > maxStars:
		return &Wrong{What: quote(pattern) + " is too entangled", Want: "at most 8 stars; several patterns do the same"}
	}
	*p = CheckPattern(pattern)
	return nil
}

// Match reports whether a name fits the pattern.
func (p CheckPattern) Match(name string) bool {
	parts := strings.Split(string(p), "*")
	if len(parts) == 1 {
		return name == string(p)
	}
	rest, ok := strings.CutPrefix(name, parts[0])
	if !ok {
		return false
	}
	last := parts[len(parts)-1]
	for _, part := range parts[1 : len(parts)-1] { // the first place that fits leaves the most for the others
		_, after, found := strings.Cut(rest, part)
		if !found {
			return false
		}
		rest = after
	}
	return strings.HasSuffix(rest, last)
}

// MatchAny reports whether a name fits one of the patterns.
func MatchAny(patterns []CheckPattern, name string) bool {
	for _, p := range patterns {
		if p.Match(name) {
			return true
		}
	}
	return false
}
