package checklist

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Settings is the policy's section `checklist`. In its texts and names `{version}`
// stands for the version, `{tag}` for its tag, `{release}` for what people call it (1.31, or 1.31.4),
// `{major}` and `{minor}` for its numbers, `{next}` for the minor number after it,
// and `{branch}` for its branch.
type Settings struct {
	config.InScheme
	// The repository in which a release has its tracking issue. Without one there
	// are no tracking issues. A repository whose policy names a home lets that one's
	// policy reach it: it may look there, and run steps for who manages releases by
	// this policy, or may push.
	Home config.RepoName `yaml:"home" example:"istio"`
	// What is released, for titles.
	Product string `yaml:"product" max:"50" example:"Istio"`
	// The label of a tracking issue. It is for people: Slipway knows its own
	// issues without it.
	Label config.Label `yaml:"label" example:"release-tracking"`
	// The branch of a release.
	Branch string `yaml:"branch" max:"100" example:"release-{major}.{minor}"`
	// The repositories that a release is made of. One that has a policy of its own has to
	// name the same home, and may be no more private than the home.
	Repositories []config.RepoName `yaml:"repositories" max:"30" example:"[\"istio\", \"api\"]"`
	// How long to wait at least between two looks at all that a release is made of,
	// however much happens there. Commands and ticks by hand are answered at once.
	LookEvery config.Duration `yaml:"look_every" example:"1m"`
	// The label that asks for a pick onto the branch.
	PickLabel string `yaml:"pick_label" max:"50" example:"cherrypick/{branch}"`
	// The issues that hold a release back.
	Blockers Blockers `yaml:"blockers"`
	// What releases are made of: one for each kind of them.
	Templates []Template `yaml:"templates" max:"2"`
}

// Blockers are issues and pull requests that hold a release back: while they are open, and
// until what was merged to fix them is on the release's branch. One stays a blocker if somebody takes
// it off who doesn't manage the release; `/release unblock` lets it go.
type Blockers struct {
	// Their label. Without one nothing holds a release back.
	Label config.Label `yaml:"label" example:"release-blocker"`
	// The title of their milestone; without one the label is enough. If it is there,
	// its due date is kept the day of the release.
	Milestone string `yaml:"milestone" max:"100" example:"\"{major}.{minor}\""`
	// Whether one with the label and without any milestone counts, too: for each release.
	WithoutMilestone bool `yaml:"without_milestone" example:"true"`
	// The repositories in which they are, beside the one with the tracking issues.
	Repositories []config.RepoName `yaml:"repositories" max:"30" example:"[\"api\"]"`
}

// Template is what a release is made of.
type Template struct {
	// The kind of releases.
	Kind Kind `yaml:"kind" required:"yes" example:"minor"`
	// The days of its schedule.
	Schedule []Milestone `yaml:"schedule" max:"40"`
	// The steps of its checklist, in their order.
	Steps []Step `yaml:"steps" max:"150"`
}

// Kind is a kind of releases: `minor` are those that end in .0, `patch` all others.
type Kind string

// The kinds.
const (
	MinorRelease Kind = "minor"
	PatchRelease Kind = "patch"
)

// Values implements config.Choice.
func (Kind) Values() []string { return []string{string(MinorRelease), string(PatchRelease)} }

// Milestone is a day of a schedule.
type Milestone struct {
	// What people call it, also in `/release date NAME DAY`.
	Name string `yaml:"name" required:"yes" max:"40" example:"code-freeze"`
	// When it is: days before or after `cut` or `release`.
	At config.ScheduleDay `yaml:"at" required:"yes" example:"release-7d"`
	// The phase of the branch that begins that day.
	Phase release.Phase `yaml:"phase" example:"frozen"`
}

