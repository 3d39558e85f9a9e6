package command

import (
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
)

// Usage is a command with its arguments, as inline Markdown.
func Usage(c Command) string {
	return effect.Code(strings.TrimSpace("/" + c.Name + " " + c.Args))
}

// Help lists, as Markdown, the commands that somebody may use; allowed answers
// for a role. Every command stands in a code span inside a list, so that the
// help, posted or quoted, runs nothing.
func Help(commands []Command, allowed func(Role) bool) string {
	var b strings.Builder
	hidden := map[Role]bool{}
	var others []string
	for _, c := range commands {
		if !allowed(c.Allow) {
			if !hidden[c.Allow] {
				others = append(others, string(c.Allow))
			}
			hidden[c.Allow] = true
			continue
		}
		fmt.Fprintf(&b, "- %s: %s", Usage(c), c.Short)
		for i, e := range c.Example {
			if i == 0 {
				b.WriteString(" For example ")
			} else {
				b.WriteString(" or ")
			}
			b.WriteString(effect.Code(e))
		}
		b.WriteString("\n")
	}
	if b.Len() == 0 {
		b.WriteString("There is no command that you may use here.\n")
	}
	if len(others) > 0 {
		fmt.Fprintf(&b, "\nThere are more commands for: %s.\n", strings.Join(others, ", "))
	}
	return b.String()
}

// CheckExamples reports the first command whose examples are missing or don't
// parse to itself; a law of the tests runs it over every registered command.
func CheckExamples(commands []Command) error {
	for _, c := range commands {
		if len(c.Example) == 0 {
			return fmt.Errorf("command /%s has no example", c.Name)
		}
		for _, e := range c.Example {
			found := Parse(e, commands)
			if len(found) != 1 || found[0].Kind != Recognised || found[0].Name != c.Name || found[0].Line != e {
				return fmt.Errorf("example %q of /%s parses to %+v", e, c.Name, found)
			}
		}
	}
	return nil
}
