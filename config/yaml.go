package config

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// The caps on a file. They are far above what people write and keep the YAML
// library, whose cost grows with the square of tokens and depth, well under a
// second: a policy comes from anyone who may push to a default branch.
const (
	maxBytes   = 256 << 10
	maxTokens  = 20_000
	maxDepth   = 32
	maxAliases = 100
	maxNodes   = 50_000 // values after aliases are followed
)

// document is a parsed file.
type document struct {
	root    ast.Node // nil when the file is empty
	anchors map[string]ast.Node
}

// parseYAML reads one YAML document within the caps.
func parseYAML(text []byte) (doc document, faults Faults) {
	fault := func(p place, format string, args ...any) Faults {
		return Faults{faultAt(p, format, args...)}
	}
	start := place{line: 1, column: 1}
	if len(text) > maxBytes {
		return document{}, fault(start, "the file is larger than %d KiB", maxBytes>>10)
	}
	if !utf8.Valid(text) {
		return document{}, fault(start, "the file is not UTF-8")
	}
	// The library is large and young, and a panic in it must not take down the
	// program for one repository's file; for the user it is a broken file.
	defer func() {
		if r := recover(); r != nil {
			doc, faults = document{}, fault(start, "the file is not valid YAML")
		}
	}()
	tokens := lexer.Tokenize(string(text))
	if p, what := tooMuch(tokens); what != "" {
		return document{}, fault(p, "%s", what)
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		p, message := syntaxFault(err)
		return document{}, fault(p, "not valid YAML: %s", message)
	}
	return oneDocument(file)
}

// tooMuch looks at the tokens before the parser does.
func tooMuch(tokens token.Tokens) (p place, what string) {
	count, flow, entries, line := 0, 0, 0, 0
	for _, tk := range tokens {
		if tk.Type == token.CommentType {
			continue
		}
		if tk.Position.Line != line {
			line, entries = tk.Position.Line, 0
		}
		count++
		switch tk.Type {
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow--
		case token.SequenceEntryType, token.MappingKeyType, token.AnchorType, token.TagType:
			entries++
		}
		if flow > maxDepth || entries > maxDepth {
			return placeOf(tk), fmt.Sprintf("nested more than %d deep", maxDepth)
		}
		if count > maxTokens {
			return placeOf(tk), "the file holds too much; it is not read any further"
		}
	}
	return place{}, ""
}

// syntaxFault takes place and message from an error of the library, without
// the excerpt of the file that its text carries.
func syntaxFault(err error) (p place, message string) {
	var e yaml.Error
	if !errors.As(err, &e) {
		return place{line: 1, column: 1}, "it can't be read"
	}
	return placeOf(e.GetToken()), cut(e.GetMessage())
}

func cut(s string) string {
	if r := []rune(s); len(r) > 200 {
		return string(r[:199]) + "…"
	}
	return s
}

func oneDocument(file *ast.File) (document, Faults) {
	doc := document{anchors: map[string]ast.Node{}}
	var faults Faults
	for _, d := range file.Docs {
		if d == nil || d.Body == nil || d.Body.Type() == ast.CommentType {
			continue
		}
		if doc.root != nil {
			return document{}, append(faults, faultAt(startOf(d.Body), "a second YAML document starts here; the file is to be one"))
		}
		doc.root = d.Body
	}
	if doc.root == nil {
		return doc, nil
	}
	v := &surveyor{anchors: doc.anchors}
	ast.Walk(v, doc.root)
	return doc, v.faults
}

// surveyor collects the anchors and refuses what Slipway's files never need.
type surveyor struct {
	anchors map[string]ast.Node
	aliases int
	faults  Faults
}

// Visit implements ast.Visitor.
func (v *surveyor) Visit(n ast.Node) ast.Visitor {
	refuse := func(what string) {
		v.faults = append(v.faults, faultAt(placeOf(n.GetToken()), "%s", what))
	}
	switch n := n.(type) {
	case *ast.AnchorNode:
		if n.Name != nil && n.Name.GetToken() != nil {
			v.anchors[n.Name.GetToken().Value] = n.Value
		}
	case *ast.AliasNode:
		if v.aliases++; v.aliases == maxAliases+1 {
			refuse(fmt.Sprintf("more than %d aliases", maxAliases))
		}
	case *ast.TagNode:
		refuse("a YAML tag (!) is not allowed here")
	case *ast.MergeKeyNode:
		refuse("the merge key << is not allowed here")
	}
	return v
}

// place is a position in a file, from 1. Its end is that of the last character,
// and 0 where it is not known.
type place struct{ line, column, endLine, endColumn int }

func placeOf(tk *token.Token) place {
	if tk == nil || tk.Position == nil {
		return place{line: 1, column: 1}
	}
	p := place{line: max(tk.Position.Line, 1), column: max(tk.Position.Column, 1)}
	// The token's origin has the quotes, which its value has not. Of a text over
	// several lines the library doesn't say where it ends.
	origin := strings.TrimSpace(tk.Origin)
	if origin != "" && !strings.ContainsAny(origin, "\r\n") {
		p.endLine, p.endColumn = p.line, p.column+utf8.RuneCountInString(origin)-1
	}
	return p
}

// startOf is where a value begins. The library's own token of a mapping is its
// first colon.
func startOf(n ast.Node) place {
	if list, ok := entries(n); ok && len(list) > 0 {
		return place{line: list[0].at.line, column: list[0].at.column}
	}
	if n == nil {
		return place{line: 1, column: 1}
	}
	return placeOf(n.GetToken())
}

// resolve follows anchors and aliases to the value itself; nil when an alias
// leads nowhere.
func (d document) resolve(n ast.Node) ast.Node {
	for range maxDepth {
		switch t := n.(type) {
		case *ast.AnchorNode:
			n = t.Value
		case *ast.AliasNode:
			if t.Value == nil || t.Value.GetToken() == nil {
				return nil
			}
			target, ok := d.anchors[t.Value.GetToken().Value]
			if !ok {
				return nil
			}
			n = target
		default:
			return n
		}
	}
	return nil
}

// entry is one key of a mapping.
type entry struct {
	key   string
	at    place
	value ast.Node
}

// entries lists a mapping's keys in order; ok is false when n is no mapping.
func entries(n ast.Node) (list []entry, ok bool) {
	m, ok := n.(ast.MapNode)
	if !ok {
		return nil, false
	}
	for it := m.MapRange(); it.Next(); {
		k := it.Key()
		if k == nil || k.GetToken() == nil {
			continue
		}
		name := k.GetToken().Value
		if s, ok := k.(*ast.StringNode); ok {
			name = s.Value
		}
		list = append(list, entry{name, placeOf(k.GetToken()), it.Value()})
	}
	return list, true
}

// elements lists a sequence's values; ok is false when n is no sequence.
func elements(n ast.Node) (list []ast.Node, ok bool) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		return nil, false
	}
	return s.Values, true
}

// scalar returns a scalar's text as written; ok is false for null and for what
// is no scalar.
func scalar(n ast.Node) (text string, ok bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		if n.Value == nil {
			return "", true
		}
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// nodeName says in plain words what stands in the file.
func nodeName(n ast.Node) string {
	switch n.(type) {
	case nil, *ast.NullNode:
		return "nothing"
	case *ast.StringNode, *ast.LiteralNode:
		return "a text"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.BoolNode:
		return "true or false"
	case *ast.SequenceNode:
		return "a list"
	case ast.MapNode:
		return "a group of keys"
	}
	return "something else"
}
