package config

import (
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// VersionsName is that of the section of the policy.
const VersionsName = "versions"

// Versions is the policy's section `versions`. What it says holds everywhere: in commands, in files that
// start builds, in notes, for what is out already and for what comes next. Without it versions are
// 1.31.0, 1.31.0-rc.1 and so on, their tags are these or begin with a v, and the branch of a release is
// any whose name ends in its two numbers. In the names and texts of other sections `{major}` and `{minor}`
// are the first two numbers of a version as it is written, of dates year and month.
type Versions struct {
	// How a version is written: `semver` is 1.31.0, with -alpha.N, -beta.N or -rc.N before the final one;
	// `pep440` is 5.2, 5.2.1, with aN, bN or rcN, counted from 1; `calendar` is 2026.11, 2026.11.1. Else a
	// template: numbers in this order, of which the third may be in brackets, where a 0 isn't written, and
	// brackets with what a version has before its final one. `{stage:a,b,rc}` says how alpha, beta and
	// candidate are called, `{stage:rc}` that there are candidates alone, and `{n:1}` that they are
	// counted from 1; `{yyyy}`, `{yy}`, `{mm}` and `{0m}` (two digits) are year and month.
	Scheme VersionScheme `yaml:"scheme" example:"semver"`
	// What the tag of a version is called. Without it a version has the tag 1.31.0, or v1.31.0, or both.
	Tag TagTemplate `yaml:"tag" example:"v{version}"`
	// The branch of a release, or the one branch that all releases are made from: then none is cut. It is what
	// `checklist.branch` and `releasenotes.release.branch` are, unless they say the same. Without
	// it a release's branch is any whose name ends in its two numbers.
	Branch LineTemplate `yaml:"branch" example:"release-{major}.{minor}"`
}

// Of is the scheme that the section comes to.
func (v Versions) Of() release.Scheme {
	form, err := release.ParseForm(string(v.Scheme))
	if v.Scheme == "" || err != nil {
		form = ""
	}
	return release.Scheme{Form: form, Tag: string(v.Tag), Line: string(v.Branch)}
}

// Validate implements Validator.
func (v Versions) Validate() error {
	if err := v.Of().Fault(); err != nil {
		return At("tag", &Wrong{What: err.Error(), Want: "another tag, like v{version}, or another branch, like release-{major}.{minor}"})
	}
	return nil
}

// ValidateBranches implements GovernedValidator.
func (v Versions) ValidateBranches(governed []BranchPattern) error {
	if v.Branch == "" {
		return nil
	}
	if err := NeedsBranch(string(v.Branch), governed); err != nil {
		return At("branch", err)
	}
	return nil
}

// Schemed is what a section's type may bring besides, whose names follow the versions' scheme. given reports
// whether the file says a key of the section.
type Schemed interface {
	SetScheme(scheme release.Scheme, given func(key string) bool) error
}

// InScheme is a part of a section that follows the versions' scheme.
type InScheme struct{ Scheme release.Scheme }

// SetScheme implements Schemed.
func (s *InScheme) SetScheme(scheme release.Scheme, _ func(string) bool) error {
	s.Scheme = scheme
	return nil
}

// Line is what the template of a release's branch, under a key of a section, comes to beside the scheme's own.
func (s *InScheme) Line(key string, branch *string, given func(string) bool) error {
	switch line := s.Scheme.Line; {
	case line == "" || *branch == line:
	case given(key):
		return At(key, &Wrong{What: quote(*branch) + " is another branch than versions.branch, " + quote(line), Want: "one of them; without this key it is that of versions.branch"})
	default:
		*branch = line
	}
	return nil
}

// VersionScheme is how versions are written: the name of a scheme, or a template.
type VersionScheme string

// Form implements Scalar.
func (VersionScheme) Form() Form {
	return Form{
		Name:     "version scheme",
		Want:     release.FormWanted,
		Pattern:  `^([a-z0-9]+|\{(major|yyyy|yy)\}[._]\{(minor|mm|0m)\}.*)$`,
		Examples: append(release.FormNames(), release.SemverForm),
		Max:      maxForm,
	}
}

// maxForm bounds the template of a version, in characters.
const maxForm = 100

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *VersionScheme) UnmarshalText(text []byte) error {
	form := string(text)
	_, err := release.ParseForm(form)
	switch {
	case utf8.RuneCountInString(form) > maxForm:
		return tooLong(form, maxForm)
	case err != nil && !strings.Contains(form, "{"):
		w := unknown("scheme", form, release.FormNames())
		w.Want = "one of these, or a template like " + release.SemverForm + " or " + release.PEP440Form
		if meant := inBraces(form); w.DidYouMean == "" && meant != "" {
			w.DidYouMean = meant
		}
		return w
	case err != nil:
		return &Wrong{What: quote(form) + " " + err.Error()}
	}
	*s = VersionScheme(form)
	return nil
}

