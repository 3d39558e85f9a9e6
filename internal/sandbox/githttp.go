package sandbox

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/cgi"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"sync"
)

var backend = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("git", "--exec-path").Output()
	return filepath.Join(strings.TrimSpace(string(out)), "git-http-backend"), err
})

// serveGit hands {owner}/{repo}.git/... to git, after the credential was checked.
func (s *Server) serveGit(w http.ResponseWriter, r *http.Request) {
	noteOf(r).Git, noteOf(r).Route = true, "git"
	full, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), ".git/")
	write := strings.HasSuffix(r.URL.Path, "/git-receive-pack") || r.URL.Query().Get("service") == "git-receive-pack"
	repo, a, status := s.authorizeGit(r, full, write)
	switch {
	case status == http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Basic realm="GitHub"`)
		http.Error(w, "Authentication required", status)
		return
	case status == http.StatusMovedPermanently:
		http.Redirect(w, r, s.repoHTML(repo)+".git/"+rest+query(r), status)
		return
	case status != 0:
		http.Error(w, http.StatusText(status), status)
		return
	}
	if r.Header.Get("Git-Protocol") == protocolV2 && !write && fetches(w, r, repo.git, rest) {
		return
	}
	path, err := backend()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h := &cgi.Handler{Path: path, Root: "/", Dir: repo.git.dir, Env: []string{"GIT_PROJECT_ROOT=" + repo.git.dir,
		"GIT_HTTP_EXPORT_ALL=1", "HOME=/nonexistent", "GIT_CONFIG_NOSYSTEM=1", "REMOTE_USER=" + a.user.login,
		"GIT_PROTOCOL=" + r.Header.Get("Git-Protocol"), "LC_ALL=C"}}
	h.Env = append(h.Env, s.pushRules(a, repo)...)
	r2 := r.Clone(r.Context())
	r2.URL.Path = "/" + rest
	r2.Header.Del("Authorization")
	receive := strings.HasSuffix(rest, "git-receive-pack") && r.Method == http.MethodPost
	if !receive {
		h.ServeHTTP(w, r2)
		return
	}
	// The answer is held back until the push is known here: whoever pushed sees its effect in the API at once.
	held := &heldWriter{header: w.Header()}
	h.ServeHTTP(held, r2)
	s.noticePush(a, repo)
	if held.status != 0 {
		w.WriteHeader(held.status)
	}
	w.Write(held.body.Bytes())
}

// protocolV2 is the header of a client that speaks git's version 2 over HTTP:
// https://git-scm.com/docs/protocol-v2#_http_transport
const protocolV2 = "version=2"

// capabilities is what a fetch of version 2 is greeted with: the same for each repository.
var capabilities = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "slipway-sandbox-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	empty, err := initBare(dir, "master", "")
	if err != nil {
		return nil, err
	}
	return uploadPack(empty, nil, "--http-backend-info-refs").Output()
})

func uploadPack(g *gitRepo, in io.Reader, how string) *exec.Cmd {
	cmd := exec.Command("git", "upload-pack", how, g.dir)
	cmd.Env, cmd.Stdin = append(gitEnv(), "GIT_PROTOCOL="+protocolV2), in
	return cmd
}

// fetches answers a request of a fetch as git's http-backend would, with one process
// in the place of three; false: it isn't one.
func fetches(w http.ResponseWriter, r *http.Request, g *gitRepo, rest string) bool {
	switch {
	case r.Method == http.MethodGet && rest == "info/refs" && r.URL.Query().Get("service") == "git-upload-pack":
		greeting, err := capabilities()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return true
		}
		w.Header().Set("Content-Type", "application/x-git-upload-pack-advertisement")
		w.Write(greeting)
		return true
	case r.Method == http.MethodPost && rest == "git-upload-pack":
		body := io.Reader(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" {
			plain, err := gzip.NewReader(r.Body)
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return true
			}
			body = plain
		}
		w.Header().Set("Content-Type", "application/x-git-upload-pack-result")
		cmd := uploadPack(g, body, "--stateless-rpc")
		cmd.Stdout = w
		_ = cmd.Run() // what git says to it is in the answer
		return true
	}
	return false
}

type heldWriter struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header is the real writer's.
func (w *heldWriter) Header() http.Header { return w.header }

// Write keeps b.
func (w *heldWriter) Write(b []byte) (int, error) { return w.body.Write(b) }

// WriteHeader keeps the status.
func (w *heldWriter) WriteHeader(status int) { w.status = status }

func query(r *http.Request) string {
	if r.URL.RawQuery == "" {
		return ""
	}
	return "?" + r.URL.RawQuery
}

// authorizeGit answers with the repository and who acts; status is 0 when the request may pass.
func (s *Server) authorizeGit(r *http.Request, full string, write bool) (*repo, actor, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	cred, err := s.authenticate(r)
	if err != nil {
		if err == errSuspended {
			return nil, actor{}, http.StatusForbidden
		}
		return nil, actor{}, http.StatusUnauthorized
	}
	c := call{s: s, cred: cred, note: noteOf(r)}
	c.identify()
	target := s.repos[strings.ToLower(full)]
	if target == nil {
		if target = s.renamed[strings.ToLower(full)]; target != nil && !target.deleted {
			return target, actor{}, http.StatusMovedPermanently
		}
		if cred.kind == "" { // GitHub asks who you are before it says that there is nothing
			return nil, actor{}, http.StatusUnauthorized
		}
		return nil, actor{}, http.StatusNotFound
	}
	if c.actor.user == nil {
		c.actor.user = s.ghost
	}
	if write && target.archived {
		return target, c.actor, http.StatusForbidden
	}
	return target, c.actor, s.gitStatus(cred, target, write)
}

func (s *Server) gitStatus(cred credential, r *repo, write bool) int {
	switch cred.kind {
	case "installation":
		t := cred.tok
		level := permLevel(t.perms["contents"])
		switch {
		case !t.covers(r) && r.private:
			return http.StatusNotFound
		case write && (!t.covers(r) || level < 2), t.covers(r) && level < 1 && r.private:
			return http.StatusForbidden
		}
		return 0
	case "user":
		switch {
		case !s.can(cred.user, r, "read"):
			return http.StatusNotFound
		case write && !s.can(cred.user, r, "write"):
			return http.StatusForbidden
		}
		return 0
	}
	if write || r.private {
		return http.StatusUnauthorized
	}
	return 0
}

// noticePush compares the refs with what was known before a push, and lets the consequences follow.
func (s *Server) noticePush(a actor, r *repo) {
	s.mu.Lock() // first: a ref moved by the API meanwhile must not look like part of this push
	defer s.mu.Unlock()
	refs, err := r.git.refs()
	if err != nil {
		return
	}
	var moved []string
	for ref, sha := range refs {
		if r.refs[ref] != sha {
			moved = append(moved, ref)
		}
	}
	for ref := range r.refs {
		if _, still := refs[ref]; !still {
			moved = append(moved, ref)
		}
	}
	sort.Strings(moved)
	for _, ref := range moved {
		after := refs[ref]
		if after == "" {
			after = zeroSHA
		}
		s.refMoved(a, r, ref, r.refs[ref], after)
	}
}
