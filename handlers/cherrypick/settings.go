package cherrypick

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Settings is the policy's section `cherrypick`.
type Settings struct {
	config.InScheme
	// What a label begins with that asks for a pick; the branch follows.
	LabelPrefix config.Label `yaml:"label_prefix" example:"cherrypick/"`
	// Other labels that ask for a pick, and the branch that each asks for.
	RequestLabels []RequestLabel `yaml:"request_labels" max:"10"`
	// Who may ask for picks.
	Requesters Requesters `yaml:"requesters"`
	// Labels that the pull request of a pick gets.
	Labels []config.Label `yaml:"labels" max:"20" example:"[\"release-notes-none\"]"`
	// Patterns of labels that it gets if the source has them. `*` is any text
	// without a slash.
	CopyLabels []config.Label `yaml:"copy_labels" max:"20" example:"[\"kind/*\"]"`
	// Whether the commits get a `Signed-off-by` line, of Slipway's own account.
	SignOff bool `yaml:"sign_off" example:"true"`
	// Who is asked to review.
	Reviewers Reviewers `yaml:"reviewers"`
	// The milestone's title, for each branch: `{branch}` stands for its name,
	// `{major}` and `{minor}` for the numbers that end it. Without one, none is set.
	Milestone string `yaml:"milestone" max:"100" example:"\"{major}.{minor}\""`
	// What becomes of a pick that conflicts: a draft pull request that holds the
	// conflict markers, an issue, or both.
	OnConflict OnConflict `yaml:"on_conflict" example:"both"`
	// How the commits of picks come to be shown as verified, for branches that require
	// signatures. `none`: they aren't, and keep their authors. `github`: GitHub makes and signs
	// them for Slipway's own account, which then is their author; who wrote the change is their
	// co-author. `key`: Slipway signs them with a key of its deployment, if that has one.
	SignCommits SignCommits `yaml:"sign_commits" example:"github"`
	// Whether a push to a release branch has the drafts against it made anew that
	// nobody has pushed to.
	RebuildDrafts bool `yaml:"rebuild_drafts" example:"true"`
	// Whether a conflict that people have resolved and merged on one branch is proposed to be
	// resolved likewise in the drafts onto others. They stay drafts, and the check on release
	// branches stays red until somebody has looked at them.
	ReuseResolutions bool `yaml:"reuse_resolutions" example:"false"`
	// Whether a change that was asked for on several branches is picked onto one after the
	// other, the newest branch first: each pick waits until the one before it is merged.
	// Branches without a version in their names come last, as `branches` lists them.
	Chain bool `yaml:"chain" example:"true"`
	// Paths that a pick leaves out: there the branch keeps what it has. The pull request
	// and the status comment say what was left out, and the check on release branches takes
	// such a pick for a faithful one. Without any, a pick holds the whole change.
	LeaveOut []config.PathPattern `yaml:"leave_out" max:"20" example:"[\".github/workflows/**\"]"`
	// How GitHub merges a clean and faithful pick by itself, once its required checks are
	// green. All checks of Slipway's have to be required on the branch, and the repository
	// has to allow auto-merge. With `off` people merge it.
	AutoMerge AutoMerge `yaml:"auto_merge" example:"squash"`
	// Whether the branch of a pick is deleted once its pull request is merged, or an hour after
	// it was closed. A branch to which somebody else has pushed stays.
	DeleteBranches bool `yaml:"delete_branches" example:"true"`
}

// RequestLabel is a label that asks for a pick.
type RequestLabel struct {
	// The label. `{branch}` stands for any branch, `{major}` and `{minor}` for any numbers. If it
	// begins as `label_prefix` says, it asks for the branch that stands here all the same, unless
	// that isn't governed and the branch behind the prefix is.
	Label config.Label `yaml:"label" example:"\"cherry-pick/0.{minor}\""`
	// The branch that it asks for, with what the label has in their place.
	Branch string `yaml:"branch" max:"100" example:"\"release-0.{minor}\""`
}

// SetDefaults implements the contract of config.Declare.
func (r *RequestLabel) SetDefaults() { r.Branch = "{branch}" }

// placeholders are what a request's label may leave open.
var placeholders = map[string]string{"{branch}": `(\S+)`, "{major}": `([0-9]{1,6})`, "{minor}": `([0-9]{1,6})`}

var placeholder = lazy.Regexp(`\{[a-z]*\}`)

