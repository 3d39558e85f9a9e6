package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// World is what a resync reads.
type World interface {
	Repos(ctx context.Context) ([]github.Repo, error)
	RepoID(ctx context.Context, repo github.Repo) (int64, error)
	CommentsSince(ctx context.Context, repo github.Repo, since time.Time) ([]github.Comment, error)
	BotID(ctx context.Context, repo github.Repo) (int64, error)
}

// Hooks is GitHub's record of its own deliveries.
type Hooks interface {
	// Undelivered lists what no attempt got through, the oldest first.
	Undelivered(ctx context.Context, since time.Time) ([]github.Lost, error)
	Redeliver(ctx context.Context, attempt int64) error
}

// Memory keeps small facts across restarts; losing them costs reads only.
type Memory interface {
	Get(ctx context.Context, key string) (value []byte, ok bool, err error)
	Put(ctx context.Context, key string, value []byte, ttl time.Duration) error
}

func (e *Engine) resync(ctx context.Context, k reconcile.Key) (reconcile.Finish, error) {
	if k.Repo.Name == reconcile.Any {
		return e.resyncMany(ctx, k.Repo.Owner)
	}
	var f reconcile.Finish
	for _, c := range e.Registry.Capabilities() {
		if c.All == nil {
			continue
		}
		keys, err := c.All(ctx, k.Repo)
		if err != nil {
			return f, fmt.Errorf("resync %s of %s: %w", c.Name, k.Repo, err)
		}
		f.Enqueue = append(f.Enqueue, keys...)
	}
	asks, err := e.unanswered(ctx, k.Repo)
	if err != nil {
		return f, fmt.Errorf("resync commands of %s: %w", k.Repo, err)
	}
	f.Reason = fmt.Sprintf("%d keys and %d unanswered commands to look at", len(f.Enqueue), len(asks))
	if len(asks) == 0 {
		return f, nil
	}
	_, err = e.Queue.StoreDelivery(ctx, reconcile.Delivery{Kind: "resync", Repo: k.Repo, Received: e.Now(), Commands: asks})
	return f, err
}

// resyncMany spreads a resync over the repositories of an owner, or of all.
func (e *Engine) resyncMany(ctx context.Context, owner string) (reconcile.Finish, error) {
	repos, err := e.World.Repos(ctx)
	if err != nil {
		return reconcile.Finish{}, fmt.Errorf("resync: %w", err)
	}
	var f reconcile.Finish
	for _, r := range repos {
		if owner == reconcile.Any || strings.EqualFold(owner, r.Owner) {
			f.Enqueue = append(f.Enqueue, reconcile.ResyncKey(r))
		}
	}
	f.Reason = fmt.Sprintf("%d repositories to look at", len(f.Enqueue))
	return f, nil
}

// askWindow is how far back a resync looks for commands without an answer, and
// how old a command may be to be carried out, however it came to us.
const askWindow = 24 * time.Hour

// unanswered finds comments with commands that have no reply of ours. Only
// comments that were never edited count: what GitHub shows of them now is what
// was written then.
func (e *Engine) unanswered(ctx context.Context, repo github.Repo) ([]reconcile.PendingCommand, error) {
	now := e.Now()
	// Whole days, so that the list's address and with it its ETag stay good.
	comments, err := e.World.CommentsSince(ctx, repo, now.Add(-askWindow).Truncate(24*time.Hour))
	if err != nil || len(comments) == 0 {
		return nil, err
	}
	bot, err := e.World.BotID(ctx, repo)
	if err != nil {
		return nil, err
	}
	asked := openAsks(comments, bot, e.Registry.Commands())
	if len(asked) == 0 {
		return nil, nil
	}
	repoID, err := e.World.RepoID(ctx, repo)
	if err != nil {
		return nil, err
	}
	for i := range asked {
		asked[i].Call.Repo, asked[i].Call.RepoID = repo, repoID
	}
	return asked, nil
}

