package git

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/git/gittest"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// hub is a served repository with a target and changes to pick.
type hub struct {
	*lab
	server  *gittest.Server
	bare    string
	token   string
	onto    string
	sources []string // each changes a file of its own
	clash   string
}

const repoID = 4711

func newHub(t *testing.T) *hub {
	// Not a token of anybody: made up for each run.
	h := &hub{lab: newLab(t), token: "tok" + strings.Repeat("en", 10) + "=&%"}
	var files []string
	for i := range 12 {
		files = append(files, fmt.Sprintf("dir/f%d", i), lines(60, map[int]string{1: fmt.Sprintf("file %d\n", i)}))
	}
	old := h.commit("old", append(files, "deep/er/x", "x\n")...)
	h.commit("history", "deep/er/y", "y\n")
	for i := range 10 {
		h.sources = append(h.sources, h.commit(fmt.Sprintf("change %d", i), fmt.Sprintf("dir/f%d", i), lines(60, map[int]string{1: fmt.Sprintf("file %d\n", i), 30: "picked\n"})))
	}
	h.clash = h.commit("clash", "deep/er/x", "theirs\n")
	h.on(target, old)
	for i := range 10 {
		files[2*i+1] = strings.Replace(files[2*i+1], "line 50\n", "own\n", 1)
	}
	h.onto = h.commit("own", append(files, "deep/er/x", "ours\n")...)
	root := t.TempDir()
	h.bare = filepath.Join(root, "o", "r.git")
	h.git("clone", "-q", "--bare", h.dir, h.bare)
	if err := gittest.Configure(h.bare); err != nil {
		t.Fatal(err)
	}
	server, err := gittest.Serve(root, h.token)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	h.server = server
	return h
}

