package freeze

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file holds the texts of the check.

func open(f known) effect.Verdict {
	b := f.PR.Base
	text, title := fmt.Sprintf("No code freeze is in force on %s, so this check lets the pull request through. "+
		"Should the branch be frozen before it merges, this check turns red by itself.", effect.Code(string(b))), string(b)+" is not frozen"
	if others := f.onBranch(); len(others) > 0 {
		title = string(b) + " is frozen for other pull requests"
		text = fmt.Sprintf("The freeze of %s is not about this pull request, so this check lets it through. That changes with what it changes and carries.\n%s",
			effect.Code(string(b)), freezeTables(f, others))
	}
	if w, ok := nextWindow(f); ok {
		text += fmt.Sprintf("\n\nThe next freeze, %s, begins at %s.", effect.Code(w.Name), instantIn(w.Start, f.Policy))
		if r := w.record(Record{}); r.partial() {
			text += fmt.Sprintf(" It holds only a pull request%s.", r.scope())
		}
		if w.Plan != nil {
			text += fmt.Sprintf(" That is %s of %s, and moves with it.", effect.Code(w.Window.Start.String()), effect.Linked(effect.Inert(w.Plan.Title, maxPlan), w.Plan.URL))
		}
	}
	for _, next := range f.Freezes {
		if next.concerns(b, f.Now) && !next.begun(f.Now) && next.Window == "" {
			text += fmt.Sprintf("\n\nA freeze is set for it: from %s until %s, %s.", instantIn(next.Since, f.Policy), untilText(next.Until, f.Policy), freezeLine(next))
		}
	}
	return effect.Verdict{State: effect.Pass, Title: title, Detail: gate.Stale(f.Policy, text)}
}

// nextWindow is the window of the branch that begins next; one that was thawed before that doesn't.
func nextWindow(f known) (next occurrence, ok bool) {
	for _, w := range f.occurrences() {
		thawed := func(h Freeze) bool {
			return w.is(h.Record) && (h.lifts(w) || h.End == nil && !h.concerns(f.PR.Base, f.Now))
		}
		about := matches(w.about, f.PR.Base) && !slices.ContainsFunc(f.Freezes, thawed)
		if about && w.Start.After(f.Now) && w.Start.Before(w.End) && (!ok || w.Start.Before(next.Start)) {
			next, ok = w, true
		}
	}
	return next, ok
}

func notConcerned(b release.Branch) effect.Verdict {
	return effect.Verdict{
		State: effect.Neutral,
		Title: string(b) + " is not governed",
		Detail: fmt.Sprintf("No code freeze can hold back what is against %s. "+
			"What this check said before no longer holds.", effect.Code(string(b))),
	}
}

// freezeLine names a freeze in one line, with a link if it has an issue.
func freezeLine(f Freeze) string {
	if f.Issue == 0 {
		return "the policy's window " + effect.Code(f.Window)
	}
	return fmt.Sprintf("[issue #%d](%s)", f.Issue, f.URL)
}

// accountNote says why an automation account's pull request isn't excepted.
func accountNote(f known) string {
	switch {
	case !f.byAccount() || f.isAccount(f.PushedBy):
		return ""
	case f.PushedBy == 0:
		return "\nIts author is an automation account that the policy excepts, but nobody remembers who pushed its newest commit, so that doesn't count. The next push by the account settles it.\n"
	}
	return "\nIts author is an automation account that the policy excepts, but somebody else pushed its newest commit, so that doesn't count.\n"
}

// freezeTables says of each freeze who froze, why, since and until when.
func freezeTables(f known, held []Freeze) string {
	var b strings.Builder
	for _, h := range held {
		if !h.Tampered {
			fmt.Fprintf(&b, "\nThe freeze is %s:\n\n%s", freezeLine(h), table(h.Record, f.Policy))
		}
	}
	return b.String()
}

