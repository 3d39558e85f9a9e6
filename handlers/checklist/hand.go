package checklist

import (
	"fmt"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// byHand takes over what somebody edited who may, and says it to whoever may not;
// the issue is then put back by the look at all of it that comes next.
func byHand(s Snapshot) reconcile.Plan {
	t, e := *s.Tracker, s.Subject.edit
	plan := reconcile.Plan{Then: []reconcile.Key{trackerKey(s.Key.Repo, t.Issue.Number)}}
	var is Record
	var note string
	if s.Subject.kind == kindDates {
		is, note = s.editDates(t)
	} else {
		is, note = s.editStep(t)
	}
	what := "step " + e.step
	if s.Subject.kind == kindDates {
		what = "the dates"
		plan.Then = append([]reconcile.Key{movedKey(s.Key.Repo, t.Issue.Number)}, plan.Then...)
	}
	if note != "" {
		plan.Why = fmt.Sprintf("%s may not change %s of %s so", e.who.Login, what, titleOf(s.Settings, t.Version))
		plan.Effects = []effect.Effect{effect.Comment{
			Repo: s.Key.Repo, Number: t.Issue.Number, Mark: effect.Mark{Kind: "release-note", ID: s.Key.ID}, Body: note,
		}}
	}
	if is.Rev == t.Rev && note == "" {
		plan.Why = fmt.Sprintf("%s of %s: nothing changes", what, titleOf(s.Settings, t.Version))
		return plan
	}
	if note == "" {
		plan.Why = fmt.Sprintf("%s changed %s of %s", e.who.Login, what, titleOf(s.Settings, t.Version))
	}
	l := laying{s: s.Settings, v: t.Version, was: t.Record, is: is, shown: effect.ReadShared(t.Issue.Body), young: true}
	if note != "" || s.Subject.kind == kindDates {
		l = l.without(s.Subject) // nobody need be told of it any more
	}
	parts, _ := l.parts("")
	plan.Effects = append(plan.Effects, t.issue(s.place(), s.Settings, is, parts))
	return plan
}

// without has an edit put back: its part counts as if nobody had touched it.
func (l laying) without(sub subject) laying {
	if sub.kind == kindDates {
		delete(l.shown.Blocks, blockDates)
		return l
	}
	was := l.was.Steps[sub.edit.step]
	l.shown.Items[sub.edit.step] = effect.ShownItem{Ticked: was.Done || was.Skipped}
	return l
}

// editStep is a record after somebody ticked, unticked or deleted a step's line,
// or why not.
func (s Snapshot) editStep(t Tracker) (Record, string) {
	e := s.Subject.edit
	step, known := s.Settings.template(t.Version).step(e.step)
	state := t.Steps[e.step]
	switch {
	case !known || state.At.After(e.at): // somebody has said something else since
		return t.Record, ""
	case !s.Standing.manages && !s.Standing.owns, e.did == edDelete && !s.Standing.manages:
		return t.Record, mayNotStep(s, step)
	}
	if why := tooEarly(t.Record, step, e.at); why != "" && e.did == edTick {
		return t.Record, notYet(s, step, why)
	}
	next := State{By: e.who.Login, ByID: e.who.ID, At: e.at}
	switch e.did {
	case edTick:
		next.Done, next.Candidate = true, candidateOf(t.Record, step)
	case edDelete:
		next.Dropped = true
	}
	if next.Done == state.Done && next.Dropped == state.Dropped && !state.Skipped {
		return t.Record, ""
	}
	return t.revised(func(r *Record) { r.Steps[e.step] = next }), ""
}

// editDates is a record after somebody edited the table of dates, or why not.
func (s Snapshot) editDates(t Tracker) (Record, string) {
	block, there := effect.ReadShared(t.Issue.Body).Blocks[blockDates]
	if !there || hashOf(block) != s.Subject.edit.hash || same(block, datesText(s.Settings, t.Version, t.Record)) {
		return t.Record, ""
	}
	if !s.Standing.manages {
		return t.Record, mayNotDates(s)
	}
	days, err := readDates(block)
	if err != nil {
		return t.Record, badDates(err.Error())
	}
	template := s.Settings.template(t.Version)
	now := t.schedule(template)
	is := t.revised(func(r *Record) {
		for _, d := range now.Dates() {
			if day, given := days[d.Name]; given && day != d.Day {
				r.move(template, d.Name, day)
			}
		}
	})
	if fault := is.schedule(template).Fault(); fault != "" {
		return t.Record, badDates(effect.Inert(fault, maxFault))
	}
	return is, ""
}

// candidateOf is the release candidate for which a step is settled now.
func candidateOf(r Record, step Step) string {
	if !step.PerCandidate {
		return ""
	}
	return r.Candidate
}
