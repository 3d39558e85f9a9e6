package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/istio-ecosystem/slipway/internal/git"
	"github.com/istio-ecosystem/slipway/internal/git/gittest"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// plain is the environment of the git commands that stand for other programs.
var plain = []string{"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull, "LC_ALL=C",
	"GIT_AUTHOR_NAME=bench", "GIT_AUTHOR_EMAIL=bench@example.org", "GIT_COMMITTER_NAME=bench", "GIT_COMMITTER_EMAIL=bench@example.org"}

func gitIn(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), plain...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out)), nil
}

// serve serves a repository over the mirror's objects, with the mirror's
// branches and tags and, for each pick, a target where it stood then.
func (r *pickRun) serve(ctx context.Context) (*gittest.Server, error) {
	root := filepath.Join(r.dir, "served")
	bare := filepath.Join(root, "repo.git")
	if _, err := gitIn(ctx, "", "init", "-q", "--bare", bare); err != nil {
		return nil, err
	}
	if err := gittest.Configure(bare); err != nil {
		return nil, err
	}
	// Only the repository's own refs are told to who pushes, not those of the
	// mirror, of which two megabytes are pull requests. GitHub hides them too.
	if _, err := gitIn(ctx, "", "--git-dir", bare, "config", "core.alternateRefsPrefixes", "refs/none"); err != nil {
		return nil, err
	}
	mirror, err := gitIn(ctx, "", "-C", r.Mirror, "rev-parse", "--path-format=absolute", "--git-path", "objects")
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(bare, "objects", "info", "alternates"), []byte(mirror+"\n"), 0o644); err != nil {
		return nil, err
	}
	refs, err := gitIn(ctx, "", "-C", r.Mirror, "for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/tags")
	if err != nil {
		return nil, err
	}
	for _, row := range r.rows {
		refs += "\n" + row.onto + " " + target(row).Ref()
	}
	if err := os.WriteFile(filepath.Join(bare, "packed-refs"), []byte(refs+"\n"), 0o644); err != nil {
		return nil, err
	}
	// As any server has that keeps large repositories.
	if _, err := gitIn(ctx, "", "--git-dir", bare, "commit-graph", "write", "--reachable"); err != nil {
		return nil, err
	}
	return gittest.Serve(root, "bench")
}

func target(row sampled) release.Branch { return release.Branch("bench/target-" + row.release) }

// carried is a pick carried over HTTP.
type carried struct {
	took  time.Duration
	bytes int64
}

var committer = git.Authoring{Name: "bench", Email: "bench@example.org"}

// need is what a pick needs. The target's head is known from GitHub's API: the
// branch is looked at before anything is asked of git.
func (r *pickRun) need(row sampled) git.Need {
	return git.Need{RepoID: 1, Access: git.Access{URL: r.server.URL + "/repo.git", Token: "bench"}, Target: target(row), Onto: row.onto,
		Sources: []git.Source{{Commit: row.source}}}
}

// carry fetches, merges, builds and pushes one pick.
func (r *pickRun) carry(ctx context.Context, c *git.Cache, row sampled, to release.Branch) (carried, error) {
	need := r.need(row)
	before, began := r.server.Sent.Load(), time.Now()
	err := c.Use(ctx, need, func(ctx context.Context, r *git.Repository, onto string) error {
		p, err := r.Pick(ctx, onto, need.Target.String(), need.Sources...)
		if err != nil {
			return err
		}
		if p.Outcome != git.Clean || p.Tree != row.tree {
			return fmt.Errorf("pick of %s is %s, not the tree that was merged", row.source, p.Outcome)
		}
		ids, err := r.Build(ctx, p, committer)
		if err != nil {
			return err
		}
		return r.Push(ctx, ids[0], to, "")
	})
	return carried{time.Since(began), r.server.Sent.Load() - before}, err
}

