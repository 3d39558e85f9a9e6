package build

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Second is which publishes a second release manager has to approve.
type Second string

// The choices.
const (
	EveryPublish Second = "every"
	OurPublish   Second = "ours"
)

// Values implements config.Choice.
func (Second) Values() []string { return []string{string(EveryPublish), string(OurPublish)} }

// readApproval reads who approved a publish. A release manager asked for it, or
// somebody proposed it by hand; a release manager who neither asked nor pushed has
// to look. text is the trigger file's.
func (h *Handler) readApproval(l *facts.Look, f pullFacts, text string) (pullFacts, error) {
	f, bound, err := h.readAsker(l, f)
	switch {
	case err != nil || f.Torn:
		return f, err
	case f.Asked == nil && f.Settings.Triggers.SecondManager == OurPublish:
		return f, nil
	case f.Asked == nil:
		branch, err := releaseOf(l, f.PR.Base, text)
		if err != nil {
			return f, err
		}
		f.Asked, f.ByHand = &Proposal{By: f.PR.Author.Login, ByID: f.PR.Author.ID, Branch: branch}, true
	}
	nobody, err := facts.Manages.Of(l, facts.Role{Branch: f.Asked.Branch})
	if f.Teams = nobody.Teams; err != nil || !bound && !f.ByHand {
		return f, err // it is about to be bound to its number
	}
	reviews, err := facts.Reviews.Of(l, f.PR.Number)
	if err != nil {
		return f, err
	}
	seen, err := facts.WithHead.Of(l, f.PR.Head)
	if err != nil {
		return f, err
	}
	pushed := func(id int64) bool {
		return slices.ContainsFunc(seen, func(s github.PullSnapshot) bool { return s.HeadBy == id })
	}
	for _, r := range reviews {
		if r.State != github.Approved || r.Commit != f.PR.Head || r.Author.ID == f.Asked.ByID || r.Author.Bot || pushed(r.Author.ID) {
			continue
		}
		standing, err := facts.Manages.Of(l, facts.Role{Branch: f.Asked.Branch, Who: r.Author})
		if err != nil {
			return f, err
		}
		if standing.Holds {
			f.Approved = r.Author.Login
		}
	}
	return f, nil
}

// readAsker reads, of a publish that we proposed, who asked for it; bound says
// that the record was made for this very pull request.
func (h *Handler) readAsker(l *facts.Look, f pullFacts) (_ pullFacts, bound bool, err error) {
	if !f.PR.Author.Bot || !strings.HasPrefix(string(f.PR.HeadRef), "trigger-") {
		return f, false, nil
	}
	pr, err := facts.Detail.Of(l, f.PR.Number)
	if err != nil {
		return f, false, err
	}
	p, standing := h.proposal(pr)
	young := f.Now.Sub(pr.CreatedAt) < newborn
	// Only from a branch of the repository itself it can be ours.
	if strings.EqualFold(pr.HeadRepo.String(), l.Repo.String()) && (standing == effect.Bound || standing == effect.Unbound && young) {
		f.Asked = &p
		return f, standing == effect.Bound, nil
	}
	bot, err := h.GitHub.BotID(l.Context(), l.Repo)
	f.Torn = f.PR.Author.ID == bot
	return f, false, err
}

// newborn is how soon after its opening a pull request of ours has its number sealed
// into its record. A record without one may be another pull request's, pasted.
const newborn = 10 * time.Minute

// proposal reads what a pull request of ours proposes, and how far that can be
// believed: the branch that it is from is the mark's id.
func (h *Handler) proposal(pr github.PullDetail) (p Proposal, _ effect.Authenticity) {
	r := h.Sealer.Unseal(effect.Place{Repo: pr.RepoID, Number: pr.Number}, pr.Body)
	if r.Mark != (effect.Mark{Kind: proposalKind, ID: string(pr.HeadRef)}) || json.Unmarshal(r.JSON, &p) != nil {
		return p, effect.Tampered
	}
	return p, r.Authenticity
}

// releaseOf is the branch of the release that a version belongs to, whose managers
// approve it: the one that the trigger file is on, or of an alpha on the default
// branch that of its tracking issue.
func releaseOf(l *facts.Look, base release.Branch, text string) (release.Branch, error) {
	v, err := ReadTrigger(text)
	if belongs, numbered := v.Of(base); err != nil || numbered || belongs {
		return base, nil // one that can't be read is refused
	}
	list, err := facts.UnderWay.Of(l, facts.Whole{})
	for _, t := range list {
		if t.Version == v.Final() {
			return t.Branch, err
		}
	}
	return base, err
}
