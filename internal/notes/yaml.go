package notes

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

// The caps on a note file, far above what people write: anybody may open a pull
// request with one.
const (
	MaxBytes  = 64 << 10
	maxTokens = 4000
	maxDepth  = 16
)

// form is what a value is.
type form int

const (
	nothing form = iota
	text
	number
	boolean
	list
	group
)

// String completes "found ...".
func (f form) String() string {
	return [...]string{"nothing", "a text", "a number", "true or false", "a list", "a group of keys"}[f]
}

// value is a YAML value and where it stands. A block's line is that of its first
// line of text.
type value struct {
	form form
	text string // of a scalar, as YAML reads it
	line int
	end  int
	list []value
	keys []pair
}

type pair struct {
	key   string
	line  int
	value value
}

// problem is what keeps a file from being read.
type problem struct {
	rule Rule
	line int
	what string
}

// parse reads the first YAML document of a text. Anchors, aliases and tags are
// problems: no note needs them, and they can be made to grow.
func parse(source []byte) (v value, problems []problem) {
	stop := func(line int, format string, args ...any) (value, []problem) {
		return value{line: 1, end: 1}, []problem{{RuleSyntax, line, fmt.Sprintf(format, args...)}}
	}
	if len(source) > MaxBytes {
		return stop(1, "the file is larger than %d KiB", MaxBytes>>10)
	}
	if !utf8.Valid(source) {
		return stop(1, "the file is not UTF-8")
	}
	// As in package config: a panic of the library is a broken file, and no more.
	defer func() {
		if r := recover(); r != nil {
			v, problems = stop(1, "the file is not valid YAML")
		}
	}()
	source = []byte(strings.ReplaceAll(strings.TrimPrefix(string(source), "\ufeff"), "\r\n", "\n"))
	tokens := lexer.Tokenize(string(source))
	if line, what := tooMuch(tokens); what != "" {
		return stop(line, "%s", what)
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		line, message := syntaxError(err)
		if bracketed(string(source), line) {
			message += "; an entry that begins with a bracket needs quotes around it"
		}
		return stop(line, "the file is not valid YAML: %s", message)
	}
	var root ast.Node
	for _, d := range file.Docs {
		if d == nil || d.Body == nil || d.Body.Type() == ast.CommentType {
			continue
		}
		if root != nil {
			problems = append(problems, problem{RuleDocuments, lineOf(d.Body),
				"a second YAML document starts here, and only the first is read; a note file holds one"})
			break
		}
		root = d.Body
	}
	if root == nil {
		return value{line: 1, end: 1}, problems
	}
	r := reader{lines: strings.Split(string(source), "\n")}
	v = r.value(root, 0)
	return v, append(r.problems, problems...)
}

// tooMuch looks at the tokens before the parser does, whose cost grows with the
// square of depth.
func tooMuch(tokens token.Tokens) (line int, what string) {
	flow, entries, at := 0, 0, 0
	for i, tk := range tokens {
		if tk.Position.Line != at {
			at, entries = tk.Position.Line, 0
		}
		switch tk.Type {
		case token.AliasType:
			return at, "a text that begins with * needs quotes around it, or |- and a line of its own: YAML takes it for an alias"
		case token.AnchorType, token.TagType, token.MergeKeyType:
			return at, fmt.Sprintf("%q: a note needs no YAML anchors, aliases or tags; put a text that begins with it in quotes", cut(tk.Value))
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow--
		case token.SequenceEntryType, token.MappingKeyType:
			entries++
		}
		if flow > maxDepth || entries > maxDepth {
			return at, fmt.Sprintf("the file is nested more than %d deep", maxDepth)
		}
		if i > maxTokens {
			return at, "the file holds too much; it is not read any further"
		}
	}
	return 0, ""
}

// bracketed reports whether a line is a list's entry that begins with a bracket,
// as links to documentation do.
func bracketed(source string, line int) bool {
	lines := strings.Split(source, "\n")
	return line <= len(lines) && strings.HasPrefix(strings.Join(strings.Fields(lines[line-1]), " "), "- [")
}

func syntaxError(err error) (line int, message string) {
	var e yaml.Error
	if !errors.As(err, &e) || e.GetToken() == nil {
		return 1, "it can't be read"
	}
	return max(e.GetToken().Position.Line, 1), cut(e.GetMessage())
}

// reader turns nodes into values.
type reader struct {
	lines    []string
	problems []problem
}

func (r *reader) value(n ast.Node, depth int) value {
	if depth > maxDepth {
		r.problems = append(r.problems, problem{RuleSyntax, lineOf(n), fmt.Sprintf("the file is nested more than %d deep", maxDepth)})
		return value{line: lineOf(n), end: lineOf(n)}
	}
	v := value{line: lineOf(n)}
	switch n := n.(type) {
	case *ast.StringNode:
		v.form, v.text = text, n.Value
	case *ast.LiteralNode:
		v.form, v.line = text, r.firstText(lineOf(n)+1)
		if n.Value != nil {
			v.text = n.Value.Value
		}
		v.end = v.line + strings.Count(strings.TrimRight(v.text, "\n"), "\n")
		if v.end == len(r.lines) { // the library drops the spaces at the end of a file without a line break
			last := r.lines[len(r.lines)-1]
			v.text = strings.TrimRight(v.text, " ") + last[len(strings.TrimRight(last, " ")):]
		}
		return v
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		v.form, v.text = number, n.GetToken().Value
	case *ast.BoolNode:
		v.form, v.text = boolean, n.GetToken().Value
	case *ast.SequenceNode:
		v.form = list
		for _, e := range n.Values {
			v.list = append(v.list, r.value(e, depth+1))
		}
	case ast.MapNode:
		v.form = group
		for it := n.MapRange(); it.Next(); {
			k := it.Key()
			if k == nil || k.GetToken() == nil {
				continue
			}
			name := k.GetToken().Value
			if s, ok := k.(*ast.StringNode); ok {
				name = s.Value
			}
			v.keys = append(v.keys, pair{name, k.GetToken().Position.Line, r.value(it.Value(), depth+1)})
		}
		if len(v.keys) > 0 {
			v.line = v.keys[0].line
		}
	}
	v.end = v.line
	return v
}

// firstText is the first line from one on that isn't blank.
func (r *reader) firstText(line int) int {
	for i := line; i <= len(r.lines); i++ {
		if strings.TrimSpace(r.lines[i-1]) != "" {
			return i
		}
	}
	return min(line, len(r.lines))
}

func lineOf(n ast.Node) int {
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return 1
	}
	return max(n.GetToken().Position.Line, 1)
}

// cut shows a piece of a file inside a message, cut short and on one line.
func cut(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return s
}

func quote(s string) string { return fmt.Sprintf("%q", cut(s)) }