func (r *pickRun) measureWhole(ctx context.Context) error {
	fmt.Fprintln(r.Progress, "measuring: whole picks over HTTP")
	rows := spread(r.bots, r.Whole)
	series := func(name string, cache func(i int) string) (Latencies, int64, error) {
		var took Latencies
		var most int64
		for i, row := range rows {
			c, err := r.program.NewCache(filepath.Join(r.dir, cache(i)), 1<<30)
			if err != nil {
				return nil, 0, err
			}
			got, err := r.carry(ctx, c, row, release.Branch(fmt.Sprintf("bench/%s-%d", name, i)))
			if err != nil {
				return nil, 0, err
			}
			took, most = append(took, got.took), max(most, got.bytes)
		}
		return took, most, nil
	}
	cold, bytes, err := series("cold", func(i int) string { return fmt.Sprintf("cold-%d", i) })
	if err != nil {
		return err
	}
	r.print(fmt.Sprintf("whole pick over HTTP from nothing (fetch, merge, commit, push), %d picks, median", len(cold)), "under "+millis(goalCold), "%s (slowest %s)", millis(cold.At(0.5)), millis(cold.At(1)))
	r.print("the same: received, the most of any", fmt.Sprintf("under %.0f MB", goalColdBytes/1e6), "%.2f MB", float64(bytes)/1e6)
	// The first of these fills the cache with another pick; each then brings a
	// source and a target that the cache hasn't seen.
	warm, bytes, err := series("warm", func(int) string { return "cold-0" })
	if err != nil {
		return err
	}
	r.print("whole pick with a warm cache: another source and head each time, median", "under "+millis(goalWarm), "%s (slowest %s; received at most %.2f MB)", millis(warm.At(0.5)), millis(warm.At(1)), float64(bytes)/1e6)
	again, _, err := series("again", func(int) string { return "cold-0" })
	if err != nil {
		return err
	}
	r.print("whole pick again, with everything in the cache, median", "", "%s", millis(again.At(0.5)))
	return errors.Join(r.measureTen(ctx), r.measureWhy(ctx, min(r.Whole, 10)))
}

// measureWhy measures what a conflict costs beyond the pick: fetching history,
// and looking for prerequisites in it.
func (r *pickRun) measureWhy(ctx context.Context, n int) error {
	var deepened, found Latencies
	var most int64
	rows, named := spread(r.clashes, n), 0
	for i, row := range rows {
		c, err := r.program.NewCache(filepath.Join(r.dir, fmt.Sprintf("why-%d", i)), 1<<30)
		if err != nil {
			return err
		}
		err = c.Use(ctx, r.need(row), func(ctx context.Context, repo *git.Repository, onto string) error {
			p, err := repo.Pick(ctx, onto, target(row).String(), git.Source{Commit: row.source})
			if err != nil {
				return err
			}
			before, began := r.server.Sent.Load(), time.Now()
			if err := repo.Deepen(ctx, p); err != nil {
				return err
			}
			deepened, most = append(deepened, time.Since(began)), max(most, r.server.Sent.Load()-before)
			began = time.Now()
			all, _, err := repo.Prerequisites(ctx, p, git.Search{})
			if found = append(found, time.Since(began)); len(all) > 0 {
				named++
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	if len(rows) > 0 {
		r.print(fmt.Sprintf("a conflict's history fetched, %d conflicts, median", len(rows)), "", "%s (slowest %s; received at most %.1f MB)", millis(deepened.At(0.5)), millis(deepened.At(1)), float64(most)/1e6)
		r.print("its prerequisites found, median", "", "%s (slowest %s; some for %d of %d)", millis(found.At(0.5)), millis(found.At(1)), named, len(rows))
	}
	return nil
}

// measureTen carries ten picks at once, in one cache.
func (r *pickRun) measureTen(ctx context.Context) error {
	c, err := r.program.NewCache(filepath.Join(r.dir, "ten"), 1<<30)
	if err != nil {
		return err
	}
	rows := spread(r.bots, 10)
	errs := make([]error, len(rows))
	var wg sync.WaitGroup
	began := time.Now()
	for i, row := range rows {
		wg.Go(func() { _, errs[i] = r.carry(ctx, c, row, release.Branch(fmt.Sprintf("bench/ten-%d", i))) })
	}
	wg.Wait()
	took := time.Since(began)
	if err := errors.Join(errs...); err != nil {
		return err
	}
	r.print(fmt.Sprintf("%d picks at once, one cache from nothing, until the last", len(rows)), "all right", "all right, %s", millis(took))
	return nil
}
