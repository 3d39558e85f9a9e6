package git

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestDisputed(t *testing.T) {
	t.Parallel()
	hunks := func(spans ...span) []hunk {
		var all []hunk
		for _, s := range spans {
			all = append(all, hunk{old: s})
		}
		return all
	}
	for _, tc := range []struct {
		name         string
		theirs, ours []hunk
		want         []span
	}{
		{"the same line", hunks(span{5, 5}), hunks(span{5, 5}), []span{{5, 5}}},
		{"neighbours", hunks(span{5, 5}), hunks(span{6, 9}), []span{{6, 6}}},
		{"far apart", hunks(span{5, 5}), hunks(span{7, 9}), nil},
		{"within", hunks(span{5, 8}), hunks(span{1, 20}), []span{{4, 9}}},
		{"joined", hunks(span{5, 5}, span{7, 7}), hunks(span{1, 20}), []span{{4, 8}}},
	} {
		if got := disputed(tc.theirs, tc.ours); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}

// TestSpansBack maps lines of a new file to the old one, through this diff:
// line 3 became 3 and 4; one line came after 7 and is 9; 9 to 12 went away
// after 10; 20 and 21 were changed line by line into 18 and 19.
func TestSpansBack(t *testing.T) {
	t.Parallel()
	hunks := parseHunks("--- a\n+++ b\n@@ -3 +3,2 @@ x\n-@@ -1 +1 @@\n@@ -7,0 +9 @@\n+b\n@@ -9,4 +10,0 @@\n@@ -20,2 +18,2 @@\n")
	for _, tc := range []struct {
		new, old span
		touched  bool
		gone     bool
	}{
		{new: span{1, 2}, old: span{1, 2}},
		{new: span{2, 3}, old: span{2, 3}, touched: true},
		{new: span{4, 4}, old: span{3, 3}, touched: true},
		{new: span{5, 6}, old: span{4, 5}},
		{new: span{8, 9}, old: span{7, 7}, touched: true},
		{new: span{9, 9}, touched: true, gone: true},
		{new: span{10, 10}, old: span{8, 8}},
		{new: span{10, 11}, old: span{8, 13}, touched: true},
		{new: span{11, 12}, old: span{13, 14}},
		{new: span{19, 19}, old: span{21, 21}, touched: true},
		{new: span{30, 31}, old: span{32, 33}},
	} {
		old, touched := back([]span{tc.new}, hunks)
		if touched != tc.touched || len(old) == 0 != tc.gone || !tc.gone && old[0] != tc.old {
			t.Errorf("%v: %v, touched %t; want %v, %t", tc.new, old, touched, tc.old, tc.touched)
		}
	}
}

// story is a source branch with commits that a conflicted pick could wait for.
type story struct {
	*lab
	old, source      string
	needed, earlier  string // touch the same line, in this order backwards
	deleted          string // deleted a line beside another disputed one
	elsewhere        string // touches the file, far away
	otherFile, added string
}

func newStory(t *testing.T) *story {
	s := &story{lab: newLab(t)}
	was := map[int]string{}
	file := func(n int, text string) string { was[n] = text; return lines(40, was) }
	s.old = s.commit("old", "f", lines(40, nil), "g", "g\n")
	s.earlier = s.commit("earlier (#11)", "f", file(10, "earlier\n"))
	s.needed = s.commit("needed (#12)", "f", file(10, "needed\n"))
	s.elsewhere = s.commit("elsewhere", "f", file(25, "elsewhere\n"))
	s.deleted = s.commit("deleted", "f", file(35, ""))
	s.otherFile = s.commit("another file", "g", "h\n")
	s.added = s.commit("added", "new", "1\n")
	was[34], was[10] = "34 source\n", "source\n"
	s.source = s.commit("source", "f", lines(40, was), "new", "2\n")
	return s
}

func (s *story) subjects(search Search) (string, bool, error) {
	r := s.open()
	p := pick(s.t, r, target, s.source)
	if p.Outcome != Clash {
		s.t.Fatalf("outcome %s", p.Outcome)
	}
	found, more, err := r.Prerequisites(context.Background(), p, search)
	var all []string
	for _, f := range found {
		all = append(all, f.Subject+": "+strings.Join(f.Paths, " "))
	}
	return strings.Join(all, "\n"), more, err
}

func TestPrerequisites(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	for _, tc := range []struct {
		name   string
		target func()
		want   string
	}{
		{"lines, a deleted line and a new file", func() {}, "added: new\ndeleted: f\nneeded (#12): f\nearlier (#11): f"},
		{"picked with its trailer, in other words", func() {
			s.git("cherry-pick", s.added)
			s.commit("by hand\n\n(cherry picked from commit "+s.deleted+")\n", "f", lines(40, map[int]string{35: "", 36: "other\n"}))
		}, "needed (#12): f\nearlier (#11): f"},
		{"picked, to the letter", func() { s.git("cherry-pick", s.added, s.earlier, s.deleted) }, "needed (#12): f"},
		{"contained by other means", func() {
			s.git("cherry-pick", s.added, s.deleted)
			s.commit("all at once", "f", lines(40, map[int]string{10: "earlier\n", 35: "", 3: "own\n"}))
		}, "needed (#12): f"},
		{"the target's own doing", func() {
			s.git("cherry-pick", s.added, s.earlier, s.needed, s.deleted)
			s.commit("own", "f", lines(40, map[int]string{10: "own\n", 35: ""}))
		}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s.on(target, s.old)
			tc.target()
			got, more, err := s.subjects(Search{})
			if err != nil || more || got != tc.want {
				t.Errorf("%v (more: %t)\n%s\nwant\n%s", err, more, got, tc.want)
			}
		})
	}
	s.on(target, s.old)
	if got, more, err := s.subjects(Search{Most: 2}); err != nil || !more || got != "added: new\ndeleted: f" {
		t.Errorf("two at most: %v (more: %t)\n%s", err, more, got)
	}
	if got, more, err := s.subjects(Search{Within: time.Nanosecond}); err != nil || !more || got != "" {
		t.Errorf("no time: %v (more: %t)\n%s", err, more, got)
	}
}

