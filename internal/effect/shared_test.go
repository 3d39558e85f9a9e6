package effect

import (
	"strings"
	"testing"
)

const someText = "Hello.\n\n" +
	"<!-- slipway-part:dates -->\nold dates\n<!-- /slipway-part:dates -->\n\n" +
	"People's words.\n\n" +
	"- [ ] First <!-- slipway-step:first -->\n" +
	"  - [ ] a nested item of people's\n" +
	"* [X] Second <!-- slipway-step:second -->\n" +
	"- [ ] people's own item\n" +
	"  1. [ ] Third <!-- slipway-step:third -->\n\n" +
	"```\n- [x] quoted <!-- slipway-step:first -->\n<!-- slipway-part:dates -->\n```\n"

func someParts() Parts {
	return Parts{
		Blocks: []TextBlock{{Name: "dates", Text: "new dates"}},
		Items:  []Item{{ID: "first", Text: "First"}, {ID: "second", Text: "Second", After: "first"}, {ID: "third", Text: "Third", After: "second"}},
	}
}

func TestLay(t *testing.T) {
	for _, tc := range []struct {
		name     string
		text     string // "" is someText
		change   func(*Parts)
		old, new string // what becomes of it; "" of old: nothing else
	}{
		{"a block", "", func(*Parts) {}, "old dates", "new dates"},
		{"a tick", "", func(p *Parts) { p.Items[0].Box = Ticked }, "- [ ] First <", "- [x] First <"},
		{"a tick keeps its kind", "", func(p *Parts) { p.Items[1].Box = Ticked }, "", ""},
		{"a tick taken away", "", func(p *Parts) { p.Items[1].Box = Unticked }, "* [X] Second", "* [ ] Second"},
		{"nested and numbered", "", func(p *Parts) { p.Items[2].Box, p.Items[2].Text = Ticked, "Third ([seen](https://x))" },
			"  1. [ ] Third <", "  1. [x] Third ([seen](https://x)) <"},
		{"an item deleted, with a copy of it", strings.Replace(someText, "* [X] Second <!-- slipway-step:second -->\n", "", 1) + "- [x] a copy <!-- slipway-step:second -->\n",
			func(*Parts) {}, "- [x] a copy <", "- [x] Second <"}, // the copy is the item then
		{"an item in code alone", strings.Replace(someText, "- [ ] First <!-- slipway-step:first -->\n", "", 1), func(*Parts) {}, "- [x] quoted <", "- [x] First <"},
		{"a copy above", "> - [ ] Second <!-- slipway-step:second -->\n" + someText, func(p *Parts) { p.Items[1].Box = Ticked },
			"> - [ ] Second <!-- slipway-step:second -->", "> - [ ] Second"},
		{"a copy above that isn't quoted", "- [ ] Second <!-- slipway-step:second -->\n" + someText, func(p *Parts) { p.Items[1].Box = Ticked },
			"- [ ] Second <!-- slipway-step:second -->", "- [ ] Second"},
		{"a copy in the middle of words", "see <!-- slipway-step:third --> there\n" + someText, func(*Parts) {}, "see <!-- slipway-step:third --> there", "see <!-- --> there"},
		{"words behind the mark", strings.Replace(someText, "step:first -->", "step:first --> see #99", 1), func(p *Parts) { p.Items[0].Box = Ticked }, "- [ ] First <", "- [x] First <"},
		{"words before the mark", strings.Replace(someText, "- [ ] First <", "- [ ] First, see #99 <", 1), func(p *Parts) { p.Items[0].Was, p.Items[0].Text = "First", "First (`bob`)" },
			"- [ ] First, see #99 <!-- slipway-step:first -->", "- [ ] First (`bob`) <!-- slipway-step:first --> see #99"},
		{"other words before the mark", strings.Replace(someText, "- [ ] First <", "- [ ] Fist, see #99 <", 1), func(p *Parts) { p.Items[0].Was = "First" },
			"- [ ] Fist, see #99 <", "- [ ] First <"},
		{"the mark in words", strings.Replace(someText, "- [ ] First <", "see the first <", 1), func(*Parts) {},
			"see the first <!-- slipway-step:first -->", "- [ ] First <!-- slipway-step:first --> see the first"},
		{"two lines joined", strings.Replace(someText, "-step:second -->\n", "-step:second --> ", 1), func(*Parts) {}, "", ""},
		{"an item joined to the one before", strings.Replace(someText, "- [ ] people's own item\n  1. [ ] Third", "- [ ] people's own item 1. [ ] Third", 1), func(p *Parts) { p.Items = p.Items[:2] }, "", ""},
		{"what only looks like a fence", "```make gen``` has to pass first.\n" + someText, func(*Parts) {}, "", ""},
		{"an open fence", "```\n" + strings.Split(someText, "```")[0], func(p *Parts) { p.Items[0].Box = Ticked }, "- [ ] First <", "- [x] First <"},
		{"an item deleted for good", strings.Replace(someText, "  1. [ ] Third <!-- slipway-step:third -->\n", "", 1), func(p *Parts) { p.Items[2].Gone = true }, "", ""},
		{"an item put back", strings.Replace(someText, "  1. [ ] Third <!-- slipway-step:third -->\n", "", 1), func(p *Parts) { p.Items[2].Box = Ticked },
			"* [X] Second <!-- slipway-step:second -->\n", "* [X] Second <!-- slipway-step:second -->\n- [x] Third <!-- slipway-step:third -->\n"},
		{"the first put back", strings.Replace(strings.Replace(someText, "step:first -->\n<", "step:other -->\n<", 1), "- [ ] First <!-- slipway-step:first -->\n", "", 1), func(*Parts) {},
			"* [X] Second <", "- [ ] First <!-- slipway-step:first -->\n* [X] Second <"},
		{"its box deleted", strings.Replace(someText, "- [ ] First <", "- First <", 1), func(p *Parts) { p.Items[0].Box = Ticked }, "- First <", "- [x] First <"},
		{"a block's end deleted", strings.Replace(someText, "<!-- /slipway-part:dates -->\n", "", 1), func(*Parts) {},
			"<!-- slipway-part:dates -->\nold", "<!-- slipway-part:dates -->\nnew dates\n<!-- /slipway-part:dates -->\nold"},
	} {
		text := tc.text
		if text == "" {
			text = someText
		}
		p := someParts()
		tc.change(&p)
		want := strings.Replace(text, "old dates", "new dates", 1)
		if strings.Contains(tc.name, "end deleted") {
			want = text
		}
		if tc.old != "" && tc.old != "old dates" {
			want = strings.Replace(want, tc.old, tc.new, 1)
		}
		for _, crlf := range []bool{false, true} {
			text, want := text, want
			if crlf {
				text, want = strings.ReplaceAll(text, "\n", "\r\n"), strings.ReplaceAll(want, "\n", "\r\n")
			}
			got := p.Lay(text, 1<<16)
			if got != want {
				t.Errorf("%s (CRLF %t):\n%s\nwant\n%s", tc.name, crlf, got, want)
			}
			if again := p.Lay(got, 1<<16); again != got {
				t.Errorf("%s (CRLF %t): laid again it is\n%s", tc.name, crlf, again)
			}
		}
	}
}

