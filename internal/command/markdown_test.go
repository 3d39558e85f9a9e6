package command_test

import (
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/command"
)

// What stands for a command in these texts, and what is found of it.
const (
	said  = "/release freeze r"
	found = `release freeze ["r"] rest="r"`
)

// TestSetApart: an element, whatever its name, sets its content apart from what its
// author says, and holds what follows until it is closed.
func TestSetApart(t *testing.T) {
	for _, name := range strings.Fields("details blockquote pre code table ul ol dl div template svg picture del s strike samp q DIV p P sub sup h2 section b x x-y title") {
		open, end := "<"+name+">", "</"+name+">"
		for text, want := range map[string]string{
			open + "\na\n\n" + said:                                 "",
			open + "\n\n" + said + "\n\n" + end:                     "",
			open + "\n\na\n\n" + end + "\n\n" + said:                found,
			"a " + open + "\n" + said:                               "",
			"a " + open + " b " + end + "\n" + said:                 found,
			open + open + end + "\n\n" + said:                       "",
			open + open + end + end + "\n\n" + said:                 found,
			end + "\n\n" + said:                                     found,
			end + "\n" + open + "\n\n" + said:                       "",
			said + "\n" + open + "\n\n" + said:                      found,
			"<" + name + "\nclass=x>\n\n" + said:                    "",
			"a <" + name + "\nclass=x>\n" + said:                    "",
			"<" + name + "/>\n\n" + said:                            "",
			"<!-- " + open + " -->\n\n" + said:                      found,
			"a <!-- " + open + " --> b\n" + said:                    found,
			"<!--\n" + open + "\n-->\n\n" + said:                    found,
			"<!--\na\n--> " + open + "\n\n" + said:                  "",
			"<nav>\n" + open + "\n" + end + "\n\n" + said:           "",
			"<nav>\n" + open + "\n" + end + "\n</nav>\n\n" + said:   found,
			open + "\n\n<nav>\n\n" + end + "\n\n</nav>\n\n" + said:  "", // crossed
			open + "\n<hr><br/><img src=x>\n" + end + "\n\n" + said: found,
			"- a " + open + "\n\n" + said:                           "",
			"> a " + open + "\n\n" + said:                           "",
			"*a " + open + "* b\n" + said:                           "",
			"# a " + open + "\n" + said:                             "",
		} {
			if (name == "pre" || name == "PRE") && strings.HasPrefix(text, open+open) {
				continue // the first end is the end of the block
			}
			if got := show(command.Parse(text, all)); got != want {
				t.Errorf("%q: %q, want %q", text, got, want)
			}
		}
	}
}

