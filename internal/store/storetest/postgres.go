package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrNoPostgres says that PostgreSQL's programs are not installed.
var ErrNoPostgres = errors.New("PostgreSQL is not installed (initdb and postgres are neither in PATH nor in /usr/lib/postgresql)")

// Server is a PostgreSQL server, ours or one that was named.
type Server struct {
	url   *url.URL       // of the database "postgres"
	dir   string         // ours, else empty
	stdin io.WriteCloser // closing it ends the server
	wait  func() error
}

// script runs the server until its standard input ends, which it does when the
// process that holds the other end closes it or dies. Immediate shutdown: the
// data is going to be deleted.
const script = `"$@" & pid=$!; cat >/dev/null; kill -QUIT $pid; wait $pid; rm -rf "$DIR"`

// Start starts a server with its data in a new temporary directory. Its commits
// do not wait for the disk unless durable is set. The caller stops it.
func Start(ctx context.Context, durable bool) (*Server, error) {
	initdb, postgres, err := programs()
	if err != nil {
		return nil, err
	}
	cred, err := unprivileged()
	if err != nil {
		return nil, err
	}
	// Not t.TempDir: a socket's path may have some 100 bytes only.
	dir, err := os.MkdirTemp("/tmp", "slipway-pg-")
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, url: &url.URL{
		Scheme: "postgres", User: url.User("postgres"), Path: "/postgres",
		RawQuery: url.Values{"host": {dir}}.Encode(),
	}}
	if err := s.boot(ctx, initdb, postgres, cred, durable); err != nil {
		s.Stop()
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	return s, nil
}

// Named uses a server that runs already. The URL's user must be allowed to
// create databases.
func Named(rawURL string) (*Server, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, errors.New("the URL of PostgreSQL cannot be read")
	}
	return &Server{url: u}, nil
}

func (s *Server) boot(ctx context.Context, initdb, postgres string, cred *syscall.Credential, durable bool) error {
	if cred != nil {
		if err := os.Chown(s.dir, int(cred.Uid), int(cred.Gid)); err != nil {
			return err
		}
	}
	attr := &syscall.SysProcAttr{Credential: cred, Setpgid: true} // a ^C is for us; we end it
	data := filepath.Join(s.dir, "data")
	mk := exec.CommandContext(ctx, initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	mk.Dir, mk.SysProcAttr = s.dir, attr
	if out, err := mk.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	args := []string{"-c", script, "sh", postgres, "-D", data, "-k", s.dir, "-c", "listen_addresses=", "-c", "max_connections=300", "-c", "shared_buffers=64MB"}
	if !durable {
		args = append(args, "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
	}
	run := exec.Command("sh", args...)
	run.Dir, run.SysProcAttr = "/", attr
	run.Env = append(os.Environ(), "DIR="+s.dir)
	log, err := os.Create(filepath.Join(s.dir, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	run.Stdout, run.Stderr = log, log
	if s.stdin, err = run.StdinPipe(); err != nil {
		return err
	}
	if err := run.Start(); err != nil {
		return err
	}
	s.wait = run.Wait
	return s.ready(ctx)
}

func (s *Server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(ctx, s.url.String())
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			return fmt.Errorf("it does not answer: %w: %s", err, log)
		}
	}
}

// Database creates an empty database and returns its URL.
func (s *Server) Database(ctx context.Context) (string, error) {
	u, _, err := s.create(ctx, "")
	return u, err
}

// create creates a database and returns its URL and its name. It is a copy of the one that
// like names, or empty.
func (s *Server) create(ctx context.Context, like string) (rawURL, name string, err error) {
	conn, err := pgx.Connect(ctx, s.url.String())
	if err != nil {
		return "", "", err
	}
	defer conn.Close(ctx)
	name = "slipway_" + strings.ToLower(rand.Text())
	statement := "CREATE DATABASE " + name
	if like != "" {
		statement += " TEMPLATE " + like
	}
	if _, err := conn.Exec(ctx, statement); err != nil {
		return "", "", err
	}
	u := *s.url
	u.Path = "/" + name
	return u.String(), name, nil
}

// Stop ends the server and deletes its data. A named server stays.
func (s *Server) Stop() {
	if s.dir == "" {
		return
	}
	if s.stdin != nil {
		s.stdin.Close()
	}
	if s.wait != nil {
		_ = s.wait() // it was told to quit
	}
	os.RemoveAll(s.dir)
}

// programs finds initdb and postgres, the newest version first.
func programs() (initdb, postgres string, err error) {
	var dirs []string
	if p, err := exec.LookPath("initdb"); err == nil {
		dirs = append(dirs, filepath.Dir(p))
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", "", err
	}
	slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
	for _, dir := range append(dirs, found...) {
		initdb, postgres = filepath.Join(dir, "initdb"), filepath.Join(dir, "postgres")
		if _, err := exec.LookPath(initdb); err != nil {
			continue
		}
		if _, err := exec.LookPath(postgres); err == nil {
			return initdb, postgres, nil
		}
	}
	return "", "", ErrNoPostgres
}

func version(dir string) int {
	n, err := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
	if err != nil {
		return 0
	}
	return n
}

// unprivileged returns whom to run PostgreSQL as: it refuses to run as root.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("PostgreSQL refuses to run as root, and there is no user postgres or nobody")
}
