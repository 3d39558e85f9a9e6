package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// AddDelivery records that an intake's delivery is taken. It reports false if
// it was taken before; since the row is written in the transaction that
// enqueues the work, nothing is left to do then. Two transactions with the same
// GUID wait for each other here.
func (tx Tx) AddDelivery(ctx context.Context, in reconcile.Intake) (fresh bool, err error) {
	n, err := tx.exec(ctx, `INSERT INTO delivery (guid, kind, repo, received_at, taken_at)
		VALUES (?, ?, ?, ?, ?) ON CONFLICT (guid) DO NOTHING`,
		text(in.GUID), text(in.Kind), text(in.Repo.String()), micros(in.Received), time.Now().UnixMicro())
	return n == 1, err
}

// Delivered reports whether a delivery was taken.
func (s *Store) Delivered(ctx context.Context, guid string) (bool, error) {
	var one int
	return s.row(ctx, "SELECT 1 FROM delivery WHERE guid = ?", []any{text(guid)}, &one)
}

// Remember keeps what a read found of pull requests, as AddSighting does.
func (s *Store) Remember(ctx context.Context, seen []github.Sighting) error {
	const most = 200 // in one transaction: a webhook must not wait for all
	for part := range slices.Chunk(seen, most) {
		err := s.Update(ctx, func(ctx context.Context, tx Tx) error {
			for _, v := range part {
				if err := tx.AddSighting(ctx, v); err != nil {
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

// AddSighting keeps what a payload, or a read, said of a pull request, unless
// something newer is known: deliveries arrive in any order.
func (tx Tx) AddSighting(ctx context.Context, v github.Sighting) error {
	_, err := tx.exec(ctx, `INSERT INTO sighting (repo, number, spelling, base, head, state, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (repo, number) DO UPDATE SET
			spelling = excluded.spelling, base = excluded.base, head = excluded.head,
			state = excluded.state, updated_at = excluded.updated_at
		WHERE excluded.updated_at >= sighting.updated_at`,
		folded(v.Repo), v.Number, text(v.Repo.String()), text(v.Base.String()), text(v.Head), text(string(v.State)), micros(v.UpdatedAt))
	return err
}

// Sighting returns what the newest payload said of a pull request, and whether
// there was one.
func (s *Store) Sighting(ctx context.Context, repo github.Repo, number int) (github.Sighting, bool, error) {
	v := github.Sighting{Repo: repo, Number: number}
	var spelling, base, state string
	var updated int64
	ok, err := s.row(ctx, "SELECT spelling, base, head, state, updated_at FROM sighting WHERE repo = ? AND number = ?",
		[]any{folded(repo), number}, &spelling, &base, &v.Head, &state, &updated)
	if !ok || err != nil {
		return github.Sighting{}, false, err
	}
	v.Repo = parseRepo(spelling)
	v.Base, v.State, v.UpdatedAt = release.Branch(base), github.State(state), instant(updated)
	return v, true, nil
}

// folded is a repository's name for comparing: GitHub ignores case.
func folded(r github.Repo) string { return text(strings.ToLower(r.String())) }

// parseRepo reads what Repo.String wrote. It is not github.ParseRepo: what is
// in the database was valid when it was put there.
func parseRepo(s string) github.Repo {
	owner, name, _ := strings.Cut(s, "/")
	return github.Repo{Owner: owner, Name: name}
}

// ParseKey reads what Key.String wrote. Unlike reconcile.ParseKey it allows
// every ID, spaces too: a branch may be named with one of Unicode's.
func ParseKey(s string) reconcile.Key {
	handler, rest, _ := strings.Cut(s, " ")
	repo, id, _ := strings.Cut(rest, " ")
	return reconcile.Key{Handler: handler, Repo: parseRepo(repo), ID: id}
}
