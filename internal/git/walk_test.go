package git

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// tangle is a repository of so many commits with merges, several roots and
// commits of one second, each of which changes a file or two.
func tangle(t *testing.T, rnd *rand.Rand, n int) (*lab, []string) {
	l := newLab(t)
	var in strings.Builder
	when := 1_700_000_000
	paths := []string{"a", "b.go", "d/a", "d/e/f", "d.x", "d0", "g/h/i/j"}
	for i := 1; i <= n; i++ {
		when += rnd.IntN(3) // often none
		fmt.Fprintf(&in, "commit refs/heads/c%d\nmark :%d\ncommitter Ann <ann@example.org> %d +0000\ndata 2\nc\n", i, i, when)
		if i > 1 && rnd.IntN(12) > 0 {
			first := 1 + rnd.IntN(min(i-1, 5)) // one of the last few
			fmt.Fprintf(&in, "from :%d\n", i-first)
			for range rnd.IntN(3) {
				fmt.Fprintf(&in, "merge :%d\n", 1+rnd.IntN(i-1))
			}
		}
		for range 1 + rnd.IntN(2) {
			path := paths[rnd.IntN(len(paths))]
			switch rnd.IntN(6) {
			case 0:
				fmt.Fprintf(&in, "D %s\n", path)
			case 1: // a file where a directory may be, or the other way round
				fmt.Fprintf(&in, "M 100755 inline d\ndata 2\n%d\n", rnd.IntN(10))
			default:
				fmt.Fprintf(&in, "M 100644 inline %s\ndata 2\n%d\n", path, rnd.IntN(10))
			}
		}
		in.WriteString("\n")
	}
	cmd := exec.Command("git", "fast-import", "--quiet", "--force")
	cmd.Dir, cmd.Stdin = l.dir, strings.NewReader(in.String())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var ids []string
	for i := 1; i <= n; i++ {
		ids = append(ids, fmt.Sprintf("refs/heads/c%d", i))
	}
	return l, strings.Fields(l.git(append([]string{"rev-parse"}, ids...)...))
}

// TestWalkIsGits: in histories of any shape the walk finds what git finds, and
// the trees differ where git sees them differ.
func TestWalkIsGits(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		rnd := rand.New(rand.NewPCG(7, seed))
		l, ids := tangle(t, rnd, 40)
		r := l.open()
		for range 12 {
			a, b := ids[rnd.IntN(len(ids))], ids[rnd.IntN(len(ids))]
			said, gone := l.try("merge-base", a, b)
			if base, err := r.mergeBase(t.Context(), a, b); err != nil || base != strings.TrimSpace(said) || gone != nil && base != "" {
				t.Errorf("seed %d: %s and %s met at %q, %v; git says %q", seed, a, b, base, err, said)
			}
			_, none := l.try("merge-base", "--is-ancestor", b, a)
			if before, err := r.ancestor(t.Context(), b, a); err != nil || before != (none == nil) {
				t.Errorf("seed %d: %s is before %s: %t, %v", seed, b, a, before, err)
			}
			w, err := r.walk(t.Context(), a, b)
			if err != nil {
				t.Fatal(err)
			}
			var own, first []string
			for _, c := range w.own {
				own = append(own, c.ID)
			}
			list, cut := w.firstParents(a, 100)
			for _, c := range list {
				first = append(first, c.ID)
			}
			want := strings.Fields(l.git("rev-list", a, "^"+b))
			slices.Sort(own)
			slices.Sort(want)
			if !slices.Equal(own, want) || cut {
				t.Errorf("seed %d: of %s alone, not of %s: %v, want %v", seed, a, b, own, want)
			}
			if want := strings.Fields(l.git("rev-list", "--first-parent", a, "^"+b)); !slices.Equal(first, want) {
				t.Errorf("seed %d: first parents of %s, not of %s: %v, want %v", seed, a, b, first, want)
			}
			differ, err := r.sides(t.Context(), a, b)
			if err != nil {
				t.Fatal(err)
			}
			var lines []string
			for path, s := range differ {
				old, now := s.old, s.new
				for _, e := range []*entry{&old, &now} {
					if e.id == "" {
						*e = entry{"000000", strings.Repeat("0", 40)}
					}
				}
				lines = append(lines, fmt.Sprintf(":%s %s %s %s\t%s", old.mode, now.mode, old.id, now.id, path))
			}
			slices.Sort(lines)
			var raw []string
			for line := range strings.Lines(l.git("diff-tree", "-r", "--raw", "--no-abbrev", "--no-renames", a, b)) {
				head, path, _ := strings.Cut(strings.TrimSpace(line), "\t")
				raw = append(raw, head[:strings.LastIndex(head, " ")]+"\t"+path)
			}
			slices.Sort(raw)
			if !slices.Equal(lines, raw) {
				t.Errorf("seed %d: between %s and %s:\n%s\nwant\n%s", seed, a, b, strings.Join(lines, "\n"), strings.Join(raw, "\n"))
			}
		}
	}
}

// TestWalkWithWrongClocks: a commit that says it is older than its parents is
// still before what comes after it.
func TestWalkWithWrongClocks(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	root := l.commit("root")
	l.clock -= 10_000_000
	early := l.commit("early")
	l.clock += 20_000_000
	l.git("branch", "other")
	tip := l.commit("tip")
	l.on("other", early)
	other := l.commit("other")
	r := l.open()
	w, err := r.walk(t.Context(), tip, other)
	if err != nil || len(w.own) != 1 || w.own[0].ID != tip {
		t.Errorf("%v, %+v", err, w)
	}
	if base, err := r.mergeBase(t.Context(), root, other); err != nil || base != root {
		t.Errorf("%s, %v", base, err)
	}
}

// TestMemoryIsBounded: what is kept never takes more than it may, and an error
// isn't kept.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	var m memory
	made := 0
	get := func(key string, bytes int, err error) {
		if _, got := remember(&m, key, func(int) int { return bytes }, func() (int, error) { made++; return made, err }); !errors.Is(got, err) {
			t.Errorf("%s: %v", key, got)
		}
		if m.bytes > maxMemory {
			t.Fatalf("%d bytes", m.bytes)
		}
	}
	for i := range 10 {
		get(fmt.Sprint(i), maxMemory/4, nil)
	}
	get("9", 0, nil)
	if made != 10 {
		t.Errorf("made %d times, want 10", made)
	}
	get("huge", maxMemory, nil)
	get("huge", maxMemory, nil)
	get("broken", 1, errTooFar)
	get("broken", 1, nil)
	if made != 14 {
		t.Errorf("made %d times, want 14", made)
	}
}