// Step is one line of a checklist.
type Step struct {
	// The part of the checklist that it stands in.
	Phase string `yaml:"phase" required:"yes" max:"80" example:"Branch cut"`
	// Its name, in small letters, digits and dashes.
	ID string `yaml:"id" required:"yes" max:"40" example:"cut-branches"`
	// What is to be done, on one line.
	Title string `yaml:"title" required:"yes" max:"200" example:"Create {branch} everywhere"`
	// More about it, on the same line.
	Text string `yaml:"text" max:"500" example:"Never in test-infra."`
	// The steps that have to be done before it.
	Needs []string `yaml:"needs" max:"20" example:"[]"`
	// The day by which it has to be done.
	Due config.ScheduleDay `yaml:"due" example:"cut"`
	// Who may tick it beside the release managers: a team, several, or a group that names people otherwise, too.
	Owners config.People `yaml:"owners" example:"wg-test-and-release"`
	// How long after the steps that it needs a person may tick it: for what has to
	// run for a while before anybody can attest that it went well.
	Wait config.Duration `yaml:"wait" example:"48h"`
	// Whether each new release candidate opens the step again.
	PerCandidate bool `yaml:"per_candidate" example:"true"`
	// What is looked at to see that it is done. Without one a person ticks it.
	Probe Probe `yaml:"probe"`
	// What `/release step NAME run` does, and nothing else ever does.
	Action Action `yaml:"action"`
	// A pull request that must not be merged at this point of the release, and mostly
	// looks as if it had to be.
	Trap Trap `yaml:"trap"`
}

// Action is what a release manager may have done for a step, by a command. What is
// there already stays as it is, so that it can be run again for what is missing.
type Action struct {
	// A label to create.
	Label string `yaml:"label" max:"50" example:"cherrypick/{branch}"`
	// The title of a milestone to create.
	Milestone string `yaml:"milestone" max:"100" example:"\"{major}.{next}\""`
	// A branch to create.
	Branch string `yaml:"branch" max:"100" example:"\"{branch}\""`
	// The branch that it begins at; the default branch without it.
	From string `yaml:"from" max:"100" example:"master"`
	// Changes of files, for which each repository gets one pull request.
	Edits []Edit `yaml:"edits" max:"20"`
	// The branch that they are proposed against; the release's without it.
	Base string `yaml:"base" max:"100" example:"master"`
	// The repositories; without any, those of the release.
	In []config.RepoName `yaml:"in" max:"30" example:"[\"istio\", \"api\"]"`
}

// Edit is a change of a file.
type Edit struct {
	// The file. A repository that doesn't have it is passed over.
	File config.FilePath `yaml:"file" required:"yes" example:"common/Makefile.common.mk"`
	// A regular expression. Every place that fits it is replaced.
	Match string `yaml:"match" required:"yes" max:"200" example:"UPDATE_BRANCH \\?= .*"`
	// What stands there afterwards; `$1` is what the first group in `match` fits.
	Replace string `yaml:"replace" max:"300" example:"UPDATE_BRANCH ?= \"{branch}\""`
}

