package command

import (
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// elements are the HTML elements that are open at a place of a document. Every one
// sets its content apart from what its author plainly says, whatever its name is, and
// one that is never closed holds everything after it.
type elements struct {
	open      []string // names, the innermost last
	commented bool     // a comment is open: it goes on until HTML ends it, whatever Markdown comes between
	odd       bool     // what a browser makes of the rest isn't known: it is held for good
}

// hold reports whether what comes now is inside an element or a comment.
func (e *elements) hold() bool { return e.odd || e.commented || len(e.open) > 0 }

var (
	htmlStart = lazy.Regexp(`<[a-zA-Z/!?]`)
	// htmlTag matches a whole tag as HTML defines it, so that a ">" or a tag in the
	// value of an attribute ends nothing.
	htmlTag        = lazy.Regexp(`^<(/?)([a-zA-Z][a-zA-Z0-9:-]*)(?:\s+[^\s"'<>/=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>` + "`" + `]+))?)*\s*/?>`)
	htmlComment    = lazy.Regexp(`^<!--(?:-?>|(?s:.*?)-->)`)
	htmlCommentEnd = lazy.Regexp(`-->`)
)

var (
	// empty elements have no content, and no end tag.
	empty = strings.Fields("area base br col embed hr img input link meta source track wbr")
	// implied are those that the end of the element around them ends, too.
	implied = strings.Fields("dd dt li option p rp rt tbody td tfoot th thead tr")
)

// maxElements bounds the elements that are open at once, since each end tag looks for its
// start among them. Browsers stop at 512 themselves.
const maxElements = 500

// read goes on with more HTML, as it stands in the document.
func (e *elements) read(html string) {
	if e.commented {
		end := htmlCommentEnd().FindStringIndex(html)
		if end == nil {
			return
		}
		e.commented, html = false, html[end[1]:]
	}
	for !e.odd && !e.commented {
		next := htmlStart().FindStringIndex(html)
		if next == nil {
			return
		}
		html = html[next[0]:]
		tag := htmlTag().FindStringSubmatch(html)
		switch {
		case tag != nil:
			e.tag(tag[1] != "", strings.ToLower(tag[2]))
			html = html[len(tag[0]):]
		case strings.HasPrefix(html, "<!--"):
			whole := htmlComment().FindString(html)
			e.commented, html = whole == "", html[len(whole):]
		default: // a declaration, an instruction, a tag without an end
			e.odd = true
		}
	}
}

// tag opens an element or closes one. An end tag closes the innermost element
// only: what browsers make of crossed tags depends on their names, so these stay open.
func (e *elements) tag(end bool, name string) {
	if !end {
		if !slices.Contains(empty, name) {
			e.open = append(e.open, name)
		}
		e.odd = len(e.open) > maxElements
		return
	}
	for i := len(e.open) - 1; i >= 0; i-- {
		if e.open[i] == name {
			e.open = e.open[:i]
			return
		}
		if !slices.Contains(implied, e.open[i]) {
			return
		}
	}
}
