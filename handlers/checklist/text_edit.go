package checklist

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
)

// text is what is said about an edit by hand, in one comment; "" for nothing, which
// is so if all of it was taken over.
func (h judged) text(s handFacts) string {
	by := effect.Who(s.what.who.Login)
	var said []string
	say := func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	verbs := map[string]string{edTick: "ticked", edUntick: "unticked", edDelete: "deleted"}
	for _, did := range []string{edTick, edUntick, edDelete} {
		if ids := h.refused[did]; len(ids) > 0 {
			say("%s %s by %s, who may not do that, so %s put back.", stepsWere(ids, h.moreOf(did)), verbs[did], by, itWas(ids, h.moreOf(did)))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(h.early)) {
		say("The step %s was ticked by %s too early, so it was put back: %s.", effect.Code(id), by, h.early[id])
	}
	if h.many {
		say("The lines of %s were deleted by %s in one edit. That many may be a slip, so they were put back.\n\n"+
			"**Next step:** if they are to go, delete them by at most %d at a time, or comment %s for each.",
			stepList(h.dropped, h.more), by, maxDrops, effect.Code("/release step NAME skip REASON"))
	} else if len(h.dropped) > 0 {
		lines := "line"
		if len(h.dropped) > 1 {
			lines = "lines"
		}
		say("%s dropped: %s deleted the %s. Nothing waits for a step that was dropped.\n\n**To get one back:** comment %s, or put its line back.",
			stepsWere(h.dropped, 0), by, lines, effect.Code("/release step "+h.dropped[0]+" reopen"))
	}
	if len(h.twice) > 0 {
		say("The line of %s stood in the text more than once, so it is unknown which of them %s ticked. The copies are words like others now.\n\n"+
			"**Next step:** tick the one line that is left, or comment %s.", stepList(h.twice, 0), by, effect.Code("/release step "+h.twice[0]+" done"))
	}
	said = append(said, h.dates.text(s)...)
	said = append(said, h.wordsText(by)...)
	said = append(said, h.doubtsText(s)...)
	if teams := h.mayTeams(s); teams != nil {
		say("**Who may:** %s.", mayList(teams))
	}
	return strings.Join(said, "\n\n")
}

// wordsText says what became of words in texts that are Slipway's.
func (h judged) wordsText(by string) (said []string) {
	if len(h.kept) > 0 {
		said = append(said, fmt.Sprintf("What %s wrote into the line of %s stands at its end now: the text before that is written by Slipway.", by, stepList(h.kept, 0)))
	}
	var put []string
	if len(h.rewritten) > 0 {
		put = append(put, "the text of "+stepList(h.rewritten, 0))
	}
	if h.status {
		put = append(put, "the status")
	}
	if len(put) > 0 {
		said = append(said, fmt.Sprintf("%s edited %s, which Slipway writes itself, so it was put back. A step's title and text stand in the policy; words at the end of a step's line stay.",
			by, strings.Join(put, " and ")))
	}
	return said
}

// text says what became of an edit of the dates.
func (d datesJudged) text(s handFacts) (said []string) {
	by, t := effect.Who(s.what.who.Login), s.template()
	example := effect.Code("/release date MILESTONE " + exampleDay)
	switch {
	case d.refused:
		said = append(said, fmt.Sprintf("The dates were edited by %s, who may not change them, so they were put back.", by))
	case d.fault != "":
		said = append(said, fmt.Sprintf("The dates that were written by hand can't be taken over, so they were put back: %s.\n\n**Next step:** edit them again, or comment %s.", d.fault, example))
	case d.undone:
		said = append(said, fmt.Sprintf("%s edited the table of dates. Only its days and the release managers can be changed there, so the rest was put back.", by))
	}
	for _, name := range d.unknown {
		said = append(said, fmt.Sprintf("A row of the dates was put back, because %s\n\n**Next step:** edit the row that is meant, or comment %s.",
			noMilestone(t, name), example))
	}
	return said
}

// mayTeams are the teams of which somebody may do what was refused; nil if nothing
// was.
func (h judged) mayTeams(s handFacts) []string {
	if len(h.refused) == 0 && !h.dates.refused {
		return nil
	}
	teams := append([]string{}, s.Standings[wholeOf].teams...)
	for _, did := range []string{edTick, edUntick} {
		for _, id := range h.refused[did] {
			teams = append(teams, s.Standings[id].teams...)
		}
	}
	var all []string
	for _, team := range teams {
		if !slices.Contains(all, team) {
			all = append(all, team)
		}
	}
	return append([]string{}, all...)
}

// moreOf is how many steps there are that aren't named.
func (h judged) moreOf(did string) int {
	if did == edDelete {
		return h.more
	}
	return 0
}

func stepList(ids []string, more int) string {
	list := effect.Codes(ids[:min(len(ids), maxNamed)])
	if more += max(len(ids)-maxNamed, 0); more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return list
}

func stepsWere(ids []string, more int) string {
	if len(ids)+more == 1 {
		return "The step " + effect.Codes(ids) + " was"
	}
	return "The steps " + stepList(ids, more) + " were"
}

func itWas(ids []string, more int) string {
	if len(ids)+more == 1 {
		return "it was"
	}
	return "they were"
}

// lostText shows people's lines that a write of ours undid and that have no place
// any more. They stand in code, where nothing of them acts.
func lostText(rest []effect.Hunk) string {
	var b strings.Builder
	b.WriteString("Somebody saved this issue's text at the very moment at which Slipway wrote into it, and these words are gone from it. " +
		"They couldn't be put back, because the text around them was changed meanwhile, or because they are too long:\n")
	for _, h := range rest {
		fmt.Fprintf(&b, "\n%s\n\n%s\n", placeText(h.After), fencedText(h.New))
	}
	b.WriteString("\n**Next step:** whoever wrote them puts them where they belong. Under “edited” above the issue's text GitHub shows each of its versions.")
	return b.String()
}

// doubledText says that lines stand beside those that they were to replace.
func doubledText(both []effect.Hunk) string {
	var b strings.Builder
	b.WriteString("Somebody changed lines of this issue's text at the very moment at which Slipway wrote into it. Both versions stand there now, the changed one below:\n")
	for _, h := range both {
		fmt.Fprintf(&b, "\n%s\n", fencedText(h.New))
	}
	b.WriteString("\n**Next step:** delete the lines that are out of date.")
	return b.String()
}

func placeText(after string) string {
	switch name, ours := strings.CutPrefix(after, "\x00"); {
	case after == "":
		return "At the beginning:"
	case after == cutHunk:
		return "Cut, because there are too many to carry:"
	case ours:
		return "Below the " + effect.Inert(name, maxTitle) + ":"
	}
	return "Below the line " + effect.Code(effect.Cut(after, maxTitle)) + ":"
}

// fencedText is lines in a fence that is longer than any in them. None begins like
// a command: other bots read code, too.
func fencedText(lines []string) string {
	text := effect.Cut(strings.Join(lines, "\n"), maxReply*4)
	text = strings.TrimPrefix(strings.ReplaceAll("\n"+text, "\n/", "\n\u200b/"), "\n")
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + "text\n" + text + "\n" + fence
}
