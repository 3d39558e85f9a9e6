package releasenotes

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// howTo says how to write a note, with a link that begins one.
func howTo(f known) string {
	path := fmt.Sprintf("%s/%d%s", f.Settings.Path, f.PR.Number, f.Schema.Extensions[0])
	text := fmt.Sprintf("\n**Next step:** add a file like %s", effect.Code(path))
	if web := webOf(f.PR.URL); web != "" && f.PR.HeadRepo != (github.Repo{}) {
		q := url.Values{"filename": {path}, "value": {skeleton(f)}}
		branch := strings.ReplaceAll(url.PathEscape(string(f.PR.HeadRef)), "%2F", "/")
		text += fmt.Sprintf(", [begun here](%s/%s/new/%s?%s)", web, f.PR.HeadRepo, parens.Replace(branch), parens.Replace(q.Encode()))
	}
	if f.Schema.Guide != "" {
		return text + ". " + f.Schema.Guide
	}
	return text + "."
}

// parens are what would end a link of Markdown.
var parens = strings.NewReplacer("(", "%28", ")", "%29")

// webOf is the address of GitHub itself, by that of a pull request.
func webOf(pull string) string {
	u, err := url.Parse(pull)
	if err != nil || u.Host == "" || strings.Count(u.Path, "/") != 4 {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// skeleton is a note to fill in.
func skeleton(f known) string {
	s := f.Schema
	return fmt.Sprintf("apiVersion: %s\n# one of %s\nkind: %s\n# one of %s\narea: %s\nissue: []\nreleaseNotes:\n- |\n  **%s** ...\n",
		s.APIVersions[0], strings.Join(s.Kinds, ", "), s.Kinds[0], strings.Join(s.Areas, ", "), s.Areas[0], s.Actions[0])
}

// refusedWaivers tells of a label or a description that doesn't count.
func refusedWaivers(f known) string {
	var b strings.Builder
	label := effect.Code(string(f.Settings.Label))
	switch w := f.Label; {
	case w.Given && w.Unclear != "":
		fmt.Fprintf(&b, "\nThe label %s doesn't count yet: %s.\n", label, w.Unclear)
	case w.Given && !w.May:
		fmt.Fprintf(&b, "\nThe label %s doesn't count: %s, who set it, may not; %s may.\n", label, effect.Inert(w.By.Login, 40), strings.TrimSuffix(setters(f), ","))
	}
	if f.Box.Given && !f.Box.May {
		fmt.Fprintf(&b, "\nThe description says that no note is needed, which doesn't count: %s, its author, may not push here.\n", effect.Inert(f.Box.By.Login, 40))
	}
	return b.String()
}

// accountNote says why an automation account's pull request isn't excepted.
func accountNote(f known) string {
	switch {
	case !f.Account.Author || f.Account.Pusher:
		return ""
	case f.Account.Unknown:
		return "\nIts author is an automation account that the policy excepts, but nobody remembers who pushed its newest commit, so that doesn't count. The next push by the account settles it.\n"
	}
	return "\nIts author is an automation account that the policy excepts, but somebody else pushed its newest commit, so that doesn't count.\n"
}

func inherited(f known) effect.Verdict {
	var b strings.Builder
	for _, s := range f.Sources {
		if s.State == waived {
			fmt.Fprintf(&b, "#%d, which this picks, was let off by the label %s.\n\n", s.Number, effect.Code(string(f.Settings.Label)))
			continue
		}
		fmt.Fprintf(&b, "#%d, which this picks, has a release note.\n", s.Number)
		if len(s.Paths) > 0 {
			fmt.Fprintf(&b, "This pull request doesn't bring %s. The notes of a release are made of the files on its branch: unless %s has them already, add them here.\n",
				effect.Code(strings.Join(s.Paths, ", ")), effect.Code(string(f.PR.Base)))
		}
		b.WriteString("\n" + preview(s.Notes, f.Schema) + "\n")
	}
	return verdict(f, effect.Pass, inheritedTitle(f.Sources), b.String()+warnings(f))
}

func inheritedTitle(sources []source) string {
	n := len(sources)
	withNote := slices.DeleteFunc(slices.Clone(sources), func(s source) bool { return s.State != noted })
	switch {
	case len(withNote) == 0 && n == 1:
		return fmt.Sprintf("#%d, which it picks, needed no note", sources[0].Number)
	case len(withNote) == 0:
		return fmt.Sprintf("the %d pull requests that it picks needed no note", n)
	case n == 1:
		return fmt.Sprintf("it has the note of #%d", sources[0].Number)
	case len(withNote) == 1:
		return fmt.Sprintf("it has the note of #%d; no other of the %d that it picks needed one", withNote[0].Number, n)
	case len(withNote) < n:
		return fmt.Sprintf("it has the notes of %d of the %d pull requests that it picks; no other needed one", len(withNote), n)
	}
	return fmt.Sprintf("it has the notes of %d picked pull requests", n)
}

func sourceLacks(f known) effect.Verdict {
	var without []string
	var b strings.Builder
	for _, s := range f.Sources {
		name := fmt.Sprintf("#%d", s.Number)
		switch s.State {
		case noted:
			fmt.Fprintf(&b, "- %s has a release note\n", name)
		case waived:
			fmt.Fprintf(&b, "- %s was let off by the label %s\n", name, effect.Code(string(f.Settings.Label)))
		case lacking:
			without = append(without, name)
			b.WriteString(lackingText(name, s.Label, effect.Code(string(f.Settings.Label))))
		case foreign:
			without = append(without, name)
			fmt.Fprintf(&b, "- **%s isn't what this changes**, so nothing is taken over from it: each file that is changed here, but for notes, has to be one that the picked pull requests changed\n", name)
		default:
			without = append(without, name)
			fmt.Fprintf(&b, "- **%s is no pull request that was merged into %s**, so nothing can be taken over from it\n", name, effect.Code(string(f.From)))
		}
	}
	text := "This is a cherry-pick, which takes over the notes of what it picks:\n\n" + b.String() + refusedWaivers(f) + accountNote(f) + howTo(f) + letOff(f) +
		"\nThe label on the source does, too.\n"
	return verdict(f, effect.Block, "no release note for "+strings.Join(without, ", "), text)
}

// lackingText says what a source lacks, where it has a label that doesn't count too.
func lackingText(name string, w waiver, label string) string {
	switch {
	case w.Given && w.Unclear != "":
		return fmt.Sprintf("- **%s has no valid release note**, and its label %s doesn't count yet: %s.\n", name, label, w.Unclear)
	case w.Given:
		return fmt.Sprintf("- **%s has no valid release note**, and its label %s doesn't count: %s, who set it, may not\n", name, label, effect.Inert(w.By.Login, 40))
	}
	return fmt.Sprintf("- **%s has neither a valid release note nor the label %s**\n", name, label)
}

func brokenPolicy(p config.Loaded) effect.Verdict {
	return effect.Verdict{
		State: effect.Block,
		Title: "the policy can't be read",
		Detail: fmt.Sprintf("[The policy](%s) has faults, and no earlier version is good, so Slipway can't tell whether this needs a release note "+
			"and holds the merge back.\n\n%s\n**Next step:** merge a change that mends the file; this check then runs again by itself.", p.URL, gate.Faults(p)),
	}
}

// switchedOff is what is said when the policy asks for no notes any more.
func switchedOff(p config.Loaded) effect.Verdict {
	return effect.Verdict{
		State: effect.Neutral, Title: "no release notes are asked for",
		Detail: fmt.Sprintf("[The policy](%s) names no folder of release notes any more (%s). What this check said before was about the time when it did.",
			p.URL, effect.Code("releasenotes.path")),
	}
}
