package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Validator knows the document.
type Validator struct {
	components map[string]map[string]json.RawMessage // kind, then name
	table      map[string][]*operation               // by method
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
}

// Collect makes a collector.
func (v *Validator) Collect() *Collector {
	return &Collector{v: v, problems: map[string]int{}}
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
	for _, p := range op.response(c.v, t.status, t.ctype, t.buf.Bytes()) {
		c.add(name, fmt.Sprintf("response %d: %s", t.status, p))
	}
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
	for _, op := range v.table[method] {
		if p, literal := op.match(segs); p != nil && literal > most {
			best, params, most = op, p, literal
		}
	}
	return best, params
}
