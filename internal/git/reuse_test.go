package git

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// TestReuse holds which conflicts are the same as one that people resolved elsewhere.
func TestReuse(t *testing.T) {
	t.Parallel()
	at := func(changed ...any) string { // 20 lines, some of them changed
		m := map[int]string{}
		for i := 0; i < len(changed); i += 2 {
			m[changed[i].(int)] = changed[i+1].(string)
		}
		return lines(20, m)
	}
	both := at(3, "three\n", 15, "fifteen\n")
	for _, tc := range []struct {
		name              string
		old, theirs       string // the file before the change, and after it
		there, made, here string // on the other branch, what people made of it there, and on the target
		places, left      int
		holds, holdsNot   string
	}{
		{name: "the same", theirs: at(3, "theirs\n"), there: at(3, "ours\n"), made: at(3, "made\n"), here: at(3, "ours\n"), places: 1, holds: at(3, "made\n")},
		{name: "other things around it", theirs: at(3, "theirs\n"), there: at(3, "ours\n", 10, "there\n"), made: at(3, "made\n", 10, "there\n"), here: at(3, "ours\n", 17, "here\n"),
			places: 1, holds: at(3, "made\n", 17, "here\n")},
		{name: "what goes with it elsewhere in the file", theirs: at(3, "theirs\n"), there: at(3, "ours\n"), made: at(3, "made\n", 19, "with it\n"), here: at(3, "ours\n"),
			places: 1, holds: at(3, "made\n", 19, "with it\n")},
		{name: "what goes with it can't be had", theirs: at(3, "theirs\n"), there: at(3, "ours\n"), made: at(3, "made\n", 19, "with it\n"), here: at(3, "ours\n", 19, "own\n")},
		{name: "another", theirs: at(3, "theirs\n"), there: at(3, "ours\n"), made: at(3, "made\n"), here: at(3, "others\n")},
		{name: "one of two", theirs: both, there: at(3, "ours\n", 15, "there\n"), made: at(3, "made\n", 15, "made, too\n"), here: at(3, "ours\n", 15, "here\n"),
			places: 1, left: 1, holds: "line 2\nmade\nline 4\n", holdsNot: "made, too"},
		{name: "both", theirs: both, there: at(3, "ours\n", 15, "there\n"), made: at(3, "made\n", 15, "made, too\n"), here: at(3, "ours\n", 15, "there\n"), places: 2,
			holds: at(3, "made\n", 15, "made, too\n")},
		{name: "no conflict there", theirs: at(3, "theirs\n"), there: at(10, "x\n"), made: at(3, "theirs\n", 10, "x\n"), here: at(3, "ours\n")},
		{name: "markers are left there", theirs: both, there: at(3, "ours\n", 15, "ours\n"), made: at(3, "made\n", 15, "<<<<<<< release-1.31\nx\n=======\ny\n>>>>>>> SOURCE\n"), here: at(3, "ours\n")},
		{name: "the file is gone there", theirs: at(3, "theirs\n"), there: at(3, "ours\n"), made: gone, here: at(3, "ours\n")},
		{name: "nothing would be left", theirs: at(3, "theirs\n"), there: at(3, "ours\n"), made: at(3, "ours\n"), here: at(3, "ours\n")},
		{name: "a line between the sides that is none", theirs: at(3, "theirs\n=======\nmore\n"), there: at(3, "ours\n"), made: at(3, "made\n"), here: at(3, "ours\n")},
		{name: "line ends", old: "a\r\nb\r\nc\r\n", theirs: "a\r\ntheirs\r\nc\r\n", there: "a\r\nours\r\nc\r\n", made: "a\r\nmade\r\nc\r\n", here: "a\r\nours\r\nc\r\n", places: 1, holds: "a\r\nmade\r\nc\r\n"},
		{name: "no line end", old: "a\nb", theirs: "a\ntheirs", there: "a\nours", made: "a\nmade", here: "a\nours", places: 1, holds: "a\nmade"},
		{name: "a fixture with markers", old: at(10, "<<<<<<< HEAD\n=======\n>>>>>>> x\n"), theirs: at(3, "theirs\n", 10, "<<<<<<< HEAD\n=======\n>>>>>>> x\n"),
			there: at(3, "ours\n", 10, "<<<<<<< HEAD\n=======\n>>>>>>> x\n"), made: at(3, "made\n", 10, "<<<<<<< HEAD\n=======\n>>>>>>> x\n"),
			here: at(3, "ours\n", 10, "<<<<<<< HEAD\n=======\n>>>>>>> x\n"), places: 1, holds: at(3, "made\n", 10, "<<<<<<< HEAD\n=======\n>>>>>>> x\n")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			if tc.old == "" {
				tc.old = at()
			}
			const file = "pilot/pkg/f"
			old := l.commit("old", file, tc.old, "pilot/g", "g\n")
			source := l.commit("change", file, tc.theirs)
			l.on("release-1.31", old)
			before := l.commit("there", file, tc.there)
			made := l.commit("resolved", file, strings.ReplaceAll(tc.made, "SOURCE", source[:shortID]))
			l.on(target, old)
			l.commit("here", file, tc.here)
			r := l.open()
			p := pick(t, r, target, source)
			if p.Outcome != Clash {
				t.Fatalf("it doesn't conflict: %s", p.Outcome)
			}
			got, reused, err := r.Reuse(context.Background(), p, target, Resolved{"release-1.31", before, made})
			if err != nil {
				t.Fatal(err)
			}
			if got.Outcome != Clash || len(got.Conflicts) != 1 {
				t.Errorf("%s with %d conflicts", got.Outcome, len(got.Conflicts))
			}
			if tc.places == 0 {
				if len(reused) > 0 || got.Tree != p.Tree {
					t.Errorf("%+v", reused)
				}
				return
			}
			if len(reused) != 1 || reused[0].Places != tc.places || reused[0].Left != tc.left || reused[0].Path != file || !strings.HasPrefix(reused[0].Diff, "@@ ") {
				t.Fatalf("%+v", reused)
			}
			now := text(t, r, got.Tree, file)
			if !strings.Contains(now, tc.holds) || tc.left == 0 && now != tc.holds || tc.holdsNot != "" && strings.Contains(now, tc.holdsNot) {
				t.Errorf("it holds\n%s", now)
			}
			if n := strings.Count(now, "<<<<<<< release-1.30\n"); n != tc.left {
				t.Errorf("%d conflicts are left in\n%s", n, now)
			}
			if text(t, r, got.Tree, "pilot/g") != "g\n" || p.Steps[0].Tree == got.Tree {
				t.Error("another file, or the pick that was given, has changed")
			}
		})
	}
}

// TestReuseFetches: a cache gets what it needs of another branch, and the same again gives the
// same commit.
func TestReuseFetches(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	h.git("checkout", "-q", h.clash)
	h.on("release-1.31", h.onto)
	before := h.commit("there", "deep/z", "z\n")
	made := h.commit("resolved", "deep/er/x", "made\n")
	for range 20 {
		h.commit("more", "deep/z", fmt.Sprint(h.clock))
	}
	h.git("push", "-q", h.bare, "release-1.31")
	for _, size := range []int64{1 << 30, 0} {
		c, ids := h.cache(size), ""
		for range 2 {
			err := c.Use(context.Background(), h.need("", h.clash), func(ctx context.Context, r *Repository, onto string) error {
				p, err := r.Pick(ctx, onto, target, Source{Commit: h.clash})
				if err != nil {
					return err
				}
				p, reused, err := r.Reuse(ctx, p, target, Resolved{"release-1.31", before, made})
				if err != nil || len(reused) != 1 {
					return fmt.Errorf("%d, %w", len(reused), err)
				}
				made, err := r.Build(ctx, p, bot)
				if ids != "" && ids != strings.Join(made, " ") {
					t.Error("another commit")
				}
				ids = strings.Join(made, " ")
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}
