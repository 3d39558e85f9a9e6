package checklist

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
)

// How much a preview shows of a file, and of all files, in lines.
const (
	maxFileLines    = 6
	maxPreviewLines = 60
	maxShownLine    = 120
)

// lines says what is to be done in each place, one line for each effect.
func lines(places []command.PerRepoEffects) string {
	var b strings.Builder
	for _, place := range places {
		for _, e := range place.Effects {
			if _, part := e.(effect.Files); part {
				continue // its pull request says it
			}
			fmt.Fprintf(&b, "- %s\n", effect.Inert(e.String(), maxReason))
		}
	}
	return b.String()
}

// already lists the pull requests that are open for it.
func already(all []actionIn) string {
	var b strings.Builder
	for _, in := range all {
		if in.Trouble == "" && in.Proposed != 0 {
			fmt.Fprintf(&b, "- %s#%d is proposed already, and waits for its merge\n", in.Repo, in.Proposed)
		}
	}
	return b.String()
}

// troubles says where nothing can be done, and why.
func troubles(all []actionIn) string {
	var b strings.Builder
	for _, in := range all {
		if in.Trouble != "" {
			fmt.Fprintf(&b, "- ⚠️ nothing in %s: %s\n", effect.Code(in.Repo.Name), in.Trouble)
		}
	}
	return b.String()
}

// untouched lists the repositories in which the edits change nothing, since a
// pattern that fits nowhere looks like one that was done.
func untouched(step Step, all []actionIn) string {
	var names []string
	for _, in := range all {
		if len(step.Action.Edits) > 0 && in.Trouble == "" && len(in.Now) == 0 {
			names = append(names, in.Repo.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("- the edits change nothing in %s: it is done there, the files aren't there, or nothing in them fits\n", effect.Codes(names))
}

// edits shows the lines that the edits change, file by file.
func edits(all []actionIn) string {
	var b strings.Builder
	left := maxPreviewLines
	for _, in := range all {
		if in.Trouble != "" || in.Proposed != 0 {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(in.Now)) {
			was, is := changedLines(in.Texts[name], in.Now[name])
			if left -= min(len(was), maxFileLines) + min(len(is), maxFileLines); left < 0 {
				b.WriteString("\nThe changes of more files aren't shown.\n")
				return b.String()
			}
			fmt.Fprintf(&b, "\n%s of %s:\n\n", effect.Code(name), effect.Code(in.Repo.Name))
			shown(&b, "-", was)
			shown(&b, "+", is)
		}
	}
	return b.String()
}

// shown writes lines as code that nothing in them can end.
func shown(b *strings.Builder, sign string, lines []string) {
	for i, line := range lines {
		if i == maxFileLines {
			fmt.Fprintf(b, "    %s and %d lines more\n", sign, len(lines)-i)
			return
		}
		line = effect.Cut(strings.Map(printable, line), maxShownLine)
		fmt.Fprintf(b, "    %s%s\n", sign, line)
	}
}

// printable leaves out what moves the cursor: a line is to stay one.
func printable(r rune) rune {
	if r < ' ' && r != '\t' || r == 0x7f {
		return -1
	}
	return r
}

// changedLines are the lines of a text that another lacks, and the other way round,
// between what both begin and end with.
func changedLines(a, b string) (was, is []string) {
	was, is = strings.Split(strings.TrimSuffix(a, "\n"), "\n"), strings.Split(strings.TrimSuffix(b, "\n"), "\n")
	for len(was) > 0 && len(is) > 0 && was[0] == is[0] {
		was, is = was[1:], is[1:]
	}
	for len(was) > 0 && len(is) > 0 && was[len(was)-1] == is[len(is)-1] {
		was, is = was[:len(was)-1], is[:len(is)-1]
	}
	return was, is
}

func previewReply(step Step, all []actionIn, todo []command.PerRepoEffects) string {
	if len(todo) == 0 {
		return nothingToRun(step, all)
	}
	return fmt.Sprintf("%s would do this, and nothing has been done yet:\n\n%s%s%s%s%s", effect.Code("/release step "+step.ID+" run"),
		lines(todo), already(all), untouched(step, all), troubles(all), edits(all))
}

// ranReply is what can be said before anything was done; what came of the effects is told
// below it.
func ranReply(step Step, all []actionIn) string {
	return fmt.Sprintf("This came of the step %s. Run again, it does only what is missing.%s\n\n%s%s%s", effect.Code(step.ID),
		toApprove(all), already(all), untouched(step, all), troubles(all))
}

// toApprove says what becomes of the pull requests that are opened; "" where none are. One that
// doesn't tell who asked is judged like any other.
func toApprove(all []actionIn) string {
	opened, who := false, ""
	var hushed []string
	for _, in := range all {
		if in.Trouble != "" || len(in.Now) == 0 {
			continue
		}
		if opened = true; in.Hushed {
			hushed = append(hushed, in.Repo.Name)
			continue
		}
		who = cmp.Or(who, in.Approvers.Than("you"))
	}
	if !opened {
		return ""
	}
	text := " **Next step:** look at the pull requests and merge them."
	if who != "" {
		text = fmt.Sprintf(" **Next step:** %s approves the pull requests; then merge them.", who)
	}
	if len(hushed) > 0 {
		text += fmt.Sprintf(" In %s, where more people can read than here, the pull request doesn't say who asked, so its checks judge it like anybody's.", effect.Codes(hushed))
	}
	return text
}

func nothingToRun(step Step, all []actionIn) string {
	open, troubled := already(all), troubles(all)
	switch {
	case open != "":
		return fmt.Sprintf("Everything that %s would make is there or proposed:\n\n%s%s", effect.Code(step.ID), open, troubled)
	case troubled != "":
		return fmt.Sprintf("The step %s can do nothing now:\n\n%s", effect.Code(step.ID), troubled)
	}
	return fmt.Sprintf("Everything that %s would make is there already.", effect.Code(step.ID))
}

// proposedText names the open pull requests against the release's branch that were
// opened for steps which are still open; "" for none.
func proposedText(s look, r Record) string {
	var said []string
	for _, step := range openSteps(s.Settings, s.Tracker.Version, r) {
		var prs []string
		for _, c := range s.Counts.Repos {
			for _, pr := range c.Open {
				if pr.Author.Bot && pr.HeadRef == editHead(s.Tracker.Version, step) {
					prs = append(prs, fmt.Sprintf("%s#%d", c.Repo, pr.Number))
				}
			}
		}
		if len(prs) > 0 {
			said = append(said, fmt.Sprintf("%s by %s", effect.Code(step.ID), strings.Join(prs, ", ")))
		}
	}
	if len(said) == 0 {
		return ""
	}
	return fmt.Sprintf("- **Proposed:** %s\n", strings.Join(said, "; "))
}
