package freeze

import (
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file says when windows are: each comes to occurrences, and each of these is one
// freeze, with a record and an issue of its own. A window from one instant to another has
// one. One that follows milestones has one for each release, known by its version (window.go).
// One that comes each week, or is on days, has one for each stretch of time, known by the day
// on which that begins; one of a calendar that begins within a day by that instant, since a day
// may have several.

// occurrence is a window with its instants.
type occurrence struct {
	Window
	Start, End time.Time
	about      []string      // patterns of branches
	Day        string        // on which it begins, or the instant, of a window with several
	events     []string      // what its calendar calls it
	Plan       *release.Plan // of the release; nil of a window without one
}

// occurrences lists the windows as the policy and the dates of the releases have them now.
// A release that is over has none. Of those that come again and again, it is those that
// aren't over and have been announced, and the next one.
func (s state) occurrences() []occurrence {
	var all []occurrence
	for _, w := range s.Settings.Windows {
		switch {
		case w.follows():
			all = append(all, s.byMilestones(w)...)
		case w.Every.Given() || len(w.Days) > 0 || w.Calendar.Given():
			all = append(all, s.again(w)...)
		default:
			all = append(all, occurrence{Window: w, Start: w.Start.Time(), End: w.End.Time(), about: w.patterns()})
		}
	}
	return all
}

func (s state) byMilestones(w Window) (all []occurrence) {
	for i, p := range s.Calendar.Plans {
		start, end := p.Schedule.Day(w.Start.Milestone()), p.Schedule.Day(w.End.Milestone())
		lacks := w.Start.Milestone() != "" && start.IsZero() || w.End.Milestone() != "" && end.IsZero()
		var about []string
		if w.freezes(p.Branch) {
			about = append(about, string(p.Branch))
		}
		// What is prepared there is the next minor release; a patch release comes of its branch.
		if source := string(s.Source); source != "" && p.Version.Patch == 0 && slices.Contains(w.patterns(), source) && source != string(p.Branch) {
			about = append(about, source)
		}
		if !p.Closed && !lacks && len(about) > 0 {
			all = append(all, occurrence{Window: w, Start: w.Start.On(start), End: w.End.On(end), about: about, Plan: &s.Calendar.Plans[i]})
		}
	}
	return all
}

// again lists the occurrences of a window that has several.
func (s state) again(w Window) (all []occurrence) {
	var spans []release.Span
	ahead := w.Announce.Std()
	if w.Every.Given() {
		spans = w.Every.Spans(w.To, s.Now, ahead)
	} else {
		for _, d := range w.Days {
			spans = append(spans, d.Span())
		}
		spans = release.Upcoming(release.Spans(append(spans, s.file(w).Spans(s.Now)...)), s.Now, ahead)
	}
	for _, one := range spans {
		o := occurrence{Window: w, Start: one.Start, End: one.End, about: w.patterns(), events: one.Names}
		day := release.DateOf(one.Start, w.zone())
		o.Day = day.String()
		if !w.Every.Given() && !one.Start.Equal(day.First(0, w.zone())) {
			o.Day = one.Start.UTC().Format(time.RFC3339) // UTC: clocks may show a time twice
		}
		all = append(all, o)
	}
	return all
}

// zone is that of the days on which its occurrences begin.
func (w Window) zone() *time.Location {
	switch {
	case w.Every.Given():
		return w.Every.Zone()
	case len(w.Days) > 0:
		return w.Days[0].Zone()
	}
	return w.Calendar.Zone()
}

// windowID is how a window's freeze is known.
type windowID struct{ Name, Release, Day string }

func (r Record) windowID() windowID { return windowID{r.Window, r.Release, r.Day} }

func (o occurrence) id() windowID {
	id := windowID{Name: o.Name, Day: o.Day}
	if o.Plan != nil {
		id.Release = o.Plan.Version.String()
	}
	return id
}

// is reports whether a record is that of the occurrence. Records were known by the day alone
// once, also where it has several: such a one is that which begins when it does.
func (o occurrence) is(r Record) bool {
	if r.windowID() == o.id() {
		return true
	}
	return !o.Every.Given() && o.Day != "" && r.Window == o.Name && r.Day == release.DateOf(o.Start, o.zone()).String() && r.Since.Equal(o.Start)
}

// asked is what stands in the place of a command in the window's record.
func (o occurrence) asked() string {
	switch {
	case o.Plan != nil:
		return "milestones/" + o.Plan.Version.String() + "/" + o.Name // no version has a slash
	case o.Day != "":
		return "days/" + o.Day + "/" + o.Name
	}
	return "window/" + o.Name
}

// record is a window's record with what the policy and the release say of it now.
func (o occurrence) record(r Record) Record {
	r.Window, r.Branches, r.Reason, r.Day = o.Name, o.about, o.reason(), o.Day
	r.Since, r.Until = o.Start.UTC(), o.End.UTC()
	r.Release, r.Plan, r.PlanURL, r.From, r.To = "", "", "", "", ""
	r.Paths, r.Labels, r.Owners = asTexts(o.Paths), asTexts(o.Labels), o.Owners.Written()
	if o.Plan != nil {
		r.Release, r.Plan, r.PlanURL = o.Plan.Version.String(), o.Plan.Title, o.Plan.URL
		r.From, r.To = o.Window.Start.String(), o.Window.End.String()
	}
	return r
}

// reason is the window's, and what its calendar calls these days.
func (o occurrence) reason() string {
	days := effect.Cut(strings.Join(o.events, ", "), maxReason)
	switch {
	case days == "":
		return o.Reason
	case o.Reason == "":
		return days
	}
	return o.Reason + " (" + days + ")"
}

func asTexts[T ~string](list []T) (out []string) {
	for _, one := range list {
		out = append(out, string(one))
	}
	return out
}

// announced is when its issue opens.
func (o occurrence) announced() time.Time { return o.Start.Add(-o.Announce.Std()) }

// due reports whether it is to have an issue.
func (o occurrence) due(now time.Time) bool {
	return !now.Before(o.announced()) && now.Before(o.End) && o.Start.Before(o.End)
}

// withWindows brings the freezes of windows to what the policy and the dates
// say of them now, and adds the windows that have begun, or are announced, and have no
// issue yet. Windows are about governed branches alone, so the caller asks for no
// other.
func (s state) withWindows(freezes []Freeze) []Freeze {
	all := s.occurrences()
	out := make([]Freeze, 0, len(freezes))
	for _, f := range freezes {
		if f.Window != "" && f.End == nil {
			f = s.follow(f, all)
		}
		out = append(out, f)
	}
	for _, o := range all {
		has := func(f Freeze) bool { return o.is(f.Record) && (f.End == nil || f.lifts(o)) }
		if !o.due(s.Now) || slices.ContainsFunc(out, has) {
			continue
		}
		r := Record{Asked: o.asked(), Opened: s.Now.UTC()}
		if s.Now.Before(o.Start) {
			r.SetAt = s.Now.UTC()
		}
		out = append(out, Freeze{Record: o.record(r), Exceptions: o.Exceptions})
	}
	return out
}
