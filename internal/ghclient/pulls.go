package ghclient

import (
	"context"
	"fmt"
	"time"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// CachedPull returns a pull request. A missing one is reconcile.ErrGone.
//
// It costs no request when the last read of it, by itself or in a list, began
// after the last event about it was taken in and is younger than github.PullMemo says.
// That is sound: such a read shows at least what that event told; every newer
// event makes its key run again, and then the read is older than the event; and
// events that are lost are healed by the resync, whose list reads all anew.
// The instants are our clock's. Replicas may disagree by less than a webhook
// takes to arrive.
func (c *Client) CachedPull(ctx context.Context, repo github.Repo, number int) (github.PullRequest, error) {
	seen, ok, err := c.opts.Seen.PullSnapshot(ctx, repo, number)
	if err != nil {
		return github.PullRequest{}, fmt.Errorf("read %s#%d: %w", repo, number, err)
	}
	if now := c.opts.Now(); ok && seen.ReadSince(now.Add(-pullMemo.Kept)) && !seen.ReadAt.After(now) {
		return seen.PullRequest, nil
	}
	one, err := c.readPull(ctx, repo, number, seen, ok)
	return one.PullRequest, err
}

// CachedPullDetail is FreshPullDetail by the same rule as CachedPull: one read serves all who
// look at a pull request after an event.
func (c *Client) CachedPullDetail(ctx context.Context, repo github.Repo, number int) (github.PullDetail, error) {
	seen, ok, err := c.opts.Seen.PullSnapshot(ctx, repo, number)
	if err != nil {
		return github.PullDetail{}, fmt.Errorf("read %s#%d: %w", repo, number, err)
	}
	now := c.opts.Now()
	good := pullMemo.only(func(d readDetail) bool {
		return d.Detail.Head == seen.Head && !d.behind(seen) && d.ReadAt.After(seen.EventAt) && d.ReadAt.After(now.Add(-pullMemo.Kept)) && !d.ReadAt.After(now)
	})
	have, err := good.recall(ctx, c, github.PullCacheKey(repo, number))
	if err != nil || ok && have.ok {
		return have.is.Detail, err
	}
	return c.readPull(ctx, repo, number, seen, ok)
}

// readDetail is a pull request with when the read of it began.
type readDetail struct {
	ReadAt time.Time
	Detail github.PullDetail
}

// behind reports whether a list has shown the pull request since, as a resync's does
// that heals a lost event, and it may have been changed between the two. What is
// read soon after a change may lack the next one of the same second.
func (r readDetail) behind(seen github.PullSnapshot) bool {
	return r.Detail.UpdatedAt.Before(seen.UpdatedAt) || seen.ReadAt.After(r.ReadAt) && r.ReadAt.Sub(r.Detail.UpdatedAt) < tie
}

// tie is how soon after a change a read may not show all of it: a second is what
// GitHub's clock tells apart.
const tie = 2 * time.Second

// readPull reads a pull request and remembers it.
func (c *Client) readPull(ctx context.Context, repo github.Repo, number int, seen github.PullSnapshot, ok bool) (github.PullDetail, error) {
	began := c.readBegins(ctx)
	at, err := pullMemo.begin(ctx, c)
	if err != nil {
		return github.PullDetail{}, err
	}
	one, err := c.FreshPullDetail(ctx, repo, number)
	if err != nil {
		return one, err
	}
	if ok && one.UpdatedAt.Before(seen.UpdatedAt) && c.opts.Now().Sub(seen.EventAt) < settling {
		// GitHub told of something that it doesn't show yet. A verdict on what it
		// shows would go to a commit that is the head no more, and stand there.
		return one, &reconcile.RetryAfterError{At: c.opts.Now().Add(staleWait), Err: fmt.Errorf("GitHub shows %s#%d as it was before its last event", repo, number)}
	}
	if err := pullMemo.keep(ctx, c, github.PullCacheKey(repo, number), readDetail{began, one}, at); err != nil {
		return one, err
	}
	return one, c.opts.Seen.Remember(ctx, []github.PullSnapshot{{Repo: repo, PullRequest: one.PullRequest, ReadAt: began}})
}

// staleWait is how long GitHub gets to show what it has told of.
const staleWait = 2 * time.Second

// readBegins is an instant that no answer to a read that begins now is older
// than. A read may join another one that is under way, which began after the
// work did (sharedReads): so the work's beginning, if there is one.
func (c *Client) readBegins(ctx context.Context) time.Time {
	now := c.opts.Now()
	if asOf, known := reconcile.ReadNoOlderThan(ctx); known && asOf.Before(now) {
		return asOf
	}
	return now
}

// OpenPullRequests lists the open pull requests against a branch, or against
// any for "", the most recently active first. Each of them is as good as read
// by itself then.
func (c *Client) OpenPullRequests(ctx context.Context, repo github.Repo, base release.Branch) ([]github.PullRequest, error) {
	began := c.readBegins(ctx) // of the first page; the later ones are newer
	list, err := listed(ctx, c, repo, "list open pull requests of "+repo.String(), func(g *gh.Client, o gh.ListOptions) ([]*gh.PullRequest, *gh.Response, error) {
		return g.PullRequests.List(ctx, repo.Owner, repo.Name, &gh.PullRequestListOptions{
			State: "open", Base: string(base), Sort: "updated", Direction: "desc", ListOptions: o,
		})
	})
	if err != nil {
		return nil, err
	}
	prs := make([]github.PullRequest, 0, len(list))
	snapshots := make([]github.PullSnapshot, 0, len(list))
	seen := map[int]bool{}
	for _, pr := range list {
		if !seen[pr.GetNumber()] { // a page shifts when something changes meanwhile
			seen[pr.GetNumber()] = true
			one := pullRequest(pr)
			prs = append(prs, one)
			snapshots = append(snapshots, github.PullSnapshot{Repo: repo, PullRequest: one, ReadAt: began})
		}
	}
	return prs, c.opts.Seen.Remember(ctx, snapshots)
}
