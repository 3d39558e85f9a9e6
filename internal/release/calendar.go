package release

import (
	"slices"
	"time"
)

// Plan is a release with its dates, as its tracking issue has them now.
type Plan struct {
	Version  Version // the final one
	Branch   Branch
	Schedule Schedule
	Reached
	Closed bool   // the release is over, or given up
	Title  string // of the tracking issue, for people, like its URL
	URL    string
}

// Calendar is what the tracking issues of a repository's releases say. The zero
// Calendar is that of a repository without any.
type Calendar struct {
	Plans []Plan
	Zone  *time.Location // in which days begin; nil for UTC
	// Unclear says why not all tracking issues are known, as a phrase that
	// completes "..., because"; "" if all are. Gates fail closed then.
	Unclear string
	Cause   string // the same, for the log
}

func (c Calendar) zone() *time.Location {
	if c.Zone == nil {
		return time.UTC
	}
	return c.Zone
}

// Minor is the plan that decides the phase of a branch: that of its minor
// release, the open one if there are several; nil for none. Patch releases don't
// change what a branch lets in.
func (c Calendar) Minor(b Branch) *Plan {
	var found *Plan
	for i, p := range c.Plans {
		if p.Branch == b && p.Version.Patch == 0 && (found == nil || found.Closed && !p.Closed) {
			found = &c.Plans[i]
		}
	}
	return found
}

// Plan is that of a version, be it a closed one; nil for none.
func (c Calendar) Plan(version string) *Plan {
	i := slices.IndexFunc(c.Plans, func(p Plan) bool { return p.Version.String() == version })
	if i < 0 {
		return nil
	}
	return &c.Plans[i]
}

// PhaseSpan is the phase of a branch, and how long it lasts.
type PhaseSpan struct {
	Phase Phase
	Until time.Time // when the next phase begins by the dates; zero for never
	Next  Phase     // that one
}

// PhaseAt is the phase of a plan's branch at an instant. Once the release is over,
// its branch is released, whatever the days say.
func (c Calendar) PhaseAt(p Plan, now time.Time) PhaseSpan {
	today := DateOf(now, c.zone())
	s := PhaseSpan{Phase: p.Schedule.Phase(today, p.Reached)}
	if p.Closed && s.Phase.Before(ReleasedPhase) {
		s.Phase = ReleasedPhase
	}
	for _, d := range p.Schedule.Dates() { // in the order of their days
		if !p.Closed && d.Phase != "" && s.Phase.Before(d.Phase) && p.Schedule.awaited(d.Phase, p.Reached) {
			break // no day ends this one
		}
		if d.Phase != "" && d.Day.Compare(today) > 0 && s.Phase.Before(d.Phase) {
			s.Next, s.Until = d.Phase, d.Day.Begins(c.zone())
			break
		}
	}
	return s
}
