package webhook_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/webhook"
)

// slow is a body that comes when the test says so.
type slow struct {
	io.Reader
	begun *atomic.Int32
	come  <-chan struct{}
	once  sync.Once
}

func (s *slow) Read(p []byte) (int, error) {
	s.once.Do(func() {
		s.begun.Add(1)
		<-s.come
	})
	return s.Reader.Read(p)
}

// crowd is a door that many come to at once.
type crowd struct {
	http.Handler
	wg    sync.WaitGroup
	mu    sync.Mutex
	codes map[int]int
	seen  []string
}

func newCrowd(t *testing.T, take webhook.Taker) *crowd {
	t.Helper()
	c := &crowd{codes: map[int]int{}}
	h, err := webhook.New(webhook.Options{Registry: registry(t), Taker: take, Secret: secret, Now: time.Now,
		Observe: func(kind, outcome string) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.seen = append(c.seen, kind+" "+outcome)
		}})
	if err != nil {
		t.Fatal(err)
	}
	c.Handler = h
	return c
}

// got is how many were answered with a status.
func (c *crowd) got(status int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.codes[status]
}

// send delivers in the background a body that claims a length.
func (c *crowd) send(ctx context.Context, claimed int64, body io.Reader, payload []byte) *httptest.ResponseRecorder {
	r := delivery("pull_request", payload).WithContext(ctx)
	r.Body, r.ContentLength = io.NopCloser(body), claimed
	w := httptest.NewRecorder()
	c.wg.Go(func() {
		c.ServeHTTP(w, r)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.codes[w.Code]++
	})
	return w
}

func TestHugeBodiesAreBounded(t *testing.T) {
	pull := payload(t, "pull_request")
	for name, claimed := range map[string]int64{"told": 25 << 20, "not told": -1} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var begun, small atomic.Int32
				come, comeSmall := make(chan struct{}), make(chan struct{})
				c := newCrowd(t, &taker{})
				huge := func() *slow { return &slow{Reader: bytes.NewReader(pull), begun: &begun, come: come} }
				for range 7 {
					c.send(t.Context(), claimed, huge(), pull)
				}
				synctest.Wait()
				if n := begun.Load(); n != 4 {
					t.Errorf("%d huge bodies are read at once, want 4", n)
				}
				for range 20 { // behind three huge ones that wait
					c.send(t.Context(), int64(len(pull)), &slow{Reader: bytes.NewReader(pull), begun: &small, come: comeSmall}, pull)
				}
				close(comeSmall)
				synctest.Wait()
				if c.got(200) != 20 {
					t.Errorf("%d small ones went on", c.got(200))
				}
				gone, leave := context.WithCancel(t.Context())
				left := c.send(gone, claimed, huge(), pull)
				synctest.Wait()
				leave()
				synctest.Wait()
				if left.Code != 503 || left.Header().Get("Retry-After") != "1" || !slices.Contains(c.seen, " refused 503") {
					t.Errorf("one that left: %d, %v, observed %v", left.Code, left.Header(), c.seen)
				}
				close(come) // the four end, the three follow
				c.wg.Wait()
				if c.got(200) != 27 || c.got(503) != 1 || begun.Load() != 7 {
					t.Errorf("in the end: %v", c.codes)
				}
			})
		})
	}
}

func TestManySmallBodiesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var begun atomic.Int32
		come := make(chan struct{})
		c := newCrowd(t, &taker{})
		pull := payload(t, "pull_request")
		for range 40 {
			c.send(t.Context(), 1<<20, &slow{Reader: bytes.NewReader(pull), begun: &begun, come: come}, pull)
		}
		synctest.Wait()
		if n := begun.Load(); n != 28 {
			t.Errorf("%d bodies of 1 MiB are read at once, want 28", n)
		}
		close(come)
		c.wg.Wait()
		if c.got(200) != 40 {
			t.Errorf("in the end: %v", c.codes)
		}
	})
}

// held is a Taker that is slow to store.
type held struct {
	in   atomic.Int32
	done chan struct{}
}

func (h *held) StoreDelivery(context.Context, reconcile.Delivery) (bool, error) {
	h.in.Add(1)
	<-h.done
	return true, nil
}

// TestWaitsAsLongAsGitHub: a body is in flight until it is stored, and who waits
// for room is told so while GitHub still listens.
func TestWaitsAsLongAsGitHub(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &held{done: make(chan struct{})}
		c := newCrowd(t, h)
		pull := payload(t, "pull_request")
		for range 5 {
			c.send(t.Context(), 25<<20, bytes.NewReader(pull), pull)
		}
		time.Sleep(9 * time.Second)
		synctest.Wait()
		if h.in.Load() != 4 || c.got(200)+c.got(503) != 0 {
			t.Errorf("%d are being stored, %d answered", h.in.Load(), c.got(200)+c.got(503))
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if c.got(503) != 1 {
			t.Errorf("%d were told to come again", c.got(503))
		}
		close(h.done)
		c.wg.Wait()
		if c.got(200) != 4 {
			t.Errorf("in the end: %v", c.codes)
		}
	})
}
