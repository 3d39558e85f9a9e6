package store

import (
	"context"
	"database/sql/driver"
	"fmt"
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
	return &preparedConn{sqliteConn: full, idle: map[string]sqliteStmt{}}, nil
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
	idle map[string]sqliteStmt
}

// ExecContext implements driver.ExecerContext.
func (c *preparedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	res, err := s.ExecContext(ctx, args)
	c.give(query, s, err)
	return res, err
}

// QueryContext implements driver.QueryerContext. The statement is in use until
// its rows are closed.
func (c *preparedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(ctx, args)
	if err != nil {
		c.give(query, s, err)
		return nil, err
	}
	return &preparedRows{Rows: rows, done: func(err error) { c.give(query, s, err) }}, nil
}

func (c *preparedConn) take(ctx context.Context, query string) (sqliteStmt, error) {
	if s, ok := c.idle[query]; ok {
		delete(c.idle, query)
		return s, nil
	}
	s, err := c.PrepareContext(ctx, query)
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
func (c *preparedConn) give(query string, s sqliteStmt, err error) {
	_, twin := c.idle[query]
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
	c.idle[query] = s
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