// TestWhereACommandStands: the first thing of a line that its author says.
func TestWhereACommandStands(t *testing.T) {
	for text, want := range map[string]string{
		"a\n" + said + "\nb\n" + said:          found + "\n" + found,
		"a\n   " + said:                        found,
		"a  \n" + said:                         found,
		"a\\\n" + said:                         found,
		"a\n=\n" + said:                        found,
		said + "\n---\n" + said:                found, // below a heading
		"a <b> b\n" + said:                     "",
		"a <b> b</b>\n" + said:                 found,
		"a <http://b> <c@d.e> f < g\n" + said:  found,
		"<b>" + said + "</b>":                  "",
		"<b> " + said + "</b>":                 "",
		"<hr>\na\n\n" + said:                   found,
		"<br>\n" + said + "\n\n" + said:        found,
		"<pre>\n" + said + "\n</pre>\n" + said: found,
		"***\n" + said + "\n***":               found,
		"- a\n\n***\n\n" + said:                found,
		"~~~\n" + said + "\n~~~\n" + said:      found,
		"a <!--> b\n" + said:                   found,
		"<!-->\n\n" + said:                     found,
		"<!--->\n\n" + said:                    found,
		// A comment that an HTML block leaves open goes on behind it.
		"<section>\n<!-- a\n\n" + said:                                          "",
		"<hr>\n<!-- a\n\n" + said + "\n\n<hr>\n-->\n\n" + said:                  found,
		"<section>\n<!-- a --> <!--\n\n" + said + "\n\n<section>\n--> </pre>\n": "",
	} {
		if got := show(command.Parse(text, all)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestTalk: what GitHub doesn't show as a plain line of its author's is talk, and in doubt,
// too; what only stands near such a thing isn't.
func TestTalk(t *testing.T) {
	for text, want := range map[string]string{
		// Headings.
		said + "\n===": "", said + "\n---": "", "a\n" + said + "\n======": "", "#\n" + said + "\n---": "", "# " + said: "",
		"a\n===\n" + said: found, said + "\n\n---": found,
		// Mathematics.
		"$$\n" + said + "\n$$": "", "a\n\n$$\n" + said + "\n$$\n\nb": "", "$$ x\n" + said + "\ny $$": "", "a $$x\n" + said + "\n$$$$": "",
		"$$\na\n\n" + said + "\n\nb\n$$": "", "$a\n" + said + "\nb$ c": "", "a $`b\n" + said + "\nc`$": "", "```math\n" + said + "\n```": "",
		"$a\n" + said + " costs 5$": "",
		"$$\na\n$$\n\n" + said:      found, "$$\na\n$$\n\n" + said + "\n\n$$\nb\n$$": found, "it costs $5\n" + said + "\nnot $ 6 or $7": found,
		said + "\n$a$ $$b$$": found, "$a$\n" + said: found, "a $$ b\n\n" + said: found, "`$$`\n\n" + said: found, "$ a\n" + said + "\nb $": found,
		// Footnotes, alerts, tasks, definitions, tables of one column.
		"a[^1]\n\n[^1]: " + said: "", "a[^1]\n\n[^1]:\n    " + said: "", "> [!NOTE]\n> " + said: "", "> [!NOTE]\n" + said: "",
		"- [ ] " + said: "", "- [x] a\n" + said: "", said + "\n:-": "", said + "\n:-:\na": "", "|a|\n|-|\n" + said: "", "a\nb | c\n-|-\n" + said: "",
		"a\n" + said + " | c\n-|-\nd": "",
		"a[^1]\n\n[^1]: b\n\n" + said: found, "|a|\n|-|\n|b|\n\n" + said: found,
		// HTML that a browser reads in ways of its own.
		"<details title=\"</details>\">\n\n" + said: "", "<details title=\">\" open></details>\n\n" + said: found, "<img alt=\"it's > <p>\" src=x>\n\n" + said: found,
		"<details title='\n\n" + said + "\n\n'></details>": "", "<details>\n\n<?a </details> ?>\n\n" + said: "", "<details>\n<![CDATA[ </details> ]]>\n\n" + said: "",
		"<details><!-- </details> -->\n\n" + said: "", "<details><table></details></table>\n\n" + said: "", "<ul>\n<li>a\n<li>b\n</ul>\n\n" + said: found,
		"<details>\n</details x=y>\n\n" + said: found, "- <!-- a\n\n" + said: "", "<b\n\n" + said: found, "<div\n\n" + said: "", "<p>a<p>b</p>\n\n" + said: "",
	} {
		if got := show(command.Parse(text, all)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// deeper is a list each of whose items is below the one before.
func deeper(levels int) string {
	var b strings.Builder
	for i := range levels {
		b.WriteString(strings.Repeat("  ", i) + "- a\n")
	}
	return b.String()
}

// TestManyElements: HTML with more open than a browser keeps is talk to its end.
func TestManyElements(t *testing.T) {
	for n, want := range map[int]string{500: found, 501: ""} {
		text := strings.Repeat("<b>", n) + strings.Repeat("</b>", n) + "\n\n" + said
		if got := show(command.Parse(text, all)); got != want {
			t.Errorf("%d elements: %q, want %q", n, got, want)
		}
	}
}

// TestTooComplex: what people write is read, however long it is; what only costs is
// told apart from it at the limits.
func TestTooComplex(t *testing.T) {
	const complex = "too complex"
	table := func(cells, lines int) string { // as wide and as long as this, the command's line among them
		return strings.Repeat("|", cells) + strings.Repeat("\n", lines-3)
	}
	for _, tc := range []struct{ name, text, want string }{
		{"links", strings.Repeat("[a](b) ", 2000), found},
		{"one link more", strings.Repeat("[a](b) ", 2001), complex},
		{"brackets and parentheses", strings.Repeat("[a] (b) ", 2001), found},
		{"a table", table(200, 1000), found},
		{"a longer table", table(200, 1001), complex},
		{"one cell more", table(409, 489), complex}, // 200,001
		{"a wider table", table(201, 1000), complex},
		{"a wide line between narrow ones", table(1, 4) + table(201, 999) + "|", complex},
		{"a long line over many", "\n" + strings.Repeat("x", 2000) + strings.Repeat("\n", 1000), found},
		{"quotes", strings.Repeat(">", 100), found},
		{"one quote more", strings.Repeat(">", 101), complex},
		{"lists", strings.Repeat("+ ", 100), found},
		{"one list more", strings.Repeat("+ ", 101), complex},
		{"numbers", strings.Repeat("1. ", 100), found},
		{"one number more", strings.Repeat("12. ", 101), complex},
		{"other numbers", strings.Repeat("1) ", 100), found},
		{"one other number more", strings.Repeat("3) ", 101), complex},
		{"some of each", strings.Repeat(">+ 1. 2) ", 25), found},
		{"more of each", strings.Repeat(">+ 1. 2) ", 26), complex},
		{"behind other markers", "* - \t" + strings.Repeat("+ ", 101), complex},
		{"behind every digit", "0. 1. 2. 3. 4. 5. 6. 7. 8. 9) " + strings.Repeat(">", 91), complex},
		{"on several lines", strings.Repeat("> > > a\n\n", 200), found},
		{"a long rule", strings.Repeat("-", 200), found},
		{"a long number", strings.Repeat("7", 200), found},
		{"a long formula", "a" + strings.Repeat(" + a", 200), found},
		{"long comparisons", "a" + strings.Repeat(" > a", 200), found},
		{"many sentences", strings.Repeat("a. ", 200), found},
		{"many asides", strings.Repeat("(a) ", 200), found},
		{"open lists", strings.Repeat("- ", 100) + strings.Repeat("\n", 1000) + "a", found},
		{"open lists, a line longer", strings.Repeat("- ", 100) + strings.Repeat("\n", 1001) + "a", complex},
		{"open footnotes", strings.Repeat("[^1]: ", 100) + strings.Repeat("\n", 1001) + "a", complex},
		{"open quotes that go on", strings.Repeat(strings.Repeat("> ", 60)+"a\n", 500), found},
		{"a list that goes deeper", "- a\n" + deeper(80) + strings.Repeat("\n", 1300), complex},
		{"a list in a list, long", strings.Repeat("- a\n  - b\n    c\n\n", 3000), found},
		{"a long list", strings.Repeat("- a\n", 10_000), found},
		{"long numbered", strings.Repeat("1. a\n\n   b\n", 4000), found},
		{"code far to the right", "```\n" + strings.Repeat(strings.Repeat(" ", 100)+"a\n", 500) + "```", found},
		{"emphasis", strings.Repeat("*a* ", 2500), found},
		{"emphasis, once more", strings.Repeat("*a* ", 2500) + "*", complex},
		{"emphasis in paragraphs", strings.Repeat(strings.Repeat("*a* ", 100)+"\n\n", 100), found},
		{"names with underscores", strings.Repeat("a_b ", 6000), found},
		{"underscores around", strings.Repeat("_a_ ", 2501), complex},
		{"a JSON document", "```\n" + strings.Repeat("  {\"a_b\": [1, 2], \"c\": \"d\"},\n", 1900) + "```", found},
		{"footnotes", strings.Repeat("[^1]\n\n", 2000), found},
		{"one footnote more", strings.Repeat("[^1]\n\n", 2001), complex},
		{"escaped pipes", strings.Repeat("\\|\n\n", 2000), found},
		{"one escaped pipe more", strings.Repeat("\\|\n\n", 2001), complex},
	} {
		if got := show(command.Parse(said+"\n\n"+tc.text, all)); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}
