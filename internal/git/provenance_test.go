package git

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// start is a repository with an old commit that both branches have, and later
// history on master; the release branch is checked out by onRelease.
func start(t *testing.T) *lab {
	l := newLab(t)
	l.commit("old", "f", lines(40, nil), "g", lines(10, nil), "bin", "\x00one", "sh", "echo\n")
	l.git("branch", target)
	return l
}

// onRelease goes on on the release branch, with an own commit first.
func (l *lab) onRelease(files ...string) (base string) {
	l.t.Helper()
	l.git("checkout", "-q", "-f", target)
	if len(files) == 0 {
		return l.git("rev-parse", "HEAD")
	}
	return l.commit("own of the branch", files...)
}

// both commits files that both branches have.
func (l *lab) both(files ...string) {
	l.t.Helper()
	l.commit("on both", files...)
	l.git("branch", "-f", target)
}

// claimed makes claims of commits.
func claimed(commits ...string) []provenance.Claim {
	var all []provenance.Claim
	for _, c := range commits {
		all = append(all, provenance.Claim{Commit: c, By: provenance.ByReference})
	}
	return all
}

// prove asks about a head on a merge base.
func prove(t *testing.T, l *lab, q provenance.Question) provenance.Finding {
	t.Helper()
	q.Base, q.Source = target, "master"
	f, err := proveHere(context.Background(), l.open(), q)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// proveHere asks a repository that has all it needs.
func proveHere(ctx context.Context, r *Repository, q provenance.Question) (provenance.Finding, error) {
	h, err := r.history(ctx, q)
	if err != nil {
		return provenance.Finding{}, err
	}
	return h.Prove(ctx, q, time.Time{})
}

// shortened is the commit that a phrase names.
var shortened = regexp.MustCompile(`by [0-9a-f]{8}$`)

// told is a finding in a few words; commits are named by their subjects.
func told(l *lab, f provenance.Finding) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s", f.Verdict)
	name := func(c provenance.Claim) string {
		if out, err := l.try("show", "-s", "--format=%s", c.Commit); err == nil {
			return strings.TrimSpace(out)
		}
		return "?"
	}
	for _, s := range f.Sources {
		fmt.Fprintf(&b, " <%s by %s>", name(s), s.By)
	}
	for _, d := range f.Beyond {
		fmt.Fprintf(&b, " %q+%d-%d@%d", d.Path, d.Lines, d.Left, d.Line)
	}
	for _, p := range f.Passed {
		fmt.Fprintf(&b, " not <%s>: %s", name(p.Claim), shortened.ReplaceAllString(p.Why, "by "))
	}
	return b.String()
}

