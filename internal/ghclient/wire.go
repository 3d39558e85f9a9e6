package ghclient

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// wire is the innermost transport: every request that really leaves passes it.
type wire struct {
	next    http.RoundTripper
	observe func(Request)
	now     func() time.Time
	clock   *clockWatch
	origins []string // of the APIs: nothing is sent anywhere else
}

// RoundTrip implements http.RoundTripper. Redirects come here, too, with a token that was
// put on anew: one to another host is refused as a *reconcile.RefusedError. What it would answer
// isn't GitHub's word either.
func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	if at := origin(req.URL); !slices.Contains(w.origins, at) {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, &reconcile.RefusedError{
			Reason: "GitHub's API leads to another address, which gets no token", Said: at,
			Next: "have Slipway's operators set `github.web_url` and `github.v3_api_url` to where GitHub is now", Err: errElsewhere,
		}
	}
	began := w.now()
	resp, err := w.next.RoundTrip(req)
	came := w.now()
	seen := Request{Method: req.Method, Duration: came.Sub(began)}
	if err == nil {
		seen.Status = resp.StatusCode
		w.clock.look(resp, began, came)
		resp.Body = http.MaxBytesReader(nil, resp.Body, maxAnswer)
		undisguise(resp)
		resp.Header.Set("Vary", withoutAuthorization(resp.Header.Values("Vary")))
		if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusNotModified {
			// httpcache would keep it in the place of the last good answer.
			resp.Header.Set("Cache-Control", "no-store")
		}
	}
	if w.observe != nil {
		w.observe(seen)
	}
	return resp, err
}

// maxAnswer bounds what is read of one answer, in bytes: a page of a hundred of the longest
// texts that GitHub takes fits in.
const maxAnswer = 32 << 20

var errElsewhere = errors.New("a request to another host than the API's")

// origin is a URL's scheme, host and port.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return strings.ToLower(u.Scheme + "://" + u.Hostname() + ":" + port)
}

// withoutAuthorization lets a cached answer be revalidated after the token was
// rotated. It is safe because a cache belongs to one installation.
func withoutAuthorization(vary []string) string {
	var kept []string
	for _, name := range strings.Split(strings.Join(vary, ","), ",") {
		if name = strings.TrimSpace(name); name != "" && !strings.EqualFold(name, "Authorization") {
			kept = append(kept, name)
		}
	}
	return strings.Join(kept, ", ")
}

// sharedReads is the outermost transport of one installation: identical reads
// that overlap become one, and each caller gets a copy of its answer. A caller
// joins only a read that began after its own work did (reconcile.WithReadNoOlderThan):
// an older one may have been answered before the event that the work is about.
// Its own then begins when the older one has ended, so that it revalidates that
// answer, which is free.
type sharedReads struct {
	next http.RoundTripper
	now  func() time.Time

	mu      sync.Mutex
	flights map[string]*flight
}

// flight is one read under way.
type flight struct {
	began time.Time // zero: not yet
	after *flight   // that it waits for
	done  chan struct{}
	resp  *http.Response
	body  []byte
	err   error
}

// RoundTrip implements http.RoundTripper.
func (s *sharedReads) RoundTrip(req *http.Request) (*http.Response, error) {
	asOf, known := reconcile.ReadNoOlderThan(req.Context())
	if req.Method != http.MethodGet || !known {
		return s.next.RoundTrip(req)
	}
	f := s.join(req, asOf)
	select {
	case <-req.Context().Done():
		return nil, req.Context().Err()
	case <-f.done:
	}
	if f.err != nil {
		return nil, f.err
	}
	copied := *f.resp
	copied.Header = f.resp.Header.Clone()
	copied.Body = io.NopCloser(bytes.NewReader(f.body))
	copied.Request = req
	return &copied, nil
}

func (s *sharedReads) join(req *http.Request, asOf time.Time) *flight {
	key := req.URL.String() + "\x00" + req.Header.Get("Accept")
	s.mu.Lock()
	defer s.mu.Unlock()
	older := s.flights[key]
	if older != nil && (older.began.IsZero() || older.began.After(asOf)) {
		return older
	}
	f := &flight{after: older, done: make(chan struct{})}
	if older == nil {
		f.began = s.now()
	}
	if s.flights == nil {
		s.flights = map[string]*flight{}
	}
	s.flights[key] = f
	go s.fly(key, f, req)
	return f
}

func (s *sharedReads) fly(key string, f *flight, req *http.Request) {
	// Whoever began it may give up; the others still want the answer.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(req.Context()), requestTimeout)
	defer cancel()
	if f.after != nil {
		<-f.after.done
		s.mu.Lock()
		f.began, f.after = s.now(), nil
		s.mu.Unlock()
	}
	if f.resp, f.err = s.next.RoundTrip(req.Clone(ctx)); f.err == nil {
		f.body, f.err = io.ReadAll(f.resp.Body)
		f.resp.Body.Close()
	}
	s.mu.Lock()
	if s.flights[key] == f {
		delete(s.flights, key)
	}
	s.mu.Unlock()
	close(f.done)
}
