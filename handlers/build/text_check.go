package build

import (
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
)

// untouched is for a pull request that starts nothing. It has the check all the
// same: a check that is required and missing would hold it back for ever.
func untouched(s Triggers) effect.Verdict {
	return effect.Verdict{
		State: effect.Pass, Title: "Starts nothing",
		Detail: fmt.Sprintf("This pull request leaves %s and %s alone, so its merge starts no build and no publish.",
			effect.Code(string(s.Build)), effect.Code(string(s.Publish))),
	}
}

// verdict is what is said of a pull request that changes trigger files.
func verdict(f pullFacts, found []judgedChange) effect.Verdict {
	grade, main := OK, found[0]
	for _, c := range found {
		if worse(grade, c.Grade()) != grade {
			grade, main = c.Grade(), c
		}
	}
	v := effect.Verdict{State: effect.Pass}
	var b strings.Builder
	switch grade {
	case Refuse:
		v.State, v.Title = effect.Block, sentence(main.Reason())
		b.WriteString("Merged as it is, this pull request would start something that nobody can want.\n")
	case Warn:
		v.Title = sentence(main.Does) + ": look before you merge"
		b.WriteString("Nothing holds this pull request back, but there is something to look at before it is merged.\n")
	default:
		v.Title = sentence(main.Does)
		b.WriteString("As soon as this pull request is merged, it starts what it says; nobody is asked again.\n")
	}
	v.Title = effect.Cut(v.Title, maxTitle)
	for _, c := range found {
		fmt.Fprintf(&b, "\n**%s** on %s: the merge %s.\n", effect.Code(c.Path), effect.Code(string(f.PR.Base)), effect.Inert(c.Does, maxFault))
		for _, r := range c.Remarks {
			mark := map[Grade]string{Warn: "⚠️", Refuse: "❌"}[r.Grade]
			fmt.Fprintf(&b, "- %s %s %s\n", mark, ended(sentence(effect.Inert(r.Text, maxFault))), effect.Inert(r.Next, maxFault))
		}
		for _, open := range shownBlockers(c.Blockers, c.Version) {
			fmt.Fprintf(&b, "  - %s\n", open)
		}
		if spared := sparedBlockers(c.Blockers, c.Version); len(spared) > 0 {
			fmt.Fprintf(&b, "- No blockers of this version, by a release manager's word: %s.\n", strings.Join(spared, "; "))
		}
	}
	b.WriteString("\nEvery change of a trigger file starts its job when it is merged, comments and reverts included.")
	v.Detail = b.String()
	return v
}

// notApproved is for a publish that two release managers aren't behind.
func notApproved(f pullFacts, v effect.Verdict) effect.Verdict {
	who := "nobody: the policy names no release managers for the release's branch"
	if len(f.Teams) > 0 {
		who = effect.Member(f.Teams)
	}
	begun := "none of them has pushed or approved it as it is now"
	next := "two of " + effect.Members(f.Teams) + " approve this pull request as it is now"
	if len(f.Backers) == 1 {
		one := f.Backers[0]
		begun = effect.Code(one.Who.Login) + " " + one.How + ", and no other of them has approved it as it is now"
		next = who + ", other than " + effect.Code(one.Who.Login) + ", approves this pull request as it is now"
	}
	if len(f.Teams) == 0 {
		next = who
	}
	unknown := ""
	if f.NoPusher {
		unknown = " GitHub doesn't show who pushed its newest commit, so nobody counts for that."
	}
	return effect.Verdict{
		State: effect.Block, Title: "Waits for a second release manager",
		Detail: fmt.Sprintf("Two release managers have to be behind a publish: %s.%s Whoever else opened or pushed it doesn't count.\n\n**Next step:** %s; "+
			"the check then runs again by itself.\n\n%s", begun, unknown, next, v.Detail),
	}
}

// torn is for a publish of ours whose text somebody has changed.
func torn(v effect.Verdict) effect.Verdict {
	return effect.Verdict{
		State: effect.Block, Title: "Its text was changed by hand",
		Detail: "Slipway proposed this publish, and the record of who asked for it is no longer as it was sealed. So who may approve it is unknown.\n\n" +
			"**Next step:** close this pull request, and ask for the publish again on the tracking issue.\n\n" + v.Detail,
	}
}

// maxTitle is how long a check's title may be without being cut in GitHub's list.
const maxTitle = 120

// sentence begins a text with a capital, if it begins with a letter.
func sentence(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// ended ends a sentence that may be a question.
func ended(s string) string {
	if strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}
