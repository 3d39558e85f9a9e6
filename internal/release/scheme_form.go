package release

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// The templates of versions that have a name.
const (
	SemverForm   = "{major}.{minor}.{patch}[-{stage}.{n}]"
	PEP440Form   = "{major}.{minor}[.{patch}][{stage:a,b,rc}{n:1}]"
	CalendarForm = "{yyyy}.{mm}[.{patch}][-{stage}.{n}]"
)

var formNames = map[string]string{"semver": SemverForm, "pep440": PEP440Form, "calendar": CalendarForm}

// FormNames are the names of templates.
func FormNames() []string { return []string{"semver", "pep440", "calendar"} }

// formForm is what a template looks like: two numbers with a dot or an underscore between them, a third that
// may be in brackets, and in brackets what a version has before its final one. No digit stands beside
// a number, so that each version is written in one way and each text is one version.
var formForm = lazy.Regexp(`^\{(major|yyyy|yy)\}([._])\{(minor|mm|0m)\}(?:([._-][A-Za-z]{0,9}|[A-Za-z]{1,9})\{patch\}|\[([._-][A-Za-z]{0,9}|[A-Za-z]{1,9})\{patch\}\])` +
	`(?:\[((?:[._-](?:[0-9]{1,4}[._-]?)?)?)\{stage(?::([A-Za-z,]{1,40}))?\}([._]?)\{n(?::([01]))?\}\])?$`)

// FormWanted is what a template has to look like, for people.
const FormWanted = "semver, pep440, calendar, or a template like " + SemverForm + " or " + PEP440Form

// grammar is the template of a version, taken apart.
type grammar struct {
	major, minor string // how the template names them: "yyyy"
	between      string // these two
	beforePatch  string
	patchless    bool     // a third number of 0 isn't written
	stages       []string // as they are spelled: for Alpha, Beta and Candidate, or for the last of these; none of a scheme with final versions alone
	beforeStage  string
	beforeN      string
	first        int // that a stage is counted from
	// whole is the expression of all that the template writes, and of a little more.
	whole, within *regexp.Regexp
}

// ParseForm reads the name of a scheme, or the template of a version. What it returns stands in
// Scheme.Form. The error completes "TEXT ...".
func ParseForm(text string) (string, error) {
	form := cmp.Or(formNames[text], text)
	if _, err := newGrammar(form); err != nil {
		return "", err
	}
	if form == SemverForm {
		form = ""
	}
	return form, nil
}

var part = lazy.Regexp(`\{([^{}]*)\}`)

// newGrammar takes a template apart.
func newGrammar(form string) (*grammar, error) {
	m := formForm().FindStringSubmatch(form)
	if m == nil {
		return nil, formFault(form)
	}
	g := &grammar{major: m[1], between: m[2], minor: m[3], beforePatch: m[4] + m[5], patchless: m[5] != "", beforeStage: m[6], beforeN: m[8]}
	if strings.Contains(form, "{stage") {
		g.stages = strings.Split(cmp.Or(m[7], "alpha,beta,rc"), ",")
		if slices.Contains(g.stages, "") || len(g.stages) > 3 || len(slices.Compact(slices.Sorted(slices.Values(g.stages)))) < len(g.stages) {
			return nil, fmt.Errorf("has {stage:%s}; want the words for alpha, beta and candidate, or for the last of these, like {stage:a,b,rc} or {stage:rc}", m[7])
		}
	}
	if m[9] == "1" {
		g.first = 1
	}
	expression := g.expression()
	g.whole, g.within = regexp.MustCompile(`^(?:`+expression+`)$`), regexp.MustCompile(expression)
	return g, nil
}

// formFault says what is wrong with a template.
func formFault(form string) error {
	named := map[string]bool{}
	for _, m := range part().FindAllStringSubmatch(form, -1) {
		name, _, _ := strings.Cut(m[1], ":")
		if named[name] {
			return fmt.Errorf("has {%s} twice", name)
		}
		if named[name] = true; !slices.Contains([]string{"major", "minor", "patch", "stage", "n", "yyyy", "yy", "mm", "0m"}, name) {
			return fmt.Errorf("has {%s}, which is no part of a version: there are {major}, {minor}, {patch}, {stage} and {n}, and of dates {yyyy}, {yy}, {mm} and {0m}", name)
		}
	}
	before, _, _ := strings.Cut(form, "{stage")
	switch {
	case len(named) == 0:
		return fmt.Errorf("is no scheme; want %s", FormWanted)
	case !named["major"] && !named["yyyy"] && !named["yy"]:
		return fmt.Errorf("lacks {major}, or {yyyy} or {yy}")
	case !named["minor"] && !named["mm"] && !named["0m"]:
		return fmt.Errorf("lacks {minor}, or {mm} or {0m}")
	case !named["patch"]:
		return fmt.Errorf("lacks {patch}; write [.{patch}] where the first version of a line has none")
	case named["stage"] != named["n"]:
		return fmt.Errorf("has one of {stage} and {n}; a candidate needs both, like [-{stage}.{n}]")
	case !strings.HasPrefix(form, "{"):
		return fmt.Errorf("begins with something else than its first number; what stands before that belongs into the tag")
	case named["stage"] && strings.Count(before, "[") == strings.Count(before, "]"):
		return fmt.Errorf("has {stage} without brackets; a final version has none: write [-{stage}.{n}]")
	}
	return fmt.Errorf("isn't the template of a version; want %s", FormWanted)
}

