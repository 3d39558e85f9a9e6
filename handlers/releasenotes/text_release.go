package releasenotes

import (
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
)

// This file holds the texts about the notes of a release.

// maxReport bounds a pull request's text, in characters; its record comes on top.
const maxReport = 50_000

// editionText is the text of the pull request: what it is, and the report.
func editionText(e edition) string {
	var b strings.Builder
	fmt.Fprintf(&b, "The notes of %s: what changed from %s to %s. Edit the files here as you like: Slipway leaves the lines that you have changed as they are "+
		"when it writes the notes anew, which it does for the comment %s", effect.Code(e.Version), effect.Code(e.From), effect.Code(e.To), effect.Code("/release notes "+e.Version))
	if e.Target != e.Repo {
		fmt.Fprintf(&b, " in %s", effect.Code(e.Repo.String()))
	}
	if e.Settings.Release.Refresh {
		fmt.Fprintf(&b, " and, as long as this is open, for each push to the release's branch")
	}
	fmt.Fprintf(&b, ". As generated, without anybody's changes, they stand on the branch %s.\n\n", effect.Code(string(e.generated())))
	b.WriteString(emptyText(e) + missingText(e) + skippedText(e) + goneText(e) + differText(e))
	b.WriteString(strings.Replace(e.Report.Markdown(), "# Report on", "## Report on", 1))
	return effect.Cut(b.String(), maxReport)
}

// emptyText tells that nothing is in.
func emptyText(e edition) string {
	if e.Report.Notes > 0 {
		return ""
	}
	return fmt.Sprintf("**No note is in them:** no note is new from %s to %s. **Next step:** if there should be some, look at what the report lists, or name another revision to begin from, like %s.\n\n",
		effect.Code(e.From), effect.Code(e.To), effect.Code("/release notes "+e.Version+" from=REVISION"))
}

// endsText tells what is to be known of the ends of the range; the report has it, too.
func endsText(e edition) string {
	if len(e.Report.Ends) == 0 {
		return ""
	}
	return "**The ends of the range:**\n\n- " + strings.Join(e.Report.Ends, "\n- ") + "\n\n"
}

// missingText names the repositories whose notes aren't in.
func missingText(e edition) string {
	if len(e.Missing) == 0 {
		return ""
	}
	return "**Repositories whose notes are not in:**\n\n- " + strings.Join(e.Missing, "\n- ") + "\n\n"
}

// goneText names the files that somebody has deleted.
func goneText(e edition) string {
	var names []string
	for _, f := range e.Files {
		if f.Gone {
			names = append(names, "- "+effect.Code(f.Path)+"\n")
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "**Files that somebody has deleted here, and that stay out:**\n\n" + strings.Join(names, "") +
		fmt.Sprintf("\nTo have one back, take it from the branch %s.\n\n", effect.Code(string(e.generated())))
}

// keptText tells of the places where people and Slipway changed the same lines.
func keptText(e edition) string {
	var b strings.Builder
	for _, f := range e.Files {
		if f.Kept > 0 {
			fmt.Fprintf(&b, "- %s: in %d places both Slipway and somebody else had a change, and theirs stayed; compare it with the branch %s\n",
				effect.Code(f.Path), f.Kept, effect.Code(string(e.generated())))
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return "**New notes that are not in:**\n\n" + b.String() + "\n"
}

// maxDiffer bounds how many lines are listed that stand otherwise.
const maxDiffer = 30

// differText lists the notes that stand otherwise than they were generated, or
// not at all: people have changed them, or the lines around a new one.
func differText(e edition) string {
	var b strings.Builder
	n := 0
	for _, f := range e.Files {
		if f.Gone {
			continue
		}
		for _, line := range absent(f.New, f.Merged) {
			if n++; n <= maxDiffer {
				fmt.Fprintf(&b, "- %s: %s\n", effect.Code(f.Path), effect.Inert(line, maxQuoted))
			}
		}
	}
	switch {
	case n == 0:
		return ""
	case n > maxDiffer:
		fmt.Fprintf(&b, "- and %d more\n", n-maxDiffer)
	}
	return "**Generated lines that aren't in as they are**, because somebody has changed them or what is around them:\n\n" + b.String() + "\n"
}

// absent lists the notes and headings of a text that another lacks.
func absent(text, in string) []string {
	have := map[string]bool{}
	for line := range strings.Lines(in) {
		have[strings.TrimSpace(line)] = true
	}
	var lacking []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if (strings.HasPrefix(line, "- ") || strings.HasPrefix(line, "#")) && !have[line] {
			lacking = append(lacking, line)
		}
	}
	return lacking
}

func editionReply(e edition) string {
	where := ""
	if e.Target != e.Repo {
		where = e.Target.String()
	}
	verb := "are proposed in a pull request from"
	if e.Pull != nil {
		verb = fmt.Sprintf("are brought up to date in %s#%d, from", where, e.Pull.Number)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "The notes of %s since %s %s %s: notes: %d.\n", effect.Code(e.Version), effect.Code(e.From), verb, effect.Code(string(e.head())), e.Report.Notes)
	if summary := e.Report.Summary(); summary != "" {
		b.WriteString("\n")
		for line := range strings.Lines(summary) {
			b.WriteString("- " + strings.TrimSpace(line) + "\n")
		}
		b.WriteString("\nThe pull request's description has the whole report.\n")
	}
	for _, f := range e.Files {
		if f.Edited && f.Kept == 0 && e.Pull != nil {
			fmt.Fprintf(&b, "\n%s was edited by hand, and that stays.\n", effect.Code(f.Path))
		}
	}
	for _, more := range []string{emptyText(e), endsText(e), missingText(e), skippedText(e), goneText(e), keptText(e)} {
		if more != "" {
			b.WriteString("\n" + strings.TrimRight(more, "\n") + "\n")
		}
	}
	if e.Approvers.Who != "" && !e.edited() {
		fmt.Fprintf(&b, "\n**Next step:** %s approves the pull request; then merge it.\n", e.Approvers.Than("you"))
	}
	return strings.TrimRight(b.String(), "\n")
}

func noNews(e edition) string {
	return fmt.Sprintf("The notes of %s since %s are on %s as they would be written now. Nothing was changed.",
		effect.Code(e.Version), effect.Code(e.From), effect.Code(string(e.Base)))
}
