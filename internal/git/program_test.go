package git

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestVersion(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]int{
		"git version 2.39.5\n": {2, 39}, "git version 2.50.1 (Apple Git-155)": {2, 50}, "git version 3.0.rc1": {3, 0}, "hub": {0, 0},
	} {
		if major, minor := versionOf(text); major != want[0] || minor != want[1] {
			t.Errorf("versionOf(%q) = %d.%d", text, major, minor)
		}
	}
}

// wrapped puts a script in git's place that notes how it is called, and then is git.
func wrapped(t *testing.T, script string) *Program {
	t.Helper()
	p := program(t)
	path := filepath.Join(t.TempDir(), "git")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+strings.ReplaceAll(script, "GIT", p.path)), 0o755); err != nil {
		t.Fatal(err)
	}
	q := *p
	q.path = path
	// git calls itself by PATH for what it fetches on its own.
	q.env = append(append([]string(nil), p.env...), "PATH="+filepath.Dir(path)+":"+os.Getenv("PATH"))
	return &q
}

// TestOldGit: one that can't do what is needed is refused, not tried.
func TestOldGit(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "git"), []byte("#!/bin/sh\necho git version 2.37.9\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	if _, err := Find(context.Background()); err == nil || !strings.Contains(err.Error(), "git 2.38 or later is needed") {
		t.Errorf("%v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := Find(context.Background()); err == nil || !strings.Contains(err.Error(), "git 2.38 or later is needed") {
		t.Errorf("%v", err)
	}
}

// TestCancel: when the work is called off, git ends with its children. The
// child holds a pipe open, which ends when it does.
func TestCancel(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "pipe")
	if out, err := exec.Command("mkfifo", pipe).CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
	p := wrapped(t, "exec 3>"+pipe+"\nsleep 600 &\necho ready >&3\nwait\n")
	ctx, cancel := context.WithCancelCause(context.Background())
	why := errors.New("called off")
	ended := make(chan error, 1)
	go func() {
		_, err := p.run(ctx, call{args: []string{"version"}})
		ended <- err
	}()
	held, err := os.Open(pipe)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	if _, err := held.Read(make([]byte, 6)); err != nil {
		t.Fatal(err)
	}
	cancel(why)
	if _, err := io.ReadAll(held); err != nil {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, why) {
		t.Errorf("%v", err)
	}
}