// Probe is what is looked at to see that a step is done. Of several things each
// has to be so; `in` says in which repositories.
type Probe struct {
	// A branch that has to be there.
	Branch string `yaml:"branch" max:"100" example:"\"{branch}\""`
	// A label that has to be there.
	Label string `yaml:"label" max:"50" example:"cherrypick/{branch}"`
	// The title of a milestone that has to be there.
	Milestone string `yaml:"milestone" max:"100" example:"\"{major}.{next}\""`
	// A team that has to be there.
	Team string `yaml:"team" max:"100" example:"release-managers-{major}-{minor}"`
	// A tag that has to be there.
	Tag string `yaml:"tag" max:"100" example:"\"{version}\""`
	// The tag of a release on GitHub that has to be there.
	Release string `yaml:"release" max:"100" example:"\"{version}\""`
	// How far it has to be: `public` unless a draft will do.
	State ReleaseState `yaml:"state" example:"draft"`
	// Files that it has to have.
	Assets []string `yaml:"assets" max:"100" example:"[\"istio-{version}-linux-amd64.tar.gz\"]"`
	// Patterns of status checks that have to have succeeded at the head of `ref`: for
	// each pattern there is one, and all that fit have. `*` is any text. Those in the
	// policy's `fails_by_design` don't count.
	Checks []config.CheckPattern `yaml:"checks" max:"20" example:"[\"*_postsubmit\"]"`
	// A file whose text has to fit `match`.
	File config.FilePath `yaml:"file" example:"Makefile"`
	// A regular expression that the file's text has to fit somewhere.
	Match string `yaml:"match" max:"200" example:"UPDATE_BRANCH \\?= \"{branch}\""`
	// The branch in which the file is, and on which the checks are; the release's without it.
	Ref string `yaml:"ref" max:"100" example:"master"`
	// A merged pull request whose text has a line `Release-Step: VERSION/ID`, or
	// whose title begins with `[Release-VERSION]` and ends like the step's; against
	// `ref`, or else the base of the step's edits, or else the release's branch and the
	// default branch. It counts if Slipway opened it for the step, or if its author or
	// who merged it may tick the step.
	Merged bool `yaml:"merged" example:"true"`
	// That no blocker is open.
	NoBlockers bool `yaml:"no_blockers" example:"true"`
	// The repositories; without any, those of the release.
	In []config.RepoName `yaml:"in" max:"30" example:"[\"istio\", \"api\"]"`
}

// ReleaseState is how far a release on GitHub is.
type ReleaseState string

// The states. A publishing job makes a draft, and a person makes it public.
const (
	PublicRelease ReleaseState = "public"
	DraftRelease  ReleaseState = "draft" // or public by now
)

// Values implements config.Choice.
func (ReleaseState) Values() []string { return []string{string(PublicRelease), string(DraftRelease)} }

// SetDefaults implements the contract of config.Declare.
func (s *Settings) SetDefaults() {
	s.Product, s.Label, s.Branch, s.PickLabel = "Release", "release-tracking", "release-{major}.{minor}", "cherrypick/{branch}"
	s.LookEvery = config.Duration(time.Minute)
}

// SetScheme implements config.Schemed.
func (s *Settings) SetScheme(scheme release.Scheme, given func(string) bool) error {
	s.Scheme = scheme
	return s.Line("branch", &s.Branch, given)
}

var stepID = lazy.Regexp(`^[a-z0-9][a-z0-9-]*$`)

// Validate implements the contract of config.Declare.
func (s Settings) Validate() error {
	var faults []error
	kinds := map[Kind]bool{}
	for i, t := range s.Templates {
		if kinds[t.Kind] {
			faults = append(faults, config.At(fmt.Sprintf("templates[%d].kind", i), fmt.Errorf("there is one for %s releases already", t.Kind)))
		}
		kinds[t.Kind] = true
		faults = append(faults, t.validate(fmt.Sprintf("templates[%d]", i), s)...)
	}
	if s.Home == "" && len(s.Templates) > 0 {
		faults = append(faults, config.At("home", errors.New("is missing: a checklist stands in a tracking issue, which needs a repository")))
	}
	return errors.Join(append(faults, s.nameFaults())...)
}