func (h *hub) cache(max int64) *Cache {
	h.t.Helper()
	c, err := program(h.t).NewCache(filepath.Join(h.t.TempDir(), "caches"), max)
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

func (h *hub) need(onto string, commits ...string) Need {
	n := Need{RepoID: repoID, Access: Access{URL: h.server.URL + "/o/r.git", Token: h.token}, Target: target, Onto: onto}
	for _, c := range commits {
		n.Sources = append(n.Sources, Source{Commit: c})
	}
	return n
}

var bot = Authoring{Name: "slipway[bot]", Email: "bot@example.org"}

// carry is what the handler will do: pick, build, push. It returns the outcome
// and the pushed commit.
func (h *hub) carry(c *Cache, n Need, to release.Branch) (Pick, string, error) {
	var p Pick
	var id string
	err := c.Use(context.Background(), n, func(ctx context.Context, r *Repository, onto string) error {
		var err error
		if p, err = r.Pick(ctx, onto, n.Target.String(), n.Sources...); err != nil {
			return err
		}
		ids, err := r.Build(ctx, p, bot)
		if err != nil || len(ids) == 0 || to == "" {
			return err
		}
		id = ids[len(ids)-1]
		return r.Push(ctx, id, to, "")
	})
	return p, id, err
}

func (h *hub) mustCarry(c *Cache, n Need, to release.Branch) (Pick, string) {
	h.t.Helper()
	p, id, err := h.carry(c, n, to)
	if err != nil {
		h.t.Fatal(err)
	}
	return p, id
}

// served is a ref of the served repository.
func (h *hub) served(ref string) string {
	out, err := h.try("--git-dir", h.bare, "rev-parse", "--verify", "--quiet", ref)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(out)
}

const plenty = 1 << 30

// TestCarry: from nothing to a pushed branch, and again.
func TestCarry(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	c := h.cache(plenty)
	p, id := h.mustCarry(c, h.need("", h.sources[0], h.sources[1]), "cherry-pick-1-to-release-1.30")
	if p.Outcome != Clean || p.Onto != h.onto || h.served("refs/heads/cherry-pick-1-to-release-1.30") != id {
		t.Errorf("%s onto %s, pushed %s", p.Outcome, p.Onto, id)
	}
	l := h.open()
	if whole := pick(t, l, target, h.sources[0], h.sources[1]); whole.Tree != p.Tree {
		t.Errorf("the cache merges to %s, the whole repository to %s", p.Tree, whole.Tree)
	}
	h.git("--git-dir", h.bare, "fsck", "--strict", "--connectivity-only")
	if kept := h.cacheFiles(c, ".pack"); kept == 0 {
		t.Error("nothing is kept")
	}

	// The target's head is known and everything is here: nobody is asked.
	before := h.server.Requests.Load()
	if again, _ := h.mustCarry(c, h.need(h.onto, h.sources[0]), ""); again.Outcome != Clean || h.server.Requests.Load() != before {
		t.Errorf("%s after %d requests", again.Outcome, h.server.Requests.Load()-before)
	}
	if p, _ := h.mustCarry(c, h.need("", h.clash), ""); p.Outcome != Clash || conflicts(p) != `"deep/er/x" content (content)` {
		t.Errorf("%s: %s", p.Outcome, conflicts(p))
	}

	// After a crash between push and pull request: the same commit again.
	if _, again := h.mustCarry(c, h.need("", h.sources[0], h.sources[1]), "cherry-pick-1-to-release-1.30"); again != id {
		t.Errorf("pushed %s, then %s", id, again)
	}
	if _, again := h.mustCarry(h.cache(plenty), h.need("", h.sources[0], h.sources[1]), "cherry-pick-1-to-release-1.30"); again != id {
		t.Errorf("pushed %s, then from another machine %s", id, again)
	}
}

// TestCarryFollowsRenames: what the merge needs beyond what was fetched for it,
// git fetches itself, with the token.
func TestCarryFollowsRenames(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	h.commit("rename", "dir/f0", gone, "elsewhere/renamed", lines(60, map[int]string{1: "file 0\n", 50: "own\n"}))
	h.git("push", "-q", h.bare, "HEAD:"+target)
	p, id := h.mustCarry(h.cache(plenty), h.need("", h.sources[0]), "renamed")
	if p.Outcome != Clean || h.served("renamed") != id {
		t.Fatalf("%s: %s", p.Outcome, conflicts(p))
	}
	if got := h.git("--git-dir", h.bare, "show", "renamed:elsewhere/renamed"); !strings.Contains(got, "picked\n") || !strings.Contains(got, "own\n") {
		t.Errorf("the file holds\n%s", got)
	}
}

// TestCacheLacksHistory: prerequisites are not guessed from what is there, but
// found once the history was fetched, however long ago the branches met.
func TestCacheLacksHistory(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	for name, since := range map[string]int{"days": 3, "a year": 400, "a decade": 4000} {
		old := h.commit("old "+name, "p", lines(30, nil), "q", name)
		h.clock += since * 24 * 60 * 60
		was := map[int]string{10: "needed\n"}
		h.on("master", old)
		needed := h.commit("needed", "p", lines(30, was))
		for i := range 5 {
			was[25+i] = "elsewhere\n"
			h.commit("elsewhere", "p", lines(30, was))
		}
		was[10] = "source\n"
		source := h.commit("source", "p", lines(30, was))
		h.on(target, old)
		h.commit("own", "q", "q\n")
		h.commit("own", "q", "qq\n")
		h.git("push", "-q", "-f", h.bare, "master", target)

		uses := 0
		err := h.cache(plenty).Use(context.Background(), h.need("", source), func(ctx context.Context, r *Repository, onto string) error {
			uses++
			p, err := r.Pick(ctx, onto, target, Source{Commit: source})
			if err != nil || p.Outcome != Clash {
				t.Errorf("%s, %v", p.Outcome, err)
			}
			var history *HistoryError
			if _, _, err := r.Prerequisites(ctx, p, Search{}); !errors.As(err, &history) || !history.Shallow {
				t.Errorf("%s: %v, without history", name, err)
			}
			if err := r.Deepen(ctx, p); err != nil {
				return err
			}
			found, more, err := r.Prerequisites(ctx, p, Search{})
			if err != nil || more || len(found) != 1 || found[0].Commit != needed {
				t.Errorf("%s: found %v (more: %t), %v", name, found, more, err)
			}
			before := h.server.Requests.Load()
			if err := r.Deepen(ctx, p); err != nil || h.server.Requests.Load() != before {
				t.Errorf("%s: %d more requests, %v", name, h.server.Requests.Load()-before, err)
			}
			return nil
		})
		var history *HistoryError
		if met := since < 4000; met && err != nil || !met && (!errors.As(err, &history) || !history.Shallow) || uses != 1 {
			t.Errorf("%s: %v, after %d uses", name, err, uses)
		}
	}
}

// TestCalledOffFetch: a fetch that is killed leaves nothing that hinders the next.
func TestCalledOffFetch(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	c := h.cache(plenty)
	for _, part := range []string{"info/refs", "git-upload-pack"} {
		ctx, cancel := context.WithCancel(context.Background())
		h.server.OnRequest(func(r *http.Request) int {
			if strings.HasSuffix(r.URL.Path, part) {
				cancel()
			}
			return 0
		})
		err := c.Use(ctx, h.need("", h.sources[0]), func(context.Context, *Repository, string) error { return nil })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", part, err)
		}
	}
	h.server.OnRequest(nil)
	if p, _ := h.mustCarry(c, h.need("", h.sources[0]), ""); p.Outcome != Clean {
		t.Errorf("%s", p.Outcome)
	}
}

