package provenance

import (
	"slices"
	"testing"
)

func TestCoAuthors(t *testing.T) {
	const picked = "(cherry picked from commit 0123456789abcdef0123456789abcdef01234567)\n"
	for _, tt := range []struct {
		name, message string
		want          []string
	}{
		{"none", "Fix\n", nil},
		{"of the source alone", "Fix\n\nCo-authored-by: Sue <sue@example.org>\n" + picked, nil},
		{"no pick", "Fix\n\nCo-authored-by: Sue <sue@example.org>\n", nil},
		{"of the pick", "Fix\n\nCo-authored-by: Sue <sue@example.org>\n" + picked + "Co-authored-by: Bob Ö. <bob@example.org>\nCherry-picked-onto: x\n", []string{"Bob Ö. <bob@example.org>"}},
		{"of a pick of a pick", "Fix\n\n" + picked + "Co-authored-by: Bob <bob@example.org>\n" + picked + "CO-AUTHORED-BY: Bob <bob@example.org>\r\n", []string{"Bob <bob@example.org>"}},
		{"several, squashed", "* Fix\n\n" + picked + "Co-authored-by: A <a@example.org>\n\n* More\n\n" + picked + "Co-authored-by: B <b@example.org>\n", []string{"A <a@example.org>", "B <b@example.org>"}},
		{"no address", "Fix\n\n" + picked + "Co-authored-by: A\nCo-authored-by: <>\nCo-authored-by: B <b b>\n", nil},
	} {
		if got := CoAuthors(tt.message); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
