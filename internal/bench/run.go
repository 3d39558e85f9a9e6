package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
	"github.com/istio-ecosystem/slipway/internal/store/storetest"
)

// Options is what Run measures with.
type Options struct {
	Binary   []string // the slipway program
	Rounds   int      // of each crash run
	Only     string   // measure only what has this in its name
	Out      io.Writer
	Progress io.Writer
}

// row is one line of the table.
type row struct{ what, goal, got string }

// measurement is one part of the benchmark.
type measurement struct {
	name string
	run  func(context.Context, *run) ([]row, error)
}

// run is one measurement's surroundings.
type run struct {
	Options
	dir      string
	postgres func() (string, error) // a fresh database's URL
}

var errNoPostgres = errors.New("PostgreSQL is not installed")

// Run measures everything and prints a Markdown table. A measurement that
// can't be made here says so in the table; one that finds work lost or done
// twice is an error.
func Run(ctx context.Context, o Options) error {
	server, err := storetest.Start(ctx, true)
	if err == nil {
		defer server.Stop()
	}
	postgres := func() (string, error) {
		if server == nil {
			return "", errNoPostgres
		}
		return server.Database(ctx)
	}
	fmt.Fprintf(o.Out, "| measured | goal | got |\n|---|---|---|\n")
	for _, m := range measurements() {
		if !strings.Contains(m.name, o.Only) {
			continue
		}
		fmt.Fprintf(o.Progress, "measuring: %s\n", m.name)
		rows, err := measure(ctx, o, m, postgres)
		if errors.Is(err, errNoPostgres) {
			rows, err = []row{{m.name, "", "not measured: " + errNoPostgres.Error()}}, nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		for _, r := range rows {
			fmt.Fprintf(o.Out, "| %s | %s | %s |\n", r.what, r.goal, r.got)
		}
	}
	return nil
}

func measure(ctx context.Context, o Options, m measurement, postgres func() (string, error)) (rows []row, err error) {
	dir, err := os.MkdirTemp("", "slipway-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	return m.run(ctx, &run{Options: o, dir: dir, postgres: postgres})
}

func measurements() []measurement {
	return []measurement{
		{"deliveries on SQLite", func(ctx context.Context, r *run) ([]row, error) { return r.deliveries(ctx, "SQLite") }},
		{"deliveries on PostgreSQL", func(ctx context.Context, r *run) ([]row, error) { return r.deliveries(ctx, "PostgreSQL") }},
		{"idle requests", func(ctx context.Context, r *run) ([]row, error) { return r.requests(ctx) }},
		{"freeze edge", func(ctx context.Context, r *run) ([]row, error) { return r.edge(ctx) }},
		{"limits at a freeze edge", func(ctx context.Context, r *run) ([]row, error) { return r.limitedEdge(ctx) }},
		{"floods", func(ctx context.Context, r *run) ([]row, error) { return r.flood(ctx) }},
		{"a stranger's flood, SQLite", func(ctx context.Context, r *run) ([]row, error) { return r.turns(ctx, "SQLite") }},
		{"a stranger's flood, PostgreSQL", func(ctx context.Context, r *run) ([]row, error) { return r.turns(ctx, "PostgreSQL") }},
		{"bad days", func(ctx context.Context, r *run) ([]row, error) { return r.badDays(ctx) }},
		{"kill -9, SQLite", func(ctx context.Context, r *run) ([]row, error) { return r.crash(ctx, "SQLite", 1, false) }},
		{"kill -9, SQLite deleted", func(ctx context.Context, r *run) ([]row, error) { return r.crash(ctx, "SQLite", 1, true) }},
		{"kill -9, PostgreSQL", func(ctx context.Context, r *run) ([]row, error) { return r.crash(ctx, "PostgreSQL", 1, false) }},
		{"kill -9, PostgreSQL, two processes", func(ctx context.Context, r *run) ([]row, error) { return r.crash(ctx, "PostgreSQL", 2, false) }},
		{"a minor release, killed at each write", func(ctx context.Context, r *run) ([]row, error) { return r.release(ctx, MinorPlay()) }},
		{"a patch release, killed at each write", func(ctx context.Context, r *run) ([]row, error) { return r.release(ctx, PatchPlay()) }},
	}
}

// database returns the URL of an empty database, and the file if it is one.
func (r *run) database(kind string) (url, file string, err error) {
	if kind == "SQLite" {
		file = filepath.Join(r.dir, "slipway.db")
		return "sqlite://" + file, file, nil
	}
	url, err = r.postgres()
	return url, "", err
}

// started is a world with one ready process.
func (r *run) started(ctx context.Context, kind string, branches int) (*sandbox.Server, *Replica, time.Duration, error) {
	url, _, err := r.database(kind)
	if err != nil {
		return nil, nil, 0, err
	}
	gh, err := NewWorld(r.dir, branches)
	if err != nil {
		return nil, nil, 0, err
	}
	p, err := NewReplica(r.Binary, gh.Environ(), r.dir, "serve", url)
	if err != nil {
		return nil, nil, 0, errors.Join(err, gh.Close())
	}
	ready, err := p.Start(ctx)
	if err != nil {
		return nil, nil, 0, errors.Join(err, gh.Close())
	}
	gh.SetHook(p.URL(), gh.App().WebhookSecret)
	return gh, p, ready, nil
}

const (
	sustainFor  = 10 * time.Second
	pacedCount  = 1000
	totalWanted = 10_000
)

func (r *run) deliveries(ctx context.Context, kind string) ([]row, error) {
	gh, p, ready, err := r.started(ctx, kind, 1)
	if err != nil {
		return nil, err
	}
	defer gh.Close()
	defer p.Kill()
	var prs []int
	for i := range 20 {
		n, err := openPR(gh, branch(0), fmt.Sprintf("load-%d", i))
		if err != nil {
			return nil, err
		}
		prs = append(prs, n)
	}
	if err := idle(ctx, p, time.Minute); err != nil {
		return nil, err
	}
	whole, err := EndToEnd(ctx, gh, branch(0), "slipway/freeze", 40)
	if err != nil {
		return nil, err
	}
	paced, err := Paced(ctx, gh, p, prs, 100, pacedCount)
	if err != nil {
		return nil, err
	}
	rate, sustained, err := Sustained(ctx, gh, p, prs, 32, sustainFor)
	if err != nil {
		return nil, err
	}
	for sent := len(paced) + len(sustained); sent < totalWanted; {
		_, more, err := Sustained(ctx, gh, p, prs, 32, time.Second)
		if err != nil {
			return nil, err
		}
		sent += len(more)
	}
	if err := idle(ctx, p, time.Minute); err != nil {
		return nil, err
	}
	rss, err := p.RSS()
	if err != nil {
		return nil, err
	}
	ms := func(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }
	return []row{
		{kind + ": deliveries acknowledged durably, sustained for " + sustainFor.String(), "400 a second", fmt.Sprintf("%.0f a second (p99 %s)", rate, ms(sustained.At(0.99)))},
		{kind + ": acknowledgement at 100 a second, p99", "50 ms", fmt.Sprintf("%s (median %s)", ms(paced.At(0.99)), ms(paced.At(0.5)))},
		{kind + ": webhook to finished check, idle, median", "250 ms", fmt.Sprintf("%s (p99 %s)", ms(whole.At(0.5)), ms(whole.At(0.99)))},
		{kind + fmt.Sprintf(": resident memory after %d deliveries and more", totalWanted), "120 MB", fmt.Sprintf("%.0f MB", float64(rss)/1e6)},
		{kind + ": ready after start", "1 s", ms(ready)},
	}, nil
}

func (r *run) requests(ctx context.Context) ([]row, error) {
	gh, p, _, err := r.started(ctx, "SQLite", 1)
	if err != nil {
		return nil, err
	}
	defer gh.Close()
	defer p.Kill()
	n, err := openPR(gh, branch(0), "governed")
	if err != nil {
		return nil, err
	}
	settle := func() error {
		if err := gh.WaitDeliveries(ctx); err != nil {
			return err
		}
		return idle(ctx, p, time.Minute)
	}
	if err := settle(); err != nil {
		return nil, err
	}
	var rows []row
	for _, what := range []struct {
		name, goal string
		act        func() error
	}{
		{"an unrelated comment", "0", func() error {
			_, err := gh.As(author).Comment(repo, n, "Looks good to me.\n\n/retest")
			return err
		}},
		{"a pull request on an ungoverned branch", "0", func() error {
			_, err := openPR(gh, "master", "ungoverned")
			return err
		}},
		{"a pull request in the repository that holds the policy, which it might change", "", func() error {
			_, err := gh.As(author).OpenPR(home, sandbox.PROptions{Head: "x", Files: map[string]string{"README.md": "x"}})
			return err
		}},
	} {
		gh.ResetRequests()
		if err := errors.Join(what.act(), settle()); err != nil {
			return nil, err
		}
		rows = append(rows, row{"requests to GitHub for " + what.name, what.goal, fmt.Sprint(gh.RequestCount())})
	}
	return rows, nil
}

func (r *run) crash(ctx context.Context, kind string, processes int, wipe bool) ([]row, error) {
	url, file, err := r.database(kind)
	if err != nil {
		return nil, err
	}
	gh, err := NewWorld(r.dir, r.Rounds*opsPerRound)
	if err != nil {
		return nil, err
	}
	defer gh.Close()
	c := Crash{Rounds: r.Rounds, Seed: 1, Say: func(format string, args ...any) { fmt.Fprintf(r.Progress, "  "+format+"\n", args...) }}
	for i := range processes {
		p, err := NewReplica(r.Binary, gh.Environ(), r.dir, fmt.Sprintf("serve-%d", i), url)
		if err != nil {
			return nil, err
		}
		c.Replicas = append(c.Replicas, p)
	}
	name := fmt.Sprintf("%s: %d times kill -9 under load", kind, r.Rounds)
	if processes > 1 {
		name += fmt.Sprintf(", %d processes that all get every delivery", processes)
	}
	if wipe {
		c.Wipe = func() error { return WipeSQLite(file) }
		name += ", the database deleted each time"
	}
	if err := c.Run(ctx, gh); err != nil {
		return nil, err
	}
	return []row{{name, "every effect once", "every effect once"}}, nil
}
