package ghclient

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// activityPages bounds how far back the moves of a branch are read.
const activityPages = 5

// branchMove is an entry of a branch's activity. go-github has no method for it.
// See https://docs.github.com/en/rest/repos/repos?apiVersion=2022-11-28#list-repository-activities
type branchMove struct {
	Before string   `json:"before"`
	After  string   `json:"after"`
	Actor  *gh.User `json:"actor"`
}

// HeadMoves lists the moves by which a branch came to a commit, back to the making of
// the branch, the newest first. The branch may be a fork's; it is asked for as the
// installation that reaches repo, so a fork that isn't public has none to show. whole
// says that these are all, and that it is known whose each is.
func (c *Client) HeadMoves(ctx context.Context, repo, head github.Repo, branch release.Branch, commit string) (moves []github.HeadMove, whole bool, err error) {
	got, err := movesMemo.read(ctx, c, github.MovesCacheKey(repo, head, branch, commit), func() (knownMoves, error) {
		k, err := c.readMoves(ctx, repo, head, branch, commit)
		var refused *reconcile.RefusedError
		if errors.Is(err, ErrNotFound) || errors.As(err, &refused) {
			err = nil
		}
		return k, err
	})
	return got.Moves, got.Whole, err
}

// knownMoves is what is remembered of a branch's moves. Only the whole of it is used.
type knownMoves struct {
	Moves []github.HeadMove
	Whole bool
}

func (c *Client) readMoves(ctx context.Context, repo, head github.Repo, branch release.Branch, commit string) (k knownMoves, err error) {
	reached, known, after := false, true, ""
	for range activityPages {
		var page []branchMove
		next := ""
		err = c.do(ctx, repo, fmt.Sprintf("list activity of %s of %s", branch, head), func(g *gh.Client) error {
			q := url.Values{"ref": {branch.Ref()}, "per_page": {fmt.Sprint(pageSize)}}
			if after != "" {
				q.Set("after", after)
			}
			req, err := g.NewRequest("GET", fmt.Sprintf("repos/%s/%s/activity?%s", head.Owner, head.Name, q.Encode()), nil)
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
			return k, err
		}
		for _, m := range page {
			if reached = reached || m.After == commit; !reached {
				continue // what came later
			}
			move := github.HeadMove{Before: strings.TrimLeft(m.Before, "0"), After: m.After, By: user(m.Actor)}
			if move.Before != "" {
				move.Before = m.Before
			}
			known = known && move.By.ID != 0 // it may be somebody's who is gone
			k.Moves = append(k.Moves, move)
			if move.Before == "" {
				k.Whole = known
				return k, nil
			}
		}
		if after = next; after == "" {
			break
		}
	}
	return k, nil
}
