package git

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const target = "release-1.30"

// TestPickOutcomes holds what a pick comes to for each way that a change can
// meet a target.
func TestPickOutcomes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name      string
		old       []string // files of the common past
		theirs    []string // the change, on master
		ours      []string // what the target changed
		outcome   Outcome
		conflicts string
		file      string // of the result, with
		holds     string
	}{
		{name: "clean", old: []string{"f", lines(9, nil)}, theirs: []string{"f", lines(9, map[int]string{2: "two\n"})},
			ours: []string{"f", lines(9, map[int]string{8: "eight\n"})}, outcome: Clean,
			file: "f", holds: lines(9, map[int]string{2: "two\n", 8: "eight\n"})},
		{name: "already there", old: []string{"f", "a\n"}, theirs: []string{"f", "b\n"}, ours: []string{"f", "b\n"}, outcome: Empty,
			file: "f", holds: "b\n"},
		{name: "nothing changed", old: []string{"f", "a\n"}, ours: []string{"f", "b\n"}, outcome: Empty, file: "f", holds: "b\n"},
		{name: "content", old: []string{"f", "a\n"}, theirs: []string{"f", "b\n"}, ours: []string{"f", "c\n"}, outcome: Clash,
			conflicts: `"f" content (content)`, file: "f", holds: "<<<<<<< release-1.30\nc\n=======\nb\n>>>>>>> SOURCE\n"},
		{name: "changed what the target deleted", old: []string{"f", "a\n", "g", "g\n"}, theirs: []string{"f", "b\n"}, ours: []string{"f", gone},
			outcome: Clash, conflicts: `"f" modify/delete (modify/delete)`, file: "f", holds: "b\n"},
		{name: "deleted what the target changed", old: []string{"f", "a\n", "g", "g\n"}, theirs: []string{"f", gone}, ours: []string{"f", "b\n"},
			outcome: Clash, conflicts: `"f" modify/delete (modify/delete)`, file: "f", holds: "b\n"},
		{name: "added twice", old: []string{"g", "g\n"}, theirs: []string{"f", "b\n"}, ours: []string{"f", "c\n"},
			outcome: Clash, conflicts: `"f" add/add (add/add)`, file: "g", holds: "g\n"},
		{name: "renamed twice", old: []string{"f", lines(9, nil)}, theirs: []string{"f", gone, "x", lines(9, nil)}, ours: []string{"f", gone, "y", lines(9, nil)},
			outcome: Clash, conflicts: "\"f\" rename (rename/rename)\n\"x\" rename (rename/rename)\n\"y\" rename (rename/rename)", file: "x", holds: lines(9, nil)},
		{name: "renamed and deleted", old: []string{"f", lines(9, nil), "g", "g\n"}, theirs: []string{"f", gone, "x", lines(9, nil)}, ours: []string{"f", gone},
			outcome: Clash, conflicts: `"x" rename (rename/delete)`, file: "x", holds: lines(9, nil)},
		{name: "follows the target's rename", old: []string{"f", lines(9, nil)}, theirs: []string{"f", lines(9, map[int]string{2: "two\n"})},
			ours: []string{"f", gone, "y", lines(9, nil)}, outcome: Clean, file: "y", holds: lines(9, map[int]string{2: "two\n"})},
		{name: "binary", old: []string{"f", "a\x00\n"}, theirs: []string{"f", "b\x00\n"}, ours: []string{"f", "c\x00\n"}, outcome: Clash,
			conflicts: `"f" binary (binary)`, file: "f", holds: "c\x00\n"},
		{name: "a file where the target has a directory", old: []string{"g", "g\n"}, theirs: []string{"f", "b\n"}, ours: []string{"f/x", "c\n"}, outcome: Clash,
			conflicts: "\"f~SOURCE\" file/directory (file/directory)", file: "f/x", holds: "c\n"},
		{name: "an LFS pointer", old: []string{"f", lfs(1)}, theirs: []string{"f", lfs(2)}, ours: []string{"f", lfs(3)}, outcome: Clash,
			conflicts: `"f" LFS pointer (content)`, file: "f", holds: strings.Replace(lfs(0), "oid sha256:0\n", "<<<<<<< release-1.30\noid sha256:3\n=======\noid sha256:2\n>>>>>>> SOURCE\n", 1)},
		{name: "line ends", old: []string{"f", "a\r\nb\r\n"}, theirs: []string{"f", "a\r\nB\r\n"}, ours: []string{"f", "a\nb\n"}, outcome: Clash,
			conflicts: `"f" line ends (content)`, file: "f", holds: "<<<<<<< release-1.30\na\nb\n=======\na\r\nB\r\n>>>>>>> SOURCE\n"},
		{name: "line ends of a new file", old: []string{"g", "g\n"}, theirs: []string{"f", "a\r\n"}, ours: []string{"f", "a\n"}, outcome: Clash,
			conflicts: `"f" line ends (add/add)`, file: "g", holds: "g\n"},
		{name: "line ends and more", old: []string{"f", "a\r\nb\r\n"}, theirs: []string{"f", "a\r\nB\r\n"}, ours: []string{"f", "A\nb\n"}, outcome: Clash,
			conflicts: `"f" content (content)`, file: "f", holds: "<<<<<<< release-1.30\nA\nb\n=======\na\r\nB\r\n>>>>>>> SOURCE\n"},
		{name: "put into a directory that the target renamed", old: []string{"d/a", lines(9, nil)}, theirs: []string{"d/n", "new\n"}, ours: []string{"d/a", gone, "e/a", lines(9, nil)},
			outcome: Clash, conflicts: `"e/n" moved (directory rename suggested)`, file: "e/n", holds: "new\n"},
		{name: "hostile names", old: []string{"a\n\"b\t<c>", "a\n", "--foo", "x\n", "é\u202e/z", "z\n"},
			theirs: []string{"a\n\"b\t<c>", "b\n", "--foo", "y\n", "é\u202e/z", "y\n"}, ours: []string{"a\n\"b\t<c>", "c\n", "--foo", "w\n", "é\u202e/z", "w\n"},
			outcome: Clash, conflicts: "\"--foo\" content (content)\n\"a\\n\\\"b\\t<c>\" content (content)\n\"é\\u202e/z\" content (content)",
			file: "--foo", holds: "<<<<<<< release-1.30\nw\n=======\ny\n>>>>>>> SOURCE\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := newLab(t)
			old := l.commit("old", tc.old...)
			source := l.commit("change", tc.theirs...)
			l.on(target, old)
			l.commit("target's own", tc.ours...)
			r := l.open()
			p := pick(t, r, target, source)
			want := strings.ReplaceAll(tc.conflicts, "SOURCE", source[:shortID])
			if p.Outcome != tc.outcome || conflicts(p) != want {
				t.Errorf("outcome %s with\n%s\nwant %s with\n%s", p.Outcome, conflicts(p), tc.outcome, want)
			}
			if got, want := text(t, r, p.Tree, tc.file), strings.ReplaceAll(tc.holds, "SOURCE", source[:shortID]); got != want {
				t.Errorf("%s holds\n%s\nwant\n%s", tc.file, got, want)
			}
		})
	}
}

