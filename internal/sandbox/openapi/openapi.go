package openapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Validator knows the document.
type Validator struct {
	components map[string]map[string]json.RawMessage // kind, then name
	table      map[string][]*operation               // by what drawer says
}

var load = sync.OnceValues(func() (*Validator, error) {
	path := find()
	if path == "" {
		return nil, nil
	}
	return open(path)
})

// Find returns the validator, or nil when the document is not there.
func Find(t testing.TB) *Validator {
	t.Helper()
	v, err := load()
	if err != nil {
		t.Fatalf("openapi: %v", err)
	}
	return v
}

// find looks at $SLIPWAY_OPENAPI, then in .cache of the module's root.
func find() string {
	if p := os.Getenv("SLIPWAY_OPENAPI"); p != "" {
		return p
	}
	return Cached("@octokit/openapi/generated/api.github.com.json")
}

// Cached finds a file of an npm package below the module root's .cache; "" when it isn't there.
func Cached(name string) string {
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	for {
		p := filepath.Join(dir, ".cache", "npm", "node_modules", filepath.FromSlash(name))
		if _, err := os.Stat(p); err == nil {
			return p
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
		dir = filepath.Dir(dir)
	}
}

// Collector gathers the problems of one server.
type Collector struct {
	v        *Validator
	mu       sync.Mutex
	problems map[string]int
	order    []string
	right    map[answer]bool
}

// answer is one that an operation gave: the same ones are given again and again, and to
// hold them to the document takes longer than to give them.
type answer struct {
	op     *operation
	status int
	ctype  string
	body   [sha256.Size]byte
}

// Collect makes a collector.
func (v *Validator) Collect() *Collector {
	return &Collector{v: v, problems: map[string]int{}, right: map[answer]bool{}}
}

// Problems are the differences found so far, each once.
func (c *Collector) Problems() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for _, p := range c.order {
		out = append(out, fmt.Sprintf("openapi: %s (%d times)", p, c.problems[p]))
	}
	return out
}

func (c *Collector) add(op, what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := op + ": " + what
	if c.problems[p] == 0 {
		c.order = append(c.order, p)
	}
	c.problems[p]++
}

// Wrap validates what passes through h. Requests are validated only where they succeeded: a refused one is allowed to be
// wrong, and so is one to an operation that GitHub's document does not know.
func (c *Collector) Wrap(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body []byte
		if r.Body != nil {
			body, _ = io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		tee := &tee{ResponseWriter: w, status: 200}
		h.ServeHTTP(tee, r)
		c.check(r, body, tee)
	})
}

type tee struct {
	http.ResponseWriter
	status int
	ctype  string
	buf    bytes.Buffer
}

// WriteHeader notes the status.
func (t *tee) WriteHeader(code int) {
	t.status, t.ctype = code, t.Header().Get("Content-Type")
	t.ResponseWriter.WriteHeader(code)
}

// Write keeps a copy of b.
func (t *tee) Write(b []byte) (int, error) {
	t.buf.Write(b)
	return t.ResponseWriter.Write(b)
}

func (c *Collector) check(r *http.Request, body []byte, t *tee) {
	op, params := c.v.match(r.Method, r.URL.EscapedPath())
	if op == nil {
		if t.status < 400 && !strings.HasPrefix(r.URL.Path, "/repositories/") {
			c.add(r.Method+" "+r.URL.Path, "answered, but unknown to GitHub's document")
		}
		return
	}
	name := op.method + " " + op.template
	if t.status == http.StatusNotModified || t.status >= 500 {
		return
	}
	if t.status < 400 {
		for _, p := range op.request(c.v, params, r.URL.Query(), body) {
			c.add(name, "request: "+p)
		}
	}
	given := answer{op, t.status, t.ctype, sha256.Sum256(t.buf.Bytes())}
	if c.known(given) {
		return
	}
	wrong := op.response(c.v, t.status, t.ctype, t.buf.Bytes())
	for _, p := range wrong {
		c.add(name, fmt.Sprintf("response %d: %s", t.status, p))
	}
	if len(wrong) == 0 {
		c.mu.Lock()
		c.right[given] = true
		c.mu.Unlock()
	}
}

func (c *Collector) known(a answer) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.right[a]
}

// drawer is where the operations of a path lie: by method, first and fourth segment, "" for
// one that is a parameter or missing. GitHub has 1,200 of them, most below a repository.
func drawer(method string, segs []string) string {
	key := method + " " + segs[0]
	if len(segs) > 3 && !strings.Contains(segs[3], "{") {
		key += " " + segs[3]
	}
	return key
}

// match finds the operation of a path; literal segments win over parameters.
func (v *Validator) match(method, path string) (*operation, map[string]string) {
	segs := strings.Split(strings.Trim(path, "/"), "/")
	if method == http.MethodHead {
		method = http.MethodGet
	}
	var best *operation
	var params map[string]string
	most := -1
	for _, op := range slices.Concat(v.table[drawer(method, segs)], v.table[drawer(method, segs[:1])]) {
		if p, literal := op.match(segs); p != nil && literal > most {
			best, params, most = op, p, literal
		}
	}
	return best, params
}
