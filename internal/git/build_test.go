package git

import (
	"context"
	"strings"
	"testing"
	"time"
)

// TestMessageIsGits compares the message of a pick with that of git itself.
func TestMessageIsGits(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	old := l.commit("old", "f", "0\n")
	for i, m := range []string{
		"Subject",
		"Subject\n",
		"Subject\n\nBody.\n",
		"Subject\n\nBody.\n\nSigned-off-by: Ann Author <ann@example.org>\n",
		"Subject\n\nSigned-off-by: Ann Author <ann@example.org>\n",
		"Subject\n\nBody.\n\nReviewed-by: X\nFixes: #12\n",
		"Subject\n\nBody.\n\nNot: a trailer\nbecause this line is none\n",
		"Subject\n\nBody.\n\nText\nSigned-off-by: X <x@example.org>\nMore\nAnd more\n",
		"Subject\n\nText\nSigned-off-by: X <x@example.org>\nMore\nAnd more\nand even more\n",
		"Subject\n\nA: b\n  continued\n",
		"Signed-off-by: as a title <x@example.org>\n",
		"Subject\n\nBody\n\n(cherry picked from commit 1111111111111111111111111111111111111111)\n",
		"Subject\n\nCo-authored-by: é <e@example.org>\n# not a comment\n",
	} {
		source := l.commit(m, "f", strings.Repeat("x", i+1)+"\n")
		l.on("to", old)
		l.git("cherry-pick", "-x", "-s", "-X", "theirs", source)
		want := l.git("log", "-1", "--format=%B")
		got := messageOf(m, source, "", "Cy Committer <cy@example.org>")
		if strings.TrimSpace(got) != want {
			t.Errorf("message of %q:\n%s\nwant\n%s", m, got, want)
		}
		l.git("checkout", "-q", source)
	}
}

func TestMessageNote(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ original, want string }{
		{"Subject", "Subject\n\nNote.\n\n(cherry picked from commit ID)\n"},
		{"Subject\n\nBody\n\n\n", "Subject\n\nBody\n\nNote.\n\n(cherry picked from commit ID)\n"},
		{"Subject\r\n\r\nBody\r\n\r\nFixes: #1\r\n", "Subject\r\n\r\nBody\r\n\r\nNote.\n\nFixes: #1\n(cherry picked from commit ID)\n"},
	} {
		if got := messageOf(tc.original, "ID", "Note.\n", ""); got != tc.want {
			t.Errorf("message of %q is %q, want %q", tc.original, got, tc.want)
		}
	}
}

// TestBuild: the author stays, to the byte; the committer is ours; and the
// same pick gives the same ids, whenever and wherever it is made.
func TestBuild(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	old := l.commit("old", "f", lines(20, nil))
	first := l.commit("first\n\nSigned-off-by: Ann Author <ann@example.org>\n", "f", lines(20, map[int]string{2: "a\n"}))
	nothing := l.record("nothing")
	second := l.commit("second", "f", lines(20, map[int]string{2: "b\n"}))
	l.git("config", "i18n.commitEncoding", "ISO-8859-1")
	latin := l.commit("caf\xe9", "f", lines(20, map[int]string{2: "c\n"}))
	l.on(target, old)
	onto := l.commit("own", "f", lines(20, map[int]string{18: "own\n"}))
	by := Authoring{Name: "slipway <[bot]>\n", Email: "1+slipway[bot]@users.example.org", SignOff: "Rita <rita@example.org>\nX: y", Note: "not shown"}
	build := func(by Authoring) []string {
		r := l.open()
		p := pick(t, r, target, first, nothing, second, latin)
		ids, err := r.Build(context.Background(), p, by)
		if err != nil || len(ids) != 3 {
			t.Fatalf("Build: %q, %v", ids, err)
		}
		last, err := r.Commit(context.Background(), ids[2])
		if err != nil || last.Tree != p.Tree || last.Encoding != "ISO-8859-1" || !strings.HasPrefix(last.Message, "caf\xe9\n\n"+pickedFrom+latin) {
			t.Errorf("last: %+v, %v", last, err)
		}
		c, err := r.Commit(context.Background(), ids[0])
		source, _ := r.Commit(context.Background(), first)
		if err != nil || c.Author != source.Author || c.Parents[0] != onto || c.Committer != "slipway [bot] <1+slipway[bot]@users.example.org> "+strings.SplitAfter(source.Committer, "> ")[1] {
			t.Errorf("first: %+v, %v", c, err)
		}
		if want := "first\n\nSigned-off-by: Ann Author <ann@example.org>\n(cherry picked from commit " + first + ")\nSigned-off-by: Rita <rita@example.orgX: y>\n"; c.Message != want {
			t.Errorf("message %q, want %q", c.Message, want)
		}
		return ids
	}
	if a, b := build(by), build(by); strings.Join(a, " ") != strings.Join(b, " ") {
		t.Errorf("built %q, then %q", a, b)
	}
	later := by
	later.When = time.Unix(1_800_000_000, 0).UTC()
	r := l.open()
	ids, err := r.Build(context.Background(), pick(t, r, target, first), later)
	c, _ := r.Commit(context.Background(), ids[0])
	if err != nil || !strings.HasSuffix(c.Committer, "> 1800000000 +0000") {
		t.Errorf("committer %q, %v", c.Committer, err)
	}
	if ids, err := r.Build(context.Background(), pick(t, r, first, first), by); err != nil || len(ids) != 0 {
		t.Errorf("an empty pick builds %q, %v", ids, err)
	}
	if _, err := r.Build(context.Background(), pick(t, r, target, first), Authoring{Name: " <>", Email: "x"}); err == nil {
		t.Error("a committer without a name")
	}
	// git itself finds nothing to object to.
	if out, err := r.local(context.Background(), nil, "fsck", "--strict", "--no-dangling", ids[0]); err != nil {
		t.Errorf("fsck: %v %s", err, out)
	}
}

// TestBuildConflict: the tree with markers is a commit like any other.
func TestBuildConflict(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	old := l.commit("old", "f", "a\n")
	source := l.commit("change", "f", "b\n")
	l.on(target, old)
	l.commit("own", "f", "c\n")
	r := l.open()
	p := pick(t, r, target, source)
	ids, err := r.Build(context.Background(), p, Authoring{Name: "s", Email: "s@example.org", Note: "Conflicts: f"})
	if err != nil || len(ids) != 1 {
		t.Fatal(ids, err)
	}
	c, err := r.Commit(context.Background(), ids[0])
	if err != nil || c.Tree != p.Tree || !strings.Contains(c.Message, "change\n\nConflicts: f\n\n(cherry") {
		t.Errorf("%+v, %v", c, err)
	}
}
