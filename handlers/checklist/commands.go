package checklist

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

const (
	startName  = "release start"
	dateName   = "release date"
	statusName = "release status"
	stepName   = "release step"
	closeName  = "release close"

	dropWord = "drop" // of a step
)

// Commands implements reconcile.Commander.
func (h *Handler) Commands() []command.Command {
	return append([]command.Command{
		{
			Name: startName, Args: "<version> [cut=<day>] [release=<day>] [managers=<names>]",
			Short:   "Opens the tracking issue of a release, with its dates and its checklist. A patch release needs no cut; without a day it is two weeks ahead.",
			Example: []string{"/release start 1.31 cut=2026-07-22 release=2026-08-26 managers=alice,bob", "/release start 1.30.4", "/release start 1.30.4 release=2026-08-12"},
			Allow:   command.ReleaseManager, Branches: h.branches, Run: h.runStart,
			Where:  "any issue or pull request of the repository with the tracking issues",
			Answer: "How many steps the release has and on which day it is due, with a link to its tracking issue.",
		},
		{
			Name: dateName, Args: "<milestone> <day>",
			Short:   "Moves a day of the release's schedule. The cut and the release take with them what is counted from them.",
			Example: []string{"/release date code-freeze 2026-08-19"},
			Allow:   command.ReleaseManager, Branches: h.branches, Run: h.run(moveDate),
			Where: "a tracking issue", Answer: "Which days moved, from when to when, and which phase the branch is in today.",
		},
		{
			Name: stepName, Args: "<step> done|skip|reopen|drop|preview|run [reason]",
			Short: "Ticks a step of the release's checklist, skips it, or opens it again: for release managers and the step's owners. " +
				"`drop` takes its line away, for release managers: nothing waits for it then. " +
				"For release managers `run` does what the policy says for it, such as creating branches, and `preview` tells what that would be.",
			Example: []string{"/release step announce done", "/release step wiki skip not needed any more", "/release step cut-branches preview"},
			Allow:   command.Anyone, Run: h.runStep, // its owners differ from step to step
			Where: "a tracking issue",
			Answer: "That the step is done, skipped, dropped or open again, and which steps that it needs are still open. " +
				"Of `preview` and `run`, what becomes of each repository.",
		},
		{
			Name: closeName, Args: "<reason>",
			Short:   "Closes the tracking issue of a release, whatever is left to do.",
			Example: []string{"/release close 1.31.0 is out, the rest follows in 1.31.1"},
			Allow:   command.ReleaseManager, Branches: h.branches, Run: h.run(closeRelease),
			Where: "a tracking issue", Answer: "That the issue is closed, and how many steps were left open.",
		},
		{
			Name: statusName, Args: "[version]",
			Short:   "Tells how a release stands: days left, open pull requests, missing picks, blockers, what is overdue and what comes next.",
			Example: []string{"/release status", "/release status 1.31"},
			Allow:   command.Anyone, Question: true, Run: h.runStatus,
			Where:  "a tracking issue; with a version, any issue or pull request of the repository with the tracking issues",
			Answer: "The status of the release, counted at that moment.",
		},
	}, h.blockerCommands()...)
}

// startFacts is what the start of a release is decided on.
type startFacts struct {
	home
	Call     command.Call
	Start    startArgs
	Trackers []Tracker
	Out      []release.Version // that are tagged, of this one's minor release
}

// callFacts is what any other call is decided on: the tracking issue that it is about.
type callFacts struct {
	tracked
	Call command.Call
}

// callHome reads where a call was written: it has to be the home of tracking issues.
func (h *Handler) callHome(ctx context.Context, c command.Call) (home, error) {
	at, err := homeOf(h.look(ctx, c.Repo))
	at.RepoID = c.RepoID
	switch s := at.Settings; {
	case err != nil || s.homeIs(c.Repo):
		return at, err
	case at.Policy.Policy == nil && at.Policy.Fault == nil:
		return at, command.Misused("this repository has no policy, which would say where a release has its tracking issue")
	case at.Policy.Policy == nil:
		return at, command.Misused("the policy has faults, and no earlier version is good")
	case s.Home == "":
		return at, command.Misused("the policy names no repository for tracking issues, under %s", effect.Code("checklist.home"))
	default:
		return at, command.Misused("tracking issues stand in %s; say it there", effect.Code(s.homeOf(c.Repo).String()))
	}
}

func (h *Handler) observeStart(ctx context.Context, c command.Call) (f startFacts, err error) {
	f.Call = c
	if f.home, err = h.callHome(ctx, c); err != nil {
		return f, err
	}
	if f.Start, err = parseStart(c, f.Settings, f.Policy.Policy.Zone().Location()); err != nil {
		return f, err
	}
	if f.Trackers, _, err = h.trackers(f.look); err != nil {
		return f, err
	}
	v := f.Start.version
	tags, err := h.tagsOf(f.look, v.TagsOfLine())
	f.Out = slices.DeleteFunc(v.Scheme.OfTags(tags), func(out release.Version) bool { return !out.SameLine(v) })
	return f, err
}

