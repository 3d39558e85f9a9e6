package effect

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// SharedIssue keeps our parts of an issue that people write in, too: blocks
// between two marks, and the lines of a checklist, each with a mark of its own.
// All other text is people's, and stays where and as it is. The parts are laid
// into the text that is there when it is written, whatever the decision saw.
//
// With Number 0 it is the issue whose sealed record carries the mark, and is
// opened if there is none, with Begin as what people find in it.
type SharedIssue struct {
	Repo   github.Repo
	RepoID int64
	Number int
	Mark   Mark
	// Rev is the version of the record that the decision was made on. A record
	// that has another one by now is left alone, with an error.
	Rev    int
	Record json.RawMessage
	State  github.State
	Title  string   // when it is opened; later it is people's
	Labels []string // added if missing
	Begin  string   // the text of a new issue, with places for the parts
	Parts  Parts
}

// Parts are what is ours in a text that people write in.
type Parts struct {
	Blocks []TextBlock
	Items  []Item
}

// TextBlock is a part of a text that is all ours.
type TextBlock struct {
	Name string // of small letters and dashes
	Text string
	// Short stands in the block's place where the text would be longer than GitHub
	// takes; "" leaves it whole.
	Short string
}

// Item is one line of a checklist. People may move it, indent it and write
// around it; its box and its text are ours.
type Item struct {
	ID   string // of small letters, digits and dashes
	Text string // on one line
	Box  Box
	// After is the item that it comes after, should it be missing; "" for the first.
	After string
	// Gone leaves an item away that somebody has deleted.
	Gone bool
}

// Box is what becomes of an item's box.
type Box int

// What may become of it.
const (
	Keep Box = iota // as it is
	Ticked
	Unticked
)

// Key implements Effect.
func (e SharedIssue) Key() string { return fmt.Sprintf("shared %s#%d %s", e.Repo, e.Number, e.Mark) }

// String implements Effect.
func (e SharedIssue) String() string {
	switch {
	case e.State == github.Closed:
		return fmt.Sprintf("close issue %s#%d: %s", e.Repo, e.Number, e.Title)
	case e.Number != 0:
		return fmt.Sprintf("issue %s#%d: %s", e.Repo, e.Number, e.Title)
	}
	return fmt.Sprintf("open issue in %s: %s", e.Repo, e.Title)
}

func (SharedIssue) sealed() {}

// Issue is the same as an issue of ours alone, for what both have in common.
func (e SharedIssue) Issue() Issue {
	return Issue{Repo: e.Repo, RepoID: e.RepoID, Number: e.Number, Mark: e.Mark, State: e.State, Title: e.Title, Record: e.Record, Labels: e.Labels}
}

// BlockPlace is where a block stands in a new text.
func BlockPlace(name string) string { return beginMark(name) + "\n" + endMark(name) }

// ItemPlace is where an item stands in a new text, unticked.
func ItemPlace(id string) string { return "- [ ] " + itemMark(id) }

func beginMark(name string) string { return "<!-- slipway-part:" + name + " -->" }
func endMark(name string) string   { return "<!-- /slipway-part:" + name + " -->" }
func itemMark(id string) string    { return "<!-- slipway-step:" + id + " -->" }

var (
	itemLine = regexp.MustCompile(`^([ \t]*(?:>[ \t]*)*)([-*+]|\d{1,9}[.)])[ \t]+\[([ xX])\](.*)<!-- slipway-step:([a-z0-9-]+) -->[ \t]*$`)
	itemID   = regexp.MustCompile(`<!-- slipway-step:([a-z0-9-]+) -->`)
	fence    = regexp.MustCompile("^[ \t]*(```+|~~~+)")
)

// document is a text in lines, without their ends.
type document struct {
	lines []string
	crlf  bool
}

