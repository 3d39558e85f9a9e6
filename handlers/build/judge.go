package build

import (
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/gate"
)

// judged is what is said of a pull request, and beside the check.
func judged(f pullFacts) gate.Verdict {
	v := gate.Verdict{Verdict: judge(f)}
	// Where there are traps alone, what is none has no check.
	v.IfPresent = !f.Settings.Triggers.in(f.Repo) && v.State == effect.Pass
	switch {
	case f.Trap != nil:
		v.Effects = append(v.Effects, trapComment(f.Repo, f.PR.Number, *f.Trap))
	case f.Traps || f.Settings.trapsIn(f.Repo):
		v.Effects = append(v.Effects, freed(f.Repo, f.PR.Number))
	}
	if f.unsure() {
		v.RequeueAt = f.Now.Add(unsureWait)
	}
	for _, c := range f.Changes {
		if c.Built == Unfinished || c.Built == BuildFailed { // nobody may tell how it goes on
			v.RequeueAt = soonest(v.RequeueAt, f.Now.Add(lookWhileRunning))
		}
	}
	return v
}

// judge says what the merge of a pull request would start. What it must not
// do, whatever the files say, comes first: it can't be taken back.
func judge(f pullFacts) effect.Verdict {
	switch {
	case f.Trap != nil:
		return trapped(*f.Trap)
	case !f.Settings.Triggers.in(f.Repo):
		return notTrapped()
	case len(f.Changes) == 0:
		return untouched(f.Settings.Triggers)
	}
	var findings []judgedChange
	for _, c := range f.Changes {
		findings = append(findings, judgedChange{c, judgeChange(f, c)})
	}
	v := verdict(f, findings)
	switch {
	case v.State != effect.Pass:
	case f.Torn:
		return torn(v)
	case f.Two && len(f.Backers) < 2:
		return notApproved(f, v)
	}
	return v
}

// judgedChange is a change with what is to be said of it.
type judgedChange struct {
	change
	Finding
}

func judgeChange(f pullFacts, c change) Finding {
	s := f.Settings.Triggers
	if c.Deleted {
		return Finding{Does: "deletes the file", Remarks: []Remark{{Malformed, Refuse, "the file is deleted, which starts a job that finds no version", "Leave the file where it is."}}}
	}
	found := Judge(c.Trigger, s)
	if r := ofBlockers(c, found.Version, s); r.Grade != "" {
		found.Remarks = append(found.Remarks, r)
	}
	switch {
	case len(f.Changes) > 1:
		found.Remarks = append(found.Remarks, Remark{NotAlone, Refuse, "both trigger files change, so a build and its publish would start at once", "Propose the build alone, and publish what comes of it."})
	case len(f.Files.Paths) > 1 || !f.Files.Complete:
		found.Remarks = append(found.Remarks, Remark{NotAlone, Refuse, "other files change too, and whatever is merged with them starts the " + string(c.Purpose),
			"Propose the other files by themselves, before this one."})
	}
	return found
}
