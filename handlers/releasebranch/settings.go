package releasebranch

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Settings is the policy's section `releasebranch`.
type Settings struct {
	config.InScheme
	config.Enforcement `yaml:",inline"`

	// The branch that changes are picked from; without it the default branch.
	SourceBranch config.BranchName `yaml:"source_branch" example:"master"`
	// Whether the subject-matter experts of a file are its owners by the
	// CODEOWNERS file of the source branch.
	CodeOwners bool `yaml:"codeowners" example:"true"`
	// Areas with experts of their own. A file that is in one isn't looked up in
	// CODEOWNERS.
	Areas []Area `yaml:"areas" max:"100"`
	// Files that don't count as lines and need no expert: those that are generated,
	// beside what `.gitattributes` calls `linguist-generated`.
	Generated []config.PathPattern `yaml:"generated" max:"100" example:"[\"**/*.gen.json\", \"go.sum\"]"`
	// The same for tests. A pull request of tests alone needs neither issue nor
	// release note.
	Tests []config.PathPattern `yaml:"tests" max:"100" example:"[\"**/*_test.go\", \"tests/**\"]"`
	// The same for release notes. A pull request that adds or changes one has one.
	Notes []config.PathPattern `yaml:"notes" max:"20" example:"[\"releasenotes/notes/**\"]"`
	// Labels that stand for a release note, on the pull request or its source.
	NoteLabels []config.Label `yaml:"note_labels" max:"20" example:"[\"release-notes-none\"]"`
	// Labels of what blocks a release, on the pull request or on an issue that it says it fixes, like `Fixes #123`.
	BlockerLabels []config.Label `yaml:"blocker_labels" max:"20" example:"[\"release-blocker\"]"`
	// What is asked of a change that is no cherry-pick.
	HandMade HandMade `yaml:"hand_made"`
	// Pull requests of automation, such as dependency updates. The first rule that
	// fits takes the place of all others.
	Automation []Automation `yaml:"automation" max:"20"`
	// Automation accounts whose commits revoke no approval, if GitHub has verified
	// their signature.
	IgnoredAccounts []Account `yaml:"ignored_accounts" max:"50"`
	// Whether a release manager who opened a pull request, pushed to it or made commits of
	// it can't override this check for it: another one has to, as with publishes.
	SecondManager bool `yaml:"second_manager" example:"true"`
	// When each branch enters its phases. Before the first date it is `open`. Where a
	// minor release has its tracking issue, under `checklist`, the dates of that issue
	// count instead, and once it is closed the branch is `released`.
	Phases []Dates `yaml:"phases" max:"50"`
	// The phase of a branch without dates and without such an issue.
	Undated BranchPhase `yaml:"undated" example:"released"`
	// What each phase asks of a pull request besides approvals.
	Rules Rules `yaml:"rules"`
}

// Area is a part of the repository with its experts.
type Area struct {
	// What people call it.
	Name string `yaml:"name" required:"yes" max:"80" example:"networking"`
	// Patterns of its files.
	Paths []config.PathPattern `yaml:"paths" max:"100" example:"[\"pilot/**\"]"`
	// Labels with which a pull request belongs to it, with all its files.
	Labels []config.Label `yaml:"labels" max:"20" example:"[\"area/networking\"]"`
	// Its experts are these.
	config.People `yaml:",inline"`

	// How many of them have to approve.
	Approvals int `yaml:"approvals" min:"1" max:"5" example:"2"`
}

// SetDefaults implements the contract of config.Declare.
func (a *Area) SetDefaults() { a.Approvals = 1 }

// HandMade is the rule for changes that are no cherry-picks.
type HandMade struct {
	// With more counted lines than this, added and deleted, the experts have to
	// approve, with fewer a release manager.
	ExpertsOver int `yaml:"experts_over" min:"0" example:"100"`
	// Whether the pull request has to say why it is needed, under the heading
	// "Justification".
	Justification bool `yaml:"justification" example:"true"`
	// Whether it is refused while the branch is frozen.
	RefuseFrozen bool `yaml:"refuse_frozen" example:"true"`
	// Whether one isn't refused then that takes back exactly what was merged into its branch,
	// as with the freeze's `exceptions.reverts`. What else is asked of it stays.
	Reverts bool `yaml:"reverts" example:"true"`
}

// SetDefaults implements the contract of config.Declare.
func (h *HandMade) SetDefaults() { h.ExpertsOver = 100 }

