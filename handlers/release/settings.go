package release

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/istio-ecosystem/slipway/config"
)

// Settings is the policy's section `release`.
type Settings struct {
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
	// The repository that they stand in, of the same owner.
	Repository config.RepoName `yaml:"repository" example:"release-builder"`
	// The file whose change starts a build. It holds one version.
	Build config.FilePath `yaml:"build" example:"release/trigger-build"`
	// The file whose change starts a publish.
	Publish config.FilePath `yaml:"publish" example:"release/trigger-publish"`
	// What becomes of a publish without a build of that version before it on the
	// branch. Builds of security releases may be private.
	Unbuilt Strictness `yaml:"unbuilt" example:"refuse"`
	// What becomes of a pull request whose title names another version than the
	// file does.
	Title Strictness `yaml:"title" example:"refuse"`
	// What becomes of a publish while blockers of its release are open, by
	// `checklist.blockers`, or while nobody can tell.
	Blocked Strictness `yaml:"blocked" example:"warn"`
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
	t.Unbuilt, t.Title, t.Blocked = Warning, Warning, Refusal
}

// Validate implements the contract of config.Declare.
func (s Settings) Validate() error {
	var faults []error
	if s.Triggers.Build == s.Triggers.Publish {
		faults = append(faults, config.At("triggers.publish", &config.Wrong{What: "is the file that starts a build", Want: "a file of its own"}))
	}
	for i, t := range s.Traps {
		if _, err := regexp.Compile(t.Title); err != nil {
			faults = append(faults, config.At(fmt.Sprintf("traps[%d].title", i), fmt.Errorf("is no regular expression: %w", err)))
		}
	}
	return errors.Join(faults...)
}