func (t Template) validate(name string, of Settings) []error {
	var faults []error
	at := func(i int, list, key string, err error) {
		faults = append(faults, config.At(fmt.Sprintf("%s.%s[%d].%s", name, list, i, key), err))
	}
	names, ids := map[string]bool{}, map[string]bool{}
	for i, m := range t.Schedule {
		if names[m.Name] {
			at(i, "schedule", "name", fmt.Errorf("%q is another day's name already", m.Name))
		}
		if !stepID().MatchString(m.Name) {
			at(i, "schedule", "name", &config.Wrong{What: fmt.Sprintf("%q is not a name", m.Name), Want: "small letters, digits and dashes"})
		}
		names[m.Name] = true
	}
	for i, s := range t.Steps {
		switch {
		case !stepID().MatchString(s.ID):
			at(i, "steps", "id", &config.Wrong{What: fmt.Sprintf("%q is not a name", s.ID), Want: "small letters, digits and dashes"})
		case ids[s.ID]:
			at(i, "steps", "id", fmt.Errorf("%q is another step's name already", s.ID))
		}
		for _, need := range s.Needs {
			if !ids[need] {
				at(i, "steps", "needs", &config.Wrong{What: fmt.Sprintf("%q is no step before it", need), Want: "names of steps that stand before this one"})
			}
		}
		ids[s.ID] = true
		if err := of.faultIn(s.Probe.Match); err != nil {
			at(i, "steps", "probe.match", fmt.Errorf("is no regular expression: %w", err))
		}
		for j, e := range s.Action.Edits {
			if err := of.faultIn(e.Match); err != nil {
				at(i, "steps", fmt.Sprintf("action.edits[%d].match", j), fmt.Errorf("is no regular expression: %w", err))
			}
		}
		traps := s.Trap.faults(t, of)
		for _, key := range slices.Sorted(maps.Keys(traps)) {
			at(i, "steps", "trap."+key, traps[key])
		}
		if (s.Probe.Match != "") != (s.Probe.File != "") {
			at(i, "steps", "probe", errors.New("file and match belong together"))
		}
		if s.Probe.Release == "" && (s.Probe.State != "" || len(s.Probe.Assets) > 0) {
			at(i, "steps", "probe", errors.New("state and assets are of a release, and there is no release"))
		}
	}
	return faults
}

// faultIn is what is wrong with a regular expression, once it is filled in.
func (s Settings) faultIn(pattern string) error {
	_, err := regexp.Compile(s.fillPattern(pattern, release.Version{Major: 1, Minor: 31, Stage: release.Final, Scheme: s.Scheme}))
	return err
}

// besideChecks reports whether anything is looked at beside status checks.
func (p Probe) besideChecks() bool {
	return p.Branch+p.Label+p.Milestone+p.Team+p.Tag+p.Release+string(p.File) != "" || p.Merged || p.NoBlockers
}

// empty reports whether there is nothing to look at.
func (p Probe) empty() bool { return len(p.Checks) == 0 && !p.besideChecks() }

// empty reports whether there is nothing to run.
func (a Action) empty() bool {
	return a.Label == "" && a.Milestone == "" && a.Branch == "" && len(a.Edits) == 0
}

// template is what a version is made of.
func (s Settings) template(v release.Version) Template {
	kind := MinorRelease
	if v.Patch > 0 {
		kind = PatchRelease
	}
	for _, t := range s.Templates {
		if t.Kind == kind {
			return t
		}
	}
	return Template{}
}

// fill puts a version into a text of the policy.
func (s Settings) fill(text string, v release.Version) string {
	return s.fillWith(text, v, func(value string) string { return value })
}

// fillPattern is fill for a regular expression: a dot of the version is a dot.
func (s Settings) fillPattern(text string, v release.Version) string {
	return s.fillWith(text, v, regexp.QuoteMeta)
}

func (s Settings) fillWith(text string, v release.Version, quote func(string) string) string {
	major, minor := v.Numbers()
	return strings.NewReplacer("{version}", quote(v.String()), "{tag}", quote(v.Tags()[0]), "{release}", quote(v.Called()), "{major}", major, "{minor}", minor,
		"{next}", fmt.Sprint(v.Minor+1), "{branch}", quote(v.Fill(s.Branch))).Replace(text)
}

// branchOf is the branch of a version.
func (s Settings) branchOf(v release.Version) release.Branch {
	return release.Branch(s.fill("{branch}", v))
}

// milestones are the template's, for a schedule.
func (t Template) milestones() []release.Milestone {
	var all []release.Milestone
	for _, m := range t.Schedule {
		all = append(all, release.Milestone{Name: m.Name, At: m.At.Offset(), Phase: m.Phase})
	}
	return all
}
