package cherrypick

import (
	"context"
	"fmt"
	"slices"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file holds what is different of a forward port: a pick onto the branch that changes
// are picked from, of what was fixed on a release branch first. That branch isn't governed, so no
// check of ours runs there.

// forward reports whether the pick is a forward port.
func (s Snapshot) forward() bool {
	return s.Source != "" && s.branch() == s.Source && !s.Policy.Governs(s.branch())
}

// readForward reads where changes are picked from, if the branch isn't governed. Most are.
func readForward(l *facts.Look, s *Snapshot) (err error) {
	if _, perr := release.ParseBranch(s.Subject.name); perr == nil && s.Policy.Policy != nil && !s.Policy.Governs(s.branch()) {
		s.Source, err = facts.SourceBranch.Of(l, facts.Whole{})
	}
	return err
}

// takesPicks tells onto which branches there may be picks.
func (h *Handler) takesPicks(ctx context.Context, repo github.Repo, p config.Loaded, named []release.Branch) (func(release.Branch) bool, error) {
	if !p.Exists() || p.Policy == nil || !slices.ContainsFunc(named, func(b release.Branch) bool { return !p.Governs(b) }) {
		return p.Governs, nil
	}
	source, err := facts.SourceBranch.Of(facts.NewLook(ctx, h.From, repo, h.Now()), facts.Whole{})
	return func(b release.Branch) bool { return p.Governs(b) || b == source }, err
}

// PickPull is the fact facts.PickPull.
func (h *Handler) PickPull(l *facts.Look, p facts.PickOnto) (newest github.PullRequest, err error) {
	bot, err := h.GitHub.BotID(l.Context(), l.Repo)
	if err != nil {
		return newest, err
	}
	list, err := h.GitHub.PullsFrom(l.Context(), l.Repo, headOf(p.Source, string(p.Branch)))
	for _, one := range list {
		if one.Author.ID == bot && one.Base == p.Branch && (one.Merged || !newest.Merged && one.Number > newest.Number) {
			newest = one.PullRequest
		}
	}
	return newest, err
}

// forwardDraftHead says what the draft of a forward port holds, and that only its being a draft holds it back.
func forwardDraftHead(branch string, marked bool) string {
	what := "This draft holds one side's version of each file, without markers."
	if marked {
		what = "This draft holds the files with the conflict markers in them."
	}
	return fmt.Sprintf("\n**It has conflicts.** %s No check of Slipway's runs on %s: only that it is a draft holds it back. "+
		"Mark it as ready for review once all are resolved, and not before.\n",
		what, effect.Code(branch))
}

func acceptUngoverned(branch string) string {
	return fmt.Sprintf("No check waits for that on %s, so there is nothing to accept. **Next step:** mark the draft as ready for review once it is what it shall be.", effect.Code(branch))
}
