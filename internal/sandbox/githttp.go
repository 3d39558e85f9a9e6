package sandbox

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"os"
	"os/exec"
	"sort"
	"strings"
	"sync"
)

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
	if write {
		s.receive(w, r, a, repo, rest)
		return
	}
	fetches(w, r, repo.git, rest)
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
	return service(empty, protocolV2, "upload-pack", "--http-backend-info-refs").Output()
})

// service is one of git's programs behind a server, on a repository.
func service(g *gitRepo, protocol string, args ...string) *exec.Cmd {
	cmd := exec.Command("git", append(args, g.dir)...)
	cmd.Env = append(gitEnv(), "GIT_PROTOCOL="+protocol)
	return cmd
}

// fetches answers what a fetch asks as git's http-backend would, with one process in the place of three.
func fetches(w http.ResponseWriter, r *http.Request, g *gitRepo, rest string) {
	protocol := r.Header.Get("Git-Protocol")
	if rest == "info/refs" && protocol == protocolV2 && r.Method == http.MethodGet && r.URL.Query().Get("service") == "git-upload-pack" {
		greeting, err := capabilities()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		answers(w, "git-upload-pack", "advertisement")
		w.Write(greeting)
		return
	}
	body, asked := asks(w, r, rest, "git-upload-pack")
	switch {
	case !asked:
	case rest == "info/refs":
		greet(w, service(g, protocol, "upload-pack", "--http-backend-info-refs"), "git-upload-pack")
	case protocol == protocolV2 && isListing(body):
		listRefs(w, body, g)
	default:
		answers(w, "git-upload-pack", "result")
		cmd := service(g, protocol, "upload-pack", "--stateless-rpc")
		cmd.Stdin, cmd.Stdout = body, w
		_ = cmd.Run() // what git says to it is in the answer
	}
}

// receive takes a push. The answer is held back until the push is known here: whoever pushed sees its effect in the API at once.
func (s *Server) receive(w http.ResponseWriter, r *http.Request, a actor, repo *repo, rest string) {
	body, asked := asks(w, r, rest, "git-receive-pack")
	switch {
	case !asked:
	case rest == "info/refs":
		greet(w, service(repo.git, "", "receive-pack", "--http-backend-info-refs"), "git-receive-pack")
	default:
		var said bytes.Buffer
		cmd := service(repo.git, "", "receive-pack", "--stateless-rpc")
		cmd.Env = append(cmd.Env, s.pushRules(a, repo)...)
		cmd.Stdin, cmd.Stdout = body, &said
		_ = cmd.Run() // what git says to it is in the answer
		s.noticePush(a, repo)
		answers(w, "git-receive-pack", "result")
		w.Write(said.Bytes())
	}
}

// asks is what a request says to a service of git's, without its compression; false: it isn't one, and was answered.
func asks(w http.ResponseWriter, r *http.Request, rest, service string) (*bufio.Reader, bool) {
	greeted := r.Method == http.MethodGet && rest == "info/refs" && r.URL.Query().Get("service") == service
	if !greeted && (r.Method != http.MethodPost || rest != service) {
		http.NotFound(w, r) // as GitHub, which serves no files of a repository so
		return nil, false
	}
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		plain, err := gzip.NewReader(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return nil, false
		}
		body = plain
	}
	return bufio.NewReader(body), true
}

func answers(w http.ResponseWriter, service, what string) {
	w.Header().Set("Content-Type", "application/x-"+service+"-"+what)
	w.Header().Set("Cache-Control", "no-cache, max-age=0, must-revalidate")
}

// greet answers what a client asks first: which service it is, and what git says of the refs.
func greet(w http.ResponseWriter, cmd *exec.Cmd, service string) {
	out, err := cmd.Output()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	answers(w, service, "advertisement")
	w.Write([]byte(line("# service="+service+"\n") + "0000"))
	w.Write(out)
}

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
