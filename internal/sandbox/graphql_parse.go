package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// What of GraphQL's language a client needs: one operation with variables, aliases, arguments and inline fragments. No
// fragment has a name, and there are no directives: https://spec.graphql.org/October2021/#sec-Language

// field is a field that is asked for; on is the type that it is asked of alone, "" for any.
type field struct {
	on, alias, name string
	args            obj
	fields          []field
}

// operation is a query or a mutation.
type operation struct {
	kind   string
	fields []field
}

type parser struct {
	words []string
	vars  obj
}

var graphWord = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\.\.\.|[A-Za-z_][A-Za-z0-9_]*|-?[0-9]+(\.[0-9]+)?|"(\\.|[^"\\\n])*"|[{}()\[\]:!$@=|]|\S`)
})

// maxGraphWords bounds what is read of a request.
const maxGraphWords = 20_000

func parseOperation(text string, vars obj) (op operation, err error) {
	p := &parser{words: graphWord().FindAllString(text, maxGraphWords), vars: vars}
	defer func() {
		if r := recover(); r != nil {
			wrong, is := r.(syntax)
			if !is {
				panic(r)
			}
			err = errors.New(string(wrong))
		}
	}()
	op.kind = "query"
	if p.peek() != "{" {
		if op.kind = p.next(); op.kind != "query" && op.kind != "mutation" {
			p.fail(op.kind)
		}
		if p.peek() != "(" && p.peek() != "{" {
			p.next()
		}
		if p.peek() == "(" { // the types of variables: what fits is told by what they are used for
			for p.next() != ")" {
			}
		}
	}
	op.fields = p.selection("")
	if p.peek() != "" {
		p.fail(p.peek())
	}
	return op, nil
}

// syntax is what is wrong with a text.
type syntax string

func (p *parser) fail(word string) {
	if word == "" {
		panic(syntax("Unexpected end of document"))
	}
	panic(syntax(fmt.Sprintf("Expected something else, actual: %q", word)))
}

// peek is the next word, "" at the end; commas mean nothing.
func (p *parser) peek() string {
	for len(p.words) > 0 && p.words[0] == "," {
		p.words = p.words[1:]
	}
	if len(p.words) == 0 {
		return ""
	}
	return p.words[0]
}

func (p *parser) next() string {
	word := p.peek()
	if word == "" {
		p.fail("")
	}
	p.words = p.words[1:]
	return word
}

func (p *parser) expect(want string) {
	if got := p.next(); got != want {
		p.fail(got)
	}
}

func (p *parser) name() string {
	word := p.next()
	if c := word[0]; c != '_' && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
		p.fail(word)
	}
	return word
}

func (p *parser) selection(on string) (fields []field) {
	p.expect("{")
	for p.peek() != "}" {
		if p.peek() == "..." {
			p.next()
			p.expect("on")
			fields = append(fields, p.selection(p.name())...)
			continue
		}
		f := field{on: on, name: p.name()}
		f.alias = f.name
		if p.peek() == ":" {
			p.next()
			f.name = p.name()
		}
		if p.peek() == "(" {
			p.next()
			f.args = p.pairs(")")
		}
		if p.peek() == "{" {
			f.fields = p.selection("")
		}
		fields = append(fields, f)
	}
	p.next()
	return fields
}

// pairs reads names with their values up to an end.
func (p *parser) pairs(end string) obj {
	o := obj{}
	for p.peek() != end {
		name := p.name()
		p.expect(":")
		o[name] = p.value()
	}
	p.next()
	return o
}

func (p *parser) value() any {
	switch word := p.next(); {
	case word == "$":
		return p.vars[p.name()]
	case word == "{":
		return p.pairs("}")
	case word == "[":
		list := []any{}
		for p.peek() != "]" {
			list = append(list, p.value())
		}
		p.next()
		return list
	case word == "null":
		return nil
	case word == "true" || word == "false":
		return word == "true"
	case strings.HasPrefix(word, `"`):
		var s string
		if json.Unmarshal([]byte(word), &s) != nil {
			p.fail(word)
		}
		return s
	case word[0] == '-' || word[0] >= '0' && word[0] <= '9':
		return json.Number(word)
	case strings.ContainsAny(word[:1], "})]:!@=|."):
		p.fail(word)
		return nil
	default: // a member of an enumeration
		return word
	}
}
