package git

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// starts counts what is started of git, by its subcommands; what git starts by
// itself isn't counted.
func starts(t *testing.T) (p *Program, since func() []string) {
	file := filepath.Join(t.TempDir(), "starts")
	p = wrapped(t, fmt.Sprintf("[ $PPID = %d ] && echo \"$1 $3\" >>%s\nexec GIT \"$@\"\n", os.Getpid(), file))
	return p, func() []string {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(file, 0); err != nil {
			t.Fatal(err)
		}
		var all []string
		for line := range strings.Lines(string(text)) {
			f := strings.Fields(line)
			if f[0] == "-c" {
				f = f[1:]
			}
			all = append(all, f[0])
		}
		slices.Sort(all)
		return all
	}
}

// TestStartsOfAQuestion holds how often git is started to find out where a push
// to a pull request comes from.
func TestStartsOfAQuestion(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	p, since := starts(t)
	caches := filepath.Join(t.TempDir(), "caches")
	open := func() *Cache {
		c, err := p.NewCache(caches, plenty)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	cache := open()
	h.on("master", "master")
	picked := lines(60, map[int]string{1: "file 11\n", 20: "three\n", 25: "lines\n", 30: "picked\n"})
	source := h.commit("The source (#7)", "dir/f11", picked, "x.gen", "made\n")
	h.on(target, target)
	base := h.commit("attributes", ".gitattributes", "*.gen linguist-generated\n")
	h.on("topic", base)
	q := provenance.Question{Base: target, Source: "master", MergeBase: base, Claims: claimed(source), Search: true, Titles: []string{"The source"}}
	ask := func(what, want string, verdict provenance.Verdict) provenance.Finding {
		t.Helper()
		q.Head = h.git("rev-parse", "HEAD")
		h.git("push", "-q", "-f", h.bare, "HEAD:refs/heads/topic", "master", target)
		f, err := cache.Prove(t.Context(), repoID, Access{URL: h.server.URL + "/o/r.git", Token: h.token}, q)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if got := strings.Join(since(), " "); got != want || f.Verdict != verdict {
			t.Errorf("%s: %s, by %q, want %s by %q", what, f.Verdict, got, verdict, want)
		}
		return f
	}

	// The third fetch is for .gitattributes.
	approved := h.commit("pick", "dir/f11", picked, "x.gen", "made\n")
	ask("opened, with a cache that has nothing", "cat-file check-attr diff-tree fetch fetch fetch merge-tree", provenance.Exact)
	h.commit("more", "dir/f11", strings.Replace(picked, "picked", "picked by hand", 1), "x.gen", "made\n")
	ask("a push", "cat-file diff-tree fetch", provenance.Adapted)
	q.Earlier = []provenance.Point{{Commit: approved, MergeBase: base}}
	h.commit("and more", "dir/f11", strings.Replace(picked, "picked", "picked again", 1), "x.gen", "made\n")
	if f := ask("a push after an approval", "cat-file diff-tree fetch", provenance.Adapted); !slices.Equal(f.Moved[approved].Paths, []string{"dir/f11"}) {
		t.Errorf("moved: %+v", f.Moved)
	}
	h.on("master", "master")
	h.commit("master goes on", "deep/er/y", "z\n")
	h.git("checkout", "-q", "topic")
	h.commit("once more", "dir/f11", picked, "x.gen", "made\n")
	ask("a push that takes it back, after the source branch went on", "cat-file fetch", provenance.Exact)
	h.on(target, target)
	q.MergeBase = h.commit("target goes on", "deep/er/x", "ours again\n")
	h.git("checkout", "-q", "topic")
	h.git("merge", "-q", "-m", "update", target)
	f := ask("an update", "cat-file diff-tree fetch merge-tree merge-tree", provenance.Exact)
	if want := []string{h.git("rev-parse", "HEAD")}; !slices.Equal(f.Updates, want) || len(f.Moved[approved].Paths) > 0 {
		t.Errorf("updates: %v, want %v; moved: %+v", f.Updates, want, f.Moved)
	}
	cache = open() // as after a restart: what is on disk is fetched no more
	if again := ask("the same, remembered nowhere", "cat-file check-attr diff-tree fetch merge-tree merge-tree", provenance.Exact); !reflect.DeepEqual(f, again) {
		t.Errorf("%+v, want %+v", again, f)
	}
}
