package releasebranch

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file is about picks of what was merged on another release branch and is not on the
// source branch: a security fix is made there first. Such a merge is an origin only if the pick is faithful
// to it, and an expert of each area has approved it there or here: then what they saw is what is merged. Else
// all is as if nobody had named it. It is none either where the source branch had the change and doesn't
// have it any more.

// on is the branch that the sources are on.
func (f known) on() release.Branch { return cmp.Or(f.On, f.Source) }

// mayBeThere reports a pull request that was merged on a release branch other than the base.
func (f known) mayBeThere(pr github.PullDetail) bool {
	return pr.Base != f.Source && pr.Base != f.Base && f.Policy.Governs(pr.Base)
}

// readThere reads what a merge on another release branch put there, and its forward port.
func (f known) readThere(l *facts.Look, one *named) (err error) {
	if !f.mayBeThere(*one.PR) || !f.believes(one.Word) {
		return nil
	}
	var why string
	if one.There, why, err = claim(l, one.Word.By, *one.PR); err != nil || one.There == nil {
		one.Why = cmp.Or(why, one.Why)
		return err
	}
	pick, err := facts.Pick.Of(l, one.Number)
	if err != nil {
		return err
	}
	one.From = pick.Source
	one.Forward, err = facts.PickPull.Of(l, facts.PickOnto{Source: one.Number, Branch: f.Source})
	return err
}

// related are the pull requests by which what was merged on another release branch may be on the
// source branch: what it was a pick of, and its forward port.
func (n named) related() (of []facts.Word) {
	w := n.Word
	if w.Mention = (provenance.Mention{Number: n.From, By: n.By}); n.From != 0 {
		of = append(of, w)
	}
	if w.Number = n.Forward.Number; n.Forward.Merged {
		of = append(of, w)
	}
	return of
}

// takenBack reports whether the source branch knows a change that is on another release branch, and it doesn't
// count there: in doubt it was reverted.
func (f known) takenBack(n named) bool {
	return slices.ContainsFunc(f.Found.Passed, func(p provenance.Passed) bool {
		return slices.ContainsFunc(n.related(), func(w facts.Word) bool { return w.Number == p.Claim.Number })
	})
}

// elsewhere is what is known with a merge on another release branch as the origin; nil where that
// isn't one.
func (f known) elsewhere(l *facts.Look) (*known, error) {
	i := slices.IndexFunc(f.Named, func(n named) bool { return n.There != nil })
	if i < 0 || f.allApproved() || slices.ContainsFunc(f.Named, f.takenBack) {
		return nil, nil
	}
	f.On = f.Named[i].PR.Base
	f.Origins, f.Teams, f.Writers = map[string]origin{}, maps.Clone(f.Teams), maps.Clone(f.Writers)
	f.Named = slices.Clone(f.Named)
	for i, n := range f.Named {
		f.Named[i].Claim = nil
		if n.There != nil && n.PR.Base == f.On {
			f.Named[i].Claim, f.Named[i].Why = n.There, ""
		}
	}
	q := f.question()
	q.Titles, q.Search = nil, false
	var err error
	if q.LeaveOut, err = facts.LeaveOut.Of(l, facts.Whole{}); err != nil {
		return nil, err
	}
	if q.Earlier, err = readEarlier(l, f.Base, f.PR.Head, f.Reviews); err != nil {
		return nil, err
	}
	prove, err := facts.History.Of(l, f.On)
	if err != nil {
		return nil, err
	}
	if f.Found, err = prove(l.Context(), f.PR.RepoID, q); err != nil || f.Found.Verdict != provenance.Exact && f.Found.Verdict != provenance.Equivalent {
		return nil, err
	}
	if err := f.readSources(l, prove); err != nil {
		return nil, err
	}
	if err := f.readPeople(l); err != nil {
		return nil, err
	}
	if err := f.readWord(l); err != nil || !f.allApproved() {
		return nil, err
	}
	return &f, nil
}

// allApproved reports whether experts are asked for, and all of them have approved.
func (f known) allApproved() bool {
	needs := f.needs()
	return len(needs) > 0 && !slices.ContainsFunc(needs, func(n need) bool { return n.managers || !f.standingOf(n).met() })
}

// onlyThere says of what is merged on another release branch where it is, and where it is missing.
func onlyThere(f known) string {
	i := slices.IndexFunc(f.Named, func(n named) bool { return n.There != nil && (f.On == "" || n.Claim != nil) })
	if i < 0 || f.On == "" && f.Found.Verdict != provenance.Unrelated {
		return ""
	}
	n := f.Named[i]
	text := fmt.Sprintf(" %s is merged on %s", numberOf(n.Number), cell(string(n.PR.Base)))
	if !n.Forward.Merged {
		text += " and not on " + cell(string(f.Source))
	}
	text += ". "
	switch {
	case f.takenBack(n):
		return text + "Where it came to that branch, it doesn't count any more; see below."
	case f.On == "":
		text += "It counts for a faithful pick only, and once an expert of each area has approved it there. "
	}
	return text + forwardText(n, f.Source)
}

// forwardText says how what is on another release branch comes to the source branch.
func forwardText(n named, source release.Branch) string {
	switch p := n.Forward; {
	case p.Number == 0 || p.State == github.Closed && !p.Merged:
		return fmt.Sprintf("Its forward port is missing: comment %s on %s.", cell("/cherry-pick "+string(source)), numberOf(n.Number))
	case p.Merged:
		return fmt.Sprintf("Its forward port %s is merged.", numberOf(p.Number))
	default:
		return fmt.Sprintf("Its forward port %s is open.", numberOf(p.Number))
	}
}
