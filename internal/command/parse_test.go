package command_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/istio-ecosystem/slipway/internal/command"
)

var all = []command.Command{
	{Name: "release freeze", Args: "<branch> [reason]", Short: "Freezes a branch.", Allow: command.ReleaseManager,
		Example: []string{"/release freeze release-1.30 waiting for the proxy"}},
	{Name: "release thaw", Args: "<branch>", Short: "Ends a freeze.", Allow: command.ReleaseManager,
		Example: []string{"/release thaw release-1.30"}},
	{Name: "release freeze preview", Args: "<branch>", Short: "Shows what a freeze would block.", Allow: command.Anyone,
		Example: []string{"/release freeze preview release-1.30", "/release freeze preview main"}},
	{Name: "cherry-pick", Args: "<branch>", Short: "Asks for a pick.", Allow: command.Anyone,
		Example: []string{"/cherry-pick release-1.30"}},
}

// show writes what was found in short: one line each.
func show(found []command.Found) string {
	var lines []string
	for _, f := range found {
		switch f.Kind {
		case command.Recognised:
			lines = append(lines, fmt.Sprintf("%s %q rest=%q", f.Name, f.Args, f.Rest))
		case command.NearMiss:
			lines = append(lines, fmt.Sprintf("miss meant=%q", f.Meant))
		default:
			lines = append(lines, string(f.Kind))
		}
	}
	return strings.Join(lines, "\n")
}

