package release

import (
	"slices"
)

// Version names what a release publishes: 1.31.0-beta.0, 1.31.0, 1.31.4.
type Version struct {
	Major, Minor, Patch int
	Stage               Stage
	N                   int // of the stage, from 0 or 1 by the scheme; 0 of a final version
	// Scheme is how the project names it. A version of another scheme is another version.
	Scheme Scheme
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

// String is the form that Scheme.Parse reads.
func (v Version) String() string { return v.Scheme.grammar().write(v) }

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
// the versions of 1.31, and the one branch of a project all. A branch that is of no
// release line, such as master, stands for no minor release; numbered is false of it.
func (v Version) Of(b Branch) (belongs, numbered bool) {
	if v.Scheme.Single() {
		return string(b) == v.Scheme.Line, string(b) == v.Scheme.Line
	}
	major, minor, ok := v.Scheme.Numbers(b)
	of, and := v.Numbers()
	return ok && major == of && minor == and, ok
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

// Follows tells how a version stands to the one before it on its branch. The next
// are those of NextOf; besides, a beta may be the last before the final version, and
// a later minor's first alpha begins anew where both are built on one branch. Of
// trains by date any later one is the next.
func (v Version) Follows(before Version) Order {
	switch c := v.Compare(before); {
	case before == Version{}:
		return First
	case c == 0:
		return Again
	case c < 0:
		return Back
	}
	g := v.Scheme.grammar()
	first := v.Stage == Final || v.N == g.first
	final, begins := first && before.Stage == Final, first && v.Patch == 0
	switch {
	case slices.Contains(NextOf(before), v), final && slices.Contains(NextOf(before), v.Final()):
		return Next
	case begins && v.Stage != Final && v.Stage == g.stage(Alpha) && v.Major == before.Major && v.Minor > before.Minor:
		return Next
	case begins && v.Scheme.Single() && g.monthly() && !v.SameLine(before):
		return Next
	}
	return Gap
}

// NextOf lists the versions that may follow one on its branch, the nearest first.
func NextOf(v Version) (next []Version) {
	g := v.Scheme.grammar()
	if v.Stage != Final {
		more := v
		more.N++
		next = append(next, more)
		if later := v.Stage + 1; later < Final {
			more.Stage, more.N = later, g.first
			next = append(next, more)
		}
		if v.Stage > Alpha {
			next = append(next, v.Final())
		}
		return next
	}
	patch := v
	patch.Patch++
	next = append(next, patch)
	if v.Scheme.Single() {
		next = append(next, g.nextLines(v)...)
	}
	return next
}

// nextLines are the first versions of the release lines after one.
func (g *grammar) nextLines(v Version) []Version {
	minor, major := v, v
	minor.Minor, minor.Patch = v.Minor+1, 0
	major.Major, major.Minor, major.Patch = v.Major+1, 0, 0
	switch {
	case !g.monthly():
		return []Version{minor, major}
	case v.Minor == 12:
		major.Minor = 1
		return []Version{major}
	}
	return []Version{minor}
}

// stage is the first of the scheme's stages that isn't before one.
func (g *grammar) stage(s Stage) Stage {
	for s < Final && !g.has(s) {
		s++
	}
	return s
}

// FirstN is what the versions of a stage are counted from: 0 or 1.
func (s Scheme) FirstN() int { return s.grammar().first }
