package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/istio-ecosystem/slipway/internal/git"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// overHTTP asks about some picks as Slipway does on GitHub: from a cache that
// has nothing, and from one that other questions have filled. The sources are
// known by their ids; the source branch is searched too where they lead nowhere.
func overHTTP(ctx context.Context, o ProvenanceOptions, program *git.Program, repo *git.Repository, rows []proven) (cold, warm Latencies, most int64, err error) {
	dir, err := os.MkdirTemp("", "slipway-bench-")
	if err != nil {
		return nil, nil, 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	run := &pickRun{PickOptions: PickOptions{Mirror: o.Mirror}, program: program, repo: repo, dir: dir}
	server, err := run.serve(ctx)
	if err != nil {
		return nil, nil, 0, err
	}
	defer server.Close()
	shared, err := program.NewCache(filepath.Join(dir, "shared"), 1<<30)
	if err != nil {
		return nil, nil, 0, err
	}
	for i, row := range rows {
		empty, err := program.NewCache(filepath.Join(dir, fmt.Sprint("cache-", i)), 1<<30)
		if err != nil {
			return nil, nil, 0, err
		}
		for _, c := range []*git.Cache{empty, shared} {
			before, began := server.Sent.Load(), time.Now()
			verdict, err := askOverHTTP(ctx, c, server.URL+"/repo.git", o.Source, row)
			if err != nil {
				return nil, nil, 0, fmt.Errorf("%s: %w", row.commit, err)
			}
			if verdict != row.finding.Verdict && len(row.finding.Later) == 0 {
				return nil, nil, 0, fmt.Errorf("%s is %s over HTTP and %s in the repository itself", row.commit, verdict, row.finding.Verdict)
			}
			if c == empty {
				cold, most = append(cold, time.Since(began)), max(most, server.Sent.Load()-before)
			} else if i > 0 {
				warm = append(warm, time.Since(began))
			}
		}
	}
	return cold, warm, most, nil
}

// repoID is the served repository's; any will do.
const repoID = 1

func askOverHTTP(ctx context.Context, c *git.Cache, address string, source release.Branch, row proven) (verdict provenance.Verdict, err error) {
	q := provenance.Question{Head: row.commit, MergeBase: row.onto, Commits: 1, Base: release.Branch(row.branch), Source: source,
		Titles: []string{row.finding.Sources[0].Title}, Search: true}
	for _, s := range row.finding.Sources {
		if s.By != provenance.ByPatch {
			q.Claims = append(q.Claims, s)
		}
	}
	f, err := c.Prove(ctx, repoID, git.Access{URL: address, Token: "bench"}, q)
	return f.Verdict, err
}
