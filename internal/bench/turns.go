package bench

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// How much stands before a manager's command, at small and at full scale.
var floods = []struct{ texts, pulls int }{{45, 30}, {450, 300}}

// turns measures how long a manager's command waits for what others have brought before
// it: a stranger's questions, a look at every pull request, and large ones. Pacing is
// lifted, so it is Slipway's own time, and the stand-in's.
func (r *run) turns(ctx context.Context) ([]row, error) {
	gh, p, _, err := r.started(ctx, "SQLite", 1)
	if err != nil {
		return nil, err
	}
	defer gh.Close()
	defer p.Kill()
	issue, err := openPR(gh, branch(0), "talk")
	if err != nil {
		return nil, err
	}
	var rows []row
	measured := func(what, goal string, before func() error) error {
		if err := errors.Join(gh.WaitDeliveries(ctx), idle(ctx, p, 10*time.Minute)); err != nil {
			return err
		}
		if err := before(); err != nil {
			return err
		}
		took, err := r.answered(ctx, gh, issue)
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		rows = append(rows, row{"a manager's command is answered, " + what, goal, fmt.Sprintf("%.2f s", took.Seconds())})
		return nil
	}
	err = measured("nothing before it", "", func() error { return nil })
	opened := 0
	for _, f := range floods {
		for _, text := range []string{"/release help", "/release thaw " + branch(0)} {
			err = errors.Join(err, measured(fmt.Sprintf("after a stranger's %d times `%s`", f.texts, text), "2 s more", func() error {
				for range f.texts {
					if _, err := gh.As(stranger).Comment(repo, issue, text); err != nil {
						return err
					}
				}
				return nil
			}))
		}
		for ; opened < f.pulls; opened++ {
			_, perr := gh.As(stranger).OpenPR(repo, sandbox.PROptions{Fork: true, Base: branch(0), Head: fmt.Sprintf("flood-%d", opened),
				Files: map[string]string{fmt.Sprintf("flood-%d.go", opened): "package main\n"}})
			err = errors.Join(err, perr)
		}
		err = errors.Join(err, measured(fmt.Sprintf("while %d pull requests of a stranger's forks are looked at", f.pulls), "2 s more", func() error {
			_, err := gh.As(author).Push(home, "master", map[string]string{policyFile: fmt.Sprintf("%s# again over %d\n", policy, f.pulls)}, "Again")
			return errors.Join(err, gh.WaitDeliveries(ctx))
		}))
	}
	const large = 8 // each takes a worker for seconds
	err = errors.Join(err, measured(fmt.Sprintf("while %d pull requests of a stranger's fork with 10 MB of short lines are judged", large), "2 s more", func() error {
		for i := range large {
			_, err := gh.As(stranger).OpenPR(repo, sandbox.PROptions{Fork: true, Base: branch(0), Head: fmt.Sprintf("large-%d", i),
				Files: map[string]string{fmt.Sprintf("large-%d", i): strings.Repeat("a\n", 5<<20)}})
			if err != nil {
				return err
			}
		}
		return gh.WaitDeliveries(ctx)
	}))
	return rows, err
}

// answered comments a manager's command that changes nothing more than once, and returns
// how long its answer took.
func (r *run) answered(ctx context.Context, gh *sandbox.Server, issue int) (time.Duration, error) {
	before, began := answersTo(gh, issue, "/release freeze"), time.Now()
	if _, err := gh.As(manager).Comment(repo, issue, "/release freeze "+branch(0)+" preview"); err != nil {
		return 0, err
	}
	return r.sinceAnswered(ctx, gh, issue, before, began)
}

// sinceAnswered waits for one more answer to a manager's command than before, and returns
// how long that took since an instant.
func (r *run) sinceAnswered(ctx context.Context, gh *sandbox.Server, issue, before int, began time.Time) (time.Duration, error) {
	err := eventually(ctx, gh, 10*time.Minute, func() string {
		if answersTo(gh, issue, "/release freeze") == before {
			return "the command isn't answered"
		}
		return ""
	})
	return time.Since(began), err
}

// answersTo counts the answers on an issue to commands that begin so.
func answersTo(gh *sandbox.Server, issue int, command string) (n int) {
	for _, c := range gh.Comments(repo, issue) {
		if strings.Contains(c.Body, "> `"+command) {
			n++
		}
	}
	return n
}
