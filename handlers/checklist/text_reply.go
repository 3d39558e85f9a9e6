package checklist

import (
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

func startedReply(f startFacts, r Record) string {
	v := f.Start.version
	day := r.Release.String()
	if f.Start.assumed {
		day += fmt.Sprintf(", since no day was given (%s sets one)", effect.Code("/release date release "+exampleDay))
	}
	return fmt.Sprintf("%s has a tracking issue: %s, to be released on %s. From now on the release is run from there: %s moves a day, %s ticks a step, %s tells how it stands.",
		effect.Inert(titleOf(f.Settings, v), maxTitle), effect.Count(len(f.Settings.template(v).Steps), "step", "steps"), day,
		effect.Code("/release date"), effect.Code("/release step"), effect.Code("/release status"))
}

func alreadyReply(f startFacts, t Tracker) string {
	return fmt.Sprintf("%s has a tracking issue already: [#%d](%s). **Next step:** go on there, or close it first by %s.",
		effect.Inert(titleOf(f.Settings, t.Version), maxTitle), t.Issue.Number, t.Issue.URL, effect.Code("/release close REASON"))
}

// startedOut is for a version that is out already.
func startedOut(f startFacts) string {
	v := f.Start.version
	newest := v
	for _, out := range f.Out {
		if out.Stage == release.Final && out.Compare(newest) > 0 {
			newest = out
		}
	}
	next := release.NextOf(newest)[0]
	return fmt.Sprintf("%s is out: %s has its tag. Nothing was started. **Next step:** start the next one, %s; or, if that tag is wrong, take it away first.",
		v, effect.Code(f.Call.Repo.String()), effect.Code(fmt.Sprintf("/release start %s", next)))
}

// movedReply lists the days that moved.
func movedReply(f callFacts, was, is Record) string {
	t := f.Tracker
	template := f.Settings.template(t.Version)
	before := was.schedule(template)
	var b strings.Builder
	for _, d := range is.schedule(template).Dates() {
		if old := before.Day(d.Name); old != d.Day {
			fmt.Fprintf(&b, "- %s: %s, and no longer %s\n", effect.Code(d.Name), d.Day, old)
		}
	}
	if b.Len() == 0 {
		return "All days stay as they were."
	}
	return fmt.Sprintf("The branch is %s today. Moved:\n\n%s", effect.Code(string(phaseOf(f.Settings, t.Version, is, f.today()))), b.String())
}

func noMilestone(t Template, word string) string {
	names := []string{"cut", "release"}
	for _, m := range t.Schedule {
		names = append(names, m.Name)
	}
	return unknownName("milestone", word, names)
}

func noStep(t Template, word string) string {
	var names []string
	for _, s := range t.Steps {
		names = append(names, s.ID)
	}
	return unknownName("step", word, names)
}

func unknownName(kind, word string, names []string) string {
	text := fmt.Sprintf("there is no %s %s", kind, effect.Code(effect.Cut(word, 60)))
	if meant := nearest(word, names); meant != "" {
		return text + "; did you mean " + effect.Code(meant) + "?"
	}
	if len(names) > maxNamed {
		return text + "; the tracking issue lists them"
	}
	return text + "; there are " + effect.Codes(names)
}

func stepReply(f callFacts, step Step, what string) string {
	said := map[string]string{"done": "is done", "skip": "is skipped", dropWord: "is dropped: nothing waits for it", "reopen": "is open again"}[what]
	text := fmt.Sprintf("The step %s %s.", effect.Code(step.ID), said)
	if early := undone(f.Tracker.Record, step); what != "reopen" && len(early) > 0 {
		text += fmt.Sprintf(" It comes before %s, which it needs and which is still open.", effect.Codes(early))
	}
	if what == "reopen" && !step.Probe.empty() {
		text += " It ticks itself again if there is evidence for it."
	}
	return text
}

// mayNotSay answers somebody who may not do that to a step.
func mayNotSay(step Step, st standing, acts bool) string {
	if acts && st.owns {
		return fmt.Sprintf("You own the step %s and may tick it; only release managers may have it run, or drop it.", effect.Code(step.ID))
	}
	return fmt.Sprintf("That takes a release manager of the release's branch, or for this step an owner of it. **Who may:** %s.", mayList(st.teams))
}

func closedReply(f callFacts) string {
	left := openSteps(f.Settings, f.Tracker.Version, f.Tracker.Record)
	text := fmt.Sprintf("%s is closed.", effect.Inert(f.title(), maxTitle))
	if len(left) > 0 {
		text += fmt.Sprintf(" %s left open.", effect.Count(len(left), "step was", "steps were"))
	}
	return text + " Opened again by hand, it goes on."
}

func closedAlready(f callFacts) string {
	return fmt.Sprintf("%s was closed by %s already.", effect.Inert(f.title(), maxTitle), effect.Who(f.Tracker.End.By))
}

func statusReply(f look) string {
	t := f.Tracker
	link := fmt.Sprintf("[%s](%s)", effect.Inert(f.title(), maxTitle), t.Issue.URL)
	if t.Issue.State != github.Open && t.End != nil {
		why := ""
		if t.End.Reason != "" {
			why = ": " + effect.Inert(t.End.Reason, maxReason)
		}
		return fmt.Sprintf("%s was closed by %s%s.", link, effect.Who(t.End.By), why)
	}
	return link + "\n\n" + statusText(f, t.Record)
}
