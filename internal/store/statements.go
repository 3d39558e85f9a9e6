package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
)

// maxStatements bounds the prepared statements that a connection keeps. River
// and we have some sixty.
const maxStatements = 200

// preparing is a connector of SQLite whose connections keep the statements they
// have prepared. database/sql prepares each query anew, and for River's longer
// ones that takes more time than running them: half of a delivery's cost.
type preparing struct{ driver.Connector }

// Connect implements driver.Connector.
func (p preparing) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := p.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	full, ok := c.(sqliteConn)
	if !ok {
		c.Close()
		return nil, fmt.Errorf("the SQLite driver's connection %T lacks what it had", c)
	}
	return &preparedConn{sqliteConn: full, idle: map[kept]sqliteStmt{}}, nil
}

// sqliteConn and sqliteStmt are what the driver's own types can do.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// preparedConn is a connection that keeps its statements. database/sql uses a
// connection from one goroutine at a time. A statement that is in use is not in
// idle, so the same query inside of itself gets a second one.
type preparedConn struct {
	sqliteConn
	idle map[kept]sqliteStmt
}

// kept is what a statement is kept by: its text and its limits. SQLite plans by a limit, and
// prepares a statement anew that is run with another one: a fetch of River's jobs then takes
// ten times as long.
type kept struct{ query, limits string }

// keptBy finds the limits where a text numbers its parameters, as River's do.
func keptBy(query string, args []driver.NamedValue) kept {
	k := kept{query: query}
	for _, text, more := strings.Cut(query, "LIMIT ?"); more; _, text, more = strings.Cut(text, "LIMIT ?") {
		digits := strings.IndexFunc(text, func(c rune) bool { return c < '0' || c > '9' })
		if digits < 0 {
			digits = len(text)
		}
		if n, err := strconv.Atoi(text[:digits]); err == nil && 0 < n && n <= len(args) {
			k.limits += fmt.Sprint(args[n-1].Value) + " "
		}
	}
	return k
}

// ExecContext implements driver.ExecerContext.
func (c *preparedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	k := keptBy(query, args)
	s, err := c.take(ctx, k)
	if err != nil {
		return nil, err
	}
	res, err := s.ExecContext(ctx, args)
	c.give(k, s, err)
	return res, err
}

// QueryContext implements driver.QueryerContext. The statement is in use until
// its rows are closed.
func (c *preparedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	k := keptBy(query, args)
	s, err := c.take(ctx, k)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(ctx, args)
	if err != nil {
		c.give(k, s, err)
		return nil, err
	}
	return &preparedRows{Rows: rows, done: func(err error) { c.give(k, s, err) }}, nil
}

func (c *preparedConn) take(ctx context.Context, k kept) (sqliteStmt, error) {
	if s, ok := c.idle[k]; ok {
		delete(c.idle, k)
		return s, nil
	}
	s, err := c.PrepareContext(ctx, k.query)
	if err != nil {
		return nil, err
	}
	full, ok := s.(sqliteStmt)
	if !ok {
		s.Close()
		return nil, fmt.Errorf("the SQLite driver's statement %T lacks what it had", s)
	}
	return full, nil
}

// give keeps a statement for the next time, unless it failed: then nobody needs
// to know in what state it is.
func (c *preparedConn) give(k kept, s sqliteStmt, err error) {
	_, twin := c.idle[k]
	if err != nil || twin {
		s.Close()
		return
	}
	for q, old := range c.idle {
		if len(c.idle) < maxStatements {
			break
		}
		delete(c.idle, q)
		old.Close()
	}
	c.idle[k] = s
}

// Close implements driver.Conn.
func (c *preparedConn) Close() error {
	for q, s := range c.idle {
		delete(c.idle, q)
		s.Close()
	}
	return c.sqliteConn.Close()
}

// preparedRows gives its statement back when it is closed.
type preparedRows struct {
	driver.Rows
	done func(error)
}

// Close implements driver.Rows.
func (r *preparedRows) Close() error {
	err := r.Rows.Close()
	if r.done != nil {
		r.done(err)
		r.done = nil
	}
	return err
}
