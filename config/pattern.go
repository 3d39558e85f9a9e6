package config

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// maxPattern bounds a pattern of branches or paths, in characters.
const maxPattern = 200

func tooLong(text string, most int) *Wrong {
	return &Wrong{What: quote(text) + " is too long", Want: fmt.Sprintf("at most %d characters", most)}
}

// PathPattern is a pattern of paths in a repository. `*` stays within one part of
// a path, `**` stands for any number of parts: `docs/**` is everything below
// docs, `**/*_test.go` every Go test. `{a,b}` is either.
type PathPattern string

// Form implements Scalar.
func (PathPattern) Form() Form {
	return Form{
		Name:     "path pattern",
		Want:     `a pattern of paths like "docs/**" or "**/*_test.go"`,
		Pattern:  `^[^/!\\]([^\\]*[^/\\])?$`,
		Examples: []string{"docs/**", "**/*_test.go", "*.md"},
		Max:      maxPattern,
	}
}

// The most wildcards and choices of a path's pattern. The time that a match
// takes grows with the product of them, and patterns come from whoever may push
// to a default branch.
const (
	maxStars   = 8
	maxChoices = 2
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *PathPattern) UnmarshalText(text []byte) error {
	pattern := string(text)
	want := PathPattern("").Form().Want
	switch {
	case pattern == "":
		return &Wrong{What: "is empty", Want: want}
	case utf8.RuneCountInString(pattern) > maxPattern:
		return tooLong(pattern, maxPattern)
	case strings.HasPrefix(pattern, "!"):
		return &Wrong{What: quote(pattern) + ": there are no exceptions by !, only patterns that fit", Want: want}
	case strings.Contains(pattern, `\`):
		return &Wrong{What: quote(pattern) + " contains a backslash", Want: "/ between the parts of a path"}
	case strings.HasPrefix(pattern, "/"), strings.HasPrefix(pattern, "./"):
		return &Wrong{What: quote(pattern) + ": paths begin at the repository's root without a slash", DidYouMean: strings.TrimLeft(strings.TrimPrefix(pattern, "."), "/")}
	case strings.HasSuffix(pattern, "/"):
		return &Wrong{What: quote(pattern) + " names a folder; a pattern names files", DidYouMean: pattern + "**"}
	case hasOddPart(pattern):
		return &Wrong{What: quote(pattern) + ` has a part "", "." or "..", which no path has`, Want: want}
	case !doublestar.ValidatePattern(pattern):
		return &Wrong{What: quote(pattern) + " is not a pattern: a bracket is not closed", Want: want}
	case strings.Count(pattern, "*") > maxStars || strings.Count(pattern, "{") > maxChoices:
		return &Wrong{What: quote(pattern) + " is too entangled", Want: fmt.Sprintf("at most %d stars and %d pairs of braces; several patterns do the same", maxStars, maxChoices)}
	}
	*p = PathPattern(pattern)
	return nil
}

func hasOddPart(pattern string) bool {
	for part := range strings.SplitSeq(pattern, "/") {
		if part == "" || part == "." || part == ".." {
			return true
		}
	}
	return false
}

// Match reports whether a path, from the repository's root, fits the pattern.
func (p PathPattern) Match(name string) bool {
	ok, err := doublestar.Match(string(p), name)
	return ok && err == nil
}

// TeamSlug is a team of the organisation that owns the repository, as in the
// team's address. `{major}` and `{minor}` stand for the numbers that end a
// release branch's name.
type TeamSlug string

var (
	teamSlug    = lazy.Regexp(`^[a-z0-9_][a-z0-9_-]{0,99}$`)
	placeholder = lazy.Regexp(`\{[^{}]*\}`)
)

// Form implements Scalar.
func (TeamSlug) Form() Form {
	return Form{
		Name:     "team",
		Want:     `a team's slug like "release-managers-{major}-{minor}"`,
		Pattern:  `^([a-z0-9_]|\{major\}|\{minor\})([a-z0-9_-]|\{major\}|\{minor\})*$`,
		Examples: []string{"release-managers", "release-managers-{major}-{minor}"},
	}
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *TeamSlug) UnmarshalText(text []byte) error {
	team := string(text)
	for _, ph := range placeholder().FindAllString(team, -1) {
		if ph != "{major}" && ph != "{minor}" {
			w := unknown("placeholder", ph, []string{"{major}", "{minor}"})
			w.What = quote(team) + ": " + w.What
			return w
		}
	}
	plain := strings.NewReplacer("{major}", "1", "{minor}", "1").Replace(team)
	switch {
	case strings.ContainsAny(team, "/@"):
		slug := strings.ToLower(team[strings.LastIndexAny(team, "/@")+1:])
		if !teamSlug().MatchString(slug) {
			slug = ""
		}
		return &Wrong{What: quote(team) + ": give the team's slug alone; it is a team of the organisation that owns the repository", DidYouMean: slug}
	case !teamSlug().MatchString(plain):
		slug := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(team)), " ", "-")
		if !teamSlug().MatchString(slug) {
			slug = ""
		}
		return &Wrong{What: quote(team) + " is not a team's slug", Want: `it as in the team's address, like "release-managers-{major}-{minor}"`, DidYouMean: slug}
	}
	*s = TeamSlug(team)
	return nil
}

// For is the slug for a branch; ok is false when the slug needs numbers that
// the branch's name doesn't have by a scheme: nobody is in a team by accident.
func (s TeamSlug) For(b release.Branch, scheme release.Scheme) (slug string, ok bool) {
	major, minor, numbered := scheme.Numbers(b)
	if strings.Contains(string(s), "{") && !numbered {
		return "", false
	}
	return strings.NewReplacer("{major}", major, "{minor}", minor).Replace(string(s)), true
}

// Label is the name of a label on GitHub.
type Label string

// maxLabel is the longest name that GitHub takes for a label.
const maxLabel = 50

// Form implements Scalar.
func (Label) Form() Form {
	return Form{
		Name:     "label",
		Want:     "a label's name",
		Pattern:  `^[^,\s]([^,\n\r]*[^,\s])?$`,
		Examples: []string{"code-freeze"},
		Max:      maxLabel,
	}
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (l *Label) UnmarshalText(text []byte) error {
	label := string(text)
	switch {
	case label == "":
		return &Wrong{What: "is empty", Want: Label("").Form().Want}
	case utf8.RuneCountInString(label) > maxLabel:
		return tooLong(label, maxLabel)
	case strings.Contains(label, ","):
		return &Wrong{What: quote(label) + " contains a comma, which GitHub takes for the end of a label"}
	case strings.TrimSpace(label) != label || strings.ContainsAny(label, "\r\n"):
		return &Wrong{What: quote(label) + " begins or ends with a space, or has several lines", DidYouMean: strings.Join(strings.Fields(label), " ")}
	}
	*l = Label(label)
	return nil
}
