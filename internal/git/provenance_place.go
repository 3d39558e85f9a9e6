package git

import (
	"context"
	"strings"
)

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