// lfs is what Git LFS keeps in the place of a file.
func lfs(n int) string {
	return fmt.Sprintf("version https://git-lfs.github.com/spec/v1\noid sha256:%d\nsize 1\n", n)
}

func TestPickModes(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	old := l.commit("old", "g", "g\n")
	if err := os.Symlink("g", filepath.Join(l.dir, "f")); err != nil {
		t.Fatal(err)
	}
	l.git("add", "-A")
	source := l.record("a link")
	l.on(target, old)
	l.commit("a file", "f", "text\n")
	p := pick(t, l.open(), target, source)
	if p.Outcome != Clash || len(p.Conflicts) == 0 || p.Conflicts[0].Kind != Mode {
		t.Errorf("%s: %s", p.Outcome, conflicts(p))
	}

	l.on("other", old)
	l.commit("add it", "h", "same\n")
	l.git("update-index", "--chmod=+x", "h")
	executable := l.record("executable")
	base := l.git("rev-parse", old)
	l.on(target, old)
	l.commit("add it plain", "h", "same\n")
	r := l.open()
	onto := l.git("rev-parse", target)
	p, err := r.Pick(context.Background(), onto, target, Source{Commit: executable, Base: base})
	if err != nil || p.Outcome != Clash || conflicts(p) != `"h" mode (mode)` {
		t.Errorf("%v, %s: %s", err, p.Outcome, conflicts(p))
	}
}

