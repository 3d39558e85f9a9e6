package release

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// trapsIn reports whether the policy names traps in a repository.
func (s Settings) trapsIn(repo github.Repo) bool {
	return slices.ContainsFunc(s.Traps, func(t Trap) bool { return strings.EqualFold(string(t.Repository), repo.Name) })
}

// concerns reports whether pull requests of a repository are looked at.
func (s Settings) concerns(repo github.Repo) bool { return s.Triggers.in(repo) || s.trapsIn(repo) }

// trap finds the trap that a pull request is, nil for none.
func (s Settings) trap(repo github.Repo, pr github.PullRequest) *Trap {
	for i, t := range s.Traps {
		form, err := regexp.Compile(t.Title)
		if err == nil && strings.EqualFold(string(t.Repository), repo.Name) && t.Branch.Match(pr.Base) && form.MatchString(pr.Title) {
			return &s.Traps[i]
		}
	}
	return nil
}

func trapped(t Trap) effect.Verdict {
	return effect.Verdict{
		State: effect.Block, Title: "This must not be merged",
		Detail: fmt.Sprintf("By its title this is a pull request that looks ordinary and does harm: the policy of this organisation names it as a trap.\n\n**What to do instead:** %s",
			effect.Inert(t.Say, maxFault)),
	}
}

// trapComment says the same where people look who are about to merge.
func trapComment(repo github.Repo, number int, t Trap) effect.Comment {
	return effect.Comment{
		Repo: repo, Number: number, Mark: effect.Mark{Kind: "trap", ID: "trap"},
		Body: fmt.Sprintf("**Don't merge this pull request.** It looks ordinary, and the policy names it as a trap.\n\n**What to do instead:** %s", effect.Inert(t.Say, maxFault)),
	}
}

// notTrapped takes back what was said of a pull request that fits no more.
func notTrapped() effect.Verdict {
	return effect.Verdict{State: effect.Pass, Title: "No trap", Detail: "Nothing that the policy warns of: this pull request may be merged as far as this check goes."}
}
