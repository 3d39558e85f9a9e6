package queue

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"database/sql"

	"github.com/istio-ecosystem/slipway/internal/store"
)

// The kinds of our jobs.
const (
	kindReconcile = "reconcile"
	kindWake      = "wake"
)

// reconcileArgs are the arguments of the job that works a key.
type reconcileArgs struct {
	Key string `json:"key"`
}

// Kind implements river.JobArgs.
func (reconcileArgs) Kind() string { return kindReconcile }

// wakeArgs are the arguments of the job that enqueues a key at an instant.
type wakeArgs struct {
	Key string `json:"key"`
	At  int64  `json:"at"` // seconds since 1970
}

// Kind implements river.JobArgs.
func (wakeArgs) Kind() string { return kindWake }

// unique keeps one unfinished job for the same arguments. River's default also
// counts completed jobs, which would swallow new work until they are deleted.
var unique = river.UniqueOpts{
	ByArgs: true,
	ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
		rivertype.JobStateRetryable, rivertype.JobStateScheduled,
	},
}

// riverAttempts bounds River's own attempts. They are used up only when the
// transaction that ends a run fails, that is, when the database is away; what
// fails in a run is counted in subject.
const riverAttempts = 10_000

// client is River's client without the type of its transactions.
type client interface {
	start(ctx context.Context) error
	stop(ctx context.Context) error
	stopHard(ctx context.Context) error
	insert(ctx context.Context, tx store.Tx, jobs []river.InsertManyParams) ([]*rivertype.JobInsertResult, error)
	retry(ctx context.Context, tx store.Tx, id int64) error
	// complete ends the running job at hand; errStruck if it is not ours any more.
	complete(ctx context.Context, tx store.Tx, job *rivertype.JobRow) error
	running(ctx context.Context, after *river.JobListCursor) (*river.JobListResult, error)
}

// errStruck says that a job was taken from us: we seemed dead.
var errStruck = errors.New("the job was rescued from this process, which seemed dead")

// riverClient is the client on driver D with transactions T.
type riverClient[D riverdriver.Driver[T], T any] struct {
	*river.Client[T]
	tx func(store.Tx) T
}

func newClient(q *Queue) (client, error) {
	workers := river.NewWorkers()
	if err := river.AddWorkerSafely(workers, &reconciler{q: q}); err != nil {
		return nil, err
	}
	if err := river.AddWorkerSafely(workers, &waker{q: q}); err != nil {
		return nil, err
	}
	cfg := &river.Config{
		ID:                          q.id,
		Logger:                      slog.New(q.opts.Log),
		Workers:                     workers,
		Queues:                      map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: q.opts.workers()}},
		JobTimeout:                  q.opts.Timeout,
		MaxAttempts:                 riverAttempts,
		RetryPolicy:                 databaseAway{q.now},
		CompletedJobRetentionPeriod: 2 * time.Minute,
		CancelledJobRetentionPeriod: time.Hour,
		FetchCooldown:               10 * time.Millisecond,
		// Workers are woken by notices. Polling finds the jobs that nobody
		// announces: those whose time has come, and another replica's.
		FetchPollInterval: 200 * time.Millisecond,
	}
	if q.opts.Now != nil {
		// River's upkeep goes to an elected process, by true time. What we need of
		// it, that jobs come due, insert does.
		cfg.Test.Time, cfg.LeaderElectionDisabled = q, true
	}
	if db := q.store.SQLite(); db != nil {
		c, err := river.NewClient(fairly[*sql.Tx]{riversqlite.New(db), q}, cfg)
		return &riverClient[*riversqlite.Driver, *sql.Tx]{c, store.Tx.SQLite}, err
	}
	c, err := river.NewClient(fairly[pgx.Tx]{riverpgxv5.New(q.store.Postgres()), q}, cfg)
	return &riverClient[*riverpgxv5.Driver, pgx.Tx]{c, store.Tx.Postgres}, err
}

func (c *riverClient[D, T]) start(ctx context.Context) error    { return c.Start(ctx) }
func (c *riverClient[D, T]) stop(ctx context.Context) error     { return c.Stop(ctx) }
func (c *riverClient[D, T]) stopHard(ctx context.Context) error { return c.StopAndCancel(ctx) }

func (c *riverClient[D, T]) insert(ctx context.Context, tx store.Tx, jobs []river.InsertManyParams) ([]*rivertype.JobInsertResult, error) {
	return c.InsertManyTx(ctx, c.tx(tx), jobs)
}

func (c *riverClient[D, T]) retry(ctx context.Context, tx store.Tx, id int64) error {
	_, err := c.JobRetryTx(ctx, c.tx(tx), id)
	return err
}

// complete checks the state that River returns: it completes a row only if it
// is running, but returns one that is not as if nothing were wrong.
func (c *riverClient[D, T]) complete(ctx context.Context, tx store.Tx, job *rivertype.JobRow) error {
	row, err := river.JobCompleteTx[D](ctx, c.tx(tx), &river.Job[anyArgs]{JobRow: job})
	if errors.Is(err, rivertype.ErrNotFound) || err == nil && row.State != rivertype.JobStateCompleted {
		return errStruck
	}
	return err
}

func (c *riverClient[D, T]) running(ctx context.Context, after *river.JobListCursor) (*river.JobListResult, error) {
	params := river.NewJobListParams().
		States(rivertype.JobStateRunning).OrderBy(river.JobListOrderByID, river.SortOrderAsc).First(200)
	if after != nil {
		params = params.After(after)
	}
	return c.JobList(ctx, params)
}

// anyArgs stands for arguments that nobody reads.
type anyArgs struct{}

// Kind implements river.JobArgs; it is never used to insert.
func (anyArgs) Kind() string { return "" }

// databaseAway paces River's own retries.
type databaseAway struct{ now func() time.Time }

// NextRetry implements river.ClientRetryPolicy.
func (d databaseAway) NextRetry(job *rivertype.JobRow) time.Time {
	return d.now().Add(min(time.Duration(max(job.Attempt, 1))*time.Second, time.Minute))
}
