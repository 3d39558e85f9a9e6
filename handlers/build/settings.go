package build

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Settings is the policy's section `release`.
type Settings struct {
	config.Enforcement `yaml:",inline"`

	// The files that start builds and publishes.
	Triggers Triggers `yaml:"triggers"`
	// Pull requests that look ordinary and must never be merged. Those that are a trap
	// only at some point of a release belong to a step of its checklist, as its `trap`.
	Traps []Trap `yaml:"traps" max:"20"`
}

// Trap is a kind of pull request that must not be merged. One that fits gets a
// failing check, and a comment that says what to do instead.
type Trap struct {
	// The repository, of the same owner.
	Repository config.RepoName `yaml:"repository" required:"yes" example:"common-files"`
	// A pattern of the branches that it is against.
	Branch config.BranchPattern `yaml:"branch" required:"yes" example:"release-*"`
	// A regular expression that its title fits somewhere.
	Title string `yaml:"title" required:"yes" max:"200" example:"update build-tools image"`
	// What to do instead, for people.
	Say string `yaml:"say" required:"yes" max:"500" example:"Close it; step 5 sets the image."`
}

// Triggers are the files that start builds and publishes. Without a repository
// there are none, and no check.
type Triggers struct {
	config.InScheme
	// The repository that they stand in, of the same owner. With a policy of its own it has
	// to name the one with the tracking issues as its `checklist.home`.
	Repository config.RepoName `yaml:"repository" example:"release-builder"`
	// What starts a build or a publish when it is asked for by a command: the change of
	// a file, which a pull request proposes, or a workflow of the same repository. For
	// a `workflow_dispatch` the App also needs the permission `actions: write`.
	By Starter `yaml:"by" example:"workflow_dispatch"`
	// With a workflow: the name of its file for a `workflow_dispatch`, and the type of
	// the event for a `repository_dispatch`.
	BuildDispatch string `yaml:"build_dispatch" max:"100" example:"build.yml"`
	// The same of a publish. A second release manager has to ask for it, too.
	PublishDispatch string `yaml:"publish_dispatch" max:"100" example:"publish.yml"`
	// What the workflow is given; without any, the version, as `version`.
	Inputs []Input `yaml:"inputs" max:"10"`
	// The file whose change starts a build. It holds one version.
	Build config.FilePath `yaml:"build" example:"release/trigger-build"`
	// The file whose change starts a publish.
	Publish config.FilePath `yaml:"publish" example:"release/trigger-publish"`
	// Patterns of the status checks that a build reports on the commit that started
	// it: for each there is one, and all that fit have to succeed. Without any, all
	// that are reported count. `*` is any text. Those in the policy's `fails_by_design`
	// don't count.
	BuildChecks []config.CheckPattern `yaml:"build_checks" max:"20" example:"[\"build-release_*_postsubmit\"]"`
	// The same of a publish.
	PublishChecks []config.CheckPattern `yaml:"publish_checks" max:"20" example:"[\"publish-release_*_postsubmit\"]"`
	// How long nothing may be heard of a build or a publish that isn't over before the
	// tracking issue says so.
	Silence config.Duration `yaml:"silence" example:"3h"`
	// How long after its last start a version is followed on the tracking issue.
	Follow config.Duration `yaml:"follow" example:"14d"`
	// The repositories that a publish tags; without any, the one with the tracking issues.
	TagsIn []config.RepoName `yaml:"tags_in" max:"30" example:"[\"istio\", \"api\"]"`
	// What becomes of a publish without a build of that version before it on the
	// branch that succeeded. Builds of security releases may be private.
	Unbuilt Strictness `yaml:"unbuilt" example:"refuse"`
	// Behind which publishes two release managers have to be, by asking for one, pushing
	// it or approving it as it is: `every`, or `ours`, those that `/release publish` proposed.
	SecondManager Second `yaml:"second_manager" example:"ours"`
	// What becomes of a pull request whose title names another version than the
	// file does.
	Title Strictness `yaml:"title" example:"refuse"`
	// What becomes of a publish while blockers of its release are open, by
	// `checklist.blockers`, or while that is unknown.
	Blocked Strictness `yaml:"blocked" example:"warn"`
}

// Starters is the owner's reader of facts.Starters. Where `slipway/release` doesn't enforce, nothing
// stands in for what other checks ask.
func Starters(l *facts.Look, b release.Branch) ([]string, error) {
	loaded, err := facts.Policy.Of(l, facts.Whole{})
	if err != nil || loaded.Policy == nil || loaded.Policy.Mode(Name, b) != config.Enforce {
		return nil, err
	}
	s, err := facts.Section[Settings](l, Name)
	if err != nil || !s.Triggers.in(l.Repo) || s.Triggers.dispatches() {
		return nil, err
	}
	return []string{s.Triggers.path(Build), s.Triggers.path(Publish)}, nil
}