// openAsks is the pure part of unanswered.
func openAsks(comments []github.Comment, bot int64, commands []command.Command) []reconcile.PendingCommand {
	var replies []github.Comment
	for _, c := range comments {
		if c.Author.ID == bot {
			replies = append(replies, c)
		}
	}
	var asks []reconcile.PendingCommand
	for _, c := range comments {
		call := command.Call{
			Number: c.Number, OnPR: strings.Contains(c.URL, "/pull/"), Source: command.InComment,
			ID: c.ID, URL: c.URL, Author: c.Author, At: c.CreatedAt,
		}
		answered := func(r github.Comment) bool { return replyMark(call).Begins(r.Body) }
		if c.Author.Bot || c.Author.ID == 0 || c.Author.ID == bot || !c.UpdatedAt.Equal(c.CreatedAt) ||
			slices.ContainsFunc(replies, answered) || len(command.Parse(c.Body, commands)) == 0 {
			continue
		}
		asks = append(asks, reconcile.PendingCommand{Text: c.Body, Call: call})
	}
	return asks
}

const (
	sweptKey = "sweep/until"
	// sweepReach is how long GitHub keeps deliveries and takes redeliveries.
	sweepReach = 3 * 24 * time.Hour
	// sweepOverlap covers deliveries that were still under way at the last sweep.
	sweepOverlap = 10 * time.Minute
)

// sweep asks for every delivery that no attempt of GitHub's got through. GitHub
// itself never tries again. A redelivery keeps its GUID, so one that did
// arrive changes nothing.
func (e *Engine) sweep(ctx context.Context) (reconcile.Finish, error) {
	now := e.Now()
	since := now.Add(-sweepReach)
	if raw, ok, err := e.Memory.Get(ctx, sweptKey); err != nil {
		return reconcile.Finish{}, fmt.Errorf("sweep: %w", err)
	} else if ok {
		var until time.Time
		if json.Unmarshal(raw, &until) == nil && until.Add(-sweepOverlap).After(since) {
			since = until.Add(-sweepOverlap)
		}
	}
	lost, err := e.Hooks.Undelivered(ctx, since)
	if err != nil {
		return reconcile.Finish{}, fmt.Errorf("sweep: %w", err)
	}
	asked := 0
	for _, one := range lost {
		again, err := e.askAgain(ctx, one.GUID)
		if err != nil {
			return reconcile.Finish{}, fmt.Errorf("sweep: %w", err)
		}
		if !again {
			continue
		}
		if err := e.Hooks.Redeliver(ctx, one.Attempt); err != nil {
			return reconcile.Finish{}, fmt.Errorf("sweep: %w", err)
		}
		asked++
	}
	raw, err := json.Marshal(now)
	if err != nil {
		return reconcile.Finish{}, err
	}
	f := reconcile.Finish{Reason: fmt.Sprintf("%d deliveries asked for again", asked)}
	if left := len(lost) - asked; left > 0 {
		f.Reason += fmt.Sprintf(", %d given up", left)
	}
	return f, e.Memory.Put(ctx, sweptKey, raw, sweepReach)
}

// maxRedeliveries is how often one delivery is asked for again. Each try leaves
// a newer failed attempt, so one that we can't take (it is malformed, say)
// would be asked for with every sweep.
const maxRedeliveries = 20

// askAgain counts how often a delivery was asked for, and says whether to do so
// once more.
func (e *Engine) askAgain(ctx context.Context, guid string) (bool, error) {
	key := "redelivered/" + guid
	raw, ok, err := e.Memory.Get(ctx, key)
	if err != nil {
		return false, err
	}
	count := 0
	if ok && json.Unmarshal(raw, &count) == nil && count >= maxRedeliveries {
		return false, nil
	}
	raw, err = json.Marshal(count + 1)
	if err != nil {
		return false, err
	}
	return true, e.Memory.Put(ctx, key, raw, sweepReach)
}