func TestParse(t *testing.T) {
	const c = "/release freeze r"
	const yes = `release freeze ["r"] rest="r"`
	tests := []struct{ name, text, want string }{
		{"alone", c, yes},
		{"line end", c + "\n", yes},
		{"CRLF", "Hello\r\n" + c + "\r\nbye\r\n", yes},
		{"CR", "Hello\r" + c + "\rbye", yes},
		{"three spaces", "   " + c, yes},
		{"four spaces are code", "    " + c, ""},
		{"four spaces go on a paragraph", "a\n    " + c, ""},
		{"tab", "\t" + c, ""},
		{"capitals", "/Release FREEZE R", `release freeze ["R"] rest="R"`},
		{"spaces and tabs", "/release \t freeze\tr  s \t", `release freeze ["r" "s"] rest="r  s"`},
		{"no arguments", "/release freeze", `release freeze [] rest=""`},
		{"longest name", "/release freeze preview r", `release freeze preview ["r"] rest="r"`},
		{"whole words", "/release freeze previews", `release freeze ["previews"] rest="previews"`},
		{"several", c + "\n/release thaw q\n\n" + c, yes + "\n" + `release thaw ["q"] rest="q"` + "\n" + yes},
		{"in a paragraph", "Please:\n" + c + "\nthank you", yes},
		{"after a heading", "# Title\n" + c, yes},
		{"after a setext heading", "a\n===\n" + c, yes},
		{"after a list, apart", "- a\n\n" + c, yes},
		{"Markdown in the reason", "/release freeze r `a` **b** [c](d) <e> @f", `release freeze ["r" "` + "`a`" + `" "**b**" "[c](d)" "<e>" "@f"] rest="r ` + "`a`" + ` **b** [c](d) <e> @f"`},
		{"other scripts", "/release freeze r причина 理由", `release freeze ["r" "причина" "理由"] rest="r причина 理由"`},

		{"not at the start", "I'd say " + c, ""},
		{"space after the slash", "/ release freeze r", ""},
		{"two slashes", "/" + c, ""},
		{"a path", "/release/freeze r", ""},
		{"quote", "> " + c, ""},
		{"quote, lazily", "> a\n" + c, ""},
		{"quote in a list", "- > a\n  " + c, ""},
		{"list", "- " + c, ""},
		{"list item's second line", "- a\n" + c, ""},
		{"list item's paragraph", "- a\n\n  " + c, ""},
		{"numbered", "1. " + c, ""},
		{"ATX heading", "# " + c, ""},
		{"setext heading", c + "\n===", ""},
		{"code span", "`" + c + "`", ""},
		{"code span over lines", "a `b\n" + c + "\nc` d", ""},
		{"fence", "```\n" + c + "\n```", ""},
		{"tilde fence, never closed", "~~~ sh\n" + c, ""},
		{"HTML block", "<div>\n" + c + "\n</div>", ""},
		{"HTML block over paragraphs", "<div>\n\n" + c + "\n\n</div>", ""},
		{"HTML comment", "<!--\n" + c + "\n-->", ""},
		{"HTML comment over paragraphs", "<!-- a\n\n" + c + "\n\n-->", ""},
		{"HTML comment in a paragraph", "a <!-- b\n" + c + "\n--> d", ""},
		{"HTML comment never closed", "<!--\n\n" + c, ""},
		{"details", "<details>\n<summary>a</summary>\n\n" + c + "\n\n</details>", ""},
		{"details in capitals, with attributes", "<DETAILS open>\n\n" + c, ""},
		{"details in a paragraph", "a <details>\n" + c, ""},
		{"details nested", "<details>\n<details>\n\n</details>\n\n" + c, ""},
		{"after details", "<details>\n\na\n\n</details>\n\n" + c, yes},
		{"after details in a comment", "<!-- <details> -->\n\n" + c, yes},
		{"pre", "<pre>\n\n" + c + "\n</pre>", ""},
		{"blockquote element", "<blockquote>\n\n" + c + "\n\n</blockquote>", ""},
		{"attribute", "<a title=\"\n" + c + "\n\">b</a>", ""},
		{"table head", c + " | b\n--- | ---\n", ""},
		{"table row", "a | b\n--- | ---\n" + c + " | d\n", ""},
		{"link text", "[a\n" + c + "\nb](http://c)", ""},
		{"link title", "[a](http://b '\n" + c + "\n')", ""},
		{"link definition", "[a]: http://b '\n" + c + "\n'", ""},
		{"image", "![a\n" + c + "](b)", ""},
		{"emphasis", "**a\n" + c + "\nb**", ""},
		{"struck out", "~~a\n" + c + "\nb~~", ""},
		{"footnote", "a[^1]\n\n[^1]: b\n\n    " + c, ""},
		{"footnote, lazily", "a[^1]\n\n[^1]: b\n" + c, ""},
		{"escaped", "\\" + c, ""},
		{"entity", "&#47;release freeze r", ""},
		{"wide slash", "／release freeze r", ""},

		{"unknown subcommand", "/release frezee x", `miss meant="release freeze"`},
		{"swapped letters", "/release taw r", `miss meant="release thaw"`},
		{"nothing near", "/release dance", `miss meant=""`},
		{"no subcommand", "/release", `miss meant=""`},
		{"first word wrong", "/relase freeze r", `miss meant="release freeze"`},
		{"both wrong", "/realease freze r", `miss meant="release freeze"`},
		{"first word wrong, alone", "/relase", `miss meant=""`},
		{"one word", "/chery-pick r", `miss meant="cherry-pick"`},
		{"prose", "/releases are listed there", ""},
		{"quoted miss", "> /release frezee x", ""},
		{"near ours, which another bot has too", "/cherrypick release-1.30", `miss meant="cherry-pick"`},
		{"theirs", "/retest\n/test all\n/hold\n/hold cancel\n/lgtm\n/approve\n/assign @a\n/cc @b\n/rebase\n/kind bug\n/area x\n/release-note-none\n/release-notes-none", ""},
		{"a path of some kind", "/etc/passwd\n/usr/bin/release", ""},

		{"ten", strings.Repeat(c+"\n", 10), strings.TrimSuffix(strings.Repeat(yes+"\n", 10), "\n")},
		{"many", strings.Repeat(c+"\n", 500), strings.Repeat(yes+"\n", 10) + "too many"},
		{"long line", c + strings.Repeat(" x", 1000), "too long"},
		{"long line of talk", "> " + c + strings.Repeat(" x", 1000), ""},
		{"longest line", "/release thaw " + strings.Repeat("é", 1986), fmt.Sprintf("release thaw [%q] rest=%[1]q", strings.Repeat("é", 1986))},
		{"longest text", strings.Repeat("é", 65_536-len(c)-1) + "\n" + c, yes},
		{"longer than any text", strings.Repeat("é", 65_536-len(c)) + "\n" + c, ""},
		{"deep quotes", c + "\n\n" + strings.Repeat(">", 60_000), "too complex"},
		{"links", c + "\n\n" + strings.Repeat("[a](", 15_000), "too complex"},
		{"wide table", c + "\n\n" + strings.Repeat("a|", 9_000) + "\n" + strings.Repeat("-|", 9_000) + "\n" + strings.Repeat("|\n", 9_000), "too complex"},
		{"nested numbers", c + "\n\n" + strings.Repeat("1. ", 20_000), "too complex"},
		{"complex talk", strings.Repeat(">", 60_000), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, show(command.Parse(tt.text, all))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestExamples(t *testing.T) {
	if err := command.CheckExamples(all); err != nil {
		t.Error(err)
	}
	for _, bad := range []command.Command{
		{Name: "release stop"},
		{Name: "release stop", Example: []string{"/release halt"}},
		{Name: "release stop", Example: []string{" /release stop"}},
		{Name: "release stop", Example: []string{"/release stop\n/release stop"}},
		{Name: "release freeze preview", Example: []string{"/release freeze preview"}},
	} {
		if err := command.CheckExamples([]command.Command{all[0], bad}); (err == nil) != (bad.Name == "release freeze preview") {
			t.Errorf("%+v: %v", bad.Example, err)
		}
	}
}

func TestHelp(t *testing.T) {
	got := command.Help(all, func(r command.Role) bool { return r == command.Anyone })
	want := "- `/release freeze preview <branch>`: Shows what a freeze would block. For example `/release freeze preview release-1.30` or `/release freeze preview main`\n" +
		"- `/cherry-pick <branch>`: Asks for a pick. For example `/cherry-pick release-1.30`\n" +
		"\nThere are more commands for: release manager.\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := command.Help(all, func(command.Role) bool { return false }); !strings.HasPrefix(got, "There is no command that you may use here.") {
		t.Errorf("got %q", got)
	}
}

// TestHelpIsInert posts the help as a comment, whole and line by line.
func TestHelpIsInert(t *testing.T) {
	help := command.Help(all, func(command.Role) bool { return true })
	for _, text := range append(strings.Split(help, "\n"), help, command.Usage(all[0])) {
		if found := command.Parse(text, all); found != nil || strings.HasPrefix(strings.TrimSpace(text), "/") {
			t.Errorf("%q runs %s", text, show(found))
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("") // the other seeds are in testdata/fuzz
	f.Fuzz(func(t *testing.T, text string) {
		found := command.Parse(text, all)
		if len(found) > 11 {
			t.Errorf("%d found", len(found))
		}
		for _, c := range found {
			if !strings.HasPrefix(c.Line, "/") || strings.ContainsAny(c.Line, "\r\n") || !strings.Contains(text, c.Line) {
				t.Errorf("%q is not a line of the text", c.Line)
			}
			if c.Kind == command.Recognised && !strings.HasSuffix(c.Line, c.Rest) {
				t.Errorf("rest %q is not the end of %q", c.Rest, c.Line)
			}
		}
		lines := strings.NewReplacer("\r\n", "\n> ", "\r", "\n> ", "\n", "\n> ")
		if quoted := command.Parse("> "+lines.Replace(text), all); quoted != nil {
			t.Errorf("the quoted text gives %+v", quoted)
		}
		indented := strings.NewReplacer("\r\n", "\n    ", "\r", "\n    ", "\n", "\n    ")
		if code := command.Parse("    "+indented.Replace(text), all); code != nil {
			t.Errorf("the text as code gives %+v", code)
		}
	})
}
