package picker

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/git"
	"github.com/istio-ecosystem/slipway/internal/git/gittest"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// memory keeps facts for as long as the test runs.
type memory struct {
	mu    sync.Mutex
	facts map[string][]byte
	epoch int64
	first func() // happens before what was found is kept; may be nil
}

// Get implements Memory.
func (m *memory) Get(_ context.Context, key string) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.facts[key]
	return v, ok, nil
}

// Put implements Memory.
func (m *memory) Put(_ context.Context, key string, _ []byte, _ time.Duration) error {
	return fmt.Errorf("%s is kept whatever was forgotten", key)
}

// Epoch implements Memory.
func (m *memory) Epoch(context.Context) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.epoch, nil
}

// PutIf implements Memory.
func (m *memory) PutIf(_ context.Context, key string, value []byte, ttl time.Duration, epoch int64) error {
	if m.first != nil {
		m.first()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if ttl != github.ProvenMemo.Kept {
		return fmt.Errorf("kept for %s", ttl)
	}
	if epoch == m.epoch {
		m.facts[key] = value
	}
	return nil
}

// forget is what an event does, of every key with a prefix.
func (m *memory) forget(prefix string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.epoch++
	maps.DeleteFunc(m.facts, func(key string, _ []byte) bool { return strings.HasPrefix(key, prefix) })
}

// access is a served repository's. Its first token may be a revoked one.
type access struct {
	url, token string
	revoked    bool
	forgotten  int
}

// GitAccess implements Access.
func (a *access) GitAccess(_ context.Context, _ github.Repo, _ int64, write bool) (string, string, error) {
	if write {
		return "", "", errors.New("a question asks for no token to write with")
	}
	if a.revoked {
		return a.url, "revoked", nil
	}
	return a.url, a.token, nil
}

// WorkflowAccess implements Access.
func (a *access) WorkflowAccess(context.Context, github.Repo, int64) (string, string, error) {
	return "", "", errors.New("a question asks for no token to write with")
}

// ForgetGitAccess implements Access.
func (a *access) ForgetGitAccess(int64) { a.revoked, a.forgotten = false, a.forgotten+1 }

// BranchHead implements Access.
func (a *access) BranchHead(context.Context, github.Repo, release.Branch) (string, error) {
	return "", errors.New("a question asks for no branch")
}

// SignedCommits implements Access.
func (a *access) SignedCommits(context.Context, github.Repo, string, []effect.Step, string) (string, error) {
	return "", errors.New("a question makes no commit")
}

// Committer implements Access.
func (a *access) Committer(context.Context, github.Repo) (string, string, error) {
	return "", "", errors.New("a question makes no commit")
}

// served is a repository with a work tree, served over HTTP from a bare clone.
type served struct {
	t         *testing.T
	dir, bare string
	clock     int
	server    *gittest.Server
	access    *access
	memory    *memory
	picker    *Picker
}

func (s *served) git(args ...string) string {
	s.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = s.dir
	stamp := fmt.Sprintf("%d +0000", 1_700_000_000+s.clock)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_AUTHOR_NAME=Ann", "GIT_AUTHOR_EMAIL=ann@example.org",
		"GIT_AUTHOR_DATE="+stamp, "GIT_COMMITTER_NAME=Ann", "GIT_COMMITTER_EMAIL=ann@example.org", "GIT_COMMITTER_DATE="+stamp)
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// commit is a day after the one before.
func (s *served) commit(message string, files ...string) string {
	s.t.Helper()
	s.clock += 24 * 3600
	for i := 0; i < len(files); i += 2 {
		if err := os.WriteFile(filepath.Join(s.dir, files[i]), []byte(files[i+1]), 0o644); err != nil {
			s.t.Fatal(err)
		}
	}
	s.git("add", "-A")
	s.git("commit", "-q", "--allow-empty", "-m", message)
	return s.git("rev-parse", "HEAD")
}

// push brings all branches, and pull requests as refs/pull/..., to the server.
func (s *served) push() {
	s.t.Helper()
	s.git("push", "-q", "-f", s.bare, "refs/heads/*:refs/heads/*")
}

func newServed(t *testing.T) *served {
	s := &served{t: t, dir: t.TempDir()}
	root := t.TempDir()
	s.bare = filepath.Join(root, "r.git")
	s.git("init", "-q", "-b", "master")
	s.git("init", "-q", "--bare", s.bare)
	if err := gittest.Configure(s.bare); err != nil {
		t.Fatal(err)
	}
	token := "tok" + strings.Repeat("en", 12) // made up
	server, err := gittest.Serve(root, token)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	s.server, s.access, s.memory = server, &access{url: server.URL + "/r.git", token: token}, &memory{facts: map[string][]byte{}}
	s.picker = &Picker{Access: s.access, Memory: s.memory, Dir: filepath.Join(t.TempDir(), "caches"), Max: 1 << 30}
	return s
}

func (s *served) ask(q provenance.Question) (provenance.Finding, error) {
	q.Base, q.Source = "release-1.30", "master"
	return s.picker.Prove(s.t.Context(), github.Repo{Owner: "o", Name: "r"}, 4711, q)
}

func (s *served) mustAsk(q provenance.Question) provenance.Finding {
	s.t.Helper()
	f, err := s.ask(q)
	if err != nil {
		s.t.Fatal(err)
	}
	return f
}

const text = "1\n2\n3\n4\n5\n6\n7\n8\n9\n"

// TestProve: from nothing, from what is remembered, and after the source branch
// went on.
func TestProve(t *testing.T) {
	s := newServed(t)
	s.commit("old", "f", text, ".gitattributes", "*.gen linguist-generated\n")
	s.git("branch", "release-1.30")
	for i := range 200 { // more than a shallow fetch brings
		s.commit(fmt.Sprint("history ", i), "h", fmt.Sprint(i))
	}
	source := s.commit("The source (#12)", "f", strings.Replace(text, "5", "five", 1), "x.gen", "x\n")
	s.git("checkout", "-q", "release-1.30")
	base := s.commit("own", "f", strings.Replace(text, "1\n", "one\n", 1))
	s.git("checkout", "-q", "-b", "topic")
	first := s.commit("pick", "f", strings.NewReplacer("1\n", "one\n", "5", "five").Replace(text), "x.gen", "x\n")
	head := s.commit("more", "more", "more\n")
	s.push()

	q := provenance.Question{Head: head, MergeBase: base, Commits: 2, Claims: []provenance.Claim{{Commit: source, By: provenance.ByReference}, {Commit: strings.Repeat("12", 20), By: provenance.ByTrailer}},
		Earlier: []provenance.Point{{Commit: first, MergeBase: base}, {Commit: strings.Repeat("34", 20)}}}
	f := s.mustAsk(q)
	switch {
	case f.Verdict != provenance.Adapted || len(f.Sources) != 1 || f.Sources[0].Commit != source || f.Sources[0].Number != 12 || f.Lines != 1:
		t.Errorf("%+v", f)
	case len(f.Passed) != 1 || f.Passed[0].Why != "is not on master":
		t.Errorf("passed: %+v", f.Passed)
	case !reflect.DeepEqual(f.Moved[first].Paths, []string{"more"}) || f.Moved[strings.Repeat("34", 20)].Unknown == "":
		t.Errorf("moved: %+v", f.Moved)
	case len(f.Files) != 3 || f.Files[0].Path != "f" || !f.Files[2].Generated:
		t.Errorf("files: %+v", f.Files)
	}
	asked := s.server.Requests.Load()
	if again := s.mustAsk(q); !reflect.DeepEqual(f, again) || s.server.Requests.Load() != asked {
		t.Errorf("the same question: %+v, %d requests", again, s.server.Requests.Load()-asked)
	}

	s.git("checkout", "-q", "master")
	s.git("rm", "-q", "x.gen")
	s.commit("Revert\n\nThis reverts commit "+source+".", "f", text)
	s.push()
	q.Claims = q.Claims[:1] // another question
	if f := s.mustAsk(q); f.Verdict != provenance.Unrelated || len(f.Passed) != 1 || !strings.Contains(f.Passed[0].Why, "was reverted") {
		t.Errorf("after the revert: %+v", f)
	}
	q.Head, q.Earlier, q.Claims, q.Titles, q.Search = first, nil, nil, []string{"[release-1.30] The source"}, true
	if f := s.mustAsk(q); f.Verdict != provenance.Unrelated || len(f.Passed) != 1 {
		t.Errorf("by its title: %+v", f)
	}
	s.commit("Once more", "f", strings.Replace(text, "5", "five", 1), "x.gen", "x\n")
	s.push()
	q.Titles = append(q.Titles, "Another question")
	if f := s.mustAsk(q); f.Verdict != provenance.Exact {
		t.Errorf("merged anew: %+v", f)
	}

	// A pick fetches single commits, which cuts the history off behind them.
	s.commit("between", "h", "between")
	picked := s.commit("picked", "h", "picked")
	s.push()
	need := git.Need{RepoID: 4711, Access: git.Access{URL: s.access.url, Token: s.access.token}, Target: "release-1.30", Sources: []git.Source{{Commit: picked}}}
	if err := s.picker.cache.Use(t.Context(), need, func(context.Context, *git.Repository, string) error { return nil }); err != nil {
		t.Fatal(err)
	}
	q.Titles = append(q.Titles, "A third")
	if f := s.mustAsk(q); f.Verdict != provenance.Exact {
		t.Errorf("after a pick: %+v", f)
	}
}

// TestProveRevertedMeanwhile: what git found before a revert was pushed isn't kept
// after the push has made all forgotten.
func TestProveRevertedMeanwhile(t *testing.T) {
	s := newServed(t)
	s.commit("old", "f", text)
	s.git("branch", "release-1.30")
	source := s.commit("The source (#12)", "f", strings.Replace(text, "5", "five", 1))
	s.git("checkout", "-q", "release-1.30")
	base := s.commit("own", "g", "own\n")
	s.git("checkout", "-q", "-b", "topic")
	head := s.commit("pick", "f", strings.Replace(text, "5", "five", 1))
	s.push()
	s.memory.first = func() {
		s.memory.first = nil
		s.git("checkout", "-q", "master")
		s.commit("Revert\n\nThis reverts commit "+source+".", "f", text)
		s.push()
		s.memory.forget(github.ProvenCacheKey(4711, "master"))
	}
	q := provenance.Question{Head: head, MergeBase: base, Commits: 1, Claims: []provenance.Claim{{Commit: source, By: provenance.ByReference}}}
	if f := s.mustAsk(q); f.Verdict != provenance.Exact {
		t.Fatalf("before the revert: %+v", f)
	}
	for _, when := range []string{"after the revert", "once more"} {
		asked := s.server.Requests.Load()
		if f := s.mustAsk(q); f.Verdict != provenance.Unrelated || len(f.Passed) != 1 || !strings.Contains(f.Passed[0].Why, "was reverted") {
			t.Errorf("%s: %+v", when, f)
		}
		if free := s.server.Requests.Load() == asked; free != (when == "once more") {
			t.Errorf("%s: git asks for nothing: %t", when, free)
		}
	}
}

// TestProveUpdateMerge: the history that an update by a merge needs is fetched.
func TestProveUpdateMerge(t *testing.T) {
	s := newServed(t)
	s.commit("old", "f", text, "g", text)
	s.git("branch", "release-1.30")
	s.commit("new", "new", "new\n")
	s.git("checkout", "-q", "release-1.30")
	fork := s.commit("own", "own", "own\n")
	s.git("checkout", "-q", "-b", "topic")
	approved := s.commit("pick", "f", strings.Replace(text, "5", "five", 1))
	s.git("checkout", "-q", "release-1.30")
	for i := range 10 {
		s.commit(fmt.Sprint("base ", i), "f", strings.Replace(text, "1\n", fmt.Sprint("one ", i, "\n"), 1))
	}
	base := s.git("rev-parse", "HEAD")
	s.git("checkout", "-q", "topic")
	s.clock += 3600
	s.git("merge", "-q", "-m", "update", "release-1.30")
	head := s.git("rev-parse", "HEAD")
	s.push()
	q := provenance.Question{Head: head, MergeBase: base, Commits: 2, Earlier: []provenance.Point{{Commit: approved, MergeBase: fork}}}
	if m := s.mustAsk(q).Moved[approved]; m.Unknown != "" || len(m.Paths) > 0 {
		t.Errorf("moved: %+v", m)
	}
}

// TestProveRefused: what GitHub may say to a fetch.
func TestProveRefused(t *testing.T) {
	s := newServed(t)
	base := s.commit("old", "f", text)
	s.git("branch", "release-1.30")
	s.commit("new", "new", "new\n")
	s.git("checkout", "-q", "release-1.30")
	head := s.commit("own", "f", "own\n")
	s.push()
	s.access.revoked = true
	if f, err := s.ask(provenance.Question{Head: head, MergeBase: base}); err != nil || f.Verdict != provenance.Unrelated || s.access.forgotten != 1 {
		t.Errorf("a revoked token: %+v, %v, forgotten %d times", f, err, s.access.forgotten)
	}
	if _, err := s.ask(provenance.Question{Head: strings.Repeat("12", 20), MergeBase: base}); !errors.Is(err, git.ErrNoCommit) {
		t.Errorf("no head: %v", err)
	}
	if _, err := s.ask(provenance.Question{Head: "--all", MergeBase: base}); err == nil {
		t.Error("a head that is no commit's id")
	}
	s.server.OnRequest(func(*http.Request) int { return http.StatusForbidden })
	if _, err := s.ask(provenance.Question{Head: head, MergeBase: base, Titles: []string{"x"}}); !errors.Is(err, git.ErrDenied) {
		t.Errorf("denied: %v", err)
	}
	s.server.OnRequest(nil)
	s.git("--git-dir", s.bare, "update-ref", "-d", "refs/heads/master")
	if _, err := s.ask(provenance.Question{Head: head, MergeBase: base, Titles: []string{"y"}}); !errors.Is(err, git.ErrNoBranch) {
		t.Errorf("no source branch: %v", err)
	}
}
