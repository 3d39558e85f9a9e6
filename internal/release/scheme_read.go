package release

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// VersionFault is what is wrong with a version that somebody wrote.
type VersionFault struct {
	What  string
	Meant string // what may have been meant; "" if nobody can tell
	Want  string // what a version looks like
}

// Error implements error.
func (f *VersionFault) Error() string {
	if f.Meant != "" {
		return fmt.Sprintf("%s; did you mean %s?", f.What, f.Meant)
	}
	return fmt.Sprintf("%s: want %s", f.What, f.Want)
}

const (
	maxVersion = 64        // bytes: longer than any version there will be
	maxNumber  = 1_000_000 // larger than any number of one
)

// looseForm is what people write when they mean a version.
var looseForm = lazy.Regexp(`(?i)^v?(?P<major>\d+)[._](?P<minor>\d+)(?:[._](?P<patch>\d+))?(?:[-._ ]?(?P<stage>alpha|beta|rc|a|b)(?:[-._ ]?(?P<n>\d+))?)?$`)

// parts are the texts that an expression found, by their names.
type parts map[string]string

func find(names []string, found []string) parts {
	p := parts{}
	for i, name := range names {
		if name != "" && i < len(found) {
			p[name] = found[i]
		}
	}
	return p
}

// read reads a version as the template writes it, and nothing else.
func (g *grammar) read(s Scheme, text string) (Version, error) {
	fault := func(what, meant string) (Version, error) {
		return Version{}, &VersionFault{What: shown(text) + what, Meant: meant, Want: s.Wanted()}
	}
	if len(text) > maxVersion {
		return fault(" is not a version", "")
	}
	p := find(g.whole.SubexpNames(), g.whole.FindStringSubmatch(text))
	if len(p) == 0 {
		return fault(" is not a version", g.meant(s, text))
	}
	v, ok := g.version(s, p)
	switch {
	case !ok:
		return fault(" has a number that is too large", "")
	case g.monthly() && (v.Minor < 1 || v.Minor > 12):
		return fault(fmt.Sprintf(" has no month %d", v.Minor), "")
	case g.major == "yyyy" && (v.Major < 1000 || v.Major > 9999):
		return fault(" has no year of four digits", "")
	case v.Stage != Final && v.N < g.first:
		return fault(fmt.Sprintf(" counts from %s, and its scheme from %d", p["n"], g.first), "")
	case g.write(v) == text:
		return v, nil
	case p.padded():
		return fault(" has a number that begins with 0", g.write(v))
	}
	return fault(" is not a version", g.write(v))
}

// padded reports whether a number begins with a 0 that says nothing.
func (p parts) padded() bool {
	for _, name := range []string{"major", "minor", "patch", "n"} {
		if len(p[name]) > 1 && p[name][0] == '0' {
			return true
		}
	}
	return false
}

// version is what parts come to; ok is false where a number is too large.
func (g *grammar) version(s Scheme, p parts) (v Version, ok bool) {
	v = Version{Stage: Final, Scheme: s}
	for name, into := range map[string]*int{"major": &v.Major, "minor": &v.Minor, "patch": &v.Patch, "n": &v.N} {
		n, err := strconv.Atoi(cmp.Or(p[name], "0"))
		if err != nil || n > maxNumber {
			return v, false
		}
		*into = n
	}
	for stage := Alpha; stage <= Candidate && p["stage"] != ""; stage++ {
		if g.has(stage) && g.spell(stage) == p["stage"] {
			v.Stage = stage
		}
	}
	return v, true
}

// meant spells a loosely written version as it has to be, "" if that is no version.
func (g *grammar) meant(s Scheme, text string) string {
	p := find(looseForm().SubexpNames(), looseForm().FindStringSubmatch(text))
	if len(p) == 0 {
		return ""
	}
	stage, n := strings.ToLower(p["stage"]), p["n"]
	p["stage"] = ""
	v, ok := g.version(s, p)
	for is, name := range stageNames {
		if stage == name || stage != "" && is < Candidate && stage == name[:1] {
			v.Stage = is
		}
	}
	if v.Stage != Final && n == "" {
		v.N = g.first
	}
	if meant := g.write(v); ok && g.has(v.Stage) && meant != text {
		if _, err := g.read(s, meant); err == nil {
			return meant
		}
	}
	return ""
}

// readLine reads the first two numbers of a version alone.
func (g *grammar) readLine(s Scheme, text string) (v Version, ok bool) {
	major, minor, ok := strings.Cut(text, g.between)
	if !ok || len(text) > maxVersion {
		return v, false
	}
	return g.readNumbers(s, major, minor)
}

// readNumbers is the first final version of a line, by its two numbers as they are written.
func (g *grammar) readNumbers(s Scheme, major, minor string) (v Version, ok bool) {
	if !isNumber(major) || !isNumber(minor) {
		return v, false
	}
	if v, ok = g.version(s, parts{"major": major, "minor": minor}); !ok || g.line(v) != major+g.between+minor {
		return v, false
	}
	_, err := g.read(s, g.write(v))
	return v, err == nil
}

// In lists the versions that a text names in full, in order. What is almost one ("1.31.0-rc2") counts
// as far as it is one (1.31.0): whoever wrote that named another version than was meant. Where a version may be
// two numbers alone, these count behind a word or a prefix that says so, and of the line of own:
// "Publish with Go 1.21" names none.
func (s Scheme) In(text string, own Version) []Version {
	var found []Version
	for _, at := range s.grammar().within.FindAllStringIndex(text, 20) {
		v, err := s.Parse(text[at[0]:at[1]])
		if err == nil && (!v.isPair() || s.saysPair(text[:at[0]], text[at[1]:], v.SameLine(own))) {
			found = append(found, v)
		}
	}
	return found
}

// isPair reports whether a version is written as two numbers alone.
func (v Version) isPair() bool {
	return v.Scheme.grammar().patchless && v.Stage == Final && v.Patch == 0
}

var (
	pairWord = lazy.Regexp(`(?i)\b(?:build|publish|release|version)(?: of)?:? $`)
	wordEnd  = lazy.Regexp(`[\pL\pN_.]$`)
	wordGoes = lazy.Regexp(`^(?:[\pL\pN_]|\.[\pL\pN])`)
)

// saysPair reports whether two numbers are a version by what stands before and behind them; own says
// that they are expected.
func (s Scheme) saysPair(before, behind string, own bool) bool {
	prefix := s.AllTags()
	if s.Tag == "" {
		prefix = "v"
	}
	bare, prefixed := strings.CutSuffix(before, prefix)
	prefixed = prefixed && prefix != ""
	return !wordGoes().MatchString(behind) && !wordEnd().MatchString(bare) && (prefixed || own || pairWord().MatchString(bare))
}