func frozen(f known, blocking []Freeze) effect.Verdict {
	branch := effect.Code(string(f.PR.Base))
	var b strings.Builder
	fmt.Fprintf(&b, "%s is frozen, so this pull request can't merge now.\n", branch)
	b.WriteString(freezeTables(f, blocking))
	b.WriteString(spent(f, blocking))
	fmt.Fprintf(&b, "\n**What a freeze lets through:** %s\n", exceptionsText(f.Settings.Exceptions))
	for _, h := range blocking {
		if list := exceptionList(h.Exceptions); len(list) > 0 {
			fmt.Fprintf(&b, "\n**What the window %s lets through besides:** %s.\n", effect.Code(h.Window), strings.Join(list, "; "))
		}
	}
	b.WriteString(refusedLabels(f))
	b.WriteString(accountNote(f))
	if f.Undone.Unproven != "" {
		fmt.Fprintf(&b, "\nIt says that it takes something back, and the policy lets exact reverts through, but %s. "+
			"One made by `git revert` or GitHub's button, with nothing added, counts.\n", f.Undone.Unproven)
	}
	b.WriteString("\n**Next step:** none is needed from you. This check turns green by itself when the freeze ends. " + cannotWait(f, blocking))
	return effect.Verdict{State: effect.Block, Title: string(f.PR.Base) + " is frozen", Detail: gate.Stale(f.Policy, b.String())}
}

// cannotWait says how a change that can't wait gets through. Of several freezes it names each.
func cannotWait(f known, blocking []Freeze) string {
	hand := ""
	if slices.ContainsFunc(f.held(), func(h Freeze) bool { return f.stopsTide(h, f.PR.Base) }) {
		hand = ", to be merged by hand since the freeze stops Tide,"
	}
	var who, issues []string
	of := map[string][]string{}
	for _, h := range blocking {
		one := deciders(h, f.Policy, f.PR.Base)
		switch {
		case one == "" && len(h.Owners) > 0:
			return "Nobody can let the change through before that: the window " + effect.Code(h.Window) + " names owners, and no such team is one of this branch."
		case one == "":
			return "Nobody can let the change through before that: the policy names no release managers for this branch, " +
				"under `release_managers`."
		case !slices.Contains(who, one):
			who = append(who, one)
		}
		if of[one] = append(of[one], freezeLine(h)); h.Issue != 0 {
			issues = append(issues, fmt.Sprintf("#%d", h.Issue))
		}
	}
	exempt, thaw := effect.Code("/release exempt REASON"), "/release thaw "+string(f.PR.Base)
	switch {
	case len(who) > 1:
		for i, one := range who {
			who[i] = fmt.Sprintf("%s (%s)", one, strings.Join(of[one], " and "))
		}
		return fmt.Sprintf("If the change can't wait, ask those who decide, of each freeze its own: %s. Each lets this commit through theirs by the comment %s here%s "+
			"or ends it by %s.", strings.Join(who, ", and "), exempt, cmp.Or(hand, ","), effect.Code(thaw+" #ISSUE"))
	case len(blocking) > 1 && len(issues) > 0:
		return fmt.Sprintf("If the change can't wait, ask those who decide: %s. One of them lets this commit through all of these by the comment %s here%s "+
			"or ends them by %s.", who[0], exempt, cmp.Or(hand, ","), effect.Code(thaw+" "+strings.Join(issues, " ")))
	}
	return fmt.Sprintf("If the change can't wait, ask those who decide: %s. One of them lets this commit through by the comment %s here%s "+
		"or ends the freeze by %s.", who[0], exempt, cmp.Or(hand, ","), effect.Code(thaw))
}

// spent tells of exemptions that the pull request has had and that no longer
// cover it.
func spent(f known, blocking []Freeze) string {
	var b strings.Builder
	for _, h := range blocking {
		for _, e := range h.Exemptions {
			switch {
			case e.Number != f.PR.Number:
			case !f.same(e.Commit):
				fmt.Fprintf(&b, "\nThe exemption by %s was for the commit %s; the pull request is at %s now, which nobody has exempted.\n",
					effect.Who(e.By), effect.Code(effect.Short(e.Commit)), effect.Code(effect.Short(f.PR.Head)))
			default:
				fmt.Fprintf(&b, "\nThe exemption by %s ended at %s.\n", effect.Who(e.By), instantIn(e.Until, f.Policy))
			}
		}
	}
	return b.String()
}

// exceptionsText lists the policy's exceptions.
func exceptionsText(e Exceptions) string {
	return strings.Join(append([]string{"exemptions by a release manager, each for one commit"}, exceptionList(e)...), "; ") + "."
}