func TestPickSubmodule(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	link := func(n string) {
		l.git("update-index", "--add", "--cacheinfo", "160000,"+strings.Repeat(n, 40)+",sub")
	}
	link("1")
	old := l.record("old")
	link("2")
	source := l.record("bump")
	l.on(target, old)
	link("3")
	l.record("other bump")
	p := pick(t, l.open(), target, source)
	if p.Outcome != Clash || len(p.Conflicts) != 1 || p.Conflicts[0].Kind != Submodule || p.Conflicts[0].Path != "sub" {
		t.Errorf("%s: %s", p.Outcome, conflicts(p))
	}
}

// TestPickShapes: squash, range, merge and root commits are one case.
func TestPickShapes(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	root := l.commit("root", "root", "r\n", "f", lines(20, nil))
	l.on("feature", root)
	l.commit("feature", "f", lines(20, map[int]string{3: "feature\n"}))
	l.on("master", root)
	l.commit("master", "f", lines(20, map[int]string{3: "master\n"}))
	if out, err := l.try("merge", "-q", "feature"); err == nil {
		t.Fatalf("the merge was to conflict: %s", out)
	}
	merge := l.commit("Merge feature", "f", lines(20, map[int]string{3: "both\n"}))
	first := l.commit("first", "f", lines(20, map[int]string{3: "both\n", 18: "a\n"}))
	second := l.commit("second", "f", lines(20, map[int]string{3: "both\n", 18: "b\n"}))
	back := l.commit("back", "f", lines(20, map[int]string{3: "both\n", 18: "a\n"}))
	l.on(target, merge+"^1")
	l.commit("own", "f", lines(20, map[int]string{3: "master\n", 10: "own\n"}))
	l.git("checkout", "-q", "--orphan", "island")
	l.git("rm", "-rfq", ".")
	l.commit("island", "g", "g\n")
	r := l.open()

	p := pick(t, r, target, merge)
	if got := text(t, r, p.Tree, "f"); p.Outcome != Clean || got != lines(20, map[int]string{3: "both\n", 10: "own\n"}) {
		t.Errorf("merge commit: %s\n%s", p.Outcome, got)
	}
	p = pick(t, r, target, merge, first, second)
	if got := text(t, r, p.Tree, "f"); p.Outcome != Clean || len(p.Steps) != 3 || got != lines(20, map[int]string{3: "both\n", 10: "own\n", 18: "b\n"}) {
		t.Errorf("range: %s\n%s", p.Outcome, got)
	}
	p, err := r.Pick(context.Background(), p.Onto, target, Source{Commit: second, Base: l.git("rev-parse", merge+"^1")})
	if err != nil || len(p.Steps) != 1 || text(t, r, p.Tree, "f") != lines(20, map[int]string{3: "both\n", 10: "own\n", 18: "b\n"}) {
		t.Errorf("range as one change: %v", err)
	}
	if p := pick(t, r, target, second, first); p.Outcome != Clash || len(p.Steps) != 1 || len(p.Rest) != 1 || p.Rest[0] != first {
		t.Errorf("out of order: %s after %d steps, rest %q", p.Outcome, len(p.Steps), p.Rest)
	}
	if p := pick(t, r, first, second, back); p.Outcome != Empty {
		t.Errorf("a change and its revert: %s", p.Outcome)
	}
	if p := pick(t, r, "island", root); p.Outcome != Clean || text(t, r, p.Tree, "root") != "r\n" || text(t, r, p.Tree, "g") != "g\n" {
		t.Errorf("root commit: %s %s", p.Outcome, conflicts(p))
	}
	if p := pick(t, r, target, root); p.Outcome != Clash { // the file is there by now, with other text
		t.Errorf("root commit onto a descendant: %s", p.Outcome)
	}
}

