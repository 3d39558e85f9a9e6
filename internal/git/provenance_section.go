package git

import (
	"slices"
	"strings"
)

// drivers are attributes that choose how git finds the function or section above
// a change, by the file's name alone: what a repository says of it plays no part.
// Of other files git would take any line that begins with a letter; there only
// indentation tells (see sheet.parents).
const drivers = `*.bash diff=bash
*.c diff=cpp
*.cc diff=cpp
*.cpp diff=cpp
*.cs diff=csharp
*.css diff=css
*.go diff=golang
*.h diff=cpp
*.hpp diff=cpp
*.html diff=html
*.ini diff=ini
*.java diff=java
*.kt diff=kotlin
*.md diff=markdown
*.php diff=php
*.pl diff=perl
*.py diff=python
*.rb diff=ruby
*.rs diff=rust
*.sh diff=bash
*.toml diff=ini
`

// driven says whether a driver is chosen for a file.
func driven(name string) bool {
	at := strings.LastIndexByte(name, '.')
	return at >= 0 && strings.Contains("\n"+drivers, "\n*"+name[at:]+" diff=")
}

// depth is how far a line is indented. A list's item is deeper than what is
// before its dash, and its lines are deeper still. ok is false of blank lines.
func depth(line string) (n int, ok bool) {
	for _, c := range line {
		switch c {
		case ' ':
			n += 2
		case '\t':
			n += 16 - n%16
		case '\r':
		case '-':
			return n + 1, true
		default:
			return n, true
		}
	}
	return 0, false
}

// parents are the lines that a line of some depth, put at a place, would be
// indented below, the innermost first. Comments, and what only closes something, have no place in it;
// of a template's own lines, which stand anywhere, the nearest counts.
func (s *sheet) parents(at, deep int) []string {
	var all []string
	templated := false
	for i := min(at, len(s.lines)) - 1; i >= 0 && deep > 0; i-- {
		line := strings.TrimSpace(s.lines[i])
		switch d, _ := depth(s.lines[i]); {
		case strings.HasPrefix(line, "{{"):
			if !templated {
				all, templated = append(all, line), true
			}
		case d >= deep, strings.HasPrefix(line, "#"), strings.HasPrefix(line, "//"), strings.Trim(line, "}]);,") == "":
		default:
			all, deep = append(all, s.told(i)), d
		}
	}
	return all
}

// told is a line as a parent. One that only opens something is told by the next.
func (s *sheet) told(i int) string {
	line := strings.TrimSpace(s.lines[i])
	if !telling(line) && i+1 < len(s.lines) {
		line += " " + strings.TrimSpace(s.lines[i+1])
	}
	return line
}

// section is the function or section that a place is in.
type section struct {
	function string   // the whole line that git finds above it; empty: no driver is chosen for the file, or it finds none
	parents  []string // what it is indented below, the innermost first
}

func (p place) section() section {
	return section{p.function(), p.sheet.parents(p.at, p.depth)}
}

// function is the whole line of which git shows 80 bytes.
func (p place) function() string {
	if p.hunk.function == "" || !driven(p.sheet.file.path) {
		return ""
	}
	for i := p.at - 1; i >= 0; i-- {
		if line := strings.TrimSpace(p.sheet.lines[i]); strings.HasPrefix(line, p.hunk.function) {
			return line
		}
	}
	return p.hunk.function
}

// likeness is how much alike two sections are.
type likeness int

const (
	unlike    likeness = iota
	rewritten          // in the same function, below lines that are others on both sides
	same
)

// like compares the sections of two places. A line that stands on the other side,
// too, is another section there. Where neither line does, it was rewritten: that is
// the same function if its name is, and what is in it may be the same as well.
func (p place) like(o place) likeness {
	a, b := p.section(), o.section()
	if a.function == b.function && slices.Equal(a.parents, b.parents) {
		return same
	}
	if len(a.parents) != len(b.parents) || a.function == "" || b.function == "" || !p.sheet.sameFunction(a.function, o.sheet, b.function) {
		return unlike
	}
	as := same
	for i, line := range a.parents {
		other := b.parents[i]
		switch head := line == a.function; {
		case head != (other == b.function):
			return unlike
		case head || line == other:
		case p.sheet.times(other, whole) > 0 || o.sheet.times(line, whole) > 0:
			return unlike
		default:
			as = rewritten
		}
	}
	return as
}

// sameFunction says whether two lines begin the same function, be it with other
// parameters: there is one of that name at either side.
func (s *sheet) sameFunction(line string, o *sheet, other string) bool {
	if line == other {
		return true
	}
	name := nameOf(line)
	return name != "" && name == nameOf(other) && s.times(other, whole) == 0 && o.times(line, whole) == 0 &&
		s.times(name, nameOf) == 1 && o.times(name, nameOf) == 1
}

func whole(line string) string { return line }

// nameOf is a line as far as the name before its parameters, or empty: a receiver,
// which stands in brackets before it, is a part of the name.
func nameOf(line string) string {
	for i := 1; i < len(line); i++ {
		if line[i] == '(' && telling(line[i-1:i]) {
			return line[:i]
		}
	}
	return ""
}

// times is how often a file has a line, as far as is asked about.
func (s *sheet) times(line string, as func(string) string) int {
	n := 0
	for i := range s.lines {
		if as(s.told(i)) == line {
			n++
		}
	}
	return n
}