// TestPrerequisitesAfterRename: the file has another name on the target.
func TestPrerequisitesAfterRename(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	s.on(target, s.old)
	s.commit("rename", "f", gone, "dir/renamed", lines(40, nil))
	got, _, err := s.subjects(Search{})
	if want := "added: new\ndeleted: dir/renamed\nneeded (#12): dir/renamed\nearlier (#11): dir/renamed"; err != nil || got != want {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
}

// TestPrerequisitesWithoutHistory: a clone that lacks the history says so; it
// never names commits that it only guesses.
func TestPrerequisitesWithoutHistory(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	s.on(target, s.old)
	onto := s.commit("own", "g", "own\n")
	s.git("config", "uploadpack.allowFilter", "true")
	s.git("config", "uploadpack.allowAnySHA1InWant", "true")
	for _, tc := range []struct {
		name    string
		clone   []string
		shallow bool
	}{
		{"shallow", []string{"--depth=2", "--no-single-branch"}, true},
		{"partial", []string{"--filter=blob:limit=10", "--no-checkout"}, false},
	} {
		dir := filepath.Join(t.TempDir(), "clone")
		s.git(append([]string{"clone", "-q", "--bare", "file://" + s.dir, dir}, slices.DeleteFunc(tc.clone, func(a string) bool { return a == "--no-checkout" })...)...)
		// What the merge needs is there.
		s.git("-C", dir, "fetch", "-q", "--depth=1000", "origin", "master")
		if tc.shallow {
			s.git("-C", dir, "fetch", "-q", "--depth=2", "origin", "master", target)
		}
		for _, rev := range []string{s.source, s.source + "^", onto} {
			s.git("-C", dir, "archive", "-o", filepath.Join(t.TempDir(), "a.tar"), rev)
		}
		r := open(t, dir)
		p, err := r.Pick(context.Background(), onto, target, Source{Commit: s.source})
		if err != nil {
			t.Fatal(tc.name, err)
		}
		found, _, err := r.Prerequisites(context.Background(), p, Search{})
		var history *HistoryError
		if !errors.As(err, &history) || history.Shallow != tc.shallow || !tc.shallow && len(history.Missing) == 0 || len(found) > 0 {
			t.Errorf("%s: %v, found %v", tc.name, err, found)
		}
	}
}
