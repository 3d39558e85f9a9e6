package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// AddAsk keeps a comment's commands. One that is there already stays as it is, unless it
// isn't done and was only read: what was signed takes its place. While others of its author's
// come after everybody's, so does this one, lest it overtakes them.
func (tx Tx) AddAsk(ctx context.Context, a reconcile.PendingCommand) error {
	body, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("ask %s: %w", a.Key(), err)
	}
	repo, author := folded(a.Call.Repo), a.Call.Author.ID
	n, err := tx.exec(ctx, `INSERT INTO ask (key, repo, number, comment, made_at, body, taken_at, author, turn)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?,
			coalesce((SELECT max(turn) FROM ask WHERE repo = ? AND author = ? AND author <> 0 AND done_at = 0), 0))
		ON CONFLICT (key) DO NOTHING`,
		a.Key().String(), repo, a.Call.Number, a.Call.ID, micros(a.Call.At), string(body), tx.now().UnixMicro(), author, repo, author)
	if err != nil || n > 0 || a.Unsigned {
		return err
	}
	var have string
	there, err := tx.row(ctx, "SELECT body FROM ask WHERE key = ? AND done_at = 0", []any{a.Key().String()}, &have)
	if err != nil || !there {
		return err
	}
	var old reconcile.PendingCommand
	if err := json.Unmarshal([]byte(have), &old); err != nil {
		return fmt.Errorf("ask %s: %w", a.Key(), err)
	}
	if old.Unsigned {
		_, err = tx.exec(ctx, "UPDATE ask SET body = ? WHERE key = ?", string(body), a.Key().String())
	}
	return err
}

// headQuery finds the ask whose turn it is: the oldest comment that is neither
// done nor parked, of those that don't come last. A parked one lets the others pass.
const headQuery = `SELECT a.key FROM ask a LEFT JOIN subject s ON s.key = a.key
	WHERE a.repo = ? AND a.done_at = 0 AND coalesce(s.parked_at, 0) = 0
	ORDER BY a.turn, a.made_at, a.comment LIMIT 1`

// HeadAsk returns the key of the ask of a repository whose turn it is, or "".
// Who acts on it must hold the lock of the repository's order (OrderKey).
func (tx Tx) HeadAsk(ctx context.Context, repo github.Repo) (string, error) {
	var key string
	_, err := tx.row(ctx, headQuery, []any{folded(repo)}, &key)
	return key, err
}

// HeadAsk returns the key of the ask of a repository whose turn it is, or "".
func (s *Store) HeadAsk(ctx context.Context, repo github.Repo) (string, error) {
	var key string
	_, err := s.row(ctx, headQuery, []any{folded(repo)}, &key)
	return key, err
}

// OrderKey is the subject whose row is the lock of a repository's order of asks.
func OrderKey(repo github.Repo) string {
	return reconcile.CommandHandler + " " + folded(repo) + " order"
}

// AuthorLast has whatever else waits of an ask's author in its repository come after the
// asks of all others.
func (tx Tx) AuthorLast(ctx context.Context, key string) error {
	_, err := tx.exec(ctx, `UPDATE ask SET turn = 1 WHERE done_at = 0 AND author <> 0
		AND (repo, author) = (SELECT o.repo, o.author FROM ask o WHERE o.key = ?)`, key)
	return err
}

// AskDone records how an ask came out. It is never worked again.
func (tx Tx) AskDone(ctx context.Context, key, outcome string, attempts int) error {
	_, err := tx.exec(ctx, "UPDATE ask SET done_at = ?, outcome = ?, attempts = ? WHERE key = ? AND done_at = 0",
		tx.now().UnixMicro(), text(outcome), attempts, key)
	return err
}

// PendingCommand loads one by its key, and reports whether it is there.
func (s *Store) PendingCommand(ctx context.Context, key reconcile.Key) (reconcile.PendingCommand, bool, error) {
	var a reconcile.PendingCommand
	var body string
	ok, err := s.row(ctx, "SELECT body FROM ask WHERE key = ?", []any{key.String()}, &body)
	if !ok || err != nil {
		return a, false, err
	}
	if err := json.Unmarshal([]byte(body), &a); err != nil {
		return a, false, fmt.Errorf("ask %s: %w", key, err)
	}
	return a, true, nil
}
