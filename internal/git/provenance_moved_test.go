package git

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// TestMoved: what has changed in a pull request since somebody approved it.
func TestMoved(t *testing.T) {
	own := func(changed map[int]string) string {
		changed[30] = "own\n"
		return lines(40, changed)
	}
	// Each makes history after an approved commit on topic, which changed line 30
	// of f and added n, and leaves the new head checked out.
	for name, tc := range map[string]struct {
		make    func(l *lab, approved string) (mergeBase string)
		ignored bool // the last commit
		want    string
	}{
		"nothing": {func(*lab, string) string { return "" }, false, ""},
		"a commit": {func(l *lab, _ string) string {
			l.commit("more", "f", own(map[int]string{1: "x\n"}), "p", "x\n")
			return ""
		}, false, "f p"},
		"a commit that is undone again": {func(l *lab, _ string) string {
			l.commit("more", "f", own(map[int]string{1: "x\n"}))
			l.commit("less", "f", own(map[int]string{}))
			return ""
		}, false, ""},
		"an ignored commit": {func(l *lab, _ string) string {
			l.commit("more", "f", own(map[int]string{1: "x\n"}))
			return ""
		}, true, ""},
		"an ignored commit after another": {func(l *lab, _ string) string {
			l.commit("evil", "p", "x\n")
			l.commit("more", "f", own(map[int]string{1: "x\n"}))
			return ""
		}, true, "p"},
		"a rename": {func(l *lab, _ string) string {
			l.git("mv", "n", "m")
			l.commit("renamed")
			return ""
		}, false, "m n"},
		"white space alone": {func(l *lab, _ string) string {
			l.commit("indented", "f", strings.Replace(own(map[int]string{}), "own\n", "\town\n", 1))
			return ""
		}, false, "f"},
		"a mode": {func(l *lab, _ string) string {
			l.git("update-index", "--chmod=+x", "n")
			l.record("executable")
			return ""
		}, false, "n"},
		"an update by a merge": {func(l *lab, _ string) string {
			l.on(target, target)
			base := l.commit("base goes on", "f", lines(40, map[int]string{2: "base\n"}), "g", "base\n")
			l.git("checkout", "-q", "topic")
			l.git("merge", "-q", "-m", "update", target)
			return base
		}, false, ""},
		"an update by a merge with edits": {func(l *lab, _ string) string {
			l.on(target, target)
			base := l.commit("base goes on", "f", lines(40, map[int]string{2: "base\n"}), "g", "base\n")
			l.git("checkout", "-q", "topic")
			l.git("merge", "-q", "--no-commit", target)
			l.commit("update", "f", own(map[int]string{2: "base\n", 3: "evil\n"}), "p", "evil\n")
			return base
		}, false, "f p"},
		"an update with a conflict": {func(l *lab, _ string) string {
			l.on(target, target)
			base := l.commit("base goes on", "f", lines(40, map[int]string{30: "base\n"}))
			l.git("checkout", "-q", "topic")
			_, _ = l.try("merge", "-q", target) // it conflicts
			l.commit("update", "f", own(map[int]string{}))
			return base
		}, false, "f"},
		"a merge of something that isn't the base branch's": {func(l *lab, approved string) string {
			l.on("evil", approved+"~1")
			l.commit("evil", "f", lines(40, map[int]string{2: "evil\n"}), "p", "evil\n")
			l.git("checkout", "-q", "topic")
			l.git("merge", "-q", "-m", "update", "evil")
			return ""
		}, false, "f p"},
		"a merge that takes the base branch's side": {func(l *lab, _ string) string {
			l.on(target, target)
			base := l.commit("base goes on", "g", "base\n")
			l.git("checkout", "-q", "topic")
			l.git("merge", "-q", "-s", "ours", "-m", "update", target)
			return base
		}, false, "g"},
		"rebased, the same patch": {func(l *lab, approved string) string {
			l.on(target, target)
			base := l.commit("base goes on", "f", lines(40, map[int]string{2: "base\nbase\n"}))
			l.git("checkout", "-q", "-B", "topic", base)
			l.commit("again", "f", own(map[int]string{2: "base\nbase\n"}), "n", "new\n")
			return base
		}, false, ""},
		"rebased, white space changed": {func(l *lab, approved string) string {
			l.on(target, target)
			base := l.commit("base goes on", "f", lines(40, map[int]string{2: "base\nbase\n"}))
			l.git("checkout", "-q", "-B", "topic", base)
			l.commit("again", "f", strings.Replace(own(map[int]string{2: "base\nbase\n"}), "own\n", "own \n", 1), "n", "new\n")
			return base
		}, false, "f"},
		"rebased, other lines around": {func(l *lab, approved string) string {
			l.on(target, target)
			base := l.commit("base goes on", "f", lines(40, map[int]string{29: "base\n"}))
			l.git("checkout", "-q", "-B", "topic", base)
			l.commit("again", "f", own(map[int]string{29: "base\n"}), "n", "new\n")
			return base
		}, false, "f"},
		"rebased, the same lines between the same lines elsewhere": {func(l *lab, approved string) string {
			l.on(target, target)
			base := l.commit("base goes on", "again", "base\n"+strings.Repeat("a\nb\nc\n", 14))
			l.git("checkout", "-q", "-B", "topic", base)
			l.commit("again", "f", own(map[int]string{}), "n", "new\n", "again", "base\n"+strings.Repeat("a\nb\nc\n", 5)+"x\n"+strings.Repeat("a\nb\nc\n", 9))
			return base
		}, false, "again"},
		"amended": {func(l *lab, approved string) string {
			l.on("topic", approved+"~1")
			l.commit("again", "f", own(map[int]string{}), "n", "newer\n")
			return ""
		}, false, "n"},
		"a file dropped": {func(l *lab, approved string) string {
			l.on("topic", approved+"~1")
			l.commit("again", "f", own(map[int]string{}))
			return ""
		}, false, "n"},
		"the same lines between the same lines, elsewhere": {func(l *lab, approved string) string {
			l.on("topic", approved+"~1")
			l.commit("again", "f", own(map[int]string{}), "n", "new\n", "again", strings.Repeat("a\nb\nc\n", 5)+"x\n"+strings.Repeat("a\nb\nc\n", 9))
			return ""
		}, false, "again"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := start(t)
			l.git("checkout", "-q", target)
			base := l.commit("repeats", "again", strings.Repeat("a\nb\nc\n", 14))
			l.git("checkout", "-q", "-b", "topic")
			approved := l.commit("pick", "f", own(map[int]string{}), "n", "new\n", "again", map[bool]string{
				true: strings.Repeat("a\nb\nc\n", 9) + "x\n" + strings.Repeat("a\nb\nc\n", 5), false: strings.Repeat("a\nb\nc\n", 14)}[strings.Contains(name, "elsewhere")])
			q := provenance.Question{MergeBase: base, Earlier: []provenance.Point{{Commit: approved, MergeBase: base}}}
			if now := tc.make(l, approved); now != "" {
				q.MergeBase = now
			}
			q.Head = l.git("rev-parse", "HEAD")
			if tc.ignored {
				q.Ignored = []string{q.Head}
			}
			for range 2 { // also where the earlier merge base isn't known
				m := prove(t, l, q).Moved[approved]
				if got := strings.Join(m.Paths, " "); got != tc.want || m.Unknown != "" {
					t.Errorf("moved: %q (unknown: %s), want %q", got, m.Unknown, tc.want)
				}
				q.Earlier[0].MergeBase = ""
			}
		})
	}
}

