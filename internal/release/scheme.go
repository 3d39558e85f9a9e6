package release

import (
	"strings"
)

// Scheme is how a project names what it releases: how a version is written, what its tag is
// called, and which branches its releases are made from. Schemes are values, and the same if they
// are equal. The zero one is that of a project that says nothing about it.
type Scheme struct {
	// Form is the template of a version, as ParseForm returns it; "" is that of Semver.
	Form string
	// Tag is the template of a version's tag, with {version} in it. With "" a version has the tag
	// 1.31.0 or v1.31.0, or both.
	Tag string
	// Line is the template of the branch of a release line, with {major} and {minor} in it, or with
	// neither, where all versions come from one branch. With "" a line's branch is any whose name
	// ends in its two numbers.
	Line string
}

// Parse reads a version as the scheme writes it. The error is a *VersionFault, and tells what was
// meant where that can be told.
func (s Scheme) Parse(text string) (Version, error) { return s.grammar().read(s, text) }

// Named reads a version as people name one: as it is written, or by its tag. The error is that of Parse.
func (s Scheme) Named(text string) (Version, error) {
	if v, ok := s.OfTag(text); ok {
		return v, nil
	}
	v, err := s.Parse(text)
	if err != nil && s.Tag != "" {
		before, _, _ := strings.Cut(s.Tag, versionPart)
		if bare, ok := strings.CutPrefix(text, before); ok && before != "" {
			_, err = s.Parse(bare)
		}
	}
	return v, err
}

// NamedFinal is Named for a final version, whose last number may be left out where it is 0: 1.31 is 1.31.0.
func (s Scheme) NamedFinal(text string) (Version, error) {
	v, err := s.Named(text)
	if err == nil {
		return v, nil
	}
	bare, _ := s.untagged(text)
	for _, line := range []string{text, bare} {
		if v, ok := s.grammar().readLine(s, line); ok {
			return v, nil
		}
	}
	return v, err
}

// Recorded reads a version in a record that Slipway wrote, maybe before the scheme was this one:
// then it is what it was.
func (s Scheme) Recorded(text string) (Version, error) {
	v, err := s.Parse(text)
	if err != nil {
		if was, err := (Scheme{}).Parse(text); err == nil {
			return was, nil
		}
	}
	return v, err
}

// Wanted is what a version has to look like, for people.
func (s Scheme) Wanted() string { return s.grammar().wanted() + ", like " + s.Example() }

// Example is a version as the scheme writes it.
func (s Scheme) Example() string { return s.sample().String() }

// sample is a version on the way to one that begins a release line, if the scheme has such.
func (s Scheme) sample() Version {
	g := s.grammar()
	v := Version{Major: 1, Minor: 31, Stage: g.stage(Beta), Scheme: s}
	if v.Stage != Final {
		v.N = g.first
	}
	switch {
	case g.major == "yyyy":
		v.Major, v.Minor = 2026, 11
	case g.monthly():
		v.Major, v.Minor = 26, 11
	}
	return v
}

// Single reports whether all versions come from one branch.
func (s Scheme) Single() bool { return s.Line != "" && !strings.Contains(s.Line, "{") }

// versionPart is what stands for the version in the template of a tag.
const versionPart = "{version}"

// tags are the ways to call the tag of what is written so, the first before all others.
func (s Scheme) tags(written string) []string {
	if s.Tag == "" {
		return []string{written, "v" + written}
	}
	return []string{strings.Replace(s.Tag, versionPart, written, 1)}
}

// untagged is what stands for the version in a tag.
func (s Scheme) untagged(tag string) (written string, ok bool) {
	if s.Tag == "" {
		return strings.TrimPrefix(tag, "v"), true
	}
	before, after, _ := strings.Cut(s.Tag, versionPart)
	rest, ok := strings.CutPrefix(tag, before)
	if !ok {
		return "", false
	}
	return strings.CutSuffix(rest, after)
}

// OfTag reads the version that a tag is of.
func (s Scheme) OfTag(tag string) (v Version, ok bool) {
	written, ok := s.untagged(tag)
	if !ok {
		return v, false
	}
	v, err := s.Parse(written)
	return v, err == nil
}

