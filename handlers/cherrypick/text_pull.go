package cherrypick

import (
	"fmt"
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
	fmt.Fprintf(&b, "This is the cherry-pick of #%d onto %s.%s\n", s.source(), effect.Code(s.Subject.name), asker(s))
	if p.Outcome == effect.PickConflict {
		b.WriteString("\n**It has conflicts.** This draft holds the files with the conflict markers in them. The check `slipway/release-branch` stays red " +
			"until all are gone.\n")
		b.WriteString(conflictText(s))
		b.WriteString(byHand(s, true))
	}
	fmt.Fprintf(&b, "\nPicked: %s\n", commits(s.Pick.Commits))
	if note := releaseNote(s.Pick.Source.Body); note != "" {
		b.WriteString("\nRelease note of the source:\n\n" + noteBlock(note))
	}
	return b.String()
}

func conflictIssueText(s Snapshot) string {
	return fmt.Sprintf("The cherry-pick of #%d onto %s has conflicts.%s\n%s%s\nPicked: %s\n", s.source(), effect.Code(s.Subject.name), asker(s),
		conflictText(s), byHand(s, s.Settings.OnConflict == Both), commits(s.Pick.Commits))
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
		fmt.Fprintf(&b, "| %s | %s: %s |\n", cell(c.Path), c.Kind, kinds[c.Kind])
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
		fmt.Fprintf(&b, "\nOnce they are there, %s on #%d to have this made anew. A resolution may hold one of them, too. Then somebody who may ask for picks "+
			"has to say so, in a comment on the pull request or in the message of their own commit: `Cherry-pick of #NUMBER`.\n", again(s.Subject.name), s.source())
	}
	return b.String()
}

// byHand are the exact commands that finish a pick. Every name in them was
// checked to be a branch or is a commit's id, and is quoted for a shell.
func byHand(s Snapshot, draft bool) string {
	var b strings.Builder
	head, target := quote(string(s.head())), quote(s.Subject.name)
	pick := "git cherry-pick -x"
	if s.Settings.SignOff {
		pick += " --signoff"
	}
	if draft {
		fmt.Fprintf(&b, "\nTo finish it by hand:\n\n```sh\n# origin is %s itself, not a fork\ngit fetch origin %s\ngit switch --detach FETCH_HEAD\n# resolve the conflicts: no line with <<<<<<<, ======= or >>>>>>> may stay\n"+
			"git add --all\ngit commit --signoff -m \"Resolve the conflicts\"\n", s.Key.Repo, head)
		for _, id := range s.Pick.Picked.Rest {
			fmt.Fprintf(&b, "git fetch origin %s\n%s %s\n", id, pick, id)
		}
		fmt.Fprintf(&b, "git push origin HEAD:%s\n```\n\nThen mark the draft as ready for review.\n", head)
		return b.String()
	}
	fmt.Fprintf(&b, "\nTo pick it by hand:\n\n```sh\n# origin is %s itself, not a fork\ngit fetch origin %s\ngit switch --create %s FETCH_HEAD\n", s.Key.Repo, target, head)
	for _, id := range s.Pick.Commits {
		mainline := ""
		if s.Pick.Mainline {
			mainline = " --mainline 1"
		}
		fmt.Fprintf(&b, "git fetch origin %s\n%s%s %s\n", id, pick, mainline, id)
	}
	fmt.Fprintf(&b, "git push origin %s\n```\n", head)
	return b.String()
}

// quote keeps a name one word of a shell.
func quote(name string) string { return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'" }

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
