package config

import (
	"errors"
	"path"
	"strconv"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// RepoName is the name of a repository without its owner, who is that of the
// repository whose policy names it.
type RepoName string

// repoNamePattern is what GitHub allows in a repository's name.
const repoNamePattern = `^[A-Za-z0-9._-]{1,100}$`

var repoName = lazy.Regexp(repoNamePattern)

// Form implements Scalar.
func (RepoName) Form() Form {
	return Form{
		Name:     "repository",
		Want:     `a repository's name without its owner, like "release-builder"`,
		Pattern:  repoNamePattern,
		Examples: []string{"release-builder"},
	}
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *RepoName) UnmarshalText(text []byte) error {
	name := string(text)
	if !repoName().MatchString(name) || name == "." || name == ".." {
		w := &Wrong{What: quote(name) + " is not a repository's name", Want: RepoName("").Form().Want}
		if last := name[strings.LastIndex(name, "/")+1:]; last != name && repoName().MatchString(last) {
			w.What, w.DidYouMean = quote(name)+": the owner is that of the repository with the policy; give the name alone", last
		}
		return w
	}
	*r = RepoName(name)
	return nil
}

// FilePath is the path of one file, from the repository's root.
type FilePath string

// Form implements Scalar.
func (FilePath) Form() Form {
	return Form{
		Name:     "file",
		Want:     `a file's path from the repository's root, like "release/trigger-build"`,
		Pattern:  `^[^/\\*?\s]([^\\*?\n\r]*[^/\\*?\s])?$`,
		Examples: []string{"release/trigger-build"},
		Max:      maxPattern,
	}
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *FilePath) UnmarshalText(text []byte) error {
	file := string(text)
	want := FilePath("").Form().Want
	switch {
	case file == "":
		return &Wrong{What: "is empty", Want: want}
	case len([]rune(file)) > maxPattern:
		return tooLong(file, maxPattern)
	case strings.ContainsAny(file, "*?"):
		return &Wrong{What: quote(file) + " is a pattern", Want: want}
	case strings.HasPrefix(file, "/"), strings.HasPrefix(file, "./"):
		return &Wrong{What: quote(file) + ": paths begin at the repository's root without a slash", DidYouMean: strings.TrimLeft(strings.TrimPrefix(file, "."), "/")}
	case path.Clean(file) != file || hasOddPart(file) || strings.ContainsAny(file, "\\\n\r") || strings.TrimSpace(file) != file:
		return &Wrong{What: quote(file) + " is not the path of a file", Want: want}
	}
	*p = FilePath(file)
	return nil
}

// ScheduleDay is a day of a release's schedule, counted from one of the two that
// its release managers name: `cut`, when the branch is cut, and `release`.
type ScheduleDay struct{ offset release.Offset }

// Form implements Scalar.
func (ScheduleDay) Form() Form {
	return Form{Name: "day of a schedule", Want: release.OffsetWanted, Pattern: release.OffsetPattern, Examples: []string{"release-7d", "cut+14d"}}
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *ScheduleDay) UnmarshalText(text []byte) (err error) {
	d.offset, err = release.ParseOffset(string(text))
	var fault *release.TimeFault
	if errors.As(err, &fault) {
		return &Wrong{What: fault.What, Want: fault.Want, DidYouMean: inDays(string(text))}
	}
	return err
}

var weeks = lazy.Regexp(`^((?:cut|release)[+-])([0-9]{1,2})w$`)

// inDays is a day of a schedule that was counted in weeks, or "".
func inDays(text string) string {
	m := weeks().FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	n, _ := strconv.Atoi(m[2]) // two digits
	return m[1] + strconv.Itoa(7*n) + "d"
}

// Offset is the day as it is counted.
func (d ScheduleDay) Offset() release.Offset { return d.offset }

// String is the form in which it is written.
func (d ScheduleDay) String() string { return d.offset.String() }
