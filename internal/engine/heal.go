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
	// Written reads a comment by its GraphQL id, with whether it was ever edited. If GitHub
	// answers and doesn't tell, it is a reconcile.RefusedError.
	Written(ctx context.Context, repo github.Repo, node string) (github.Written, error)
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
	began := e.Now()
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
	asks, recorded, err := e.commented(ctx, k.Repo)
	if err != nil {
		return f, fmt.Errorf("resync commands of %s: %w", k.Repo, err)
	}
	f.Enqueue = append(f.Enqueue, recorded...)
	f.Reason = fmt.Sprintf("%d keys and %d unanswered commands to look at", len(f.Enqueue), len(asks))
	if len(asks) > 0 {
		if _, err := e.Queue.StoreDelivery(ctx, reconcile.Delivery{Kind: "resync", Repo: k.Repo, Received: e.Now(), Commands: asks}); err != nil {
			return f, err
		}
	}
	return f, e.remember(ctx, commentsKey(k.Repo), began, commentsReach)
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

// commentsReach is how far back a resync looks at most. Longer is nobody's absence.
const commentsReach = 30 * 24 * time.Hour

func commentsKey(repo github.Repo) string { return "comments/" + repo.String() }

// commentsSince is from when on a resync reads comments: as far back as a command is
// carried out, and further where the last resync was longer ago, since who commented
// meanwhile is owed an answer, too. Whole days, so that the list's address and with it
// its ETag stay good.
func (e *Engine) commentsSince(ctx context.Context, repo github.Repo) (time.Time, error) {
	since := e.Now().Add(-askWindow)
	var read time.Time
	ok, err := e.recall(ctx, commentsKey(repo), &read)
	if ok && read.Before(since) {
		since = read
	}
	return since.Truncate(24 * time.Hour), err
}

// recall reads what remember has kept as v; ok is false of what isn't there, or isn't a v.
func (e *Engine) recall(ctx context.Context, key string, v any) (ok bool, err error) {
	raw, ok, err := e.Memory.Get(ctx, key)
	return ok && err == nil && json.Unmarshal(raw, v) == nil, err
}

func (e *Engine) remember(ctx context.Context, key string, v any, ttl time.Duration) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return e.Memory.Put(ctx, key, raw, ttl)
}

// commented finds comments with commands that have no reply of ours, and the keys of which
// comments of ours have a record. Commands that were edited a second later or more don't count; of
// the others the edit history tells (unproven) before anything is carried out.
func (e *Engine) commented(ctx context.Context, repo github.Repo) (asked []reconcile.PendingCommand, recorded []reconcile.Key, err error) {
	since, err := e.commentsSince(ctx, repo)
	if err != nil {
		return nil, nil, err
	}
	comments, err := e.World.CommentsSince(ctx, repo, since)
	if err != nil || len(comments) == 0 {
		return nil, nil, err
	}
	bot, err := e.World.BotID(ctx, repo)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range comments {
		if c.Author.ID == bot {
			recorded = append(recorded, e.Registry.Recorded(repo, c)...)
		}
	}
	if asked = openAsks(comments, bot, e.Registry.Commands()); len(asked) == 0 {
		return nil, recorded, nil
	}
	repoID, err := e.World.RepoID(ctx, repo)
	for i := range asked {
		asked[i].Call.Repo, asked[i].Call.RepoID = repo, repoID
	}
	return asked, recorded, err
}

// openAsks are the commands without a reply.
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
			slices.ContainsFunc(replies, answered) || !command.Addressed(c.Body, commands) {
			continue
		}
		asks = append(asks, reconcile.PendingCommand{Text: c.Body, Call: call, Unsigned: true, Node: c.Node})
	}
	return asks
}
