package notes

import (
	"strings"

	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// codeSpan is code within a line, in which nothing begins a comment.
var codeSpan = lazy.Regexp("``.+?``|`[^`\n]*`")

// checkClosed finds what a text opens and doesn't close: in the notes of the
// release it would take in all that follows.
func (r *fileReader) checkClosed(where, text string, line int) {
	if at, what := unclosed(text); what != "" {
		r.find(RuleSyntax, line+at, line+at, "", "%s begins %s here and doesn't end it, which would hide the notes that follow", where, what)
	}
}

// unclosed is the line, from 0, on which a text opens an HTML comment or a block
// of code that it doesn't close, and which of the two; "" for neither.
func unclosed(text string) (at int, what string) {
	fence, from, comment := "", 0, -1
	n := 0
	for line := range strings.Lines(text) {
		bare := strings.TrimSpace(line)
		switch mark := fenceOf(bare); {
		case comment >= 0:
			if opened(line, true) {
				break
			}
			comment = -1
		case fence != "":
			if strings.HasPrefix(mark, fence) && bare == mark {
				fence = ""
			}
		case mark != "":
			fence, from = mark, n
		case opened(codeSpan().ReplaceAllString(line, ""), false):
			comment = n
		}
		n++
	}
	switch {
	case comment >= 0:
		return comment, "an HTML comment"
	case fence != "":
		return from, "a block of code"
	}
	return 0, ""
}

// opened reports whether an HTML comment is open at the end of a line, which
// began within one or not.
func opened(line string, within bool) bool {
	for {
		if within {
			_, rest, closed := strings.Cut(line, "-->")
			if !closed {
				return true
			}
			line = rest
		}
		_, rest, opens := strings.Cut(line, "<!--")
		if !opens {
			return false
		}
		line, within = "--"+rest, true // "<!-->" is a whole comment
	}
}

// fenceOf is the fence that a line begins with, "" for none.
func fenceOf(line string) string {
	for _, c := range []string{"`", "~"} {
		if n := len(line) - len(strings.TrimLeft(line, c)); n >= 3 && (c == "~" || !strings.Contains(line[n:], "`")) {
			return line[:n]
		}
	}
	return ""
}