// inBraces is the template that somebody means who writes a scheme as CalVer and SemVer do, YYYY.0M.MICRO and
// MAJOR.MINOR.PATCH; or "".
func inBraces(form string) string {
	meant := strings.NewReplacer("YYYY", "{yyyy}", "YY", "{yy}", "0M", "{0m}", "MM", "{mm}", "MAJOR", "{major}", "MINOR", "{minor}", "MICRO", "{patch}", "PATCH", "{patch}").Replace(form)
	if !strings.Contains(meant, "{patch}") {
		meant += "[.{patch}]"
	}
	if _, err := release.ParseForm(meant); err != nil {
		return ""
	}
	return meant
}

// versionWritten is a version that somebody writes in the place of {version}.
var versionWritten = lazy.Regexp(`[0-9]+(\.[0-9]+)+`)

// TagTemplate is the name of a version's tag, in which `{version}` stands for the version.
type TagTemplate string

// Form implements Scalar.
func (TagTemplate) Form() Form {
	return Form{
		Name:     "tag template",
		Want:     `a tag with {version} in it, like "v{version}"`,
		Pattern:  `^[^\s{}~^:?*\[\\]*\{version\}[^\s{}~^:?*\[\\]*$`,
		Examples: []string{"v{version}", "chart-v{version}", "sdk/v{version}"},
		Max:      maxPattern,
	}
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (t *TagTemplate) UnmarshalText(text []byte) error {
	tag := string(text)
	if utf8.RuneCountInString(tag) > maxPattern {
		return tooLong(tag, maxPattern)
	}
	if err := release.TagFault(tag); err != nil {
		w := &Wrong{What: quote(tag) + " " + err.Error(), Want: TagTemplate("").Form().Want}
		short := strings.TrimPrefix(tag, "refs/tags/")
		for _, meant := range []string{short, versionWritten().ReplaceAllString(short, "{version}"), short + "{version}", strings.NewReplacer("{major}.{minor}.{patch}", "{version}", "{tag}", "{version}").Replace(short)} {
			if meant != tag && w.DidYouMean == "" && release.TagFault(meant) == nil {
				w.DidYouMean = meant
			}
		}
		return w
	}
	*t = TagTemplate(tag)
	return nil
}

// LineTemplate is the name of a release's branch, in which `{major}` and `{minor}` stand for the first two
// numbers of its versions; or without them the name of the one branch that all are made from.
type LineTemplate string

// Form implements Scalar.
func (LineTemplate) Form() Form {
	return Form{
		Name:     "branch template",
		Want:     `a branch with {major} and {minor} in it, like "release-{major}.{minor}", or the one branch of all releases, like "main"`,
		Pattern:  `^[^\s~^:?*\[\\]+$`,
		Examples: []string{"release-{major}.{minor}", "{major}.{minor}.x", "main"},
		Max:      maxPattern,
	}
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (t *LineTemplate) UnmarshalText(text []byte) error {
	line := string(text)
	if utf8.RuneCountInString(line) > maxPattern {
		return tooLong(line, maxPattern)
	}
	if err := release.LineFault(line); err != nil {
		w := &Wrong{What: quote(line) + " " + err.Error(), Want: LineTemplate("").Form().Want}
		meant := strings.NewReplacer("{version}", "{major}.{minor}", "{release}", "{major}.{minor}", "{yyyy}", "{major}", "{yy}", "{major}", "{mm}", "{minor}", "{0m}", "{minor}",
			"*", "{major}.{minor}").Replace(line)
		if meant != line && release.LineFault(meant) == nil {
			w.DidYouMean = meant
		}
		return w
	}
	*t = LineTemplate(line)
	return nil
}

// scheme is that of the section versions, once the file is read, without what has a fault of its own there.
// known is false where the branch has one: then nobody can say whether what follows it is right.
func (d *decoder) scheme(values map[string]reflect.Value, governed []BranchPattern) (s release.Scheme, known bool) {
	v, ok := values[VersionsName]
	if !ok {
		return s, true
	}
	versions, ok := v.Interface().(Versions)
	if !ok {
		return s, true
	}
	if s = versions.Of(); versions.Validate() != nil {
		s.Tag = ""
	}
	known = !d.touchesBroken(join(VersionsName, "branch")) && (d.touchesBroken("branches") || versions.ValidateBranches(governed) == nil)
	return s, known
}

// inScheme tells a section what versions are. One that the file doesn't have is told, too.
func inScheme(v reflect.Value, scheme release.Scheme, given func(key string) bool) error {
	if s, ok := v.Addr().Interface().(Schemed); ok {
		return s.SetScheme(scheme, given)
	}
	return nil
}