// TestProve: what changes come to, by how they were made.
func TestProve(t *testing.T) {
	changed := map[int]string{20: "new\n"}
	for name, tc := range map[string]struct {
		make func(l *lab) provenance.Question
		want string
	}{
		"exact": {func(l *lab) provenance.Question {
			s := l.commit("src", "f", lines(40, changed))
			base := l.onRelease("f", lines(40, map[int]string{1: "own\n"}))
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, map[int]string{1: "own\n", 20: "new\n"})), Claims: claimed(s)}
		}, "exact <src by reference>"},
		"a new file in a directory that the branch renamed": {func(l *lab) provenance.Question {
			l.both("d/a", lines(9, nil))
			s := l.commit("src", "d/n", lines(5, nil))
			base := l.onRelease("d/a", gone, "e/a", lines(9, nil))
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "e/n", lines(5, nil)), Claims: claimed(s)}
		}, "exact <src by reference>"},
		"a new file in a directory that the branch renamed, with another line": {func(l *lab) provenance.Question {
			l.both("d/a", lines(9, nil))
			s := l.commit("src", "d/n", lines(5, nil))
			base := l.onRelease("d/a", gone, "e/a", lines(9, nil))
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "e/n", lines(5, map[int]string{3: "other\n"})), Claims: claimed(s)}
		}, `adapted <src by reference> "e/n"+1-1@3`},
		"equivalent by other lines around": {func(l *lab) provenance.Question {
			s := l.commit("src", "f", lines(40, changed))
			base := l.onRelease("f", lines(40, map[int]string{21: "own\n"})) // right beside it: git doesn't merge that
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, map[int]string{20: "new\n", 21: "own\n"})), Claims: claimed(s)}
		}, "equivalent <src by reference>"},
		"the same lines with nothing around them the same": {func(l *lab) provenance.Question {
			s := l.commit("src", "f", lines(40, changed))
			base := l.onRelease("f", lines(40, map[int]string{17: "o\n", 18: "o\n", 19: "o\n", 21: "o\n", 22: "o\n", 23: "o\n"}))
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, map[int]string{17: "o\n", 18: "o\n", 19: "o\n", 20: "new\n", 21: "o\n", 22: "o\n", 23: "o\n"})), Claims: claimed(s)}
		}, `adapted <src by reference> "f"+2-0@20`},
		"the same lines with nothing below the same": {func(l *lab) provenance.Question {
			s := l.commit("src", "f", lines(40, changed))
			base := l.onRelease("f", lines(40, map[int]string{21: "o\n", 22: "o\n", 23: "o\n"}))
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, map[int]string{20: "new\n", 21: "o\n", 22: "o\n", 23: "o\n"})), Claims: claimed(s)}
		}, `adapted <src by reference> "f"+1-0@20`},
		"the same lines with nothing above the same": {func(l *lab) provenance.Question {
			s := l.commit("src", "f", lines(40, changed))
			base := l.onRelease("f", lines(40, map[int]string{17: "o\n", 18: "o\n", 19: "o\n"}))
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, map[int]string{17: "o\n", 18: "o\n", 19: "o\n", 20: "new\n"})), Claims: claimed(s)}
		}, `adapted <src by reference> "f"+1-0@20`},
		"the same lines at the end of a file that is shorter here": {func(l *lab) provenance.Question {
			s := l.commit("src", "f", lines(40, changed))
			base := l.onRelease("f", lines(20, nil))
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(20, changed)), Claims: claimed(s)}
		}, "equivalent <src by reference>"},
		"the same lines elsewhere in the file": {func(l *lab) provenance.Question {
			s := l.commit("src", "f", lines(40, map[int]string{20: "line 20\nadded\n"}))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, map[int]string{30: "line 30\nadded\n"})), Claims: claimed(s)}
		}, `adapted <src by reference> "f"+1-0@31`},
		"the same lines beside another bracket": {func(l *lab) provenance.Question {
			block := func(a, b string) string { return "one {\n" + a + "}\n1\n2\n3\n4\ntwo {\n" + b + "}\n" }
			l.commit("blocks", "blocks", block("x\n", "x\n"))
			l.git("branch", "-f", target)
			s := l.commit("src", "blocks", block("x\nguard\n", "x\n"))
			base := l.onRelease("blocks", block("y\n", "y\n"))
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "blocks", block("y\n", "y\nguard\n")), Claims: claimed(s)}
		}, `adapted <src by reference> "blocks"+1-0@10`},
		"adapted": {func(l *lab) provenance.Question {
			s := l.commit("src", "f", lines(40, map[int]string{20: "a\nb\nc\nd\n"}))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, map[int]string{20: "a\nb\nother\nd\n"})), Claims: claimed(s)}
		}, `adapted <src by reference> "f"+1-1@22`},
		"adapted by a file more, and one left out": {func(l *lab) provenance.Question {
			s := l.commit("src", "f", lines(40, map[int]string{20: "a\nb\nc\nd\n"}), "extra", "x\n")
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, map[int]string{20: "a\nb\nc\nd\n"}), "more", "y\n"), Claims: claimed(s)}
		}, `adapted <src by reference> "extra"+0-1@0 "more"+1-0@1`},
		"outweighed": {func(l *lab) provenance.Question {
			s := l.commit("src", "f", lines(40, changed))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, changed), "more", "1\n2\n3\n"), Claims: claimed(s)}
		}, `unrelated <src by reference> "f"+2-0@20 "more"+3-0@1`},
		"generated files don't weigh": {func(l *lab) provenance.Question {
			l.commit("attributes", ".gitattributes", "*.pb.go linguist-generated=true\n", "x.pb.go", "0\n")
			l.git("branch", "-f", target)
			s := l.commit("src", "f", lines(40, changed), "x.pb.go", "1\n")
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, changed), "x.pb.go", lines(30, nil)), Claims: claimed(s)}
		}, `adapted <src by reference> "x.pb.go"+30-1@1`},
		"attributes of its own make nothing generated": {func(l *lab) provenance.Question {
			s := l.commit("src", "f", lines(40, changed))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, changed), "x.pb.go", "1\n2\n", ".gitattributes", "*.pb.go linguist-generated\n"), Claims: claimed(s)}
		}, `unrelated <src by reference> ".gitattributes"+1-0@1 "f"+2-0@20 "x.pb.go"+2-0@1`},
		"unrelated": {func(l *lab) provenance.Question {
			s := l.commit("src", "f", lines(40, changed))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "g", "other\n"), Claims: claimed(s)}
		}, `unrelated "g"+11-0@1 not <src>: brings nothing of this change`},
		"nothing is shared by brackets": {func(l *lab) provenance.Question {
			s := l.commit("src", "f", lines(40, map[int]string{20: "line 20\nsrc {\n}\n"}))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, map[int]string{5: "line 5\nown {\n}\n"})), Claims: claimed(s)}
		}, `unrelated "f"+2-0@6 not <src>: brings nothing of this change`},
		"no claims": {func(l *lab) provenance.Question {
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "g", lines(10, map[int]string{3: "x\n"}))}
		}, `unrelated "g"+2-0@3`},
		"several sources, in whatever order they are named": {func(l *lab) provenance.Question {
			a := l.commit("a", "f", lines(40, map[int]string{20: "a\n"}))
			b := l.commit("b", "f", lines(40, map[int]string{20: "a\nb\n"}), "h", "h\n")
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, map[int]string{20: "a\nb\n"}), "h", "h\n"), Claims: claimed(b, a)}
		}, "exact <a by reference> <b by reference>"},
		"the source and one that is only mentioned": {func(l *lab) provenance.Question {
			a := l.commit("a", "f", lines(40, map[int]string{5: "a\n"}))
			b := l.commit("b", "f", lines(40, map[int]string{5: "a\n", 20: "b\n"}))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, map[int]string{20: "b\n"})), Claims: claimed(a, b)}
		}, "exact <b by reference> not <a>: brings nothing of this change"},
		"reverted": {func(l *lab) provenance.Question {
			s := l.commit("src", "f", lines(40, changed))
			l.commit("Revert \"src\"\n\nThis reverts commit "+s+".", "f", lines(40, nil))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, changed)), Claims: claimed(s), Titles: []string{"src"}, Search: true}
		}, `unrelated "f"+2-0@20 not <src>: was reverted on master by `},
		"reverted, named by its number": {func(l *lab) provenance.Question {
			s := l.commit("src (#12)", "f", lines(40, changed))
			l.commit("Undo it (#13)\n\nReverts istio/istio#12", "f", lines(40, nil))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, changed)), Claims: claimed(s)}
		}, `unrelated "f"+2-0@20 not <src (#12)>: was reverted on master by `},
		"reverted, named by its title": {func(l *lab) provenance.Question {
			s := l.commit("src (#12)", "f", lines(40, changed))
			l.commit("Revert \"src (#12)\" (#13)", "f", lines(40, nil))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, changed)), Claims: claimed(s)}
		}, `unrelated "f"+2-0@20 not <src (#12)>: was reverted on master by `},
		"reverted and the revert reverted": {func(l *lab) provenance.Question {
			s := l.commit("src", "f", lines(40, changed))
			r := l.commit("Revert \"src\"\n\nThis reverts commit "+s+".", "f", lines(40, nil))
			l.commit("Reapply \"src\"\n\nThis reverts commit "+r+".", "f", lines(40, changed))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, changed)), Claims: claimed(s)}
		}, "exact <src by reference>"},
		"reverted and merged anew": {func(l *lab) provenance.Question {
			s := l.commit("src", "f", lines(40, changed))
			l.commit("Revert\n\nThis reverts commit "+s+".", "f", lines(40, nil))
			l.commit("once more", "f", lines(40, changed))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, changed)), Claims: claimed(s)}
		}, "exact <src by reference>"},
		"reverted twice": {func(l *lab) provenance.Question {
			s := l.commit("src", "f", lines(40, changed))
			l.commit("Revert\n\nThis reverts commit "+s+".", "f", lines(40, nil))
			again := l.commit("once more", "f", lines(40, changed))
			l.commit("Revert\n\nThis reverts commit "+again+".", "f", lines(40, nil))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, changed)), Claims: claimed(s)}
		}, `unrelated "f"+2-0@20 not <src>: was reverted on master by `},
		"not merged": {func(l *lab) provenance.Question {
			l.commit("new", "g", "x\n")
			l.on("topic", "master")
			s := l.commit("src", "f", lines(40, changed))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, changed)), Claims: claimed(s)}
		}, `unrelated "f"+2-0@20 not <src>: is not on master`},
		"no such commit": {func(l *lab) provenance.Question {
			l.commit("new", "g", "x\n")
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, changed)), Claims: claimed(strings.Repeat("12", 20), "--upload-pack=x", "")}
		}, `unrelated "f"+2-0@20 not <?>: is not on master not <?>: is not on master not <?>: is not on master`},
		"from before the branches parted": {func(l *lab) provenance.Question {
			s := l.git("rev-parse", "master")
			l.commit("new", "g", "x\n")
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, changed)), Claims: claimed(s)}
		}, `unrelated "f"+2-0@20 not <old>: was on master before the branches parted`},
		"a part of a merge": {func(l *lab) provenance.Question {
			l.on("topic", "master")
			s := l.commit("part", "f", lines(40, changed))
			l.commit("rest", "g", "x\n")
			l.git("checkout", "-q", "master")
			l.clock += 60
			l.git("merge", "-q", "--no-ff", "-m", "whole", "topic")
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, changed)), Claims: claimed(s)}
		}, `unrelated "f"+2-0@20 not <part>: came to master only as a part of something larger`},
		"a merge commit": {func(l *lab) provenance.Question {
			l.on("topic", "master")
			l.commit("one", "f", lines(40, changed))
			l.commit("two", "g", "x\n")
			l.git("checkout", "-q", "master")
			l.commit("meanwhile", "m", "m\n")
			l.git("merge", "-q", "--no-ff", "-m", "whole", "topic")
			s := l.git("rev-parse", "HEAD")
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, changed), "g", "x\n"), Claims: claimed(s)}
		}, "exact <whole by reference>"},
		"a rebased range": {func(l *lab) provenance.Question {
			base0 := l.git("rev-parse", "master")
			l.commit("one", "f", lines(40, changed))
			s := l.commit("two", "g", "x\n")
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, changed), "g", "x\n"),
				Claims: []provenance.Claim{{Commit: s, Base: base0, By: provenance.ByMarker}}}
		}, "exact <two by marker>"},
		"a range that begins elsewhere": {func(l *lab) provenance.Question {
			l.on("topic", "master")
			evil := l.commit("evil", "f", lines(40, nil))
			l.git("checkout", "-q", "master")
			s := l.commit("two", "g", "x\n")
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "g", "x\n"), Claims: []provenance.Claim{{Commit: s, Base: evil}}}
		}, `unrelated "g"+11-0@1 not <two>: is a range that doesn't begin on master`},
		"a rename": {func(l *lab) provenance.Question {
			l.git("mv", "f", "moved")
			s := l.commit("src")
			base := l.onRelease("f", lines(40, map[int]string{1: "own\n"}))
			l.git("mv", "f", "moved")
			return provenance.Question{MergeBase: base, Head: l.commit("pick"), Claims: claimed(s)}
		}, "exact <src by reference>"},
		"a file that has another name here": {func(l *lab) provenance.Question {
			l.git("mv", "f", "dir-f")
			l.commit("renamed on master")
			s := l.commit("src", "dir-f", lines(40, changed))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, changed)), Claims: claimed(s)}
		}, "exact <src by reference>"},
		"a rename with more": {func(l *lab) provenance.Question {
			l.git("mv", "f", "moved")
			s := l.commit("src", "g", lines(10, map[int]string{3: "a\nb\nc\n"}))
			base := l.onRelease()
			l.git("mv", "f", "moved")
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "moved", lines(40, map[int]string{7: "more\n"}), "g", lines(10, map[int]string{3: "a\nb\nc\n"})), Claims: claimed(s)}
		}, `adapted <src by reference> "moved"+2-0@7`},
		"a rename more": {func(l *lab) provenance.Question {
			s := l.commit("src", "f", lines(40, map[int]string{20: "line 20\nadded\n"}))
			base := l.onRelease()
			l.git("mv", "f", "f_windows.go")
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f_windows.go", lines(40, map[int]string{20: "line 20\nadded\n"})), Claims: claimed(s)}
		}, `adapted <src by reference> "f_windows.go"+1-0@0`},
		"a rename to another name": {func(l *lab) provenance.Question {
			l.git("mv", "f", "f_linux.go")
			s := l.commit("src", "f_linux.go", lines(40, map[int]string{20: "a\nb\n"}))
			base := l.onRelease()
			l.git("mv", "f", "f_windows.go")
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f_windows.go", lines(40, map[int]string{20: "a\nb\n"})), Claims: claimed(s)}
		}, `adapted <src by reference> "f_windows.go"+1-0@0`},
		"a rename less": {func(l *lab) provenance.Question {
			l.git("mv", "f", "f_linux.go")
			s := l.commit("src", "f_linux.go", lines(40, changed))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, changed)), Claims: claimed(s)}
		}, `adapted <src by reference> "f"+1-0@0`},
		"a rename by several sources, with a conflict": {func(l *lab) provenance.Question {
			a := l.commit("a", "f", lines(40, changed))
			l.git("mv", "f", "moved")
			b := l.commit("b")
			base := l.onRelease("f", lines(40, map[int]string{21: "own\n"}))
			l.git("mv", "f", "moved")
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "moved", lines(40, map[int]string{20: "new\n", 21: "own\n"})), Claims: claimed(a, b)}
		}, "equivalent <a by reference> <b by reference>"},
		"binary": {func(l *lab) provenance.Question {
			s := l.commit("src", "bin", "\x00two", "g", lines(10, map[int]string{3: "x\n"}))
			base := l.onRelease("bin", "\x00own")
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "bin", "\x00two", "g", lines(10, map[int]string{3: "x\n"})), Claims: claimed(s)}
		}, "equivalent <src by reference>"},
		"another binary": {func(l *lab) provenance.Question {
			s := l.commit("src", "bin", "\x00two", "g", lines(10, map[int]string{3: "x\n"}))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "bin", "\x00evil", "g", lines(10, map[int]string{3: "x\n"})), Claims: claimed(s)}
		}, `adapted <src by reference> "bin"+1-0@0`},
		"a mode": {func(l *lab) provenance.Question {
			l.git("update-index", "--chmod=+x", "sh")
			s := l.record("src")
			l.git("checkout", "-q", "-f", "master")
			base := l.onRelease()
			l.git("update-index", "--chmod=+x", "sh")
			return provenance.Question{MergeBase: base, Head: l.record("pick"), Claims: claimed(s)}
		}, "exact <src by reference>"},
		"a mode more": {func(l *lab) provenance.Question {
			s := l.commit("src", "sh", "echo new\n")
			base := l.onRelease()
			l.commit("pick", "sh", "echo new\n")
			l.git("update-index", "--chmod=+x", "sh")
			return provenance.Question{MergeBase: base, Head: l.record("executable"), Claims: claimed(s)}
		}, `adapted <src by reference> "sh"+1-0@0`},
		"deleted, and it was another file here": {func(l *lab) provenance.Question {
			s := l.commit("src", "g", gone, "f", lines(40, changed))
			base := l.onRelease("g", lines(10, map[int]string{3: "own\n"}))
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "g", gone, "f", lines(40, changed)), Claims: claimed(s)}
		}, "equivalent <src by reference>"},
		"deleted instead of another file of that name": {func(l *lab) provenance.Question {
			l.both("samples/authz.yaml", "sample\n", "manifests/authz.yaml", "deny\n")
			s := l.commit("src", "samples/authz.yaml", gone, "g", lines(10, map[int]string{3: "a\nb\nc\n"}))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "manifests/authz.yaml", gone, "g", lines(10, map[int]string{3: "a\nb\nc\n"})), Claims: claimed(s)}
		}, `adapted <src by reference> "manifests/authz.yaml"+1-0@1 "samples/authz.yaml"+0-1@0`},
		"deleted instead of the same file that is also elsewhere": {func(l *lab) provenance.Question {
			l.both("samples/authz.yaml", "deny\n", "manifests/authz.yaml", "deny\n")
			s := l.commit("src", "samples/authz.yaml", gone, "g", lines(10, map[int]string{3: "a\nb\nc\n"}))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "manifests/authz.yaml", gone, "g", lines(10, map[int]string{3: "a\nb\nc\n"})), Claims: claimed(s)}
		}, `adapted <src by reference> "manifests/authz.yaml"+1-0@1 "samples/authz.yaml"+0-1@0`},
		"deleted where it stands elsewhere, with own lines": {func(l *lab) provenance.Question {
			l.both("manifests/x", lines(3, nil))
			l.git("mv", "manifests/x", "x")
			l.commit("moved on master")
			s := l.commit("src", "x", gone, "g", lines(10, map[int]string{3: "a\nb\nc\nd\n"}))
			base := l.onRelease("manifests/x", "own\n")
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "manifests/x", gone, "g", lines(10, map[int]string{3: "a\nb\nc\nd\n"})), Claims: claimed(s)}
		}, `adapted <src by reference> "manifests/x"+1-0@1`},
		"the same lines in another file of that name": {func(l *lab) provenance.Question {
			l.both("samples/values.yaml", lines(40, nil), "manifests/values.yaml", lines(40, nil))
			edited := lines(40, map[int]string{20: "line 20\nprivileged: true\n"})
			s := l.commit("src", "samples/values.yaml", edited, "g", lines(10, map[int]string{3: "a\n"}))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "manifests/values.yaml", edited, "g", lines(10, map[int]string{3: "a\n"})), Claims: claimed(s)}
		}, `adapted <src by reference> "manifests/values.yaml"+1-0@21 "samples/values.yaml"+0-1@0`},
		"the same lines in another file of that name, where the branch has only that one": {func(l *lab) provenance.Question {
			l.both("manifests/values.yaml", lines(40, nil))
			l.commit("new", "samples/values.yaml", lines(40, nil))
			edited := lines(40, map[int]string{20: "line 20\nprivileged: true\n"})
			s := l.commit("src", "samples/values.yaml", edited, "g", lines(10, map[int]string{3: "a\n"}))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "manifests/values.yaml", edited, "g", lines(10, map[int]string{3: "a\n"})), Claims: claimed(s)}
		}, `adapted <src by reference> "manifests/values.yaml"+1-0@21 "samples/values.yaml"+0-1@0`},
		"a file that stands elsewhere, with other lines around": {func(l *lab) provenance.Question {
			l.both("old/values.yaml", lines(40, nil))
			l.git("mv", "old/values.yaml", "values.yaml")
			l.commit("moved on master")
			s := l.commit("src", "values.yaml", lines(40, changed))
			base := l.onRelease("old/values.yaml", lines(40, map[int]string{22: "own\n"}))
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "old/values.yaml", lines(40, map[int]string{20: "new\n", 22: "own\n"})), Claims: claimed(s)}
		}, "exact <src by reference>"},
		"a file that stands elsewhere, and is too unlike for git to see it": {func(l *lab) provenance.Question {
			l.both("old/values.yaml", lines(40, nil))
			l.git("mv", "old/values.yaml", "values.yaml")
			l.commit("moved on master", "values.yaml", lines(40, nil)+strings.Repeat("more\n", 200))
			s := l.commit("src", "values.yaml", lines(40, changed)+strings.Repeat("more\n", 200))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "old/values.yaml", lines(40, changed)), Claims: claimed(s)}
		}, "equivalent <src by reference>"},
		"the lines of one file that stands elsewhere, in two": {func(l *lab) provenance.Question {
			l.both("a/values.yaml", lines(40, nil), "b/values.yaml", lines(40, nil))
			l.commit("moved on master", "a/values.yaml", gone, "b/values.yaml", gone, "values.yaml", lines(40, nil)+strings.Repeat("more\n", 200))
			s := l.commit("src", "values.yaml", lines(40, changed)+strings.Repeat("more\n", 200))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "a/values.yaml", lines(40, changed), "b/values.yaml", lines(40, changed)), Claims: claimed(s)}
		}, `adapted <src by reference> "b/values.yaml"+2-0@20`},
		"line ends": {func(l *lab) provenance.Question {
			crlf := func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }
			l.commit("crlf", "w", crlf(lines(20, nil)))
			l.git("branch", "-f", target)
			s := l.commit("src", "w", crlf(lines(20, changed)))
			base := l.onRelease("w", crlf(lines(20, map[int]string{1: "own\n"})))
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "w", crlf(lines(20, map[int]string{1: "own\n", 20: "new\n"}))), Claims: claimed(s)}
		}, "exact <src by reference>"},
		"other line ends": {func(l *lab) provenance.Question {
			s := l.commit("src", "f", lines(40, map[int]string{20: "a\nb\nc\n"}))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, map[int]string{20: "a\nb\nc\r\n"})), Claims: claimed(s)}
		}, `adapted <src by reference> "f"+1-1@22`},
		"no line feed at the end": {func(l *lab) provenance.Question {
			s := l.commit("src", "new", "a\nb\n")
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "new", "a\nb"), Claims: claimed(s)}
		}, `adapted <src by reference> "new"+1-1@2`},
		"paths that are no UTF-8, or look like a patch": {func(l *lab) provenance.Question {
			files := []string{"\xff\xfe", "x\n", "a\n@@ -1 +1 @@\n+evil", "y\n", `q"\uote`, "z\n", "tab\tbed", "t\n"}
			s := l.commit("src", files...)
			base := l.onRelease()
			files[1] = "x\nmore\n"
			return provenance.Question{MergeBase: base, Head: l.commit("pick", files...), Claims: claimed(s)}
		}, `adapted <src by reference> "\xff\xfe"+1-0@2`},
		"content that looks like a patch": {func(l *lab) provenance.Question {
			text := "diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1,9 +1,9 @@\n" + strings.Repeat("12", 20) + "\n"
			s := l.commit("src", "new", text)
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "new", text+"-- more\n"), Claims: claimed(s)}
		}, `adapted <src by reference> "new"+1-0@6`},
		"nothing": {func(l *lab) provenance.Question {
			s := l.commit("src", "f", lines(40, changed))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick"), Claims: claimed(s)}
		}, "unrelated"},
		"no merge base": {func(l *lab) provenance.Question {
			s := l.commit("src", "new", "new\n")
			l.git("checkout", "-q", "--orphan", "lone")
			l.git("rm", "-rfq", ".")
			return provenance.Question{Head: l.commit("root", "new", "new\n"), Claims: claimed(s)}
		}, "exact <src by reference>"},
		"found by its title": {func(l *lab) provenance.Question {
			l.commit("The source (#12)", "f", lines(40, changed))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, changed)), Titles: []string{"[release-1.30] The source (#13)"}, Search: true}
		}, "exact <The source (#12) by title>"},
		"found by its patch": {func(l *lab) provenance.Question {
			l.commit("bump", "g", lines(10, map[int]string{3: "2\n"}))
			l.commit("src", "f", lines(40, changed))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, changed)), Titles: []string{"other"}, Search: true}
		}, "exact <src by patch>"},
		"the title of another bump": {func(l *lab) provenance.Question {
			l.commit("Update deps (#12)", "f", lines(40, map[int]string{20: "version 2\n"}))
			base := l.onRelease("f", lines(40, map[int]string{20: "version 1\n"}))
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, map[int]string{20: "version 3\n"})), Titles: []string{"Update deps (#13)"}, Search: true}
		}, `unrelated <Update deps (#12) by title> "f"+2-0@20`},
		"no search unless asked for": {func(l *lab) provenance.Question {
			l.commit("src", "f", lines(40, changed))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, changed)), Titles: []string{"src"}}
		}, `unrelated "f"+2-0@20`},
		"much of a patch": {func(l *lab) provenance.Question {
			l.commit("src", "f", lines(40, map[int]string{20: lines(12, nil)}))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, map[int]string{20: lines(11, nil) + "own\n"})), Search: true}
		}, `adapted <src by patch> "f"+1-1@31`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := start(t)
			if got := told(l, prove(t, l, tc.make(l))); got != tc.want {
				t.Errorf("%s\nwant %s", got, tc.want)
			}
		})
	}
}

