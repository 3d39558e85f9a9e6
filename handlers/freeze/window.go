package freeze

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file is about windows that follow the milestones of a release, and about what becomes
// of a window's freeze when the policy or the dates change. Such a
// window is not one freeze but one for each release that has its milestones: it
// may hold for release-1.31 and not for release-1.30, be moved for one and lifted
// for the other. Each of these is known by the window's name and the release's
// version, and has a record and an issue of its own, about that branch alone.

// follows reports whether the window begins or ends with a milestone.
func (w Window) follows() bool { return w.Start.Milestone() != "" || w.End.Milestone() != "" }

// follow brings a window's freeze to what is said of it now. A window that is no
// longer in the policy is over, and so is that of a release that is. But a
// tracking issue that nobody finds any more, because it was deleted or moved away
// or can't be read, ends nothing: the dates stay as they were last. So it is with a
// calendar that can't be read.
func (s state) follow(f Freeze, all []occurrence) Freeze {
	n := slices.IndexFunc(s.Settings.Windows, func(w Window) bool { return w.Name == f.Window })
	if n >= 0 {
		f.Exceptions = s.Settings.Windows[n].Exceptions
	}
	listed := f.Release != "" && n >= 0 && s.Settings.Windows[n].follows()
	plan := s.Calendar.Plan(f.Release)
	i := slices.IndexFunc(all, func(o occurrence) bool { return o.is(f.Record) })
	switch {
	case i >= 0 && (all[i].Plan == nil || !f.begun(s.Now)):
		f.Record = all[i].record(f.Record)
		return f
	case i >= 0:
		o, since := all[i], f.Since
		if f.Why = f.movedAway(o, s.Now); f.Why == "" {
			f.Record = o.record(f.Record)
			f.Since = since // it has held from then on, wherever its beginning is moved
			return f
		}
	case n >= 0 && f.Day != "" && s.file(s.Settings.Windows[n]).Unclear != "":
		return f
	case listed && plan == nil:
		return f
	case listed && plan.Closed:
		f.Why = fmt.Sprintf("%s is closed", effect.Linked(effect.Inert(f.Plan, maxPlan), f.PlanURL))
	case listed:
		f.Why = fmt.Sprintf("%s has no such dates any more", effect.Linked(effect.Inert(f.Plan, maxPlan), f.PlanURL))
	case !f.Until.After(s.Now):
	case n < 0:
		f.Why = "the policy has no such window any more"
	case f.Day != "":
		f.Why = "the window has no such time any more"
	}
	if f.Until.IsZero() || f.Until.After(s.Now) {
		f.Until = s.Now
	}
	return f
}

// movedAway says why a freeze that was in force by its dates no longer is, as a
// phrase; "" if it is, or if its end has come as it was.
func (f Freeze) movedAway(o occurrence, now time.Time) string {
	moved := func(m config.Moment, at time.Time) string {
		return fmt.Sprintf("%s of %s was moved to %s", effect.Code(m.String()), effect.Linked(effect.Inert(o.Plan.Title, maxPlan), o.Plan.URL), instant(at))
	}
	switch {
	case now.Before(o.Start):
		return moved(o.Window.Start, o.Start)
	case !now.Before(o.End) && f.Until.After(now):
		return moved(o.Window.End, o.End)
	}
	return ""
}

// maxPlan is how much of a tracking issue's title is shown, in characters.
const maxPlan = 80

// lifts reports whether a freeze that has ended says that somebody lifted the
// window for this time. One that ended by itself doesn't: its dates were moved
// since. Nor does one of an earlier window of the same name.
func (f Freeze) lifts(o occurrence) bool {
	return f.End != nil && f.End.By != "" && (!f.End.At.Before(o.Start) || o.Day != "" || !f.SetAt.IsZero() && f.Since.Equal(o.Start))
}

