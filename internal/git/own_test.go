package git

import (
	"strings"
	"testing"
)

// TestOwnCommit: a pick for GitHub to sign has the committer as its author, and those who
// made its source as co-authors, in UTF-8.
func TestOwnCommit(t *testing.T) {
	t.Parallel()
	by := Authoring{Name: "slipway[bot]", Email: "7+slipway[bot]@users.noreply.example.com", Own: "release-1.30"}
	picked := "(cherry picked from commit " + strings.Repeat("1", 40) + ")\n"
	onto := "Cherry-picked-onto: release-1.30\n"
	for _, tt := range []struct {
		name   string
		source Commit
		note   string
		off    string
		want   string
	}{
		{"plain", Commit{Author: "Bob <bob@example.org> 1 +0000", Message: "Fix\n\nBody\n"}, "", "", "Fix\n\nBody\n\n" + picked + "Co-authored-by: Bob <bob@example.org>\n" + onto},
		{"with trailers", Commit{Author: "Bob <bob@example.org> 1 +0000", Message: "Fix\n\nSigned-off-by: Bob <bob@example.org>\n"}, "Markers.", "slipway[bot] <7+slipway[bot]@x.y>",
			"Fix\n\nMarkers.\n\nSigned-off-by: Bob <bob@example.org>\n" + picked + "Co-authored-by: Bob <bob@example.org>\n" + onto + "Signed-off-by: slipway[bot] <7+slipway[bot]@x.y>\n"},
		{"Latin-1", Commit{Author: "B\xf6b <bob@example.org> 1 +0000", Message: "Gr\xfc\xdfe\n", Encoding: "ISO-8859-1"}, "", "", "Grüße\n\n" + picked + "Co-authored-by: Böb <bob@example.org>\n" + onto},
		{"another encoding", Commit{Author: "B <bob@example.org> 1 +0000", Message: "\x83\n", Encoding: "SHIFT_JIS"}, "", "", "\uFFFD\n\n" + picked + "Co-authored-by: B <bob@example.org>\n" + onto},
		{"no name", Commit{Author: " <bob@example.org> 1 +0000", Message: "Fix\n"}, "", "", "Fix\n\n" + picked + "Co-authored-by: bob@example.org <bob@example.org>\n" + onto},
		{"no address", Commit{Author: "Bob <> 1 +0000", Message: "Fix\n"}, "", "", "Fix\n\n" + picked + onto},
		{"such a pick", Commit{Author: "slipway[bot] <7+slipway[bot]@users.noreply.github.com> 1 +0000", Message: "Fix\n\n" + picked + "Co-authored-by: Bob <bob@example.org>\nCherry-picked-onto: release-1.31\n"}, "", "",
			"Fix\n\n" + picked + "Co-authored-by: Bob <bob@example.org>\nCherry-picked-onto: release-1.31\n" + picked + "Co-authored-by: Bob <bob@example.org>\n" + onto},
		{"the App's own", Commit{Author: "slipway[bot] <7+slipway[bot]@users.noreply.example.com> 1 +0000", Message: "Notes\n"}, "", "",
			"Notes\n\n" + picked + "Co-authored-by: slipway[bot] <7+slipway[bot]@users.noreply.example.com>\n" + onto},
	} {
		tt.source.ID = strings.Repeat("1", 40)
		by.SignOff = tt.off
		got := by.own(Commit{Committer: "slipway[bot] <7+slipway[bot]@users.noreply.example.com> 5 +0200", Encoding: tt.source.Encoding}, tt.source, tt.note)
		if got.Message != tt.want || got.Author != "slipway[bot] <7+slipway[bot]@users.noreply.example.com> 5 +0200" || got.Encoding != "" {
			t.Errorf("%s: %+v, want\n%s", tt.name, got, tt.want)
		}
	}
}
