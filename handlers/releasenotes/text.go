package releasenotes

import (
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/notes"
)

// This file holds the texts of the check.

// maxQuoted bounds what is quoted of others, in characters; maxListed the findings
// of a list; maxShown the notes that are shown; maxDetail all of a text, which
// GitHub cuts at 65,535.
const (
	maxListed = 50
	maxQuoted = 300
	maxShown  = 20_000
	maxDetail = 60_000
)

func verdict(f known, state effect.State, title, detail string) effect.Verdict {
	return effect.Verdict{State: state, Title: title, Detail: effect.Cut(gate.Stale(f.Policy, strings.TrimRight(detail, "\n")), maxDetail)}
}

func goodNote(f known) effect.Verdict {
	n := 0
	for _, file := range f.Files {
		if file.Note.Valid() && !file.Same {
			n++
		}
	}
	title := "it brings a release note"
	if n > 1 {
		title = fmt.Sprintf("it brings %d files of release notes", n)
	}
	return verdict(f, effect.Pass, title, preview(f.readable(), f.Schema)+contradiction(f)+warnings(f)+unread(f))
}

// contradiction tells of the label beside a note. A pick's says that the note is its source's.
func contradiction(f known) string {
	if !labelled(f.PR.Labels, f.Settings.Label) || saysPick(textOf(github.Repo{}, f.PR, "")) {
		return ""
	}
	return fmt.Sprintf("\nThe label %s says that users will see nothing of this change, and it brings a note. The note counts. "+
		"**Next step:** take the label off, or the note out.\n", effect.Code(string(f.Settings.Label)))
}

// readable are the notes that a pull request brings, as far as they can be read.
func (f known) readable() []notes.File {
	var all []notes.File
	for _, n := range f.Files {
		if !n.Note.Empty() {
			all = append(all, n.Note)
		}
	}
	return all
}

// preview shows notes as they will be rendered. They stand in a block of code:
// nothing in them is a mention, a command or formatting here.
func preview(files []notes.File, schema notes.Schema) string {
	var b strings.Builder
	for _, item := range notes.Gather([]notes.Source{{Files: files}}) {
		b.WriteString(strings.TrimRight(item.Markdown(schema.Home), "\n") + "\n\n")
	}
	if b.Len() == 0 {
		return ""
	}
	text := effect.Cut(strings.TrimRight(b.String(), "\n"), maxShown)
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fmt.Sprintf("In the notes of the release this will stand as:\n\n%smarkdown\n%s\n%s\n", fence, text, fence)
}

func warnings(f known) string {
	return findingList(f.findings(), notes.Warning, "It may be merged as it is, but:")
}

func unread(f known) string {
	if f.Unread == 0 {
		return ""
	}
	return fmt.Sprintf("\n%d more note files were not looked at; %s looks at all of them.\n", f.Unread, effect.Code("slipway notes check"))
}

// findingList lists the findings of a severity; they also stand at their lines.
func findingList(all []notes.Finding, severity notes.Severity, head string) string {
	var b strings.Builder
	n := 0
	for _, one := range all {
		if one.Severity != severity {
			continue
		}
		if n++; n == 1 {
			fmt.Fprintf(&b, "\n%s\n\n", head)
		}
		if n <= maxListed {
			fmt.Fprintf(&b, "- %s, line %d: %s\n", effect.Code(one.Path), one.Line, effect.Inert(one.String(), maxQuoted))
		}
	}
	if n > maxListed {
		fmt.Fprintf(&b, "- and %d more\n", n-maxListed)
	}
	return b.String()
}

func wrongNote(f known, all []notes.Finding) effect.Verdict {
	n := 0
	for _, one := range all {
		if one.Severity == notes.Error {
			n++
		}
	}
	title := "a release note has an error"
	if n > 1 {
		title = fmt.Sprintf("the release notes have %d errors", n)
	}
	text := findingList(all, notes.Error, "What is wrong also stands beside each line:") +
		findingList(all, notes.Warning, "Not in the way of a merge, but worth a look:") + unread(f) +
		"\n**Next step:** push the corrections, or take the file out of this pull request. The check looks again by itself.\n\n" + preview(f.readable(), f.Schema)
	return verdict(f, effect.Block, title, strings.TrimLeft(text, "\n"))
}

