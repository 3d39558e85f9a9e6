package sandbox

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Delivery is one attempt to hand a webhook over.
type Delivery struct {
	ID           int64
	GUID         string
	Event        string
	Action       string
	URL          string
	DeliveredAt  time.Time
	Duration     time.Duration
	Redelivery   bool
	StatusCode   int    // 0 when there was no answer
	Status       string // OK, or what went wrong
	Installation int64
	Repository   int64
	Payload      []byte // nil for old deliveries
	Lost         bool   // a fault kept it from being sent

	reqHeader, respHeader http.Header
	response              string
}

// HookFault is trouble on demand for webhooks.
type HookFault struct {
	Match  func(event, action string) bool // nil matches all
	Times  int                             // 0 means until ClearHookFaults
	Lose   bool                            // never sent, though recorded as failed
	Closed bool                            // the address can't be reached: lost, and so is what is delivered again
	Drop   bool                            // never sent, and nobody knows of it
	Double bool                            // sent twice with one GUID
	Swap   bool                            // held until the next one was sent
	Delay  time.Duration                   // sent later; those behind it wait too
}

// hook is one address that gets every webhook.
type hook struct{ url, secret string }

type hooks struct {
	s       *Server
	client  *http.Client
	ctx     context.Context
	cancel  context.CancelFunc
	mu      sync.Mutex
	idle    *sync.Cond
	wake    *sync.Cond
	targets []hook
	queue   map[string][]*job
	workers map[string]bool
	pending int
	nextID  int64
	log     []*Delivery
	byID    map[int64]*Delivery
	total   int
	faults  []*HookFault
	closed  bool
}

// job is a webhook on its way to one address. The payload is encoded by the worker, outside the server's lock.
type job struct {
	hook       hook
	event      string
	action     string
	guid       string
	inst, repo int64
	payload    obj
	raw        []byte
	redelivery bool
	delay      time.Duration
	lost       bool
	held       bool // waits until another one has overtaken it
}

func (h *hooks) init(s *Server) {
	h.s = s
	h.ctx, h.cancel = context.WithCancel(context.Background())
	h.client = &http.Client{Timeout: s.opts.HookTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{MaxIdleConnsPerHost: 16, IdleConnTimeout: 30 * time.Second}}
	h.idle, h.wake = sync.NewCond(&h.mu), sync.NewCond(&h.mu)
	h.queue, h.workers, h.byID = map[string][]*job{}, map[string]bool{}, map[int64]*Delivery{}
	h.nextID = 90_000_000_000
}

func (h *hooks) close() {
	h.mu.Lock()
	h.closed = true
	h.wake.Broadcast()
	h.idle.Broadcast()
	h.mu.Unlock()
	h.cancel()
	h.client.CloseIdleConnections()
}

// SetHook sets the App's webhook address; an empty url means that there is none. An empty secret stands for App().WebhookSecret.
func (s *Server) SetHook(url, secret string) {
	if url == "" {
		s.SetHooks(nil, "")
		return
	}
	s.SetHooks([]string{url}, secret)
}

// SetHooks makes every webhook go to several addresses, with one GUID: several bots that each get every delivery.
func (s *Server) SetHooks(urls []string, secret string) {
	if secret == "" {
		secret = s.app.WebhookSecret
	}
	s.hooks.mu.Lock()
	defer s.hooks.mu.Unlock()
	s.hooks.targets = nil
	for _, u := range urls {
		s.hooks.targets = append(s.hooks.targets, hook{u, secret})
	}
}

// FaultHooks adds trouble for webhooks.
func (s *Server) FaultHooks(f HookFault) {
	s.hooks.mu.Lock()
	defer s.hooks.mu.Unlock()
	if f.Times == 0 {
		f.Times = -1
	}
	s.hooks.faults = append(s.hooks.faults, &f)
}

