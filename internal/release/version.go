package release

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// Version names what a release publishes: 1.31.0-beta.0, 1.31.0, 1.31.4.
type Version struct {
	Major, Minor, Patch int
	Stage               Stage
	N                   int // of the stage, from 0; 0 of a final version
}

// Stage is how far a version is on its way to the final one.
type Stage int

// The stages, in their order.
const (
	Alpha Stage = iota + 1
	Beta
	Candidate // "rc" in a version
	Final
)

var stageNames = map[Stage]string{Alpha: "alpha", Beta: "beta", Candidate: "rc", Final: "final"}

// String is the stage as a version spells it; "final" is spelled by nothing.
func (s Stage) String() string { return stageNames[s] }

// VersionPattern is the grammar of versions, as release-builder reads them.
const VersionPattern = `^\d+\.\d+\.\d+(-(alpha|beta|rc)\.\d+)?$`

// VersionWanted is what a version has to look like, for people.
const VersionWanted = "MAJOR.MINOR.PATCH, with -alpha.N, -beta.N or -rc.N before the final one, like 1.31.0-beta.0"

var (
	versionForm = lazy.Regexp(VersionPattern)
	// looseForm is what people write when they mean a version.
	looseForm = lazy.Regexp(`(?i)^v?(\d+)\.(\d+)(?:\.(\d+))?(?:[-. ]?(alpha|beta|rc)(?:[-. ]?(\d+))?)?$`)
)

// VersionFault is what is wrong with a version that somebody wrote.
type VersionFault struct {
	What  string
	Meant string // what may have been meant; "" if nobody can tell
}

// Error implements error.
func (f *VersionFault) Error() string {
	if f.Meant != "" {
		return fmt.Sprintf("%s; did you mean %s?", f.What, f.Meant)
	}
	return fmt.Sprintf("%s: want %s", f.What, VersionWanted)
}

// maxVersion is longer than any version there will be.
const maxVersion = 64

// ParseVersion reads a version. The error is a *VersionFault, and tells what
// was meant where that can be told.
func ParseVersion(text string) (Version, error) {
	if len(text) > maxVersion || !versionForm().MatchString(text) {
		f := &VersionFault{What: shown(text) + " is not a version"}
		if m := looseForm().FindStringSubmatch(text); m != nil && len(text) <= maxVersion {
			f.Meant = meant(m)
		}
		return Version{}, f
	}
	var v Version
	core, stage, pre := strings.Cut(text, "-")
	numbers := strings.Split(core, ".")
	v.Stage = Final
	if pre {
		name, n, _ := strings.Cut(stage, ".")
		for s, spelled := range stageNames {
			if spelled == name {
				v.Stage = s
			}
		}
		numbers = append(numbers, n)
	}
	for i, into := range []*int{&v.Major, &v.Minor, &v.Patch, &v.N}[:len(numbers)] {
		n, err := strconv.Atoi(numbers[i])
		switch {
		case err != nil || n > 1_000_000:
			return Version{}, &VersionFault{What: shown(text) + " has a number that is too large"}
		case strconv.Itoa(n) != numbers[i]:
			return Version{}, &VersionFault{What: shown(text) + " has a number that begins with 0", Meant: unpadded(core, stage, pre)}
		}
		*into = n
	}
	return v, nil
}

// meant spells a loosely written version as it has to be, "" if that is no version.
func meant(m []string) string {
	text := m[1] + "." + m[2] + "." + cmp.Or(m[3], "0")
	if m[4] != "" {
		text += "-" + strings.ToLower(m[4]) + "." + cmp.Or(m[5], "0")
	}
	if _, err := ParseVersion(text); err != nil {
		return ""
	}
	return text
}

func unpadded(core, stage string, pre bool) string {
	trim := func(s string) string { return cmp.Or(strings.TrimLeft(s, "0"), "0") }
	parts := strings.Split(core, ".")
	for i := range parts {
		parts[i] = trim(parts[i])
	}
	text := strings.Join(parts, ".")
	if pre {
		name, n, _ := strings.Cut(stage, ".")
		text += "-" + name + "." + trim(n)
	}
	return text
}

// OfTag reads the version that a tag names: 1.31.0, or v1.31.0 as Go's modules have it.
func OfTag(tag string) (v Version, ok bool) {
	v, err := ParseVersion(strings.TrimPrefix(tag, "v"))
	return v, err == nil
}

