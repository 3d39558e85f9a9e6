package effect

import (
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/lazy"
)

const (
	stepPrefix = "<!-- slipway-step:"
	partPrefix = "<!-- slipway-part:"
)

var (
	itemLine = lazy.Regexp(`^([ \t]*(?:>[ \t]*)*)([-*+]|\d{1,9}[.)])[ \t]+\[([ xX])\]`)
	itemLead = lazy.Regexp(`^([ \t]*(?:>[ \t]*)*)(?:([-*+]|\d{1,9}[.)])[ \t]+)?`)
	itemID   = lazy.Regexp(`<!-- slipway-step:([a-z0-9-]+) -->`)
	// A fence may stand in a quote or in the first line of a list's item. What
	// follows backticks has none itself, or it is code within a line.
	fence = lazy.Regexp("^(?:[ \t]|>|[-*+][ \t]|\\d{1,9}[.)][ \t])*(?:(```+)[^`]*|(~~~+).*)$")
)

// document is a text in lines, without their ends.
type document struct {
	lines []string
	crlf  bool
	// known are the marks of lines that were looked at: each part that is laid looks at all of them again.
	known map[string][]mark
}

// mark is one of an item's in a line; boxed says that it makes the line one of a checklist.
type mark struct {
	id    string
	boxed bool
}

func readDocument(text string) document {
	d := document{crlf: strings.Contains(text, "\r\n"), known: map[string][]mark{}}
	text = strings.TrimRight(text, "\r") // it would make an end of what follows
	d.lines = strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	return d
}

func (d document) String() string {
	end := "\n"
	if d.crlf {
		end = "\r\n"
	}
	return strings.Join(d.lines, end)
}

// fenced reports for each line whether it is in a block of code, where a mark is
// what somebody quotes. It may take more for code than GitHub does, which is why
// a mark there is believed if there is no other.
func (d document) fenced() []bool {
	in, open := make([]bool, len(d.lines)), ""
	for i, line := range d.lines {
		run := ""
		if strings.Contains(line, "```") || strings.Contains(line, "~~~") {
			if m := fence().FindStringSubmatch(line); m != nil {
				run = m[1] + m[2]
			}
		}
		switch {
		case open == "":
			open, in[i] = run, run != ""
		default:
			in[i] = true
			if run != "" && strings.HasPrefix(run, open) && strings.TrimLeft(strings.TrimSpace(line), "> \t") == run {
				open = ""
			}
		}
	}
	return in
}

// Shown is what a text shows of parts that are ours.
type Shown struct {
	Blocks map[string]string // by name, without the marks
	Items  map[string]ShownItem
}

// ShownItem is a line of a checklist as a text shows it.
type ShownItem struct {
	Ticked bool
	Text   string // between the box and the mark
	// Boxless says that the mark is there, but no box before it.
	Boxless bool
	// Twice says that several lines have the mark, so that nobody can tell which of
	// them somebody has ticked; Ticked is then that of the likeliest.
	Twice bool
	// Quoted says that it stands in code only.
	Quoted bool
}

// ReadShared reads our parts out of a text. A mark in a block of code is somebody's
// quotation, unless there is no other of its kind.
func ReadShared(text string) Shown {
	d := readDocument(text)
	s := Shown{Blocks: map[string]string{}, Items: map[string]ShownItem{}}
	for id, all := range d.places() {
		one := ShownItem{Boxless: true, Twice: twice(all), Quoted: !all[0].kind.live()}
		if best := all[0]; best.kind.boxed() {
			box, text, _ := cutItem(d.lines[best.line])
			one.Ticked, one.Text, one.Boxless = box != " ", text, false
		}
		s.Items[id] = one
	}
	for name, b := range d.blocks() {
		s.Blocks[name] = strings.Join(d.lines[min(b.begin+1, b.end):b.end], "\n")
	}
	return s
}

