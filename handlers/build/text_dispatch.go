package build

import (
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// whatStarts names the workflow, or the event that workflows wait for.
func whatStarts(f dispatchFacts) string {
	name := f.Settings.Triggers.dispatch(f.Purpose)
	if f.Settings.Triggers.By == WorkflowDispatch {
		return fmt.Sprintf("the workflow %s of %s on %s", effect.Code(name), effect.Code(f.Builder.String()), effect.Code(string(f.Base)))
	}
	return fmt.Sprintf("the event %s in %s", effect.Code(name), effect.Code(f.Builder.String()))
}

// runsOf is where people see the runs.
func runsOf(f dispatchFacts) string {
	web, _, _ := strings.Cut(f.Tracking.URL, "/"+f.Call.Repo.String()+"/")
	if f.Settings.Triggers.By == WorkflowDispatch {
		return fmt.Sprintf("%s/%s/actions/workflows/%s", web, f.Builder, f.Settings.Triggers.dispatch(f.Purpose))
	}
	return fmt.Sprintf("%s/%s/actions?query=event%%3Arepository_dispatch", web, f.Builder)
}

func noteBefore(f dispatchFacts) string {
	return fmt.Sprintf("⏳ **The %s of %s is about to be started**, by %s, for %s.\n\nIf this stays as it is, it is unknown whether it was: look at [its runs](%s).",
		f.Purpose, f.Version, whatStarts(f), effect.Code(f.Call.Author.Login), runsOf(f))
}

func noteAfter(f dispatchFacts, d dispatched) string {
	who := effect.Code(d.By)
	if d.First != "" {
		who = fmt.Sprintf("%s, and %s agreed", effect.Code(d.First), effect.Code(d.By))
	}
	return fmt.Sprintf("▶️ **The %s of %s was started**, by %s: [its runs](%s). Asked for by %s.", f.Purpose, f.Version, whatStarts(f), runsOf(f), who)
}

func startedReply(f dispatchFacts) string {
	return fmt.Sprintf("The %s of %s is started, by %s. **Next step:** nothing; a comment on this issue follows it.", f.Purpose, f.Version, whatStarts(f)) + f.rebuiltLate()
}

func publishingAlready(v release.Version) string {
	return fmt.Sprintf("%s is being published already; a comment on this issue follows it. **Next step:** wait for it. If it fails, or isn't heard of any more, ask again.", v)
}

func neverStarted(f dispatchFacts) string {
	return fmt.Sprintf("%s was never built here, so it can't be built once more. **Next step:** comment %s.", f.Version,
		effect.Code(fmt.Sprintf("/release build %s", f.Version)))
}

func wrongTurn(f dispatchFacts, latest release.Version) string {
	var next []string
	for _, v := range release.NextOf(latest) {
		next = append(next, v.String())
	}
	return fmt.Sprintf("%s doesn't follow %s, the newest version of this release. **Next step:** build %s; or, if %s is meant all the same, start the workflow by hand.",
		f.Version, latest, strings.Join(next, " or "), f.Version)
}

func askedReply(f dispatchFacts) string {
	return fmt.Sprintf("Publishing %s waits for a second release manager. **Next step:** within %d hours, a release manager other than you comments %s here; that starts it.%s",
		f.Version, int(askHolds.Hours()), effect.Code(fmt.Sprintf("/release publish %s", f.Version)), withoutBuild(f))
}

func askedYourself(f dispatchFacts) string {
	return fmt.Sprintf("You asked for it already, at %s. **Next step:** a release manager other than you comments the same line.", when(f.Ask.At))
}

func askText(f dispatchFacts) string {
	return fmt.Sprintf("- **%s**: asked for by %s at %s; holds until %s.%s", f.Version, effect.Code(f.Call.Author.Login), when(f.Call.At), when(f.Call.At.Add(askHolds)), withoutBuild(f))
}

// withoutBuild warns of a publish without a build that succeeded, or with blockers.
func withoutBuild(f dispatchFacts) (text string) {
	if f.Built != WasBuilt {
		text = fmt.Sprintf(" ⚠️ As far as Slipway sees, %s.", f.Built.without(f.Version, f.Base))
	}
	if open := f.openBlockers(); open != "" {
		text += " ⚠️ " + open + " The policy only warns of that."
	}
	return text
}
