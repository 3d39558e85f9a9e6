package effect

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestRecordLinesAsTheirPatterns: a record is read as these expressions say, whatever somebody made of its line.
func TestRecordLinesAsTheirPatterns(t *testing.T) {
	first := regexp.MustCompile(`^<!-- slipway:([a-z-]+) (\S+) (?:(\{.*\}) seal:([0-9a-f]{64}) )?-->`)
	any := regexp.MustCompile(`<!-- slipway:[a-z-]+ \S+ \{[^<>]*\} seal:[0-9a-f]{64} -->`)
	seal := strings.Repeat("0a", 32)
	parts := []string{"<!-- slipway:", "freeze", "a-b", "A", " ", " ", " ", "12", "a%20b", "{", "}", `{"a":1}`, " seal:", "} seal:" + seal,
		seal, seal[1:], "-->", " -->", "\n", "\t", "\r", "é", "\xff", "<", ">", "--", "<!-- slipway:freeze 12 ", `{"a":1} seal:` + seal + " -->",
		`<!-- slipway:freeze 12 {"a":1} seal:` + seal + " -->"}
	r := rand.New(rand.NewPCG(1, 2))
	matched, found := 0, 0
	for range 50_000 {
		var text string
		for range 1 + r.IntN(9) {
			text += parts[r.IntN(len(parts))]
		}
		want, got := first.FindStringSubmatch(text), []string(nil)
		if l, ok := readRecordLine(text); ok {
			got = []string{l.kind, l.id, l.json, l.seal}
		}
		if len(want) > 0 {
			matched, want = matched+1, want[1:]
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%q: read as %q, want %q", text, got, want)
		}
		for _, line := range strings.Split(text, "\n") {
			if strings.Contains(line, "--> {") {
				continue // an id that ends the comment: the rest is shown, and no record
			}
			want, got := any.FindAllString(line, 3), recordsIn(line, 3)
			if found += len(want); !slices.Equal(got, want) {
				t.Fatalf("%q: found %q, want %q", line, got, want)
			}
		}
	}
	if matched < 1000 || found < 1000 {
		t.Errorf("%d and %d texts have a record, too few to tell", matched, found)
	}
}
