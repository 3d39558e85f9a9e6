package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/istio-ecosystem/slipway/internal/git"
	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/release"
	"github.com/istio-ecosystem/slipway/internal/replay"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// replayClock is what time it is in a replay. It stands until the replay goes on, but for a microsecond
// each time that it is read: so what happens later is later.
type replayClock struct {
	mu sync.Mutex
	at time.Time
}

func (c *replayClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(time.Microsecond)
	return c.at
}

func (c *replayClock) reach(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at.After(c.at) {
		c.at = at
	}
}

// How far the clock goes at once, with what is due worked in between, and how often what the program looks for regularly is looked
// for: every webhook arrives here, so that only finds what no event tells of.
const (
	replayStep = 24 * time.Hour
	replayHeal = 7 * 24 * time.Hour
)

// replayer plays events to the program.
type replayer struct {
	gh      *sandbox.Server
	program *Program
	clock   *replayClock
	policy  replayPolicy
	clones  map[string]*replayClone
	origins map[string]*git.History       // by repository and branch
	merged  map[string]time.Time          // when a commit came to a source branch
	issues  map[string]int                // that changes are assumed to be about, by repository
	healed  time.Time                     // when that was looked for
	waiting []replay.Event                // merges on source branches that nobody was told of yet
	hours   map[time.Time]replay.Requests // that were not written down yet
	journal *journal
	trouble diary // what the program warned of
}

// all puts the first events in their place, and plays the others.
func (r *replayer) all(ctx context.Context, events []replay.Event, played int, dir string, progress io.Writer) (err error) {
	again := playedAgain(events[:played])
	for _, e := range events[:played] {
		if len(again) == 0 || e.At.Before(again[0].At) {
			r.clock.reach(e.At)
		}
		if slices.Contains(again, e) {
			continue
		}
		if err := r.place(e); err != nil {
			return err
		}
	}
	if r.program, err = startReplay(ctx, r.gh, dir, surroundings{now: r.clock.now}, &r.trouble); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.program.Stop()) }()
	for _, e := range again {
		if err := r.play(ctx, e); err != nil {
			return err
		}
	}
	if played > 0 {
		r.clock.reach(events[played-1].At)
	}
	for i, e := range events[played:] {
		if err := r.play(ctx, e); err != nil {
			return fmt.Errorf("%s of %s at %s: %w", e.Kind, e.Repo, e.At.Format(time.RFC3339), err)
		}
		if e.Kind != replay.Source {
			fmt.Fprintf(progress, "%4d/%d %s %s %s %s\n", played+i+1, len(events), e.At.Format(time.RFC3339), e.Kind, e.Branch, oneLine(cmp.Or(e.Tag, e.Title)))
		}
	}
	return r.until(ctx, events[len(events)-1].At.Add(time.Hour))
}

// place puts an event that was played before in its place, without telling anybody.
func (r *replayer) place(e replay.Event) error {
	switch e.Kind {
	case replay.Start, replay.Close:
		return nil // those that are still open are played again
	case replay.Cut:
		return errors.Join(r.gh.PutRef(e.Repo, e.Branch.Ref(), e.Commit), r.cutAssumed(e))
	case replay.Tag:
		return r.gh.PutRef(e.Repo, "refs/tags/"+e.Tag, e.Commit)
	}
	return r.past(e)
}

// past makes a merged pull request of a merge, as far as its message has a number; else it was a push.
func (r *replayer) past(e replay.Event) error {
	r.merged[e.Commit] = e.At
	return r.gh.AddPast(e.Repo, sandbox.Past{Number: e.Number, Title: replayTitle(e), Body: replayBody(e), Author: e.Author.Login,
		Base: string(e.Branch), Commit: e.Commit, Merged: e.At, ApprovedBy: append([]string{replayExpert}, r.clones[e.Repo].owners...)})
}

// play plays one event, and waits until the program has nothing left to do.
func (r *replayer) play(ctx context.Context, e replay.Event) error {
	if e.Kind == replay.Source {
		r.waiting = append(r.waiting, e)
		return nil
	}
	if err := r.until(ctx, e.At.Add(-time.Minute)); err != nil {
		return err
	}
	if err := r.tellSources(); err != nil {
		return err
	}
	switch e.Kind {
	case replay.Cut:
		if err := errors.Join(r.gh.As(replayMerger).PushCommit(e.Repo, e.Branch.Ref(), e.Commit), r.cutAssumed(e)); err != nil {
			return err
		}
	case replay.Tag:
		if err := errors.Join(r.gh.As(replayMerger).PushCommit(e.Repo, "refs/tags/"+e.Tag, e.Commit), r.tagAssumed(e)); err != nil {
			return err
		}
	case replay.Merge:
		return r.merge(ctx, e)
	case replay.Start, replay.Close:
		return r.track(ctx, e)
	}
	return r.settle(ctx, e.At)
}

