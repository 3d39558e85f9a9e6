package checklist

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// refresh brings a tracking issue to what is so.
func refresh(s look) reconcile.Plan {
	t := s.Tracker
	if t.End != nil && t.Issue.State == github.Closed {
		return reconcile.Plan{Reason: s.title() + " is closed", Enqueue: s.untold(t.Record)}
	}
	if s.Later != nil {
		return followed(s)
	}
	shown := effect.ReadShared(t.Issue.Body)
	is := s.withEvidence(t.Record)
	if !t.Behind {
		is = withLines(is, shown, s.Now)
	}
	said := s.seen(&is)
	plan := reconcile.Plan{Reason: s.title() + " is up to date", RequeueAt: s.tomorrow()}
	if t.Issue.State == github.Closed || t.End != nil {
		s.judgeState(&is)
	}
	changed := !sameRecord(is, t.Record)
	if changed {
		is = is.revised(func(*Record) {})
		plan.Reason = s.title() + ": " + difference(t.Record, is)
	}
	l := s.laying(is)
	l.young = s.Now.Sub(t.Issue.UpdatedAt) < settles
	parts, odd := l.parts(statusText(s, is))
	written := s.issue(is, parts)
	if t.Issue.State == github.Closed && is.End == nil {
		written.State = github.Open // which is decided here alone: others don't look at who closed it
	}
	plan.Effects = append(said, written) // first what is said, or a try that died between wouldn't say it
	if m := s.Milestone; m != nil && s.Moves && !is.Release.IsZero() && m.Due != is.Release {
		plan.Effects = append(plan.Effects, effect.MilestoneDue{Repo: s.Repo, Title: m.Title, Due: is.Release})
	}
	if len(odd) > 0 {
		// First, or a try that died between would find the ticks gone and say nothing.
		plan.Effects = append([]effect.Effect{s.note(fmt.Sprintf("odd %d %s", t.Rev, odd[0]), oddTicks(odd))}, plan.Effects...)
	}
	plan.Enqueue = s.untold(is)
	if s.Running {
		plan.RequeueAt = reconcile.Sooner(plan.RequeueAt, s.Now.Add(whileChecksRun))
	}
	if s.PutOff {
		plan.RequeueAt = reconcile.Sooner(plan.RequeueAt, s.Now.Add(goOn))
	}
	if l.young {
		plan.RequeueAt = reconcile.Sooner(plan.RequeueAt, t.Issue.UpdatedAt.Add(settles))
	}
	return closingSaid(plan, s, is)
}

// closingSaid adds what is said about a closing that was undone.
func closingSaid(plan reconcile.Plan, s look, is Record) reconcile.Plan {
	t := s.Tracker
	if t.Issue.State != github.Closed || is.End != nil {
		return plan
	}
	plan.Reason = s.title() + " was closed too early, and is opened again"
	// First, or a try that died between would find the issue open and say nothing.
	plan.Effects = append([]effect.Effect{s.note(fmt.Sprintf("closed %d", t.Issue.ClosedAt.Unix()), closedEarly(s, is))}, plan.Effects...)
	return plan
}

// judgeState takes over what somebody did to the issue's state: opened again, it
// goes on; closed, it is over if nothing is left to do.
func (s look) judgeState(is *Record) {
	t := s.Tracker
	switch {
	case t.Issue.State == github.Open:
		is.End = nil
	case len(openSteps(s.Settings, t.Version, *is)) == 0 && len(s.blocking()) == 0 && !s.Counts.Blockers.Unknown:
		is.End = &End{By: s.Closer.Login, ByID: s.Closer.ID, At: s.Now.UTC().Truncate(time.Second)}
	}
}

// withEvidence ticks what there is evidence for, and unticks what there is none
// for any more. What a person said stays.
func (s look) withEvidence(r Record) Record {
	is := r.revised(func(*Record) {})
	is.Rev = r.Rev
	s.newCandidate(&is)
	for _, step := range s.template().Steps {
		f, looked := s.Found[step.ID]
		if step.Probe.NoBlockers { // which is so long before anybody looks for some
			f = f.after(undone(is, step))
		}
		state, has := is.Steps[step.ID]
		switch {
		case !looked || f.Unknown || state.byHand():
		case f.Yes && (state.Status != StepDone || state.Evidence != f.What || state.URL != f.URL || state.More != is.room(step.ID, f.more())):
			at := s.Now.UTC().Truncate(time.Second)
			if state.Status == StepDone {
				at = state.At
			}
			is.Steps[step.ID] = State{Status: StepDone, At: at, Evidence: f.What, URL: f.URL, More: is.room(step.ID, f.more())}
		case !f.Yes && has && state.Status == StepDone:
			is.Steps[step.ID] = State{At: s.Now.UTC().Truncate(time.Second), Reason: gone(state, f)}
		}
	}
	return is
}

