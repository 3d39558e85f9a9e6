package git

import (
	"context"
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

// sheet is a file before a change, as places in it are compared: without blank
// lines, which may stand anywhere.
type sheet struct {
	file  filePatch
	lines []string
	above []int // of lines that aren't blank, by how many of all are above
}

// sheet reads the file that a patch begins with.
func (r *Repository) sheet(ctx context.Context, f filePatch) (sheet, error) {
	s := sheet{file: f, above: []int{0}}
	if len(f.hunks) == 0 || f.old.id == "" || kindOf(f.old) == "160" {
		return s, nil
	}
	o, err := r.blob(ctx, f.old.id)
	if err != nil {
		return s, err
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(string(o.body), "\n"), "\n") {
		if strings.TrimSpace(line) != "" {
			s.lines = append(s.lines, line)
		}
		s.above = append(s.above, len(s.lines))
	}
	return s, nil
}

// place is where a hunk stands in the file that it changes.
type place struct {
	sheet *sheet
	hunk  patchHunk
	i     int      // which of the file's it is
	at    int      // how many lines that aren't blank are above
	gone  []string // those below that it takes away
	depth int      // how far its first line is indented
}

// innermost is more than any indentation.
const innermost = 1 << 30

// places are those of a file's hunks.
func (s *sheet) places() []place {
	var all []place
	for i, h := range s.file.hunks {
		p := place{sheet: s, hunk: h, i: i, at: s.count(h.from), depth: innermost}
		p.gone = s.lines[p.at:s.count(h.from+h.gone)]
		for _, l := range h.lines {
			if d, ok := depth(l.text[1:]); ok {
				p.depth = d
				break
			}
		}
		all = append(all, p)
	}
	return all
}

// count is how many of a file's first lines aren't blank.
func (s *sheet) count(lines int) int { return s.above[min(lines, len(s.above)-1)] }

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
// indented below, the innermost first. A line that only opens something is told
// by the next one. Comments, and what only closes something, have no place in it;
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
		case !telling(line) && i+1 < len(s.lines):
			all, deep = append(all, line+" "+strings.TrimSpace(s.lines[i+1])), d
		default:
			all, deep = append(all, line), d
		}
	}
	return all
}