// TestCalledOffRead: a reader that is left in the middle doesn't give the next
// one its answer.
func TestCalledOffRead(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	one, two := l.commit("one"), l.commit("two")
	r := l.open()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := r.Commit(ctx, one); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if c, err := r.Commit(context.Background(), two); err != nil || c.Subject() != "two" {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := r.Commit(context.Background(), strings.Repeat("0", 40)); !isMissing(err) {
		t.Errorf("%v", err)
	}
	if _, err := r.Commit(context.Background(), "HEAD\n"+one); err == nil {
		t.Error("a name of two lines")
	}
	if c, err := r.Commit(context.Background(), one); err != nil || c.Subject() != "one" {
		t.Errorf("%+v, %v", c, err)
	}
}

// TestHungDiff: a process that stays and hangs ends with its children when the
// work is called off, one that died is replaced, and none outlives the use.
func TestHungDiff(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	one, two := l.commit("one", "f", "1\n"), l.commit("two", "f", "2\n")
	trees := strings.Fields(l.git("rev-parse", one+"^{tree}", two+"^{tree}"))
	pipe := filepath.Join(t.TempDir(), "pipe")
	if out, err := exec.Command("mkfifo", pipe).CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
	r, err := wrapped(t, "[ $1 = diff-tree ] && [ -p "+pipe+" ] && { exec 3>"+pipe+"; sleep 600 & echo ready >&3; wait; }\nexec GIT \"$@\"\n").Open(t.Context(), l.dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	why := errors.New("called off")
	ended := make(chan error, 1)
	go func() {
		_, err := r.change(ctx, trees[0], trees[1])
		ended <- err
	}()
	held, err := os.Open(pipe)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	if _, err := held.Read(make([]byte, 6)); err != nil {
		t.Fatal(err)
	}
	cancel(why)
	if _, err := io.ReadAll(held); err != nil { // to the end of the last that holds it
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, why) {
		t.Errorf("%v", err)
	}
	if err := os.Remove(pipe); err != nil {
		t.Fatal(err)
	}
	if c, err := r.change(t.Context(), trees[0], trees[1]); err != nil || len(c.files) != 1 {
		t.Errorf("%+v, %v", c, err)
	}
	gone := strings.Repeat("12", 20)
	if c, err := r.change(t.Context(), trees[0], gone); !errors.Is(err, errDamaged) {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := r.change(t.Context(), trees[1], trees[0]); err != nil {
		t.Errorf("after a failure: %v", err)
	}
	if err := r.patches.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_, err = r.change(t.Context(), trees[0], r.emptyTree())
	if err == nil || !errors.Is(err, errDamaged) {
		t.Errorf("of one that died: %v", err)
	}
	if c, err := r.change(t.Context(), trees[0], r.emptyTree()); err != nil || len(c.files) != 1 {
		t.Errorf("%+v, %v", c, err)
	}
	last := r.patches.cmd
	if err := r.Close(); err != nil || last.ProcessState == nil {
		t.Errorf("%v, ended: %v", err, last.ProcessState)
	}
}

func TestRedact(t *testing.T) {
	t.Parallel()
	a := &Access{URL: "https://github.com/o/r.git", Token: "tok+en/=&"}
	for said, want := range map[string]string{
		"fatal: tok+en/=& refused":                                        "fatal: [redacted] refused",
		"> Authorization: Basic " + a.basic():                             "> Authorization: Basic [redacted]",
		"> authorization: bearer xyz":                                     "> authorization: bearer [redacted]",
		"remote: " + a.basic() + "\x1b[31m\r\n\u202eend":                  "remote: [redacted] [31m \n end",
		"via http://user:pw@proxy:3128/":                                  "via http://[redacted]@proxy:3128/",
		"tok%2Ben%2F%3D%26":                                               "[redacted]",
		strings.Repeat("x", 3*maxSaid) + a.Token + strings.Repeat("y", 9): "…" + strings.Repeat("x", maxSaid-9-len("[redacted]")) + "[redacted]" + strings.Repeat("y", 9),
	} {
		said = redact(said, a)
		if said != want {
			t.Errorf("%.80q…, want %.80q…", said, want)
		}
	}
	for raw, want := range map[string]string{
		"https://github.com/o/r.git": "https", "http://ghe:8080/o/r": "http", "ssh://git@github.com/o/r": "", "/tmp/x": "", "ext::sh": "",
		"https://x:y@github.com/o/r": "", "https:///x": "", "-x": "",
	} {
		if got := (&Access{URL: raw}).protocol(); got != want {
			t.Errorf("protocol of %q is %q", raw, got)
		}
	}
}

// TestTokenIsNeverSeen runs a whole pick through a git that notes its
// arguments, also where git calls itself, and one where everything fails.
func TestTokenIsNeverSeen(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	seen := filepath.Join(t.TempDir(), "seen")
	p := wrapped(t, `printf '%s\n' "$@" >> '`+seen+`'; tr '\0' ' ' < /proc/$$/cmdline >> '`+seen+"' 2>/dev/null\nexec 'GIT' \"$@\"\n")
	c, err := p.NewCache(filepath.Join(t.TempDir(), "caches"), plenty)
	if err != nil {
		t.Fatal(err)
	}
	h.mustCarry(c, h.need("", h.sources[0], h.clash), "")
	h.mustCarry(c, h.need("", h.sources[1]), "branch")
	var errs []error
	for _, n := range []Need{h.need("", h.sources[1]), h.need("", strings.Repeat("12", 20))} {
		_, _, err := h.carry(c, n, "branch")
		_, _, err2 := h.carry(c, n, "refused/because/of/its//name")
		errs = append(errs, err, err2)
	}
	a := Access{Token: h.token}
	secrets := []string{h.token, a.basic(), base64.StdEncoding.EncodeToString([]byte(h.token))}
	look := func(what, text string) {
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%s tells the token: %s", what, text)
			}
		}
	}
	n := h.need("")
	for _, form := range []string{"%v", "%+v", "%#v", "%s"} {
		look("a value", fmt.Sprintf(form, n))
		look("a value", fmt.Sprintf(form, &n.Access))
	}
	for _, err := range errs {
		if err != nil {
			look("an error", err.Error())
		}
	}
	text, err := os.ReadFile(seen)
	if err != nil || !strings.Contains(string(text), "push") || !strings.Contains(string(text), "fetch") {
		t.Fatalf("nothing was noted: %v, %s", err, text)
	}
	look("an argument", string(text))
	err = filepath.WalkDir(c.dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			text, err := os.ReadFile(path)
			look(path, string(text))
			return err
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