func TestLayOfDeletedBlocks(t *testing.T) {
	p := Parts{Blocks: []TextBlock{{Name: "dates", Text: "d"}, {Name: "status", Text: "s"}}}
	got := p.Lay("mine", 1000)
	want := "<!-- slipway-part:dates -->\nd\n<!-- /slipway-part:dates -->\n<!-- slipway-part:status -->\ns\n<!-- /slipway-part:status -->\n\n\nmine"
	if got != want {
		t.Errorf("%q", got)
	}
	if again := p.Lay(got, 1000); again != got {
		t.Errorf("%q", again)
	}
}

func TestLayWithoutRoom(t *testing.T) {
	p := Parts{Blocks: []TextBlock{{Name: "a", Text: strings.Repeat("a", 100), Short: "short a"}, {Name: "b", Text: strings.Repeat("b", 100), Short: "short b"}}}
	for most, want := range map[int][]string{1000: {"aaa", "bbb"}, 250: {"aaa", "short b"}, 200: {"short a", "short b"}} {
		got := p.Lay(BlockPlace("a")+"\n"+BlockPlace("b"), most)
		for _, one := range want {
			if !strings.Contains(got, "\n"+one) {
				t.Errorf("at most %d, of %d: %s\nlacks %s", most, len(got), got, one)
			}
		}
	}
}

func TestReadShared(t *testing.T) {
	s := ReadShared(strings.ReplaceAll(someText, "\n", "\r\n"))
	if len(s.Blocks) != 1 || s.Blocks["dates"] != "old dates" {
		t.Errorf("%q", s.Blocks)
	}
	for id, want := range map[string]ShownItem{"first": {Text: "First"}, "second": {Ticked: true, Text: "Second"}, "third": {Text: "Third"}} {
		if s.Items[id] != want {
			t.Errorf("%s: %+v", id, s.Items[id])
		}
	}
	if len(s.Items) != 3 {
		t.Errorf("%+v", s.Items)
	}
}
