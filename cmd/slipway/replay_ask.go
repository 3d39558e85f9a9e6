package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/handlers/build"
	"github.com/istio-ecosystem/slipway/handlers/freeze"
	"github.com/istio-ecosystem/slipway/internal/replay"
)

// replayPatience is how long people wait for an answer, also where they merged earlier.
const replayPatience = 5 * time.Minute

// ask waits for what the program says of a pull request, and does what it asks for, one after the other, until nothing holds
// the merge back: what the description lacks is added, a release manager approves, and then whoever knows the code.
func (r *replayer) ask(ctx context.Context, n int, o *replay.Outcome) error {
	steps := []struct {
		asked string
		do    func(*replay.Outcome, int) error
	}{
		{replay.Nobody, nil},
		{replay.Nobody, r.describe},
		{replay.Manager, func(o *replay.Outcome, n int) error {
			return errors.Join(r.approve(o, n, replayManager), r.exempt(o, n))
		}},
		{replay.Second, func(o *replay.Outcome, n int) error { return r.approve(o, n, replaySecond) }},
		{replay.Experts, func(o *replay.Outcome, n int) error { return r.approve(o, n, r.experts(o)...) }},
	}
	for i, step := range steps {
		if step.asked == replay.Second && !holding(o.Final, build.CheckName) {
			continue
		}
		if step.do != nil {
			if err := step.do(o, n); err != nil {
				return err
			}
		}
		by := r.clock.now().Add(replayPatience)
		if o.At.After(by) {
			by = o.At
		}
		if err := r.settle(ctx, by); err != nil {
			return err
		}
		if o.Asked, o.Final = step.asked, r.checks(o.Repo, n); i == 0 {
			o.Opened = o.Final
		}
		if !slices.ContainsFunc(o.Final, replay.Check.Holds) {
			return nil
		}
	}
	o.Asked = replay.Held
	return nil
}

// describe adds what only a description or a label says, neither of which is on record: that it is about an issue, why it
// is needed, and that it blocks the release.
func (r *replayer) describe(o *replay.Outcome, n int) error {
	var err error
	if o.Asks(replay.Issue) || o.Asks(replay.Justification) {
		body := replayBody(o.Event)
		about, e := r.assumedIssue(o.Repo)
		err = errors.Join(e, r.gh.As(o.Author.Login).EditBody(o.Repo, n, fmt.Sprintf("%s\n\nFixes #%d\n\n## Justification\n\nIt is needed on the release branch.\n", body, about)))
	}
	if labels := r.policy.gate.BlockerLabels; o.Asks(replay.Blocker) && len(labels) > 0 {
		err = errors.Join(err, r.gh.As(replayManager).AddLabel(o.Repo, n, string(labels[0])))
	}
	return err
}

// assumedIssue is an issue that changes are about of which no record says what they are about.
func (r *replayer) assumedIssue(repo string) (n int, err error) {
	if n = r.issues[repo]; n == 0 {
		n, err = r.gh.As(replayMerger).OpenIssue(repo, "What the descriptions of that time were about", "")
		r.issues[repo] = n
	}
	return n, err
}

// experts are those who approve after the release manager: one of each area, as the check names them.
func (r *replayer) experts(o *replay.Outcome) []string {
	all := []string{replayExpert}
	for _, c := range o.Final {
		for _, rule := range c.Failed {
			named := func(login string) bool {
				return login != o.Author.Login && strings.Contains(rule.Name+rule.Text, "`"+login+"`")
			}
			if i := slices.IndexFunc(r.clones[o.Repo].owners, named); i >= 0 {
				all = append(all, r.clones[o.Repo].owners[i])
			}
		}
	}
	return all
}

// exempt lets it through a freeze: it was merged.
func (r *replayer) exempt(o *replay.Outcome, n int) error {
	if !holding(o.Final, freeze.CheckName) {
		return nil
	}
	_, err := r.gh.As(replayManager).Comment(o.Repo, n, "/release exempt It was merged")
	return err
}

func holding(checks []replay.Check, name string) bool {
	return slices.ContainsFunc(checks, func(c replay.Check) bool { return c.Name == name && c.Holds() })
}

func (r *replayer) approve(o *replay.Outcome, n int, logins ...string) error {
	for _, login := range logins {
		if login == o.Author.Login {
			continue
		}
		if _, err := r.gh.As(login).Review(o.Repo, n, "APPROVE", ""); err != nil {
			return err
		}
	}
	return nil
}
