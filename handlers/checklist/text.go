package checklist

import (
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// How much of what others wrote is shown, in characters.
const (
	maxReason = 300
	maxFault  = 300
	maxTitle  = 100
)

// beginText is a new tracking issue below its record, with places for our parts.
func beginText(s Settings, v release.Version) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s\n\n## Checklist\n\n", effect.BlockPlace(blockDates), effect.BlockPlace(blockStatus))
	b.WriteString("A step ticks itself when Slipway finds the evidence for it; any other is ticked by a release manager or its owners. " +
		"Write here what you like: only the two tables above and the steps' own lines are kept by Slipway.\n")
	phase := ""
	for _, step := range s.template(v).Steps {
		if step.Phase != phase {
			phase = step.Phase
			fmt.Fprintf(&b, "\n### %s\n\n", effect.Inert(s.fill(phase, v), maxTitle))
		}
		fmt.Fprintf(&b, "%s\n", effect.ItemPlace(step.ID))
	}
	return b.String()
}

// datesText is the table of dates, which readDates reads back.
func datesText(s Settings, v release.Version, r Record) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## Dates\n\n| Milestone | Day | |\n|---|---|---|\n")
	for _, d := range r.schedule(s.template(v)).Dates() {
		var notes []string
		if d.Phase != "" {
			notes = append(notes, fmt.Sprintf("the branch is %s", effect.Code(string(d.Phase))))
		}
		if d.Moved {
			notes = append(notes, "set by hand")
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", effect.Code(d.Name), d.Day, strings.Join(notes, "; "))
	}
	managers := noManagers
	if len(r.Managers) > 0 {
		managers = effect.Codes(r.Managers)
	}
	fmt.Fprintf(&b, "\n%s %s\n", managersLabel, managers)
	return b.String()
}

// noManagers stands where a release names no managers.
const noManagers = "nobody is named"

// itemShort is a step's line where there is no room for more.
func itemShort(l laying, step Step) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(effect.Code(step.ID)+": "+l.s.fill(step.Title, l.v), "<!--", "&lt;!--")), " ")
}

// itemText is a step's line between its box and its mark.
func itemText(l laying, step Step, now State) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", effect.Code(step.ID), l.s.fill(step.Title, l.v))
	if step.Text != "" {
		b.WriteString(". " + l.s.fill(step.Text, l.v))
	}
	if due := dueOf(l, step); !due.IsZero() && !now.settled() {
		fmt.Fprintf(&b, " *By %s.*", due)
	}
	switch {
	case now.Status == StepSkipped:
		fmt.Fprintf(&b, " (skipped by %s", effect.Who(now.By))
		if now.Reason != "" {
			b.WriteString(": " + effect.Inert(now.Reason, maxReason))
		}
		b.WriteString(")")
	case now.Status == StepDone && !now.byHand():
		fmt.Fprintf(&b, " (%s)", evidenceText(now))
	case now.Status == StepDone && now.Reason != "":
		fmt.Fprintf(&b, " (%s: %s)", effect.Who(now.By), effect.Inert(now.Reason, maxReason))
	case now.Status == StepDone:
		fmt.Fprintf(&b, " (%s)", effect.Who(now.By))
	case now.byHand() && !step.Probe.empty(): // or nothing would show why it doesn't tick itself
		fmt.Fprintf(&b, " (unticked by %s; %s lets it tick itself again)", effect.Who(now.By), effect.Code("/release step "+step.ID+" reopen"))
	case now.Reason != "":
		b.WriteString(" (" + effect.Inert(now.Reason, maxReason) + ")")
	}
	if early := undone(l.is, step); now.settled() && len(early) > 0 {
		fmt.Fprintf(&b, " ⚠️ before %s", effect.Codes(early))
	}
	// A mark in the policy's own words would end the line's.
	return strings.Join(strings.Fields(strings.ReplaceAll(b.String(), "<!--", "&lt;!--")), " ")
}

// evidenceText is what was found, with a link to each place.
func evidenceText(now State) string {
	text := effect.Inert(now.Evidence, maxReason)
	if now.URL == "" {
		return text
	}
	text = fmt.Sprintf("[%s](%s)", text, now.URL)
	for i, link := range strings.Fields(now.More) {
		text += fmt.Sprintf(", [%d](%s)", i+2, link)
	}
	return text
}

// undone are the steps that a step needs and that are open.
func undone(r Record, step Step) []string {
	var open []string
	for _, need := range step.Needs {
		if !r.Steps[need].settled() {
			open = append(open, need)
		}
	}
	return open
}

// dueOf is the day by which a step has to be done; zero for none.
func dueOf(l laying, step Step) release.Date {
	due := step.Due.Offset()
	if due.From == "" {
		return release.Date{}
	}
	s := l.is.schedule(l.s.template(l.v))
	s.Milestones = []release.Milestone{{Name: "due", At: due}}
	s.Moved = nil
	return s.Day("due")
}

// gone says why a step is open again.
func gone(was State, f found) string {
	if len(f.Waits) > 0 {
		return "open again: it counts only once " + strings.Join(f.Waits, ", ") + " is done"
	}
	why := "open again: no longer so that " + was.Evidence
	if len(f.Lacking) > 0 {
		why += ", not in " + strings.Join(f.Lacking, ", ")
	}
	return why
}
