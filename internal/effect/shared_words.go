package effect

import (
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// Hunk is people's lines that a text had and another one lacks.
type Hunk struct {
	// After is the line, or the part of ours, that they stood below; "" for the
	// beginning.
	After string   `json:"a,omitempty"`
	Apart bool     `json:"s,omitempty"` // with an empty line between
	Old   []string `json:"o,omitempty"` // the lines that stand in their place
	New   []string `json:"n"`
}

// lineOf is what a line of a text is to people: their words, or a part of ours,
// in which nothing is theirs.
type lineOf struct {
	says string
	at   int // its last line in the text
}

// noMark are the marks of items, and what stands in the place of one that was taken
// away.
var noMark = lazy.Regexp(`<!-- (?:slipway-step:[a-z0-9-]+ )?-->`)

// ours begins the name of a part of ours; no line of people's does.
const ours = "\x00"

// peoples reads a text as people's lines, each part of ours being one line. What
// stands behind an item's mark is a line of its own.
func (d document) peoples() []lineOf {
	own := map[int]string{}
	for id, all := range d.places() {
		if at, ok := usable(all, -1); ok {
			own[at] = id
		}
	}
	blocks := d.blocks()
	var all []lineOf
	for i := 0; i < len(d.lines); i++ {
		line := d.lines[i]
		if name, is := beginOf(line); is && blocks[name].begin == i {
			i = blocks[name].end
			all = append(all, lineOf{ours + "part " + name, i})
			continue
		}
		if id, is := own[i]; is {
			all = append(all, lineOf{ours + "step " + id, i})
			if _, _, tail := cutItem(line); tail != "" {
				// Between two marks stands what was another item's line.
				if marks := itemID().FindAllStringIndex(tail, -1); len(marks) > 0 {
					tail = strings.TrimSpace(tail[marks[len(marks)-1][1]:])
				}
				all = append(all, lineOf{tail, i})
			}
			continue
		}
		if strings.HasPrefix(strings.TrimSpace(line), "<!-- /slipway-part:") {
			continue // its beginning is gone
		}
		all = append(all, lineOf{strings.TrimRight(noMark().ReplaceAllString(line, ""), " \t"), i})
	}
	return all
}

func saying(all []lineOf) []string {
	texts := make([]string, len(all))
	for i, l := range all {
		texts[i] = l.says
	}
	return texts
}

// Lost lists people's lines of a text that are missing in the one that was written
// over it, by whoever had read it before. What was only added, or belongs to our
// parts, is not lost.
func Lost(was, is string) []Hunk {
	a, b := saying(readDocument(was).peoples()), saying(readDocument(is).peoples())
	var all []Hunk
	after, apart := "", false
	for _, e := range difference(a, b) {
		if e.same {
			if apart = strings.TrimSpace(e.text) == ""; !apart {
				after = e.text
			}
			continue
		}
		h := Hunk{After: after, Apart: apart, Old: solid(e.new), New: own(e.old)}
		if len(solid(h.New)) > 0 {
			all = append(all, h)
		}
	}
	return all
}

// own leaves out the parts of ours: they are laid anyway.
func own(lines []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return strings.HasPrefix(l, ours) })
}

// solid are the lines of people's that say something.
func solid(lines []string) []string {
	return slices.DeleteFunc(own(lines), func(l string) bool { return strings.TrimSpace(l) == "" })
}

// PutBack puts lost lines back into a text, each hunk where it stood, below what
// stands in its place: a write that took lines away would look like one that lost
// them. rest are those whose place isn't there any more.
func PutBack(text string, lost []Hunk) (out string, rest []Hunk) {
	d := readDocument(text)
	for _, h := range lost {
		if !d.putBack(h) {
			rest = append(rest, h)
		}
	}
	return d.String(), rest
}

func (d *document) putBack(h Hunk) bool {
	if len(solid(h.New)) == 0 {
		return true
	}
	var lines []lineOf // those that say something
	for _, l := range d.peoples() {
		if strings.TrimSpace(l.says) != "" {
			lines = append(lines, l)
		}
	}
	from, at := 0, -1 // the line after which it belongs
	if h.After != "" {
		i := slices.IndexFunc(lines, func(l lineOf) bool { return l.says == h.After })
		if i < 0 {
			return false
		}
		from, at = i+1, lines[i].at
	}
	follows := func(with []string) bool {
		return len(lines)-from >= len(with) && slices.Equal(saying(lines[from:from+len(with)]), with)
	}
	if follows(slices.Concat(h.Old, solid(h.New))) || follows(solid(h.New)) { // it is there
		return true
	}
	if len(h.Old) > 0 && follows(h.Old) {
		at = lines[from+len(h.Old)-1].at
	}
	d.insertBelow(at, h)
	return true
}

// insertBelow puts lines below another, at the distance from it and from the next
// that they had.
func (d *document) insertBelow(at int, h Hunk) {
	blank := func(line string) bool { return strings.TrimSpace(line) == "" }
	lines, apart, ends := h.New, h.Apart && len(h.Old) == 0, blank(h.New[len(h.New)-1])
	for blank(lines[0]) {
		lines, apart = lines[1:], true
	}
	for blank(lines[len(lines)-1]) {
		lines = lines[:len(lines)-1]
	}
	at++
	switch {
	case apart && at < len(d.lines) && blank(d.lines[at]):
		at++
	case apart && at > 0:
		lines = append([]string{""}, lines...)
	}
	if ends && at < len(d.lines) && !blank(d.lines[at]) {
		lines = append(slices.Clone(lines), "")
	}
	d.lines = slices.Insert(d.lines, at, lines...)
}