// OfTags are the versions that tags name, each once.
func OfTags(tags []string) (all []Version) {
	for _, tag := range tags {
		if v, ok := OfTag(tag); ok && !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	return all
}

// Newest is the newest of some versions on a branch, those that aren't its own apart; zero for
// none.
func Newest(versions []Version, b Branch) (newest Version) {
	for _, v := range versions {
		if belongs, numbered := v.Of(b); (belongs || !numbered) && v.Compare(newest) > 0 {
			newest = v
		}
	}
	return newest
}

// String is the form that ParseVersion reads.
func (v Version) String() string {
	core := fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch)
	if v.Stage == Final {
		return core
	}
	return fmt.Sprintf("%s-%s.%d", core, v.Stage, v.N)
}

// Final is the version that this one leads to: 1.31.0 of 1.31.0-rc.2.
func (v Version) Final() Version {
	v.Stage, v.N = Final, 0
	return v
}

// Compare orders versions: alpha, beta, rc and final of one patch, then the next.
func (v Version) Compare(w Version) int {
	return slices.Compare([]int{v.Major, v.Minor, v.Patch, int(v.Stage), v.N}, []int{w.Major, w.Minor, w.Patch, int(w.Stage), w.N})
}

// Of reports whether a version belongs to a branch by its name: release-1.31 has
// the versions of 1.31. A branch whose name ends in no numbers, such as master,
// stands for no minor release; numbered is false of it.
func (v Version) Of(b Branch) (belongs, numbered bool) {
	major, minor, ok := b.Minor()
	return ok && major == strconv.Itoa(v.Major) && minor == strconv.Itoa(v.Minor), ok
}

// Order is how one version stands to the one before it.
type Order string

// The orders. A gap is a version after the next: those between may have been
// built where nobody sees it.
const (
	First Order = "first" // there is none before it
	Again Order = "again" // the same
	Next  Order = "next"
	Gap   Order = "gap"
	Back  Order = "back" // older
)

// Follows tells how a version stands to the one before it on its branch. The
// next of alpha.N is alpha.N+1 or beta.0; of beta.N beta.N+1, rc.0 or the final
// version; of rc.N rc.N+1 or the final version; of a final version the next
// patch. A later minor's alpha.0 begins anew where both are built on one branch.
func (v Version) Follows(before Version) Order {
	switch c := v.Compare(before); {
	case before == Version{}:
		return First
	case c == 0:
		return Again
	case c < 0:
		return Back
	}
	samePatch := v.Final() == before.Final()
	switch {
	case samePatch && v.Stage == before.Stage && v.N == before.N+1,
		samePatch && v.Stage == before.Stage+1 && v.N == 0,
		samePatch && before.Stage == Beta && v.Stage == Final,
		v.Major == before.Major && v.Minor == before.Minor && v.Patch == before.Patch+1 && before.Stage == Final && v.N == 0,
		v.Major == before.Major && v.Minor > before.Minor && v.Patch == 0 && v.Stage == Alpha && v.N == 0:
		return Next
	}
	return Gap
}

// NextOf lists the versions that may follow one on its branch, the nearest first.
func NextOf(v Version) []Version {
	at := func(s Stage, n int) Version {
		w := v
		w.Stage, w.N = s, n
		return w
	}
	switch v.Stage {
	case Alpha:
		return []Version{at(Alpha, v.N+1), at(Beta, 0)}
	case Beta:
		return []Version{at(Beta, v.N+1), at(Candidate, 0), v.Final()}
	case Candidate:
		return []Version{at(Candidate, v.N+1), v.Final()}
	}
	v.Patch++
	return []Version{v.Final()}
}

// written finds whole versions in a text: nothing that goes on in letters,
// digits or dots.
var written = lazy.Regexp(`\d+\.\d+\.\d+(?:-(?:alpha|beta|rc)\.\d+)?`)

// VersionsIn lists the versions that a text names in full, in order. What is
// almost one ("1.31.0-rc2") counts as far as it is one (1.31.0): whoever wrote
// that named another version than was meant.
func VersionsIn(text string) []Version {
	var found []Version
	for _, m := range written().FindAllString(text, 20) {
		if v, err := ParseVersion(m); err == nil {
			found = append(found, v)
		}
	}
	return found
}