// TestProveFiles: what is told of every path of a change.
func TestProveFiles(t *testing.T) {
	l := start(t)
	l.commit("attributes", ".gitattributes", "*.gen linguist-generated\nkept.gen -linguist-generated\n", "sub/.gitattributes", "deep linguist-generated=true\n")
	l.git("branch", "-f", target)
	base := l.onRelease()
	l.git("mv", "f", "moved")
	head := l.commit("pick", "g", lines(9, nil), "bin", "\x00b", "a.gen", "1\n2\n", "kept.gen", "1\n", "sub/deep", "1\n", "moved", lines(40, map[int]string{3: "x\n"}))
	f := prove(t, l, provenance.Question{Head: head, MergeBase: base})
	var got []string
	for _, c := range f.Files {
		got = append(got, fmt.Sprintf("%s(%s)+%d-%d%v%v", c.Path, c.Was, c.Added, c.Deleted, c.Binary, c.Generated))
	}
	want := "a.gen()+2-0falsetrue bin()+0-0truefalse g()+0-1falsefalse kept.gen()+1-0falsefalse moved(f)+1-1falsefalse sub/deep()+1-0falsetrue"
	if strings.Join(got, " ") != want {
		t.Errorf("%s\nwant %s", strings.Join(got, " "), want)
	}
}

