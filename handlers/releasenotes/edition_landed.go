package releasenotes

import (
	"context"
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// landing is one change of a range: a pull request with its commits on the branch, or a
// commit that was pushed without one.
type landing struct {
	pull    *github.PullRequest
	commits []github.ComparedCommit // the newest first
}

// landings are the changes of a range in one repository, the oldest first.
type landings struct {
	list   []landing
	sides  []side
	direct int
	why    string // not all; "" if they are
}

// side is what a range has of one branch.
type side struct {
	branch   release.Branch
	from, to string
	commits  []github.ComparedCommit // the newest first
}

// maxAsked bounds how many commits GitHub is asked for the pull request of: a commit that
// names one needs no asking.
const maxAsked = 60

// observeLandings lists the changes of a range by the graph alone: what the later end has and
// the earlier lacks, by first parents. Up to where the release's branch left the source
// branch they are that one's.
func (h *Handler) observeLandings(ctx context.Context, e edition, p part) (m landings, err error) {
	commits, complete, err := h.GitHub.FirstParents(ctx, p.Repo, p.from.ID, p.to.ID)
	if err != nil {
		return m, err
	}
	if !complete {
		m.why = "; GitHub doesn't show all of them"
	}
	main, err := facts.SourceBranch.Of(p.look, facts.Whole{})
	if err != nil {
		return m, err
	}
	cut, err := h.GitHub.MergeBase(ctx, p.Repo, main, p.to.ID)
	if err != nil {
		return m, err
	}
	at := len(commits)
	if i := slices.IndexFunc(commits, func(c github.ComparedCommit) bool { return c.ID == cut }); i >= 0 {
		at = i
	}
	asked := maxAsked
	for _, s := range []side{{branch: e.branch(), commits: commits[:at]}, {branch: main, commits: commits[at:]}} {
		if len(s.commits) == 0 {
			continue
		}
		if s.to = s.commits[0].ID; len(s.commits[len(s.commits)-1].Parents) > 0 {
			s.from = s.commits[len(s.commits)-1].Parents[0]
		}
		m.sides = append(m.sides, s)
		if err := h.observeSide(ctx, p, s, &m, &asked); err != nil {
			return m, err
		}
	}
	slices.Reverse(m.list)
	return m, nil
}

// observeSide finds the pull requests of the commits of one branch. The list of what was
// merged there only brings what people wrote, so its days needn't be exact.
func (h *Handler) observeSide(ctx context.Context, p part, s side, m *landings, asked *int) error {
	begun, _, err := h.GitHub.Revision(ctx, p.Repo, s.commits[len(s.commits)-1].ID)
	if err != nil {
		return err
	}
	list, err := h.GitHub.MergedPullRequests(ctx, p.Repo, s.branch, begun.At.Add(-24*time.Hour))
	if err != nil {
		return err
	}
	byNumber := map[int]*github.PullRequest{}
	for i := range list {
		byNumber[list[i].Number] = &list[i]
	}
	seen := map[int]int{}
	for _, c := range s.commits {
		_, n := provenance.Squash(c.Message)
		pr := byNumber[n]
		if pr == nil && *asked > 0 { // rebased, or its title was changed
			*asked--
			one, found, err := h.GitHub.MergedWith(ctx, p.Repo, s.branch, c.ID)
			if err != nil {
				return err
			}
			if found {
				pr = &one.PullRequest
			}
		}
		if pr == nil {
			m.direct++
			m.list = append(m.list, landing{commits: []github.ComparedCommit{c}})
			continue
		}
		if i, have := seen[pr.Number]; have {
			m.list[i].commits = append(m.list[i].commits, c)
			continue
		}
		seen[pr.Number] = len(m.list)
		m.list = append(m.list, landing{pull: pr, commits: []github.ComparedCommit{c}})
	}
	return nil
}
