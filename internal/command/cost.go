package command

import "strings"

// What a Markdown parser spends on a text isn't bounded by the text's length: it goes
// through all open containers at every line, and through all earlier delimiters of a
// paragraph at every closing one. Each limit bounds one such product, so that
// what is parsed costs no more than some tens of megabytes and a fraction of a second.
// What people write comes nowhere near; anybody can post what doesn't.
const (
	maxDepth      = 100     // containers (quotations, lists, footnotes) that one line opens
	maxOpen       = 100_000 // open containers, summed over the lines
	maxDelimiters = 5_000   // what may begin or end an inline element, between two empty lines
	maxFootnotes  = 2_000   // references to footnotes, and footnotes
	maxLinks      = 2_000   // beginnings of inline links
	maxCells      = 200_000 // widest line's columns times lines
	maxPipes      = 2_000   // escaped ones, as in the cells of a table
)

// tooComplex reports texts on which a Markdown parser's cost may run away. It looks at
// each character once or twice, and overrates rather than underrates.
func tooComplex(s string) bool {
	if strings.Count(s, "](") > maxLinks || strings.Count(s, "[^") > maxFootnotes || strings.Count(s, `\|`) > maxPipes {
		return true
	}
	var lines, widest, delimited, sum int
	var open containers
	for line := range strings.SplitSeq(s, "\n") {
		lines++
		widest = max(widest, strings.Count(line, "|"))
		opened := open.next(line)
		sum += open.depth
		if open.blank {
			delimited = 0
		}
		delimited += delimiters(line)
		if opened > maxDepth || sum > maxOpen || delimited > maxDelimiters {
			return true
		}
	}
	return widest*lines > maxCells
}

// delimiters counts what may begin or end emphasis, a link or an HTML element. An
// underscore within a word doesn't.
func delimiters(line string) (n int) {
	for i := range len(line) {
		switch line[i] {
		case '*', '~', '[', ']', '<':
			n++
		case '_':
			if i == 0 || i+1 == len(line) || !inWord(line[i-1]) || !inWord(line[i+1]) {
				n++
			}
		}
	}
	return n
}

func inWord(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

// containers is how many quotations, lists and footnotes may be open at a line. Only
// a marker opens one. Indentation, of two columns at least for each, keeps it open; so
// do an empty line, and a line that goes on with a paragraph.
type containers struct {
	depth int
	blank bool // the line before is empty: there is no paragraph to go on with
}

// next goes on with a line, and returns how many containers it may open.
func (c *containers) next(line string) (opened int) {
	columns, opened, rest := markers(line)
	if rest == "" && opened == 0 {
		c.blank = true
		return 0
	}
	// What a line without a marker goes on with is as deep as it was.
	kept := min(c.depth, columns/2)
	if opened == 0 && !c.blank {
		kept = c.depth
	}
	c.depth, c.blank = kept+opened, false
	return opened
}

// markers reads the start of a line: how many columns are left free, how many markers of
// containers stand there, and what comes behind them. Digits, and what encloses a
// footnote's name, belong to their marker. A dash or an asterisk, with its space, may
// as well be part of a rule.
func markers(line string) (columns, opened int, rest string) {
	for line != "" {
		switch end := marker(line); {
		case line[0] == ' ':
			columns, line = columns+1, line[1:]
		case line[0] == '\t':
			columns, line = columns+4, line[1:]
		case end > 0:
			opened, line = opened+1, line[end:]
		default:
			return columns, opened, line
		}
	}
	return columns, opened, ""
}

// marker is the length of the marker that a text begins with, 0 for none.
func marker(s string) int {
	digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
	switch {
	case s[0] == '>':
		return 1
	case strings.HasPrefix(s, "[^"):
		if end := strings.Index(s, "]:"); end > 0 {
			return end + 2
		}
	case strings.IndexByte("-+*", s[0]) >= 0 && (len(s) == 1 || s[1] == ' ' || s[1] == '\t'):
		return 1
	case digits > 0 && digits < len(s) && (s[digits] == '.' || s[digits] == ')') &&
		(len(s) == digits+1 || s[digits+1] == ' ' || s[digits+1] == '\t'):
		return digits + 1
	}
	return 0
}