// OfTags are the versions that tags are of, each once.
func (s Scheme) OfTags(tags []string) (all []Version) {
	have := map[Version]bool{}
	for _, tag := range tags {
		if v, ok := s.OfTag(tag); ok && !have[v] {
			have[v] = true
			all = append(all, v)
		}
	}
	return all
}

// AllTags is what the name of each tag of a version begins with, "" for anything.
func (s Scheme) AllTags() string {
	before, _, _ := strings.Cut(s.Tag, versionPart)
	return before
}

// Spellings are the names that a revision may have: of a version, however it was named, its tags.
func (s Scheme) Spellings(ref string) []string {
	v, err := s.Named(ref)
	if err != nil {
		return []string{ref}
	}
	all := v.Tags()
	if len(all) > 1 && all[1] == ref { // as it was asked for first
		all[0], all[1] = all[1], all[0]
	}
	return all
}

// Tags are the names that the tag of a version may have.
func (v Version) Tags() []string { return v.Scheme.tags(v.String()) }

// TagsOfLine are what the tags of all versions of its release line begin with, and maybe those of
// others: whoever lists tags by them has to read them by OfTags, and hold them to SameLine.
func (v Version) TagsOfLine() []string { return v.Scheme.tagsFrom(v.Scheme.grammar().lineStem(v)) }

// TagsOnTheWay are what the tags of a version and of all on the way to it begin with, and maybe
// those of others.
func (v Version) TagsOnTheWay() []string { return v.Scheme.tagsFrom(v.Final().String()) }

func (s Scheme) tagsFrom(stem string) (all []string) {
	for _, tag := range (Scheme{Tag: s.Tag}).tags(stem) {
		if _, after, _ := strings.Cut(s.Tag, versionPart); after != "" {
			tag = strings.TrimSuffix(tag, after)
		}
		all = append(all, tag)
	}
	return all
}

// SameLine reports whether two versions are of one release line.
func (v Version) SameLine(w Version) bool { return v.Major == w.Major && v.Minor == w.Minor }

// Numbers are the first two numbers of a version, as the scheme writes them.
func (v Version) Numbers() (major, minor string) { return v.Scheme.grammar().numbers(v) }

// First is the first final version of the same release line.
func (v Version) First() Version {
	v.Patch = 0
	return v.Final()
}

// Line is what people call the release line of a version: 1.31 of 1.31.4.
func (v Version) Line() string { return v.Scheme.grammar().line(v) }

// Dated reports whether the second number of a version is a month, so that nobody knows which comes next.
func (s Scheme) Dated() bool { return s.grammar().monthly() }

// Called is what people call a final version: 1.31 for 1.31.0, and 1.31.4.
func (v Version) Called() string {
	if v.Patch == 0 {
		return v.Line()
	}
	return v.String()
}

// Numbers are the numbers of a release line, as the name of its branch has them; ok is false of a
// branch that is of no line, or of all.
func (s Scheme) Numbers(b Branch) (major, minor string, ok bool) {
	if s.Line == "" {
		return b.minor()
	}
	first, rest, ok := strings.Cut(s.Line, "{major}")
	between, last, ok2 := strings.Cut(rest, "{minor}")
	if !ok || !ok2 || b.Ours() {
		return "", "", false
	}
	name, begins := strings.CutPrefix(string(b), first)
	name, ends := strings.CutSuffix(name, last)
	if !begins || !ends {
		return "", "", false
	}
	major, minor, ok = strings.Cut(name, between)
	return major, minor, ok && isNumber(major) && isNumber(minor)
}

func isNumber(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// FirstOf is the first final version that is made from a branch; ok is false if none is. Of the
// one branch of all versions it is none in particular.
func (s Scheme) FirstOf(b Branch) (v Version, ok bool) {
	if s.Single() {
		return Version{Stage: Final, Scheme: s}, string(b) == s.Line
	}
	major, minor, ok := s.Numbers(b)
	if !ok {
		return v, false
	}
	return s.grammar().readNumbers(s, major, minor)
}
