package policy

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

const (
	maxRepos  = 10  // of an owner of which the pull requests are counted
	maxTried  = 40  // that are asked whether the owner's policy governs them
	maxJudged = 100 // pull requests on which gates are asked
)

// change is what a proposal would change, in facts: before is the policy in
// force, after is with the proposal.
type change struct {
	Open     []github.PullRequest // of the repository, the most recently active first
	Gates    []gateChange
	Unjudged int // governed pull requests on which no gate was asked

	// Of an owner's policy, instead: the repositories that it governs.
	Owner bool
	Repos []repoChange
	Left  int // repositories that were not counted
}

// gateChange is what a gate says, by the pull request's number.
type gateChange struct {
	Gate          string
	Before, After map[int]effect.Verdict
}

// repoChange counts the open pull requests of a repository.
type repoChange struct {
	Repo          github.Repo
	Before, After int // that are governed
	Begin, End    int // that become governed, and that no longer are
}

// governedRepos finds the repositories that the file is about. One that has a
// policy file of its own is not governed by its owner's.
func (h *Handler) governedRepos(ctx context.Context, s *proposal) (g governed, err error) {
	if !strings.EqualFold(s.Repo.Name, github.PolicyRepo) {
		return governed{Repos: []github.Repo{s.Repo}}, nil
	}
	g.Owner = true
	all, err := h.GitHub.RecentRepos(ctx, s.Repo)
	if err != nil {
		return g, err
	}
	look := facts.NewLook(ctx, h.From, s.Repo, time.Time{}) // nothing of it depends on the time
	for i, repo := range all {
		if len(g.Repos) == maxRepos || i == maxTried {
			g.Left = len(all) - i
			break
		}
		loaded, err := h.Policies.Policy(ctx, repo)
		if errors.Is(err, reconcile.ErrGone) {
			continue
		}
		if err != nil {
			return g, err
		}
		if own := loaded.Exists() && same(loaded.Repo, repo); own && !same(repo, s.Repo) {
			continue
		}
		_, may, err := look.Elsewhere(repo)
		if may.Refused != "" {
			continue
		}
		if err != nil {
			return g, err
		}
		g.Repos = append(g.Repos, repo)
	}
	return g, nil
}

func (h *Handler) observeChange(ctx context.Context, s *proposal, repos governed) (err error) {
	s.Change.Owner, s.Change.Left = repos.Owner, repos.Left
	if repos.Owner {
		for _, repo := range repos.Repos {
			open, err := h.GitHub.OpenPullRequests(ctx, repo, "")
			if err != nil {
				return err
			}
			s.Change.Repos = append(s.Change.Repos, count(repo, open, s.Policy, s.Proposed.Loaded))
		}
		return nil
	}
	if s.Change.Open, err = h.GitHub.OpenPullRequests(ctx, s.Repo, ""); err != nil {
		return err
	}
	var judged []github.PullRequest
	for _, pr := range s.Change.Open {
		switch {
		case !s.Policy.Governs(pr.Base) && !s.Proposed.Governs(pr.Base):
		case len(judged) == maxJudged:
			s.Change.Unjudged++
		default:
			judged = append(judged, pr)
		}
	}
	for _, gate := range h.Gates {
		c := gateChange{Gate: gate.Name()}
		if c.Before, err = gate.Verdicts(ctx, s.Repo, s.Policy, judged); err != nil {
			return err
		}
		if c.After, err = gate.Verdicts(ctx, s.Repo, s.Proposed.Loaded, judged); err != nil {
			return err
		}
		s.Change.Gates = append(s.Change.Gates, c)
	}
	return nil
}

func count(repo github.Repo, open []github.PullRequest, before, after config.Loaded) repoChange {
	c := repoChange{Repo: repo}
	for _, pr := range open {
		was, is := before.Governs(pr.Base), after.Governs(pr.Base)
		if was {
			c.Before++
		}
		if is {
			c.After++
		}
		switch {
		case is && !was:
			c.Begin++
		case was && !is:
			c.End++
		}
	}
	return c
}