// tellSources pushes to the source branches what was merged there since: one push for each, however many merges it was.
func (r *replayer) tellSources() error {
	before := map[string]string{}
	for _, e := range r.waiting {
		if before[e.Repo] == "" {
			before[e.Repo] = r.gh.Branch(e.Repo, string(e.Branch))
		}
		if err := r.past(e); err != nil {
			return err
		}
	}
	r.waiting = nil
	for repo, was := range before {
		if err := r.gh.As(replayMerger).TellPush(repo, string(r.clones[repo].history.Source), was); err != nil {
			return err
		}
	}
	return nil
}

// until lets time pass, up to an instant.
func (r *replayer) until(ctx context.Context, at time.Time) error {
	for now := r.clock.now(); now.Before(at); now = r.clock.now() {
		next := now.Add(replayStep)
		if next.After(at) {
			next = at
		}
		r.clock.reach(next)
		if next.Sub(r.healed) >= replayHeal {
			r.healed = next
			if err := r.program.heal(ctx); err != nil {
				return err
			}
		}
		if err := r.settle(ctx, next); err != nil {
			return err
		}
	}
	return nil
}

// settle waits until every webhook was delivered and nothing is left that could be worked by an instant: the
// clock goes on to when retries are due, if that is before.
func (r *replayer) settle(ctx context.Context, by time.Time) error {
	for {
		err := r.gh.WaitDeliveries(ctx)
		before := r.gh.DeliveryCount()
		r.program.queue.Wake()
		err = errors.Join(err, r.program.queue.WaitIdle(ctx))
		d, derr := r.program.queue.Depth(ctx)
		// What was worked last may itself have caused a webhook.
		if err = errors.Join(err, derr, r.gh.WaitDeliveries(ctx)); err != nil {
			return err
		}
		switch {
		case r.gh.DeliveryCount() != before || d.Due+d.Running > 0:
		case d.Waiting > 0 && !d.Next.After(by):
			r.clock.reach(d.Next)
		default:
			return nil
		}
	}
}

// merge plays a change that was merged: it is proposed, whoever is asked for approves it, and it is merged as it was.
func (r *replayer) merge(ctx context.Context, e replay.Event) error {
	r.spent()
	o := replay.Outcome{Event: e, Asked: replay.Nobody}
	n, err := r.propose(ctx, e)
	if err != nil {
		return fmt.Errorf("propose %.12s of %s: %w", e.Commit, e.Branch, err)
	}
	if err := r.ask(ctx, n, &o); err != nil {
		return err
	}
	o.Doubled = r.doubled(e.Repo, n)
	if o.Origin, err = r.origin(ctx, e); err != nil {
		return err
	}
	r.clock.reach(e.At)
	if err := r.gh.As(replayManager).MergeAs(e.Repo, n, e.Commit); err != nil {
		return err
	}
	if err := r.settle(ctx, e.At.Add(time.Second)); err != nil {
		return err
	}
	if err := r.report(ctx, e); err != nil {
		return err
	}
	r.merged[e.Commit] = e.At
	o.Requests, o.Played = r.spent(), r.clock.now()
	if err := r.gh.As(replayMerger).DeleteBranch(e.Repo, replayHead(e)); err != nil {
		return err
	}
	return r.note(entry{Outcome: &o})
}

// propose opens the pull request. Who changes no release note is assumed to have the label that says so, where
// the policy has one: such a change isn't merged without.
func (r *replayer) propose(ctx context.Context, e replay.Event) (int, error) {
	pr, err := r.gh.As(e.Author.Login).OpenPR(e.Repo, sandbox.PROptions{Base: string(e.Branch), Head: replayHead(e), Title: replayTitle(e),
		Body: replayBody(e), Number: e.Number, Like: e.Commit, Message: e.Message})
	if err != nil {
		return 0, err
	}
	if r.policy.notes.Label == "" || e.Parent == "" {
		return pr.Number, nil
	}
	clone := r.clones[e.Repo].repo
	now, err := clone.DirOf(ctx, e.Commit, string(r.policy.notes.Path))
	before, berr := clone.DirOf(ctx, e.Parent, string(r.policy.notes.Path))
	if err = errors.Join(err, berr); err == nil && now == before {
		err = r.gh.As(replayExpert).AddLabel(e.Repo, pr.Number, string(r.policy.notes.Label))
	}
	return pr.Number, err
}

