package effect

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Lay lays parts into a text and returns it, with what people wrote where and as
// it was. most is how many characters the text may have; a block that has a short
// form takes it when that is needed, the last ones first, and then the items do.
func (p Parts) Lay(text string, most int) string {
	out := p.lay(text)
	fits := func() bool { return utf8.RuneCountInString(out) <= most }
	for i := len(p.Blocks) - 1; i >= 0 && !fits(); i-- {
		if p.Blocks[i].Short != "" {
			p.Blocks = slices.Clone(p.Blocks)
			p.Blocks[i].Text = p.Blocks[i].Short
			out = p.lay(text)
		}
	}
	if fits() || !slices.ContainsFunc(p.Items, func(i Item) bool { return i.Short != "" }) {
		return out
	}
	p.Items = slices.Clone(p.Items)
	for i := range p.Items {
		if p.Items[i].Short != "" {
			p.Items[i].Text = p.Items[i].Short
		}
	}
	return p.lay(text)
}

// Lacking reports whether a text has none of the parts at all: it is not what it
// was, and there is nothing that parts could be laid beside.
func (p Parts) Lacking(text string) bool {
	s := ReadShared(text)
	return len(s.Blocks) == 0 && len(s.Items) == 0
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
	blocks := d.blocks()
	is, ok := blocks[b.Name]
	switch {
	case ok && is.end > is.begin:
		d.lines = slices.Replace(d.lines, is.begin+1, is.end, want...)
	case ok: // its end is gone, and nobody can tell where it was
		d.lines = slices.Insert(d.lines, is.begin+1, append(want, endMark(b.Name))...)
	default: // it was deleted: after the block before it, else at the beginning
		at := 0
		for _, other := range before {
			if last, found := blocks[other.Name]; found {
				at = last.end + 1
			}
		}
		d.lines = slices.Insert(d.lines, at, append(append([]string{beginMark(b.Name)}, want...), endMark(b.Name), "")...)
	}
}

// layItem lays one item; next are those that come after it.
func (d *document) layItem(item Item, next []Item) {
	places := d.places()
	after, follows := usable(places[item.After], -1)
	if !follows {
		after = -1
	}
	at, there := usable(places[item.ID], after)
	for _, p := range places[item.ID] { // copies are words like others
		if p.kind.live() && (p.kind == besidePlace || !there || p.line != at) {
			d.lines[p.line] = withoutMark(d.lines[p.line], item, p.kind == besidePlace && p.line == at)
		}
	}
	if there {
		if d.lines[at] = item.line(d.lines[at]); item.Gone && item.Away {
			d.lines = slices.Delete(d.lines, at, at+1)
		}
		return
	}
	if item.Gone {
		return
	}
	line := item.line(ItemPlace(item.ID))
	if follows {
		d.lines = slices.Insert(d.lines, d.endOf(after), line)
		return
	}
	for _, n := range next {
		if at, found := usable(places[n.ID], -1); found {
			d.lines = slices.Insert(d.lines, at, line)
			return
		}
	}
	d.lines = append(d.lines, line)
}

// usable is the line that is the item: of the likeliest ones the first that
// stands below another item.
func usable(all []place, below int) (line int, ok bool) {
	if len(all) == 0 || !all[0].kind.usable() {
		return 0, false
	}
	for _, p := range all {
		if p.kind == all[0].kind && p.line > below {
			return p.line, true
		}
	}
	return all[0].line, true
}

// withoutMark takes an item's mark off a line that isn't the item's; of the item's
// own line, only those behind the first. Where the mark doesn't end the line a
// comment stays in its place, so that the line remains what it is.
func withoutMark(line string, item Item, own bool) string {
	mark := itemMark(item.ID)
	first := ""
	if own {
		at := strings.Index(line, mark) + len(mark)
		first, line = line[:at], line[at:]
	}
	for strings.Contains(line, mark) {
		before, rest, _ := strings.Cut(line, mark)
		if strings.TrimSpace(rest) != "" {
			line = before + "<!-- -->" + rest
			continue
		}
		// Behind another item's mark it was a line of its own once.
		at := strings.LastIndex(before, " -->")
		if at >= 0 && strings.Contains(before, stepPrefix) && item.isOurs(before[at+len(" -->"):]) {
			before = before[:at+len(" -->")]
		}
		line = strings.TrimRight(before, " \t")
	}
	return first + line
}

// isOurs reports whether words are a text of the item, from whenever it may be:
// its texts begin alike.
func (i Item) isOurs(words string) bool {
	words = strings.TrimSpace(words)
	words = words[len(itemLine().FindString(words)):]
	have, want := strings.Fields(words), strings.Fields(i.Text)
	return len(have) > 0 && len(want) > 0 && have[0] == want[0]
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
// their bullet, their kind of tick, and what they wrote behind it.
func (i Item) line(have string) string {
	lead, bullet := "", "-"
	if m := itemLead().FindStringSubmatch(have); m != nil {
		if lead = m[1]; m[2] != "" {
			bullet = m[2]
		}
	}
	box, text, tail := cutItem(have)
	if box == "" { // somebody took the box away, or wrote the mark into words of theirs
		box = " "
		before, after, _ := strings.Cut(have[len(itemLead().FindString(have)):], itemMark(i.ID))
		if tail = strings.TrimSpace(after); !i.isOurs(before) {
			tail = strings.TrimSpace(strings.TrimSpace(before) + " " + tail)
		}
	} else if words, added := Added(i.Was, text); added && text != strings.TrimSpace(i.Text) {
		tail = strings.TrimSpace(words + " " + tail)
	}
	switch {
	case i.Box == Ticked && box == " ":
		box = "x"
	case i.Box == Unticked:
		box = " "
	}
	if tail != "" {
		tail = " " + tail
	}
	return fmt.Sprintf("%s%s [%s] %s %s%s", lead, bullet, box, strings.TrimSpace(i.Text), itemMark(i.ID), tail)
}

// Added is what somebody wrote into a text, at one place; ok is false when the
// text wasn't only added to.
func Added(was, is string) (words string, ok bool) {
	if was == "" || len(is) <= len(was) {
		return "", false
	}
	before := 0
	for before < len(was) && was[before] == is[before] {
		before++
	}
	rest := was[before:]
	if !strings.HasSuffix(is[before:], rest) {
		return "", false
	}
	words = strings.Trim(is[before:len(is)-len(rest)], " \t,;")
	return words, words != "" && utf8.ValidString(words)
}
