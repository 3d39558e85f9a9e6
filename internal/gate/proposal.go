package gate

import (
	"errors"
	"fmt"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// proposed is what a gate says of what Slipway itself proposes, where it would hold back
// anybody else's: in the same words for all gates, by the policy's `proposals`.
func proposed(l *facts.Look, pr github.PullRequest, v Verdict) (Verdict, error) {
	if v.State == effect.Pass || v.State == effect.Neutral || v.Firm || !facts.MayPropose(l.Repo, pr) {
		return v, nil
	}
	p, err := facts.Proposed.Of(l, pr.Number)
	var unknown *facts.NotKnown
	switch {
	case errors.As(err, &unknown): // then it is like any other
		v.RequeueAt = reconcile.Sooner(v.RequeueAt, l.Now.Add(holdPause))
		return v, nil
	case err != nil || !p.Is():
		return v, err
	}
	return ofProposal(p, v), nil
}

// ofProposal judges a proposal of which a gate has said something else. It is pure.
func ofProposal(p facts.ProposedPull, v Verdict) Verdict {
	asked := effect.Code(p.By)
	otherwise := fmt.Sprintf("<details><summary>What this check says of any other pull request: %s</summary>\n\n%s\n\n</details>", effect.Inert(v.Title, maxTitle), v.Detail)
	what := fmt.Sprintf("%s asked Slipway for this pull request by a command, and it holds what Slipway wrote and nothing else. ", asked)
	const more = "One commit more makes it a pull request like any other."
	switch {
	case p.Against.ID != 0:
		who := effect.Who(p.Against.Login)
		v.Title = "A release manager asks for changes"
		is := "a release manager"
		if p.Unsure {
			v.Title, is = "Somebody asks for changes who may be a release manager", "of whom it is unknown whether they manage the release"
		}
		v.Detail = fmt.Sprintf("%sBut %s, %s, asks for changes.\n\n**Next step:** %s approves it, or somebody closes it. %s\n\n%s", what, who, is, who, more, otherwise)
	case p.Approved.ID != 0:
		v = letThrough(v, "Proposed by Slipway, approved by "+p.Approved.Login)
		v.Detail = fmt.Sprintf("%s%s, another release manager, has approved it so.\n\n**Next step:** none for this check. %s\n\n%s", what, effect.Code(p.Approved.Login), more, otherwise)
	case p.Passes():
		v = letThrough(v, "Proposed by Slipway, for "+p.By)
		v.Detail = fmt.Sprintf("%sThe policy lets that through (%s).\n\n**Next step:** none for this check. %s\n\n%s", what, effect.Code("proposals: pass"), more, otherwise)
	default:
		v.Title = "Waits for a second release manager"
		v.Detail = fmt.Sprintf("%sThis check lets it through once another release manager approves it.\n\n**Next step:** %s. "+
			"Where there is no other, whoever may write the policy sets %s in it.\n\n%s\n\n%s", what, approves(p), effect.Code("proposals: pass"), more, otherwise)
	}
	v.Reason = ""
	return v
}

func letThrough(v Verdict, title string) Verdict {
	v.State, v.Title, v.Annotations = effect.Pass, effect.Cut(title, maxTitle), nil
	return v
}

// approves says who is to approve a proposal.
func approves(p facts.ProposedPull) string {
	if len(p.Teams) == 0 {
		return fmt.Sprintf("an administrator names the release managers of %s in the policy, under %s, and one of them approves it",
			effect.Code(string(p.Branch)), effect.Code("release_managers"))
	}
	return fmt.Sprintf("%s other than %s approves this pull request as it is now", effect.Member(p.Teams), effect.Code(p.By))
}

// orProposed is the same; where it can't be told, what the gate itself knows stands: it may hold
// back what is green.
func orProposed(l *facts.Look, pr github.PullRequest, v Verdict) (Verdict, error) {
	as, err := proposed(l, pr, v)
	if err == nil || errors.Is(err, reconcile.ErrGone) || errors.Is(err, ErrMoved) {
		return as, err
	}
	v.RequeueAt = reconcile.Sooner(v.RequeueAt, l.Now.Add(holdPause))
	return v, nil
}
