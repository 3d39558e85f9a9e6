package cherrypick

import (
	"errors"
	"slices"

	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// maxByHand is how many pull requests that name the source are compared with it.
const maxByHand = 3

// observeByHand finds an open pull request of somebody's that names the source and holds its
// change, as the check slipway/release-branch would find it. What can't be told is none: a
// second pick does no harm.
func (h *Handler) observeByHand(l *facts.Look, s *Snapshot) error {
	f := &s.Pick
	open, err := facts.Open.Of(l, s.branch())
	if err != nil {
		return err
	}
	var name []github.PullRequest
	for _, pr := range open {
		text := provenance.Text{Title: pr.Title, Body: pr.Body, HeadBranch: string(pr.HeadRef), Repo: l.Repo.String()}
		if slices.ContainsFunc(provenance.Mentions(text), func(m provenance.Mention) bool { return m.Number == s.source() }) && len(name) < maxByHand {
			name = append(name, pr)
		}
	}
	if len(name) == 0 {
		return nil
	}
	claim, unclear, err := facts.Claim(l, provenance.ByMarker, f.Source)
	if err != nil || unclear != "" || claim == nil {
		return err
	}
	prove, err := facts.History.Of(l, s.PR.Base)
	if err != nil {
		return err
	}
	for _, pr := range name {
		at, err := facts.Compared.Of(l, facts.At{Branch: s.branch(), Commit: pr.Head})
		if err == nil {
			found, perr := prove(l.Context(), s.PR.RepoID, provenance.Question{
				Head: pr.Head, MergeBase: at.MergeBase, Commits: at.Total, Base: s.branch(), Claims: []provenance.Claim{*claim},
			})
			if err = perr; err == nil && (found.Verdict == provenance.Exact || found.Verdict == provenance.Equivalent) && len(found.Sources) == 1 {
				f.ByHand = &pr
				return nil
			}
		}
		var later *reconcile.RetryAfterError
		if errors.As(err, &later) || l.Context().Err() != nil {
			return err
		}
	}
	return nil
}
