package freeze

import (
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file says what is frozen, from the freezes, the policy's windows and the
// time, and nothing else.

// withWindows brings the freezes of windows to what the policy says of them
// now, and adds the windows that have begun and have no issue yet. A window
// that is no longer in the policy is over. Windows are about governed branches
// alone, so the caller asks for no other.
func withWindows(freezes []Freeze, windows []Window, now time.Time) []Freeze {
	s := Settings{Windows: windows}
	out := make([]Freeze, 0, len(freezes))
	for _, f := range freezes {
		if w := s.window(f.Window); f.Window != "" && w != nil && f.End == nil {
			f.Record = w.record(f.Record)
		} else if f.Window != "" && w == nil && f.End == nil && (f.Until.IsZero() || f.Until.After(now)) {
			f.Until = now
		}
		out = append(out, f)
	}
	for _, w := range windows {
		has := func(f Freeze) bool { return f.Window == w.Name && (f.End == nil || f.lifts(w)) }
		if w.at(now) && !slices.ContainsFunc(out, has) {
			out = append(out, Freeze{Record: w.record(Record{Asked: "window/" + w.Name, Opened: now.UTC()})})
		}
	}
	return out
}

// record is a window's record with what the policy says of it now.
func (w Window) record(r Record) Record {
	r.Window, r.Branches, r.Reason = w.Name, w.patterns(), w.Reason
	r.Since, r.Until = w.Start.Time().UTC(), w.End.Time().UTC()
	return r
}

// at reports whether the window holds at an instant: from its start on, and no
// longer from its end on.
func (w Window) at(now time.Time) bool {
	return !now.Before(w.Start.Time()) && now.Before(w.End.Time())
}

// lifts reports whether a freeze that has ended says that somebody lifted the
// window for this time. One that ended by itself doesn't: its end was moved
// since. Nor does one of an earlier window of the same name.
func (f Freeze) lifts(w Window) bool {
	return f.End != nil && f.End.By != "" && !f.End.At.Before(w.Start.Time())
}

// over reports whether the freeze is, for all its branches.
func (f Freeze) over(now time.Time) bool {
	return f.End != nil || !f.Until.IsZero() && !now.Before(f.Until)
}

// holds reports whether the freeze is in force for a governed branch. One whose
// issue was closed by hand is, until it has been looked at who did it.
func (f Freeze) holds(b release.Branch, now time.Time) bool {
	switch {
	case f.Altered:
		return true
	case f.over(now) || now.Before(f.Since) && f.Window != "":
		return false
	}
	thawed := func(t Thaw) bool { return t.Branch == b }
	return matches(f.Branches, b) && !slices.ContainsFunc(f.Thaws, thawed)
}

// anyBranch is the pattern that every branch fits, however many parts its name has.
const anyBranch = "**"

// holding picks the freezes that are in force for a branch, those that can be
// read first: they say more.
func holding(freezes []Freeze, b release.Branch, now time.Time) []Freeze {
	var held []Freeze
	for _, f := range freezes {
		if f.holds(b, now) {
			held = append(held, f)
		}
	}
	slices.SortStableFunc(held, func(a, b Freeze) int {
		switch {
		case a.Altered == b.Altered:
			return 0
		case a.Altered:
			return 1
		}
		return -1
	})
	return held
}

// endFor is when the freeze ended for a branch; zero while it goes on.
func (f Freeze) endFor(b release.Branch) time.Time {
	end := f.Until
	if f.End != nil {
		end = f.End.At
	}
	for _, t := range f.Thaws {
		if t.Branch == b && (end.IsZero() || t.At.Before(end)) {
			end = t.At
		}
	}
	return end
}

// thawedWhole reports whether a freeze of named branches has been thawed for
// each of them.
func (f Freeze) thawedWhole() bool {
	if f.Window != "" || f.Altered {
		return false
	}
	return !slices.ContainsFunc(f.Branches, func(name string) bool {
		return !slices.ContainsFunc(f.Thaws, func(t Thaw) bool { return string(t.Branch) == name })
	})
}

// nextEdge is the first instant after now at which something begins or ends;
// zero for none.
func nextEdge(freezes []Freeze, windows []Window, now time.Time) time.Time {
	var next time.Time
	consider := func(t time.Time) {
		if t.After(now) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for _, f := range freezes {
		if f.End == nil && !f.Altered {
			consider(f.Until)
		}
	}
	for _, w := range windows {
		consider(w.Start.Time())
		consider(w.End.Time())
	}
	return next
}

// exemption finds the row that lets a pull request through a freeze.
func (f Freeze) exemption(pr github.PullRequest, now time.Time) (Exemption, bool) {
	i := slices.IndexFunc(f.Exemptions, func(e Exemption) bool { return e.covers(pr, now) })
	if i < 0 {
		return Exemption{}, false
	}
	return f.Exemptions[i], true
}
