package webhook_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
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

// stalled is a body of which a part arrives, and the rest when the test says so.
func stalled(arrives int, rest io.Reader, come <-chan struct{}, begun *atomic.Int32) io.Reader {
	return io.MultiReader(io.LimitReader(rest, int64(arrives)), &slow{Reader: rest, begun: begun, come: come})
}

// padded is a payload with white space before it, up to a size.
func padded(pull []byte, size int) []byte {
	return append(bytes.Repeat([]byte(" "), size-len(pull)), pull...)
}

// TestClaimsTakeNoRoom: whoever claims much and sends little keeps nobody out.
func TestClaimsTakeNoRoom(t *testing.T) {
	for name, claimed := range map[string]int64{"a little": 1 << 20, "much": 25 << 20, "nothing": -1} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var begun atomic.Int32
				come := make(chan struct{})
				c := newCrowd(t, &taker{})
				pull := payload(t, "pull_request")
				for range 1000 {
					c.send(t.Context(), claimed, stalled(1, bytes.NewReader(pull), come, &begun), pull)
				}
				synctest.Wait()
				for _, size := range []int{len(pull), 700 << 10, 3 << 20} {
					whole := padded(pull, size)
					c.send(t.Context(), int64(size), bytes.NewReader(whole), whole)
				}
				synctest.Wait()
				if c.got(200) != 3 || begun.Load() != 1000 {
					t.Errorf("%d genuine ones went on beside %d that stall", c.got(200), begun.Load())
				}
				close(come)
				c.wg.Wait()
				if c.got(200) != 1003 {
					t.Errorf("in the end: %v", c.codes)
				}
			})
		})
	}
}

// TestBodiesAreBounded: what has arrived is bounded, and the large don't keep out the
// small.
func TestBodiesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var begun atomic.Int32
		come := make(chan struct{})
		c := newCrowd(t, &taker{})
		pull := payload(t, "pull_request")
		const size = 20 << 20
		whole := padded(pull, size)
		for range 7 {
			c.send(t.Context(), size, stalled(size-1, bytes.NewReader(whole), come, &begun), whole)
		}
		synctest.Wait()
		if n := begun.Load(); n > 4 {
			t.Errorf("%d huge bodies have arrived, at most 4 may", n)
		}
		for range 20 {
			c.send(t.Context(), int64(len(pull)), bytes.NewReader(pull), pull)
		}
		synctest.Wait()
		if c.got(200) != 20 {
			t.Errorf("%d small ones went on", c.got(200))
		}
		gone, leave := context.WithCancel(t.Context())
		left := c.send(gone, size, bytes.NewReader(whole), whole)
		synctest.Wait()
		leave()
		synctest.Wait()
		if left.Code != 503 || left.Header().Get("Retry-After") != "1" || !slices.Contains(c.seen, " refused 503") {
			t.Errorf("one that left: %d, %v, observed %v", left.Code, left.Header(), c.seen)
		}
		close(come) // those that have arrived end, and the others follow
		c.wg.Wait()
		if c.got(200) != 27 || c.got(503) != 1 {
			t.Errorf("in the end: %v", c.codes)
		}
	})
}

// TestSlowBodiesAreCut: over a connection, whoever doesn't send in time is cut.
func TestSlowBodiesAreCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t, &taker{})
		ours, theirs := net.Pipe()
		server := &http.Server{Handler: c}
		go func() { _ = server.Serve(&one{conn: ours}) }()
		pull := payload(t, "pull_request")
		r := delivery("pull_request", pull)
		head := fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n", len(pull))
		for name := range r.Header {
			head += name + ": " + r.Header.Get(name) + "\r\n"
		}
		began := time.Now()
		if _, err := io.WriteString(theirs, head+"\r\n{"); err != nil {
			t.Fatal(err)
		}
		answer, err := http.ReadResponse(bufio.NewReader(theirs), nil)
		if err != nil || answer.StatusCode != http.StatusRequestTimeout || time.Since(began) != 10*time.Second {
			t.Errorf("%v after %s: %+v", err, time.Since(began), answer)
		}
		_ = theirs.Close()
		_ = server.Close()
	})
}

// one is a listener with one connection.
type one struct {
	conn net.Conn
	once sync.Once
	done chan struct{}
}

func (l *one) Accept() (conn net.Conn, err error) {
	l.once.Do(func() { conn, l.done = l.conn, make(chan struct{}) })
	if conn == nil {
		<-l.done
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (l *one) Close() error   { close(l.done); return nil }
func (l *one) Addr() net.Addr { return l.conn.LocalAddr() }

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
		whole := padded(pull, 20<<20)
		for range 5 {
			c.send(t.Context(), int64(len(whole)), bytes.NewReader(whole), whole)
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