func readDocument(text string) document {
	d := document{crlf: strings.Contains(text, "\r\n")}
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
// what somebody quotes.
func (d document) fenced() []bool {
	in, open := make([]bool, len(d.lines)), ""
	for i, line := range d.lines {
		m := fence.FindStringSubmatch(line)
		switch {
		case open == "" && m != nil:
			open, in[i] = m[1], true
		case open != "":
			in[i] = true
			if m != nil && strings.HasPrefix(m[1], open) && strings.TrimSpace(line) == m[1] {
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
}

// ReadShared reads our parts out of a text. Of several lines with one mark the
// first counts; what is in a block of code doesn't.
func ReadShared(text string) Shown {
	d := readDocument(text)
	s := Shown{Blocks: map[string]string{}, Items: map[string]ShownItem{}}
	for id, at := range d.items() {
		m := itemLine.FindStringSubmatch(d.lines[at])
		if m == nil { // the box is gone: an item without one is open
			s.Items[id] = ShownItem{}
			continue
		}
		s.Items[id] = ShownItem{Ticked: m[3] != " ", Text: strings.TrimSpace(m[4])}
	}
	in := d.fenced()
	for i, line := range d.lines {
		name, is := strings.CutPrefix(strings.TrimSpace(line), "<!-- slipway-part:")
		name = strings.TrimSuffix(name, " -->")
		if begin, end, ok := d.block(name); is && !in[i] && ok && begin == i {
			s.Blocks[name] = strings.Join(d.lines[begin+1:end], "\n")
		}
	}
	return s
}

// items finds the line of each item.
func (d document) items() map[string]int {
	at, in := map[string]int{}, d.fenced()
	for i, line := range d.lines {
		m := itemID.FindStringSubmatch(line)
		if m == nil || in[i] {
			continue
		}
		if _, twice := at[m[1]]; !twice {
			at[m[1]] = i
		}
	}
	return at
}

// block finds the lines of a block's marks. One whose end is missing ends where
// the next mark of ours stands, or at its own beginning: what follows may be
// people's.
func (d document) block(name string) (begin, end int, ok bool) {
	in := d.fenced()
	begin = -1
	for i, line := range d.lines {
		line = strings.TrimSpace(line)
		switch {
		case in[i]:
		case begin < 0 && line == beginMark(name):
			begin = i
		case begin >= 0 && line == endMark(name):
			return begin, i, true
		case begin >= 0 && strings.HasPrefix(line, "<!-- slipway-part:"):
			return begin, begin, true
		}
	}
	return begin, begin, begin >= 0
}

// Lay lays parts into a text and returns it, with what people wrote where and as
// it was. most is how many characters the text may have; a block that has a short
// form takes it when that is needed, the last ones first.
func (p Parts) Lay(text string, most int) string {
	out := p.lay(text)
	for i := len(p.Blocks) - 1; i >= 0 && len([]rune(out)) > most; i-- {
		if p.Blocks[i].Short != "" {
			p.Blocks = slices.Clone(p.Blocks)
			p.Blocks[i].Text = p.Blocks[i].Short
			out = p.lay(text)
		}
	}
	return out
}

func (p Parts) lay(text string) string {
	d := readDocument(text)
	for i, b := range p.Blocks {
		d.layBlock(b, p.Blocks[:i])
	}
	for i, item := range p.Items {
		d.layItem(item, p.Items[i+1:])
	}
	return d.String()
}

func (d *document) layBlock(b TextBlock, before []TextBlock) {
	want := strings.Split(strings.Trim(strings.ReplaceAll(b.Text, "\r\n", "\n"), "\n"), "\n")
	begin, end, ok := d.block(b.Name)
	switch {
	case ok && end > begin:
		d.lines = slices.Replace(d.lines, begin+1, end, want...)
	case ok: // its end is gone, and nobody can tell where it was
		d.lines = slices.Insert(d.lines, begin+1, append(want, endMark(b.Name))...)
	default: // it was deleted: after the block before it, else at the beginning
		at := 0
		for _, other := range before {
			if _, e, found := d.block(other.Name); found {
				at = e + 1
			}
		}
		d.lines = slices.Insert(d.lines, at, append(append([]string{beginMark(b.Name)}, want...), endMark(b.Name), "")...)
	}
}

// layItem lays one item; next are those that come after it.
func (d *document) layItem(item Item, next []Item) {
	places := d.items()
	if at, there := places[item.ID]; there {
		d.lines[at] = item.line(d.lines[at])
		return
	}
	if item.Gone {
		return
	}
	line := item.line(ItemPlace(item.ID))
	if at, found := places[item.After]; found {
		d.lines = slices.Insert(d.lines, d.endOf(at), line)
		return
	}
	for _, n := range next {
		if at, found := places[n.ID]; found {
			d.lines = slices.Insert(d.lines, at, line)
			return
		}
	}
	d.lines = append(d.lines, line)
}

// endOf is the line after an item and what is indented below it.
func (d *document) endOf(at int) int {
	indent := len(d.lines[at]) - len(strings.TrimLeft(d.lines[at], " \t"))
	for at++; at < len(d.lines); at++ {
		line := d.lines[at]
		if strings.TrimSpace(line) == "" || len(line)-len(strings.TrimLeft(line, " \t")) <= indent {
			break
		}
	}
	return at
}

// line is the item's line in the form that people gave it: their indentation,
// their bullet, their kind of tick.
func (i Item) line(have string) string {
	lead, bullet, box := "", "-", " "
	if m := itemLine.FindStringSubmatch(have); m != nil {
		lead, bullet, box = m[1], m[2], m[3]
	} else if trimmed := strings.TrimLeft(have, " \t"); trimmed != "" {
		lead = have[:len(have)-len(trimmed)]
	}
	switch {
	case i.Box == Ticked && box == " ":
		box = "x"
	case i.Box == Unticked:
		box = " "
	}
	return fmt.Sprintf("%s%s [%s] %s %s", lead, bullet, box, strings.TrimSpace(i.Text), itemMark(i.ID))
}
