package build

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Purpose is what a trigger file starts.
type Purpose string

// The purposes.
const (
	Build   Purpose = "build"
	Publish Purpose = "publish"
)

// Grade is how a change of a trigger file is judged.
type Grade string

// The grades. A warning is for people to look at, and holds nothing back.
const (
	OK     Grade = "ok"
	Warn   Grade = "warn"
	Refuse Grade = "refuse"
)

var grades = []Grade{OK, Warn, Refuse}

// worse is the graver of two grades.
func worse(a, b Grade) Grade {
	if slices.Index(grades, b) > slices.Index(grades, a) {
		return b
	}
	return a
}

// Trigger is a change of a trigger file, and what is known where it is made.
type Trigger struct {
	Branch release.Branch
	// OnDefault says that the branch is the repository's default one.
	OnDefault bool
	Purpose   Purpose
	Text      string // of the file after the change
	Was       string // before it, "" if it wasn't there
	Title     string // of the pull request
	// Latest is the newest version that is known to be out on the branch, built or
	// published; zero for none.
	Latest release.Version
	// Tagged says that the version is tagged, so it was published; TaggedIn is where, and
	// Guessed that the policy doesn't say that its tags are there.
	Tagged   bool
	TaggedIn github.Repo
	Guessed  bool
	// Built says, of a publish, whether the branch has a build of the version.
	Built Built
}

// Built says whether a version was built on a branch, as far as anybody sees.
type Built int

// What may be known of it.
const (
	NotBuilt   Built = iota
	WasBuilt         // and nothing says that it failed
	Unsure           // the history is longer than was looked through
	Unfinished       // it was started, and not all that it reports is in
	BuildFailed
)

// started reports whether a build is known to have been started.
func (b Built) started() bool { return b == WasBuilt || b == Unfinished || b == BuildFailed }

// without says what is missing of a build, as a sentence without its full stop, ""
// for nothing.
func (b Built) without(v release.Version, branch release.Branch) string {
	switch b {
	case NotBuilt:
		return fmt.Sprintf("no build of %s was triggered on %s", v, branch)
	case Unsure:
		return fmt.Sprintf("it is unknown whether %s was built, because the branch's history is long", v)
	case Unfinished:
		return fmt.Sprintf("the build of %s isn't over: not all that it reports is in", v)
	case BuildFailed:
		return fmt.Sprintf("the build of %s failed", v)
	}
	return ""
}

// Remark is one thing to be said of a change.
type Remark struct {
	Kind  Kind
	Grade Grade
	Text  string // plain: a sentence without its full stop
	Next  string // what to do about it, a sentence; "" for nothing
}

// Kind is what sort of thing a remark is about, in the plural.
type Kind string

// The kinds.
const (
	Malformed   Kind = "Malformed trigger files"
	Elsewhere   Kind = "Versions that don't belong to the branch"
	OutOfOrder  Kind = "Versions left out or going back"
	OtherTitle  Kind = "Titles that disagree with the file"
	NothingNew  Kind = "Versions started once more by a comment"
	IsOut       Kind = "Versions that were published already"
	WithoutOne  Kind = "Publishes without a build"
	WithBlocker Kind = "Publishes with open blockers"
	NotAlone    Kind = "Triggers together with other files"
)

// Finding is what a change comes to.
type Finding struct {
	Version release.Version // zero if the file names none
	Does    string          // what its merge starts, as a sentence without its full stop
	Remarks []Remark        // those that are warnings or refusals
}

// Grade is the gravest of the remarks.
func (f Finding) Grade() Grade {
	g := OK
	for _, r := range f.Remarks {
		g = worse(g, r.Grade)
	}
	return g
}

// Reason is the finding in one line of plain text.
func (f Finding) Reason() string {
	var parts []string
	for _, r := range f.Remarks {
		if r.Grade == f.Grade() {
			parts = append(parts, r.Text)
		}
	}
	if len(parts) == 0 {
		parts = []string{f.Does}
	}
	return strings.Join(parts, "; ")
}

// content is what a trigger file says: its lines without blanks, comments and
// versions apart.
func content(text string) (versions []string, comments int) {
	for line := range strings.Lines(text) {
		switch line = strings.TrimSpace(line); {
		case line == "":
		case strings.HasPrefix(line, "#"):
			comments++
		default:
			versions = append(versions, line)
		}
	}
	return versions, comments
}

