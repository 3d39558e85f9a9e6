package notes

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode"

	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// Template is Markdown with placeholders, each an HTML comment on one line:
//
//	<!--oldRelease-->  <!--newRelease-->
//	<!-- releaseNotes area:X action:Y kind:Z -->
//	<!-- upgradeNotes -->
//	<!-- securityNotes -->
//
// A filter takes the notes whose area, action or kind is the one given, or with
// a ! before it any other; of several filters all have to hold. A placeholder
// without notes goes, with the blank lines after it. Any other comment stays.
type Template struct {
	Name  string // of the file: "releaseNotes.md"
	parts []part
}

// part is some Markdown and the placeholder after it.
type part struct {
	text string
	hole *hole // nil at the end
}

type hole struct {
	word    string // oldRelease, newRelease or a section
	filters []filter
}

type filter struct {
	field, value string
	not          bool
}

const (
	oldRelease = "oldRelease"
	newRelease = "newRelease"
)

var (
	comment    = lazy.Regexp(`<!--(.*?)-->`)
	holeWords  = append([]string{oldRelease, newRelease}, sections...)
	filterKeys = []string{"action", "area", "kind"}
)

// ParseTemplate reads a template. The error names the line and what is wrong
// with a placeholder.
func ParseTemplate(name, text string) (Template, error) {
	t := Template{Name: name}
	at := 0
	for _, m := range comment().FindAllStringSubmatchIndex(text, -1) {
		h, err := parseHole(text[m[2]:m[3]])
		if err != nil {
			return Template{}, fmt.Errorf("%s:%d: %w", name, 1+strings.Count(text[:m[0]], "\n"), err)
		}
		if h != nil {
			t.parts = append(t.parts, part{text[at:m[0]], h})
			at = m[1]
		}
	}
	t.parts = append(t.parts, part{text: text[at:]})
	return t, nil
}

// parseHole reads the inside of a comment; nil is a comment of another's.
func parseHole(inside string) (*hole, error) {
	words := strings.Fields(inside)
	if len(words) == 0 {
		return nil, nil
	}
	if !slices.Contains(holeWords, words[0]) {
		if did := nearest(words[0], holeWords); did != "" {
			return nil, fmt.Errorf("unknown placeholder %s; did you mean %q?", quote(words[0]), did)
		}
		return nil, nil
	}
	h := &hole{word: words[0]}
	for _, w := range words[1:] {
		key, value, ok := strings.Cut(w, ":")
		f := filter{field: key, value: strings.TrimPrefix(value, "!"), not: strings.HasPrefix(value, "!")}
		switch {
		case h.word != string(InNotes):
			return nil, fmt.Errorf("%s takes no filter, and here is %s", h.word, quote(w))
		case !ok || f.value == "":
			return nil, fmt.Errorf("%s is no filter; want one like action:Fixed or area:!security", quote(w))
		case !slices.Contains(filterKeys, key):
			return nil, fmt.Errorf("unknown filter %s; known are %s", quote(key), oneOf(filterKeys))
		}
		h.filters = append(h.filters, f)
	}
	return h, nil
}

// takes reports whether a placeholder shows an item.
func (h hole) takes(i Item) bool {
	if string(i.Section) != h.word {
		return false
	}
	for _, f := range h.filters {
		have := map[string]string{"area": i.Area, "action": i.Action, "kind": i.Kind}[f.field]
		if (have == f.value) == f.not {
			return false
		}
	}
	return true
}

// Releases are the two versions that a template may name.
type Releases struct{ Old, New string }

// Fill renders a template. shown says of each item whether some placeholder
// shows it.
func (t Template) Fill(items []Item, home string, r Releases) (text string, shown []bool) {
	shown = make([]bool, len(items))
	var b strings.Builder
	emptied := false
	for _, p := range t.parts {
		if emptied {
			p.text = strings.TrimLeftFunc(p.text, unicode.IsSpace)
		}
		emptied = emptied && p.text == "" && p.hole != nil
		b.WriteString(p.text)
		switch {
		case p.hole == nil:
		case p.hole.word == oldRelease:
			b.WriteString(r.Old)
			emptied = false
		case p.hole.word == newRelease:
			b.WriteString(r.New)
			emptied = false
		default:
			var filled []string
			for i, item := range items {
				if p.hole.takes(item) {
					filled, shown[i] = append(filled, item.Markdown(home)), true
				}
			}
			b.WriteString(strings.Join(filled, "\n"))
			emptied = len(filled) == 0
		}
	}
	return b.String(), shown
}

// has reports whether a template has a placeholder for a section.
func (t Template) has(s Section) bool {
	return slices.ContainsFunc(t.parts, func(p part) bool { return p.hole != nil && p.hole.word == string(s) })
}

//go:embed templates/*.md
var ours embed.FS

// Templates are Slipway's own, in the order of their names.
func Templates() []Template {
	paths, err := fs.Glob(ours, "templates/*.md")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	var all []Template
	for _, p := range paths {
		text, err := ours.ReadFile(p)
		if err == nil {
			var t Template
			if t, err = ParseTemplate(strings.TrimPrefix(p, "templates/"), string(text)); err == nil {
				all = append(all, t)
			}
		}
		if err != nil {
			panic(err) // they are a part of the program, and a test parses them
		}
	}
	return all
}