// ClearHookFaults removes all trouble for webhooks. What was to be lost is lost then:
// whoever asks for it next finds it.
func (s *Server) ClearHookFaults() {
	h := &s.hooks
	h.mu.Lock()
	defer h.mu.Unlock()
	loses := slices.ContainsFunc(h.faults, func(f *HookFault) bool { return f.Lose })
	for loses && h.pending > 0 && !h.closed {
		h.idle.Wait()
	}
	h.faults = nil
}

// WaitDeliveries waits until every webhook so far was attempted.
func (s *Server) WaitDeliveries(ctx context.Context) error {
	h := &s.hooks
	stop := context.AfterFunc(ctx, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.idle.Broadcast()
	})
	defer stop()
	h.mu.Lock()
	defer h.mu.Unlock()
	for h.pending > 0 && ctx.Err() == nil && !h.closed {
		h.idle.Wait()
	}
	return ctx.Err()
}

// Deliveries returns the recorded deliveries, oldest first.
func (s *Server) Deliveries() []Delivery {
	s.hooks.mu.Lock()
	defer s.hooks.mu.Unlock()
	out := make([]Delivery, 0, len(s.hooks.log))
	for _, d := range s.hooks.log {
		out = append(out, *d)
	}
	return out
}

// DeliveryCount is how many deliveries were attempted since the start.
func (s *Server) DeliveryCount() int {
	s.hooks.mu.Lock()
	defer s.hooks.mu.Unlock()
	return s.hooks.total
}

// RequestRedelivery sends a delivery again, as POST /app/hook/deliveries/{id}/attempts does: same GUID, new id.
func (s *Server) RequestRedelivery(id int64) error {
	h := &s.hooks
	h.mu.Lock()
	defer h.mu.Unlock()
	d := h.byID[id]
	if d == nil || d.Payload == nil {
		return errNotFound
	}
	lost := slices.ContainsFunc(h.faults, func(f *HookFault) bool { return f.Closed && (f.Match == nil || f.Match(d.Event, d.Action)) })
	for _, t := range h.targets {
		if t.url == d.URL {
			h.push(&job{hook: t, event: d.Event, action: d.Action, guid: d.GUID, inst: d.Installation, repo: d.Repository,
				raw: d.Payload, redelivery: true, lost: lost})
			return nil
		}
	}
	if len(h.targets) > 0 { // the address has changed since: what is set now gets it, as on GitHub
		h.push(&job{hook: h.targets[0], event: d.Event, action: d.Action, guid: d.GUID, inst: d.Installation,
			repo: d.Repository, raw: d.Payload, redelivery: true, lost: lost})
	}
	return nil
}

// SendRaw delivers any payload to the hook, properly signed: for load tests and hostile input.
func (s *Server) SendRaw(event string, payload []byte) (guid string) {
	h := &s.hooks
	h.mu.Lock()
	defer h.mu.Unlock()
	guid = newGUID()
	for _, t := range h.targets {
		h.push(&job{hook: t, event: event, guid: guid, raw: payload})
	}
	return guid
}

func newGUID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// enqueue hands a payload to the workers of every address.
func (h *hooks) enqueue(event, action string, inst, repo int64, payload obj) {
	h.mu.Lock()
	defer h.mu.Unlock()
	targets := h.targets
	if len(targets) == 0 && h.s.opts.DeliverToNoHook {
		targets = []hook{{}}
	}
	guid := newGUID()
	for _, t := range targets {
		j := &job{hook: t, event: event, action: action, guid: guid, inst: inst, repo: repo, payload: payload}
		if f := h.pickFault(event, action); f != nil {
			if f.Drop {
				continue
			}
			j.lost, j.delay = f.Lose || f.Closed, f.Delay
			if f.Double {
				twin := *j
				h.push(&twin)
			}
			j.held = f.Swap
		}
		h.push(j)
	}
}

func (h *hooks) pickFault(event, action string) *HookFault {
	for _, f := range h.faults {
		if f.Times != 0 && (f.Match == nil || f.Match(event, action)) {
			if f.Times > 0 {
				f.Times--
			}
			return f
		}
	}
	return nil
}
