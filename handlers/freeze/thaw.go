package freeze

import (
	"slices"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file ends freezes. They add up: one manager's thaw doesn't end what another asked for
// without naming it.

func decideThaw(f callFacts) command.Outcome {
	out := command.Outcome{Result: command.Done}
	thaw := Thaw{By: f.Call.Author.Login, ByID: f.Call.Author.ID, At: f.Call.At.UTC(), Asked: f.Call.Asked()}
	if unknown := f.unknownIssues(); len(unknown) > 0 {
		return command.Outcome{Result: command.Invalid, Reply: namedInVain(f, unknown, f.stillHeld(nil))}
	}
	meant := f.meantToThaw(thaw)
	vain := f.namedInVain(meant)
	var thawed []release.Branch
	var ended []Freeze
	for _, have := range f.Freezes {
		if have.Tampered && f.Not[have.Asked] {
			continue
		}
		if have.Tampered {
			anew, now, _ := thawIn(f.saidAnew(have), f, f.Branches, thaw)
			out.Effects, thawed, ended = append(out.Effects, f.issue(anew)), append(thawed, now...), append(ended, have)
			continue
		}
		after, now, before := thawIn(have, f, meant[have.Asked], thaw)
		thawed = append(thawed, append(now, before...)...)
		if len(now)+len(before) > 0 {
			ended = append(ended, have)
		}
		ends := after.End != nil && have.End == nil
		if len(now) > 0 || ends {
			out.Effects = append(out.Effects, f.issue(after))
		}
		if ends && have.All { // those of it that were thawed before, too: cut anew they would be held
			thawed = append(thawed, meant[have.Asked]...)
		}
	}
	slices.Sort(thawed)
	thawed = slices.Compact(thawed)
	still := f.stillHeld(meant)
	switch _, mended := f.mendable(); {
	case len(thawed) == 0 && len(f.notTheirs(thaw)) > 0:
		return command.Outcome{Result: command.Refused, Reply: thawNotYours(f.notTheirs(thaw), f)}
	case len(thawed) == 0 && len(vain) > 0:
		return command.Outcome{Result: command.NoOp, Reply: namedInVain(f, vain, still)}
	case len(thawed) == 0 && len(still) > 0:
		return command.Outcome{Result: command.NoOp, Reply: whichFreeze(still, f.Policy)}
	case len(thawed) == 0:
		return command.Outcome{Result: command.NoOp, Reply: notFrozen(f)}
	default:
		out.Reply = thawedReply(thawed, ended, still, mended, f.Policy) + f.goesOnForAll(meant) + besidesInVain(f, vain)
	}
	return out
}

// endsAll reports a freeze of all branches that a call may end as a whole.
func (f callFacts) endsAll(have Freeze) bool {
	return f.Args.all && have.All && !have.Tampered && !have.over(f.Now)
}

// lifted reports whether a call lifted a freeze from a branch in an earlier try.
func (f Freeze) lifted(b release.Branch, thaw Thaw) bool {
	byUs := func(t Thaw) bool { return t.Asked == thaw.Asked && (t.Branch == b || t.Branch == "") }
	return slices.ContainsFunc(f.Thaws, byUs) || f.End != nil && byUs(*f.End) && f.about(b)
}

// before reports a freeze that was asked for before a call was made.
func (f Freeze) before(c command.Call) bool {
	asked := f.Since
	if !f.SetAt.IsZero() {
		asked = f.SetAt
	}
	return f.Window != "" || !asked.After(c.At)
}

// meantToThaw says which branches a call is to lift of which freeze: of those that are named
// by their issue, else of the only one that holds a branch (or will, if none does), else of the
// author's own.
func (f callFacts) meantToThaw(thaw Thaw) map[string][]release.Branch {
	meant, holders := map[string][]release.Branch{}, f.holders(thaw)
	for _, b := range f.Branches {
		for _, have := range holders[b] {
			if f.isMeant(have, b, holders) && !f.Not[have.Asked] {
				meant[have.Asked] = append(meant[have.Asked], b)
			}
		}
	}
	return meant
}

// holders are the freezes that each branch of a call has, as it was made.
func (f callFacts) holders(thaw Thaw) map[release.Branch][]Freeze {
	holders := map[release.Branch][]Freeze{}
	for _, b := range f.Branches {
		for _, have := range f.Freezes {
			if !have.Tampered && have.before(f.Call) && (have.concerns(b, f.Now) || have.lifted(b, thaw) || f.endsAll(have)) {
				holders[b] = append(holders[b], have)
			}
		}
		now := func(have Freeze) bool { return have.begun(f.Now) || have.lifted(b, thaw) }
		if len(f.Args.issues) == 0 && !slices.ContainsFunc(holders[b], f.own) && slices.ContainsFunc(holders[b], now) {
			holders[b] = slices.DeleteFunc(holders[b], func(have Freeze) bool { return !now(have) }) // what is only set goes on
		}
	}
	return holders
}

// own reports a freeze that the author of the call asked for.
func (f callFacts) own(have Freeze) bool {
	return have.Window == "" && have.ByID == f.Call.Author.ID
}

// alone reports whether a freeze is the only one of a branch. Who says all names no branch, so
// what is meant is a freeze as a whole: it is alone on all that it holds, or it isn't. Else
// somebody's freeze would be left on those branches where it isn't.
func (f callFacts) alone(have Freeze, b release.Branch, holders map[release.Branch][]Freeze) bool {
	if !f.Args.all {
		return len(holders[b]) == 1
	}
	for _, list := range holders {
		if len(list) > 1 && slices.ContainsFunc(list, func(o Freeze) bool { return o.Asked == have.Asked }) {
			return false
		}
	}
	return true
}

// notTheirs are the freezes that a call means, and about which others decide.
func (f callFacts) notTheirs(thaw Thaw) []Freeze {
	all := f
	all.Not = nil
	meant := all.meantToThaw(thaw)
	return slices.DeleteFunc(slices.Clone(f.Freezes), func(have Freeze) bool { return !f.Not[have.Asked] || len(meant[have.Asked]) == 0 })
}

func (f callFacts) isMeant(have Freeze, b release.Branch, holders map[release.Branch][]Freeze) bool {
	if len(f.Args.issues) > 0 {
		return slices.Contains(f.Args.issues, have.Issue)
	}
	// A window with owners is theirs, as a freeze is whose who asked for it; but one's own comes first.
	return f.alone(have, b, holders) || f.own(have) || len(have.Owners) > 0 && !slices.ContainsFunc(holders[b], f.own)
}

// unknownIssues are the issues that a call names and that are no freezes.
func (f callFacts) unknownIssues() []int {
	return slices.DeleteFunc(slices.Clone(f.Args.issues), func(n int) bool {
		return slices.ContainsFunc(f.Freezes, func(have Freeze) bool { return have.Issue == n })
	})
}

// namedInVain are the issues that a call names of which it ends nothing.
func (f callFacts) namedInVain(meant map[string][]release.Branch) []int {
	return slices.DeleteFunc(slices.Clone(f.Args.issues), func(n int) bool {
		return slices.ContainsFunc(f.Freezes, func(have Freeze) bool {
			return have.Issue == n && (have.Tampered || len(meant[have.Asked]) > 0)
		})
	})
}

// stillHeld are the freezes of the call's branches that go on after it.
func (f callFacts) stillHeld(meant map[string][]release.Branch) (still []Freeze) {
	for _, have := range f.Freezes {
		goesOn := func(b release.Branch) bool {
			return have.concerns(b, f.Now) && !slices.Contains(meant[have.Asked], b)
		}
		if !have.Tampered && slices.ContainsFunc(f.Branches, goesOn) {
			still = append(still, have)
		}
	}
	return still
}

// thawIn lifts one freeze from branches: now are those that it held, before those that this
// very call lifted in an earlier try.
func thawIn(have Freeze, f callFacts, branches []release.Branch, thaw Thaw) (after Freeze, now, before []release.Branch) {
	for _, b := range branches {
		switch {
		case !have.before(f.Call): // frozen again after this was said: it was not about that freeze
		case have.concerns(b, f.Now):
			now = append(now, b)
		case have.lifted(b, thaw):
			before = append(before, b)
		}
	}
	after = have.revised(func(r *Record) {
		for _, b := range now {
			t := thaw
			t.Branch = b
			r.Thaws = append(r.Thaws, t)
		}
	})
	switch {
	case after.thawedWhole():
		after.End = endOf(after, f.Now)
	case f.endsAll(have) && have.before(f.Call) && len(branches) > 0 && len(branches) == len(f.Branches):
		after.End = &thaw // of all is more than of each: those cut later are meant, too
	case f.Args.all && len(now) > 0 && !slices.ContainsFunc(f.Branches, func(b release.Branch) bool { return after.concerns(b, f.Now) }):
		after.End = &thaw // that of a window's patterns, or of branches that aren't there any more, too
	}
	return after, now, before
}
