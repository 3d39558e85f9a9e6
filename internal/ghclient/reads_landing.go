package ghclient

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// Merged returns what the merge of a pull request put on its base, by GitHub's record of
// where the base was before.
func (c *Client) Merged(ctx context.Context, repo github.Repo, pr github.PullDetail) (github.Landing, error) {
	landing, err := mergedMemo.read(ctx, c, github.MergedCacheKey(repo, pr.Number, pr.MergeCommit), func() (github.Landing, error) { return c.findMerged(ctx, repo, pr) })
	if err != nil {
		err = fmt.Errorf("what the merge of %s#%d put on %s: %w", repo, pr.Number, pr.Base, err)
	}
	return landing, err
}

// aboutThen is how far the times of a merge and of the move of its base may lie apart.
const aboutThen = 10 * time.Minute

func (c *Client) findMerged(ctx context.Context, repo github.Repo, pr github.PullDetail) (landing github.Landing, err error) {
	l := github.Landed{Head: pr.Head, Own: pr.Commits}
	if l.Merge, err = c.CommitOf(ctx, repo, pr.MergeCommit); err != nil {
		return landing, err
	}
	if landing, is := l.Refused(); is {
		return landing, nil
	}
	moves, told, err := c.movesAbout(ctx, repo, pr)
	if err != nil {
		return landing, err
	}
	// The move to the merge itself first, since no other has to be followed back then.
	slices.SortStableFunc(moves, func(a, b github.BranchMove) int {
		switch l.Merge.ID {
		case a.After:
			return -1
		case b.After:
			return 1
		}
		return 0
	})
	for _, m := range moves {
		from := github.Commit{ID: m.After}
		switch {
		case m.After == l.Merge.ID:
			from = l.Merge
		case !together(m):
			continue // it brought one pull request, and this isn't it
		}
		line, err := c.line(ctx, repo, from, m.Before)
		if err != nil {
			return landing, err
		}
		if at := slices.IndexFunc(line, func(c github.Commit) bool { return c.ID == l.Merge.ID }); at >= 0 {
			l.Move, l.Line = m, line[at:]
			break
		}
	}
	// Others that came with the same move may not be shown as merged yet, like the move itself.
	several := together(l.Move) && len(l.Line) > 1 && len(l.Merge.Parents) == 1
	if until := pr.MergedAt.Add(settling); told && (several || len(l.Line) == 0) && c.opts.Now().Before(until) {
		return landing, &reconcile.RetryAfterError{At: until, Err: fmt.Errorf("GitHub's record of %s may not show all of the merge yet", pr.Base)}
	}
	if len(l.Line) == 0 {
		return c.mergedByShape(ctx, repo, pr, l.Merge)
	}
	if several {
		if l.Others, err = c.mergesBeside(ctx, repo, pr); err != nil {
			return landing, err
		}
	}
	return l.Landing(), nil
}

// together reports a move by which several pull requests may have landed at once.
func together(m github.BranchMove) bool {
	return m.Kind == github.MovedByPush || m.Kind == github.MovedByQueue
}

// movesAbout lists how the base of a pull request was moved when that was merged; told says
// that GitHub shows it.
func (c *Client) movesAbout(ctx context.Context, repo github.Repo, pr github.PullDetail) (moves []github.BranchMove, told bool, err error) {
	told, err = c.activity(ctx, repo, repo, pr.Base, func(m github.BranchMove) bool {
		if m.At.Sub(pr.MergedAt).Abs() <= aboutThen {
			moves = append(moves, m)
		}
		return m.At.Before(pr.MergedAt.Add(-aboutThen))
	})
	var refused *reconcile.RefusedError
	if errors.Is(err, ErrNotFound) || errors.As(err, &refused) {
		return nil, false, nil
	}
	if !told {
		moves = nil
	}
	return moves, told, err
}

// linePages bounds how long a history is followed back, by hundreds of commits.
const linePages = 5

// line is a branch's own line of commits from one on, the newest first, up to another one that
// isn't of it any more; none if it doesn't lead there, as far as linePages reach. A push may put
// a base on another line, with a merge of what it was: where on that begins what the push
// brought, nobody can tell.
func (c *Client) line(ctx context.Context, repo github.Repo, from github.Commit, to string) (line []github.Commit, err error) {
	if len(from.Parents) > 0 && from.Parents[0] == to {
		return []github.Commit{from}, nil
	}
	byID := map[string]github.Commit{}
	ended := false
	_, err = listed(ctx, c, repo, fmt.Sprintf("list commits before %.7s of %s", from.ID, repo), func(g *gh.Client, o gh.ListOptions) ([]*gh.RepositoryCommit, *gh.Response, error) {
		page, resp, err := g.Repositories.ListCommits(ctx, repo.Owner, repo.Name, &gh.CommitsListOptions{SHA: from.ID, ListOptions: o})
		for _, one := range page {
			byID[one.GetSHA()] = github.Commit{ID: one.GetSHA(), Parents: parentsOf(one)}
		}
		if err != nil {
			return page, resp, err
		}
		line = nil
		at, there := byID[from.ID]
		for there && at.ID != to && len(at.Parents) > 0 {
			line = append(line, at)
			if ended = at.Parents[0] == to; ended {
				break
			}
			at, there = byID[at.Parents[0]]
		}
		if ended || o.Page >= linePages {
			resp.NextPage = 0
		}
		return page, resp, nil
	})
	if !ended {
		line = nil
	}
	return line, err
}

