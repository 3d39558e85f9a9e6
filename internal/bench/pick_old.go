package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/istio-ecosystem/slipway/internal/git"
	"github.com/istio-ecosystem/slipway/internal/git/gittest"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// measureOld makes picks as today's bot does: a copy of its mirror with a work
// tree, the target checked out in it, the change applied as a mail by git am -3.
// For the whole pick, the push is added. Bringing the mirror up to date is left
// out, to the bot's favour.
func (r *pickRun) measureOld(ctx context.Context) error {
	fmt.Fprintln(r.Progress, "measuring: today's way, and ours beside it")
	var apply, all, merge, cold, warm Latencies
	clean := 0
	rows := spread(r.bots, r.Old)
	for i, row := range rows {
		// All ways of one pick follow each other, so that whatever else the
		// machine does slows them alike.
		began := time.Now()
		if _, err := r.repo.Pick(ctx, row.onto, "", git.Source{Commit: row.source}); err != nil {
			return err
		}
		merge = append(merge, time.Since(began))
		for _, way := range []struct {
			cache string
			took  *Latencies
		}{{fmt.Sprintf("beside-cold-%d", i), &cold}, {"beside-warm", &warm}} {
			c, err := r.program.NewCache(filepath.Join(r.dir, way.cache), 1<<30)
			if err != nil {
				return err
			}
			got, err := r.carry(ctx, c, row, release.Branch(fmt.Sprintf("bench/%s-%d", way.cache, i)))
			if err != nil {
				return err
			}
			*way.took = append(*way.took, got.took)
		}
		dir := filepath.Join(r.dir, fmt.Sprintf("old-%d", i))
		applied, pushed, err := r.old(ctx, dir, row, fmt.Sprintf("bench/old-%d", i))
		if err := errors.Join(err, os.RemoveAll(dir)); err != nil {
			return err
		}
		apply = append(apply, applied)
		if pushed > 0 {
			clean, all = clean+1, append(all, pushed)
		}
	}
	r.print(fmt.Sprintf("today's bot: copy of the mirror, checkout, git am -3; %d of the same picks, median", len(rows)), "", "%s (%d of %d clean)", millis(apply.At(0.5)), clean, len(rows))
	r.print("today's bot, with the push, median", "", "%s", millis(all.At(0.5)))
	ratio := func(what string, goal int, was, is Latencies) {
		r.print(what, fmt.Sprintf("%d times faster", goal), "%.0f times faster (%s)", float64(was.At(0.5))/float64(is.At(0.5)), millis(is.At(0.5)))
	}
	ratio("merge only, beside that", goalMergeRatio, apply, merge)
	ratio("whole pick with a warm cache, beside that", goalWholeRatio, all, warm)
	ratio("whole pick from nothing, beside that", goalWholeRatio, all, cold)
	return nil
}

// old makes one pick. pushed is the time with the push, 0 if git am failed.
func (r *pickRun) old(ctx context.Context, dir string, row sampled, branch string) (applied, pushed time.Duration, err error) {
	patch, err := gitIn(ctx, "", "-C", r.Mirror, "format-patch", "--stdout", "--full-index", "--binary", "-1", row.source)
	if err != nil {
		return 0, 0, err
	}
	file := dir + ".patch"
	if err := os.WriteFile(file, []byte(patch+"\n"), 0o644); err != nil {
		return 0, 0, err
	}
	began := time.Now()
	for _, args := range [][]string{
		{"clone", "-q", r.Mirror, dir},
		{"-C", dir, "checkout", "-q", "-b", "pick", row.onto},
	} {
		if _, err := gitIn(ctx, "", args...); err != nil {
			return 0, 0, err
		}
	}
	_, failed := gitIn(ctx, "", "-C", dir, "am", "-q", "--3way", file)
	if applied = time.Since(began); failed != nil {
		return applied, 0, nil
	}
	_, err = gitIn(ctx, "", "-C", dir, "-c", "http.extraHeader=Authorization: Basic "+gittest.Basic("bench"), "push", "-q", r.server.URL+"/repo.git", "pick:refs/heads/"+branch)
	return applied, time.Since(began), err
}