func exceptionList(e Exceptions) (list []string) {
	if n := len(e.Accounts); n > 0 {
		names := make([]string, n)
		for i, a := range e.Accounts {
			if names[i] = a.Login; a.Login == "" {
				names[i] = fmt.Sprintf("account %d", a.ID)
			}
		}
		list = append(list, "pull requests of "+effect.Codes(names))
	}
	if len(e.Paths) > 0 {
		list = append(list, "pull requests that change nothing but "+effect.Codes(asTexts(e.Paths)))
	}
	if len(e.Labels) > 0 {
		list = append(list, "the labels "+effect.Codes(asTexts(e.Labels))+", if a release manager sets them")
	}
	if e.Reverts {
		list = append(list, "pull requests that take back exactly what was merged into the branch")
	}
	return list
}

func refusedLabels(f known) string {
	var b strings.Builder
	for _, set := range f.Set {
		switch {
		case set.Unclear != "":
			fmt.Fprintf(&b, "\nThe label %s doesn't count yet: %s.\n", effect.Code(set.Label), set.Unclear)
		case !set.May:
			fmt.Fprintf(&b, "\nThe label %s doesn't count: %s, who set it, is not a release manager of the branch.\n",
				effect.Code(set.Label), effect.Who(set.By.Login))
		}
	}
	return b.String()
}

func excepted(f known, held []Freeze, why string) effect.Verdict {
	tide := f.tideStopped(held, f.PR.Base)
	if len(held) == 0 {
		return effect.Verdict{
			State: effect.Pass,
			Title: "whether " + string(f.PR.Base) + " is frozen or not, this may merge by the policy",
			Detail: gate.Stale(f.Policy, fmt.Sprintf("It can't be told whether %s is frozen, but this pull request may merge all the same: %s.\n",
				effect.Code(string(f.PR.Base)), why)),
		}
	}
	return effect.Verdict{
		State: effect.Pass,
		Title: string(f.PR.Base) + " is frozen; this may merge by the policy" + byHand(tide),
		Detail: gate.Stale(f.Policy, fmt.Sprintf("%s, but this pull request may merge all the same: %s.\n%s%s",
			effect.Code(string(f.PR.Base))+" is frozen", why, freezeTables(f, held), below(tide))),
	}
}

// byHand is what the title of a verdict says where Tide is stopped all the same.
func byHand(tide string) string {
	if tide == "" {
		return ""
	}
	return " (by hand: Tide is stopped)"
}

// below is a text as a paragraph below another.
func below(text string) string {
	if text == "" {
		return ""
	}
	return "\n" + text + "\n"
}

func exempted(f known, held []Freeze, granted []Exemption) effect.Verdict {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is frozen, and a release manager has exempted this commit:\n\n%s", effect.Code(string(f.PR.Base)), exemptionTable(granted, f.Policy))
	b.WriteString(freezeTables(f, held))
	if slices.ContainsFunc(granted, func(e Exemption) bool { return e.Commit != f.PR.Head }) {
		fmt.Fprintf(&b, "\nSince then GitHub itself has merged %s into it, and nothing else came: the exemption holds.\n", effect.Code(string(f.PR.Base)))
	}
	tide := f.tideStopped(held, f.PR.Base)
	b.WriteString(below(tide))
	b.WriteString("\n**Next step:** merge it before then. A new commit is held back again, and so is everything else.")
	return effect.Verdict{
		State:  effect.Pass,
		Title:  fmt.Sprintf("%s is frozen; %s is exempt", f.PR.Base, effect.Short(f.PR.Head)) + byHand(tide),
		Detail: gate.Stale(f.Policy, b.String()),
	}
}

func alteredFreeze(f known, altered Freeze) effect.Verdict {
	claimed := string(f.PR.Base)
	if len(altered.Branches) > 0 {
		claimed = strings.Join(altered.Branches, " ")
	}
	return effect.Verdict{
		State: effect.Block,
		Title: "a freeze record was changed by hand",
		Detail: gate.Stale(f.Policy, fmt.Sprintf("The record in [issue #%d](%s) is not as Slipway sealed it. So what is frozen is unknown. "+
			"Until that is mended no governed branch counts as open.\n\n"+
			"**Next step:** a release manager says it anew: the comment %s seals the freeze again, %s ends it.",
			altered.Issue, altered.URL, effect.Code("/release freeze "+claimed), effect.Code("/release thaw "+claimed))),
	}
}

