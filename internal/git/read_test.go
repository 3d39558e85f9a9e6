package git

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadingARange(t *testing.T) {
	l := newLab(t)
	from := l.commit("One", "notes/a", "1", "notes/b", "1", "notes/deep/c", "1", "x", "1")
	l.commit("Two", "notes/a", gone, "notes/b", gone, "notes/deep/c", gone)
	to := l.commit("Three (#7)", "notes/a/z", "3", "notes/d", "4", "x", "2")
	repo := l.open()
	ctx := t.Context()
	dir := func(commit, name string) string {
		t.Helper()
		id, err := repo.DirOf(ctx, commit, name)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	if dir(to, "none") != "" || dir(to, "x") != "" || dir(to, "") == "" || dir(from, "notes/deep") == "" {
		t.Error("a folder is found where none is, or not where one is")
	}
	list, complete, err := repo.Differing(ctx, dir(from, "notes"), dir(to, "notes"), "notes", 10)
	if err != nil || !complete {
		t.Fatalf("%v, complete: %t", err, complete)
	}
	var got []string
	for _, c := range list {
		got = append(got, map[bool]string{true: "gone ", false: ""}[c.New == ""]+map[bool]string{true: "new ", false: ""}[c.Old == ""]+c.Path)
		if c.New == "" {
			continue
		}
		if text, err := repo.Content(ctx, c.New, 1); err != nil || len(text) != 1 {
			t.Errorf("%s is %q, %v", c.Path, text, err)
		}
	}
	if diff := cmp.Diff([]string{"gone notes/a", "new notes/a/z", "gone notes/b", "new notes/d", "gone notes/deep/c"}, got); diff != "" {
		t.Error(diff)
	}
	if _, complete, err = repo.Differing(ctx, "", dir(from, ""), "", 1); err != nil || complete {
		t.Errorf("too many: complete %t, %v", complete, err)
	}
	commits, complete, err := repo.FirstParents(ctx, from, to, 5)
	if err != nil || !complete || len(commits) != 2 || commits[0].Subject() != "Three (#7)" {
		t.Errorf("%v %t %v", commits, complete, err)
	}
	if commits, complete, err = repo.FirstParents(ctx, from, to, 1); err != nil || complete || len(commits) != 1 {
		t.Errorf("%v %t %v", commits, complete, err)
	}
	if _, _, err := repo.FirstParents(ctx, "--all", to, 1); err == nil {
		t.Error("an option is taken for a commit")
	}
}

func TestMergingTexts(t *testing.T) {
	const base = "one\ntwo\nthree\nfour\nfive\n"
	for name, tt := range map[string]struct {
		base, ours, theirs, want string
		kept                     int
	}{
		"both":       {base, "ONE\ntwo\nthree\nfour\nfive\n", base + "six\n", "ONE\ntwo\nthree\nfour\nfive\nsix\n", 0},
		"same lines": {base, "ONE\ntwo\nthree\nfour\nfive\n", "uno\ntwo\nthree\nfour\nfive\nsix\n", "ONE\ntwo\nthree\nfour\nfive\nsix\n", 1},
		"no base":    {"", "mine\n", "theirs\n", "mine\n", 1},
		"same":       {"", "x\n", "x\n", "x\n", 0},
		"unedited":   {base, base, "new\n", "new\n", 0},
	} {
		got, kept, err := program(t).MergeText(t.Context(), tt.base, tt.ours, tt.theirs)
		if err != nil || got != tt.want || kept != tt.kept {
			t.Errorf("%s: %q, %d kept, %v", name, got, kept, err)
		}
	}
}
