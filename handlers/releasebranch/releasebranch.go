package releasebranch

import (
	"context"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
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

// Gate is the check.
func (h *Handler) Gate() gate.Gate[known] {
	return gate.Gate[known]{
		Name: Name, Check: CheckName, Read: h.read, Judge: judge, NotKnown: notKnown, Texts: gate.Texts{Broken: brokenPolicy},
		Needs: []facts.Need{
			facts.Detail, facts.Sighted, facts.Pushed, h.part(), facts.Held, facts.Dates, facts.Compared, facts.MergeBase,
			facts.SourceBranch, facts.DefaultBranch, facts.Tip, facts.Policy, facts.LeaveOut, facts.PickPull, facts.Pick, facts.Words, namedBy, facts.Issue, facts.Merged, facts.Before, facts.Commit, facts.Bringer, facts.History, facts.Undo, facts.Starters,
			facts.Reviews, facts.Past, facts.Commits, facts.CodeOwners, facts.UnknownOwners, facts.Team, facts.Writes,
		},
		Proposals: true, Costly: true, // it asks git
	}
}
