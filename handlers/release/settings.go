package release

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/istio-ecosystem/slipway/config"
)

// Settings is the policy's section `release`.
type Settings struct {
	// The files that start builds and publishes.
	Triggers Triggers `yaml:"triggers"`
	// Pull requests that look ordinary and must not be merged.
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
	// The repository that they stand in, of the same owner.
	Repository config.RepoName `yaml:"repository" example:"release-builder"`
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
	// What becomes of a pull request whose title names another version than the
	// file does.
	Title Strictness `yaml:"title" example:"refuse"`
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

// SetDefaults implements the contract of config.Declare.
func (s *Settings) SetDefaults() { s.Triggers.SetDefaults() }

// SetDefaults implements the contract of config.Declare.
func (t *Triggers) SetDefaults() {
	t.Build, t.Publish = "release/trigger-build", "release/trigger-publish"
	t.Unbuilt, t.Title = Warning, Warning
	t.Silence, t.Follow = config.Duration(3*time.Hour), config.Duration(14*24*time.Hour)
}

// Validate implements the contract of config.Declare.
func (s Settings) Validate() error {
	var faults []error
	if s.Triggers.Build == s.Triggers.Publish {
		faults = append(faults, config.At("triggers.publish", &config.Wrong{What: "is the file that starts a build", Want: "a file of its own"}))
	}
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