// Automation is the rule for pull requests of an automation account.
type Automation struct {
	// What people call it.
	Name string `yaml:"name" required:"yes" max:"80" example:"dependency updates"`
	// The accounts: the author, whoever pushed its newest commit, and those by whom
	// its commits are.
	Accounts []Account `yaml:"accounts" required:"yes" max:"20"`
	// Patterns that every file has to fit; without any, all do.
	Paths []config.PathPattern `yaml:"paths" max:"100" example:"[\"go.mod\", \"go.sum\"]"`
	// Who has to approve. With `nobody`, every commit has to be signed, by the
	// account or by GitHub for it: anybody can write a name into a commit.
	Approval Approver `yaml:"approval" example:"managers"`
}

// SetDefaults implements the contract of config.Declare.
func (a *Automation) SetDefaults() { a.Approval = Managers }

// Account is an account of GitHub's.
type Account struct {
	// Its numeric id, from https://api.github.com/users/LOGIN. A name can be given
	// up and taken over by somebody else.
	ID int64 `yaml:"id" required:"yes" min:"1" example:"12345678"`
	// Its name, for people who read the policy and the checks.
	Login string `yaml:"login" max:"100" example:"release-robot"`
}

// Approver is who has to approve.
type Approver string

// Who may have to approve.
const (
	Nobody   Approver = "nobody"
	Managers Approver = "managers" // a release manager of the branch
	Experts  Approver = "experts"  // of every area
)

// Values implements config.Choice.
func (Approver) Values() []string { return []string{string(Nobody), string(Managers), string(Experts)} }

// SetDefaults implements the contract of config.Declare.
func (s *Settings) SetDefaults() {
	s.Undated = BranchPhase(release.OpenPhase)
	s.HandMade.SetDefaults()
}

// Validate implements the contract of config.Declare.
func (s Settings) Validate() error {
	var faults []error
	names := map[string]bool{}
	for i, a := range s.Areas {
		at := fmt.Sprintf("areas[%d]", i)
		if len(a.Paths) == 0 && len(a.Labels) == 0 {
			faults = append(faults, config.At(at, errors.New("has neither paths nor labels, so nothing would belong to it")))
		}
		if !a.Given() {
			faults = append(faults, config.At(at, &config.Wrong{What: "has no experts", Want: "teams, users or a permission"}))
		}
		if names[strings.ToLower(a.Name)] {
			faults = append(faults, config.At(at+".name", fmt.Errorf("%q is another area's name already", a.Name)))
		}
		names[strings.ToLower(a.Name)] = true
	}
	for i, d := range s.Phases {
		faults = append(faults, d.faults(fmt.Sprintf("phases[%d]", i))...)
	}
	return errors.Join(faults...)
}

// ValidateBranches implements the contract of config.GovernedValidator: dates of
// a branch that isn't governed are of a mistyped one.
func (s Settings) ValidateBranches(governed []config.BranchPattern) error {
	var faults []error
	for i, d := range s.Phases {
		if !slices.ContainsFunc(governed, func(p config.BranchPattern) bool { return p.Match(release.Branch(d.Branch)) }) {
			faults = append(faults, config.At(fmt.Sprintf("phases[%d].branch", i),
				fmt.Errorf("%q fits none of the policy's branches, so its dates would be nobody's", d.Branch)))
		}
	}
	return errors.Join(faults...)
}

// fits reports whether a path fits one of the patterns.
func fits(patterns []config.PathPattern, path string) bool {
	return slices.ContainsFunc(patterns, func(p config.PathPattern) bool { return p.Match(path) })
}

// has reports whether one of the labels is one of those wanted. GitHub compares
// labels without case.
func has(wanted []config.Label, labels []string) (label string, ok bool) {
	for _, l := range labels {
		if slices.ContainsFunc(wanted, func(w config.Label) bool { return strings.EqualFold(string(w), l) }) {
			return l, true
		}
	}
	return "", false
}

// areAll reports whether all of some accounts are of the list, and there are any.
func areAll(list []Account, who []github.User) bool {
	return len(who) > 0 && !slices.ContainsFunc(who, func(u github.User) bool { return !is(list, u.ID) })
}

// is reports whether an account is one of the list.
func is(list []Account, id int64) bool {
	return id != 0 && slices.ContainsFunc(list, func(a Account) bool { return a.ID == id })
}
