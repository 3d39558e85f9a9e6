package git_test

import (
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/git"
)

func TestMergeTextKeepsWhatIsNew(t *testing.T) {
	p, err := git.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lines := func(text string) string { return strings.ReplaceAll(text, " ", "\n") }
	for _, tc := range []struct {
		name, base, ours, theirs, want string
		kept                           int
	}{
		{"nothing changed", "a b c ", "a b c ", "a b c ", "a b c ", 0},
		{"far apart", "a b c d e f g ", "A b c d e f g ", "a b c d e f g h ", "A b c d e f g h ", 0},
		{"added right before what was edited", "a z ", "a Z ", "a m z ", "a m Z ", 0},
		{"added right behind it", "a z ", "a Z ", "a z m ", "a Z m ", 0},
		{"both added at one place", "a ", "a x ", "a y ", "a x y ", 0},
		{"both changed a line", "a b c ", "a X c ", "a Y c ", "a X c ", 1},
		{"deleted by one, with something new beside", "a b c ", "a c ", "a b n c ", "a n c ", 0},
		{"changed by one and taken out by the other", "a b c ", "a X c ", "a c ", "a X c ", 1},
		{"two places", "a b c d e f g ", "a X c d e Y g ", "a n b c d e Z g ", "a n X c d e Y g ", 1},
		{"text like a mark", "<<<<<<< =======  >>>>>>> ", "<<<<<<< X >>>>>>> ", "<<<<<<< =======  >>>>>>> n ", "<<<<<<< X >>>>>>> n ", 0},
		{"without an end of line", "a z", "a Z", "a m z", "a m Z ", 0},
	} {
		got, kept, err := p.MergeText(t.Context(), lines(tc.base), lines(tc.ours), lines(tc.theirs))
		if err != nil || got != lines(tc.want) || kept != tc.kept {
			t.Errorf("%s: %q, %d kept (%v)\nwant %q, %d", tc.name, got, kept, err, lines(tc.want), tc.kept)
		}
	}
}
