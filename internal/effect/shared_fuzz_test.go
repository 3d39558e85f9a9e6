package effect

import (
	"slices"
	"strings"
	"testing"
)

// fuzzParts are parts that know the marks of the seeds.
func fuzzParts() Parts {
	p := someParts()
	p.Blocks = append(p.Blocks, TextBlock{Name: "status", Text: "## Status\n\nfine", Short: "short"})
	p.Items[0].Was, p.Items[0].Box, p.Items[1].Gone, p.Items[2].Short = "First thing", Ticked, true, "3"
	return p
}

// FuzzLay: whatever people make of a text, reading it and laying parts into it
// never panics, and parts that were laid are laid the same again.
func FuzzLay(f *testing.F) {
	first, dates := itemMark("first"), beginMark("dates")
	for _, seed := range []string{
		someText, "", "\r\n", strings.ReplaceAll(someText, "\n", "\r\n"), "```\n" + someText, "~~~ `\n" + someText,
		strings.Replace(someText, endMark("dates"), "", 1), strings.Replace(someText, "- [ ] First <", "- First <", 1),
		dates, dates + "\n" + dates, dates + "\n```\n" + endMark("dates"), endMark("dates") + dates, BlockPlace("dates") + BlockPlace("status"),
		"- [ ] a " + first + " - [x] Second " + itemMark("second") + first, "> - [ ] " + first + "\n" + ItemPlace("first"),
		"``" + first + "`", first + "```\n" + ItemPlace("third"), "- ```\n  " + ItemPlace("first") + "\n  ```\n" + ItemPlace("second"),
		"- [ ] First one thing " + first + "\n\t1) [X] " + itemMark("third"), dates + "\n" + ItemPlace("first") + "\n" + endMark("dates"),
		"<!-- slipway-part: -->\n<!-- slipway-part:", ItemPlace("third") + "\n" + ItemPlace("first"),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ReadShared(text)
		for _, most := range []int{1 << 20, 60} {
			once := fuzzParts().Lay(text, most)
			if again := fuzzParts().Lay(once, most); again != once {
				t.Fatalf("%q\nbecame %q\nand then %q", text, once, again)
			}
		}
		once := fuzzParts().Lay(text, 1<<20)
		s := ReadShared(once)
		if !slices.Equal(keysOf(s.Blocks), []string{"dates", "status"}) && !strings.Contains(text, "slipway-part") {
			t.Fatalf("%q has the blocks %q", once, s.Blocks)
		}
		if i, ok := s.Items["first"]; !ok || i.Twice || i.Boxless || !i.Ticked || i.Text != "First" {
			t.Fatalf("%q\nshows %+v", once, i)
		}
		PutBack(once, Lost(text, once))
		WithoutRecord(text)
		Sealer{}.Find(Place{1, 2}, text)
	})
}

func keysOf(m map[string]string) []string {
	var all []string
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}
