package laws

import (
	"fmt"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/schema"
)

// TestCommandsPage writes what follows the opening of docs/commands.md: every
// command that /release help knows.
func TestCommandsPage(t *testing.T) {
	aliases := map[string][]string{}
	for _, c := range registry(t).Commands() {
		aliases[c.AliasOf] = append(aliases[c.AliasOf], "`/"+c.Name+"`")
	}
	rows := [][]string{{"Command", "Who", "Where", "What it does"}}
	var each strings.Builder
	for _, c := range registry(t).Commands() {
		if c.AliasOf != "" {
			continue
		}
		if c.Where == "" || c.Answer == "" {
			t.Errorf("/%s doesn't say where it is given, or what it answers", c.Name)
		}
		name := "/" + c.Name
		short, _, _ := strings.Cut(c.Short, ". ")
		rows = append(rows, []string{fmt.Sprintf("[`%s`](#%s)", name, schema.Anchor(name)), string(c.Allow), c.Where, strings.TrimSuffix(short, ".")})
		fmt.Fprintf(&each, "\n## `%s`\n\n```text\n%s\n```\n\n%s\n\n", name, strings.TrimSpace(name+" "+c.Args), c.Short)
		fmt.Fprintf(&each, "- **Who:** %s.\n- **Where:** on %s.\n- **Answer:** %s\n", c.Allow, c.Where, c.Answer)
		if also := aliases[c.Name]; len(also) > 0 {
			fmt.Fprintf(&each, "- **Also as:** %s.\n", strings.Join(also, ", "))
		}
		fmt.Fprintf(&each, "\nFor example:\n\n```text\n%s\n```\n", strings.Join(c.Example, "\n"))
		delete(aliases, c.Name)
	}
	delete(aliases, "")
	if len(aliases) > 0 {
		t.Errorf("aliases of no command: %v", aliases)
	}
	checkPart(t, "docs/commands.md", "commands", markdown(rows)+each.String())
}

// TestSettingsPage writes what follows the opening of docs/settings.md: every setting.
func TestSettingsPage(t *testing.T) {
	rows := [][]string{{"Key", "Variable", "Default"}}
	var each strings.Builder
	for _, k := range config.Keys() {
		standard := "none"
		switch {
		case k.Required:
			standard = "**required**"
		case k.Default != "":
			standard = "`" + k.Default + "`"
		}
		rows = append(rows, []string{fmt.Sprintf("[`%s`](#%s)", k.Key, schema.Anchor(k.Key)), "`" + k.Env + "`", standard})
		fmt.Fprintf(&each, "\n## `%s`\n\n%s\n\n- **Value:** %s (%s).\n- **Default:** %s.\n- **Variable:** `%s`.\n", k.Key, k.Doc, k.Want, k.Kind, standard, k.Env)
		if k.Secret {
			fmt.Fprintf(&each, "- **Secret:** never shown. Also from a file, by the key `%s_file` or the variable `%s_FILE`.\n", k.Key, k.Env)
		}
	}
	example := "```yaml\n" + read(t, "config/example.settings.yml") + "```\n\n"
	checkPart(t, "docs/settings.md", "settings", example+markdown(rows)+each.String())
}

// TestExampleSettings: what the page shows is what Slipway takes.
func TestExampleSettings(t *testing.T) {
	if faults, _ := config.CheckSettings([]byte(read(t, "config/example.settings.yml"))); len(faults) > 0 {
		t.Error(faults)
	}
}

func TestExamplesParseToTheirCommand(t *testing.T) {
	commands := registry(t).Commands()
	if len(commands) == 0 {
		t.Fatal("no commands")
	}
	if err := command.CheckExamples(commands); err != nil {
		t.Error(err)
	}
}
