package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/replay"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// What a clone doesn't tell of a release, and is assumed: its tracking issue, the other repositories, and what its jobs reported.

// track has a release manager open or close a tracking issue.
func (r *replayer) track(ctx context.Context, e replay.Event) error {
	if e.Kind == replay.Start {
		n, err := r.assumedIssue(e.Repo)
		if err == nil {
			_, err = r.gh.As(replayManager).Comment(e.Repo, n, e.Title)
		}
		return errors.Join(err, r.settle(ctx, e.At))
	}
	t := replay.Tracker{Version: e.Tag, At: e.At}
	issue, found := r.tracker(e)
	if !found {
		t.Unanswered = "no tracking issue was opened"
		return r.note(entry{Tracker: &t})
	}
	for line := range strings.Lines(issue.Body) {
		rest, done := strings.CutPrefix(line, "- [x] `")
		if !done {
			rest, _ = strings.CutPrefix(line, "- [ ] `")
		}
		switch id, _, _ := strings.Cut(rest, "`"); {
		case rest == line:
		case done:
			t.Evidence = append(t.Evidence, id)
		default:
			t.Open = append(t.Open, id)
		}
	}
	if err := r.tickAssumed(ctx, e, issue.Number, t.Open); err != nil {
		return err
	}
	if _, err := r.gh.As(replayManager).Comment(e.Repo, issue.Number, e.Title); err != nil {
		return err
	}
	if err := r.settle(ctx, e.At); err != nil {
		return err
	}
	if t.Closed = r.gh.Issue(e.Repo, issue.Number).State == "closed"; !t.Closed {
		all := r.gh.Comments(e.Repo, issue.Number)
		t.Unanswered = all[len(all)-1].Body
	}
	return r.note(entry{Tracker: &t})
}

// tracker is the open tracking issue of a release.
func (r *replayer) tracker(e replay.Event) (sandbox.Issue, bool) {
	for _, i := range r.gh.Issues(e.Repo) {
		if !i.IsPR && i.State == "open" && i.ViaApp && strings.HasSuffix(i.Title, " "+e.Tag) && !strings.HasPrefix(i.Title, "Code freeze") {
			return i, true
		}
	}
	return sandbox.Issue{}, false
}

// stillTracked are the tracking issues that were opened and not closed.
func stillTracked(events []replay.Event) (open []replay.Event) {
	for _, e := range events {
		switch e.Kind {
		case replay.Start:
			open = append(open, e)
		case replay.Close:
			kept := open[:0]
			for _, o := range open {
				if o.Tag != e.Tag {
					kept = append(kept, o)
				}
			}
			open = kept
		}
	}
	return open
}

// playedAgain is what is played once more where a replay goes on: the tracking issues that are still open, and the tags since, for a release
// is planned before it is out.
func playedAgain(events []replay.Event) (again []replay.Event) {
	open := stillTracked(events)
	for _, e := range events {
		if len(open) > 0 && (slices.Contains(open, e) || e.Kind == replay.Tag && e.At.After(open[0].At)) {
			again = append(again, e)
		}
	}
	return again
}

// tickAssumed has the release manager tick what has no evidence here, a few steps in a comment.
func (r *replayer) tickAssumed(ctx context.Context, e replay.Event, issue int, steps []string) error {
	for some := range slices.Chunk(steps, 8) {
		text := "/release step " + strings.Join(some, " done\n/release step ") + " done"
		if _, err := r.gh.As(replayManager).Comment(e.Repo, issue, text); err != nil {
			return err
		}
		if err := r.settle(ctx, r.clock.now().Add(time.Minute)); err != nil {
			return err
		}
	}
	return nil
}

// tagAssumed tags a version in the repositories that there is no clone of, and makes the release on GitHub, which no clone tells of.
func (r *replayer) tagAssumed(e replay.Event) error {
	owner, _, _ := strings.Cut(e.Repo, "/")
	if owner+"/"+string(r.policy.plans.Home) != e.Repo {
		return nil
	}
	for _, name := range r.policy.plans.Repositories {
		repo := owner + "/" + string(name)
		if r.clones[repo] != nil {
			continue
		}
		if err := r.gh.As(replayMerger).Tag(repo, e.Tag, string(r.clones[e.Repo].history.Source)); err != nil {
			return err
		}
	}
	return r.gh.As(replayMerger).Release(e.Repo, e.Tag)
}

// cutAssumed cuts a branch in the repositories that there is no clone of, when it is cut in the first of the others.
func (r *replayer) cutAssumed(e replay.Event) error {
	owner, _, _ := strings.Cut(e.Repo, "/")
	for _, name := range r.policy.plans.Repositories {
		repo := owner + "/" + string(name)
		if r.policy.plans.Home == "" || r.clones[repo] != nil || r.gh.Branch(repo, string(e.Branch)) != "" {
			continue
		}
		if err := r.gh.CreateBranch(repo, string(e.Branch), string(r.clones[e.Repo].history.Source)); err != nil {
			return err
		}
	}
	return nil
}

// report has the jobs report success on a merge that changed a trigger file: what was started was built and published, since it
// is tagged.
func (r *replayer) report(ctx context.Context, e replay.Event) error {
	triggers := r.policy.build.Triggers
	_, name, _ := strings.Cut(e.Repo, "/")
	if name != string(triggers.Repository) || e.Parent == "" {
		return nil
	}
	clone := r.clones[e.Repo].repo
	for path, checks := range map[string][]string{string(triggers.Build): patterns(triggers.BuildChecks), string(triggers.Publish): patterns(triggers.PublishChecks)} {
		now, _, err := clone.File(ctx, e.Commit, path)
		before, _, berr := clone.File(ctx, e.Parent, path)
		if err = errors.Join(err, berr); err != nil {
			return err
		}
		for _, check := range checks {
			if string(now) != string(before) {
				context := strings.ReplaceAll(check, "*", fmt.Sprintf("%s_%s", name, e.Branch))
				if err := r.gh.As(replayMerger).SetStatus(e.Repo, e.Commit, context, "success"); err != nil {
					return err
				}
			}
		}
	}
	return r.settle(ctx, r.clock.now())
}

func patterns[T ~string](list []T) (texts []string) {
	for _, p := range list {
		texts = append(texts, string(p))
	}
	return texts
}
