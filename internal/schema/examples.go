package schema

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
)

// Examples says what a key's example is where neither its tag nor its type has
// one: what a real policy has there. The key is a path like "freeze.label".
type Examples func(path string) string

// Whole is a policy with every key, each with its example, except a reference,
// which stands alone. Missing are the keys that have none.
func Whole(top config.Shape, more Examples) (text string, missing []string) {
	w := &exampler{more: more}
	var b strings.Builder
	for _, k := range top.Keys {
		b.WriteString(w.lines(k, k.Name, ""))
	}
	return b.String(), w.missing
}

type exampler struct {
	more    Examples
	missing []string
}

// extends is the key that can't stand beside others.
const extends = "extends"

// lines are a key and its example value, in YAML.
func (w *exampler) lines(k config.Key, path, indent string) string {
	if path == extends || k.Example == "-" {
		return ""
	}
	if k.Example == "" && composed(k.Shape) {
		return indent + k.Name + ":\n" + w.inner(k.Shape, path, indent+"  ")
	}
	value := w.value(k, path)
	if value == "" {
		w.missing = append(w.missing, path)
		return ""
	}
	return indent + k.Name + ": " + value + "\n"
}

// composed reports whether an example is made of those of inner keys.
func composed(s config.Shape) bool {
	switch s.Kind {
	case config.Group:
		return true
	case config.List, config.Map:
		return composed(*s.Items)
	}
	return false
}

// inner are the lines below a key.
func (w *exampler) inner(s config.Shape, path, indent string) string {
	switch s.Kind {
	case config.List:
		text := w.inner(*s.Items, path+"[]", indent+"  ")
		return indent + "- " + strings.TrimPrefix(text, indent+"  ")
	case config.Map:
		name := "name"
		if s.Names != nil {
			name = s.Names.Examples[0]
		}
		return indent + quoted(name) + ":\n" + w.inner(*s.Items, path+".*", indent+"  ")
	}
	var b strings.Builder
	for _, k := range s.Keys {
		b.WriteString(w.lines(k, path+"."+k.Name, indent))
	}
	return b.String()
}

// value is a key's example on one line.
func (w *exampler) value(k config.Key, path string) string {
	if k.Example != "" {
		return k.Example
	}
	if w.more != nil {
		if v := w.more(path); v != "" {
			return v
		}
	}
	return single(k.Shape, k.Default)
}

func single(s config.Shape, standard any) string {
	if standard != nil && s.Kind != config.Boolean {
		return inline(standard)
	}
	switch {
	case s.Form != nil:
		return quoted(s.Form.Examples[0])
	case s.Kind == config.Boolean:
		return "true"
	case s.Kind == config.List:
		if v := single(*s.Items, nil); v != "" {
			return "[" + v + "]"
		}
	case s.Kind == config.Map:
		name := "name"
		if s.Names != nil {
			name = s.Names.Examples[0]
		}
		if v := single(*s.Items, nil); v != "" {
			return "{" + quoted(name) + ": " + v + "}"
		}
	}
	return ""
}

// word is a text that needs no quotes in YAML, not even inside brackets: a name,
// a path or a duration.
var word = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9_./-]*|([0-9]+[dhms])+)$`)

func quoted(text string) string {
	if word.MatchString(text) && text != "true" && text != "false" && text != "null" && text != "yes" && text != "no" && text != "on" && text != "off" {
		return text
	}
	return fmt.Sprintf("%q", text)
}

// inline is a value of JSON as YAML on one line.
func inline(v any) string {
	switch v := v.(type) {
	case string:
		return quoted(v)
	case []any:
		texts := make([]string, len(v))
		for i, e := range v {
			texts[i] = inline(e)
		}
		return "[" + strings.Join(texts, ", ") + "]"
	}
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(text)
}