// cacheFiles counts files of a cache whose name ends so.
func (h *hub) cacheFiles(c *Cache, suffix string) int {
	n := 0
	err := filepath.WalkDir(c.dir, func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, suffix) {
			n++
		}
		return err
	})
	if err != nil {
		h.t.Error(err)
	}
	return n
}

// TestCarryMovedTarget: somebody merges between the fetch and the push, and the
// cache stays small.
func TestCarryMovedTarget(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	c := h.cache(plenty)
	n := h.need("", h.sources[2])
	err := c.Use(context.Background(), n, func(ctx context.Context, r *Repository, onto string) error {
		p, err := r.Pick(ctx, onto, target, n.Sources...)
		if err != nil {
			return err
		}
		ids, err := r.Build(ctx, p, bot)
		if err != nil {
			return err
		}
		h.commit("merged meanwhile", "deep/er/z", "z\n")
		h.git("push", "-q", h.bare, "HEAD:"+target)
		before := h.server.Sent.Load()
		if err := r.Push(ctx, ids[0], "moved/branch", ""); err != nil {
			return err
		}
		if sent := h.server.Sent.Load() - before; sent > 4000 {
			t.Errorf("the push fetched %d bytes", sent)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if p, _ := h.mustCarry(c, n, ""); p.Onto != h.served(target) {
		t.Errorf("picked onto %s, the target is at %s", p.Onto, h.served(target))
	}
}

func TestCacheRefusals(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	c := h.cache(plenty)
	with := func(change func(*Need)) Need {
		n := h.need("", h.sources[0])
		change(&n)
		return n
	}
	var large error = &TooLargeError{}
	unreachable := strings.Replace(h.server.URL, "http://", "http://nobody:secretword@", 1)
	for name, tc := range map[string]struct {
		need Need
		want error
	}{
		"no branch":        {with(func(n *Need) { n.Target = "release-9.9" }), ErrNoBranch},
		"no commit":        {with(func(n *Need) { n.Sources[0].Commit = strings.Repeat("12", 20) }), ErrNoCommit},
		"no onto":          {with(func(n *Need) { n.Onto = strings.Repeat("12", 20) }), ErrNoCommit},
		"wrong token":      {with(func(n *Need) { n.Access.Token = "wrong" }), ErrDenied},
		"no token":         {with(func(n *Need) { n.Access.Token = "" }), ErrDenied},
		"no repository":    {with(func(n *Need) { n.Access.URL = h.server.URL + "/o/none.git" }), ErrDenied},
		"no server":        {with(func(n *Need) { n.Access.URL = "http://127.0.0.1:1/o/r.git" }), ErrUnreachable},
		"option as target": {with(func(n *Need) { n.Target = "--upload-pack=x" }), nil},
		"option as commit": {with(func(n *Need) { n.Sources[0].Commit = "--foo" }), nil},
		"another protocol": {with(func(n *Need) { n.Access.URL = "ext::sh -c date" }), nil},
		"a file":           {with(func(n *Need) { n.Access.URL = "file://" + h.bare }), nil},
		"a user":           {with(func(n *Need) { n.Access.URL = unreachable + "/o/r.git" }), nil},
		"too many files":   {with(func(n *Need) { n.Sources[0].Base, n.Most = h.sources[9], 26 }), large},
		"no id":            {with(func(n *Need) { n.RepoID = 0 }), nil},
	} {
		_, _, err := h.carry(c, tc.need, "")
		if err == nil || tc.want == large && !isTooLarge(err) || tc.want != nil && tc.want != large && !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
		if err != nil && (strings.Contains(err.Error(), h.token) || strings.Contains(err.Error(), "secretword")) {
			t.Errorf("%s: the error tells a secret: %v", name, err)
		}
	}
	h.mustCarry(c, h.need("", h.sources[0]), "") // none of it hurt
	h.mustCarry(c, with(func(n *Need) { n.Sources[0].Base, n.Most = h.sources[9], 27 }), "")
}

// TestTenAtOnce: picks at once, of one repository, of the same commit and of
// others, by two caches over one directory, as two processes have them.
func TestTenAtOnce(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	caches := []*Cache{h.cache(plenty), nil}
	other, err := program(t).NewCache(caches[0].dir, plenty)
	if err != nil {
		t.Fatal(err)
	}
	caches[1] = other
	ids := make([]string, 10)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			source := h.sources[i/2] // each twice
			p, id, err := h.carry(caches[i%2], h.need("", source), release.Branch(fmt.Sprintf("pick-%d", i/2)))
			if err != nil || p.Outcome != Clean {
				t.Errorf("%d: %s, %v", i, p.Outcome, err)
			}
			ids[i] = id
		})
	}
	wg.Wait()
	for i, id := range ids {
		if id != ids[i/2*2] || h.served(fmt.Sprintf("refs/heads/pick-%d", i/2)) != id {
			t.Errorf("%d: pushed %s, its twin %s, served %s", i, id, ids[i/2*2], h.served(fmt.Sprintf("refs/heads/pick-%d", i/2)))
		}
	}
	h.git("--git-dir", h.bare, "fsck", "--strict", "--connectivity-only")
	if n := h.cacheFiles(caches[0], ".git"); n != 1 {
		t.Errorf("%d repositories", n)
	}
	if left, err := os.ReadDir(filepath.Join(caches[0].path(repoID, repoSuffix), "uses")); err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}