// doubts are the freezes that may hold a branch, as nobody can tell: each is its window as if it
// held, so that it is about no more than that. Why says why nobody can.
func (s state) doubts(b release.Branch) (all []Freeze) {
	for _, w := range s.Settings.Windows {
		why := s.file(w).Unclear
		if w.follows() {
			why = s.Calendar.Unclear
		}
		if why != "" && w.freezes(b) {
			all = append(all, Freeze{Record: occurrence{Window: w, about: w.patterns(), Start: s.Now}.record(Record{}), Exceptions: w.Exceptions, Why: why})
		}
	}
	return all
}

// unclearWait is when to look again at what can't be read.
const unclearWait = 5 * time.Minute

// ValidateMilestones implements the contract of config.MilestoneValidator.
func (s Settings) ValidateMilestones(schedules [][]release.Milestone) error {
	var known []string
	for _, list := range schedules {
		for _, m := range list {
			if !slices.Contains(known, m.Name) {
				known = append(known, m.Name)
			}
		}
	}
	var faults []error
	for i, w := range s.Windows {
		at := func(key string, err error) {
			faults = append(faults, config.At(fmt.Sprintf("windows[%d].%s", i, key), err))
		}
		start, end := w.Start.Check(known), w.End.Check(known)
		switch {
		case start != nil || end != nil:
			if start != nil {
				at("start", start)
			}
			if end != nil {
				at("end", end)
			}
		case w.Start.Milestone() == "" || w.End.Milestone() == "":
		case !slices.ContainsFunc(schedules, w.fits):
			at("end", fmt.Errorf("no schedule has both %q and %q, so the window would freeze nothing", w.Start.Milestone(), w.End.Milestone()))
		case slices.ContainsFunc(schedules, w.reversed):
			at("end", fmt.Errorf("%s is not after the start, %s", w.End, w.Start))
		}
	}
	return errors.Join(faults...)
}

// ends are the milestones of a schedule with which the window begins and ends.
func (w Window) ends(schedule []release.Milestone) (start, end release.Milestone) {
	for _, m := range schedule {
		if m.Name == w.Start.Milestone() {
			start = m
		}
		if m.Name == w.End.Milestone() {
			end = m
		}
	}
	return start, end
}

func (w Window) fits(schedule []release.Milestone) bool {
	start, end := w.ends(schedule)
	return start.Name != "" && end.Name != ""
}

// reversed reports whether by a schedule the window would end before it begins.
// Of days that are counted from the cut and from the release nobody knows.
func (w Window) reversed(schedule []release.Milestone) bool {
	start, end := w.ends(schedule)
	if !w.fits(schedule) || start.At.From != end.At.From {
		return false
	}
	epoch := release.DateOf(time.Unix(0, 0), time.UTC)
	return !w.End.On(epoch.Plus(end.At.Days)).After(w.Start.On(epoch.Plus(start.At.Days)))
}

// Notes implements the contract of config.Noter.
func (s Settings) Notes() (notes []string) {
	var names, files, hosts []string
	for _, w := range s.Windows {
		switch {
		case w.follows():
			names = append(names, fmt.Sprintf("%q", w.Name))
		case w.Calendar.Host() != "":
			if !slices.Contains(hosts, w.Calendar.Host()) {
				hosts = append(hosts, w.Calendar.Host())
			}
		case w.Calendar.Given() && !slices.Contains(files, w.Calendar.String()):
			files = append(files, w.Calendar.String())
		}
	}
	if len(names) > 0 {
		notes = append(notes, fmt.Sprintf("freeze.windows: %s: what follows milestones freezes a branch only while a release of it has an open tracking issue with them (/release start)",
			strings.Join(names, ", ")))
	}
	if len(files) > 0 {
		notes = append(notes, fmt.Sprintf("freeze.windows: %s: a calendar is another file, and was not looked at here (slipway validate FILE.ics)", strings.Join(files, ", ")))
	}
	if len(hosts) > 0 {
		notes = append(notes, fmt.Sprintf("freeze.windows: calendars at %s: an address can't be looked at here. Slipway fetches it only if its deployment lists it (the setting calendars); the check slipway/policy of a proposal says whether it does",
			strings.Join(hosts, ", ")))
	}
	return notes
}
