package main

import (
	"context"
	"errors"
	"path"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/handlers/build"
	"github.com/istio-ecosystem/slipway/internal/git"
	"github.com/istio-ecosystem/slipway/internal/release"
	"github.com/istio-ecosystem/slipway/internal/replay"
)

// triggersOnRecord judges every change of a trigger file on any of a clone's release branches, as `slipway backtest triggers` does, and
// returns those that aren't as they should be.
func triggersOnRecord(ctx context.Context, c *replayClone, p replayPolicy) (found []replay.Trigger, err error) {
	if _, name, _ := strings.Cut(c.history.Repo, "/"); name != string(p.build.Triggers.Repository) {
		return nil, nil
	}
	branches, err := c.repo.Branches(ctx)
	if err != nil {
		return nil, err
	}
	source, err := c.repo.ResolveBranch(ctx, c.history.Source)
	if err != nil {
		return nil, err
	}
	var rows []build.Row
	seen := map[string]bool{}
	for _, b := range branches {
		if !b.Ours() && p.policy.Governs(b) && b != c.history.Source {
			tip, err := c.repo.ResolveBranch(ctx, b)
			if err != nil {
				return nil, err
			}
			some, err := triggerRows(ctx, c.repo, p.build.Triggers, b, source, tip)
			if err != nil {
				return nil, err
			}
			for _, r := range some { // a branch aside has what the one had that it left
				if !seen[r.Commit+r.File] {
					rows = append(rows, r)
				}
				seen[r.Commit+r.File] = true
			}
		}
	}
	for _, j := range build.JudgeHistory(rows, p.build.Triggers) {
		if j.Grade() != build.OK {
			found = append(found, replay.Trigger{Repo: c.history.Repo, Branch: string(j.Branch), File: j.File, Commit: j.Commit, Day: j.Day.String(),
				Version: strings.TrimSpace(j.Row.Version), Refused: j.Grade() == build.Refuse, Why: j.Reason()})
		}
	}
	return found, nil
}

// triggerRows are the changes of trigger files on a branch since it left the source branch.
func triggerRows(ctx context.Context, repo *git.Repository, t build.Triggers, b release.Branch, source, tip string) (rows []build.Row, err error) {
	commits, _, err := repo.FirstParents(ctx, source, tip, 10_000)
	if err != nil {
		return nil, err
	}
	for i := len(commits) - 1; i >= 0; i-- {
		c := commits[i]
		if len(c.Parents) == 0 {
			continue
		}
		for _, f := range [][2]string{{"trigger-build", string(t.Build)}, {"trigger-publish", string(t.Publish)}} {
			now, there, err := repo.File(ctx, c.ID, f[1])
			before, _, berr := repo.File(ctx, c.Parents[0], f[1])
			if err = errors.Join(err, berr); err != nil {
				return nil, err
			}
			if there && string(now) != string(before) {
				rows = append(rows, build.Row{Branch: b, File: f[0], Day: release.DateOf(c.Committed(), time.UTC), Version: string(now), Subject: c.Subject(), Commit: c.ID})
			}
		}
	}
	return rows, nil
}

// watched is the directory of the trigger files.
func watched(t build.Triggers) string { return path.Dir(string(t.Build)) }