// TestProveBrought: which paths of a change each source accounts for.
func TestProveBrought(t *testing.T) {
	changed := map[int]string{20: "new\n"}
	for name, tc := range map[string]struct {
		make func(l *lab) provenance.Question
		want string
	}{
		"exact, of one": {func(l *lab) provenance.Question {
			s := l.commit("src", "f", lines(40, changed), "bin", "\x00two")
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, changed), "bin", "\x00two"), Claims: claimed(s)}
		}, `exact src["bin" "f"]`},
		"exact, of two": {func(l *lab) provenance.Question {
			a := l.commit("a", "f", lines(40, changed), "g", lines(10, map[int]string{3: "a\n"}))
			b := l.commit("b", "g", lines(10, map[int]string{3: "a\n", 9: "b\n"}), "h", "h\n")
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, changed), "g", lines(10, map[int]string{3: "a\n", 9: "b\n"}), "h", "h\n"), Claims: claimed(a, b)}
		}, `exact a["f" "g"] b["g" "h"]`},
		"both names, whoever renamed it": {func(l *lab) provenance.Question {
			a := l.commit("a", "f", lines(40, changed), "g", lines(10, map[int]string{3: "a\n"}))
			l.git("mv", "f", "moved")
			b := l.commit("b")
			base := l.onRelease("x", "own\n")
			l.git("mv", "f", "moved")
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "moved", lines(40, changed), "g", lines(10, map[int]string{3: "a\n"})), Claims: claimed(a, b)}
		}, `exact a["f" "g" "moved"] b["f" "moved"]`},
		"a file that has another name here": {func(l *lab) provenance.Question {
			l.git("mv", "f", "dir-f")
			l.commit("renamed on master")
			a := l.commit("a", "dir-f", lines(40, changed))
			b := l.commit("b", "g", lines(10, map[int]string{3: "b\n"}))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, changed), "g", lines(10, map[int]string{3: "b\n"})), Claims: claimed(a, b)}
		}, `exact a["f"] b["g"]`},
		"a binary file that has another name here": {func(l *lab) provenance.Question {
			l.git("mv", "bin", "dir-bin")
			l.commit("renamed on master")
			a := l.commit("a", "dir-bin", "\x00two", "f", lines(40, changed))
			b := l.commit("b", "g", lines(10, map[int]string{3: "b\n"}))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "bin", "\x00two", "f", lines(40, changed), "g", lines(10, map[int]string{3: "b\n"})), Claims: claimed(a, b)}
		}, `exact a["bin" "f"] b["g"]`},
		"a file that has another name here, and nothing that tells": {func(l *lab) provenance.Question {
			l.git("mv", "f", "dir-f")
			l.commit("renamed on master")
			a := l.commit("a", "dir-f", lines(40, map[int]string{20: "line 20\n}\n"}), "h", "h\n")
			b := l.commit("b", "g", lines(10, map[int]string{3: "b\n"}))
			base := l.onRelease("f", lines(40, map[int]string{1: "own\n"}))
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, map[int]string{1: "own\n", 20: "line 20\n}\n"}), "h", "h\n", "g", lines(10, map[int]string{3: "b\n"})), Claims: claimed(a, b)}
		}, `exact a["f" "g" "h"] b["g"]`},
		"lines that another source moved into another file": {func(l *lab) provenance.Question {
			a := l.commit("a", "f", lines(40, changed))
			b := l.commit("b", "f", gone, "short", "new\n", "other", "b\n")
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", gone, "short", "new\n", "other", "b\n"), Claims: claimed(b, a)}
		}, `exact a["f" "short"] b["f" "other" "short"]`},
		"adapted: what is beyond is nobody's, what was left out nowhere": {func(l *lab) provenance.Question {
			s := l.commit("src", "f", lines(40, map[int]string{20: "a\nb\nc\nd\n"}), "extra", "x\n")
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, map[int]string{20: "a\nb\nc\nd\nown\n"}), "more", "y\n"), Claims: claimed(s)}
		}, `adapted src["f"]`},
		"unrelated": {func(l *lab) provenance.Question {
			s := l.commit("src", "f", lines(40, changed))
			base := l.onRelease()
			return provenance.Question{MergeBase: base, Head: l.commit("pick", "f", lines(40, changed), "more", "1\n2\n3\n"), Claims: claimed(s)}
		}, `unrelated`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := start(t)
			f := prove(t, l, tc.make(l))
			got := string(f.Verdict)
			for _, s := range f.Sources {
				if paths, ok := f.Brought[s.Commit]; ok {
					got += fmt.Sprintf(" %s%q", l.git("show", "-s", "--format=%s", s.Commit), paths)
				}
			}
			if got != tc.want {
				t.Errorf("%s\nwant %s", got, tc.want)
			}
		})
	}
}