func (r RequestLabel) validate(at string) (faults []error) {
	has := map[string]bool{}
	for _, p := range placeholder().FindAllString(string(r.Label), -1) {
		if has[p] || placeholders[p] == "" {
			faults = append(faults, config.At(at+".label", &config.Wrong{What: "has " + p + ", which stands for nothing, or has it twice", Want: "{branch}, {major} and {minor}, each at most once"}))
		}
		has[p] = true
	}
	for _, p := range placeholder().FindAllString(r.Branch, -1) {
		if !has[p] {
			faults = append(faults, config.At(at+".branch", &config.Wrong{What: "has " + p + ", and the label hasn't", Want: "what the label leaves open"}))
		}
	}
	return faults
}

// Requesters are those who may ask for picks.
type Requesters struct {
	config.People `yaml:",inline"`

	// Whether everybody may who can push to the repository, which is so without this key.
	Writers bool `yaml:"writers" example:"false"`
}

// Reviewers are those who are asked to review a pick.
type Reviewers struct {
	// Whether the author of the source is.
	Author bool `yaml:"author" example:"true"`
	// Teams that are.
	Teams []config.TeamSlug `yaml:"teams" max:"10" example:"[\"release-managers-{major}-{minor}\"]"`
}

// OnConflict is what becomes of a pick that conflicts.
type OnConflict string

// What may become of it.
const (
	Draft OnConflict = "draft"
	Issue OnConflict = "issue"
	Both  OnConflict = "both"
)

// Values implements config.Choice.
func (OnConflict) Values() []string { return []string{string(Draft), string(Issue), string(Both)} }

// SetDefaults implements the contract of config.Declare.
func (s *Settings) SetDefaults() {
	s.LabelPrefix, s.OnConflict, s.Requesters.Writers = "cherrypick/", Draft, true
	s.SignCommits, s.AutoMerge, s.ReuseResolutions = SignNone, NoAutoMerge, true
}

// SetDefaults implements the contract of config.Declare.
func (r *Requesters) SetDefaults() { r.Writers = true }

// Validate implements the contract of config.Declare.
func (s Settings) Validate() error {
	var faults []error
	if s.AutoMerge == "rebase" && s.SignCommits != "" && s.SignCommits != SignNone {
		faults = append(faults, config.At("auto_merge", errors.New("can't be rebase with sign_commits: GitHub doesn't sign what it rebases")))
	}
	for _, p := range s.CopyLabels {
		if _, err := path.Match(string(p), ""); err != nil {
			faults = append(faults, config.At("copy_labels", &config.Wrong{What: "is no pattern: a bracket is not closed", Want: "labels or patterns like kind/*"}))
		}
	}
	for i, r := range s.RequestLabels {
		faults = append(faults, r.validate(fmt.Sprintf("request_labels[%d]", i))...)
	}
	faults = append(faults, s.validateLeaveOut()...)
	if len(s.LabelPrefix) > 30 {
		faults = append(faults, config.At("label_prefix", errors.New("is too long: a label has 50 characters, and the branch has to fit in, too")))
	}
	return errors.Join(faults...)
}

// ValidateBranches implements config.GovernedValidator.
func (s Settings) ValidateBranches(governed []config.BranchPattern) error {
	var faults []error
	if err := config.NeedsNumbers(s.Milestone, governed, s.Scheme); err != nil {
		faults = append(faults, config.At("milestone", err))
	}
	for i, r := range s.RequestLabels {
		if err := config.NeedsBranch(r.Branch, governed); err != nil {
			faults = append(faults, config.At(fmt.Sprintf("request_labels[%d].branch", i), err))
		}
	}
	return errors.Join(faults...)
}

// milestone is the title of a branch's milestone, "" for none.
func (s Settings) milestone(b release.Branch) string {
	major, minor, ok := s.Scheme.Numbers(b)
	if !ok && (strings.Contains(s.Milestone, "{major}") || strings.Contains(s.Milestone, "{minor}")) {
		return ""
	}
	return strings.NewReplacer("{branch}", string(b), "{major}", major, "{minor}", minor).Replace(s.Milestone)
}

// copies are those of the source's labels that its pick gets, too.
func (s Settings) copies(labels []string) []string {
	var out []string
	for _, l := range labels {
		if _, asks := s.branchOf(nil, l); asks { // copied it would look like a request of ours
			continue
		}
		for _, p := range s.CopyLabels {
			if ok, err := path.Match(strings.ToLower(string(p)), strings.ToLower(l)); ok && err == nil {
				out = append(out, l)
				break
			}
		}
	}
	return out
}
