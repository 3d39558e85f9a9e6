package ghclient

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// movePages bounds how many pages of a branch's moves are read.
const movePages = 10

// wireMove is an entry of a repository's activity. go-github has no method for it.
// See https://docs.github.com/en/rest/repos/repos?apiVersion=2022-11-28#list-repository-activities
type wireMove struct {
	Before string       `json:"before"`
	After  string       `json:"after"`
	Kind   string       `json:"activity_type"`
	At     gh.Timestamp `json:"timestamp"`
	Actor  *gh.User     `json:"actor"`
}

func (m wireMove) move() github.BranchMove {
	commit := func(id string) string {
		if strings.Trim(id, "0") == "" {
			return ""
		}
		return id
	}
	return github.BranchMove{Kind: github.MoveKind(m.Kind), Before: commit(m.Before), After: commit(m.After), By: user(m.Actor), At: m.At.Time}
}

// activity walks how a branch was moved, the newest first, until visit has seen enough. The
// branch may be a fork's; it is asked for as the installation that reaches repo, so one that
// isn't public has none to show. whole says that visit was, or that there are no more.
func (c *Client) activity(ctx context.Context, repo, of github.Repo, branch release.Branch, visit func(github.BranchMove) (enough bool)) (whole bool, err error) {
	after := ""
	for range movePages {
		var page []wireMove
		next := ""
		err = c.do(ctx, repo, fmt.Sprintf("list activity of %s of %s", branch, of), func(g *gh.Client) error {
			q := url.Values{"ref": {branch.Ref()}, "per_page": {fmt.Sprint(pageSize)}}
			if after != "" {
				q.Set("after", after)
			}
			page = nil
			req, err := g.NewRequest("GET", fmt.Sprintf("repos/%s/%s/activity?%s", of.Owner, of.Name, q.Encode()), nil)
			if err != nil {
				return err
			}
			resp, err := g.Do(ctx, req, &page)
			if err == nil {
				next = resp.After
			}
			return err
		})
		if err != nil {
			return false, err
		}
		for _, m := range page {
			if visit(m.move()) {
				return true, nil
			}
		}
		if after = next; after == "" {
			return true, nil
		}
	}
	return false, nil
}

// BranchMoves lists how a branch was moved at or after an instant, the newest first, with
// the last move before that; whole says that these are all.
func (c *Client) BranchMoves(ctx context.Context, repo, of github.Repo, branch release.Branch, since time.Time) (moves []github.BranchMove, whole bool, err error) {
	whole, err = c.activity(ctx, repo, of, branch, func(m github.BranchMove) bool {
		moves = append(moves, m)
		return m.At.Before(since)
	})
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return moves, whole, err
}

// MovesTo is how a branch of a repository that was at a commit had been moved since an
// instant. It is remembered as long as the branch is there.
func (c *Client) MovesTo(ctx context.Context, repo github.Repo, branch release.Branch, since time.Time, tip string) (github.BranchMoves, error) {
	return branchMovesMemo.read(ctx, c, github.BranchMovesCacheKey(repo, branch, since, tip), func() (github.BranchMoves, error) {
		list, whole, err := c.BranchMoves(ctx, repo, repo, branch, since)
		m := github.BranchMoves{Since: since, List: list}
		var refused *reconcile.RefusedError
		if errors.As(err, &refused) {
			m.Unclear = "GitHub refuses to show who moved it"
			return m, nil
		}
		return m.Complete(whole, tip), err
	})
}
