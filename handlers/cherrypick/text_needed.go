package cherrypick

import (
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// This file holds what is said of picks that are made because another needs them.

// withNeededCommand is what has a pick made anew once what it needs is there.
func withNeededCommand(branch string) string { return "/cherry-pick " + branch + " " + neededOption }

// offerNeeded offers the command. It begins no line, not even of a block of code: other bots
// would take it for theirs.
func offerNeeded(s Snapshot) string {
	if s.Subject.commit != "" { // such a pick has no draft that is made anew by itself
		return ""
	}
	most := ""
	if len(s.Pick.Needs) > maxNeeds {
		most = fmt.Sprintf(" That picks the %d newest.", maxNeeds)
	}
	return fmt.Sprintf("\nTo have them picked first, and this made anew once they are merged, comment %s on #%d.%s\n",
		effect.Code(withNeededCommand(s.Subject.name)), s.source(), most)
}

// neededBy is what the line about a pick says that another needs.
func neededBy(source int) string { return fmt.Sprintf(" #%d needs it.", source) }

// neededReply is what the answer to a command says of what a pick needs.
func neededReply(f callFacts, n namedBranch) string {
	p := n.Pick.Pull
	switch {
	case n.Why != "" || !has(f.Call, neededOption):
		return ""
	case !f.PR.Merged || p == nil || p.State == github.Closed:
		return " Should it conflict, what it needs is picked first."
	case p.unresolved() && p.untouched():
		return " What it needs is picked first."
	}
	return ""
}

// neededText adds to the line about a conflict what it waits for.
func neededText(s Snapshot, text string) string {
	if r, ok := s.conflicted(); ok && r.Anew && s.withNeeded() {
		return text + " It was made anew once what it needed was there, and still conflicts."
	}
	if !s.waitsForNeeded() {
		return text
	}
	at := fmt.Sprintf("Issue #%d is about it.", number(s))
	if s.Pick.Pull != nil {
		at = holdsText(s.Pick.Pull.Record, number(s))
	}
	text = "**conflict.** " + at
	var waits, trouble []string
	for _, n := range s.Pick.Needed {
		phrase, next := s.neededPhrase(n)
		if phrase != "" {
			waits = append(waits, phrase)
		}
		if next != "" {
			trouble = append(trouble, next)
		}
	}
	switch {
	case len(s.Pick.Needed) == 0:
		text += " Nothing was found that it needs. **Next step:** resolve it there."
	case len(waits) > 0:
		text += " It **waits for** " + strings.Join(waits, ", ") + ", and is made anew once they are merged."
	case s.anew():
		text += " What it needs is there, so it is being made anew."
	}
	if len(trouble) > 0 {
		text += " " + strings.Join(trouble, " ") + " Or resolve the conflict by hand."
	}
	return text
}

// number is that of the draft, or of the issue.
func number(s Snapshot) int {
	if s.Pick.Pull != nil {
		return s.Pick.Pull.Number
	}
	return s.Pick.Issue.Number
}

// neededPhrase says how far a needed one is, "" where it is there or never will be waited
// for, and what somebody has to do about it, as sentences.
func (s Snapshot) neededPhrase(n neededFacts) (phrase, next string) {
	branch := s.Subject.name
	if n.PR == nil {
		commit := effect.Code(effect.Short(n.Commit))
		return "", fmt.Sprintf("%s came with no pull request, so it isn't picked. **Next step:** pick it by hand, with %s.", commit, effect.Code("git cherry-pick -x "+n.Commit))
	}
	at := fmt.Sprintf("#%d", n.PR.Number)
	switch p := n.Pick; {
	case n.there():
		return "", ""
	case s.toAsk(n) && !s.Pick.MayNeeded:
		return at, fmt.Sprintf("%s isn't asked for, because %s may not ask for picks onto %s any more. **Next step:** somebody who may has to %s on %s.",
			at, effect.Code(s.Pick.By.Login), effect.Code(branch), again(branch), at)
	case s.toAsk(n), n.Labelled && n.Record.State == Waiting, n.Labelled && n.Part == "":
		return at + " (is being picked)", ""
	case p != nil && p.State == github.Open && n.Record.State == Clashed:
		return fmt.Sprintf("%s (its pick #%d conflicts)", at, p.Number), fmt.Sprintf("**Next step:** resolve #%d, or comment %s on %s.", p.Number, effect.Code(withNeededCommand(branch)), at)
	case p != nil && p.State == github.Open:
		return fmt.Sprintf("%s (its pick #%d is open)", at, p.Number), ""
	case n.Record.State == ByHand:
		return fmt.Sprintf("%s (#%d, which somebody opened, is its pick)", at, n.Record.StandIn.PR), ""
	case p != nil:
		return at, fmt.Sprintf("The pick #%d of %s was closed without being merged. **Next step:** if it is wanted after all, %s on %s.", p.Number, at, again(branch), at)
	case !n.Labelled:
		return at, fmt.Sprintf("The pick of %s was withdrawn. **Next step:** if it is wanted after all, %s on %s.", at, again(branch), at)
	}
	return at, fmt.Sprintf("%s isn't picked. **Next step:** its status comment says why.", at)
}

// stillConflicts reports whether whoever asked is still to be told of a draft that conflicts
// though it was made anew once what it needed was there, or proposes something.
func (s Snapshot) stillConflicts(r Record) bool {
	c, ok := s.conflicted()
	return ok && s.Pick.Pull != nil && r.State == Clashed && (c.Anew || c.Like.PR != 0) && !strings.HasSuffix(r.Told, "/"+effect.Short(c.Commit))
}
