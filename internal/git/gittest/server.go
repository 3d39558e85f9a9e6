package gittest

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
)

// Server serves the bare repositories below one directory: DIR/x.git is at
// URL/x.git.
type Server struct {
	URL      string
	Sent     atomic.Int64 // bytes of answers
	Requests atomic.Int64

	mu   sync.Mutex
	hook func(*http.Request) int

	token string
	http  *httptest.Server
}

// OnRequest has every later request shown to fn; a status other than 0 is the
// answer. nil ends it.
func (s *Server) OnRequest(fn func(*http.Request) int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook = fn
}

func (s *Server) refuses(r *http.Request) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hook == nil {
		return 0
	}
	return s.hook(r)
}

// Configure makes a bare repository answer like GitHub.
func Configure(dir string) error {
	for _, kv := range [][2]string{
		{"uploadpack.allowFilter", "true"},
		{"uploadpack.allowAnySHA1InWant", "true"},
		{"http.receivepack", "true"},
		{"receive.autogc", "false"},
		{"core.fsync", "none"}, // it lives for one test
		{"gc.auto", "0"},
	} {
		if out, err := exec.Command("git", "--git-dir", dir, "config", kv[0], kv[1]).CombinedOutput(); err != nil {
			return fmt.Errorf("git config %s: %w: %s", kv[0], err, out)
		}
	}
	return nil
}

// Basic is a token as it stands after "Authorization: Basic ".
func Basic(token string) string {
	return base64.StdEncoding.EncodeToString([]byte("x-access-token:" + token))
}

// Serve serves what is below dir. With a token, nobody else is let in. Close
// ends it.
func Serve(dir, token string) (*Server, error) {
	out, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		return nil, err
	}
	s := &Server{token: token}
	backend := filepath.Join(strings.TrimSpace(string(out)), "git-http-backend")
	s.http = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.Requests.Add(1)
		if s.token != "" && r.Header.Get("Authorization") != "Basic "+Basic(s.token) {
			w.Header().Set("WWW-Authenticate", `Basic realm="GitHub"`)
			http.Error(w, "Repository not found.", http.StatusUnauthorized)
			return
		}
		if status := s.refuses(r); status != 0 {
			http.Error(w, http.StatusText(status), status)
			return
		}
		h := &cgi.Handler{Path: backend, Dir: dir, Stderr: io.Discard, Env: []string{"GIT_PROJECT_ROOT=" + dir, "GIT_HTTP_EXPORT_ALL=1",
			"REMOTE_USER=x", "HOME=/nonexistent", "GIT_CONFIG_NOSYSTEM=1", "GIT_PROTOCOL=" + r.Header.Get("Git-Protocol")}}
		r.Header.Del("Authorization")
		h.ServeHTTP(&counted{w, s}, r)
	}))
	s.URL = s.http.URL
	return s, nil
}

// Close stops serving.
func (s *Server) Close() { s.http.Close() }

// counted counts what is written.
type counted struct {
	http.ResponseWriter
	s *Server
}

// Write counts b and passes it on.
func (c *counted) Write(b []byte) (int, error) {
	c.s.Sent.Add(int64(len(b)))
	return c.ResponseWriter.Write(b)
}