// Starter is what starts builds and publishes.
type Starter string

// The starters.
const (
	PullRequest        Starter = "pull_request"
	WorkflowDispatch   Starter = "workflow_dispatch"
	RepositoryDispatch Starter = "repository_dispatch"
)

// Values implements config.Choice.
func (Starter) Values() []string {
	return []string{string(PullRequest), string(WorkflowDispatch), string(RepositoryDispatch)}
}

// Input is something that a workflow is given.
type Input struct {
	// Its name.
	Name string `yaml:"name" required:"yes" max:"100" example:"version"`
	// Its value: `{version}`, `{branch}` and `{purpose}` (build or publish) are filled in.
	Value string `yaml:"value" required:"yes" max:"200" example:"\"{version}\""`
}

// dispatch is the workflow or the event that starts a build or a publish.
func (t Triggers) dispatch(p Purpose) string {
	if p == Publish {
		return t.PublishDispatch
	}
	return t.BuildDispatch
}

// workflowFile is the name of a workflow's file: it stands in an address.
var workflowFile = lazy.Regexp(`^[A-Za-z0-9_][A-Za-z0-9._-]*\.ya?ml$`)

// validate finds what a way of starting lacks.
func (t Triggers) validate() (faults []error) {
	if !t.dispatches() {
		return nil
	}
	for _, one := range []struct{ key, name string }{{"build_dispatch", t.BuildDispatch}, {"publish_dispatch", t.PublishDispatch}} {
		switch {
		case one.name == "":
			faults = append(faults, config.At("triggers."+one.key, fmt.Errorf("is missing: with %s somebody has to say what is started", t.By)))
		case t.By == WorkflowDispatch && !workflowFile().MatchString(one.name):
			faults = append(faults, config.At("triggers."+one.key, &config.Wrong{What: fmt.Sprintf("%q is no workflow's file", one.name), Want: "a name like build.yml, of a file in .github/workflows"}))
		}
	}
	seen := map[string]bool{}
	for i, in := range t.Inputs {
		if seen[in.Name] {
			faults = append(faults, config.At(fmt.Sprintf("triggers.inputs[%d].name", i), fmt.Errorf("%q is given already", in.Name)))
		}
		seen[in.Name] = true
	}
	return faults
}

// Strictness is what becomes of something doubtful: a warning, or a refusal.
type Strictness string

// The choices.
const (
	Warning Strictness = "warn"
	Refusal Strictness = "refuse"
)

// Values implements config.Choice.
func (Strictness) Values() []string { return []string{string(Warning), string(Refusal)} }

// SetScheme implements config.Schemed.
func (s *Settings) SetScheme(scheme release.Scheme, given func(string) bool) error {
	return s.Triggers.SetScheme(scheme, given)
}

// SetDefaults implements the contract of config.Declare.
func (s *Settings) SetDefaults() { s.Triggers.SetDefaults() }

// SetDefaults implements the contract of config.Declare.
func (t *Triggers) SetDefaults() {
	t.Build, t.Publish = "release/trigger-build", "release/trigger-publish"
	t.By, t.Inputs = PullRequest, []Input{{Name: "version", Value: "{version}"}}
	t.Unbuilt, t.Title, t.Blocked = Warning, Warning, Refusal
	t.SecondManager = EveryPublish
	t.Silence, t.Follow = config.Duration(3*time.Hour), config.Duration(14*24*time.Hour)
}

// Validate implements the contract of config.Declare.
func (s Settings) Validate() error {
	var faults []error
	if s.Triggers.Build == s.Triggers.Publish {
		faults = append(faults, config.At("triggers.publish", &config.Wrong{What: "is the file that starts a build", Want: "a file of its own"}))
	}
	faults = append(faults, s.Triggers.validate()...)
	if s.Triggers.Silence < config.Duration(time.Minute) {
		faults = append(faults, config.At("triggers.silence", &config.Wrong{What: "is less than a minute", Want: "a duration like 3h"}))
	}
	for i, t := range s.Traps {
		if _, err := regexp.Compile(t.Title); err != nil {
			faults = append(faults, config.At(fmt.Sprintf("traps[%d].title", i), fmt.Errorf("is no regular expression: %w", err)))
		}
	}
	return errors.Join(faults...)
}
