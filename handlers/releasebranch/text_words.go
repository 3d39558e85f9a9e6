package releasebranch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// This file holds the texts about what people name on a pick of ours.

// wayOf says how a source was found, and who named it where that is what it rests on.
func wayOf(f known, s provenance.Claim) string {
	i := slices.IndexFunc(f.Named, func(n named) bool { return n.Claim != nil && strings.HasPrefix(s.Commit, n.Claim.Commit) })
	switch {
	case i < 0 || f.Named[i].Word.Who.ID == 0:
		return ways[s.By]
	case s.By == provenance.ByIssue:
		return ways[s.By] + ", and the issue is " + namedIn(f.Named[i].Word)
	}
	return "it is " + namedIn(f.Named[i].Word)
}

// namedIn says who names something, and where.
func namedIn(w facts.Word) string {
	switch {
	case w.Comment != "":
		return fmt.Sprintf("named by %s in %s", effect.Code(w.Who.Login), effect.Linked("a comment", w.Comment))
	case w.Who.ID == 0:
		return "named in the message of " + effect.Code(effect.Short(w.Message))
	}
	return fmt.Sprintf("named in the message of %s, which %s pushed", effect.Code(effect.Short(w.Message)), effect.Code(w.Who.Login))
}

// lostWord says why what somebody names doesn't count, and what to do.
func lostWord(f known, w facts.Word) string {
	name, says := effect.Code(effect.Short(w.Commit)), "(cherry picked from commit "+w.Commit+")"
	if w.Number != 0 {
		name = numberOf(w.Number)
		says = "Cherry-pick of " + name
	}
	anew := fmt.Sprintf("comment %s here", effect.Code(says))
	why, next := "", "somebody who may ask for picks onto "+effect.Code(string(f.Base))+" has to "+anew
	switch w.Lost {
	case facts.EditedWord:
		why, next = "that comment was edited, perhaps by somebody else", anew+" instead"
	case facts.UntoldWord:
		why, next = "GitHub doesn't tell whether that comment was edited", "name it in the message of a commit instead"
	case facts.Nobodys:
		why = "nobody knows who pushed that commit"
	default:
		why, next = mayNot(f, w, anew)
	}
	return fmt.Sprintf("- %s, which is %s, doesn't count: %s. **Next step:** %s.\n", name, namedIn(w), why, next)
}

// mayNot is about somebody who may not ask for picks onto the branch, or of whom nobody can
// tell.
func mayNot(f known, w facts.Word, anew string) (why, next string) {
	branch, who := effect.Code(string(f.Base)), effect.Code(w.Who.Login)
	a := w.Asks
	switch {
	case a.Refused != nil:
		return "whether " + who + " may ask for picks onto " + branch + " is unknown. " + a.Refused.Cause(), a.Refused.Mend()
	case a.Unclear != "":
		return "whether " + who + " may ask for picks onto " + branch + " is unknown: " + effect.Inert(a.Unclear, 200), "mend the policy; this check then looks again by itself"
	}
	var may []string
	if a.Writers {
		may = append(may, "somebody who can push to this repository")
	}
	if len(a.Teams) > 0 {
		may = append(may, effect.Member(a.Teams))
	}
	if len(may) == 0 {
		may = append(may, "somebody who may")
	}
	why = who + " may not ask for picks onto " + branch
	if len(a.Missing) > 0 {
		why += ", and GitHub shows no team " + effect.Codes(a.Missing)
	}
	return why, strings.Join(may, " or ") + " has to " + anew
}
