package schema

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"unicode"

	"github.com/istio-ecosystem/slipway/config"
)

// Pages are the documents of a policy, by their path from the folder docs: the
// index, policy.md, and policy/SECTION.md for each section, with its worked example
// and every key with its type, its default, its meaning, an example and faults.
func Pages(sections []config.SectionType, c *Comments, more Examples) (map[string]string, error) {
	top := config.DescribePolicy(sections...)
	if _, missing := Whole(top, more); len(missing) > 0 {
		return nil, fmt.Errorf("these keys have no example; give their fields a tag example: %s", strings.Join(missing, ", "))
	}
	pages := map[string]string{}
	of := map[string]worked{}
	for _, k := range top.Keys {
		if k.Field != "" { // of the top level
			continue
		}
		w, err := c.worked(k, sections)
		if err == nil {
			pages["policy/"+k.Name+".md"], err = sectionPage(k, w, c, more)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", k.Name, err)
		}
		of[k.Name] = w
	}
	var err error
	pages["policy.md"], err = indexPage(top, of, c, more)
	return pages, err
}

func sectionPage(k config.Key, w worked, c *Comments, more Examples) (string, error) {
	p := &page{comments: c, more: more, home: "../policy.md", mistakes: w.mistakes}
	text, err := meaning(k, c)
	if err != nil {
		return "", err
	}
	fmt.Fprintf(p, "# The policy's section `%s`\n\n%s\n\n## For example\n\n%s\n\n## Its keys\n", k.Name, w.summary, w.text)
	// What most sections say of themselves is what the page's title says.
	if short := fmt.Sprintf("The policy's section `%s`.", k.Name); text != short {
		fmt.Fprintf(p, "\n%s\n", strings.TrimSpace(strings.TrimPrefix(text, short)))
	}
	fmt.Fprintf(p, "\nAll sections, and the kinds of values, are at [the policy](%s).\n\n| Key | Value | Default | In short |\n|---|---|---|---|\n", p.home)
	keys := flat(k.Shape, k.Name, 0)
	for _, one := range keys {
		if err := p.row(one); err != nil {
			return "", err
		}
	}
	for _, one := range keys {
		if err := p.key(one); err != nil {
			return "", err
		}
	}
	for key, m := range p.mistakes {
		return "", fmt.Errorf("a mistake of the worked example is of no key of the section (%q): %s", key, m[0])
	}
	return p.String(), nil
}

// keyAt is a key with its path: "freeze.windows[].start".
type keyAt struct {
	config.Key
	path  string
	depth int // from 0, below the section
}

// flat lists the keys of a group and those below them, in their order.
func flat(s config.Shape, path string, depth int) (all []keyAt) {
	for _, k := range s.Keys {
		at := keyAt{k, path + "." + k.Name, depth}
		all = append(all, at)
		inner, suffix := k.Shape, ""
		for inner.Items != nil {
			suffix += map[config.ShapeKind]string{config.List: "[]", config.Map: ".NAME"}[inner.Kind]
			inner = *inner.Items
		}
		all = append(all, flat(inner, at.path+suffix, depth+1)...)
	}
	return all
}

type page struct {
	strings.Builder
	comments *Comments
	more     Examples
	home     string              // the index, as seen from the page; "" is the page itself
	mistakes map[string][]string // those that are still to be told
}

// unlinked are the characters that GitHub leaves out of a heading's anchor.
var unlinked = regexp.MustCompile(`[^a-z0-9_-]`)

// Anchor is where a heading of a Markdown page is found, as GitHub makes it.
func Anchor(heading string) string {
	return unlinked.ReplaceAllString(strings.ReplaceAll(strings.ToLower(heading), " ", "-"), "")
}

// row is a key's line in the table above them.
func (p *page) row(k keyAt) error {
	text, err := meaning(k.Key, p.comments)
	if err != nil {
		return fmt.Errorf("%s: %w", k.path, err)
	}
	first, _, _ := strings.Cut(text, ". ")
	first, _, _ = strings.Cut(first, "\n")
	short := strings.TrimSuffix(strings.ReplaceAll(first, "|", `\|`), ".")
	_, name, _ := strings.Cut(k.path, ".") // the section goes without saying
	fmt.Fprintf(p, "| [`%s`](#%s) | %s | %s | %s |\n", name, Anchor(k.path), opened(p.kindText(k.Shape)), standard(k), short)
	return nil
}

// standard is a key's default for a table.
func standard(k keyAt) string {
	switch text := defaultText(k.Key, k.path); {
	case text == "**required**":
		return text
	case text == "", text == "default none":
		return ""
	default:
		return strings.TrimPrefix(text, "default ")
	}
}

