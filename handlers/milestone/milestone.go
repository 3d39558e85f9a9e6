package milestone

import (
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// Name is that of the section of the policy, and of the keys.
const Name = "milestone"

// Settings is the policy's section `milestone`.
type Settings struct {
	config.InScheme
	config.Enforcement `yaml:",inline"`

	// The title of the milestone that a pull request on a release branch has to name.
	// `{major}` and `{minor}` stand for the numbers that end the branch's name; a branch
	// without any is let through. Without a title there is no check.
	Title string `yaml:"title" max:"100" example:"\"{major}.{minor}\""`
}

// Validate implements config.Validator.
func (s Settings) Validate() error {
	if rest := strings.NewReplacer("{major}", "", "{minor}", "").Replace(s.Title); strings.ContainsAny(rest, "{}") {
		return config.At("title", &config.Wrong{What: fmt.Sprintf("%q has a placeholder that isn't known", s.Title), Want: "{major} and {minor}"})
	}
	return nil
}

// ValidateBranches implements config.GovernedValidator.
func (s Settings) ValidateBranches(governed []config.BranchPattern) error {
	if err := config.NeedsNumbers(s.Title, governed, s.Scheme); err != nil {
		return config.At("title", err)
	}
	return nil
}

// known is what the judgement rests on.
type known struct {
	PR              github.PullRequest
	Want, Has, From string // titles; From is that of all that it is a proven cherry-pick of
	Alone           bool   // nobody has looked up what it is a cherry-pick of
}

// Gate is the check.
var Gate = gate.Gate[known]{
	Name: Name, Check: "slipway/milestone", Needs: []facts.Need{facts.Milestone, facts.StandsFor}, Asked: asked, Read: read, Judge: judge, Proposals: true,
	Costly: true, Foresee: itself, // what it is a cherry-pick of, git is asked
}

func asked(l *facts.Look) (bool, error) {
	s, err := facts.Section[Settings](l, Name)
	return s.Title != "", err
}

// itself reads what a pull request names itself.
func itself(l *facts.Look, pr github.PullRequest) (k known, err error) {
	k.PR, k.Alone = pr, true
	s, err := facts.Section[Settings](l, Name)
	major, minor, numbered := s.Scheme.Numbers(pr.Base)
	if err != nil || !numbered {
		return k, err
	}
	k.Want = strings.NewReplacer("{major}", major, "{minor}", minor).Replace(s.Title)
	k.Has, err = facts.Milestone.Of(l, pr.Number)
	return k, err
}

func read(l *facts.Look, pr github.PullRequest) (k known, err error) {
	if k, err = itself(l, pr); err != nil || k.Want == "" || k.Has != "" {
		return k, err
	}
	k.Alone = false
	of, err := facts.StandsFor.Of(l, pr.Number)
	titles := map[int]string{}
	for _, one := range slices.Concat(of.Sources...) {
		if err == nil {
			titles[one.Number], err = facts.Milestone.Of(l, one.Number) // whose events wake us
		}
	}
	if of.All(func(one github.PullDetail) bool { return titles[one.Number] == k.Want }) {
		k.From = k.Want
	}
	return k, err
}

func judge(k known) gate.Verdict {
	v := effect.Verdict{State: effect.Pass, Title: "It names the milestone " + k.Want, Detail: "This check asks for no more."}
	switch {
	case k.Want == "":
		v.Title = "No release is made from " + string(k.PR.Base)
	case k.Has == k.Want:
	case k.Has == "" && k.From == k.Want:
		v.Title = "Its source names the milestone " + k.Want
	default:
		v.State, v.Title = effect.Block, "It doesn't name the milestone "+k.Want
		if k.Has == "" && k.Alone {
			v.Title += " itself"
		}
		v.Detail = fmt.Sprintf("Each pull request on %s names the milestone of its release, %s; this one names %s.\n\n"+
			"**Next step:** set the milestone %[2]s; this check then looks again by itself.", effect.Code(string(k.PR.Base)), effect.Code(k.Want), named(k.Has))
	}
	return gate.Verdict{Verdict: v}
}

func named(title string) string {
	if title == "" {
		return "none"
	}
	return effect.Code(title)
}
