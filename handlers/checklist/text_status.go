package checklist

import (
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// The most that a status names one by one.
const (
	maxNamed = 20
	maxNext  = 5
	// maxAside is how long what is said beside the counts may grow, in bytes.
	maxAside = 2000
)

// shortStatus stands in the place of a status that the issue has no room for.
func shortStatus() string {
	return "## Status\n\nThis issue has grown so long that there is no room for the status here. " + effect.Code("/release status") + " tells it in a comment."
}

var bulbs = map[Light]string{Green: "🟢", Yellow: "🟡", Orange: "🟠", Red: "🔴", Grey: "⚪"}

// statusText is how a release stands, for its tracking issue and for whoever asks.
func statusText(s look, r Record) string {
	t, set := s.Tracker, s.Settings
	today := s.today()
	schedule := r.schedule(set.template(t.Version))
	open, known := s.Counts.open()
	days := r.Release.Sub(today)
	bulb, why := light(s.strains(r))
	if why != "" {
		why = ", because " + why
	}
	var b strings.Builder
	fmt.Fprintf(&b, "## Status\n\n%s **%s** on %s%s: %s, %s; the branch %s is %s.\n", bulbs[bulb], bulb, today, why, leftText(days), waiting(open, known),
		effect.Code(string(set.branchOf(t.Version))), effect.Code(string(schedule.Phase(today, r.reached()))))
	if len(s.Counts.Repos) > 0 {
		b.WriteString("\n| Repository | Open on the branch | To be picked | Merged, and not picked |\n|---|---|---|---|\n")
	}
	for _, c := range s.Counts.Repos {
		if c.Unknown {
			fmt.Fprintf(&b, "| %s | unknown | unknown | unknown |\n", effect.Code(c.Repo.Name))
			continue
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", effect.Code(c.Repo.Name), pulls(c.Repo, c.Open), labelled(c.Repo, c.Asked), labelled(c.Repo, c.Missing))
	}
	b.WriteString(waitsText(s.Counts.Repos))
	b.WriteString(uncountedText(s.Counts.Repos))
	fmt.Fprintf(&b, "\n- **Blockers:** %s\n%s", blockersText(s), sparedText(r))
	b.WriteString(failedText(s))
	fmt.Fprintf(&b, "- **Overdue:** %s\n- **Next:** %s\n%s", overdueText(s, r), nextText(s, r), proposedText(s, r))
	b.WriteString(claimedText(s, r) + pushedText(s) + troubleText(s))
	return b.String()
}

// failedText names the builds that have failed, by the steps that wait for them.
func failedText(s look) string {
	var b strings.Builder
	for _, step := range s.template().Steps {
		if f := s.Found[step.ID]; len(f.Failed) > 0 && b.Len() < maxAside {
			fmt.Fprintf(&b, "- **Failed:** %s, which %s waits for\n", strings.Join(first(f.Failed, func(one string) string { return one }), ", "), effect.Code(step.ID))
		}
	}
	return b.String()
}

// uncountedText says why repositories couldn't be counted, those together that have the
// same reason.
func uncountedText(all []count) string {
	var reasons []string
	names := map[string][]string{}
	for _, c := range all {
		if c.Unknown && c.Trouble != "" {
			if names[c.Trouble] == nil {
				reasons = append(reasons, c.Trouble)
			}
			names[c.Trouble] = append(names[c.Trouble], c.Repo.Name)
		}
	}
	var b strings.Builder
	for _, why := range reasons {
		fmt.Fprintf(&b, "\nUnknown in %s: %s.\n", effect.Codes(names[why]), effect.Inert(why, maxReason))
	}
	return b.String()
}

// claimedText names the merged pull requests that say of an open step that it is
// done, and that nobody stands behind who may say so.
func claimedText(s look, r Record) string {
	var b strings.Builder
	for _, step := range openSteps(s.Settings, s.Tracker.Version, r) {
		if claims := s.Found[step.ID].Claims; len(claims) > 0 && b.Len() < maxAside {
			fmt.Fprintf(&b, "- **Claimed:** %s by %s, waits for a manager: %s, if it is so\n", effect.Code(step.ID),
				strings.Join(claims[:min(len(claims), maxNamed)], ", "), effect.Code("/release step "+step.ID+" done"))
		}
	}
	return b.String()
}

// troubleText says what couldn't be looked at.
func troubleText(s look) string {
	var b strings.Builder
	for _, step := range s.template().Steps {
		if f := s.Found[step.ID]; f.Unknown && f.Trouble != "" && b.Len() < maxAside {
			fmt.Fprintf(&b, "- **Couldn't look:** at %s: %s\n", effect.Code(step.ID), effect.Inert(f.Trouble, maxReason))
		}
	}
	return b.String()
}

func leftText(days int) string {
	switch {
	case days < 0:
		return effect.Count(-days, "day", "days") + " past the release's day"
	case days == 0:
		return "the release is due today"
	}
	return effect.Count(days, "day", "days") + " left"
}

func waiting(open int, known bool) string {
	text := effect.Count(open, "pull request", "pull requests") + " to go"
	if !known {
		return "at least " + text + ", and not all could be counted"
	}
	return text
}

// pulls lists pull requests: those that were active last, by their numbers, so that
// the text doesn't change with each comment on one.
func pulls(repo github.Repo, list []github.PullRequest) string {
	var numbers []int
	for _, pr := range list[:min(len(list), maxNamed)] {
		numbers = append(numbers, pr.Number)
	}
	slices.Sort(numbers)
	var names []string
	for _, n := range numbers {
		names = append(names, fmt.Sprintf("%s#%d", repo, n))
	}
	if len(list) > maxNamed {
		names = append(names, "…")
	}
	return orNone(names)
}

func labelled(repo github.Repo, list []github.Labelled) string {
	return orNone(first(list, func(l github.Labelled) string { return fmt.Sprintf("%s#%d", repo, l.Number) }))
}

// first names as many as there is room for.
func first[T any](list []T, name func(T) string) (names []string) {
	for i, one := range list {
		if i == maxNamed {
			return append(names, "…")
		}
		names = append(names, name(one))
	}
	return names
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

func overdueText(s look, r Record) string { return orNone(overdue(s, r)) }

// overdue names the open steps whose day is past.
func overdue(s look, r Record) (names []string) {
	t := s.Tracker
	l := laying{s: s.Settings, v: t.Version, is: r}
	for _, step := range openSteps(s.Settings, t.Version, r) {
		if due := dueOf(l, step); !due.IsZero() && due.Compare(s.today()) < 0 {
			names = append(names, fmt.Sprintf("%s (since %s)", effect.Code(step.ID), due))
		}
	}
	return names
}

func nextText(s look, r Record) string {
	t := s.Tracker
	var names []string
	for _, step := range openSteps(s.Settings, t.Version, r) {
		if len(names) < maxNext && len(undone(r, step)) == 0 {
			names = append(names, effect.Code(step.ID))
		}
	}
	if len(names) == 0 {
		return "all steps are done"
	}
	return strings.Join(names, ", ")
}

// closedEarly says why a closing was undone.
func closedEarly(s look, r Record) string {
	t := s.Tracker
	ids := first(openSteps(s.Settings, t.Version, r), func(step Step) string { return effect.Code(step.ID) })
	var b strings.Builder
	fmt.Fprintf(&b, "**%s is open again.** It was closed by %s while something was left to do:\n\n", effect.Inert(s.title(), maxTitle), effect.Who(s.Closer.Login))
	if len(ids) > 0 {
		fmt.Fprintf(&b, "- open steps: %s\n", strings.Join(ids, ", "))
	}
	if len(s.blocking()) > 0 || s.Counts.Blockers.Unknown {
		fmt.Fprintf(&b, "- blockers: %s\n", blockersText(s))
	}
	fmt.Fprintf(&b, "\n**Next step:** finish or skip them; or a release manager closes it anyway by the comment %s.", effect.Code("/release close REASON"))
	return b.String()
}

func oddTicks(ids []string) string {
	return fmt.Sprintf("The ticks of %s were taken back. It is unknown whether they count, because GitHub didn't tell who set them.\n\n"+
		"**Next step:** a release manager, or an owner of the step, ticks it again, or comments %s.", effect.Codes(ids), effect.Code("/release step "+ids[0]+" done"))
}

// mayList names who may edit something.
func mayList(teams []string) string {
	if len(teams) == 0 {
		return "nobody: the policy names no release managers for this branch"
	}
	return effect.Members(teams)
}

const exampleDay = "2026-08-19"

// phaseOf is the phase on a day, for replies.
func phaseOf(set Settings, v release.Version, r Record, on release.Date) release.Phase {
	return r.schedule(set.template(v)).Phase(on, r.reached())
}