// cutItem cuts a line with a box and a mark: the box, the text before the first
// mark, and what stands behind that.
func cutItem(line string) (box, text, tail string) {
	m := itemLine().FindStringSubmatch(line)
	if m == nil {
		return "", "", ""
	}
	words := line[len(m[0]):]
	at := itemID().FindStringIndex(words)
	if at == nil {
		return "", "", ""
	}
	return m[3], strings.TrimSpace(words[:at[0]]), strings.TrimSpace(words[at[1]:])
}

// placeKind is how a mark stands in a text; the less, the likelier it is that its
// line is the item.
type placeKind int

const (
	plainPlace  placeKind = iota // a line with a box
	quotedPlace                  // the same in a quote
	boxlessPlace
	fencedPlace // a line with a box, in code
	besidePlace // behind another item's mark
	wordPlace   // in code, and no line of a checklist
)

func (k placeKind) boxed() bool { return k == plainPlace || k == quotedPlace || k == fencedPlace }

// usable reports whether the line may be written as the item's.
func (k placeKind) usable() bool { return k <= fencedPlace }

// live reports whether a mark isn't in code.
func (k placeKind) live() bool { return k != fencedPlace && k != wordPlace }

// place is where a mark stands.
type place struct {
	line int
	kind placeKind
}

// twice reports whether a mark stands several times outside code.
func twice(all []place) bool {
	live := 0
	for _, p := range all {
		if p.kind.live() {
			live++
		}
	}
	return live > 1
}

// places finds where each item's mark stands, the likeliest place first.
func (d document) places() map[string][]place {
	at := map[string][]place{}
	var in []bool
	for i, line := range d.lines {
		if !strings.Contains(line, stepPrefix) {
			continue
		}
		if in == nil {
			in = d.fenced()
		}
		for n, m := range d.marks(line) {
			p := place{line: i}
			switch {
			case in[i] && m.boxed:
				p.kind = fencedPlace
			case in[i]:
				p.kind = wordPlace
			case n > 0:
				p.kind = besidePlace
			case !m.boxed:
				p.kind = boxlessPlace
			case strings.HasPrefix(strings.TrimSpace(line), ">"):
				p.kind = quotedPlace
			}
			at[m.id] = append(at[m.id], p)
		}
	}
	for _, all := range at {
		slices.SortStableFunc(all, func(a, b place) int { return int(a.kind - b.kind) })
	}
	return at
}

// marks are those in a line, as they stand.
func (d document) marks(line string) []mark {
	all, known := d.known[line]
	if !known {
		for n, m := range itemID().FindAllStringSubmatch(line, -1) {
			all = append(all, mark{m[1], n == 0 && itemLine().MatchString(line) && strings.Index(line, stepPrefix) > strings.Index(line, "[")})
		}
		d.known[line] = all
	}
	return all
}

// block is where a block's marks stand.
type block struct{ begin, end int }

// beginOf is the name of the block that begins at a line.
func beginOf(line string) (name string, ok bool) {
	line = strings.TrimSpace(line)
	name = strings.TrimSuffix(strings.TrimPrefix(line, partPrefix), " -->")
	return name, line == beginMark(name)
}

// blocks finds the blocks by their names, in one walk over the text. One whose end
// is missing ends where the next mark of ours stands, or at its own beginning: what
// follows may be people's. One in code counts if there is no other.
func (d document) blocks() map[string]block {
	if !slices.ContainsFunc(d.lines, func(line string) bool { return strings.Contains(line, partPrefix) }) {
		return nil
	}
	live, quoted := map[string]block{}, map[string]block{}
	openLive, openQuoted := "", ""
	for i, code := range d.fenced() {
		found, open := live, &openLive
		if code {
			found, open = quoted, &openQuoted
		}
		line := strings.TrimSpace(d.lines[i])
		name, begins := beginOf(line)
		switch {
		case *open != "" && line == endMark(*open):
			found[*open], *open = block{found[*open].begin, i}, ""
		case strings.HasPrefix(line, partPrefix) || strings.Contains(line, stepPrefix):
			*open = ""
		}
		if _, again := found[name]; begins && !again {
			found[name], *open = block{i, i}, name
		}
	}
	for name, b := range quoted {
		if _, other := live[name]; !other {
			live[name] = b
		}
	}
	return live
}
