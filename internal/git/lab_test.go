package git

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// lab is a repository with a work tree that a test fills by the real git.
type lab struct {
	t     *testing.T
	dir   string
	clock int // seconds; every commit is a minute later
}

// gone as a file's text deletes it.
const gone = "\x00gone"

func newLab(t *testing.T, args ...string) *lab {
	t.Helper()
	l := &lab{t: t, dir: t.TempDir(), clock: 1_700_000_000}
	l.git(append([]string{"init", "-q", "-b", "master"}, args...)...)
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
	cmd := exec.Command("git", args...)
	cmd.Dir = l.dir
	stamp := fmt.Sprintf("%d +0100", l.clock)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "LC_ALL=C",
		"GIT_AUTHOR_NAME=Ann Author", "GIT_AUTHOR_EMAIL=ann@example.org", "GIT_AUTHOR_DATE="+stamp,
		"GIT_COMMITTER_NAME=Cy Committer", "GIT_COMMITTER_EMAIL=cy@example.org", "GIT_COMMITTER_DATE="+stamp)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// on starts a branch at a commit and checks it out.
func (l *lab) on(branch, at string) {
	l.t.Helper()
	l.git("checkout", "-q", "-f", "-B", branch, at)
}

// commit writes files (path, text, path, text...) and commits everything.
func (l *lab) commit(message string, files ...string) string {
	l.t.Helper()
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

// record commits what is staged.
func (l *lab) record(message string) string {
	l.t.Helper()
	l.clock += 60
	l.git("commit", "-q", "--allow-empty", "--cleanup=verbatim", "-m", message)
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