// after is evidence that counts only once other steps are done.
func (f found) after(open []string) found {
	if len(open) > 0 {
		f.Yes, f.Unknown, f.Waits = false, false, open
	}
	return f
}

// withLines opens the steps again that were dropped and whose lines are there
// again. The record isn't changed, but copied.
func withLines(r Record, shown effect.Shown, now time.Time) Record {
	r.Steps = maps.Clone(r.Steps)
	for id, state := range r.Steps {
		if _, there := shown.Items[id]; there && state.Status == StepDropped {
			r.Steps[id] = State{At: now.UTC().Truncate(time.Second), Reason: "open again: its line is there again"}
		}
	}
	return r
}

// The most that is kept of the addresses of evidence beside the first: of a step, and
// of all steps together, in bytes. An issue takes 65,536 characters.
const (
	maxLinks    = 12
	maxAllLinks = 6000
)

// more are the addresses of the evidence beside the first.
func (f found) more() string {
	var more []string
	for _, link := range f.Links {
		if link != f.URL && len(more) < maxLinks && !slices.Contains(more, link) && !strings.ContainsAny(link, " \n") {
			more = append(more, link)
		}
	}
	return strings.Join(more, " ")
}

// room is what there is room for of a step's further addresses: all or none.
func (r Record) room(step, more string) string {
	all := len(more)
	for id, state := range r.Steps {
		if id != step {
			all += len(state.More)
		}
	}
	if all > maxAllLinks {
		return ""
	}
	return more
}

// newCandidate notes that the release is out, and opens the steps again that hold for
// one release candidate only. Both are tags, and tags are never taken back.
func (s look) newCandidate(is *Record) {
	tagged := s.Tracker.Version.Scheme.OfTags(s.Tags)
	is.Out = is.Out || slices.Contains(tagged, s.Tracker.Version)
	newest, _ := s.Tracker.Version.Scheme.Recorded(is.Candidate)
	for _, v := range tagged {
		if v.Stage == release.Candidate && v.Final() == s.Tracker.Version && v.Compare(newest) > 0 {
			newest = v
		}
	}
	if newest == (release.Version{}) || is.Candidate == newest.String() {
		return
	}
	is.Candidate, is.CandidateAt = newest.String(), s.Now.UTC().Truncate(time.Second)
	for _, step := range s.template().Steps {
		if state := is.Steps[step.ID]; step.PerCandidate && state.ticked() && state.Candidate != is.Candidate {
			is.Steps[step.ID] = State{At: s.Now.UTC().Truncate(time.Second), Reason: "open again for " + is.Candidate}
		}
	}
}

// tooEarly says why nobody may tick a step yet, "" if somebody may. The time runs
// from the last of what it needs, and of a step that each release candidate opens
// again from when the newest was seen. What was skipped of what it needs never ran;
// its time is that of the skipping, since whoever skips it says that it may go on.
func tooEarly(r Record, step Step, at time.Time) string {
	if step.Wait == 0 {
		return ""
	}
	if open := undone(r, step); len(open) > 0 {
		return fmt.Sprintf("the steps %s, which have to run for %s first, are open", effect.Codes(open), step.Wait)
	}
	var from time.Time
	after := ""
	later := func(at time.Time, what string) {
		if at.After(from) {
			from, after = at, what
		}
	}
	for _, need := range step.Needs {
		state, what := r.Steps[need], effect.Code(need)
		if state.Status == StepSkipped {
			what += " was skipped"
		}
		later(state.At, what)
	}
	if step.PerCandidate && r.Candidate != "" {
		later(r.CandidateAt, fmt.Sprintf("%s was seen", effect.Code(r.Candidate)))
	}
	if ready := from.Add(time.Duration(step.Wait)); ready.After(at) {
		return fmt.Sprintf("it may be ticked from %s on, %s after %s", ready.UTC().Format("2006-01-02 15:04 UTC"), step.Wait, after)
	}
	return ""
}

// sameRecord compares records but for their versions.
func sameRecord(a, b Record) bool {
	a.Rev = b.Rev
	return string(a.marshal()) == string(b.marshal())
}

// difference says which steps changed, for the log.
func difference(was, is Record) string {
	var said []string
	for id, now := range is.Steps {
		switch before := was.Steps[id]; {
		case now.settled() && !before.settled():
			said = append(said, id+" is done")
		case !now.settled() && before.settled():
			said = append(said, id+" is open again")
		}
	}
	if slices.Sort(said); len(said) == 0 {
		return "it changed"
	}
	return strings.Join(said, ", ")
}

// openSteps are those that nobody and nothing has settled.
func openSteps(s Settings, v release.Version, r Record) []Step {
	var open []Step
	for _, step := range s.template(v).Steps {
		if !r.Steps[step.ID].settled() {
			open = append(open, step)
		}
	}
	return open
}
