package git

import (
	"context"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/provenance"
)

const ci = ".github/workflows/ci.yml"

// TestPickWithout holds what a pick leaves out, and that the target keeps what it has there.
func TestPickWithout(t *testing.T) {
	t.Parallel()
	out := []string{".github/workflows/**"}
	for _, tc := range []struct {
		name                 string
		old, theirs, ours    []string
		outcome              Outcome
		conflicts, left      string
		file, holds, removed string
	}{
		{name: "nothing to leave", old: []string{"f", "a\n", ci, "1\n"}, theirs: []string{"f", "b\n"}, outcome: Clean, file: "f", holds: "b\n"},
		{name: "some", old: []string{"f", "a\n", ci, "1\n"}, theirs: []string{"f", "b\n", ci, "2\n"}, outcome: Clean, left: ci, file: ci, holds: "1\n"},
		{name: "a conflict there is none", old: []string{"f", "a\n", ci, "1\n"}, theirs: []string{"f", "b\n", ci, "2\n"}, ours: []string{ci, "3\n"},
			outcome: Clean, left: ci, file: ci, holds: "3\n"},
		{name: "one elsewhere stays", old: []string{"f", "a\n", ci, "1\n"}, theirs: []string{"f", "b\n", ci, "2\n"}, ours: []string{"f", "c\n", ci, "3\n"},
			outcome: Clash, conflicts: `"f" content (content)`, left: ci, file: ci, holds: "3\n"},
		{name: "all", old: []string{"f", "a\n", ci, "1\n"}, theirs: []string{ci, "2\n"}, outcome: Nothing, left: ci, file: ci, holds: "1\n"},
		{name: "the rest is there", old: []string{"f", "a\n", ci, "1\n"}, theirs: []string{"f", "b\n", ci, "2\n"}, ours: []string{"f", "b\n"},
			outcome: Empty, left: ci, file: ci, holds: "1\n"},
		{name: "a new file in a new directory", old: []string{"f", "a\n"}, theirs: []string{"f", "b\n", ci, "2\n"}, outcome: Clean, left: ci, file: "f", holds: "b\n", removed: ci},
		{name: "a deleted one stays", old: []string{"f", "a\n", ci, "1\n"}, theirs: []string{"f", "b\n", ci, gone}, outcome: Clean, left: ci, file: ci, holds: "1\n"},
		{name: "renamed into it is deleted", old: []string{"f", lines(9, nil), "g", "g\n"}, theirs: []string{"f", gone, ci, lines(9, nil)},
			outcome: Clean, left: ci, file: "g", holds: "g\n", removed: "f"},
		{name: "renamed out of it is added", old: []string{"g", "g\n", ci, lines(9, nil)}, theirs: []string{ci, gone, "f", lines(9, nil)},
			outcome: Clean, left: ci, file: ci, holds: lines(9, nil)},
		{name: "renamed within it", old: []string{"g", "g\n", ci, lines(9, nil)}, theirs: []string{ci, gone, ".github/workflows/x.yml", lines(9, nil)},
			outcome: Nothing, left: ci + " .github/workflows/x.yml", file: ci, holds: lines(9, nil)},
		{name: "where the target has moved it", old: []string{"f", lines(9, nil), "g", "g\n"}, theirs: []string{"f", lines(9, map[int]string{2: "two\n"}), "g", "h\n"},
			ours: []string{"f", gone, ci, lines(9, nil)}, outcome: Clean, left: ci, file: ci, holds: lines(9, nil)},
		{name: "a file for the directory", old: []string{"f", "a\n", ci, "1\n"}, theirs: []string{"f", "b\n", ci, gone, ".github/workflows", "x\n"},
			outcome: Clean, left: ".github/workflows", file: ci, holds: "1\n"},
		{name: "names beside it", old: []string{".github/workflows.md", "a\n", ci, "1\n", ".github/a", "a\n"}, theirs: []string{".github/workflows.md", "b\n", ci, "2\n", ".github/workflows-x/y", "y\n"},
			outcome: Clean, left: ci, file: ".github/workflows.md", holds: "b\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := newLab(t)
			old := l.commit("old", tc.old...)
			source := l.commit("change", tc.theirs...)
			l.on(target, old)
			tip := l.commit("target's own", tc.ours...)
			r, ctx := l.open(), context.Background()
			p, err := r.PickWithout(ctx, tip, target, out, Source{Commit: source})
			if err != nil {
				t.Fatal(err)
			}
			if p.Outcome != tc.outcome || conflicts(p) != tc.conflicts || strings.Join(p.Left, " ") != tc.left {
				t.Errorf("outcome %s without %q, with\n%s\nwant %s without %q, with\n%s", p.Outcome, p.Left, conflicts(p), tc.outcome, tc.left, tc.conflicts)
			}
			if got := text(t, r, p.Tree, tc.file); got != tc.holds {
				t.Errorf("%s holds\n%s\nwant\n%s", tc.file, got, tc.holds)
			}
			if _, err := r.local(ctx, nil, "cat-file", "-e", p.Tree+":"+tc.removed); tc.removed != "" && err == nil {
				t.Errorf("%s is there", tc.removed)
			}
			if _, err := r.local(ctx, nil, "fsck", "--strict", "--no-dangling"); err != nil {
				t.Error(err)
			}
			first, err := r.Build(ctx, p, Authoring{Name: "slipway", Email: "s@example.com"})
			if err != nil || (len(first) == 0) != (tc.outcome == Empty || tc.outcome == Nothing) {
				t.Fatalf("built %q, %v", first, err)
			}
			l.faithful(r, tc.outcome, tip, source, first)
		})
	}
}

// faithful holds a pick to the proof that asks for it: with the same patterns it is exact.
func (l *lab) faithful(r *Repository, outcome Outcome, tip, source string, made []string) {
	l.t.Helper()
	if outcome != Clean {
		return
	}
	q := provenance.Question{Base: target, Source: "master", Head: made[0], MergeBase: tip, Claims: claimed(source), LeaveOut: []string{".github/workflows/**"}}
	f, err := proveHere(context.Background(), r, q)
	if err != nil || f.Verdict != provenance.Exact {
		l.t.Errorf("it is %s, %v: %+v", f.Verdict, err, f.Beyond)
	}
}
