package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/git"
	"github.com/istio-ecosystem/slipway/internal/git/gittest"
)

// PickOptions is what RunPick measures with.
type PickOptions struct {
	Mirror   string // a bare clone of a large repository; nothing is written to it
	Sample   string // a table of its picks: branch, release_commit, source_commit, class, replay
	Whole    int    // how many picks to carry over HTTP
	Old      int    // how many picks to make as today's bot does, which is slow
	Out      io.Writer
	Progress io.Writer
}

// The goals, as they stand in the issue.
const (
	goalMerge      = 15 * time.Millisecond
	goalExact      = 140
	goalCold       = time.Second
	goalColdBytes  = 2_000_000
	goalWarm       = 300 * time.Millisecond
	goalMergeRatio = 200
	goalWholeRatio = 20
)

// sampled is one row of the sample: a commit on a release branch that was
// picked from another.
type sampled struct {
	release, source string
	class           string
	onto            string // the release commit's parent
	tree            string // what was merged
}

// pickRun is what the parts of the benchmark share.
type pickRun struct {
	PickOptions
	program *git.Program
	repo    *git.Repository
	rows    []sampled
	bots    []sampled // picks of today's bot, which replay cleanly
	clashes []sampled // picks that conflict
	dir     string
	server  *gittest.Server // of all this over HTTP
}

// RunPick measures the cherry-pick engine on a real repository, beside what
// today's bot does with the same picks, and prints a Markdown table. It is an
// error if a merge came to something else than it must.
func RunPick(ctx context.Context, o PickOptions) (err error) {
	r := &pickRun{PickOptions: o}
	if r.program, err = git.Find(ctx); err != nil {
		return err
	}
	if r.repo, err = r.program.Open(ctx, o.Mirror); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.repo.Close()) }()
	if r.dir, err = os.MkdirTemp("", "slipway-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(r.dir)) }()
	if err := r.read(ctx); err != nil {
		return err
	}
	fmt.Fprintf(o.Out, "| measured | goal | got |\n|---|---|---|\n")
	if err := r.measureMerge(ctx); err != nil {
		return err
	}
	if r.server, err = r.serve(ctx); err != nil {
		return err
	}
	defer r.server.Close()
	if err := r.measureWhole(ctx); err != nil {
		return err
	}
	return r.measureOld(ctx)
}

func (r *pickRun) print(what, goal, format string, args ...any) {
	fmt.Fprintf(r.Out, "| %s | %s | %s |\n", what, goal, fmt.Sprintf(format, args...))
}

// read reads the rows that were picked from somewhere.
func (r *pickRun) read(ctx context.Context) error {
	f, err := os.Open(r.Sample)
	if err != nil {
		return err
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		c := strings.Split(lines.Text(), "\t")
		if len(c) < 5 || c[0] == "branch" || len(c[2]) < 40 {
			continue
		}
		merged, err := r.repo.Commit(ctx, c[1])
		if err != nil {
			return err
		}
		row := sampled{release: c[1], source: c[2], class: c[3], onto: merged.Parents[0], tree: merged.Tree}
		r.rows = append(r.rows, row)
		if row.class == "bot-pick" && c[4] == "exact" {
			r.bots = append(r.bots, row)
		}
		if c[4] == "conflict" {
			r.clashes = append(r.clashes, row)
		}
	}
	if len(r.bots) == 0 {
		return fmt.Errorf("%s names no pick of the bot", r.Sample)
	}
	return nil
}

// measureMerge merges every row twice: the first time reads the repository from
// the disk, the second counts.
func (r *pickRun) measureMerge(ctx context.Context) error {
	fmt.Fprintln(r.Progress, "measuring: merge only")
	var took [2]Latencies
	var count map[string]int
	for i := range took {
		count = map[string]int{}
		for _, row := range r.rows {
			began := time.Now()
			p, err := r.repo.Pick(ctx, row.onto, "", git.Source{Commit: row.source})
			if err != nil {
				return err
			}
			took[i] = append(took[i], time.Since(began))
			count[row.class]++
			switch {
			case p.Outcome == git.Clean && p.Tree == row.tree:
				count[row.class+" exact"]++
			case p.Outcome == git.Clash:
				count[row.class+" conflict"]++
			}
		}
	}
	r.print(fmt.Sprintf("merge only, %d picks, median", len(r.rows)), "under "+millis(goalMerge), "%s (p95 %s; the first time, from the disk, %s)",
		millis(took[1].At(0.5)), millis(took[1].At(0.95)), millis(took[0].At(0.5)))
	for _, class := range []string{"bot-pick", "manual-pick"} {
		goal := ""
		if class == "bot-pick" {
			goal = fmt.Sprintf("%d", goalExact)
		}
		r.print(class+": clean, and exactly the tree that was merged", goal, "%d of %d (%d conflicts)", count[class+" exact"], count[class], count[class+" conflict"])
	}
	if n := count["bot-pick exact"]; n < goalExact && count["bot-pick"] > goalExact {
		return fmt.Errorf("only %d of the bot's picks came to the merged tree", n)
	}
	return nil
}

func millis(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

// spread picks n rows from all over a list.
func spread(rows []sampled, n int) []sampled {
	n = min(n, len(rows))
	out := make([]sampled, n)
	for i := range out {
		out[i] = rows[i*len(rows)/n]
	}
	return out
}
