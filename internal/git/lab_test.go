package git

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// lab is a repository with a work tree that a test fills by the real git. What is
// only text becomes a commit by one git fast-import, past the work tree, which
// follows when somebody works in it.
type lab struct {
	t      *testing.T
	dir    string
	clock  int  // seconds; every commit is a minute later
	behind bool // the work tree and the index aren't as HEAD is
	edited bool // somebody worked in them since the last commit
}

// looking are git's words after which a commit is what it was before.
var looking = []string{"rev-parse", "branch", "clone", "push", "rev-list", "log", "show", "diff-tree", "merge-base", "replace", "update-ref", "--git-dir"}

// birth is when a lab begins, in seconds since 1970.
const birth = 1_700_000_000

// gone as a file's text deletes it.
const gone = "\x00gone"

func newLab(t *testing.T, args ...string) *lab {
	t.Helper()
	l := &lab{t: t, dir: t.TempDir(), clock: birth}
	l.git(append([]string{"init", "-q", "-b", "master"}, args...)...)
	l.edited = false
	return l
}

// git runs git in the work tree and returns what it wrote, trimmed.
func (l *lab) git(args ...string) string {
	l.t.Helper()
	out, err := l.try(args...)
	if err != nil {
		l.t.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(out)
}

func (l *lab) try(args ...string) (string, error) {
	if !slices.Contains(looking, args[0]) {
		l.catchUp()
		l.edited = true
	}
	return l.run(nil, args...)
}

// catchUp makes the work tree what HEAD is.
func (l *lab) catchUp() {
	l.t.Helper()
	if !l.behind {
		return
	}
	if out, err := l.run(nil, "reset", "-q", "--hard"); err != nil {
		l.t.Fatalf("%v\n%s", err, out)
	}
	l.behind = false
}

func (l *lab) run(in io.Reader, args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Stdin = l.dir, in
	stamp := fmt.Sprintf("%d +0100", l.clock)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_COUNT=2", "GIT_CONFIG_KEY_0=maintenance.auto", "GIT_CONFIG_VALUE_0=false",
		"GIT_CONFIG_KEY_1=fastimport.unpackLimit", "GIT_CONFIG_VALUE_1=1", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "LC_ALL=C",
		"GIT_AUTHOR_NAME=Ann Author", "GIT_AUTHOR_EMAIL=ann@example.org", "GIT_AUTHOR_DATE="+stamp,
		"GIT_COMMITTER_NAME=Cy Committer", "GIT_COMMITTER_EMAIL=cy@example.org", "GIT_COMMITTER_DATE="+stamp)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// on starts a branch at a commit, and goes there.
func (l *lab) on(branch, at string) {
	l.t.Helper()
	commit := l.git("rev-parse", "--verify", at+"^{commit}")
	l.write("refs/heads/"+branch, commit)
	l.write("HEAD", "ref: refs/heads/"+branch)
	l.behind, l.edited = true, false
}

// write sets a file of git's own.
func (l *lab) write(name, text string) {
	l.t.Helper()
	if err := os.WriteFile(filepath.Join(l.dir, ".git", filepath.FromSlash(name)), []byte(text+"\n"), 0o644); err != nil {
		l.t.Fatal(err)
	}
}

// head is the ref that HEAD names and its commit, which is "" in a new repository.
// ok is whether both stand in files of their own.
func (l *lab) head() (ref, commit string, ok bool) {
	raw, err := os.ReadFile(filepath.Join(l.dir, ".git", "HEAD"))
	ref, named := strings.CutPrefix(strings.TrimSpace(string(raw)), "ref: ")
	if err != nil || !named {
		return "", "", false
	}
	raw, err = os.ReadFile(filepath.Join(l.dir, ".git", filepath.FromSlash(ref)))
	return ref, strings.TrimSpace(string(raw)), err == nil || l.clock == birth
}

// commit writes files (path, text, path, text...) and commits everything.
func (l *lab) commit(message string, files ...string) string {
	l.t.Helper()
	if ref, commit, ok := l.head(); ok && !l.edited {
		return l.add(ref, commit, message, files)
	}
	l.catchUp()
	for i := 0; i < len(files); i += 2 {
		path := filepath.Join(l.dir, files[i])
		if files[i+1] == gone {
			if err := os.RemoveAll(path); err != nil {
				l.t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			l.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(files[i+1]), 0o644); err != nil {
			l.t.Fatal(err)
		}
	}
	l.git("add", "-A")
	return l.record(message)
}

// quoted is a path between quotes for git fast-import.
var quoted = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// add makes the next commit of a ref without the work tree.
func (l *lab) add(ref, parent, message string, files []string) string {
	l.t.Helper()
	l.clock += 60
	message = strings.TrimSuffix(message, "\n") + "\n"
	var in strings.Builder
	fmt.Fprintf(&in, "commit %s\nmark :1\nauthor Ann Author <ann@example.org> %d +0100\ncommitter Cy Committer <cy@example.org> %[2]d +0100\ndata %d\n%s\n",
		ref, l.clock, len(message), message)
	if parent != "" {
		fmt.Fprintf(&in, "from %s\n", parent)
	}
	for i := 0; i < len(files); i += 2 {
		if files[i+1] == gone {
			fmt.Fprintf(&in, "D \"%s\"\n", quoted.Replace(files[i]))
			continue
		}
		fmt.Fprintf(&in, "M 100644 inline \"%s\"\ndata %d\n%s\n", quoted.Replace(files[i]), len(files[i+1]), files[i+1])
	}
	in.WriteString("\nget-mark :1\n")
	out, err := l.run(strings.NewReader(in.String()), "fast-import", "--quiet", "--date-format=raw")
	if err != nil {
		l.t.Fatalf("git fast-import: %v\n%s", err, out)
	}
	l.behind = true
	return strings.TrimSpace(out)
}

// record commits what is staged.
func (l *lab) record(message string) string {
	l.t.Helper()
	l.clock += 60
	l.git("commit", "-q", "--allow-empty", "--cleanup=verbatim", "-m", message)
	l.edited = false
	return l.git("rev-parse", "HEAD")
}

// open opens the lab's repository as Slipway does.
func (l *lab) open() *Repository {
	l.t.Helper()
	return open(l.t, l.dir)
}

func open(t *testing.T, dir string) *Repository {
	t.Helper()
	r, err := program(t).Open(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func program(t *testing.T) *Program {
	t.Helper()
	p, err := Find(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// pick picks commits onto master's sibling "release-1.30".
func pick(t *testing.T, r *Repository, onto string, commits ...string) Pick {
	t.Helper()
	var sources []Source
	for _, c := range commits {
		sources = append(sources, Source{Commit: c})
	}
	id, err := r.Resolve(context.Background(), onto)
	if err != nil {
		t.Fatal(err)
	}
	p, err := r.Pick(context.Background(), id, onto, sources...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// text is a file of a tree.
func text(t *testing.T, r *Repository, tree, path string) string {
	t.Helper()
	out, err := r.local(context.Background(), nil, "cat-file", "blob", tree+":"+path)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// lines are numbered lines, with replacements by number.
func lines(n int, changed map[int]string) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		if s, ok := changed[i]; ok {
			b.WriteString(s)
			continue
		}
		fmt.Fprintf(&b, "line %d\n", i)
	}
	return b.String()
}

// conflicts are a pick's conflicts in one line each.
func conflicts(p Pick) string {
	var all []string
	for _, c := range p.Conflicts {
		all = append(all, fmt.Sprintf("%q %s (%s)", c.Path, c.Kind, c.Detail))
	}
	return strings.Join(all, "\n")
}
