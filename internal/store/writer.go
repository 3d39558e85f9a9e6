package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// maxGroup bounds how many updates share a transaction, so that none waits
// long for the others.
const maxGroup = 64

// errClosed is what an update gets from a store that is closed.
var errClosed = errors.New("the database is closed")

// writer is SQLite's only writer. It takes whatever updates wait, runs them in
// one transaction and commits once: while one group waits for the disk, the
// next one gathers. An idle writer adds no delay.
type writer struct {
	db      *sql.DB
	log     *slog.Logger
	now     func() time.Time
	updates chan *update
	quit    chan struct{}
	once    sync.Once
	ended   chan struct{}
}

// update is one caller's function and the channel on which it waits.
type update struct {
	ctx  context.Context
	fn   func(context.Context, Tx) error
	done chan error
}

func newWriter(db *sql.DB, log *slog.Logger, now func() time.Time) *writer {
	w := &writer{
		db: db, log: log, now: now,
		updates: make(chan *update, maxGroup),
		quit:    make(chan struct{}),
		ended:   make(chan struct{}),
	}
	go w.run()
	return w
}

// do hands over a function and waits until it is committed or has failed. Once
// the function may have run, the context no longer matters: the answer is the
// truth about the commit.
func (w *writer) do(ctx context.Context, fn func(context.Context, Tx) error) error {
	u := &update{ctx: ctx, fn: fn, done: make(chan error, 1)}
	select {
	case w.updates <- u:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.quit:
		return errClosed
	}
	select {
	case err := <-u.done:
		return err
	case <-w.ended:
		select {
		case err := <-u.done:
			return err
		default:
			return errClosed
		}
	}
}

func (w *writer) close() {
	w.once.Do(func() { close(w.quit) })
	<-w.ended
}

func (w *writer) run() {
	defer close(w.ended)
	for {
		select {
		case u := <-w.updates:
			w.commit(w.gather(u))
		case <-w.quit:
			return
		}
	}
}

// gather adds what waits already; it waits for nothing.
func (w *writer) gather(first *update) []*update {
	group := []*update{first}
	for len(group) < maxGroup {
		select {
		case u := <-w.updates:
			group = append(group, u)
		default:
			return group
		}
	}
	return group
}

// commit runs a group in one transaction. If any part of it fails, everything
// is rolled back and each update is run on its own, so that a bad one fails
// alone.
func (w *writer) commit(group []*update) {
	group = slices.DeleteFunc(group, func(u *update) bool {
		err := u.ctx.Err()
		if err != nil {
			u.done <- err // gave up while it waited
		}
		return err != nil
	})
	if len(group) == 0 {
		return
	}
	err := w.attempt(group)
	if err == nil || len(group) == 1 {
		for _, u := range group {
			u.done <- err
		}
		return
	}
	for _, u := range group {
		u.done <- w.attempt([]*update{u})
	}
}

func (w *writer) attempt(group []*update) (err error) {
	tx, err := w.db.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a transaction: %v", p)
			w.log.Error("panic in a transaction", "panic", p, "stack", string(debug.Stack()))
		}
		if err != nil {
			_ = tx.Rollback() // the first error is the one that tells
		}
	}()
	for _, u := range group {
		// The transaction is shared: one caller that gives up must not
		// interrupt a statement and so the others' work.
		if err := u.fn(context.WithoutCancel(u.ctx), Tx{lite: tx, now: w.now}); err != nil {
			return err
		}
	}
	return tx.Commit()
}
