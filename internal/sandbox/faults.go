package sandbox

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fault is trouble on demand for requests to the API or to git. The first fault that matches a request is used.
type Fault struct {
	Match  func(*http.Request) bool // nil matches all; the path has its /api/v3
	Method string                   // "" matches all
	Path   *regexp.Regexp           // nil matches all
	Times  int                      // how often; 0 means until ClearFaults
	Skip   int                      // how many matching requests pass first

	Delay  time.Duration // wait before anything else
	Status int           // answer this in place of the API; 0 lets the request through
	Header http.Header
	Body   string

	DropResponseAfterEffect bool // do the work, then cut the connection
	Drop                    bool // cut the connection without doing the work

	// Met is called before a connection is cut; nil for nothing. With DropResponseAfterEffect the work is done by then.
	Met func()
}

type faults struct {
	mu  sync.Mutex
	all []*Fault
	hit int
}

// Fault adds a fault.
func (s *Server) Fault(f Fault) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	if f.Times == 0 {
		f.Times = -1
	}
	s.faults.all = append(s.faults.all, &f)
}

// ClearFaults removes all faults.
func (s *Server) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.all = nil
}

// FaultHits is how many requests met a fault.
func (s *Server) FaultHits() int {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	return s.faults.hit
}

// SecondaryLimit is GitHub's secondary rate limit for the next n writes (all requests when writes is false).
func SecondaryLimit(n int, retryAfter time.Duration, writes bool) Fault {
	f := limited(n, 403, secondaryMessage, writes)
	f.Header = http.Header{"Retry-After": {strconv.Itoa(int(retryAfter / time.Second))}}
	return f
}

// SilentLimit is a secondary limit as github.com mostly answers it, for the next n requests: with 403 or 429, without a word
// of how long to wait, and while much of the hourly limit is left.
func SilentLimit(n, status int) Fault { return limited(n, status, secondaryMessage, false) }

// ContentLimit is GitHub's limit on making content, for the next n writes. It doesn't say how long to wait; reads go on.
func ContentLimit(n, status int) Fault { return limited(n, status, contentMessage, true) }

func limited(n, status int, message string, writes bool) Fault {
	return Fault{Times: n, Status: status, Match: func(r *http.Request) bool { return !writes || r.Method != http.MethodGet },
		Body: fmt.Sprintf(`{"documentation_url":%q,"message":%q,"status":"%d"}`, secondaryPage, message, status)}
}

// Refusal is a 422 with GitHub's words for the next n requests of a method whose path matches.
func Refusal(n int, method, path, message string) Fault {
	return Fault{Times: n, Method: method, Path: regexp.MustCompile(path), Status: 422,
		Body: fmt.Sprintf(`{"message":%q,"documentation_url":"https://docs.github.com/rest","status":"422"}`, message)}
}

// ServerError is n answers of 502 with GitHub's HTML page.
func ServerError(n int) Fault {
	return Fault{Times: n, Status: 502, Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}},
		Body: "<html>\n<head><title>Unicorn! · GitHub</title></head>\n<body>Server Error</body>\n</html>\n"}
}

// Disguised is n answers that are GitHub's page for a fault of its own, but say by their status that the request was at fault.
func Disguised(n, status int) Fault {
	f := ServerError(n)
	f.Status = status
	return f
}

func (s *Server) pickFault(r *http.Request) *Fault {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	for _, f := range s.faults.all {
		if f.Times == 0 || f.Method != "" && f.Method != r.Method || f.Path != nil && !f.Path.MatchString(r.URL.Path) ||
			f.Match != nil && !f.Match(r) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		if f.Times > 0 {
			f.Times--
		}
		s.faults.hit++
		return f
	}
	return nil
}

func (f *Fault) met() {
	if f.Met != nil {
		f.Met()
	}
}

// faulty puts the faults before h.
func (s *Server) faulty(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f := s.pickFault(r)
		if f == nil {
			h.ServeHTTP(w, r)
			return
		}
		if f.Delay > 0 {
			select {
			case <-time.After(f.Delay):
			case <-r.Context().Done():
				return
			}
		}
		switch {
		case f.Drop:
			f.met()
			panic(http.ErrAbortHandler)
		case f.DropResponseAfterEffect:
			h.ServeHTTP(discard{http.Header{}}, r)
			f.met()
			panic(http.ErrAbortHandler)
		case f.Status == 0:
			h.ServeHTTP(w, r)
		default:
			s.faultHeaders(w.Header(), r, f)
			noteOf(r).Route = "fault"
			w.WriteHeader(f.Status)
			w.Write([]byte(f.Body))
		}
	})
}

// faultHeaders are those of the fault. GitHub's own words, which are JSON, come with those of every answer of the API; what
// stands before it (a proxy's page) doesn't know them.
func (s *Server) faultHeaders(h http.Header, r *http.Request, f *Fault) {
	if strings.HasPrefix(f.Body, "{") {
		s.commonHeaders(h)
		h.Set("Content-Type", "application/json; charset=utf-8")
		s.mu.Lock()
		defer s.mu.Unlock()
		cred, _ := s.authenticate(r) // what it can't read is anonymous
		s.rateHeaders(h, cred.id())
	}
	for k, v := range f.Header {
		h[http.CanonicalHeaderKey(k)] = v
	}
}

// discard is a ResponseWriter that keeps nothing.
type discard struct{ h http.Header }

// Header returns headers that nobody reads.
func (d discard) Header() http.Header { return d.h }

// Write drops b.
func (d discard) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader does nothing.
func (d discard) WriteHeader(int) {}
