package store

import (
	"context"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// AddDelivery records that an intake's delivery is taken. It reports false if
// it was taken before; since the row is written in the transaction that
// enqueues the work, nothing is left to do then. Two transactions with the same
// GUID wait for each other here.
func (tx Tx) AddDelivery(ctx context.Context, in reconcile.Delivery) (fresh bool, err error) {
	n, err := tx.exec(ctx, `INSERT INTO delivery (guid, kind, repo, received_at, taken_at)
		VALUES (?, ?, ?, ?, ?) ON CONFLICT (guid) DO NOTHING`,
		text(in.GUID), text(in.Kind), text(in.Repo.String()), micros(in.Received), tx.now().UnixMicro())
	return n == 1, err
}

// Delivered reports whether a delivery was taken.
func (s *Store) Delivered(ctx context.Context, guid string) (bool, error) {
	var one int
	return s.row(ctx, "SELECT 1 FROM delivery WHERE guid = ?", []any{text(guid)}, &one)
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