// mergesBeside lists the merges' commits of the other pull requests that came to a base
// about when one did.
func (c *Client) mergesBeside(ctx context.Context, repo github.Repo, pr github.PullDetail) (ids []string, err error) {
	list, err := c.mergedSince(ctx, repo, pr.Base, pr.MergedAt.Add(-aboutThen))
	for _, other := range list {
		if other.GetNumber() != pr.Number {
			ids = append(ids, other.GetMergeCommitSHA())
		}
	}
	return ids, err
}

// mergedByShape is what a merge put on its base where GitHub shows no record of the base. A
// commit that GitHub signs is a squash, unless it is a rebase's of one of the pull request's. Of a rebase, each
// of these has to be found again; what it would leave out, nobody can tell.
func (c *Client) mergedByShape(ctx context.Context, repo github.Repo, pr github.PullDetail, merge github.Commit) (landing github.Landing, err error) {
	unknown := github.Landing{Passing: true, Unclear: fmt.Sprintf("GitHub keeps no record of where `%s` was before, and `%.7s` alone doesn't tell.", pr.Base, merge.ID)}
	switch merged := len(merge.Parents) > 1; {
	case merged && merge.ByGitHub:
		return github.Landing{Commits: []string{merge.ID}}, nil
	case merged, merge.ID == pr.Head: // pushed, and who knows onto what
		return unknown, nil
	}
	own, err := listed(ctx, c, repo, fmt.Sprintf("list commits of %s#%d", repo, pr.Number), func(g *gh.Client, o gh.ListOptions) ([]*gh.RepositoryCommit, *gh.Response, error) {
		return g.PullRequests.ListCommits(ctx, repo.Owner, repo.Name, pr.Number, &o)
	})
	if err != nil {
		return landing, err
	}
	if len(own) == 1 {
		return github.Landing{Commits: []string{merge.ID}}, nil
	}
	const most = 250 // GitHub lists no more of a pull request
	if len(own) == 0 || len(own) >= most {
		return unknown, nil
	}
	onBase, err := listed(ctx, c, repo, "list the commits of "+string(pr.Base), func(g *gh.Client, o gh.ListOptions) ([]*gh.RepositoryCommit, *gh.Response, error) {
		page, resp, err := g.Repositories.ListCommits(ctx, repo.Owner, repo.Name, &gh.CommitsListOptions{SHA: merge.ID, ListOptions: o})
		if err == nil && o.Page*pageSize >= len(own) {
			resp.NextPage = 0
		}
		return page, resp, err
	})
	if err != nil {
		return landing, err
	}
	squash := merge.ByGitHub && len(onBase) > 0 && !slices.ContainsFunc(own, func(one *gh.RepositoryCommit) bool { return sameChange(onBase[0], one) })
	if squash {
		return github.Landing{Commits: []string{merge.ID}}, nil
	}
	if ids := rebased(merge.ID, own, onBase); len(ids) == len(own) {
		return github.Landing{Commits: ids}, nil
	}
	return unknown, nil
}

// rebased follows a base back from a merge's commit, as long as it holds a pull request's
// own commits, one after the other, and returns these in their order.
func rebased(from string, own, onBase []*gh.RepositoryCommit) (ids []string) {
	byID := map[string]*gh.RepositoryCommit{}
	for _, one := range onBase {
		byID[one.GetSHA()] = one
	}
	at := byID[from]
	for i := len(own) - 1; i >= 0 && at != nil && len(at.Parents) == 1 && sameChange(at, own[i]); i-- {
		ids = append(ids, at.GetSHA())
		at = byID[at.Parents[0].GetSHA()]
	}
	slices.Reverse(ids)
	return ids
}

// sameChange reports whether two commits are one change by what a rebase keeps.
func sameChange(a, b *gh.RepositoryCommit) bool {
	x, y := a.GetCommit(), b.GetCommit()
	return strings.TrimSpace(x.GetMessage()) == strings.TrimSpace(y.GetMessage()) && x.GetAuthor().GetEmail() == y.GetAuthor().GetEmail() &&
		x.GetAuthor().GetDate().Equal(y.GetAuthor().GetDate())
}

func parentsOf(one *gh.RepositoryCommit) (ids []string) {
	for _, p := range one.Parents {
		ids = append(ids, p.GetSHA())
	}
	return ids
}
