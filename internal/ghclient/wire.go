package ghclient

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"
)

// wire is the innermost transport: every request that really leaves passes it.
type wire struct {
	next    http.RoundTripper
	observe func(Request)
	now     func() time.Time
}

// RoundTrip implements http.RoundTripper.
func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	began := w.now()
	resp, err := w.next.RoundTrip(req)
	seen := Request{Installation: installationIn(req), Method: req.Method, Duration: w.now().Sub(began)}
	if err == nil {
		seen.Status = resp.StatusCode
		seen.Remaining = resp.Header.Get("X-RateLimit-Remaining")
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

type installationKey struct{}

func installationIn(req *http.Request) int64 {
	id, _ := req.Context().Value(installationKey{}).(int64)
	return id
}

// sharedReads is the outermost transport of one installation: identical reads
// that overlap become one, and each caller gets a copy of its answer.
type sharedReads struct {
	next  http.RoundTripper
	group singleflight.Group
}

type sharedAnswer struct {
	resp *http.Response
	body []byte
}

// RoundTrip implements http.RoundTripper.
func (s *sharedReads) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet {
		return s.next.RoundTrip(req)
	}
	key := req.URL.String() + "\x00" + req.Header.Get("Accept")
	ch := s.group.DoChan(key, func() (any, error) {
		// The first caller may give up; the others still want the answer.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(req.Context()), requestTimeout)
		defer cancel()
		resp, err := s.next.RoundTrip(req.Clone(ctx))
		if err != nil {
			return nil, err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		return sharedAnswer{resp: resp, body: body}, err
	})
	select {
	case <-req.Context().Done():
		return nil, req.Context().Err()
	case r := <-ch:
		if r.Err != nil {
			return nil, r.Err
		}
		a := r.Val.(sharedAnswer)
		copied := *a.resp
		copied.Header = a.resp.Header.Clone()
		copied.Body = io.NopCloser(bytes.NewReader(a.body))
		copied.Request = req
		return &copied, nil
	}
}
