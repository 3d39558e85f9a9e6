package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
)

// node is a JSON Schema, of draft 7, which is what editors know best.
type node struct {
	Schema      string     `json:"$schema,omitempty"`
	Title       string     `json:"title,omitempty"`
	Description string     `json:"description,omitempty"`
	Ref         string     `json:"$ref,omitempty"`
	AllOf       []*node    `json:"allOf,omitempty"`
	AnyOf       []*node    `json:"anyOf,omitempty"`
	Type        any        `json:"type,omitempty"` // a word or several
	Enum        []string   `json:"enum,omitempty"`
	Pattern     string     `json:"pattern,omitempty"`
	MinLength   *int64     `json:"minLength,omitempty"`
	MaxLength   *int64     `json:"maxLength,omitempty"`
	Minimum     *int64     `json:"minimum,omitempty"`
	Maximum     *int64     `json:"maximum,omitempty"`
	Items       *node      `json:"items,omitempty"`
	MinItems    *int64     `json:"minItems,omitempty"`
	MaxItems    *int64     `json:"maxItems,omitempty"`
	Default     any        `json:"default,omitempty"`
	Examples    []string   `json:"examples,omitempty"`
	Properties  properties `json:"properties,omitempty"`
	Names       *node      `json:"propertyNames,omitempty"`
	More        any        `json:"additionalProperties,omitempty"` // false, or a schema
	MinKeys     *int64     `json:"minProperties,omitempty"`
	MaxKeys     *int64     `json:"maxProperties,omitempty"`
	Required    []string   `json:"required,omitempty"`
	If          *node      `json:"if,omitempty"`
	Then        *node      `json:"then,omitempty"`
	Else        *node      `json:"else,omitempty"`
	Definitions properties `json:"definitions,omitempty"`
}

// properties are schemas by name, in the order of their type.
type properties []property

type property struct {
	name   string
	schema *node
}

// MarshalJSON implements json.Marshaler.
func (ps properties) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, p := range ps {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%q:", p.name)
		if err := encode(&b, p.schema, ""); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func encode(b *bytes.Buffer, v any, indent string) error {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	return e.Encode(v)
}

// draft7 names the dialect.
const draft7 = "http://json-schema.org/draft-07/schema#"

// Policy is the JSON Schema of a policy. beside are the keys of sections that may stand beside
// a reference.
func Policy(top config.Shape, beside []config.BesideKeys, c *Comments) ([]byte, error) {
	w := &writer{comments: c}
	root, err := w.shape(top)
	if err != nil {
		return nil, err
	}
	root.Schema, root.Title = draft7, "Slipway's policy"
	root.Description = "A repository's .github/slipway.yml. Everything in it is described at docs/policy.md of Slipway."
	// A reference has nothing else beside it; without it the rest is as required.
	refers := &node{Names: &node{Enum: []string{"extends"}}}
	for _, b := range beside {
		refers.Names.Enum = append(refers.Names.Enum, b.Section)
		refers.Properties = append(refers.Properties, property{b.Section, &node{Names: &node{Enum: b.Keys}}})
	}
	root.If, root.Then, root.Else = &node{Required: []string{"extends"}}, refers, &node{Required: root.Required}
	root.Required = nil
	root.Definitions = w.definitions
	return printed(root)
}

func printed(root *node) ([]byte, error) {
	var b bytes.Buffer
	err := encode(&b, root, "  ")
	return b.Bytes(), err
}

type writer struct {
	comments    *Comments
	definitions properties
}

func (w *writer) shape(s config.Shape) (*node, error) {
	n := &node{}
	var err error
	switch s.Kind {
	case config.Text:
		n.Type = "string"
		if s.Form != nil {
			return w.form(*s.Form), nil
		}
	case config.Integer:
		n.Type = "integer"
	case config.Number:
		n.Type = "number"
	case config.Boolean:
		n.Type = "boolean"
	case config.List:
		n.Type = "array"
		n.Items, err = w.shape(*s.Items)
	case config.Map:
		n.Type = "object"
		if s.Names != nil {
			n.Names = w.form(*s.Names)
		}
		n.More, err = w.shape(*s.Items)
	case config.Group:
		n.Type, n.More = "object", false
		for _, k := range s.Keys {
			p, err := w.key(k)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", k.Name, err)
			}
			n.Properties = append(n.Properties, property{k.Name, p})
			if k.Required {
				n.Required = append(n.Required, k.Name)
			}
		}
		if s.Short != nil {
			list, err := w.shape(*s.Short)
			if err != nil {
				return nil, err
			}
			n = &node{AnyOf: []*node{list, list.Items, n}}
		}
	}
	return n, err
}

// longest is the most values that are listed in place; more are a definition.
const longest = 20

func (w *writer) form(f config.Form) *node {
	n := &node{Type: "string", Pattern: f.Pattern, Enum: f.Values, MaxLength: positive(f.Max)}
	if f.Values == nil {
		n.Examples = f.Examples
	}
	if len(f.Values) <= longest {
		return n
	}
	name := strings.ReplaceAll(f.Name, " ", "_")
	for _, p := range w.definitions {
		if p.name == name {
			return &node{AllOf: []*node{{Ref: "#/definitions/" + name}}}
		}
	}
	w.definitions = append(w.definitions, property{name, n})
	return w.form(f)
}

func positive(n int) *int64 {
	if n <= 0 {
		return nil
	}
	v := int64(n)
	return &v
}

func (w *writer) key(k config.Key) (*node, error) {
	n, err := w.shape(k.Shape)
	if err != nil {
		return nil, err
	}
	if n.Description, err = meaning(k, w.comments); err != nil {
		return nil, err
	}
	n.Default = k.Default
	least := k.Min
	if one := int64(1); k.Required && least == nil && k.Shape.Kind != config.Integer {
		least = &one // required is not empty
	}
	switch k.Shape.Kind {
	case config.Text:
		if k.Shape.Form == nil {
			n.MinLength, n.MaxLength = least, k.Max
		}
	case config.Integer:
		n.Minimum, n.Maximum = k.Min, k.Max
	case config.List:
		n.MinItems, n.MaxItems = least, k.Max
	case config.Map:
		n.MinKeys, n.MaxKeys = least, k.Max
	}
	return n, nil
}

// meaning is what a key is for, without the examples in its comment.
func meaning(k config.Key, c *Comments) (string, error) {
	if k.Field == "" { // a section: its type's comment
		text, err := c.Type(k.Shape.Type)
		if err == nil && text == "" {
			err = fmt.Errorf("%s has no comment, which is what people read about the section", k.Shape.Type)
		}
		return withoutName(text, k.Shape.Type.Name()), err
	}
	return c.Field(k.In, k.Field)
}

// withoutName takes the Go name from the beginning of a type's comment, where
// the house's style has it: "Settings is the policy's section" becomes "The
// policy's section".
func withoutName(text, name string) string {
	for _, opening := range []string{name + " is ", name + " are "} {
		if rest, ok := strings.CutPrefix(text, opening); ok && rest != "" {
			return strings.ToUpper(rest[:1]) + rest[1:]
		}
	}
	return text
}
