package main

import (
	"context"
	"errors"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/handlers/build"
	"github.com/istio-ecosystem/slipway/handlers/checklist"
	"github.com/istio-ecosystem/slipway/internal/git"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
	"github.com/istio-ecosystem/slipway/internal/replay"
)

// recorder finds the errors that a clone has on record, on all of its release branches and of all years.
type recorder struct {
	clone    *replayClone
	repo     github.Repo
	policy   replayPolicy
	triggers bool            // the trigger files stand there
	rows     []build.Row     // of these
	seen     map[string]bool // commits: a branch aside has what the one had that it left
	found    []replay.Record
}

// errorsOnRecord judges every change of a trigger file as `slipway replay triggers` does, and finds what was merged that the policy calls a
// trap, and returns what isn't as it should be.
func errorsOnRecord(ctx context.Context, c *replayClone, p replayPolicy) ([]replay.Record, error) {
	owner, name, _ := strings.Cut(c.history.Repo, "/")
	r := recorder{clone: c, repo: github.Repo{Owner: owner, Name: name}, policy: p, triggers: name == string(p.build.Triggers.Repository), seen: map[string]bool{}}
	branches, err := c.repo.Branches(ctx)
	if err != nil {
		return nil, err
	}
	source, err := c.repo.ResolveBranch(ctx, c.history.Source)
	if err != nil {
		return nil, err
	}
	for _, b := range branches {
		traps := p.plans.PastTraps(r.repo, b)
		if b.Ours() || !p.policy.Governs(b) || b == c.history.Source || !r.triggers && len(traps) == 0 {
			continue
		}
		if err := r.branch(ctx, b, source, traps); err != nil {
			return nil, err
		}
	}
	for _, j := range build.JudgeHistory(r.rows, p.build.Triggers) {
		_, number := replay.Proposed(git.Commit{Message: j.Subject})
		for _, remark := range j.Remarks {
			r.found = append(r.found, replay.Record{Kind: string(remark.Kind), Repo: c.history.Repo, Commit: j.Commit, Number: number, Branch: j.Branch, Day: j.Day,
				Refused: remark.Grade == build.Refuse, Why: strings.TrimSpace(j.Row.Version) + ": " + remark.Text})
		}
	}
	return r.found, nil
}

// branch goes through what was merged on a branch since it left the source branch, the oldest first.
func (r *recorder) branch(ctx context.Context, b release.Branch, source string, traps []checklist.PastTrap) error {
	tip, err := r.clone.repo.ResolveBranch(ctx, b)
	if err != nil {
		return err
	}
	commits, _, err := r.clone.repo.FirstParents(ctx, source, tip, 10_000)
	if err != nil {
		return err
	}
	for i := len(commits) - 1; i >= 0; i-- {
		c := commits[i]
		if len(c.Parents) == 0 || r.seen[c.ID] {
			continue
		}
		r.seen[c.ID] = true
		if err := errors.Join(r.trigger(ctx, b, c), r.sprung(ctx, b, c, traps)); err != nil {
			return err
		}
	}
	return nil
}

// trigger takes the changes of trigger files in a commit.
func (r *recorder) trigger(ctx context.Context, b release.Branch, c git.Commit) error {
	if !r.triggers {
		return nil
	}
	t := r.policy.build.Triggers
	for _, f := range [][2]string{{"trigger-build", string(t.Build)}, {"trigger-publish", string(t.Publish)}} {
		now, there, err := r.clone.repo.File(ctx, c.ID, f[1])
		before, _, berr := r.clone.repo.File(ctx, c.Parents[0], f[1])
		if err = errors.Join(err, berr); err != nil {
			return err
		}
		if there && string(now) != string(before) {
			r.rows = append(r.rows, build.Row{Branch: b, File: f[0], Day: release.DateOf(c.Committed(), time.UTC), Version: string(now), Subject: c.Subject(), Commit: c.ID})
		}
	}
	return nil
}

// sprung finds a trap that was merged: before it, the file lacked what ends the trap.
func (r *recorder) sprung(ctx context.Context, b release.Branch, c git.Commit, traps []checklist.PastTrap) error {
	title, number := replay.Proposed(c)
	for _, t := range traps {
		fits, err := regexp.Compile(t.Title)
		match, merr := regexp.Compile(t.Match)
		if err = errors.Join(err, merr); err != nil || !fits.MatchString(title) {
			return err
		}
		before, _, err := r.clone.repo.File(ctx, c.Parents[0], t.File)
		if err != nil {
			return err
		}
		if !match.Match(before) {
			r.found = append(r.found, replay.Record{Kind: replay.Sprung, Repo: r.clone.history.Repo, Commit: c.ID, Number: number, Branch: b,
				Day: release.DateOf(c.Committed(), time.UTC), Refused: true, Why: title + ": merged before " + t.Until + ". " + t.Say})
		}
	}
	return nil
}

// watched is the directory of the trigger files.
func watched(t build.Triggers) string { return path.Dir(string(t.Build)) }