// key writes all about a key.
func (p *page) key(k keyAt) error {
	text, err := meaning(k.Key, p.comments)
	if err != nil {
		return fmt.Errorf("%s: %w", k.path, err)
	}
	fmt.Fprintf(p, "\n### `%s`\n\n%s.", k.path, p.facts(k.Key, k.path))
	example := p.example(k)
	if example != "" && !strings.Contains(example, "\n") {
		fmt.Fprintf(p, " For example `%s: %s`.", k.Name, example)
	}
	fmt.Fprintf(p, "\n\n%s\n", text)
	if strings.Contains(example, "\n") {
		fmt.Fprintf(p, "\n```yaml\n%s```\n", example)
	}
	for _, m := range p.mistakes[k.path] {
		fmt.Fprintf(p, "\nFault: %s\n", code(m))
	}
	delete(p.mistakes, k.path)
	return nil
}

// code is a text as inline code.
func code(text string) string {
	if strings.Contains(text, "`") {
		return "`` " + text + " ``"
	}
	return "`" + text + "`"
}

// example is a key's, "" where that of the group around it has it.
func (p *page) example(k keyAt) string {
	e := &exampler{more: p.more}
	switch {
	case k.path == extends:
		return k.Example
	case k.Example == "-":
		return ""
	case k.Example == "" && composed(k.Shape):
		if k.depth > 0 {
			return ""
		}
		return e.lines(k.Key, k.path, "")
	}
	return e.value(k.Key, k.path)
}

// facts are type, bounds and default of a key in one sentence.
func (p *page) facts(k config.Key, path string) string {
	facts := []string{opened(p.kindText(k.Shape))}
	unit := map[config.ShapeKind]string{config.List: " entries", config.Map: " entries", config.Text: " characters"}[k.Shape.Kind]
	if k.Min != nil {
		facts = append(facts, fmt.Sprintf("at least %d%s", *k.Min, unit))
	}
	if k.Max != nil {
		facts = append(facts, fmt.Sprintf("at most %d%s", *k.Max, unit))
	}
	if text := defaultText(k, path); text != "" {
		facts = append(facts, text)
	}
	return strings.Join(facts, ", ")
}

// defaultText says what a key is without more, "" for a group.
func defaultText(k config.Key, path string) string {
	zone := k.Shape.Type == reflect.TypeFor[config.Zone]()
	switch {
	case k.Required:
		return "**required**"
	case k.Default != nil:
		return "default `" + inline(k.Default) + "`"
	case zone && path == "timezone":
		return "default `UTC`"
	case zone:
		return "default the policy's `timezone`"
	case k.Shape.Kind == config.Group && k.Shape.Short == nil:
		return ""
	}
	return "default none"
}

// opened begins a sentence with a text, which may begin with a link.
func opened(text string) string {
	at := strings.IndexFunc(text, unicode.IsLetter)
	return text[:at] + strings.ToUpper(text[at:at+1]) + text[at+1:]
}

// kindText names a kind of value, with a link to what is said of it.
func (p *page) kindText(s config.Shape) string {
	switch {
	case s.Form != nil && s.Form.Name == "word":
		words := make([]string, len(s.Form.Values))
		for i, v := range s.Form.Values {
			words[i] = "`" + v + "`"
		}
		return "one of " + strings.Join(words, ", ")
	case s.Form != nil && ours(s):
		return fmt.Sprintf("[%s](%s#%s)", s.Form.Name, p.home, Anchor(s.Form.Name))
	case s.Form != nil:
		return s.Form.Name
	case s.Kind == config.List:
		return "list of " + p.plural(*s.Items)
	case s.Kind == config.Map:
		return "group of named " + p.plural(*s.Items)
	case s.Short != nil:
		return p.kindText(*s.Short) + ", or a group of keys"
	case s.Kind == config.Group:
		return "group of keys"
	}
	return string(s.Kind)
}

func (p *page) plural(s config.Shape) string {
	switch {
	case s.Form != nil && ours(s):
		return fmt.Sprintf("[%s](%s#%s)", plural(s.Form.Name), p.home, Anchor(s.Form.Name))
	case s.Kind == config.Group:
		return "groups of keys"
	case s.Kind == config.Boolean, s.Kind == config.List, s.Kind == config.Map, s.Form != nil:
		return p.kindText(s) + " each"
	}
	return string(s.Kind) + "s"
}

// plural is the plural of a noun.
func plural(noun string) string {
	if stem, ok := strings.CutSuffix(noun, "y"); ok {
		return stem + "ies"
	}
	return noun + "s"
}

// ours reports whether a text is of a type that the index tells of.
func ours(s config.Shape) bool {
	_, scalar := reflect.New(s.Type).Interface().(config.Scalar)
	return scalar
}
