package effect

import (
	"strings"
	"testing"
)

// TestLost: what a write undid is found and put back, and only that.
func TestLost(t *testing.T) {
	const base = "Hello.\n\n<!-- slipway-part:dates -->\nd\n<!-- /slipway-part:dates -->\n\n## Checklist\n\nWords.\n\n- [ ] First <!-- slipway-step:first -->\n- [ ] Second <!-- slipway-step:second -->\n"
	replace := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(base) }
	for _, tc := range []struct {
		name, saved, written, now, want string
		hunks, rest                     int
	}{
		{"nothing", base, base, base, base, 0, 0},
		{"parts of ours", replace("- [ ] First", "- [x] Fist", "\nd\n", "\ne\n"), base, base, base, 0, 0},
		{"a part of ours deleted", replace("- [ ] First <!-- slipway-step:first -->\n", ""), base, base, base, 0, 0},
		{"spaces, and other ends", strings.ReplaceAll(replace("Words.", "Words.  "), "\n", "\r\n"), base, base, base, 0, 0},
		{"what they deleted", replace("Words.", ""), base, base, base, 0, 0},
		{"a paragraph", replace("Words.", "Mine.\nMore.\n\nWords."), base, base, replace("Words.", "Mine.\nMore.\n\nWords."), 1, 0},
		{"at the beginning", "Mine.\n\n" + base, base, base, "Mine.\n\n" + base, 1, 0},
		{"an item of theirs", replace("second -->\n", "second -->\n- [x] mine\n"), base, base, replace("second -->\n", "second -->\n- [x] mine\n"), 1, 0},
		{"behind a mark", replace("first -->", "first --> mine"), base, base, replace("first -->\n", "first -->\nmine\n"), 1, 0},
		{"a changed line", replace("Words.", "Other words."), base, base, replace("Words.", "Words.\nOther words."), 1, 0},
		{"two places", replace("Hello.", "Hello.\nOne.", "Words.", "Words.\nTwo."), base, base, replace("Hello.", "Hello.\nOne.", "Words.", "Words.\nTwo."), 2, 0},
		{"its place is gone", replace("Words.", "Words.\nMine."), base, replace("Words.", "Quite another thing."), replace("Words.", "Quite another thing."), 1, 1},
		{"it is there again", replace("Words.", "Words.\nMine."), base, replace("Words.", "Words.\nMine."), replace("Words.", "Words.\nMine."), 1, 0},
		{"a copy's mark that we took away", replace("Words.", "see <!-- slipway-step:first -->\nand <!-- slipway-step:first --> there"), replace("Words.", "see\nand <!-- --> there"), base, base, 0, 0},
	} {
		lost := Lost(tc.saved, tc.written)
		got, rest := PutBack(tc.now, lost)
		if len(lost) != tc.hunks || len(rest) != tc.rest || got != tc.want {
			t.Errorf("%s: %+v, rest %+v\n%s\nwant\n%s", tc.name, lost, rest, got, tc.want)
		}
		if again, _ := PutBack(got, lost); again != got {
			t.Errorf("%s: put back again it is\n%s", tc.name, again)
		}
		if more := Lost(tc.now, got); len(more) > 0 {
			t.Errorf("%s: what was put back lost %+v", tc.name, more)
		}
	}
}

func TestFind(t *testing.T) {
	s, err := NewSealer([]byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	at, mark := Place{1, 2}, Mark{Kind: "release", ID: "x"}
	seal := func(at Place, rev string) string {
		line, err := s.Seal(at, mark, []byte(`{"rev":`+rev+`,"text":"<b> -->"}`))
		if err != nil {
			t.Fatal(err)
		}
		return line
	}
	one, two := seal(at, "1"), seal(at, "2")
	altered := strings.Replace(two, `"rev":2`, `"rev":9`, 1)
	for _, tc := range []struct {
		name, text, without string
		standing            Authenticity
		rev                 int
	}{
		{"first", one + "\n\nwords", "\nwords", Bound, 1},
		{"below words", "words\n" + one + "\nmore", "words\nmore", Bound, 1},
		{"beside words", "words " + one + " more\n", "words  more\n", Bound, 1},
		{"the newest", one + "\n" + two + "\n" + altered + "\nwords", "words", Bound, 2},
		{"quoted in code", "```\n" + two + "\n```\n" + one, "```\n" + two + "\n```", Bound, 1},
		{"of another place", "words\n" + seal(Place{1, 3}, "3"), "words", Tampered, 0},
		{"of no number yet", "words\n" + seal(Place{1, 0}, "3"), "words", Unbound, 3},
		{"altered", "words\n" + altered, "words", Tampered, 0},
		{"without its end", "words\n" + strings.TrimSuffix(one, "-->") + "\nmore", "words\nmore", Tampered, 0},
		{"none", "words", "words", Tampered, 0},
	} {
		r := s.Find(at, tc.text)
		if r.Authenticity != tc.standing || r.Authenticity != Tampered && r.Rev() != tc.rev {
			t.Errorf("%s: %d, %s", tc.name, r.Authenticity, r.JSON)
		}
		if got := WithoutRecord(tc.text); got != tc.without {
			t.Errorf("%s: without it %q, want %q", tc.name, got, tc.without)
		}
	}
}
