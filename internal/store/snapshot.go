package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// Remember keeps what a read found of pull requests, as AddPullSnapshot does.
func (s *Store) Remember(ctx context.Context, seen []github.PullSnapshot) error {
	const most = 200 // in one transaction: a webhook must not wait for all
	for part := range slices.Chunk(seen, most) {
		err := s.Update(ctx, func(ctx context.Context, tx Tx) error {
			for _, v := range part {
				if err := tx.AddPullSnapshot(ctx, v); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("remember pull requests: %w", err)
		}
	}
	return nil
}

// putSnapshot replaces what is known by what is newer. Of the same second (all
// that GitHub's clock tells apart) a payload wins, because after it nobody
// believes what is stored without a read; a read wins only over what it can't
// be older than. A repository that took over another's name starts afresh.
const putSnapshot = `INSERT INTO sighting (repo, number, spelling, repo_id, pull, state, updated_at, head, head_since, head_by, head_seen, event_at, read_at)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (repo, number) DO UPDATE SET
		spelling = excluded.spelling, repo_id = excluded.repo_id, pull = excluded.pull, state = excluded.state, updated_at = excluded.updated_at,
		head = excluded.head,
		head_since = CASE WHEN excluded.head = sighting.head AND sighting.head_since > 0 THEN sighting.head_since ELSE excluded.head_since END,
		head_by = CASE WHEN excluded.head = sighting.head AND sighting.head_by > 0 THEN sighting.head_by ELSE excluded.head_by END,
		head_seen = CASE WHEN excluded.head = sighting.head THEN sighting.head_seen ELSE excluded.head_seen END,
		event_at = CASE WHEN excluded.event_at > sighting.event_at THEN excluded.event_at ELSE sighting.event_at END,
		read_at = CASE WHEN excluded.event_at > 0 THEN 0
			WHEN excluded.read_at > sighting.read_at THEN excluded.read_at ELSE sighting.read_at END
	WHERE excluded.updated_at > sighting.updated_at
		OR excluded.repo_id <> sighting.repo_id AND excluded.repo_id <> 0 AND sighting.repo_id <> 0
		OR excluded.updated_at = sighting.updated_at AND (excluded.event_at > 0
			OR excluded.read_at >= sighting.event_at AND excluded.read_at >= sighting.read_at)`

// AddPullSnapshot keeps what a payload (EventAt is set) or a read (ReadAt is set)
// showed of a pull request, unless something newer is known: deliveries arrive
// in any order. A payload that is older still counts as an event, and every
// event takes ReadAt away: a clock that was once ahead must not hide events. A
// push stays known when something newer is known of its pull request.
//
// A payload that is newer than what was known, and shows another head, says that
// this head is new: that is cached.
//
// What has no state shows nothing, and is kept in nobody's place: a payload still
// counts as an event.
func (tx Tx) AddPullSnapshot(ctx context.Context, v github.PullSnapshot) error {
	pull, err := json.Marshal(v.PullRequest)
	if err != nil {
		return fmt.Errorf("snapshot of %s#%d: %w", v.Repo, v.Number, err)
	}
	updated, event := micros(v.UpdatedAt), micros(v.EventAt)
	if v.State == "" {
		return tx.hadEvent(ctx, v)
	}
	if event > 0 {
		if err := tx.cacheNewHead(ctx, v); err != nil {
			return err
		}
	}
	if err := tx.addMoves(ctx, v); err != nil {
		return err
	}
	n, err := tx.exec(ctx, putSnapshot, folded(v.Repo), v.Number, text(v.Repo.String()), v.RepoID, string(pull), string(v.State),
		updated, text(v.Head), micros(v.HeadSince), v.HeadBy, max(event, micros(v.ReadAt)), event, micros(v.ReadAt))
	if err != nil || n > 0 {
		return err
	}
	return tx.hadEvent(ctx, v)
}

// hadEvent notes that a payload told of a pull request of which something newer is known.
func (tx Tx) hadEvent(ctx context.Context, v github.PullSnapshot) error {
	event := micros(v.EventAt)
	if event == 0 {
		return nil
	}
	_, err := tx.exec(ctx, `UPDATE sighting SET read_at = 0, event_at = CASE WHEN event_at < ? THEN ? ELSE event_at END,
			head_since = CASE WHEN head = ? AND head_since = 0 THEN ? ELSE head_since END,
			head_by = CASE WHEN head = ? AND head_by = 0 THEN ? ELSE head_by END
		WHERE repo = ? AND number = ?`,
		event, event, text(v.Head), micros(v.HeadSince), text(v.Head), v.HeadBy, folded(v.Repo), v.Number)
	return err
}

// addMoves keeps whose moves of the head a payload tells of. They are a set, so it
// doesn't matter in which order payloads come.
func (tx Tx) addMoves(ctx context.Context, v github.PullSnapshot) error {
	for _, m := range v.Moves {
		if v.RepoID == 0 {
			continue // then nobody is known to have pushed it
		}
		bot := 0
		if m.By.Bot {
			bot = 1
		}
		_, err := tx.exec(ctx, "INSERT INTO pushed (repo_id, number, from_head, to_head, by_id, login, bot) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
			v.RepoID, v.Number, text(m.Before), text(m.After), m.By.ID, text(m.By.Login), bot)
		if err != nil {
			return err
		}
	}
	return nil
}

// moves lists the moves of a pull request's head that payloads told of.
func (s *Store) moves(ctx context.Context, repoID int64, number int) (list []github.HeadMove, err error) {
	err = s.each(ctx, "SELECT from_head, to_head, by_id, login, bot FROM pushed WHERE repo_id = ? AND number = ? ORDER BY from_head, to_head, by_id",
		[]any{repoID, number}, func(scan scanner) error {
			var m github.HeadMove
			var bot int
			err := scan(&m.Before, &m.After, &m.By.ID, &m.By.Login, &bot)
			m.By.Bot = bot == 1
			list = append(list, m)
			return err
		})
	return list, err
}

// cacheNewHead caches that a head is new, before its payload replaces what is known.
func (tx Tx) cacheNewHead(ctx context.Context, v github.PullSnapshot) error {
	var one int
	moved, err := tx.row(ctx, "SELECT 1 FROM sighting WHERE repo = ? AND number = ? AND repo_id = ? AND updated_at < ? AND head <> '' AND head <> ?",
		[]any{folded(v.Repo), v.Number, v.RepoID, micros(v.UpdatedAt), text(v.Head)}, &one)
	if err != nil || !moved || v.Head == "" {
		return err
	}
	return tx.putCache(ctx, github.NewHeadCacheKey(v.Repo, v.Head), nil, github.NewHeadFor)
}

const snapshotColumns = "spelling, pull, event_at, read_at, head_since, head_by, head_seen"

// PullSnapshot returns what is known of a pull request, and whether anything is.
func (s *Store) PullSnapshot(ctx context.Context, repo github.Repo, number int) (github.PullSnapshot, bool, error) {
	var row snapshotRow
	ok, err := s.row(ctx, "SELECT "+snapshotColumns+" FROM sighting WHERE repo = ? AND number = ?", []any{folded(repo), number}, row.into()...)
	if !ok || err != nil {
		return github.PullSnapshot{}, false, err
	}
	v, err := row.snapshot()
	if err == nil {
		v.Moves, err = s.moves(ctx, v.RepoID, number)
	}
	if v.HeadBy != 0 && !slices.ContainsFunc(v.Moves, func(m github.HeadMove) bool { return m.After == v.Head }) {
		// It was taken in before moves were kept.
		v.Moves = append(v.Moves, github.HeadMove{Before: "unknown", After: v.Head, By: github.User{ID: v.HeadBy}})
	}
	if err != nil {
		return v, false, fmt.Errorf("snapshot of %s#%d: %w", repo, number, err)
	}
	return v, true, nil
}

// OpenPullSnapshots lists the pull requests of a repository that were open when last
// seen, the most recently active first; with a head, those that have it.
func (s *Store) OpenPullSnapshots(ctx context.Context, repo github.Repo, head string) ([]github.PullSnapshot, error) {
	var list []github.PullSnapshot
	query, args := "SELECT "+snapshotColumns+" FROM sighting WHERE repo = ? AND state = 'open'", []any{folded(repo)}
	if head != "" {
		query, args = query+" AND head = ?", append(args, text(head))
	}
	err := s.each(ctx, query+" ORDER BY updated_at DESC, number DESC", args, func(scan scanner) error {
		var row snapshotRow
		if err := scan(row.into()...); err != nil {
			return err
		}
		v, err := row.snapshot()
		list = append(list, v)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open pull requests seen in %s: %w", repo, err)
	}
	return list, nil
}

// snapshotRow is a row of snapshotColumns.
type snapshotRow struct {
	spelling, pull              string
	event, read                 int64
	headSince, headBy, headSeen int64
}

func (r *snapshotRow) into() []any {
	return []any{&r.spelling, &r.pull, &r.event, &r.read, &r.headSince, &r.headBy, &r.headSeen}
}

func (r *snapshotRow) snapshot() (github.PullSnapshot, error) {
	v := github.PullSnapshot{
		Repo: parseRepo(r.spelling), EventAt: instant(r.event), ReadAt: instant(r.read),
		HeadSince: instant(r.headSince), HeadBy: r.headBy, HeadSeen: instant(r.headSeen),
	}
	return v, json.Unmarshal([]byte(r.pull), &v.PullRequest)
}
