package freeze

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Settings is the policy's section `freeze`.
type Settings struct {
	config.Enforcement `yaml:",inline"`

	// The label of the issue that is a freeze. It is for people: Slipway knows
	// its own issues without it.
	Label config.Label `yaml:"label" example:"code-freeze"`
	// Whether a freeze issue also stops Tide, Prow's merge robot: it gets the
	// label `tide/merge-blocker`, and `branch:NAME` for each branch in its title.
	// Tide knows no patterns: a window stops it for the branches that it names in full.
	// It then merges nothing there, whatever is exempt or excepted: that is merged by hand.
	// Without it Tide waits for `slipway/freeze` where that is a required check.
	MergeBlocker bool `yaml:"merge_blocker" example:"true"`
	// Freezes that are known beforehand.
	Windows []Window `yaml:"windows" max:"100" example:"[{name: weekend, branches: [\"release-*\"], every: \"friday 16:00\", to: \"monday 08:00\"}]"`
	// What a freeze lets through.
	Exceptions Exceptions `yaml:"exceptions"`
	// Whether a release manager who opened a pull request, pushed to it or made commits of
	// it can't exempt it, by a command or a label: another one has to, as with publishes.
	SecondManager bool `yaml:"second_manager" example:"true"`
	// How long an exemption by `/release exempt` holds when its comment doesn't say.
	ExemptFor config.Duration `yaml:"exempt_for" example:"24h"`
	// The longest that one may hold.
	ExemptAtMost config.Duration `yaml:"exempt_at_most" example:"7d"`
}

// Window is a freeze with a beginning and an end: from one instant or milestone to another
// (`start`, `end`), each week (`every`, `to`), or on days (`days`, `calendar`).
type Window struct {
	// What people call it. Slipway knows the window by its name while it lasts,
	// so that every other key can be changed meanwhile.
	Name string `yaml:"name" required:"yes" max:"80" example:"1.31 code freeze"`
	// Patterns of the branches that it freezes, of those that are governed.
	Branches []config.BranchPattern `yaml:"branches" required:"yes" max:"50" example:"[\"release-1.31\"]"`
	// The instant from which on it holds, or the milestone of a release's schedule with
	// which it begins, under `checklist.templates`. With a milestone the window is one
	// for each release whose schedule has it: it holds for the release's branch, in the
	// release's repositories, by the dates that its tracking issue has, and only
	// while that is open. Where it names the source branch in full, such as `master`, it
	// holds that, too, by the dates of each minor release that is being prepared.
	Start config.Moment `yaml:"start" example:"2026-08-19 17:00"`
	// The instant or the milestone from which on it no longer holds.
	End config.Moment `yaml:"end" example:"2026-08-26 17:00"`
	// In the place of `start`: when it begins each week.
	Every config.Weekly `yaml:"every" example:"friday 16:00"`
	// When it ends then: the next such time, `monday 08:00` or just `08:00`.
	To config.Weekly `yaml:"to" example:"monday 08:00"`
	// In the place of `start`: the days that it holds, from midnight to midnight in its zone.
	// Days that touch are one freeze.
	Days []config.Days `yaml:"days" max:"200" example:"[\"2026-12-24 to 2027-01-01\"]"`
	// In the place of `start`, or with `days`: an iCalendar file, whose events are when it
	// holds, such as a list of holidays. An event may come every year (`RRULE:FREQ=YEARLY`).
	// It is a file beside the policy, or at an https address that the deployment lists in its settings.
	// Of one that is missing or can't be read the last good version stands; where there
	// was none, what the window could hold is held back.
	Calendar config.CalendarFile `yaml:"calendar" example:".github/holidays.ics"`
	// The zone of these times where they have no offset; else the policy's.
	Zone config.Zone `yaml:"zone" example:"America/Los_Angeles"`
	// How long before it begins its issue opens, and says when. Without, that is when it begins.
	Announce config.Duration `yaml:"announce" example:"24h"`
	// Holds only pull requests that change a file that fits one of these, or that carry one
	// of `labels`; all without either.
	Paths []config.PathPattern `yaml:"paths" max:"100" example:"[\"charts/**\"]"`
	// Holds only pull requests that carry one of these labels, or that fit `paths`.
	Labels []config.Label `yaml:"labels" max:"20" example:"[\"risky\"]"`
	// What this window lets through, beside what every freeze does.
	Exceptions Exceptions `yaml:"exceptions"`
	// Who, and nobody else, may exempt from this window and thaw it, in the
	// place of the release managers: teams, or a group that names people otherwise, too.
	Owners config.People `yaml:"owners" example:"[\"security-team\"]"`
	// Why, for everybody who meets the freeze.
	Reason string `yaml:"reason" max:"500" example:"Only release blockers until 1.31.0 is out"`

	own bool // of the repository itself, beside the policy that it extends
}

