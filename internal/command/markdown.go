package command

import (
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"

	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// markdown reads Markdown as GitHub does, tables, bare links and footnotes
// among it.
var markdown = sync.OnceValue(func() parser.Parser {
	return goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote)).Parser()
})

// liveLines keeps the candidates that stand in a paragraph of their own.
func liveLines(source []byte, candidates []candidate) []candidate {
	w := &walk{source: source, at: map[int]candidate{}, open: map[string]int{}}
	for _, c := range candidates {
		w.at[c.slash] = c
	}
	doc := markdown().Parse(text.NewReader(source))
	for block := doc.FirstChild(); block != nil; block = block.NextSibling() {
		switch block := block.(type) {
		case *ast.Paragraph, *ast.Heading: // a line of a "# heading" starts with "#"
			w.paragraph(block)
		case *ast.HTMLBlock:
			for i := range block.Lines().Len() {
				line := block.Lines().At(i)
				w.html.Write(line.Value(source))
			}
			if block.HasClosure() {
				w.html.Write(block.ClosureLine.Value(source))
			}
			w.track()
		}
	}
	return w.live
}

// walk goes through a document's top level in order, knowing which HTML
// elements are open: Markdown between two HTML blocks, as in a <details>, is a
// top-level paragraph to the parser and hidden from the reader.
type walk struct {
	source []byte
	at     map[int]candidate // by the offset of the slash
	open   map[string]int
	html   strings.Builder // not tracked yet; begins with openComment while one is open
	live   []candidate
}

// paragraph looks at the text that stands directly in a block: not inside code,
// a link, emphasis or inline HTML.
func (w *walk) paragraph(block ast.Node) {
	for inline := block.FirstChild(); inline != nil; inline = inline.NextSibling() {
		switch inline := inline.(type) {
		case *ast.RawHTML:
			for i := range inline.Segments.Len() {
				segment := inline.Segments.At(i)
				w.html.Write(segment.Value(w.source))
			}
			w.track()
		case *ast.Text:
			w.text(inline.Segment)
		}
	}
}

// text keeps the candidate, if any, that starts in a piece of text. A piece
// never reaches over a line's end, and begins behind the spaces at its start.
func (w *walk) text(s text.Segment) {
	if c, ok := w.at[s.Start]; ok && len(w.open) == 0 && w.html.Len() == 0 {
		w.live = append(w.live, c)
	}
}

const openComment = "<!--"

var (
	htmlComment = lazy.Regexp(`(?s)<!--(?:-?>|.*?-->)`)
	// htmlTag matches the elements that set their content apart from what their
	// author says; one that is never closed holds everything after it.
	htmlTag = lazy.Regexp(`(?i)<(/?)(details|blockquote|pre|code|table|ul|ol|dl|div|template|svg|picture|del|s|strike|samp|q)(?:[\s/>]|$)`)
)

func (w *walk) track() {
	shown, _, commented := strings.Cut(htmlComment().ReplaceAllString(w.html.String(), ""), openComment)
	for _, m := range htmlTag().FindAllStringSubmatch(shown, -1) {
		name := strings.ToLower(m[2])
		if m[1] == "" {
			w.open[name]++
		} else if w.open[name]--; w.open[name] <= 0 {
			delete(w.open, name)
		}
	}
	w.html.Reset()
	if commented { // it goes on until HTML ends it, whatever Markdown comes between
		w.html.WriteString(openComment)
	}
}

// tooComplex reports texts on which a Markdown parser's cost runs away (with
// the cube of nested quotes, with columns times rows of a table). Nobody writes
// such a comment; anybody can post one.
func tooComplex(s string) bool {
	const (
		maxQuotes = 100     // markers at the start of one line
		maxCells  = 200_000 // widest line's columns times lines
		maxLinks  = 2_000   // beginnings of inline links
	)
	if strings.Count(s, "](") > maxLinks {
		return true
	}
	var lines, widest int
	for line := range strings.SplitSeq(s, "\n") {
		lines++
		widest = max(widest, strings.Count(line, "|"))
		markers := line[:len(line)-len(strings.TrimLeft(line, " \t>*+-.)0123456789"))]
		if strings.Count(markers, ">")+strings.Count(markers, "+")+strings.Count(markers, ". ")+strings.Count(markers, ") ") > maxQuotes {
			return true
		}
	}
	return widest*lines > maxCells
}
