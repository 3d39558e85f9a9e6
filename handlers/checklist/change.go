package checklist

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
	"github.com/istio-ecosystem/slipway/internal/spell"
)

// startArgs is what a start says.
type startArgs struct {
	version  release.Version
	cut, day release.Date
	managers []string
	assumed  bool // nobody said on which day it is
}

// maxManagers is how many release managers a start may name.
const maxManagers = 10

// parseStart reads the arguments of a start.
func parseStart(c command.Call, s Settings, zone *time.Location) (a startArgs, err error) {
	if len(c.Args) == 0 {
		return a, command.Misused("which version? None is named")
	}
	if a.version, err = startVersion(s.Scheme, c.Args[0]); err != nil {
		return a, command.Misused("%s", effect.Inert(err.Error(), maxFault))
	}
	for _, arg := range c.Args[1:] {
		name, value, _ := strings.Cut(arg, "=")
		switch name {
		case "cut":
			a.cut, err = release.ReadDay(value, c.At, zone)
		case "release":
			a.day, err = release.ReadDay(value, c.At, zone)
		case "managers":
			a.managers, err = managerNames(value)
		default:
			return a, command.Misused("%s is none of cut=, release= and managers=", effect.Code(effect.Cut(arg, 60)))
		}
		if err != nil {
			return a, command.Misused("%s", effect.Inert(err.Error(), maxFault))
		}
	}
	cut := a.version.Patch == 0 && !s.Scheme.Single()
	if a.day.IsZero() && !cut { // people start one first, and agree on its day later
		a.day, a.assumed = release.DateOf(c.At, zone).Plus(patchAhead), true
	}
	switch {
	case a.day.IsZero():
		return a, command.Misused("when is the release? Add %s", effect.Code("release="+exampleDay))
	case cut && a.cut.IsZero():
		return a, command.Misused("when is the branch cut? Add %s", effect.Code("cut="+exampleDay))
	case !cut && !a.cut.IsZero() && s.Scheme.Single():
		return a, command.Misused("no branch is cut for it: all versions come from %s", effect.Code(s.Scheme.Line))
	case !cut && !a.cut.IsZero():
		return a, command.Misused("a patch release has no cut: its branch is there")
	case len(s.template(a.version).Steps) == 0:
		return a, command.Misused("the policy has no steps for such a release, under %s", effect.Code("checklist"))
	}
	schedule := release.Schedule{Milestones: s.template(a.version).milestones(), Cut: a.cut, Release: a.day}
	if fault := schedule.Fault(); fault != "" {
		return a, command.Misused("%s", effect.Inert(fault, maxFault))
	}
	return a, nil
}

// patchAhead is how many days ahead a patch release is that is started without a day.
const patchAhead = 14

// startVersion reads 1.31 as 1.31.0, and no version that isn't final.
func startVersion(scheme release.Scheme, text string) (release.Version, error) {
	v, err := scheme.NamedFinal(text)
	if err != nil {
		return v, err
	}
	if v.Stage != release.Final {
		return v, fmt.Errorf("%s is on the way to %s: the release of that has one tracking issue for all of them", v, v.Final().Called())
	}
	return v, nil
}

func managerNames(list string) ([]string, error) {
	var names []string
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimPrefix(strings.TrimSpace(name), "@")
		if !github.IsLogin(name) {
			return nil, fmt.Errorf("%q is not an account's name: want names with commas between them", effect.Cut(name, 60))
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) > maxManagers {
		return nil, fmt.Errorf("%d release managers are too many: want at most %d", len(names), maxManagers)
	}
	return names, nil
}

func (f callFacts) time() time.Time { return f.Call.At.UTC().Truncate(time.Second) }

// start opens the tracking issue, unless the version has one that is open.
func start(f startFacts) (command.Outcome, error) {
	a := f.Start
	for _, t := range f.Trackers {
		one := tracked{home: f.home, Tracker: t}
		if t.Asked == f.Call.Asked() { // this call did its work in an earlier try
			out := command.Outcome{Result: command.Done, Reply: startedReply(f, t.Record)}
			switch {
			case t.Issue.State != github.Open:
			case t.Rev == 1: // written again, the record is bound to its issue
				out.Effects = []effect.Effect{one.begun()}
			default: // it has been looked at meanwhile
				out.Effects = []effect.Effect{one.written(t.Record)}
			}
			return out, nil
		}
		if t.Version == a.version && (t.Issue.State == github.Open || t.End == nil) { // closed by hand, it isn't over yet
			return command.Outcome{Result: command.NoOp, Reply: alreadyReply(f, t)}, nil
		}
	}
	r := Record{
		Rev: 1, Asked: f.Call.Asked(), Version: a.version.String(), Cut: a.cut, Release: a.day, Managers: a.managers,
		By: f.Call.Author.Login, ByID: f.Call.Author.ID, Opened: f.Now.UTC().Truncate(time.Second),
	}
	if slices.Contains(f.Out, a.version) {
		return command.Outcome{Result: command.Invalid, Reply: startedOut(f)}, nil
	}
	one := tracked{home: f.home, Tracker: Tracker{Record: r, Version: a.version}}
	return command.Outcome{Result: command.Done, Reply: startedReply(f, r), Effects: []effect.Effect{one.begun()}}, nil
}

