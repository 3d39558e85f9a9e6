package laws

import (
	"regexp"
	"strings"
	"testing"
)

var excerpt = regexp.MustCompile("(?s)<!-- from (\\S+) -->\n```go\n(.*?)```\n")

// TestExcerpts holds what CONTRIBUTING.md shows of the code to the code, to the
// letter: so the tutorial compiles.
func TestExcerpts(t *testing.T) {
	text := read(t, "CONTRIBUTING.md")
	found := excerpt.FindAllStringSubmatch(text, -1)
	for _, m := range found {
		if !strings.Contains(read(t, m[1]), m[2]) {
			t.Errorf("CONTRIBUTING.md shows of %s what isn't there:\n%s", m[1], m[2])
		}
	}
	if want := strings.Count(text, "<!-- from "); len(found) != want || want < 5 {
		t.Errorf("%d excerpts can be read of %d", len(found), want)
	}
}
