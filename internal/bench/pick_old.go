package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/istio-ecosystem/slipway/internal/git/gittest"
)

// measureOld makes picks as today's bot does: a copy of its mirror with a work
// tree, the target checked out in it, the change applied as a mail by git am -3.
// For the whole pick, the push is added. Bringing the mirror up to date is left
// out, to the bot's favour.
func (r *pickRun) measureOld(ctx context.Context, merge time.Duration, whole wholeTimes) error {
	fmt.Fprintln(r.Progress, "measuring: today's way")
	var apply, all Latencies
	clean := 0
	rows := spread(r.bots, r.Old)
	for i, row := range rows {
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
	old, oldWhole := apply.At(0.5), all.At(0.5)
	r.print(fmt.Sprintf("today's bot: copy of the mirror, checkout, git am -3; %d of the same picks, median", len(rows)), "", "%s (%d of %d clean)", millis(old), clean, len(rows))
	r.print("today's bot, with the push, median", "", "%s", millis(oldWhole))
	ratio := func(what string, goal int, was, is time.Duration) {
		r.print(what, fmt.Sprintf("%d times faster", goal), "%.0f times faster", float64(was)/float64(is))
	}
	ratio("merge only, against that", goalMergeRatio, old, merge)
	ratio("whole pick with a warm cache, against that", goalWholeRatio, oldWhole, whole.warm)
	ratio("whole pick from nothing, against that", goalWholeRatio, oldWhole, whole.cold)
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