func unclearFreeze(f known, doubt Freeze) effect.Verdict {
	branch := effect.Code(string(f.PR.Base))
	if doubt.partial() {
		branch = "pull requests against " + branch + strings.Replace(doubt.scope(), " that", ", those that", 1) + ","
	}
	return effect.Verdict{
		State: effect.Block,
		Title: "it can't be told whether " + string(f.PR.Base) + " is frozen",
		Detail: gate.Stale(f.Policy, fmt.Sprintf("The policy freezes %s by dates that can't be read now, because %s. "+
			"Until they can be, this check lets nothing through that a freeze would hold back.\n\n"+
			"**Next step:** none is needed from you: Slipway looks again every few minutes. If this stays, tell a release manager: %s.",
			branch, doubt.Why, managers(f.Policy, f.PR.Base))),
	}
}

// brokenCalendars says which calendars of the branch's windows are broken while the last good one
// stands, or while a window is about other pull requests; "" for none. It stands below a verdict.
func brokenCalendars(f known) string {
	var b strings.Builder
	seen := map[fileID]bool{}
	for _, w := range f.Settings.Windows {
		c := f.file(w)
		if !w.Calendar.Given() || seen[w.fileID()] || !w.freezes(f.PR.Base) || c.Broken+c.Unclear == "" {
			continue
		}
		seen[w.fileID()] = true
		since := ""
		if !c.Since.IsZero() {
			since = " since " + instantIn(c.Since, f.Policy)
		}
		stands := "No earlier one is good, so whatever the window may hold is held back"
		if c.Unclear == "" {
			stands = "The last good one"
			if c.GoodURL != "" {
				stands = "[The last good one](" + c.GoodURL + ")"
			}
			stands += " stands until that is mended"
		}
		fmt.Fprintf(&b, "\n\n**The calendar of the window %s is broken%s:** %s. %s. "+
			"**Next step** for whoever looks after it: mend it; %s says what is wrong with one.",
			effect.Code(w.Name), since, c.Broken+c.Unclear, stands, effect.Code("slipway validate FILE.ics"))
	}
	return b.String()
}

func brokenPolicy(p config.Loaded) effect.Verdict {
	return effect.Verdict{
		State: effect.Block,
		Title: "the policy can't be read",
		Detail: fmt.Sprintf("[The policy](%s) has faults, and no earlier version is good, so Slipway can't tell whether this branch is frozen "+
			"and holds the merge back.\n\n%s\n**Next step:** merge a change that mends the file; this check then runs again by itself.", p.URL, gate.Faults(p)),
	}
}

// groupVerdict is the verdict on a merge queue's group.
func groupVerdict(f known, members []gate.Member, complete bool) effect.Verdict {
	var blocked, through []gate.Member
	for _, m := range members {
		if m.State == effect.Pass {
			through = append(through, m)
		} else {
			blocked = append(blocked, m)
		}
	}
	frozen := string(f.PR.Base) + " is frozen"
	if len(f.held()) == 0 {
		frozen = "it can't be told whether " + frozen
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s.\n", sentence(heldPhrase(f.PR.Base, f.held(), f.doubtful(), f.Policy)))
	list := func(head string, members []gate.Member) {
		if len(members) > 0 {
			fmt.Fprintf(&b, "\n%s\n\n", head)
		}
		for _, m := range members {
			fmt.Fprintf(&b, "- #%d: %s\n", m.PR.Number, effect.Inert(m.Title, maxFault))
		}
	}
	list("Held back:", blocked)
	list("May merge all the same:", through)
	if !complete {
		b.WriteString("\nOf some commits in this group GitHub doesn't say which pull request they come from, so the group is held back.\n")
	}
	if len(blocked) == 0 && complete {
		return effect.Verdict{
			State: effect.Pass, Title: frozen + "; all of the group may merge", Detail: gate.Stale(f.Policy, b.String()),
		}
	}
	b.WriteString("\n**Next step:** none is needed from you. Add the pull request to the queue again when its own check is green.")
	return effect.Verdict{State: effect.Block, Title: frozen, Detail: gate.Stale(f.Policy, b.String())}
}