// grammars are those that were asked for last: those of policies are asked for often.
var grammars = struct {
	sync.Mutex
	of map[string]*grammar
}{of: map[string]*grammar{}}

// maxGrammars bounds what they hold.
const maxGrammars = 100

// grammar is that of the scheme; of a template that ParseForm refuses, which no scheme has, it is Semver's.
func (s Scheme) grammar() *grammar {
	form := cmp.Or(s.Form, SemverForm)
	grammars.Lock()
	defer grammars.Unlock()
	if g := grammars.of[form]; g != nil {
		return g
	}
	g, err := newGrammar(form)
	if err != nil {
		if g, err = newGrammar(SemverForm); err != nil {
			panic(err)
		}
	}
	if len(grammars.of) >= maxGrammars {
		clear(grammars.of)
	}
	grammars.of[form] = g
	return g
}

func (g *grammar) expression() string {
	patch := regexp.QuoteMeta(g.beforePatch) + `(?P<patch>[0-9]+)`
	if g.patchless {
		patch = `(?:` + patch + `)?`
	}
	all := `(?P<major>[0-9]+)` + regexp.QuoteMeta(g.between) + `(?P<minor>[0-9]+)` + patch
	if len(g.stages) > 0 {
		all += `(?:` + regexp.QuoteMeta(g.beforeStage) + `(?P<stage>` + g.anyStage() + `)` + regexp.QuoteMeta(g.beforeN) + `(?P<n>[0-9]+))?`
	}
	return all
}

// anyStage is the expression of the stages, "alpha" before "a".
func (g *grammar) anyStage() string {
	spelled := slices.Clone(g.stages)
	slices.SortFunc(spelled, func(x, y string) int { return len(y) - len(x) })
	return strings.Join(spelled, "|")
}

// write is a version in the form of the template.
func (g *grammar) write(v Version) string {
	text := g.line(v)
	if !g.patchless || v.Patch != 0 {
		text += g.beforePatch + strconv.Itoa(v.Patch)
	}
	if v.Stage == Final {
		return text
	}
	return text + g.beforeStage + g.spell(v.Stage) + g.beforeN + strconv.Itoa(v.N)
}

// numbers are the first two numbers, as they are written.
func (g *grammar) numbers(v Version) (major, minor string) {
	if g.minor == "0m" {
		return strconv.Itoa(v.Major), fmt.Sprintf("%02d", v.Minor)
	}
	return strconv.Itoa(v.Major), strconv.Itoa(v.Minor)
}

// line is a version up to its second number.
func (g *grammar) line(v Version) string {
	major, minor := g.numbers(v)
	return major + g.between + minor
}

// lineStem is what all versions of a line begin with.
func (g *grammar) lineStem(v Version) string {
	if g.patchless {
		return g.line(v)
	}
	return g.line(v) + g.beforePatch
}

// monthly reports whether the second number is a month.
func (g *grammar) monthly() bool { return g.minor != "minor" }

// spell is a stage as a version has it; one that the scheme doesn't have is spelled as usual.
func (g *grammar) spell(s Stage) string {
	if g.has(s) && s != Final {
		return g.stages[int(s-Candidate)+len(g.stages)-1]
	}
	return s.String()
}

// has reports whether versions go through a stage.
func (g *grammar) has(s Stage) bool { return s == Final || int(Candidate-s) < len(g.stages) }

// wanted is the template for people.
func (g *grammar) wanted() string {
	text := g.namesOfLine()
	if g.patchless {
		text += " or " + text
	}
	text += g.beforePatch + "PATCH"
	if len(g.stages) == 0 {
		return text
	}
	var ends []string
	for _, s := range g.stages {
		ends = append(ends, g.beforeStage+s+g.beforeN+"N")
	}
	last := len(ends) - 1
	before := strings.Join(ends[:last], ", ")
	if last > 0 {
		before += " or "
	}
	return text + ", with " + before + ends[last] + " before the final one"
}

func (g *grammar) namesOfLine() string {
	return strings.ToUpper(g.major) + g.between + strings.ReplaceAll(strings.ToUpper(g.minor), "0M", "MM")
}
