package sandbox

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Request is one request that the server answered: the API's and git's, not the web pages'.
type Request struct {
	Time         time.Time
	Method       string
	Path         string // without /api/v3
	Query        string
	Route        string // the pattern that matched, "" when none did
	Status       int
	Installation int64  // 0 unless an installation token was used
	Login        string // the person whose token was used
	Git          bool
	Limited      bool // refused by a simulated limit
	Duration     time.Duration
}

// requestLog remembers the latest requests, and counts all.
type requestLog struct {
	mu      sync.Mutex
	rows    []Request
	total   int
	byInst  map[int64]int
	unknown map[string]int
	byApp   map[string]bool // the endpoints that the App called
	written chan struct{}   // closed with the next write; nil while nobody waits for it
}

type noteKey struct{}

// recorded remembers what passes through h.
func (s *Server) recorded(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		note := &Request{Time: s.now(), Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery}
		if len(note.Path) > 7 && note.Path[:8] == "/api/v3/" {
			note.Path = note.Path[7:]
		}
		start := time.Now()
		// Before the answer leaves: whoever has it may count. Also when the connection is
		// cut by a panic with http.ErrAbortHandler.
		sw := &statusWriter{ResponseWriter: w}
		sw.note = sync.OnceFunc(func() {
			note.Status, note.Duration = sw.status, time.Since(start)
			s.log.add(*note, s.opts.KeepRequests)
		})
		defer sw.begin(http.StatusOK)
		h.ServeHTTP(sw, r.WithContext(context.WithValue(r.Context(), noteKey{}, note)))
	})
}

func noteOf(r *http.Request) *Request {
	if n, isNote := r.Context().Value(noteKey{}).(*Request); isNote {
		return n
	}
	return &Request{}
}

type statusWriter struct {
	http.ResponseWriter
	status int
	note   func()
}

func (w *statusWriter) begin(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.note()
}

// WriteHeader notes the status.
func (w *statusWriter) WriteHeader(code int) {
	w.begin(code)
	w.ResponseWriter.WriteHeader(code)
}

// Write notes that all is well, if nothing else was said.
func (w *statusWriter) Write(p []byte) (int, error) {
	w.begin(http.StatusOK)
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController through.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Flush lets git's streams through.
func (w *statusWriter) Flush() {
	if f, can := w.ResponseWriter.(http.Flusher); can {
		f.Flush()
	}
}

func (l *requestLog) add(r Request, keep int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byInst == nil {
		l.byInst, l.unknown = map[int64]int{}, map[string]int{}
	}
	if l.written != nil && r.Method != http.MethodGet {
		close(l.written)
		l.written = nil
	}
	if strings.Contains(r.Route, " /") && r.Login == "" {
		if l.byApp == nil {
			l.byApp = map[string]bool{}
		}
		l.byApp[r.Route] = true
	}
	l.total++
	l.byInst[r.Installation]++
	if r.Route == "" && !r.Git {
		l.unknown[r.Method+" "+r.Path]++
	}
	if len(l.rows) >= 2*keep {
		l.rows = append([]Request(nil), l.rows[len(l.rows)-keep:]...)
	}
	l.rows = append(l.rows, r)
}

// Written returns a channel that is closed once the next request was answered that may have changed something.
func (s *Server) Written() <-chan struct{} {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	if s.log.written == nil {
		s.log.written = make(chan struct{})
	}
	return s.log.written
}

// Requests returns the remembered requests, oldest first.
func (s *Server) Requests() []Request {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return append([]Request(nil), s.log.rows...)
}

// RequestCount is how many requests came since the start or the last ResetRequests.
func (s *Server) RequestCount() int {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return s.log.total
}

// RequestsBy is how many requests came with tokens of an installation; 0 stands for all others.
func (s *Server) RequestsBy(installation int64) int {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return s.log.byInst[installation]
}

// UnknownRoutes lists requests that no route knows, as "METHOD /path", with their number.
func (s *Server) UnknownRoutes() map[string]int {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	out := map[string]int{}
	for k, v := range s.log.unknown {
		out[k] = v
	}
	return out
}

// CalledByApp are the endpoints of the REST API that the App has called since the start, sorted, as [Uses] has them.
func (s *Server) CalledByApp() []string {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return slices.Sorted(maps.Keys(s.log.byApp))
}

// ResetRequests forgets all requests and counts.
func (s *Server) ResetRequests() {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.log.rows, s.log.total, s.log.byInst, s.log.unknown = nil, 0, nil, nil
}