func tooManyNotes(f known) effect.Verdict {
	return verdict(f, effect.Block, fmt.Sprintf("more than %d note files", maxNotes),
		fmt.Sprintf("This pull request adds or changes %d note files, and %d are looked at here. It is unknown whether the others are good.\n\n"+
			"**Next step:** split it, or run %s over the folder and set the label %s%s.",
			len(f.Files)+f.Unread, maxNotes, effect.Code("slipway notes check"), effect.Code(string(f.Settings.Label)), whoMay(f)))
}

func exemptFiles(f known) effect.Verdict {
	return verdict(f, effect.Pass, "none of its files needs a release note",
		"Each file that this pull request changes is one that never needs a note, by the policy's "+effect.Code("releasenotes.exempt.paths")+"."+warnings(f))
}

func byAccount(f known) effect.Verdict {
	return verdict(f, effect.Pass, "an automation account's change needs no release note",
		"The policy lets this account's pull requests merge without a note, under "+effect.Code("releasenotes.exempt.accounts")+".")
}

func ownNotes(f known) effect.Verdict {
	return verdict(f, effect.Pass, "it brings the notes of a release",
		"Slipway opened this pull request for "+effect.Code("/release notes")+", and it changes nothing but the notes of a release, which need no note of their own."+warnings(f))
}

func waivedByLabel(f known) effect.Verdict {
	text := fmt.Sprintf("The label %s says that users will see nothing of this change.", effect.Code(string(f.Settings.Label)))
	if f.Label.By.Login != "" {
		text = fmt.Sprintf("%s set the label %s: users will see nothing of this change.", effect.Inert(f.Label.By.Login, 40), effect.Code(string(f.Settings.Label)))
	}
	return verdict(f, effect.Pass, "waived by the label "+string(f.Settings.Label), text+" Taken off, this check asks for a note again."+warnings(f)+unread(f))
}

func waivedByBox(f known) effect.Verdict {
	return verdict(f, effect.Pass, "waived by its description",
		"The description says that users will see nothing of this change, by the policy's "+effect.Code("releasenotes.description")+"."+warnings(f))
}

func neverWaived(f known, k Kind) effect.Verdict {
	text := fmt.Sprintf("By the policy a change of the kind %s always needs a release note: neither the label %s nor the description counts for it.\n",
		effect.Inert(k.Name, 60), effect.Code(string(f.Settings.Label)))
	if f.Unclear {
		text += fmt.Sprintf("It changes more files than can be listed, or takes away more than the %d notes that are read here, so it counts as one.\n", maxGone)
	}
	return verdict(f, effect.Block, "a change of the kind "+k.Name+" needs a release note", text+howTo(f))
}

func noNote(f known) effect.Verdict {
	var b strings.Builder
	b.WriteString("This pull request brings no release note, so users won't read about it in the notes of the release.\n")
	for _, n := range f.Files {
		if n.Same {
			fmt.Fprintf(&b, "\n%s is renamed and otherwise the same, which makes it no note of this change.\n", effect.Code(n.Path))
		}
	}
	for _, one := range f.Changes.Files {
		if one.Gone && f.Settings.holds(one.Path) {
			fmt.Fprintf(&b, "\n%s is deleted, which is no note either.\n", effect.Code(one.Path))
			break
		}
	}
	b.WriteString(refusedWaivers(f) + accountNote(f) + howTo(f) + letOff(f))
	return verdict(f, effect.Block, "no release note", b.String())
}

// letOff says how a change gets through without a note.
func letOff(f known) string {
	text := fmt.Sprintf("\n\nIf users will see nothing of the change, set the label %s%s", effect.Code(string(f.Settings.Label)), whoMay(f))
	if f.Settings.Description != "" {
		text += ", or say so in the description as the policy's " + effect.Code("releasenotes.description") + " wants it"
	}
	return text + ". This check then looks again at once.\n"
}

func whoMay(f known) string {
	if f.Settings.LabelBy == Anyone {
		return ""
	}
	return ", which " + setters(f) + " can do"
}

// setters are those who may set the label.
func setters(f known) string {
	if f.Settings.LabelBy == Writers {
		return "whoever may push here"
	}
	teams := f.Policy.ManagerTeams(f.PR.Base)
	if len(teams) == 0 {
		return "nobody, as the policy names no release managers for this branch,"
	}
	return "the release managers, " + effect.Members(teams) + ","
}
