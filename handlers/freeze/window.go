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

// This file is about windows that follow the milestones of a release. Such a
// window is not one freeze but one for each release that has its milestones: it
// may hold for release-1.31 and not for release-1.30, be moved for one and lifted
// for the other. Each of these is known by the window's name and the release's
// version, and has a record and an issue of its own, about that branch alone.

// occurrence is a window with its instants: of one that follows milestones, for
// one release.
type occurrence struct {
	Window
	Start, End time.Time
	Plan       *release.Plan // of the release; nil of a window by instants
}

// occurrences lists the windows as the dates of the releases have them now. A
// release that is over has none.
func occurrences(windows []Window, cal release.Calendar) []occurrence {
	var all []occurrence
	for _, w := range windows {
		if !w.follows() {
			all = append(all, occurrence{Window: w, Start: w.Start.Time(), End: w.End.Time()})
			continue
		}
		for i, p := range cal.Plans {
			start, end := p.Schedule.Day(w.Start.Milestone()), p.Schedule.Day(w.End.Milestone())
			lacks := w.Start.Milestone() != "" && start.IsZero() || w.End.Milestone() != "" && end.IsZero()
			if !p.Closed && !lacks && w.freezes(p.Branch) {
				all = append(all, occurrence{w, w.Start.On(start), w.End.On(end), &cal.Plans[i]})
			}
		}
	}
	return all
}

// follows reports whether the window begins or ends with a milestone.
func (w Window) follows() bool { return w.Start.Milestone() != "" || w.End.Milestone() != "" }

// windowID is how a window's freeze is known.
type windowID struct{ Name, Release string }

func (r Record) windowID() windowID { return windowID{r.Window, r.Release} }

func (o occurrence) id() windowID {
	if o.Plan == nil {
		return windowID{Name: o.Name}
	}
	return windowID{o.Name, o.Plan.Version.String()}
}

// asked is what stands in the place of a command in the window's record.
func (o occurrence) asked() string {
	if o.Plan == nil {
		return "window/" + o.Name
	}
	return "milestones/" + o.Plan.Version.String() + "/" + o.Name // no version has a slash
}

// record is a window's record with what the policy and the release say of it now.
func (o occurrence) record(r Record) Record {
	r.Window, r.Branches, r.Reason = o.Name, o.patterns(), o.Reason
	r.Since, r.Until = o.Start.UTC(), o.End.UTC()
	r.Release, r.Plan, r.PlanURL, r.From, r.To = "", "", "", "", ""
	if o.Plan != nil {
		r.Branches = []string{string(o.Plan.Branch)}
		r.Release, r.Plan, r.PlanURL = o.Plan.Version.String(), o.Plan.Title, o.Plan.URL
		r.From, r.To = o.Window.Start.String(), o.Window.End.String()
	}
	return r
}

// at reports whether the window holds at an instant: from its start on, and no
// longer from its end on.
func (o occurrence) at(now time.Time) bool { return !now.Before(o.Start) && now.Before(o.End) }

// withWindows brings the freezes of windows to what the policy and the calendar
// of releases say of them now, and adds the windows that have begun and have no
// issue yet. Windows are about governed branches alone, so the caller asks for no
// other.
func withWindows(freezes []Freeze, windows []Window, cal release.Calendar, now time.Time) []Freeze {
	all := occurrences(windows, cal)
	out := make([]Freeze, 0, len(freezes))
	for _, f := range freezes {
		if f.Window != "" && f.End == nil {
			f = f.follow(windows, all, cal, now)
		}
		out = append(out, f)
	}
	for _, o := range all {
		has := func(f Freeze) bool { return f.windowID() == o.id() && (f.End == nil || f.lifts(o)) }
		if o.at(now) && !slices.ContainsFunc(out, has) {
			out = append(out, Freeze{Record: o.record(Record{Asked: o.asked(), Opened: now.UTC()})})
		}
	}
	return out
}

// follow brings a window's freeze to what is said of it now. A window that is no
// longer in the policy is over, and so is that of a release that is. But a
// tracking issue that nobody finds any more, because it was deleted or moved away
// or can't be read, ends nothing: the dates stay as they were last.
func (f Freeze) follow(windows []Window, all []occurrence, cal release.Calendar, now time.Time) Freeze {
	listed := f.Release != "" && slices.ContainsFunc(windows, func(w Window) bool { return w.Name == f.Window && w.follows() })
	plan := cal.Plan(f.Release)
	i := slices.IndexFunc(all, func(o occurrence) bool { return o.id() == f.windowID() })
	switch {
	case i >= 0 && all[i].Plan == nil:
		f.Record = all[i].record(f.Record)
		return f
	case i >= 0:
		o, since := all[i], f.Since
		if f.Why = f.movedAway(o, now); f.Why == "" {
			f.Record = o.record(f.Record)
			f.Since = since // it has held from then on, wherever its beginning is moved
			return f
		}
	case listed && plan == nil:
		return f
	case listed && plan.Closed:
		f.Why = fmt.Sprintf("%s is closed", effect.Linked(effect.Inert(f.Plan, maxPlan), f.PlanURL))
	case listed:
		f.Why = fmt.Sprintf("%s has no such dates any more", effect.Linked(effect.Inert(f.Plan, maxPlan), f.PlanURL))
	}
	if f.Until.IsZero() || f.Until.After(now) {
		f.Until = now
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
	return f.End != nil && f.End.By != "" && !f.End.At.Before(o.Start)
}

// unclear says why nobody can tell whether a window holds a branch now, as a
// phrase; "" if somebody can. The calendar is read only if a window follows it.
func unclear(windows []Window, cal release.Calendar, b release.Branch) string {
	if cal.Unclear == "" || !slices.ContainsFunc(windows, func(w Window) bool { return w.follows() && w.freezes(b) }) {
		return ""
	}
	return cal.Unclear
}

// unclearWait is when to look again at a calendar that can't be read.
const unclearWait = 5 * time.Minute

// follow reports whether any of the windows follows milestones.
func (s Settings) follow() bool { return slices.ContainsFunc(s.Windows, Window.follows) }

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
func (s Settings) Notes() []string {
	var names []string
	for _, w := range s.Windows {
		if w.follows() {
			names = append(names, fmt.Sprintf("%q", w.Name))
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("freeze.windows: %s: what follows milestones freezes a branch only while a release of it has an open tracking issue with them (/release start)",
		strings.Join(names, ", "))}
}
