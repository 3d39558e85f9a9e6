package replay

import (
	"fmt"
	"strings"
	"unicode"
)

// Text is the report for a terminal: a section after the other, the cells of a row below each other's names.
func Text(r Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", plain(r.Title))
	for _, s := range r.Sections {
		fmt.Fprintf(&b, "\n%s\n%s\n", plain(s.Title), strings.Repeat("-", len([]rune(s.Title))))
		for _, l := range s.Lines {
			fmt.Fprintf(&b, "%s\n", plain(l))
		}
		for _, row := range s.Rows {
			b.WriteString("  -")
			for i, c := range row {
				name := ""
				if s.Head[i] != "" {
					name = s.Head[i] + ": "
				}
				fmt.Fprintf(&b, " %s%s;", name, plain(c.Text))
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

// plain is a text on one line, with nothing in it that plays with a terminal.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case !unicode.IsPrint(r):
			return '\ufffd'
		}
		return r
	}, s)
}