// read reads the version in a trigger file, whatever blanks stand around it.
// The error is for people.
func (s Triggers) read(text string) (release.Version, error) {
	lines, _ := content(text)
	switch {
	case len(lines) == 0:
		return release.Version{}, fmt.Errorf("the file names no version: want one, alone on its line, like %s", s.Scheme.Example())
	case len(lines) > 1:
		return release.Version{}, fmt.Errorf("the file has %d lines that are no comments: want one version alone", len(lines))
	}
	return s.Scheme.Parse(lines[0])
}

// stray says what stands on the version's line beside it, "" for nothing. The build
// takes the line as it is, so a blank or a line end of Windows is as bad as a letter.
func stray(text string) string {
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		bare := strings.TrimSpace(line)
		if line == bare || bare == "" || strings.HasPrefix(bare, "#") {
			continue
		}
		if strings.TrimSuffix(line, "\r") == bare {
			return fmt.Sprintf("the line of %q ends like those of Windows, in a carriage return that the build takes for a part of the version", bare)
		}
		return fmt.Sprintf("the line of %q has blanks beside the version, which the build takes for a part of it", bare)
	}
	return ""
}

// Judge says what a change of a trigger file comes to. What nobody can want is
// refused: a version that the build can't read, or one of another branch. What
// people have done for good reasons is a warning.
func Judge(t Trigger, s Triggers) Finding {
	v, err := s.read(t.Text)
	if err != nil {
		return Finding{Does: "starts a job that can't read the file", Remarks: []Remark{{
			Kind: Malformed, Grade: Refuse, Text: err.Error(), Next: "Correct the file; this check then runs again by itself.",
		}}}
	}
	f := Finding{Version: v, Does: does(t, v, s)}
	if more := stray(t.Text); more != "" {
		f.Remarks = append(f.Remarks, Remark{Malformed, Refuse, more, "Write the version alone on its line, with a plain line end; this check then runs again by itself."})
	}
	for _, r := range []Remark{ofBranch(t, v), inSequence(t, v, s), ofTitle(t, v, s), sameAgain(t), tagged(t, v), built(t, v, s)} {
		if r.Grade != "" {
			f.Remarks = append(f.Remarks, r)
		}
	}
	return f
}

// does says what the merge of a change starts.
func does(t Trigger, v release.Version, s Triggers) string {
	was, _ := s.read(t.Was)
	verb := map[Purpose]string{Build: "builds", Publish: "publishes"}[t.Purpose]
	switch {
	case was == v:
		return fmt.Sprintf("%s %s again", verb, v)
	case was == release.Version{}:
		return fmt.Sprintf("%s %s, the first version here", verb, v)
	}
	return fmt.Sprintf("%s %s, after %s", verb, v, was)
}

// ofBranch holds a version to the branch. The default one has alphas, and before a release has a branch
// maybe more. Where the policy says how branches are called, no other has a version.
func ofBranch(t Trigger, v release.Version) Remark {
	belongs, numbered := v.Of(t.Branch)
	line := v.Scheme.Line
	home := "the branch of " + v.Line()
	if line != "" {
		home = v.Fill(line)
	}
	switch {
	case numbered && !belongs, !numbered && line != "" && v.Stage != release.Alpha && !t.OnDefault:
		return Remark{Elsewhere, Refuse, fmt.Sprintf("%s doesn't belong to %s", v, t.Branch), fmt.Sprintf("Propose it against %s.", home)}
	case !numbered && v.Stage != release.Alpha && v.Scheme.Single():
		return Remark{Elsewhere, Warn, fmt.Sprintf("%s is no alpha, and versions come from %s", v, home), fmt.Sprintf("Unless it is meant, propose it against %s.", home)}
	case !numbered && v.Stage != release.Alpha:
		return Remark{Elsewhere, Warn, fmt.Sprintf("%s is no alpha, and %s is no release's branch", v, t.Branch),
			fmt.Sprintf("Once %s has a branch of its own, its versions come from there.", v.Line())}
	}
	return Remark{}
}

