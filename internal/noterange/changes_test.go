package noterange

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/istio-ecosystem/slipway/internal/git"
	"github.com/istio-ecosystem/slipway/internal/notes"
)

func TestNumberOf(t *testing.T) {
	for subject, want := range map[string]int{
		"Fix it (#12)":                        12,
		"[release-1.30] Fix it (#12) (#34)":   34,
		"Merge pull request #56 from bob/fix": 56,
		"Fix #12":                             0,
		"":                                    0,
		"See (#12) for more":                  0,
		"Talk about Merge pull request #56 from x": 0,
	} {
		if got := NumberOf(subject); got != want {
			t.Errorf("%q: %d, want %d", subject, got, want)
		}
	}
}

// made is a repository that a test fills, commit by commit.
type made struct {
	t   *testing.T
	dir string
}

func (m made) git(args ...string) string {
	m.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = m.dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.org")
	out, err := cmd.CombinedOutput()
	if err != nil {
		m.t.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// commit writes files and commits them; a note is written by its name alone.
func (m made) commit(message string, names ...string) string {
	m.t.Helper()
	for _, n := range names {
		path, text := filepath.Join(m.dir, n), message
		if strings.HasSuffix(n, ".yaml") {
			text = "apiVersion: release-notes/v2\nkind: bug-fix\narea: security\nreleaseNotes:\n- |\n  **Fixed** " + n + ".\n"
			path = filepath.Join(m.dir, "notes", n)
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			m.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			m.t.Fatal(err)
		}
	}
	m.git("add", "-A")
	m.git("commit", "-q", "--allow-empty", "-m", message)
	return m.git("rev-parse", "HEAD")
}

func (m made) read(from, to string) Range {
	m.t.Helper()
	program, err := git.Find(m.t.Context())
	if err != nil {
		m.t.Fatal(err)
	}
	repo, err := program.Open(m.t.Context(), m.dir)
	if err != nil {
		m.t.Fatal(err)
	}
	defer repo.Close()
	r, err := Read(m.t.Context(), repo, Request{Name: "acme/one", From: from, To: to, Dir: "notes", Schema: notes.Istio(),
		Exempt: func(p string) bool { return strings.HasSuffix(p, "_test.go") }, ExemptAccount: func(id int64) bool { return id == 5 },
		Waived: func(n int) bool { return n == 9 }})
	if err != nil {
		m.t.Fatal(err)
	}
	return r
}

func TestChangesOfARange(t *testing.T) {
	m := made{t, t.TempDir()}
	m.git("init", "-q", "-b", "master")
	from := m.commit("Begin", "a", "old.yaml")
	m.commit("Noted (#1)", "b", "one.yaml")
	bad := m.commit("Bad (#2)", "c", "two.yaml")
	m.commit("Revert \"Bad (#2)\" (#3)\n\nThis reverts commit "+bad+".", "c")
	m.commit("Worse (#4)", "d", "three.yaml")
	m.commit("Revert \"Worse\" (#5)\n\nReverts acme/one#4", "d")
	m.commit("Revert \"Revert \"Worse\"\" (#6)\n\nReverts acme/one#5", "d")
	m.commit("Bare (#7)", "e")
	m.commit("Tests (#8)", "e_test.go")
	m.commit("Waived (#9)", "f")
	m.commit("By hand", "g")
	m.commit("Revert \"Something older (#77)\" (#10)", "h")
	r := m.read(from, "master")
	var lacking, reverted, files []string
	for _, c := range r.Lacking {
		lacking = append(lacking, c.Subject)
	}
	for _, one := range r.Reverted {
		reverted = append(reverted, one.Path+" by "+one.By.Subject)
	}
	for _, f := range r.Source.Files {
		files = append(files, f.Path)
	}
	if diff := cmp.Diff([]string{"Revert \"Something older (#77)\" (#10)", "By hand", "Bare (#7)"}, lacking); diff != "" {
		t.Errorf("lacking: %s", diff)
	}
	if diff := cmp.Diff([]string{"notes/two.yaml by Revert \"Bad (#2)\" (#3)"}, reverted); diff != "" {
		t.Errorf("reverted: %s", diff)
	}
	if diff := cmp.Diff([]string{"notes/one.yaml", "notes/three.yaml", "notes/two.yaml"}, files); diff != "" {
		t.Errorf("files: %s", diff)
	}
	if r.Repo.Changes != 11 || r.Repo.Partial != "" {
		t.Errorf("%+v", r.Repo)
	}
}

// What isn't a note by the one rule is none, and a link is told; the changes of an
// account that the policy excepts need none.
func TestWhatIsNoNote(t *testing.T) {
	m := made{t, t.TempDir()}
	m.git("init", "-q", "-b", "master")
	from := m.commit("Begin", "a", "was.yaml")
	m.commit("Hidden (#1)", ".hidden.yaml", "notes/.deep/b.yaml")
	if err := os.Remove(filepath.Join(m.dir, "notes", "was.yaml")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"was.yaml", "link.yaml"} {
		if err := os.Symlink("../a", filepath.Join(m.dir, "notes", name)); err != nil {
			t.Fatal(err)
		}
	}
	m.commit("Linked (#2)")
	m.commit("Bump it (#3)", "b")
	m.git("commit", "-q", "--amend", "--no-edit", "--author", "robot <5+robot@users.noreply.github.com>")
	m.commit("By another (#4)", "c")
	m.git("commit", "-q", "--amend", "--no-edit", "--author", "robot <55+robot@users.noreply.github.com>")
	r := m.read(from, "master")
	var got []string
	for _, f := range r.Source.Files {
		got = append(got, fmt.Sprintf("%s: %s", f.Path, f.Findings[0].Message[:len("this is a symbolic link")]))
	}
	for _, c := range r.Lacking {
		got = append(got, c.Subject)
	}
	want := []string{"notes/link.yaml: this is a symbolic link", "notes/was.yaml: this is a symbolic link", "By another (#4)", "Linked (#2)", "Hidden (#1)"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestShallowClone: the notes are there without the history.
func TestShallowClone(t *testing.T) {
	m := made{t, t.TempDir()}
	m.git("init", "-q", "-b", "master")
	m.commit("Begin", "a")
	m.git("tag", "1.0.0")
	m.commit("Noted (#1)", "one.yaml")
	m.commit("More (#2)", "b")
	m.git("tag", "1.0.1")
	clone := made{t, t.TempDir()}
	clone.git("init", "-q", "-b", "master")
	clone.git("fetch", "-q", "--depth=1", "file://"+m.dir, "refs/tags/1.0.0:refs/tags/1.0.0", "refs/tags/1.0.1:refs/tags/1.0.1")
	r := clone.read("1.0.0", "1.0.1")
	if len(r.Source.Files) != 1 || r.Repo.Partial == "" || len(r.Lacking) != 0 {
		t.Errorf("%d files, %+v, lacking %v", len(r.Source.Files), r.Repo, r.Lacking)
	}
}