// TestProveShows: the difference of two patches, as people read it, bounded.
func TestProveShows(t *testing.T) {
	l := start(t)
	s := l.commit("src", "f", lines(40, map[int]string{20: "a\nb\nc\nd\n"}))
	base := l.onRelease()
	head := l.commit("pick", "f", lines(40, map[int]string{20: "a\nb\nother\x1b\xff\nd\n"}))
	f := prove(t, l, provenance.Question{Head: head, MergeBase: base, Claims: claimed(s)})
	if want := "-+c\n++other\x1b?\n"; len(f.Beyond) != 1 || f.Beyond[0].Text != want {
		t.Errorf("%+v, want %q", f.Beyond, want)
	}
	long := l.commit("long", "f", lines(5000, nil))
	f = prove(t, l, provenance.Question{Head: long, MergeBase: base, Claims: claimed(s)})
	if n := strings.Count(f.Beyond[0].Text, "\n"); n != maxShown+1 || !strings.Contains(f.Beyond[0].Text, "more lines") {
		t.Errorf("%d lines: %s", n, f.Beyond[0].Text)
	}
}

// TestProveUnreadable: what nobody can answer is an error that says so.
func TestProveUnreadable(t *testing.T) {
	l := start(t)
	s := l.commit("src", "f", "x\n")
	base := l.onRelease()
	head := l.commit("pick", "f", "x\n")
	ctx := context.Background()
	var missing *MissingError
	if _, err := proveHere(ctx, l.open(), provenance.Question{Head: strings.Repeat("12", 20), MergeBase: base, Source: "master"}); !errors.As(err, &missing) {
		t.Errorf("no head: %v", err)
	}
	if _, err := proveHere(ctx, l.open(), provenance.Question{Head: head, MergeBase: base, Source: "nowhere"}); !errors.Is(err, ErrNoCommit) {
		t.Errorf("no source branch: %v", err)
	}
	shallow := filepath.Join(t.TempDir(), "shallow")
	l.git("clone", "-q", "--bare", "--no-single-branch", "--depth=1", "file://"+l.dir, shallow)
	var lacks *HistoryError
	if _, err := proveHere(ctx, open(t, shallow), provenance.Question{Head: head, MergeBase: head, Source: "master", Claims: claimed(s)}); !errors.As(err, &lacks) || !lacks.Shallow {
		t.Errorf("shallow: %v", err)
	}
}

