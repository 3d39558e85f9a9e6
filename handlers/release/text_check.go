package release

import (
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
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

func groupPasses() effect.Verdict {
	return effect.Verdict{
		State: effect.Pass, Title: "Each pull request has passed by itself",
		Detail: "A merge queue takes only pull requests that have passed this check, so there is nothing more to be said of the group.",
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
	}
	b.WriteString("\nEvery change of a trigger file starts its job when it is merged, comments and reverts included.")
	v.Detail = b.String()
	return v
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

// sharedHead says that a check speaks for other pull requests too.
func sharedHead(about github.PullRequest, same []pullFacts) string {
	var others []string
	for _, f := range same {
		if f.PR.Number != about.Number {
			others = append(others, fmt.Sprintf("#%d against %s", f.PR.Number, effect.Code(string(f.PR.Base))))
		}
	}
	if len(others) == 0 {
		return ""
	}
	return fmt.Sprintf("\n\nThis is about #%d. Its commit is also the head of %s; a check belongs to a commit, so all of them show the same one.",
		about.Number, strings.Join(others, ", "))
}
