package schema

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/istio-ecosystem/slipway/config"
)

// opening is what the page says before the keys.
const opening = `# The policy

The policy says what Slipway does for a repository. It stands at ` + "`.github/slipway.yml`" + ` on the default branch of the
repository or, for all repositories that have none of their own, of the organisation's ` + "`.github`" + ` repository. It is
strict: a key that nobody knows, or a value that can't be right, is a fault, and with a fault in it the whole
file is refused. ` + "`slipway validate .github/slipway.yml`" + ` tells every fault before you push.

This page is made of the source (` + "`go test ./internal/laws -update`" + `), and so is
[slipway.schema.json](../config/slipway.schema.json), by which editors complete and check the file while you type. For
those that have the YAML language server, this first line is enough:

` + "```yaml" + `
# yaml-language-server: $schema=https://raw.githubusercontent.com/istio-ecosystem/slipway/main/config/slipway.schema.json
` + "```" + `

The smallest policy is [minimal.yml](../config/minimal.yml), Istio's is [istio/slipway.yml](../config/istio/slipway.yml).
One with every key there is:

`

// Page is docs/policy.md: every key with its type, its default, its meaning and
// an example.
func Page(top config.Shape, c *Comments, more Examples) (string, error) {
	p := &page{comments: c, more: more}
	whole, missing := Whole(top, more)
	if len(missing) > 0 {
		return "", fmt.Errorf("these keys have no example; give their fields a tag example: %s", strings.Join(missing, ", "))
	}
	p.WriteString(opening)
	p.block(whole)
	for _, k := range top.Keys {
		if err := p.key(k, k.Name, 2); err != nil {
			return "", err
		}
	}
	if err := p.forms(top); err != nil {
		return "", err
	}
	return p.String(), nil
}

type page struct {
	strings.Builder
	comments *Comments
	more     Examples
}

func (p *page) block(yaml string) { fmt.Fprintf(p, "```yaml\n%s```\n", yaml) }

// key writes a key, and the keys below it.
func (p *page) key(k config.Key, path string, level int) error {
	text, err := meaning(k, p.comments)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	fmt.Fprintf(p, "\n%s `%s`\n\n%s.\n\n%s\n", strings.Repeat("#", level), path, p.facts(k, path), text)
	switch example := p.example(k, path); {
	case example == "":
	case strings.Contains(example, "\n"):
		p.WriteString("\n")
		p.block(example)
	default:
		fmt.Fprintf(p, "\nFor example `%s: %s`.\n", k.Name, example)
	}
	inner, suffix := k.Shape, ""
	for inner.Items != nil {
		suffix += map[config.ShapeKind]string{config.List: "[]", config.Map: ".NAME"}[inner.Kind]
		inner = *inner.Items
	}
	for _, sub := range inner.Keys {
		if err := p.key(sub, path+suffix+"."+sub.Name, min(level+1, 3)); err != nil {
			return err
		}
	}
	return nil
}

func (p *page) example(k config.Key, path string) string {
	e := &exampler{more: p.more}
	if path == extends {
		return k.Example
	}
	if k.Example == "-" {
		return ""
	}
	if k.Example == "" && composed(k.Shape) {
		return e.lines(k, path, "")
	}
	return e.value(k, path)
}

// facts are type, bounds and default of a key in one sentence.
func (p *page) facts(k config.Key, path string) string {
	facts := []string{opened(kindText(k.Shape))}
	unit := map[config.ShapeKind]string{config.List: " entries", config.Map: " entries", config.Text: " characters"}[k.Shape.Kind]
	if k.Min != nil {
		facts = append(facts, fmt.Sprintf("at least %d%s", *k.Min, unit))
	}
	if k.Max != nil {
		facts = append(facts, fmt.Sprintf("at most %d%s", *k.Max, unit))
	}
	switch {
	case k.Required:
		facts = append(facts, "**required**")
	case k.Default != nil:
		facts = append(facts, "default `"+inline(k.Default)+"`")
	case k.Shape.Type == reflect.TypeFor[config.Zone]() && path == "timezone":
		facts = append(facts, "default `UTC`")
	case k.Shape.Type == reflect.TypeFor[config.Zone]():
		facts = append(facts, "default the policy's `timezone`")
	case k.Shape.Kind != config.Group:
		facts = append(facts, "default none")
	}
	return strings.Join(facts, ", ")
}

// opened begins a sentence with a text, which may begin with a link.
func opened(text string) string {
	at := strings.IndexFunc(text, unicode.IsLetter)
	return text[:at] + strings.ToUpper(text[at:at+1]) + text[at+1:]
}

// kindText names a kind of value, with a link to what is said of it.
func kindText(s config.Shape) string {
	switch {
	case s.Form != nil && s.Form.Name == "word":
		words := make([]string, len(s.Form.Values))
		for i, v := range s.Form.Values {
			words[i] = "`" + v + "`"
		}
		return "one of " + strings.Join(words, ", ")
	case s.Form != nil && ours(s):
		return fmt.Sprintf("[%s](#%s)", s.Form.Name, strings.ReplaceAll(s.Form.Name, " ", "-"))
	case s.Form != nil:
		return s.Form.Name
	case s.Kind == config.List:
		return "list of " + plural(*s.Items)
	case s.Kind == config.Map:
		return "group of named " + plural(*s.Items)
	case s.Kind == config.Group:
		return "group of keys"
	}
	return string(s.Kind)
}

func plural(s config.Shape) string {
	switch {
	case s.Form != nil && ours(s):
		return fmt.Sprintf("[%ss](#%s)", s.Form.Name, strings.ReplaceAll(s.Form.Name, " ", "-"))
	case s.Kind == config.Group:
		return "groups of keys"
	case s.Kind == config.Boolean, s.Kind == config.List, s.Kind == config.Map, s.Form != nil:
		return kindText(s) + " each"
	}
	return string(s.Kind) + "s"
}

// ours reports whether a text is of a type that the page has a section about.
func ours(s config.Shape) bool {
	_, scalar := reflect.New(s.Type).Interface().(config.Scalar)
	return scalar
}

// forms writes what may be written for each of the types that the policy uses.
func (p *page) forms(top config.Shape) error {
	used := map[string]config.Shape{}
	collect(top, used)
	var names []string
	for name := range used {
		names = append(names, name)
	}
	slices.Sort(names)
	p.WriteString("\n## Kinds of values\n")
	for _, name := range names {
		s := used[name]
		text, err := p.comments.Type(s.Type)
		if err != nil {
			return err
		}
		text, _, _ = strings.Cut(text, "\n\n") // what follows is for programmers
		examples := make([]string, len(s.Form.Examples))
		for i, e := range s.Form.Examples {
			examples[i] = "`" + quoted(e) + "`"
		}
		fmt.Fprintf(p, "\n### %s\n\n%s\n\nFor example %s.\n", opened(name), withoutName(text, s.Type.Name()), strings.Join(examples, ", "))
	}
	return nil
}

func collect(s config.Shape, used map[string]config.Shape) {
	if s.Form != nil && ours(s) {
		used[s.Form.Name] = s
	}
	if s.Items != nil {
		collect(*s.Items, used)
	}
	for _, k := range s.Keys {
		collect(k.Shape, used)
	}
}
