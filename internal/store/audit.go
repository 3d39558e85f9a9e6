package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// Outcome is how a run ended.
type Outcome string

// The outcomes of a run.
const (
	Done    Outcome = "done"
	Failed  Outcome = "failed"  // it is tried again
	GaveUp  Outcome = "parked"  // it failed, or ended the process, too often
	Waiting Outcome = "waiting" // for a rate limit
	Gone    Outcome = "gone"    // reconcile.ErrGone
)

// Run is one row of the audit trail: a key was worked.
type Run struct {
	ID       int64 // grows; assigned by the database
	At       time.Time
	Key      reconcile.Key
	Outcome  Outcome
	Why      string // the plan's reason, or the error
	Receipts []reconcile.Receipt
	Attempt  int // 1 for the first
	Took     time.Duration
}

// AuditFilter chooses rows of the audit trail; what is zero does not restrict.
type AuditFilter struct {
	Key     reconcile.Key
	Repo    github.Repo
	Handler string
	Outcome Outcome
	Before  int64 // only rows with a smaller ID: the next page
}

// AddRun appends a row to the audit trail; its ID is ignored.
func (tx Tx) AddRun(ctx context.Context, r Run) error {
	receipts := []byte("[]")
	if len(r.Receipts) > 0 {
		var err error
		if receipts, err = json.Marshal(r.Receipts); err != nil {
			return fmt.Errorf("audit %s: %w", r.Key, err)
		}
	}
	_, err := tx.exec(ctx, "INSERT INTO audit (at, key, handler, repo, outcome, why, receipts, attempt, took) VALUES "+values(1, 9),
		micros(r.At), r.Key.String(), r.Key.Handler, folded(r.Key.Repo), string(r.Outcome), text(r.Why), string(receipts), r.Attempt, r.Took.Microseconds())
	return err
}

// Audit returns the newest rows that the filter chooses, newest first.
func (s *Store) Audit(ctx context.Context, f AuditFilter, limit int) ([]Run, error) {
	query, args := f.query(limit)
	var list []Run
	err := s.each(ctx, query, args, func(scan scanner) error {
		var r Run
		var at, took int64
		var key, outcome, receipts string
		if err := scan(&r.ID, &at, &key, &outcome, &r.Why, &receipts, &r.Attempt, &took); err != nil {
			return err
		}
		r.At, r.Key, r.Outcome, r.Took = instant(at), ParseKey(key), Outcome(outcome), time.Duration(took)*time.Microsecond
		if err := json.Unmarshal([]byte(receipts), &r.Receipts); err != nil {
			return fmt.Errorf("audit row %d: %w", r.ID, err)
		}
		list = append(list, r)
		return nil
	})
	return list, err
}

func (f AuditFilter) query(limit int) (string, []any) {
	var where []string
	var args []any
	add := func(cond string, arg any) { where, args = append(where, cond), append(args, arg) }
	if f.Key != (reconcile.Key{}) {
		add("key = ?", f.Key.String())
	}
	if f.Repo != (github.Repo{}) {
		add("repo = ?", folded(f.Repo))
	}
	if f.Handler != "" {
		add("handler = ?", text(f.Handler))
	}
	if f.Outcome != "" {
		add("outcome = ?", string(f.Outcome))
	}
	if f.Before > 0 {
		add("id < ?", f.Before)
	}
	query := "SELECT id, at, key, outcome, why, receipts, attempt, took FROM audit"
	if len(where) > 0 {
		query += " WHERE " + strings.Join(where, " AND ")
	}
	return query + " ORDER BY id DESC LIMIT ?", append(args, limit)
}