// section is the function or section that a place is in: what git finds above
// it, and what it is indented below. The innermost is first.
func (p place) section() []string {
	all := p.sheet.parents(p.at, p.depth)
	if f := p.function(); f != "" && !slices.Contains(all, f) {
		all = append(all, f)
	}
	return all
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

// run counts the lines that say anything among the equal ones on one side of two
// places: step -1 is above, 1 below. A bracket that only one of them has ends it.
func run(a, b []string, i, j, step int) int {
	n := 0
	for i >= 0 && i < len(a) && j >= 0 && j < len(b) && a[i] == b[j] {
		if telling(a[i]) {
			n++
		}
		i, j = i+step, j+step
	}
	return n
}

// fit is how many lines right above and right below a place are those of another
// place, where a hunk takes away so many lines.
func (s *sheet) fit(at int, o place) (above, below int) {
	n := len(o.gone)
	return run(s.lines, o.sheet.lines, at-1, o.at-1, -1), run(s.lines, o.sheet.lines, at+n, o.at+n, 1)
}

// rival says whether a hunk of another file fits into a second place of this one
// as well as into its own: the same lines go, below the same parents, and as many
// of the lines around are the same.
func (p place) rival(o place) bool {
	s, n := p.sheet, len(o.gone)
	above, below := s.fit(p.at, o)
	section := s.parents(p.at, p.depth)
	for at := 0; at+n <= len(s.lines); at++ {
		if at == p.at || !slices.Equal(s.lines[at:at+n], o.gone) || s.filled(at, p) {
			continue
		}
		if a, b := s.fit(at, o); a+b >= above+below && a+b > 0 && slices.Equal(s.parents(at, p.depth), section) {
			return true
		}
	}
	return false
}

// filled says whether the patch does at another place what it does at one: then
// it is all the same which is which.
func (s *sheet) filled(at int, p place) bool {
	return slices.ContainsFunc(s.file.hunks, func(h patchHunk) bool {
		return s.count(h.from) == at && slices.EqualFunc(h.lines, p.hunk.lines, func(a, b patchLine) bool { return a.text == b.text })
	})
}

// shift is a hunk that doesn't stand where its source's does, or of which nobody
// can tell.
type shift struct {
	hunk  patchHunk
	lines int // that count as beyond
	why   []string
}

// shifts compares the places of the same lines at two sides; ok is false if they
// aren't the same hunks.
//
// The same place is in the same section, and the line right above or right below
// is the same as at the source. Around the other side one of the nearest few has to
// be, if both have any there: git doesn't merge by itself what stands beside a line
// that differs, so of a conflict the very nearest often does. If only that fails,
// the place counts as one line. And no second place may fit as well, neither here
// nor at the source.
func shifts(own, theirs []*sheet) (all []shift, ok bool) {
	here, there := placesOf(own), placesOf(theirs)
	if len(here) != len(there) {
		return nil, false
	}
	for i, h := range here {
		o := there[i]
		if len(h.hunk.lines) != len(o.hunk.lines) {
			return nil, false
		}
		s := shift{hunk: h.hunk, lines: len(h.hunk.lines)}
		above, below := h.sheet.fit(h.at, o)
		switch mine, its := h.section(), o.section(); {
		case !slices.Equal(mine, its):
			s.why = []string{"the same lines, at another place", "at the source: " + titled(its), "here: " + titled(mine)}
		case above+below == 0:
			s.why = []string{"the same lines, and the lines around them are others than at the source", "here: " + titled(mine)}
		case h.rival(o):
			s.why = []string{"the same lines, and here a second place fits as well: nobody can tell which one the source means", "here: " + titled(mine)}
		case o.rival(h):
			s.why = []string{"the same lines, and at the source a second place fits as well: nobody can tell which of them this one is", "here: " + titled(mine)}
		case !common(h.sheet.around(h.i, -1), o.sheet.around(o.i, -1)) || !common(h.sheet.around(h.i, 1), o.sheet.around(o.i, 1)):
			s.lines, s.why = 1, []string{"the same lines, beside others than at the source", "here: " + titled(mine)}
		default:
			continue
		}
		all = append(all, s)
	}
	return all, true
}

func placesOf(sheets []*sheet) []place {
	var all []place
	for _, s := range sheets {
		all = append(all, s.places()...)
	}
	return all
}

// common says whether lines have one in common, or one side has none.
func common(a, b []string) bool {
	return len(a) == 0 || len(b) == 0 || slices.ContainsFunc(a, func(line string) bool { return slices.Contains(b, line) })
}

// maxSection is how many characters of a section's lines are shown.
const maxSection = 160

// titled is a section as people read it, the outermost line first.
func titled(section []string) string {
	if len(section) == 0 {
		return "the top of the file"
	}
	section = slices.Clone(section)
	slices.Reverse(section)
	for i, line := range section {
		if r := []rune(line); len(r) > maxSection {
			section[i] = string(r[:maxSection]) + "…"
		}
	}
	return strings.Join(section, " › ")
}

// text shows a shift: why, and its lines.
func (s shift) text() []string {
	var all []string
	for _, why := range s.why {
		all = append(all, "@@ "+why)
	}
	return append(all, texts(s.hunk.lines)...)
}

// maxContext is how many lines git shows around a change. Changes with twice as
// many between them it shows together.
const maxContext = 3

// around are the nearest lines above (step -1) or below (1) a hunk that say
// anything, of those that git would show: at most maxContext, the nearest first.
func (s *sheet) around(i, step int) []string {
	var all []string
	hunks := s.file.hunks
	for {
		from, to := s.gap(i, step)
		next := i + step
		joined := to-from <= 2*maxContext && next >= 0 && next < len(hunks)
		for n := 0; n < to-from && (joined || n < maxContext); n++ {
			at := from + n
			if step < 0 {
				at = to - 1 - n
			}
			if k := s.count(at); k < s.count(at+1) && telling(s.lines[k]) {
				if all = append(all, s.lines[k]); len(all) == maxContext {
					return all
				}
			}
		}
		if !joined {
			return all
		}
		i = next
	}
}

// gap is what is between a hunk and the next one above or below, in lines of the
// old file.
func (s *sheet) gap(i, step int) (from, to int) {
	hunks := s.file.hunks
	if step < 0 {
		if i > 0 {
			from = hunks[i-1].from + hunks[i-1].gone
		}
		return from, hunks[i].from
	}
	to = len(s.above) - 1
	if i+1 < len(hunks) {
		to = hunks[i+1].from
	}
	return hunks[i].from + hunks[i].gone, to
}

// beside are the nearest lines above and below a hunk, or empty.
func (s *sheet) beside(i int) [2]string {
	nearest := func(lines []string) string {
		if len(lines) == 0 {
			return ""
		}
		return lines[0]
	}
	return [2]string{nearest(s.around(i, -1)), nearest(s.around(i, 1))}
}

// sheets reads what some patches begin with.
func (r *Repository) sheets(ctx context.Context, files ...filePatch) ([]*sheet, error) {
	var all []*sheet
	for _, f := range files {
		s, err := r.sheet(ctx, f)
		if err != nil {
			return nil, err
		}
		all = append(all, &s)
	}
	return all, nil
}
