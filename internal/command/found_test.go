package command_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/istio-ecosystem/slipway/internal/command"
)

// TestSpoken: what its author says, line by line, and nothing of what is shown.
func TestSpoken(t *testing.T) {
	long := strings.Repeat("é", 65_536)
	for _, tc := range []struct{ name, text, want string }{
		{"nothing", "", ""},
		{"empty lines", "\n \n\t\n", ""},
		{"lines", "a\nb\r\nc\rd", "a|b|c|d"},
		{"spaces around", "a\n b \n  c\t\n   d", "a|b|c|d"},
		{"four spaces go on a paragraph", "a\n    b\nc", "a|c"},
		{"code", "a\n\n    b\n\n```\nc\n```\n`d`\ne", "a|e"},
		{"quoted and listed", "> a\n\n- b\n\nc", "c"},
		{"hidden", "a\n\n<!-- b -->\n\n<details>\n\nc\n\n</details>\n\nd", "a|d"},
		{"Markdown on a line", "a `b` *c* [d](e)\n*f* g", "a `b` *c* [d](e)"},
		{"paragraphs", "LGTM\n\nit works\nfor me", "LGTM|it works|for me"},
		{"the longest text", long, long},
		{"longer than any text", long + "é", ""},
		{"the longest text in bytes", strings.Repeat("😀", 65_536), strings.Repeat("😀", 65_536)},
		{"what nobody writes", "a\n\n" + strings.Repeat(">", 101), ""},
	} {
		if diff := cmp.Diff(tc.want, strings.Join(command.Spoken(tc.text), "|")); diff != "" {
			t.Errorf("%s: %.200s", tc.name, diff)
		}
	}
}

// TestFound: each line that was meant for us is named as it was typed, cut where it is
// long, but never within a character.
func TestFound(t *testing.T) {
	long := "/release freeze " + strings.Repeat("é", 2000)
	cut := long[:2000]
	miss := "/release frezee x" + strings.Repeat("é", 2000)
	for _, tc := range []struct {
		name, text string
		want       []command.Found
	}{
		{"a command", "  /Release  freeze r \t s\t\n", []command.Found{{Kind: command.Recognised, Line: "/Release  freeze r \t s", Name: "release freeze", Args: []string{"r", "s"}, Rest: "r \t s"}}},
		{"a miss", " /release frezee x ", []command.Found{{Kind: command.NearMiss, Line: "/release frezee x", Meant: "release freeze"}}},
		{"a long line", long, []command.Found{{Kind: command.TooLong, Line: cut, Name: "release freeze"}}},
		{"a long miss", miss, []command.Found{{Kind: command.NearMiss, Line: miss[:1999], Meant: "release freeze"}}},
		{"the longest miss that isn't cut", "/release frezee " + strings.Repeat("x", 1984), []command.Found{{Kind: command.NearMiss, Line: "/release frezee " + strings.Repeat("x", 1984), Meant: "release freeze"}}},
		{"what costs too much", "a\n" + long + "\n\n" + strings.Repeat(">", 101), []command.Found{{Kind: command.TooComplex, Line: cut}}},
		{"no letter", "/ release freeze r\n//\n/1\n/", nil},
		{"their text", "/lgtm\n/relnotes\n/ax freeze", nil},
	} {
		got := command.Parse(tc.text, all)
		if len(got) == 0 {
			got = nil
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s: %s", tc.name, diff)
		}
		for _, f := range got {
			if !utf8.ValidString(f.Line) {
				t.Errorf("%s: cut within a character", tc.name)
			}
		}
	}
	many := command.Parse(strings.Repeat(said+"\n", 10)+long+"\n"+said, all)
	if last := many[len(many)-1]; len(many) != 11 || last.Kind != command.TooMany || last.Line != cut || last.Name != "" {
		t.Errorf("of too many: %d, %+v", len(many), last)
	}
}

// TestMeant: which command a line that is none was meant to be, of these alone.
func TestMeant(t *testing.T) {
	for _, tc := range []struct{ commands, line, want string }{
		{"release freeze", "/release frooze", `miss meant="release freeze"`}, // two slips
		{"release freeze", "/release frooxe", `miss meant=""`},               // three
		{"release freeze preview", "/release freezr previwe", `miss meant="release freeze preview"`},
		{"release freeze preview", "/release frooze previwe", `miss meant=""`},
		{"release freeze preview", "/release freeze", `miss meant=""`},
		{"release freeze preview", "/Release FREZEE Preview", `miss meant="release freeze preview"`},
		{"note up", "/note xp", `miss meant="note up"`},
		{"note up", "/note xy", `miss meant=""`},
		{"note add", "/note ade", `miss meant="note add"`},
		{"note add", "/note aee", `miss meant=""`},
		{"pick", "/pock", `miss meant="pick"`},
		{"pick", "/pock it", `miss meant="pick"`},
		{"pick", "/pook", ""},
		{"tag", "/tog", ""},
		{"tag it", "/tog it", ""},
		{"pick,pack", "/pock", `miss meant="pack"`}, // of two as near, the first by its name
		{"pack,pick", "/pock", `miss meant="pack"`},
		{"pick one,pick two", "/pick twi", `miss meant="pick two"`},
		{",  ,pick", "/pick it", `pick ["it"] rest="it"`},
	} {
		var commands []command.Command
		for name := range strings.SplitSeq(tc.commands, ",") {
			commands = append(commands, command.Command{Name: name})
		}
		if got := show(command.Parse(tc.line, commands)); got != tc.want {
			t.Errorf("%s: %s is %s, want %s", tc.commands, tc.line, got, tc.want)
		}
	}
}

// TestTheirs: a command of another bot that looks like one of ours is still theirs.
func TestTheirs(t *testing.T) {
	for theirs := range strings.FieldsSeq(`approve area assign auto-cc bug cc check check-cla cla close committee deploy easycla gemini
		good-first-issue help help-wanted hold honk joke kind label lgtm lifecycle lint meow merge milestone needs-rebase ok-to-test
		override pony preview priority project re-run rebase recheck release-note release-note-action-required release-note-edit
		release-note-none release-notes-none remove-area remove-hold remove-kind remove-label remove-lgtm remove-lifecycle
		remove-priority remove-sig reopen rerun retest retest-required retitle review run run-all shrug sig skip stale test test-all
		transfer triage unassign uncc unhold unlabel unlgtm verify wg woof`) {
		ours := []command.Command{{Name: theirs + "xy it"}, {Name: theirs + "z"}}
		if got := command.Parse("/"+theirs+"\n/"+strings.ToUpper(theirs)+" it", ours); len(got) != 0 {
			t.Errorf("/%s: %+v", theirs, got)
		}
		if got := show(command.Parse("/"+theirs+"zz", ours)); len(theirs) > 2 && got != `miss meant="`+theirs+`z"` {
			t.Errorf("/%szz: %s", theirs, got)
		}
	}
}