// inSequence holds a version to those before it. Of what was built people publish
// what came out well, so a publish may leave out versions.
func inSequence(t Trigger, v release.Version, s Triggers) Remark {
	before := t.Latest
	if was, err := s.read(t.Was); err == nil && was.Compare(before) > 0 {
		before = was
	}
	if belongs, numbered := before.Of(t.Branch); numbered && !belongs {
		before = release.Version{} // what a new branch has from the one that it was cut from
	}
	var next []string
	for _, n := range release.NextOf(before) {
		next = append(next, n.String())
	}
	switch v.Follows(before) {
	case release.Back:
		if was, err := s.read(t.Was); err == nil && was == v {
			return Remark{} // the file stays as it is; sameAgain has it
		}
		return Remark{OutOfOrder, Warn, fmt.Sprintf("goes back: %s is older than %s", v, before),
			fmt.Sprintf("If it is meant, go on; a revert starts it, too. After %s would come %s.", before, strings.Join(next, " or "))}
	case release.Gap:
		if t.Purpose == Publish {
			return Remark{}
		}
		return Remark{OutOfOrder, Warn, fmt.Sprintf("leaves out versions: after %s would come %s", before, strings.Join(next, " or ")),
			"If those between were built elsewhere, go on."}
	}
	return Remark{}
}

// ofTitle holds the pull request's title to the file. It is a warning by
// default: the title builds nothing.
func ofTitle(t Trigger, v release.Version, s Triggers) Remark {
	// A branch may be called like a version, and its name in brackets is no word about that.
	named := s.Scheme.In(strings.TrimPrefix(t.Title, "["+string(t.Branch)+"]"), v)
	if len(named) == 0 || slices.Contains(named, v) {
		return Remark{}
	}
	return Remark{OtherTitle, s.Title.grade(), fmt.Sprintf("the title names %s, the file %s", named[0], v), "Correct the one that is wrong."}
}

// sameAgain tells of a change that leaves the version as it is without what a
// rebuild needs: nothing but a comment.
func sameAgain(t Trigger) Remark {
	was, before := content(t.Was)
	is, now := content(t.Text)
	if !slices.Equal(was, is) || before == 0 && now == 0 {
		return Remark{}
	}
	return Remark{NothingNew, Warn, "changes nothing but comments, and all the same starts the version once more", "If that isn't meant, close this pull request."}
}

// tagged holds a change to what is out. It can be built once more, which people have done; it
// can't be published again.
func tagged(t Trigger, v release.Version) Remark {
	switch {
	case !t.Tagged:
		return Remark{}
	case t.Guessed:
		return Remark{IsOut, Warn, fmt.Sprintf("%s is tagged already in %s", v, t.TaggedIn), "If that tag is of this release, it was published: go on with the next version."}
	case t.Purpose == Publish:
		return Remark{IsOut, Refuse, fmt.Sprintf("%s is tagged already in %s, so it was published", v, t.TaggedIn), "Publish the next version; or, if its tag is wrong, take that away first: this check then looks again."}
	}
	return Remark{IsOut, Warn, fmt.Sprintf("%s is tagged already in %s, so it was published; built once more its files differ from those that people have", v, t.TaggedIn),
		"If something has to change, build the next version instead."}
}

// built holds a publish to the build before it.
func built(t Trigger, v release.Version, s Triggers) Remark {
	if t.Purpose != Publish || t.Built == WasBuilt {
		return Remark{}
	}
	without := t.Built.without(v, t.Branch)
	refused := s.Unbuilt == Refusal
	next := map[Built]string{
		NotBuilt:    "If it was built elsewhere, such as a security release in private, go on; else build it first.",
		Unfinished:  "Wait for it; this check looks again by itself.",
		BuildFailed: "Have it built once more; this check looks again by itself.",
	}[t.Built]
	switch {
	case t.Built == Unsure:
		return Remark{WithoutOne, Warn, without, "Look for the build before you merge."}
	case t.Built == NotBuilt && refused:
		next = "Build it first; this check then runs again by itself."
	}
	return Remark{WithoutOne, s.Unbuilt.grade(), without, next}
}

// grade is what a choice comes to; the zero Strictness warns.
func (s Strictness) grade() Grade { return Grade(cmp.Or(s, Warning)) }