// TestMovedUnknown: what can't be had is unknown, which counts as everything.
func TestMovedUnknown(t *testing.T) {
	l := start(t)
	base := l.onRelease()
	approved := l.commit("pick", "f", "x\n")
	l.on("evil", base)
	l.commit("evil", "p", "evil\n")
	l.commit("more evil", "p", "more\n")
	l.git("checkout", "-q", "--detach", approved)
	l.git("merge", "-q", "-m", "update", "evil")
	head := l.git("rev-parse", "HEAD")
	gone := strings.Repeat("12", 20)
	f := prove(t, l, provenance.Question{Head: head, MergeBase: base, Earlier: []provenance.Point{{Commit: gone}, {Commit: "--all"}}})
	for _, id := range []string{gone, "--all"} {
		if m := f.Moved[id]; !strings.Contains(m.Unknown, "can't be had any more") {
			t.Errorf("%s: %+v", id, m)
		}
	}
	// Where history is cut off between, a merge could hide what it brought.
	shallow := filepath.Join(t.TempDir(), "shallow")
	l.git("update-ref", "refs/heads/pr", head)
	l.git("clone", "-q", "--bare", "--no-single-branch", "file://"+l.dir, shallow)
	l.git("--git-dir", shallow, "fetch", "-q", "--depth=2", "file://"+l.dir, "pr")
	r := open(t, shallow)
	m, err := r.moved(context.Background(), provenance.Question{Head: head, MergeBase: base, Earlier: []provenance.Point{{Commit: approved, MergeBase: base}}})
	if got := m[approved]; err != nil || got.Unknown == "" && strings.Join(got.Paths, " ") != "p" {
		t.Errorf("cut off: %+v, %v", got, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := r.moved(ctx, provenance.Question{Head: head, Earlier: []provenance.Point{{Commit: approved}}}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
