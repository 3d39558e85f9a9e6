package facts

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Proposal is what stands sealed in a pull request that Slipway opens on a release manager's
// command, whatever else its record says: who asked, and what it holds.
type Proposal struct {
	By   string `json:"by,omitempty"`
	ByID int64  `json:"by_id,omitempty"`
	// Branch is the release's, whose managers may approve.
	Branch release.Branch `json:"branch,omitempty"`
	// Holds is the base and all bytes that Slipway wrote, as a digest; "" says nothing of them, as in
	// records of older versions, so that it is a pull request like any other.
	Holds string `json:"holds,omitempty"`
}

// Holding is the proposal of what an effect writes.
func (p Proposal) Holding(e effect.Files) Proposal {
	blobs := map[string]string{}
	for path, content := range e.Files {
		blobs[path] = github.BlobID(content)
	}
	p.Holds = holds(e.Base, blobs)
	return p
}

// holds is the digest of files, from paths to the names of their blobs, that are to go to a base.
func holds(base release.Branch, blobs map[string]string) string {
	var lines []string
	for path, blob := range blobs {
		lines = append(lines, fmt.Sprintf("%q %s\n", path, blob))
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(fmt.Sprintf("%q\n", base) + strings.Join(lines, "")))
	return hex.EncodeToString(sum[:])
}

// held reports whether changes are what a proposal holds and nothing else.
func (p Proposal) held(base release.Branch, c github.Changes) bool {
	blobs := map[string]string{}
	for _, f := range c.Files {
		if f.Was != "" || f.Blob == "" {
			return false
		}
		blobs[f.Path] = f.Blob
	}
	return p.Holds != "" && c.Complete && p.Holds == holds(base, blobs)
}

// ProposedPull is what a pull request of ours proposes, as long as it is what Slipway wrote; zero
// for any other.
type ProposedPull struct {
	Proposal
	Teams []string // whose members manage the release
	// Approved is a release manager other than who asked that approves it as it is, and
	// Against one that asks for changes; zero for none.
	Approved, Against github.User
	Unsure            bool // it is unknown whether Against manages the release
	Unasked           bool // the policy asks for no approval
}

// Is reports whether it is one.
func (p ProposedPull) Is() bool { return p.ByID != 0 }

// Passes reports whether the checks let it through.
func (p ProposedPull) Passes() bool {
	return p.Is() && p.Against.ID == 0 && (p.Approved.ID != 0 || p.Unasked)
}

// Proposed says of a pull request whether Slipway proposes it, exactly as it is, for a release
// manager, and who else approves it. Its record is sealed for its number; its files are those that the
// record has, to the byte; and nobody but our App has ever pushed to it: that no mode has
// changed, and that nothing was there in between, no list of files tells. GitHub's own merges of its base
// change nothing. Another's pull request costs no request, nor does any where the policy judges ours like the others.
var Proposed = Fact[int, ProposedPull]{
	Name: "proposed", Fresh: AsMadeOf, Unknown: Retry,
	From: []Need{Policy, Pull, Detail, FileChanges, Pusher, SameChange, Reviews, Past, Manages},
	Read: func(l *Look, n int) (none ProposedPull, err error) {
		loaded, err := Policy.Of(l, Whole{})
		if err != nil || loaded.Policy == nil || loaded.Policy.Proposals == config.OrdinaryProposals {
			return none, err
		}
		pr, err := Pull.Of(l, n)
		if err != nil || !MayPropose(l.Repo, pr) {
			return none, err
		}
		bot, err := l.from.GitHub.BotID(l.ctx, l.Repo)
		if err != nil || pr.Author.ID != bot {
			return none, err
		}
		p, is, err := unchanged(l, pr)
		if err != nil || !is {
			return none, err
		}
		return reviewed(l, ProposedPull{Proposal: p, Unasked: loaded.Policy.Proposals == config.PassingProposals}, pr)
	},
}

// Asker is who asked Slipway by a command for a pull request of its own that is no pick; Unknown says that its
// record is gone, or not as we sealed it.
type Asker struct {
	Who     github.User
	Unknown bool
}