// begun is a new tracking issue, with everything still open.
func (t tracked) begun() effect.SharedIssue {
	r := t.Tracker.Record
	parts, _ := laying{s: t.Settings, v: t.Tracker.Version, was: r, is: r}.parts("## Status\n\nIt is being counted.")
	return t.issue(r, parts)
}

// changed is a tracker with a changed record, and the answer to the call.
func (f callFacts) changed(reply string, change func(*Record)) command.Outcome {
	is := f.Tracker.revised(func(r *Record) {
		change(r)
		r.heard(f.Call.Asked(), reply)
	})
	return command.Outcome{Result: command.Done, Reply: reply, Effects: []effect.Effect{f.written(is)}}
}

// again is the answer to a call that did its work in an earlier try. The issue is
// written as it is, so that the answer links it as it did then.
func (f callFacts) again() (command.Outcome, bool) {
	reply, did := f.Tracker.answered(f.Call.Asked())
	if !did {
		return command.Outcome{}, false
	}
	return command.Outcome{Result: command.Done, Reply: reply, Effects: []effect.Effect{f.written(f.Tracker.Record)}}, true
}

// moveDate moves a day of the schedule.
func moveDate(f callFacts) (command.Outcome, error) {
	t, args := f.Tracker, f.Call.Args
	if len(args) < 2 {
		return command.Outcome{}, command.Misused("want a milestone and a day, like %s", effect.Code("code-freeze "+exampleDay))
	}
	day, err := release.ReadDay(strings.Join(args[1:], " "), f.Call.At, f.Policy.Policy.Zone().Location())
	if err != nil {
		return command.Outcome{}, command.Misused("%s", effect.Inert(err.Error(), maxFault))
	}
	template := f.template()
	is := t.revised(func(*Record) {})
	if !is.move(template, args[0], day) {
		return command.Outcome{}, command.Misused("%s", noMilestone(template, args[0]))
	}
	if fault := is.schedule(template).Fault(); fault != "" {
		return command.Outcome{}, command.Misused("%s", effect.Inert(fault, maxFault))
	}
	return f.changed(movedReply(f, t.Record, is), func(r *Record) {
		r.move(template, args[0], day)
		r.say(saidOf(template, touch{did: edDay, name: args[0]}), f.time())
	}), nil
}

// setStep ticks, skips or opens a step.
func setStep(f callFacts, step Step) (command.Outcome, error) {
	t, args := f.Tracker, f.Call.Args
	reason := ""
	if _, rest, more := strings.Cut(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(f.Call.Rest), args[0])), args[1]); more {
		reason = effect.Cut(strings.TrimSpace(rest), maxReason)
	}
	next := State{By: f.Call.Author.Login, ByID: f.Call.Author.ID, At: f.time(), Reason: reason, Candidate: candidateOf(t.Record, step)}
	switch args[1] {
	case "done":
		next.Status = StepDone
		if why := tooEarly(t.Record, step, f.time()); why != "" {
			return command.Outcome{}, command.Misused("%s", why)
		}
	case "skip":
		next.Status = StepSkipped
	case dropWord:
		next.Status = StepDropped
	case "reopen":
		next.By, next.ByID = "", 0 // evidence may settle it again
	default:
		return command.Outcome{}, command.Misused("%s is none of done, skip, reopen, drop, preview and run", effect.Code(effect.Cut(args[1], 40)))
	}
	return f.changed(stepReply(f, step, args[1]), func(r *Record) { r.Steps[step.ID] = next }), nil
}

// closeRelease closes the issue, whatever is left to do.
func closeRelease(f callFacts) (command.Outcome, error) {
	t := f.Tracker
	reason := effect.Cut(strings.TrimSpace(f.Call.Rest), maxReason)
	switch {
	case reason == "":
		return command.Outcome{}, command.Misused("why? A release that is closed with something left to do needs a reason")
	case t.End != nil:
		return command.Outcome{Result: command.NoOp, Reply: closedAlready(f)}, nil
	}
	return f.changed(closedReply(f), func(r *Record) {
		r.End = &End{By: f.Call.Author.Login, ByID: f.Call.Author.ID, At: f.time(), Reason: reason, Asked: f.Call.Asked()}
	}), nil
}

// nearest is the name that may have been meant, "" for none.
func nearest(word string, names []string) string {
	best, least := "", 3
	for _, n := range names {
		if d := spell.Distance(word, n, least); d < least {
			best, least = n, d
		}
	}
	return best
}
