package cherrypick

import (
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
)

// This file holds the text of a pick's pull request, and of an issue about a
// conflict.

// conflictNote stands in the message of a commit with conflict markers.
const conflictNote = "This commit holds conflict markers, to be resolved by hand."

// maxListed is how many files and commits a text lists.
const maxListed = 30

func pullText(s Snapshot) string {
	var b strings.Builder
	p := s.Pick.Picked
	fmt.Fprintf(&b, "This is the cherry-pick of %s onto %s.%s\n", s.picked(), effect.Code(s.Subject.name), asker(s))
	if p.Outcome == effect.PickConflict {
		if first := s.Pick.Pull; first != nil && first.Merged {
			fmt.Fprintf(&b, "\n#%d is an earlier pick of it, and merged there. If that wasn't reverted since, **close this one**.\n", first.Number)
		}
		b.WriteString(draftHead(s) + likewiseHead(s))
		b.WriteString(conflictText(s))
		b.WriteString(reusedText(*p) + byHand(s, true))
	}
	fmt.Fprintf(&b, "\nPicked: %s\n%s", commits(s.Pick.Commits), leftText(p.Left, s.Subject.name))
	if note := releaseNote(s.Pick.Source.Body); note != "" {
		b.WriteString("\nRelease note of the source:\n\n" + noteBlock(note))
	}
	return b.String()
}

func conflictIssueText(s Snapshot) string {
	return fmt.Sprintf("The cherry-pick of %s onto %s has conflicts.%s\n%s%s\nPicked: %s\n%s", s.picked(), effect.Code(s.Subject.name), asker(s),
		conflictText(s), byHand(s, s.Settings.OnConflict == Both), commits(s.Pick.Commits), leftText(s.Pick.Picked.Left, s.Subject.name))
}

func commits(ids []string) string {
	short := make([]string, len(ids))
	for i, id := range ids {
		short[i] = effect.Code(effect.Cut(id, 60))
	}
	if len(short) > maxListed {
		short = append(short[:maxListed], fmt.Sprintf("and %d more", len(ids)-maxListed))
	}
	return strings.Join(short, ", ")
}

// kinds say what each kind of conflict means.
var kinds = map[string]string{
	"content":        "both sides changed the same lines",
	"add/add":        "both sides added the file, differently",
	"modify/delete":  "one side changed what the other deleted",
	"rename":         "it was renamed",
	"binary":         "both sides changed it, and it has no lines to merge",
	"mode":           "its kind or its permissions differ",
	"file/directory": "a file on one side, a directory on the other",
	"submodule":      "the commits of a submodule differ",
	"line ends":      "one side changed nothing there but the line ends, CRLF against LF",
	"LFS pointer":    "both sides changed a file that Git LFS keeps elsewhere",
	"moved":          "one side renamed the directory that the other put it into",
}

// draftHead says what the draft holds, and until when the check holds it.
func draftHead(s Snapshot) string {
	conflicts := s.Pick.Picked.Conflicts
	if followed(*s.Pick.Picked).whole() {
		return "" // see likewiseHead
	}
	if s.forward() {
		return forwardDraftHead(s.Subject.name, slices.ContainsFunc(conflicts, marked))
	}
	if slices.ContainsFunc(conflicts, marked) {
		return "\n**It has conflicts.** This draft holds the files with the conflict markers in them. The check `slipway/release-branch` stays red " +
			"until all are gone.\n"
	}
	return "\n**It has conflicts that leave no markers.** This draft holds one side's version of each file. The check `slipway/release-branch` stays red " +
		"until somebody has pushed what it shall be. To have it as it is, comment " + effect.Code("/"+acceptName) + " here.\n"
}

// conflictText says what is in conflict, and what the pick probably waits for.
func conflictText(s Snapshot) string {
	var b strings.Builder
	p := s.Pick.Picked
	b.WriteString("\n| File | Conflict |\n|---|---|\n")
	for i, c := range p.Conflicts {
		if i == maxListed {
			fmt.Fprintf(&b, "| and %d more | |\n", len(p.Conflicts)-maxListed)
			break
		}
		fmt.Fprintf(&b, "| %s | %s: %s%s |\n", cell(c.Path), c.Kind, kinds[c.Kind], reusedNote(c.Reused, p.Like))
	}
	if len(p.Rest) > 0 {
		fmt.Fprintf(&b, "\nAfter the commit in conflict these have to be picked, too: %s\n", commits(p.Rest))
	}
	b.WriteString(needsText(s))
	return b.String()
}

// cell is a path in a table, where a bar would begin the next column.
func cell(path string) string { return strings.ReplaceAll(effect.Code(path), "|", "\\|") }

func needsText(s Snapshot) string {
	var b strings.Builder
	p, branch := s.Pick.Picked, effect.Code(s.Subject.name)
	switch {
	case p.Unsearched:
		fmt.Fprintf(&b, "\nWhich commits %s lacks for it couldn't be found out.\n", branch)
	case len(s.Pick.Needs) == 0:
		fmt.Fprintf(&b, "\nNo commit was found that %s lacks and that touches the same lines.\n", branch)
	default:
		fmt.Fprintf(&b, "\nThese commits touch the same lines and are **not on** %s, the newest first:\n\n", branch)
	}
	for i, n := range s.Pick.Needs {
		if i == maxListed {
			break
		}
		fmt.Fprintf(&b, "- %s %s", effect.Code(effect.Short(n.Commit)), effect.Inert(strings.TrimSuffix(strings.TrimSpace(n.Subject), fmt.Sprintf("(#%d)", n.PR)), 120))
		if n.PR != 0 {
			fmt.Fprintf(&b, " (#%d)", n.PR)
		}
		if n.Pick != "" {
			b.WriteString(": " + n.Pick)
		}
		b.WriteString("\n")
	}
	if p.More || len(s.Pick.Needs) > maxListed {
		b.WriteString("\nThere may be more of them.\n")
	}
	if len(s.Pick.Needs) > 0 {
		b.WriteString(offerNeeded(s))
		fmt.Fprintf(&b, "\nOnce they are there, %s on #%d to have this made anew. A resolution may hold one of them, too. Then somebody who may ask for picks "+
			"has to say so, in a comment on the pull request or in the message of their own commit: `Cherry-pick of #NUMBER`.\n", again(s.Subject.asked()), s.source())
	}
	return b.String()
}

// noteBlock shows a release note as the block that it was. No line of it may be
// a command, nor end the block.
func noteBlock(note string) string {
	fence := "```"
	for strings.Contains(note, fence) {
		fence += "`"
	}
	var b strings.Builder
	b.WriteString(fence + "release-note\n")
	for line := range strings.Lines(note) {
		if strings.HasPrefix(strings.TrimSpace(line), "/") {
			line = "\u200b" + line
		}
		b.WriteString(line)
	}
	return strings.TrimRight(strings.ReplaceAll(b.String(), "@", "@\u200b"), "\n") + "\n" + fence + "\n"
}
