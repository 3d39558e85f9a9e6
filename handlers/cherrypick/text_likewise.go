package cherrypick

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/istio-ecosystem/slipway/internal/effect"
)

// This file holds what is said of a conflict that is resolved as it was on another branch.

// Bounds of the resolutions that a text shows.
const (
	maxShownFiles = 10
	maxShownLines = 80 // of one file
	maxShownBytes = 20_000
)

// proposedNote stands in the message of a commit that follows a resolution; see conflictNote.
const proposedNote = "Slipway proposes this resolution, and nobody has looked at it here:"

func likewiseNote(l like) string {
	return proposedNote + "\nit is how the conflict was resolved on " + string(l.Branch) + "."
}

// saysConflict reports the message of a commit of ours that a person has to see to.
func saysConflict(message string) bool {
	return strings.Contains(message, conflictNote) || strings.Contains(message, proposedNote)
}

// likewiseHead says what the draft proposes, before all else.
func likewiseHead(s Snapshot) string {
	like := s.Pick.Picked.Like
	if like.PR == 0 {
		return ""
	}
	at, by, branch := fmt.Sprintf("#%d", like.PR), "", effect.Code(s.Subject.name)
	if like.By != "" {
		by = ", which " + effect.Code(like.By) + " merged"
	}
	if !followed(*s.Pick.Picked).whole() {
		return fmt.Sprintf("\n**A part is proposed to be resolved as on %s**, in %s%s: see *Proposed* below. Nobody has looked at that for %s yet.\n",
			effect.Code(string(like.Branch)), at, by, branch)
	}
	head := fmt.Sprintf("\n**It conflicts, and is proposed to be resolved as on %s**, in %s%s. Nobody has looked at that for %s yet. ",
		effect.Code(string(like.Branch)), at, by, branch)
	if s.forward() {
		return head + fmt.Sprintf("No check of Slipway's runs on %s: only that it is a draft holds it back. **Next step:** look at *Proposed* below. "+
			"If it is right here, mark this as ready for review; if not, push what it shall be first.\n", branch)
	}
	return head + "The check `slipway/release-branch` stays red until somebody has. **Next step:** look at *Proposed* below. If it is right here, comment " +
		effect.Code("/"+acceptName) + " on this, and mark it as ready for review; if not, push what it shall be.\n"
}

// reusedNote is what the table of files says of one.
func reusedNote(r effect.Reused, like effect.Resolved) string {
	switch {
	case r.Places == 0:
		return ""
	case r.Whole():
		return fmt.Sprintf("; **resolved as in #%d**", like.PR)
	}
	return fmt.Sprintf("; **%d of %d places resolved as in #%d**", r.Places, r.Places+r.Left, like.PR)
}

// reusedText shows what is proposed, file by file.
func reusedText(p effect.Picked) string {
	if p.Like.PR == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n#### Proposed\n\nFrom #%d. What begins with `-` would stand there otherwise, with the conflict in it:\n", p.Like.PR)
	shown, rest := 0, 0
	for _, c := range p.Conflicts {
		if c.Reused.Places == 0 {
			continue
		}
		text := diffBlock(c.Reused.Diff)
		if shown == maxShownFiles || b.Len()+len(text) > maxShownBytes {
			rest++
			continue
		}
		shown++
		fmt.Fprintf(&b, "\n%s:\n\n%s", effect.Code(c.Path), text)
	}
	if rest > 0 {
		fmt.Fprintf(&b, "\nAnd in %s more, which the commit shows.\n", count(rest, "file"))
	}
	return b.String()
}

// diffBlock shows a diff as a block that nothing in it can end, without characters that
// would have it look otherwise than it is.
func diffBlock(diff string) string {
	lines := slices.Collect(strings.Lines(diff))
	more := len(lines) - maxShownLines
	if more > 0 {
		lines = append(lines[:maxShownLines:maxShownLines], fmt.Sprintf("... and %d lines more\n", more))
	}
	text := strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(strings.ReplaceAll(strings.Join(lines, ""), "\r\n", "\n"), "\uFFFD"))
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + "diff\n" + strings.TrimSuffix(text, "\n") + "\n" + fence + "\n"
}

// holdsText says what a draft holds, as far as its conflict isn't resolved.
func holdsText(r PullRecord, number int) string {
	f := r.Like
	switch {
	case f.PR == 0:
		return fmt.Sprintf("#%d holds the conflict markers, and says how to go on.", number)
	case f.whole():
		return fmt.Sprintf("#%d proposes to resolve it as #%d did on %s.", number, f.PR, effect.Code(f.Branch))
	}
	return fmt.Sprintf("#%d holds what is left of it, and says how to go on. The rest is proposed to be resolved as #%d did on %s.", number, f.PR, effect.Code(f.Branch))
}

// proposedVerdict is for a proposal that nobody has answered.
func proposedVerdict(r PullRecord) effect.Verdict {
	return effect.Verdict{State: effect.Block, Title: "Nobody has accepted the proposed resolution",
		Detail: fmt.Sprintf("This cherry-pick conflicts, and is proposed to be resolved as #%d did on %s. **Next step:** look at it. If it is right here, comment %s on this pull request; "+
			"if not, push what it shall be. Proposed:\n\n", r.Like.PR, effect.Code(r.Like.Branch), effect.Code("/"+acceptName)) + fileList(r.Files)}
}
