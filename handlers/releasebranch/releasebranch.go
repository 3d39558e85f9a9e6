package releasebranch

import (
	"context"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Name is the capability's name: its section of the policy and its keys.
const Name = "releasebranch"

// CheckName is the name of the check run.
const CheckName = "slipway/release-branch"

// Handler is what the gate has beside its facts: overrides, which it keeps in a
// comment, and who approves what Slipway itself proposes.
type Handler struct {
	GitHub GitHub
	From   *facts.Sources
	Sealer effect.Sealer
	Now    func() time.Time
	// Others lists the checks beside this one and the freeze's that hold proposals back on a branch until they are approved.
	Others func(*facts.Look, release.Branch) ([]string, error)
}

// GitHub is what is read of GitHub beside facts.
type GitHub interface {
	CachedPull(ctx context.Context, repo github.Repo, number int) (github.PullRequest, error)
	// BotID is the numeric id of the App's own account.
	BotID(ctx context.Context, repo github.Repo) (int64, error)
	// Section reads one part of a comment of ours, "" for none, and SealedRev the
	// newest version of the record in it that is remembered.
	Section(ctx context.Context, repo github.Repo, number int, comment, part effect.Mark) (string, error)
	SealedRev(ctx context.Context, repo github.Repo, number int, part effect.Mark) (rev int, err error)
}

// concerns says that the rules of release branches are for governed branches other than that which
// changes are picked from: it may be governed for its freezes or notes. Only `modes` asks for them there.
func concerns(l *facts.Look, b release.Branch) (bool, error) {
	p, err := facts.Policy.Of(l, facts.Whole{})
	if err != nil || !p.Governs(b) || p.Policy.AsksFor(Name, b) {
		return p.Governs(b), err
	}
	source, err := facts.SourceBranch.Of(l, facts.Whole{})
	return source != b, err
}

// Gate is the check.
func (h *Handler) Gate() gate.Gate[known] {
	return gate.Gate[known]{
		Name: Name, Check: CheckName, Read: h.read, Judge: judge, NotKnown: notKnown, Concerns: concerns,
		Texts: gate.Texts{Broken: brokenPolicy, Spared: noReleaseBranch},
		Needs: []facts.Need{
			facts.Detail, facts.Sighted, facts.Pushed, h.part(), facts.Held, facts.Dates, facts.Compared, facts.MergeBase,
			facts.SourceBranch, facts.DefaultBranch, facts.Tip, facts.Policy, facts.LeaveOut, facts.PickPull, facts.Pick, facts.Words, namedBy, facts.Issue, facts.Merged, facts.Before, facts.Commit, facts.Bringer, facts.History, facts.Undo, facts.Starters, facts.AskedOf,
			facts.Reviews, facts.Past, facts.Commits, facts.CodeOwners, facts.UnknownOwners, facts.Team, facts.Permission,
		},
		Proposals: true, Costly: true, // it asks git
	}
}
