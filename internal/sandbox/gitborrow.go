package sandbox

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

// lender is a git process that reads the objects which a repository borrows from another one: these are packed, and a history has many.
type lender struct {
	mu  sync.Mutex
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// borrow has the repository find its objects in another object directory, too. None are copied.
func (g *gitRepo) borrow(objects string) error {
	objects, err := filepath.Abs(objects)
	if err == nil {
		_, err = os.Stat(filepath.Join(objects, "pack"))
	}
	if err != nil {
		return fmt.Errorf("sandbox: no directory of objects: %w", err)
	}
	if strings.ContainsAny(objects, "\n\"#") {
		return fmt.Errorf("sandbox: objects can't be borrowed from %q", objects)
	}
	info := filepath.Join(g.dir, "objects", "info")
	if err := os.MkdirAll(info, 0o755); err != nil {
		return err
	}
	g.lender = &lender{}
	return os.WriteFile(filepath.Join(info, "alternates"), []byte(objects+"\n"), 0o644)
}

// read asks the process, which it starts when it is first needed.
func (l *lender) read(dir, sha string) (kind string, data []byte, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cmd == nil {
		if err := l.start(dir); err != nil {
			return "", nil, err
		}
	}
	if _, err := io.WriteString(l.in, sha+"\n"); err != nil {
		return "", nil, err
	}
	line, err := l.out.ReadString('\n')
	if err != nil {
		return "", nil, err
	}
	f := strings.Fields(line)
	if len(f) != 3 {
		return "", nil, fmt.Errorf("no object %s", sha)
	}
	n, err := strconv.Atoi(f[2])
	if err != nil {
		return "", nil, err
	}
	data = make([]byte, n+1) // with the end of its line
	if _, err := io.ReadFull(l.out, data); err != nil {
		return "", nil, err
	}
	return f[1], data[:n], nil
}

func (l *lender) start(dir string) error {
	cmd := exec.Command("git", "--git-dir="+dir, "cat-file", "--batch")
	cmd.Env = gitEnv()
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	l.cmd, l.in, l.out = cmd, in, bufio.NewReader(out)
	return nil
}

// close ends the process.
func (l *lender) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cmd == nil {
		return nil
	}
	err := errors.Join(l.in.Close(), l.cmd.Wait())
	l.cmd = nil
	return err
}
