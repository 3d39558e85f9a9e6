package build

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// trapsIn reports whether the policy names traps in a repository.
func (s Settings) trapsIn(repo github.Repo) bool {
	return slices.ContainsFunc(s.Traps, func(t Trap) bool { return strings.EqualFold(string(t.Repository), repo.Name) })
}

// concerns reports whether the section itself says that pull requests of a
// repository are looked at.
func (s Settings) concerns(repo github.Repo) bool { return s.Triggers.in(repo) || s.trapsIn(repo) }

// sprung is the trap that a pull request is.
type sprung struct {
	say string // what to do instead
	of  string // Markdown: whose trap it is, a sentence; "" for the policy's alone
}

// trap finds the trap that a pull request is, nil for none: one of the policy's
// own, or one of those that a release has set.
func (s Settings) trap(repo github.Repo, pr github.PullRequest, set []release.StepTrap) *sprung {
	fits := func(pattern string) bool {
		form, err := regexp.Compile(pattern)
		return err == nil && form.MatchString(pr.Title)
	}
	for _, t := range s.Traps {
		if strings.EqualFold(string(t.Repository), repo.Name) && t.Branch.Match(pr.Base) && fits(t.Title) {
			return &sprung{say: t.Say}
		}
	}
	for _, t := range set {
		if strings.EqualFold(t.Repo, repo.Name) && t.Branch == pr.Base && fits(t.Title) {
			return &sprung{say: t.Say, of: ofStep(t)}
		}
	}
	return nil
}

// ofStep says which step of a release a trap belongs to.
func ofStep(t release.StepTrap) string {
	if t.Tracker == "" {
		return fmt.Sprintf("It belongs to the step %s of the release of %s, which has come to where this does harm. Its tracking issue isn't for all who read this.",
			effect.Code(t.Step), effect.Code(string(t.Branch)))
	}
	return fmt.Sprintf("It belongs to the step %s of [the release](%s), which has come to where this does harm.", effect.Code(t.Step), t.Tracker)
}

// whose is the sentence with a space before it.
func (t sprung) whose() string {
	if t.of == "" {
		return ""
	}
	return " " + t.of
}

// maxSay is how much of what to do instead is shown, in characters: all that the
// policy takes.
const maxSay = 500

func trapped(t sprung) effect.Verdict {
	return effect.Verdict{
		State: effect.Block, Title: "This must not be merged",
		Detail: fmt.Sprintf("By its title this is a pull request that looks ordinary and does harm: the policy of this organisation names it as a trap.%s\n\n**What to do instead:** %s",
			t.whose(), effect.Inert(t.say, maxSay)),
	}
}

// trapComment says the same where people look who are about to merge.
func trapComment(repo github.Repo, number int, t sprung) effect.Comment {
	return effect.Comment{
		Repo: repo, Number: number, Mark: effect.Mark{Kind: "trap", ID: "trap"},
		Body: fmt.Sprintf("**Don't merge this pull request.** It looks ordinary, and the policy names it as a trap.%s\n\n**What to do instead:** %s", t.whose(), effect.Inert(t.say, maxSay)),
	}
}

// freed takes back such a comment, where there is one: its pull request fits no more,
// or the release has come to where it is an ordinary one.
func freed(repo github.Repo, number int) effect.Comment {
	return effect.Comment{
		Repo: repo, Number: number, Mark: effect.Mark{Kind: "trap", ID: "trap"}, IfPresent: true,
		Body: "**This is no trap any more.** What was said here against merging this pull request holds no longer: it was changed, or the release has come to where it does no harm. " +
			"It may be merged as far as the check " + effect.Code(CheckName) + " goes.",
	}
}

// notTrapped takes back what was said of a pull request that fits no more.
func notTrapped() effect.Verdict {
	return effect.Verdict{State: effect.Pass, Title: "No trap", Detail: "Nothing that the policy warns of: this pull request may be merged as far as this check goes."}
}