func (h *Handler) observeCall(ctx context.Context, c command.Call) (f callFacts, err error) {
	f.Call = c
	if f.home, err = h.callHome(ctx, c); err != nil {
		return f, err
	}
	all, _, err := h.trackers(f.look)
	if err == nil {
		f.Tracker, err = meant(c, all)
	}
	return f, err
}

// meant is the tracking issue that a call is about: the one that it was written
// on, or of a status the one that it names.
func meant(c command.Call, all []Tracker) (Tracker, error) {
	for _, t := range all {
		switch {
		case c.Name == statusName && len(c.Args) > 0:
			if v, err := t.Version.Scheme.NamedFinal(c.Args[0]); err == nil && v == t.Version {
				return t, nil
			}
		case t.Issue.Number == c.Number:
			return t, nil
		}
	}
	var open []string
	for _, t := range all {
		if t.Issue.State == github.Open {
			open = append(open, fmt.Sprintf("#%d (%s)", t.Issue.Number, t.Version.Called()))
		}
	}
	what := "this is no tracking issue of a release"
	if c.Name == statusName && len(c.Args) > 0 {
		what = fmt.Sprintf("there is no tracking issue of %s", effect.Code(effect.Cut(c.Args[0], 40)))
	}
	if len(open) == 0 {
		return Tracker{}, command.Misused("%s, and there is none open; a release manager starts one by %s", what, effect.Code("/release start VERSION"))
	}
	slices.Sort(open)
	return Tracker{}, command.Misused("%s; open are %s", what, strings.Join(open, ", "))
}

// branches says whose release managers a call needs: those of the release's branch.
func (h *Handler) branches(ctx context.Context, c command.Call) ([]release.Branch, error) {
	if c.Name == startName {
		f, err := h.observeStart(ctx, c)
		return []release.Branch{f.Settings.branchOf(f.Start.version)}, err
	}
	f, err := h.observeCall(ctx, c)
	return []release.Branch{f.branch()}, err
}

func (h *Handler) runStart(ctx context.Context, c command.Call) (command.Outcome, error) {
	f, err := h.observeStart(ctx, c)
	if err != nil {
		return command.Outcome{}, err
	}
	return start(f)
}

// run makes the three steps of a command: read, decide, and leave the acting to
// the engine.
func (h *Handler) run(decide func(callFacts) (command.Outcome, error)) func(context.Context, command.Call) (command.Outcome, error) {
	return func(ctx context.Context, c command.Call) (command.Outcome, error) {
		f, err := h.observeCall(ctx, c)
		if err != nil {
			return command.Outcome{}, err
		}
		if out, did := f.again(); did {
			return out, nil
		}
		return decide(f)
	}
}

// runStep looks up who may, which differs from step to step, and reads more for a
// step that is to be run.
func (h *Handler) runStep(ctx context.Context, c command.Call) (command.Outcome, error) {
	f, err := h.observeCall(ctx, c)
	if err != nil {
		return command.Outcome{}, err
	}
	template := f.template()
	if len(c.Args) < 2 {
		return command.Outcome{}, command.Misused("want a step and what becomes of it: done, skip, reopen, drop, preview or run")
	}
	step, known := template.step(c.Args[0])
	if !known && c.Args[1] == dropWord && f.orphaned(c.Args[0]) {
		step, known = Step{ID: c.Args[0]}, true // of a policy of before
	}
	if !known {
		return command.Outcome{}, command.Misused("%s", noStep(template, c.Args[0]))
	}
	acts := c.Args[1] == runWord || c.Args[1] == previewWord
	whole := acts || c.Args[1] == dropWord // not for a step's owners
	st, err := h.standing(f.tracked, step, c.Author)
	switch {
	case err != nil:
		return command.Outcome{}, err
	case !st.manages && (whole || !st.owns):
		return command.Outcome{Result: command.Refused, Reply: mayNotSay(step, st, whole)}, nil
	case !acts:
		if out, did := f.again(); did {
			return out, nil
		}
		return setStep(f, step)
	case step.Action.empty():
		return command.Outcome{}, command.Misused("the policy says of %s nothing that could be run", effect.Code(step.ID))
	}
	all, err := h.observeAction(f, step)
	if err != nil {
		return command.Outcome{}, err
	}
	return act(f, step, all), nil
}

// runStatus counts anew for whoever asks.
func (h *Handler) runStatus(ctx context.Context, c command.Call) (command.Outcome, error) {
	f, err := h.observeCall(ctx, c)
	if err != nil {
		return command.Outcome{}, err
	}
	s, err := h.lookAt(f.tracked)
	if err != nil {
		return command.Outcome{}, err
	}
	return command.Outcome{Result: command.Told, Reply: statusReply(s)}, nil
}