// Exceptions are the pull requests that merge all the same.
type Exceptions struct {
	// Automation accounts whose pull requests may merge.
	Accounts []Account `yaml:"accounts" max:"50"`
	// A pull request may merge if each file that it changes fits one of these
	// patterns. `**` stands for any number of folders.
	Paths []config.PathPattern `yaml:"paths" max:"100" example:"[\"docs/**\", \"**/*_test.go\"]"`
	// Labels with which a pull request may merge, whatever is pushed to it later.
	// Only a release manager of its branch may set one; set by anybody else it is
	// taken away. What is to hold for one commit is exempted by a command.
	Labels []config.Label `yaml:"labels" max:"20" example:"[\"freeze-exempt\"]"`
	// Whether a pull request may merge that takes back exactly what was merged into its branch
	// before: what git itself makes of reverting the commits that it names, and nothing else.
	// To take back a revert doesn't count, since that brings a change in.
	Reverts bool `yaml:"reverts" example:"true"`
}

// Account is an account of GitHub's.
type Account struct {
	// Its numeric id, from https://api.github.com/users/LOGIN. A name can be given
	// up and taken over by somebody else.
	ID int64 `yaml:"id" required:"yes" min:"1" example:"12345678"`
	// Its name, for people who read the policy and the checks.
	Login string `yaml:"login" max:"100" example:"release-robot"`
}

// SetDefaults implements the contract of config.Declare.
func (s *Settings) SetDefaults() {
	s.Label = "code-freeze"
	s.ExemptFor = config.Duration(24 * time.Hour)
	s.ExemptAtMost = config.Duration(7 * 24 * time.Hour)
}

// Validate implements the contract of config.Declare.
func (s Settings) Validate() error {
	var faults []error
	seen := map[string]bool{}
	for i, w := range s.Windows {
		at := func(key string, err error) {
			faults = append(faults, config.At(fmt.Sprintf("windows[%d].%s", i, key), err))
		}
		if seen[w.Name] {
			at("name", fmt.Errorf("%q is another window's name already", w.Name))
		}
		seen[w.Name] = true
		w.validate(at)
	}
	if s.ExemptFor <= 0 {
		faults = append(faults, config.At("exempt_for", errors.New("is nothing: want a duration like 24h")))
	}
	if s.ExemptAtMost < s.ExemptFor {
		faults = append(faults, config.At("exempt_at_most", fmt.Errorf("%s is less than exempt_for, %s", s.ExemptAtMost, s.ExemptFor)))
	}
	return errors.Join(faults...)
}

// ValidateBranches implements the contract of config.GovernedValidator: a
// window's branch without any pattern in it that isn't governed is a mistyped
// one, and would freeze nothing.
func (s Settings) ValidateBranches(governed []config.BranchPattern) error {
	patterns := make([]string, len(governed))
	for i, g := range governed {
		patterns[i] = string(g)
	}
	var faults []error
	for i, w := range s.Windows {
		for j, b := range w.patterns() {
			if !strings.ContainsAny(b, `*?[\`) && !matches(patterns, release.Branch(b)) {
				faults = append(faults, config.At(fmt.Sprintf("windows[%d].branches[%d]", i, j),
					fmt.Errorf("%q fits none of the policy's branches, so the window would not freeze it", b)))
			}
		}
	}
	return errors.Join(faults...)
}

// OwnKeys implements config.Extender.
func (Settings) OwnKeys() []string { return []string{"windows"} }

// Extended implements config.Extender: a repository adds windows, and takes away none.
func (s Settings) Extended(own config.Validator) (config.Validator, error) {
	var faults []error
	policys := s.Windows
	s.Windows = slices.Clone(policys)
	for i, w := range own.(Settings).Windows {
		if slices.ContainsFunc(policys, func(p Window) bool { return p.Name == w.Name }) {
			faults = append(faults, config.At(fmt.Sprintf("windows[%d].name", i), fmt.Errorf("%q is the name of a window of the policy already", w.Name)))
		}
		w.own = true
		s.Windows = append(s.Windows, w)
	}
	if len(s.Windows) > maxWindows {
		faults = append(faults, config.At("windows", fmt.Errorf("are too many with those of the policy: want at most %d together", maxWindows)))
	}
	return s, errors.Join(faults...)
}

// maxWindows is how many windows a policy may have, together with those that extend it.
const maxWindows = 100

// freezes reports whether the window is about a branch.
func (w Window) freezes(b release.Branch) bool { return matches(w.patterns(), b) }

func (w Window) patterns() []string {
	patterns := make([]string, len(w.Branches))
	for i, p := range w.Branches {
		patterns[i] = string(p)
	}
	return patterns
}

// matches reports whether a branch fits one of the patterns; a plain name is a
// pattern that fits itself. Slipway's own branches fit none.
func matches(patterns []string, b release.Branch) bool {
	if b.Ours() {
		return false
	}
	for _, p := range patterns {
		if p == anyBranch || p == string(b) || release.MatchBranch(p, b) {
			return true
		}
	}
	return false
}
