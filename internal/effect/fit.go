package effect

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// FitBytes cuts Markdown of ours to at most limit bytes, and says how much is left out.
// See fit.
func FitBytes(text string, limit int) string {
	return fit(text, limit, "bytes", func(s string) int { return len(s) })
}

// FitCharacters cuts Markdown of ours to at most limit characters, and says how much
// is left out. See fit.
func FitCharacters(text string, limit int) string {
	return fit(text, limit, "characters", utf8.RuneCountInString)
}

// maxTail is the most that the line at a cut and the ends of what is open there
// take, in characters of ASCII.
const maxTail = 200

// fit cuts a text at the end of a line, so that no code span is opened there whose
// words would then be live; blocks of code and details are ended. Where one line is most
// of what there is room for, its beginning is shown as a code span.
func fit(text string, limit int, unit string, size func(string) int) string {
	text = strings.ToValidUTF8(text, "\ufffd")
	if size(text) <= limit {
		return text
	}
	lines := strings.SplitAfter(strings.TrimRight(text, "\n"), "\n")
	room, n := limit-maxTail, 0
	var kept strings.Builder
	var end blocks
	for ; n < len(lines) && size(lines[n]) <= room; n++ {
		kept.WriteString(lines[n])
		room -= size(lines[n])
		end.after(lines[n])
	}
	if room > limit/2 && end.fence == "" {
		kept.WriteString(Code(within(lines[n], room-maxTail, size)) + "…\n")
	}
	return strings.TrimRight(kept.String(), "\r\n") + "\n" + end.closed() +
		fmt.Sprintf("\n**This text is cut here:** GitHub takes at most %d %s of it. %s left out.", limit, unit, isOrAre(len(lines)-n))
}

func isOrAre(n int) string {
	if n == 1 {
		return "1 line is"
	}
	return fmt.Sprintf("%d lines are", n)
}

// within is the longest beginning of a text that has at most a size.
func within(text string, most int, size func(string) int) string {
	used := 0
	for i, c := range text {
		if used += size(string(c)); used > most {
			return text[:i]
		}
	}
	return text
}

// blocks is what is open after some lines of Markdown.
type blocks struct {
	fence   string // the backticks that began a block of code; "" outside of one
	details int
}

func (b *blocks) after(line string) {
	line = strings.TrimSpace(line)
	ticks := line[:len(line)-len(strings.TrimLeft(line, "`"))]
	switch {
	case b.fence != "":
		if line == ticks && len(ticks) >= len(b.fence) {
			b.fence = ""
		}
	case len(ticks) >= len("```") && !strings.Contains(line[len(ticks):], "`"):
		b.fence = ticks
	default:
		b.details += strings.Count(line, "<details") - strings.Count(line, "</details>")
	}
}

// closed ends what is open.
func (b *blocks) closed() string {
	end := ""
	if b.fence != "" {
		end = b.fence + "\n"
	}
	return end + strings.Repeat("\n</details>\n", min(max(b.details, 0), 3))
}
