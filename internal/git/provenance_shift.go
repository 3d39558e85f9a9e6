package git

import (
	"slices"
	"strings"
)

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
		mine := titled(h.section())
		switch as := h.like(o); {
		case as == unlike:
			s.why = []string{"the same lines, at another place", "at the source: " + titled(o.section()), "here: " + mine}
		case above+below == 0:
			s.why = []string{"the same lines, and the lines around them are others than at the source", "here: " + mine}
		case h.rival(o, as):
			s.why = []string{"the same lines, and here a second place fits as well: nobody can tell which one the source means", "here: " + mine}
		case o.rival(h, as):
			s.why = []string{"the same lines, and at the source a second place fits as well: nobody can tell which of them this one is", "here: " + mine}
		case !common(h.sheet.around(h.i, -1), o.sheet.around(o.i, -1)) || !common(h.sheet.around(h.i, 1), o.sheet.around(o.i, 1)):
			s.lines, s.why = 1, []string{"the same lines, beside others than at the source", "here: " + mine}
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

// rival says whether a hunk of another file fits into a second place of this one
// as well as into its own: the same lines go, and as many of the lines around are
// the same. If nobody rewrote their parents, it has the same ones, too.
func (p place) rival(o place, as likeness) bool {
	s, n := p.sheet, len(o.gone)
	above, below := s.fit(p.at, o)
	parents := s.parents(p.at, p.depth)
	for at := 0; at+n <= len(s.lines); at++ {
		if at == p.at || !slices.Equal(s.lines[at:at+n], o.gone) || s.filled(at, p) {
			continue
		}
		if a, b := s.fit(at, o); a+b >= above+below && a+b > 0 && (as == rewritten || slices.Equal(s.parents(at, p.depth), parents)) {
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

// common says whether lines have one in common, or one side has none.
func common(a, b []string) bool {
	return len(a) == 0 || len(b) == 0 || slices.ContainsFunc(a, func(line string) bool { return slices.Contains(b, line) })
}

// maxSection is how many characters of a section's lines are shown.
const maxSection = 160

// titled is a section as people read it, the outermost line first.
func titled(s section) string {
	all := slices.Clone(s.parents)
	if s.function != "" && !slices.Contains(all, s.function) {
		all = append(all, s.function)
	}
	if len(all) == 0 {
		return "the top of the file"
	}
	slices.Reverse(all)
	for i, line := range all {
		if r := []rune(line); len(r) > maxSection {
			all[i] = string(r[:maxSection]) + "…"
		}
	}
	return strings.Join(all, " › ")
}

// text shows a shift: why, and its lines.
func (s shift) text() []string {
	var all []string
	for _, why := range s.why {
		all = append(all, "@@ "+why)
	}
	return append(all, texts(s.hunk.lines)...)
}