// TestDamagedCache: whatever is broken, the next pick is right, and the one
// after that is quick again.
func TestDamagedCache(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	each := func(c *Cache, suffix string, do func(path string)) {
		n := 0
		err := filepath.WalkDir(c.path(repoID, repoSuffix), func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && strings.HasSuffix(path, suffix) {
				do(path)
				n++
			}
			return nil
		})
		if n == 0 || err != nil {
			t.Fatalf("no %s in the cache, %v", suffix, err)
		}
	}
	write := func(path, text string) {
		if err := errors.Join(os.Chmod(path, 0o600), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Error(err)
		}
	}
	for name, damage := range map[string]func(c *Cache){
		"packs cut off":     func(c *Cache) { each(c, ".pack", func(path string) { os.Chmod(path, 0o600); os.Truncate(path, 40) }) },
		"packs overwritten": func(c *Cache) { each(c, ".pack", func(path string) { write(path, strings.Repeat("x", 3000)) }) },
		"packs gone":        func(c *Cache) { each(c, ".pack", func(path string) { os.Remove(path) }) },
		"indexes garbled":   func(c *Cache) { each(c, ".idx", func(path string) { write(path, "garbage") }) },
		"no HEAD":           func(c *Cache) { os.Remove(filepath.Join(c.path(repoID, repoSuffix), "HEAD")) },
		"no objects":        func(c *Cache) { os.RemoveAll(filepath.Join(c.path(repoID, repoSuffix), "objects")) },
		"no uses":           func(c *Cache) { os.RemoveAll(filepath.Join(c.path(repoID, repoSuffix), "uses")) },
		"shallow garbled":   func(c *Cache) { write(filepath.Join(c.path(repoID, repoSuffix), "shallow"), "garbage\n") },
		"config garbled":    func(c *Cache) { write(filepath.Join(c.path(repoID, repoSuffix), "config"), "[[[") },
		"all gone":          func(c *Cache) { os.RemoveAll(c.dir) },
		"locks left behind": func(c *Cache) {
			write2 := func(name string) {
				if err := os.WriteFile(filepath.Join(c.path(repoID, repoSuffix), filepath.FromSlash(name)), nil, 0o600); err != nil {
					t.Error(err)
				}
			}
			write2("shallow.lock")
			write2("refs/heads/" + target + ".lock")
		},
		"never finished": func(c *Cache) {
			os.Remove(filepath.Join(c.path(repoID, repoSuffix), madeFile))
			os.Remove(filepath.Join(c.path(repoID, repoSuffix), "HEAD"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := h.cache(plenty)
			want, _ := h.mustCarry(c, h.need("", h.sources[0], h.sources[1]), "")
			damage(c)
			for range 2 {
				if got, _ := h.mustCarry(c, h.need("", h.sources[0], h.sources[1]), ""); got.Outcome != Clean || got.Tree != want.Tree {
					t.Errorf("%s %s, want %s", got.Outcome, got.Tree, want.Tree)
				}
			}
		})
	}
}

