package freeze

import (
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file says what is frozen, from the freezes and the time, and nothing else.

// over reports whether the freeze is, for all its branches.
func (f Freeze) over(now time.Time) bool {
	return f.End != nil || !f.Until.IsZero() && !now.Before(f.Until)
}

// holds reports whether the freeze is in force for a governed branch. One whose
// issue was closed by hand is, until it has been looked at who did it.
func (f Freeze) holds(b release.Branch, now time.Time) bool {
	switch {
	case f.Tampered:
		return true
	case !f.begun(now):
		return false
	}
	return f.concerns(b, now)
}

// begun reports whether the freeze has. One by a command that was to begin at once has,
// whatever the clocks of GitHub and ours make of that second.
func (f Freeze) begun(now time.Time) bool {
	return !now.Before(f.Since) || f.Window == "" && f.SetAt.IsZero()
}

// concerns reports whether the freeze holds a branch, or will.
func (f Freeze) concerns(b release.Branch, now time.Time) bool {
	if f.Tampered || f.over(now) {
		return f.Tampered
	}
	thawed := func(t Thaw) bool { return t.Branch == b }
	return f.about(b) && !slices.ContainsFunc(f.Thaws, thawed)
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
		case a.Tampered == b.Tampered:
			return 0
		case a.Tampered:
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
// each of them. One of all holds those that are cut later, so it ends as a whole alone.
func (f Freeze) thawedWhole() bool {
	if f.Window != "" && f.Release == "" || f.Tampered || f.All {
		return false
	}
	return !slices.ContainsFunc(f.Branches, func(name string) bool {
		return !slices.ContainsFunc(f.Thaws, func(t Thaw) bool { return string(t.Branch) == name })
	})
}

// partial reports a freeze that holds only some pull requests of its branches.
func (r Record) partial() bool { return len(r.Paths) > 0 || len(r.Labels) > 0 }

// whole leaves out those freezes that hold only some pull requests.
func whole(held []Freeze) []Freeze {
	return slices.DeleteFunc(held, func(f Freeze) bool { return f.partial() && !f.Tampered })
}

// nextEdge is the first instant after now at which something begins or ends;
// zero for none.
func nextEdge(freezes []Freeze, windows []occurrence, now time.Time) time.Time {
	var next time.Time
	consider := func(t time.Time) {
		if t.After(now) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for _, f := range freezes {
		if f.End == nil && !f.Tampered {
			consider(f.Since)
			consider(f.Until)
		}
	}
	for _, w := range windows {
		consider(w.announced())
		consider(w.Start)
		consider(w.End)
	}
	return next
}

// exemption finds the row that lets a pull request through a freeze.
func (f Freeze) exemption(k known) (Exemption, bool) {
	i := slices.IndexFunc(f.Exemptions, func(e Exemption) bool {
		pr := k.PR
		if k.same(e.Commit) {
			pr.Head = e.Commit
		}
		return e.covers(pr, k.Now)
	})
	if i < 0 {
		return Exemption{}, false
	}
	return f.Exemptions[i], true
}