// TestOpen: bare, linked and shallow repositories, and what is none.
func TestOpen(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	old := l.commit("old", "f", lines(9, nil))
	source := l.commit("change", "f", lines(9, map[int]string{2: "two\n"}))
	l.on(target, old)
	l.commit("own", "f", lines(9, map[int]string{8: "eight\n"}))
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	l.git("clone", "-q", "--bare", l.dir, at("bare \"é\":1.git"))
	l.git("worktree", "add", "-q", at("linked"), "master")
	l.git("clone", "-q", "--shared", l.dir, at("shared"))
	for _, d := range []string{l.dir, at("bare \"é\":1.git"), at("linked"), filepath.Join(l.dir, ".git")} {
		if p := pick(t, open(t, d), target, source); p.Outcome != Clean {
			t.Errorf("%s: %s", d, p.Outcome)
		}
	}
	if p := pick(t, open(t, at("shared")), "origin/"+target, source); p.Outcome != Clean {
		t.Errorf("shared: %s", p.Outcome)
	}
	for _, d := range []string{dir, at("none"), filepath.Join(l.dir, "f"), "--foo", ""} {
		if r, err := program(t).Open(context.Background(), d); !errors.Is(err, ErrNotRepository) && d != "" {
			t.Errorf("Open(%q) = %v, %v", d, r, err)
		}
	}
	r := l.open()
	for _, rev := range []string{"", "--foo", "-h", "no-such", "HEAD:f", "a..b", "^HEAD", "HEAD\n", strings.Repeat("1", 40), "master^{tree}"} {
		if id, err := r.Resolve(context.Background(), rev); !errors.Is(err, ErrNoCommit) {
			t.Errorf("Resolve(%q) = %q, %v", rev, id, err)
		}
	}
}

func TestPickSHA256(t *testing.T) {
	t.Parallel()
	l := newLab(t, "--object-format=sha256")
	old := l.commit("old", "f", lines(9, nil))
	source := l.commit("change", "f", lines(9, map[int]string{2: "two\n"}))
	l.on(target, old)
	l.commit("own", "f", lines(9, map[int]string{8: "eight\n"}))
	if p := pick(t, l.open(), target, source); p.Outcome != Clean || len(p.Tree) != 64 {
		t.Errorf("%s %s", p.Outcome, p.Tree)
	}
}

// TestPickIsNotConfigured: what a repository, its user or its attributes
// configure plays no part, and nothing is written to it.
func TestPickIsNotConfigured(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	old := l.commit("old", "f", "a\n", ".gitattributes", "f merge=evil\n")
	source := l.commit("change", "f", "b\n")
	l.on(target, old)
	onto := l.commit("own", "f", "c\n")
	l.git("config", "merge.evil.driver", "touch "+filepath.Join(l.dir, "was-run"))
	l.git("config", "core.fsmonitor", "touch "+filepath.Join(l.dir, "was-run"))
	l.git("replace", source, onto)
	l.git("checkout", "-q", "master")
	before := listing(t, l.dir)
	r := l.open()
	p := pick(t, r, target, source)
	if _, err := r.Build(context.Background(), p, Authoring{Name: "slipway[bot]", Email: "bot@example.org"}); err != nil {
		t.Fatal(err)
	}
	if p.Outcome != Clash || conflicts(p) != `"f" content (content)` {
		t.Errorf("%s: %s", p.Outcome, conflicts(p))
	}
	if after := listing(t, l.dir); after != before {
		t.Errorf("the repository was\n%s\nand is\n%s", before, after)
	}
	if err := r.Close(); err != nil || isDir(r.scratch) {
		t.Errorf("Close leaves %s: %v", r.scratch, err)
	}
}

// listing is every file below a directory, with size and time.
func listing(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		st, err := d.Info()
		if err == nil && !d.IsDir() {
			b.WriteString(path + " " + st.ModTime().String() + "\n")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