// TestCacheIsBounded: the least recently used goes first, and one that is too
// large alone doesn't stay.
func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	c := h.cache(plenty)
	h.mustCarry(c, h.need("", h.sources[0]), "")
	all, err := c.holds()
	if err != nil || len(all) != 1 || all[0].bytes == 0 {
		t.Fatal(all, err)
	}
	c.max = all[0].bytes * 5 / 2 // two and a half of them
	use := func(id int64) {
		n := h.need("", h.sources[0])
		n.RepoID = id
		h.mustCarry(c, n, "")
	}
	for _, id := range []int64{1, 2, 1, 3} {
		use(id)
	}
	var kept []int64
	all, err = c.holds()
	for _, r := range all {
		kept = append(kept, r.id)
	}
	if err != nil || fmt.Sprint(kept) != "[1 3]" {
		t.Errorf("kept %v, %v; want 1, used again, and 3", kept, err)
	}
	c.max = 10
	use(5)
	if all, err := c.holds(); err != nil || len(all) != 0 {
		t.Errorf("kept %v, %v", all, err)
	}
}

// TestFullDisk: what nobody uses makes room, and the use is tried once more.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	c := h.cache(plenty)
	other := h.need("", h.sources[0])
	other.RepoID = 7
	h.mustCarry(c, other, "")
	tries := 0
	err := c.Use(t.Context(), h.need("", h.sources[0]), func(context.Context, *Repository, string) error {
		if tries++; tries == 1 {
			return &fs.PathError{Op: "write", Path: "objects/pack", Err: syscall.ENOSPC}
		}
		return nil
	})
	all, listErr := c.holds()
	if err != nil || listErr != nil || tries != 2 || len(all) != 1 || all[0].id != repoID {
		t.Errorf("%v after %d tries; there are %v, %v", err, tries, all, listErr)
	}
}

// TestPushRaces: a branch that is somebody else's is never overwritten.
func TestPushRaces(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	c := h.cache(plenty)
	n := h.need("", h.sources[0])
	_, first := h.mustCarry(c, n, "branch")
	err := c.Use(context.Background(), h.need("", h.sources[1]), func(ctx context.Context, r *Repository, onto string) error {
		p, err := r.Pick(ctx, onto, target, Source{Commit: h.sources[1]})
		if err != nil {
			return err
		}
		ids, err := r.Build(ctx, p, bot)
		if err != nil {
			return err
		}
		for _, tc := range []struct {
			name, expected string
			want           Reason
		}{
			{"must not exist", "", Moved},
			{"expected elsewhere", h.onto, Moved},
			{"expected there", first, ""},
			{"there already", "", ""},
		} {
			err := r.Push(ctx, ids[0], "branch", tc.expected)
			var rejected *Rejected
			if errors.As(err, &rejected) != (tc.want != "") || rejected != nil && rejected.Reason != tc.want || rejected == nil && err != nil {
				t.Errorf("%s: %v, want %q", tc.name, err, tc.want)
			}
		}
		if err := r.Push(ctx, ids[0], "gone", first); err == nil {
			t.Error("pushed to a branch that was deleted meanwhile")
		}
		if err := r.Push(ctx, ids[0], "--mirror", ""); err == nil {
			t.Error("pushed to an option")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// Ten different ones for one name: one wins, the others hear of it.
	var won, moved atomic.Int32
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			_, _, err := h.carry(c, h.need("", h.sources[i]), "race")
			var rejected *Rejected
			switch {
			case err == nil:
				won.Add(1)
			case errors.As(err, &rejected) && rejected.Reason == Moved:
				moved.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 || moved.Load() != 5 {
		t.Errorf("%d won, %d were told", won.Load(), moved.Load())
	}
}

func TestPushRefusals(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	c := h.cache(plenty)
	for said, want := range map[string]Reason{
		"refusing to allow a GitHub App to create or update workflow `.github/workflows/x.yml` without `workflows` permission": Workflow,
		"error: GH006: Protected branch update failed for refs/heads/x.":                                                       Protected,
		"error: GH013: Repository rule violations found for refs/heads/x.":                                                     Protected,
		"the disk is full": Refused,
	} {
		hook := filepath.Join(h.bare, "hooks", "pre-receive")
		if err := os.WriteFile(hook, []byte("#!/bin/sh\ncat >/dev/null\necho '"+said+"' >&2\nexit 1\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		_, _, err := h.carry(c, h.need("", h.sources[0]), "x")
		var rejected *Rejected
		if !errors.As(err, &rejected) || rejected.Reason != want || !strings.Contains(rejected.Text, strings.Split(said, "`")[0]) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	h.server.OnRequest(func(r *http.Request) int {
		if strings.Contains(r.URL.RawQuery, "git-receive-pack") {
			return http.StatusForbidden
		}
		return 0
	})
	if _, _, err := h.carry(c, h.need("", h.sources[0]), "x"); !errors.Is(err, ErrDenied) {
		t.Errorf("without the permission to write: %v", err)
	}
}
