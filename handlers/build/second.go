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

// backer is a release manager who is behind a publish, as it is now.
type backer struct {
	Who github.User
	How string // "asked for it", "pushed it", "approved it"
}

// back notes that somebody is behind the publish, once.
func (f *pullFacts) back(who github.User, how string) {
	if !slices.ContainsFunc(f.Backers, func(b backer) bool { return b.Who.ID == who.ID }) {
		f.Backers = append(f.Backers, backer{who, how})
	}
}

// readApproval reads which release managers are behind a publish: who asked for it by
// the command, who pushed it as it is, who approved it so. Whoever else proposed it, or
// opened it for others, counts for nothing, so two of these have to be managers. text is
// the trigger file's.
func (h *Handler) readApproval(l *facts.Look, f pullFacts, text string) (pullFacts, error) {
	asked, bound, err := h.readAsker(l, &f)
	switch {
	case err != nil || f.Torn:
		return f, err
	case asked == nil && f.Settings.Triggers.SecondManager == OurPublish:
		return f, nil
	}
	f.Two = true
	var branch release.Branch
	if asked != nil {
		branch = asked.Branch
		if v, err := f.Settings.Triggers.read(text); err == nil && v.String() == asked.Version { // else she asked for something else
			f.back(github.User{ID: asked.ByID, Login: asked.By}, "asked for it")
		}
	} else if branch, err = releaseOf(l, f.Settings.Triggers, f.PR.Base, text); err != nil {
		return f, err
	}
	nobody, err := facts.Manages.Of(l, facts.Role{Branch: branch})
	if f.Teams = nobody.Teams; err != nil || asked != nil && !bound {
		return f, err // it is about to be bound to its number
	}
	return h.readBackers(l, f, branch)
}

// readBackers reads who pushed a publish and who approved it, of the release managers.
func (h *Handler) readBackers(l *facts.Look, f pullFacts, branch release.Branch) (pullFacts, error) {
	pusher, err := facts.Pusher.Of(l, f.PR.Number)
	if err != nil {
		return f, err
	}
	f.NoPusher = pusher.ID == 0
	reviews, err := facts.Reviews.Of(l, f.PR.Number)
	if err != nil {
		return f, err
	}
	back := func(who github.User, how string) error {
		if who.Bot || who.ID == 0 {
			return nil
		}
		standing, err := facts.Manages.Of(l, facts.Role{Branch: branch, Who: who})
		if err == nil && standing.Holds {
			f.back(who, how)
		}
		return err
	}
	if err := back(pusher, "pushed it"); err != nil {
		return f, err
	}
	for _, r := range github.LatestReviews(reviews) {
		if r.State != github.Approved || r.Commit != f.PR.Head {
			continue
		}
		past, err := facts.Past.Of(l, f.PR.Number)
		if err != nil {
			return f, err
		}
		if past.Outlived(r) {
			continue
		}
		if err := back(r.Author, "approved it"); err != nil {
			return f, err
		}
	}
	return f, nil
}

// readAsker reads, of a publish that we proposed, who asked for it, nil for another; bound says
// that the record was made for this very pull request.
func (h *Handler) readAsker(l *facts.Look, f *pullFacts) (_ *Proposal, bound bool, err error) {
	if !f.PR.Author.Bot || !strings.HasPrefix(string(f.PR.HeadRef), "trigger-") {
		return nil, false, nil
	}
	pr, err := facts.Detail.Of(l, f.PR.Number)
	if err != nil {
		return nil, false, err
	}
	p, standing := h.proposal(pr)
	young := f.Now.Sub(pr.CreatedAt) < newborn
	// Only from a branch of the repository itself it can be ours.
	if strings.EqualFold(pr.HeadRepo.String(), l.Repo.String()) && (standing == effect.Bound || standing == effect.Unbound && young) {
		return &p, standing == effect.Bound, nil
	}
	bot, err := h.GitHub.BotID(l.Context(), l.Repo)
	f.Torn = f.PR.Author.ID == bot
	return nil, false, err
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
func releaseOf(l *facts.Look, s Triggers, base release.Branch, text string) (release.Branch, error) {
	v, err := s.read(text)
	if belongs, numbered := v.Of(base); err != nil || numbered || belongs {
		return base, nil // one that can't be read is refused
	}
	list, err := facts.UnderWay.Of(l, facts.Whole{})
	for _, t := range list {
		if t.Version.Compare(v.Final()) == 0 { // by its numbers: the policy where it is tracked may write them otherwise
			return t.Branch, err
		}
	}
	return base, err
}
