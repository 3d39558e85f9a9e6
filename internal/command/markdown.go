package command

import (
	"slices"
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

// liveLines keeps the candidates that stand in a paragraph of their own: directly
// in one, outside every HTML element and every formula.
func liveLines(source []byte, candidates []candidate) []candidate {
	w := &walk{source: source, at: map[int]candidate{}}
	for _, c := range candidates {
		w.at[c.slash] = c
	}
	doc := markdown().Parse(text.NewReader(source))
	for block := doc.FirstChild(); block != nil; block = block.NextSibling() {
		w.block(block)
	}
	// A formula that begins in one paragraph may end in a later one. Which of them
	// GitHub sets depends on what is between; in doubt it is talk.
	return slices.DeleteFunc(w.live, func(c candidate) bool { return w.formulas.holds(c.slash) })
}

// walk goes through a document in order, knowing which HTML elements are open:
// Markdown between two HTML blocks, as in a <details>, is a top-level paragraph to
// the parser and set apart for the reader.
type walk struct {
	source   []byte
	at       map[int]candidate // by the offset of the slash
	elements elements
	formulas displayed
	live     []candidate
}

// block looks at one block of the top level. HTML counts wherever it stands: what is
// opened in a list or a quotation may hold what follows it.
func (w *walk) block(block ast.Node) {
	paragraph, _ := block.(*ast.Paragraph) // a heading names a thing, whether "#" or a line below makes it one
	var within formula
	if paragraph != nil {
		within = formulaIn(w.source, paragraph.Lines())
		w.formulas.add(w.source, paragraph.Lines())
	}
	_ = ast.Walk(block, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.HTMLBlock:
			w.elements.read(string(n.Lines().Value(w.source)))
			if n.HasClosure() {
				w.elements.read(string(n.ClosureLine.Value(w.source)))
			}
		case *ast.RawHTML:
			w.elements.read(string(n.Segments.Value(w.source)))
		case *ast.Text:
			if paragraph != nil && n.Parent() == block {
				w.text(within, n.Segment)
			}
		}
		return ast.WalkContinue, nil
	})
}

// text keeps the candidate, if any, that starts in a piece of text. A piece
// never reaches over a line's end, and begins behind the spaces at its start.
func (w *walk) text(within formula, s text.Segment) {
	if c, ok := w.at[s.Start]; ok && !w.elements.hold() && !within.holds(s.Start) {
		w.live = append(w.live, c)
	}
}

var (
	// dollarOpens and dollarCloses match what may begin and end a formula, $ or $$, within a line.
	dollarOpens  = lazy.Regexp(`\$\$|\$\S`)
	dollarCloses = lazy.Regexp(`\$\$|\S\$`)
	dollars      = lazy.Regexp(`\$\$`)
)

// formula is where in a paragraph the first formula may begin and the last one may end.
type formula struct{ opens, closes int }

func formulaIn(source []byte, lines *text.Segments) formula {
	f := formula{len(source), 0}
	for i := range lines.Len() {
		line := lines.At(i)
		in := line.Value(source)
		if at := dollarOpens().FindIndex(in); at != nil {
			f.opens = min(f.opens, line.Start+at[0])
		}
		for _, at := range dollarCloses().FindAllIndex(in, -1) {
			f.closes = max(f.closes, line.Start+at[0])
		}
	}
	return f
}

// holds reports whether a place, at the beginning of a line, may be inside a formula.
func (f formula) holds(at int) bool { return f.opens < at && at <= f.closes }

// displayed are the offsets of the "$$" in a document's paragraphs, in order.
type displayed []int

func (d *displayed) add(source []byte, lines *text.Segments) {
	for i := range lines.Len() {
		line := lines.At(i)
		for _, at := range dollars().FindAllIndex(line.Value(source), -1) {
			*d = append(*d, line.Start+at[0])
		}
	}
}

// holds reports whether a "$$" before this place has no end but one after it.
func (d displayed) holds(at int) bool {
	before, _ := slices.BinarySearch(d, at)
	return before%2 == 1 && before < len(d)
}