// AskedOf is that, whatever has become of what it holds. It costs no request beside the pull request.
var AskedOf = Fact[int, Asker]{
	Name: "asked of", Fresh: AsMadeOf, Unknown: Retry, From: []Need{Detail},
	Read: func(l *Look, n int) (none Asker, err error) {
		pr, err := Detail.Of(l, n)
		if err != nil || !MayPropose(l.Repo, pr.PullRequest) || pr.HeadRef.Picks() {
			return none, err
		}
		bot, err := l.from.GitHub.BotID(l.ctx, l.Repo)
		if err != nil || pr.Author.ID != bot {
			return none, err
		}
		var p Proposal
		r := l.from.Sealer.Unseal(effect.Place{Repo: pr.RepoID, Number: n}, pr.Body)
		if r.Authenticity != effect.Bound || json.Unmarshal(r.JSON, &p) != nil {
			return Asker{Unknown: true}, nil
		}
		return Asker{Who: github.User{ID: p.ByID, Login: p.By}}, nil
	},
}

// MayPropose reports whether a pull request looks like one that Slipway proposes: of any other
// there is nothing to read.
func MayPropose(repo github.Repo, pr github.PullRequest) bool {
	return pr.Author.Bot && pr.HeadRef.Ours() && strings.EqualFold(pr.HeadRepo.String(), repo.String())
}

// unchanged reads what a pull request of our App proposes, and whether it is still that.
func unchanged(l *Look, pr github.PullRequest) (p Proposal, is bool, err error) {
	detail, err := Detail.Of(l, pr.Number)
	if err != nil {
		return p, false, err
	}
	r := l.from.Sealer.Unseal(effect.Place{Repo: detail.RepoID, Number: pr.Number}, detail.Body)
	if r.Authenticity != effect.Bound || json.Unmarshal(r.JSON, &p) != nil || p.ByID == 0 || p.Holds == "" || detail.Head != pr.Head {
		return p, false, nil
	}
	changes, err := FileChanges.Of(l, Head{Number: pr.Number, Commit: pr.Head})
	if err != nil || !p.held(pr.Base, changes) {
		return p, false, err
	}
	by, err := Pusher.Of(l, pr.Number)
	return p, by.ID == pr.Author.ID, err
}

// reviewed reads what release managers say of a proposal.
func reviewed(l *Look, p ProposedPull, pr github.PullRequest) (ProposedPull, error) {
	standing, err := Manages.Of(l, Role{Branch: p.Branch})
	if p.Teams = standing.Teams; err != nil {
		return p, err
	}
	h := heard{roles: map[int64]reconcile.RoleDecision{}}
	if h.reviews, err = Reviews.Of(l, pr.Number); err != nil {
		return p, err
	}
	if h.same, err = SameChange.Of(l, pr.Number); err != nil {
		return p, err
	}
	if slices.ContainsFunc(h.reviews, func(r github.Review) bool { return r.State != github.ChangesRequested && !r.Author.Bot }) {
		if h.past, err = Past.Of(l, pr.Number); err != nil {
			return p, err
		}
	}
	for _, r := range h.reviews {
		_, dismissed := h.past.Objects(r)
		for _, who := range []github.User{r.Author, dismissed} {
			if who.ID == 0 || who.Bot {
				continue
			}
			if h.roles[who.ID], err = Manages.Of(l, Role{Branch: p.Branch, Who: who}); err != nil {
				return p, err
			}
		}
	}
	return h.say(p), nil
}

// heard is what is said of a proposal, and by whom.
type heard struct {
	reviews []github.Review
	same    []string // the commits that its head is the same change as
	past    github.PullHistory
	roles   map[int64]reconcile.RoleDecision // of people; a bot has none
}

// say is what becomes of a proposal by that. An approval counts for what it was given for: the same
// change, against the base that it has now. An objection holds until who wrote it, or a release manager
// other than who asked for the proposal, lifts it, since whoever may push may dismiss it; and until it
// is known that who wrote it manages nothing.
func (h heard) say(p ProposedPull) ProposedPull {
	for _, r := range h.reviews {
		role := h.roles[r.Author.ID]
		objects, dismissed := h.past.Objects(r)
		lifted := dismissed.ID != 0 && dismissed.ID != p.ByID && h.roles[dismissed.ID].Holds
		switch {
		case objects && !lifted && (role.Holds || role.Unclear != "") && p.Against.ID == 0:
			p.Against, p.Unsure = r.Author, !role.Holds
		case r.State == github.Approved && role.Holds && r.Author.ID != p.ByID && slices.Contains(h.same, r.Commit) && !h.past.Outlived(r):
			p.Approved = cmp.Or(p.Approved, r.Author)
		}
	}
	return p
}
