package release

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
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

// observeApproval reads who approved a publish. A release manager asked for it, or
// somebody proposed it by hand; a release manager who neither asked nor pushed has
// to look. text is the trigger file's.
func (h *Handler) observeApproval(ctx context.Context, s *Snapshot, f pullFacts, text string) (pullFacts, error) {
	f, bound, err := h.observeAsker(ctx, s, f)
	switch {
	case err != nil || f.Torn:
		return f, err
	case f.Asked == nil && s.Settings.Triggers.SecondManager == OurPublish:
		return f, nil
	case f.Asked == nil:
		branch, err := h.releaseOf(ctx, s, f.PR.Base, text)
		if err != nil {
			return f, err
		}
		f.Asked, f.ByHand = &Proposal{By: f.PR.Author.Login, ByID: f.PR.Author.ID, Branch: branch}, true
	}
	nobody, err := h.Roles.Manages(ctx, s.Key.Repo, f.Asked.Branch, github.User{})
	if f.Teams = nobody.Teams; err != nil || !bound && !f.ByHand {
		return f, err // it is about to be bound to its number
	}
	reviews, err := h.GitHub.Reviews(ctx, s.Key.Repo, f.PR.Number)
	if err != nil {
		return f, err
	}
	for _, r := range github.Standing(reviews) {
		if r.State != github.Approved || r.Commit != f.PR.Head || r.Author.ID == f.Asked.ByID || r.Author.Bot || slices.Contains(s.pushed, r.Author.ID) {
			continue
		}
		standing, err := h.Roles.Manages(ctx, s.Key.Repo, f.Asked.Branch, r.Author)
		if err != nil {
			return f, err
		}
		if standing.Holds {
			f.Approved = r.Author.Login
		}
	}
	return f, nil
}

// observeAsker reads, of a publish that we proposed, who asked for it; bound says
// that the record was made for this very pull request.
func (h *Handler) observeAsker(ctx context.Context, s *Snapshot, f pullFacts) (_ pullFacts, bound bool, err error) {
	if !f.PR.Author.Bot || !strings.HasPrefix(string(f.PR.HeadRef), "trigger-") {
		return f, false, nil
	}
	list, err := h.GitHub.PullsFrom(ctx, s.Key.Repo, f.PR.HeadRef)
	if err != nil {
		return f, false, err
	}
	for _, pr := range list {
		p, standing := h.proposal(pr)
		young := s.Now.Sub(pr.CreatedAt) < newborn
		if pr.Number == f.PR.Number && (standing == effect.Bound || standing == effect.Unbound && young) {
			f.Asked, bound = &p, standing == effect.Bound
		}
	}
	if f.Asked == nil {
		bot, err := h.GitHub.BotID(ctx, s.Key.Repo)
		f.Torn = f.PR.Author.ID == bot
		return f, false, err
	}
	return f, bound, nil
}

// newborn is how soon after its opening a pull request of ours has its number sealed
// into its record. A record without one may be another pull request's, pasted.
const newborn = 10 * time.Minute

// proposal reads what a pull request of ours proposes, and how far that can be
// believed: the branch that it is from is the mark's id.
func (h *Handler) proposal(pr github.PullDetail) (p Proposal, _ effect.Standing) {
	r := h.Sealer.Unseal(effect.Place{Repo: pr.RepoID, Number: pr.Number}, pr.Body)
	if r.Mark != (effect.Mark{Kind: proposalKind, ID: string(pr.HeadRef)}) || json.Unmarshal(r.JSON, &p) != nil {
		return p, effect.Altered
	}
	return p, r.Standing
}

// releaseOf is the branch of the release that a version belongs to, whose managers
// approve it: the one that the trigger file is on, or of an alpha on the default
// branch that of its tracking issue.
func (h *Handler) releaseOf(ctx context.Context, s *Snapshot, base release.Branch, text string) (release.Branch, error) {
	v, err := ReadTrigger(text)
	if belongs, numbered := v.Of(base); err != nil || numbered || belongs {
		return base, nil // one that can't be read is refused
	}
	_, list, err := h.Trackers.UnderWay(ctx, s.Key.Repo)
	for _, t := range list {
		if t.Version == v.Final() {
			return t.Branch, err
		}
	}
	return base, err
}
