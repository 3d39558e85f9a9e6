package freeze

import (
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
)

// This file says what the issues are that a thaw names and that it ends nothing of.

// namedInVain answers a call that ended nothing, though it names issues: what each is, and what
// holds what the call names.
func namedInVain(f callFacts, issues []int, still []Freeze) string {
	var b strings.Builder
	b.WriteString("Nothing was changed.\n")
	for _, n := range issues {
		fmt.Fprintf(&b, "\n- %s", f.whatIs(n))
	}
	what := effect.Codes(branchNames(f.Branches))
	switch {
	case len(still) == 0 && len(f.Branches) == 0:
		b.WriteString("\n\nNo governed branch is frozen here.")
	case len(still) == 0:
		fmt.Fprintf(&b, "\n\nNo freeze holds %s.", what)
	default:
		fmt.Fprintf(&b, "\n\nWhat holds %s:\n%s\n**Next step:** name the one that is to end, by its issue: %s.", what, alreadyList(still, f.Policy), effect.Code("/release thaw BRANCH #ISSUE"))
	}
	return b.String()
}

// besidesInVain says, of a call that ended something, what else it names in vain; "" for nothing.
func besidesInVain(f callFacts, issues []int) string {
	if len(issues) == 0 {
		return ""
	}
	lines := make([]string, len(issues))
	for i, n := range issues {
		lines[i] = "\n- " + f.whatIs(n)
	}
	return "\n\nOf the others that you name nothing was changed:\n" + strings.Join(lines, "")
}

// whatIs says what an issue is of which a call ends nothing, and what to write if that was meant.
func (f callFacts) whatIs(n int) string {
	for _, have := range f.Freezes {
		switch {
		case have.Issue != n:
			continue
		case have.Tampered:
			return fmt.Sprintf("#%d is a freeze whose record was changed by hand, so that nobody knows what it holds", n)
		case have.End != nil:
			return fmt.Sprintf("#%d is a freeze of %s that is over: it ended at %s", n, have.names(), endedText(*have.End, f.Policy))
		case have.over(f.Now):
			return fmt.Sprintf("#%d is a freeze of %s that is over: it ended at %s", n, have.names(), instantIn(have.Until, f.Policy))
		case !have.before(f.Call):
			return fmt.Sprintf("#%d is a freeze of %s that was asked for after you wrote", n, have.names())
		}
		text := fmt.Sprintf("#%d is a freeze of %s, and holds nothing of what you name", n, have.names())
		if left := have.left(); len(left) > 0 && !isPattern(strings.Join(left, "")) {
			text = fmt.Sprintf("#%d holds %s until %s, and nothing of what you name. To end it, write %s",
				n, effect.Codes(left), untilText(have.Until, f.Policy), effect.Code(fmt.Sprintf("/release thaw %s #%d", strings.Join(left, " "), n)))
		}
		return text
	}
	return fmt.Sprintf("#%d is no freeze of this repository, or one that was closed more than a week ago", n)
}

// left are the branches that a freeze hasn't been thawed for, as its record has them.
func (r Record) left() (left []string) {
	for _, name := range r.Branches {
		thawed := false
		for _, t := range r.Thaws {
			thawed = thawed || string(t.Branch) == name
		}
		if !thawed {
			left = append(left, name)
		}
	}
	return left
}