// replayHead is the branch that a change is proposed from.
func replayHead(e replay.Event) string { return fmt.Sprintf("change-%.12s-to-%s", e.Commit, e.Branch) }

// replayTitle is the title of a pull request, which GitHub limits.
func replayTitle(e replay.Event) string {
	title := []rune(cmp.Or(e.Title, "(no title)"))
	return string(title[:min(len(title), 250)])
}

// replayBody is the text of a pull request: what the merge's message has below its first line.
func replayBody(e replay.Event) string {
	_, rest, _ := strings.Cut(e.Message, "\n")
	return strings.TrimSpace(rest)
}

// checks are what the program's checks say of a pull request now.
func (r *replayer) checks(repo string, n int) (all []replay.Check) {
	at := map[string]int{}
	for _, run := range r.gh.CheckRuns(repo, r.gh.PR(repo, n).HeadSHA) {
		text := standInLink().ReplaceAllString(run.Summary+"\n"+run.Text, "$1")
		c := replay.ReadCheck(run.Name, cmp.Or(run.Conclusion, run.Status), run.Title, text)
		if i, seen := at[run.Name]; seen {
			all[i] = c
			continue
		}
		at[run.Name] = len(all)
		all = append(all, c)
	}
	return all
}

// standInLink is a link to the stand-in, which is gone when the report is read; its words stay.
var standInLink = lazy.Regexp(`\[([^\]]*)\]\(http://(?:127\.0\.0\.1|\[::1\]):[^)]*\)`)

// standInHost is the stand-in's address in what the program warned of.
var standInHost = lazy.Regexp(`(?:https?://)?(?:127\.0\.0\.1|\[::1\]):[0-9]+`)

// warnings are what the program warned of.
func (r *replayer) warnings() (all []string) {
	for _, w := range r.trouble.take() {
		all = append(all, standInHost().ReplaceAllString(w, "GitHub"))
	}
	return all
}

// doubled is what the program said twice of a pull request: two runs of a check on one commit, or the same comment again.
func (r *replayer) doubled(repo string, n int) (twice []string) {
	seen := map[string]bool{}
	said := func(what, text string) {
		if seen[what+text] {
			twice = append(twice, what)
		}
		seen[what+text] = true
	}
	for _, run := range r.gh.CheckRuns(repo, r.gh.PR(repo, n).HeadSHA) {
		said("check "+run.Name, "")
	}
	for _, c := range r.gh.Comments(repo, n) {
		if c.ViaApp {
			said("comment", c.Body)
		}
	}
	return twice
}

// origin asks the clone where a change comes from.
func (r *replayer) origin(ctx context.Context, e replay.Event) (o replay.Origin, err error) {
	clone := r.clones[e.Repo]
	if e.Branch == clone.history.Source {
		return o, nil
	}
	key := e.Repo + " " + string(e.Branch)
	h := r.origins[key]
	if h == nil {
		tip, err := clone.repo.ResolveBranch(ctx, e.Branch)
		if err != nil {
			return o, err
		}
		if h, err = clone.repo.LocalHistory(ctx, release.Branch(clone.history.Source), tip); err != nil {
			return o, err
		}
		r.origins[key] = h
	}
	a, err := prove(ctx, clone.repo, h, e.Commit)
	if err != nil {
		return o, err
	}
	o.Verdict = a.Verdict
	if a.Verdict == provenance.Unrelated {
		return o, nil
	}
	var last time.Time
	for _, s := range a.Sources {
		o.Commits = append(o.Commits, s.Commit)
		if at := r.merged[s.Commit]; at.After(last) {
			last = at
		}
	}
	if !last.IsZero() && e.At.After(last) {
		o.Waited = e.At.Sub(last)
	}
	return o, nil
}

// note writes down what came of an event.
func (r *replayer) note(e entry) error {
	r.spent()
	e.Hours, r.hours = r.hours, map[time.Time]replay.Requests{}
	return r.journal.add(e)
}

// spent are the program's requests since it was last asked, which it also adds to their hours.
func (r *replayer) spent() (sum replay.Requests) {
	for _, q := range r.gh.Requests() {
		var one replay.Requests
		switch {
		case strings.Contains(q.Path, "access_tokens"), q.Login != "": // once an hour; people's own
			continue
		case q.Git:
			one.Git++
		case q.Status == http.StatusNotModified:
			one.Unchanged++
		case q.Method == http.MethodGet:
			one.Reads++
		default:
			one.Writes++
		}
		sum = sum.Plus(one)
		hour := q.Time.Truncate(time.Hour)
		r.hours[hour] = r.hours[hour].Plus(one)
	}
	r.gh.ResetRequests()
	return sum
}
