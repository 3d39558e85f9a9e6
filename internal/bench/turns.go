package bench

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/ghclient"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// How much stands before a manager's command, at small and at full scale.
var floods = []struct{ texts, pulls int }{{45, 30}, {450, 300}}

// turns measures how long a manager's command waits for what others have brought before
// it: a stranger's questions, a look at every pull request, and large ones. Pacing is
// lifted, so it is Slipway's own time, and the stand-in's.
func (r *run) turns(ctx context.Context, kind string) ([]row, error) {
	gh, p, _, err := r.started(ctx, kind, 1)
	if err != nil {
		return nil, err
	}
	defer gh.Close()
	defer p.Kill()
	issue, err := openPR(gh, branch(0), "talk")
	if err != nil {
		return nil, err
	}
	elsewhere, oerr := others(gh)
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
		rows = append(rows, row{kind + ": a manager's command is answered, " + what, goal, fmt.Sprintf("%.2f s", took.Seconds())})
		return nil
	}
	err = errors.Join(oerr, measured("nothing before it", "", func() error { return nil }))
	opened := 0
	for _, f := range floods {
		flood := func(where string, issue int, text string) func() error {
			return func() (err error) {
				for range f.texts {
					_, cerr := gh.As(stranger).Comment(where, issue, text)
					err = errors.Join(err, cerr)
				}
				return errors.Join(err, gh.WaitDeliveries(ctx)) // it sends one after the other, as GitHub doesn't
			}
		}
		for _, text := range []string{"/release help", "/release thaw " + branch(0)} {
			err = errors.Join(err, measured(fmt.Sprintf("after a stranger's %d times `%s`", f.texts, text), "2 s more", flood(repo, issue, text)))
		}
		for _, o := range elsewhere {
			err = errors.Join(err, measured(fmt.Sprintf("after a stranger's %d times `/release help` in another %s", f.texts, o.what), "2 s more", flood(o.repo, o.issue, "/release help")))
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

// place is an issue where a flood has nothing to do with the manager's repository.
type place struct {
	what, repo string
	issue      int
}

// others are a place in another repository, and one in another installation.
func others(gh *sandbox.Server) (all []place, err error) {
	try := func(e error) { err = errors.Join(err, e) }
	try(gh.CreateOrg("other", author))
	try(gh.CreateRepo("other", ".github", sandbox.RepoOptions{Files: map[string]string{policyFile: policy}}))
	try(gh.CreateRepo("other", "rocket", sandbox.RepoOptions{Files: map[string]string{"main.go": "package main\n"}}))
	try(gh.CreateTeam("other", "release-managers", author))
	_, e := gh.Install("other", sandbox.InstallOptions{Permissions: ghclient.Permissions()})
	try(e)
	all = []place{{"repository", home, 0}, {"installation", "other/rocket", 0}}
	for i := range all {
		all[i].issue, e = gh.As(stranger).OpenIssue(all[i].repo, "Talk", "")
		try(e)
	}
	return all, err
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