// TestQuestion: what history alone tells about a commit, as it was then.
func TestQuestion(t *testing.T) {
	ctx := context.Background()
	l := start(t)
	s := l.commit("The source (#12)", "f", lines(40, map[int]string{20: "new\n"}))
	base := l.onRelease()
	pick := l.commit("[release-1.30] Manual cherrypick of #12 (#13)\n\n* The source (#12)\n\n* lint", "f", lines(40, map[int]string{20: "new\n"}))
	l.git("checkout", "-q", "master")
	l.commit("Revert \"The source (#12)\" (#14)\n\nThis reverts commit "+s+".", "f", lines(40, nil))
	late := l.commit("Late (#15)", "g", "late\n")
	l.onRelease()
	again := l.commit("Once more (#12) (#16)", "f", lines(40, map[int]string{20: "newer\n"}))
	r := l.open()
	h, err := r.LocalHistory(ctx, "master", again)
	if err != nil {
		t.Fatal(err)
	}
	q, asOf, err := h.Question(ctx, pick)
	if err != nil || q.MergeBase != base || len(q.Claims) != 1 || q.Claims[0].Commit != s || asOf.Unix() != int64(1_700_000_000+3*60) {
		t.Fatalf("%+v, %v, %v", q, asOf, err)
	}
	f, err := h.Prove(ctx, q, asOf)
	if got := told(l, f); err != nil || got != "exact <The source (#12) by reference>" || len(f.Later) != 1 {
		t.Errorf("then: %s, %+v, %v", got, f.Later, err)
	}
	if f, err = h.Prove(ctx, q, time.Time{}); err != nil || f.Verdict != provenance.Unrelated || !strings.Contains(f.Passed[0].Why, "was reverted") {
		t.Errorf("now: %s, %v", told(l, f), err)
	}
	q.Claims = claimed(late)
	if f, err = h.Prove(ctx, q, asOf); err != nil || !strings.Contains(f.Passed[0].Why, "came to master only later") {
		t.Errorf("too late: %s, %v", told(l, f), err)
	}
	since, err := r.Since(ctx, again, h)
	if err != nil || strings.Join(since, " ") != pick+" "+again {
		t.Errorf("since: %v, %v", since, err)
	}
	if on, err := h.Has(ctx, s); !on || err != nil {
		t.Errorf("the source is on its branch: %v, %v", on, err)
	}
	if _, err := os.Stat(filepath.Join(l.dir, ".git", "refs", "picks")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something was written: %v", err)
	}
}
